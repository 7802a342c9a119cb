/* What ares.h has only as macros, for the tests to call. */
#include <ares.h>

const char *systest_copyright(void) { return ARES_COPYRIGHT; }

const char *systest_version_str(void) { return ARES_VERSION_STR; }

int systest_getsock_readable(int bits, int num)
{
  return ARES_GETSOCK_READABLE(bits, num);
}

int systest_getsock_writable(int bits, int num)
{
  return ARES_GETSOCK_WRITABLE(bits, num);
}
