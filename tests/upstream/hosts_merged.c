/* Two lines of the hosts file that share a name are one entry: a name of the first has the addresses of
 * the second, too, though no line says so. */
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
  struct ares_options options = { 0 };
  ares_channel_t     *channel = NULL;
  struct hostent     *host    = NULL;
  char                path[]  = "/tmp/hosts-XXXXXX";
  int                 fd      = mkstemp(path);
  FILE               *file    = fdopen(fd, "w");
  int                 found   = 0;

  if (file == NULL) {
    return 2;
  }
  fputs("192.0.2.1 first both\n198.51.100.1 both\n", file);
  fclose(file);
  options.hosts_path = path;
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, &options, ARES_OPT_HOSTS_FILE) != ARES_SUCCESS ||
      ares_gethostbyname_file(channel, "first", AF_INET, &host) != ARES_SUCCESS) {
    return 2;
  }
  while (host->h_addr_list[found] != NULL) {
    found++;
  }
  printf("of 1 address in its line, first has %d\n", found);
  ares_free_hostent(host);
  ares_destroy(channel);
  unlink(path);
  return found != 1;
}
