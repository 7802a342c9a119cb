/* A message of two names is sent. c-ares compresses the second to a pointer to the first, and counts
 * that from the length that it writes before the message, two bytes too far ahead. */
#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)status;
  (void)timeouts;
  (void)record;
}

int main(void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  struct timeval     patience = { .tv_sec = 5 };
  socklen_t          length  = sizeof(address);
  ares_channel_t    *channel = NULL;
  ares_dns_record_t *message = NULL;
  ares_dns_record_t *seen    = NULL;
  ares_dns_rr_t     *rr      = NULL;
  unsigned char      wire[512];
  char               server[32];
  ssize_t            got;
  ares_status_t      status;
  int                udp = socket(AF_INET, SOCK_DGRAM, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (udp < 0 || bind(udp, (struct sockaddr *)&address, sizeof(address)) != 0 ||
      getsockname(udp, (struct sockaddr *)&address, &length) != 0 ||
      setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
    return 2;
  }
  snprintf(server, sizeof(server), "127.0.0.1:%d", ntohs(address.sin_port));
  if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
      ares_init_options(&channel, NULL, 0) != ARES_SUCCESS ||
      ares_set_servers_csv(channel, server) != ARES_SUCCESS ||
      ares_dns_record_create(&message, 0, ARES_FLAG_RD, ARES_OPCODE_NOTIFY, ARES_RCODE_NOERROR) !=
        ARES_SUCCESS ||
      ares_dns_record_query_add(message, "example.com", ARES_REC_TYPE_SOA, ARES_CLASS_IN) !=
        ARES_SUCCESS ||
      ares_dns_record_rr_add(&rr, message, ARES_SECTION_ANSWER, "example.com", ARES_REC_TYPE_A,
                             ARES_CLASS_IN, 60) != ARES_SUCCESS) {
    return 2;
  }
  ares_send_dnsrec(channel, message, on_answer, NULL, NULL);
  got = recv(udp, wire, sizeof(wire), 0);
  if (got <= 0) {
    return 2;
  }
  status = ares_dns_parse(wire, (size_t)got, 0, &seen);
  printf("c-ares reads what c-ares sent: %s\n", ares_strerror((int)status));
  ares_dns_record_destroy(seen);
  ares_dns_record_destroy(message);
  ares_destroy(channel);
  return status != ARES_SUCCESS;
}
