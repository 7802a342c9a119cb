/* ares_gethostbyname() sorts by the list of ares_set_sortlist(); ares_getaddrinfo() does not. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long by_name;
static unsigned long by_info;

static void on_host(void *arg, int status, int timeouts, struct hostent *host)
{
  (void)arg;
  (void)timeouts;
  if (status == ARES_SUCCESS && host->h_addr_list[0] != NULL) {
    by_name = ntohl(((struct in_addr *)(void *)host->h_addr_list[0])->s_addr);
  }
}

static void on_info(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
  (void)arg;
  (void)timeouts;
  if (status == ARES_SUCCESS && info->nodes != NULL) {
    by_info = ntohl(((struct sockaddr_in *)(void *)info->nodes->ai_addr)->sin_addr.s_addr);
  }
  ares_freeaddrinfo(info);
}

int main(void)
{
  struct ares_addrinfo_hints hints   = { .ai_flags = ARES_AI_NOSORT, .ai_family = AF_INET };
  struct ares_options        options = { .lookups = (char *)"f" };
  ares_channel_t            *channel = NULL;
  char                       path[]  = "/tmp/hosts-XXXXXX";
  int                        fd      = mkstemp(path);
  FILE                      *file    = fdopen(fd, "w");

  if (file == NULL) {
    return 2;
  }
  fputs("192.0.2.1 host.example.com\n198.51.100.1 host.example.com\n", file);
  fclose(file);
  options.hosts_path = path;
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, &options, ARES_OPT_LOOKUPS | ARES_OPT_HOSTS_FILE) !=
        ARES_SUCCESS ||
      ares_set_sortlist(channel, "198.51.100.0/24") != ARES_SUCCESS) {
    return 2;
  }
  ares_gethostbyname(channel, "host.example.com", AF_INET, on_host, NULL);
  ares_getaddrinfo(channel, "host.example.com", NULL, &hints, on_info, NULL);
  ares_destroy(channel);
  unlink(path);
  if (by_name != 0xC6336401 || by_info == 0) {
    return 2;
  }
  puts(by_info == by_name ? "all is well" : "ares_getaddrinfo() does not go by it");
  return by_info != by_name;
}
