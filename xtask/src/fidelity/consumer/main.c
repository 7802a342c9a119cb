/* A C program as its author would write it: asks the server of the first
 * argument for the addresses of the second, and says which c-ares it uses. */

#include <ares.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void on_addresses(void *arg, int status, int timeouts,
                         struct ares_addrinfo *result)
{
  struct ares_addrinfo_node *node;
  (void)timeouts;
  *(int *)arg = status;
  for (node = result ? result->nodes : NULL; node != NULL;
       node = node->ai_next) {
    char        text[INET6_ADDRSTRLEN];
    const void *address =
      node->ai_family == AF_INET
        ? (const void *)&((struct sockaddr_in *)node->ai_addr)->sin_addr
        : (const void *)&((struct sockaddr_in6 *)node->ai_addr)->sin6_addr;
    printf("%s\n", ares_inet_ntop(node->ai_family, address, text, sizeof(text)));
  }
  ares_freeaddrinfo(result);
}

int main(int argc, char **argv)
{
  struct ares_options         options;
  struct ares_addrinfo_hints  hints;
  ares_channel_t             *channel = NULL;
  int                         status  = -1;

  if (argc != 3 || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
    return 2;
  }
  memset(&options, 0, sizeof(options));
  memset(&hints, 0, sizeof(hints));
  options.evsys    = ARES_EVSYS_DEFAULT;
  hints.ai_family  = AF_UNSPEC;
  hints.ai_flags   = ARES_AI_NOSORT;
  if (ares_init_options(&channel, &options, ARES_OPT_EVENT_THREAD) !=
        ARES_SUCCESS ||
      ares_set_servers_ports_csv(channel, argv[1]) != ARES_SUCCESS) {
    return 2;
  }
  printf("built with %s, runs on %s\n", ARES_VERSION_STR, ares_version(NULL));
  ares_getaddrinfo(channel, argv[2], NULL, &hints, on_addresses, &status);
  ares_queue_wait_empty(channel, 10000);
  ares_destroy(channel);
  ares_library_cleanup();
  return status == ARES_SUCCESS ? 0 : 1;
}
