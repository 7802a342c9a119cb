/* A server sends a part of a message over TCP and closes the connection. c-ares keeps the
 * connection, whose end is readable for ever: the event thread spins until the timeout. */
#include <ares.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void *serve(void *arg)
{
  int           listener = *(int *)arg;
  int           fd       = accept(listener, NULL, NULL);
  unsigned char buffer[512];
  if (fd >= 0 && read(fd, buffer, sizeof(buffer)) > 0) {
    /* A length of 40, and three bytes. */
    static const unsigned char part[] = { 0, 40, 1, 2, 3 };
    if (write(fd, part, sizeof(part)) < 0) {
      perror("write");
    }
  }
  close(fd);
  return NULL;
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)timeouts;
  (void)record;
  printf("told: %s\n", ares_strerror((int)status));
}

int main(void)
{
  struct sockaddr_in  address = { .sin_family = AF_INET };
  socklen_t           length  = sizeof(address);
  struct ares_options options = { .flags = ARES_FLAG_USEVC, .timeout = 2000, .tries = 1 };
  ares_channel_t     *channel = NULL;
  pthread_t           server;
  char                csv[64];
  double              used;
  int                 listener = socket(AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    perror("server");
    return 2;
  }
  pthread_create(&server, NULL, serve, &listener);

  ares_library_init(ARES_LIB_INIT_ALL);
  options.evsys = ARES_EVSYS_DEFAULT;
  if (ares_init_options(&channel, &options,
                        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                          ARES_OPT_EVENT_THREAD) != ARES_SUCCESS) {
    return 2;
  }
  snprintf(csv, sizeof(csv), "127.0.0.1:%d", ntohs(address.sin_port));
  ares_set_servers_ports_csv(channel, csv);
  ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                    NULL);
  ares_queue_wait_empty(channel, -1);

  used = (double)clock() / CLOCKS_PER_SEC;
  printf("%.3f s of CPU for a query that waits 2 s: %s\n", used,
         used > 0.05 ? "the event thread spins" : "all is well");
  ares_destroy(channel);
  pthread_join(server, NULL);
  return used > 0.05;
}
