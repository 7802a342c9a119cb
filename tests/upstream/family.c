/* Where addresses of IPv6 alone are wanted, an address of IPv4 that stands in place of the name is told all
 * the same. The other way round it is not. */
#include <ares.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int family = AF_UNSPEC;

static void on_addresses(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
  (void)arg;
  (void)timeouts;
  printf("told: %s\n", ares_strerror(status));
  if (result != NULL && result->nodes != NULL) {
    family = result->nodes->ai_family;
  }
  ares_freeaddrinfo(result);
}

int main(void)
{
  struct ares_addrinfo_hints hints   = { .ai_family = AF_INET6 };
  ares_channel_t            *channel = NULL;

  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS) {
    return 2;
  }
  ares_getaddrinfo(channel, "127.0.0.1", NULL, &hints, on_addresses, NULL);
  puts(family == AF_INET ? "an address of IPv4 is told for IPv6" : "all is well");
  ares_destroy(channel);
  return family == AF_INET;
}
