/* ares_queue_wait_empty() in a callback waits for queries that nothing can answer meanwhile: the
 * callback holds the channel's lock, which is recursive, and waiting gives up one level of it. */
#include <ares.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static ares_channel_t *channel;
static ares_status_t   waited = ARES_SUCCESS;

/* Says of two names that they do not exist. */
static void *serve(void *arg)
{
  int fd = *(int *)arg;
  int i;
  for (i = 0; i < 2; i++) {
    unsigned char      buffer[512];
    struct sockaddr_in peer;
    socklen_t          size   = sizeof(peer);
    ssize_t            length = recvfrom(fd, buffer, sizeof(buffer), 0,
                                         (struct sockaddr *)&peer, &size);
    if (length < 12) {
      break;
    }
    buffer[2] |= 0x80;
    buffer[3]  = 3;
    if (sendto(fd, buffer, (size_t)length, 0, (struct sockaddr *)&peer, size) < 0) {
      perror("sendto");
    }
  }
  return NULL;
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)status;
  (void)timeouts;
  (void)record;
  if (arg != NULL) {
    waited = ares_queue_wait_empty(channel, 2000);
  }
}

int main(void)
{
  struct sockaddr_in  address = { .sin_family = AF_INET };
  socklen_t           length  = sizeof(address);
  struct ares_options options = { .flags = 0, .timeout = 5000, .tries = 1 };
  pthread_t           server;
  char                csv[64];
  int                 fd = socket(AF_INET, SOCK_DGRAM, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("server");
    return 2;
  }
  ares_library_init(ARES_LIB_INIT_ALL);
  options.evsys = ARES_EVSYS_DEFAULT;
  if (ares_init_options(&channel, &options,
                        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                          ARES_OPT_EVENT_THREAD) != ARES_SUCCESS) {
    return 2;
  }
  snprintf(csv, sizeof(csv), "127.0.0.1:%d", ntohs(address.sin_port));
  ares_set_servers_ports_csv(channel, csv);
  ares_query_dnsrec(channel, "one.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, csv,
                    NULL);
  ares_query_dnsrec(channel, "two.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                    NULL);
  /* Both queries are under way now, and the server begins. */
  pthread_create(&server, NULL, serve, &fd);
  ares_queue_wait_empty(channel, -1);
  puts(waited == ARES_ETIMEOUT ? "it waits for itself" : "all is well");
  ares_destroy(channel);
  pthread_join(server, NULL);
  return waited == ARES_ETIMEOUT;
}
