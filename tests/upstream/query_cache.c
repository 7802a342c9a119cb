/* The query cache knows a message by its question, so that of two updates the second is never sent; and it
 * keeps the answer that a name has no such record for an hour, whatever its SOA record says (RFC 2308). */
#include <ares.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int received;

/* Sends each message back as a response with an SOA record, of a TTL and a minimum of one second. */
static void *serve(void *arg)
{
  static const unsigned char soa[] = { 0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 1, 0, 22, 0, 0,
                                       0,    0,  0, 1, 0, 0, 0, 1, 0, 0, 0, 1,  0, 0,
                                       0,    1,  0, 0, 0, 1 };
  unsigned char              buffer[512];
  struct sockaddr_in         peer;
  socklen_t                  size = sizeof(peer);
  int                        fd   = *(int *)arg;
  ssize_t                    length;

  while ((length = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&peer, &size)) > 12) {
    /* Behind the question, which ends with a class of the byte 1. */
    size_t question = 12;
    while (buffer[question] != 0) {
      question += (size_t)buffer[question] + 1;
    }
    question += 5;
    received++;
    buffer[2] |= 0x80;
    memset(buffer + 6, 0, 6);
    buffer[9] = 1;
    memcpy(buffer + question, soa, sizeof(soa));
    if (sendto(fd, buffer, question + sizeof(soa), 0, (struct sockaddr *)&peer, size) < 0) {
      perror("sendto");
    }
  }
  return NULL;
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)timeouts;
  if (record == NULL) {
    printf("not answered: %s\n", ares_strerror((int)status));
  }
}

/* Sends a message, an update with an address if that is not 0, and waits for its answer. */
static void ask(ares_channel_t *channel, unsigned char address)
{
  ares_dns_record_t *message = NULL;
  ares_dns_rr_t     *rr      = NULL;
  struct in_addr     addr;

  addr.s_addr = htonl(0xC0000200 | address);
  ares_dns_record_create(&message, 0, 0, address ? ARES_OPCODE_UPDATE : ARES_OPCODE_QUERY,
                         ARES_RCODE_NOERROR);
  ares_dns_record_query_add(message, "example.com", address ? ARES_REC_TYPE_SOA : ARES_REC_TYPE_MX,
                            ARES_CLASS_IN);
  if (address) {
    ares_dns_record_rr_add(&rr, message, ARES_SECTION_AUTHORITY, "example.com", ARES_REC_TYPE_A,
                           ARES_CLASS_IN, 60);
    ares_dns_rr_set_addr(rr, ARES_RR_A_ADDR, &addr);
  }
  ares_send_dnsrec(channel, message, on_answer, NULL, NULL);
  ares_queue_wait_empty(channel, -1);
  ares_dns_record_destroy(message);
}

int main(void)
{
  struct sockaddr_in  address = { .sin_family = AF_INET };
  socklen_t           length  = sizeof(address);
  struct ares_options options = { .timeout = 1000, .tries = 2 };
  ares_channel_t     *channel = NULL;
  pthread_t           server;
  char                csv[64];
  int                 updates;
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
                        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EVENT_THREAD) !=
      ARES_SUCCESS) {
    return 2;
  }
  snprintf(csv, sizeof(csv), "127.0.0.1:%d", ntohs(address.sin_port));
  ares_set_servers_ports_csv(channel, csv);
  ask(channel, 1);
  ask(channel, 2);
  updates = received;
  ask(channel, 0);
  sleep(3);
  ask(channel, 0);
  printf("of 2 updates %d came; of 2 questions whose answer holds for a second, %d\n", updates,
         received - updates);
  ares_destroy(channel);
  return updates != 2 || received != 4;
}
