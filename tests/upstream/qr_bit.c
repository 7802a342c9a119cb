/* A datagram without the QR bit is a query, and not an answer. c-ares takes it for one. */
#include <ares.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int believed;

/* Sends each query back with an address in it, and nothing else changed. */
static void *serve(void *arg)
{
  static const unsigned char record[] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66 };
  unsigned char              buffer[512];
  struct sockaddr_in         peer;
  socklen_t                  size   = sizeof(peer);
  int                        fd     = *(int *)arg;
  ssize_t                    length = recvfrom(fd, buffer, sizeof(buffer), 0,
                                               (struct sockaddr *)&peer, &size);
  if (length < 12) {
    return NULL;
  }
  /* Without EDNS the message ends with the question. */
  memcpy(buffer + length, record, sizeof(record));
  buffer[7] = 1;
  if (sendto(fd, buffer, (size_t)length + sizeof(record), 0, (struct sockaddr *)&peer, size) < 0) {
    perror("sendto");
  }
  return NULL;
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)timeouts;
  believed = status == ARES_SUCCESS && !(ares_dns_record_get_flags(record) & ARES_FLAG_QR);
}

int main(void)
{
  struct sockaddr_in  address = { .sin_family = AF_INET };
  socklen_t           length  = sizeof(address);
  struct ares_options options = { .flags = 0, .timeout = 500, .tries = 1 };
  ares_channel_t     *channel = NULL;
  pthread_t           server;
  char                csv[64];
  int                 fd = socket(AF_INET, SOCK_DGRAM, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("server");
    return 2;
  }
  pthread_create(&server, NULL, serve, &fd);

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
  puts(believed ? "a query was taken for an answer" : "all is well");
  ares_destroy(channel);
  pthread_join(server, NULL);
  return believed;
}
