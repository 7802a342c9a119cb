/* What `cargo xtask bench` counts the instructions of.
 *
 *   unit query N    N queries, one after the other, answered over UDP by this process
 *   unit parse N    N times: parse an answer of twenty addresses
 *   unit mixed N    N times: parse an answer of many types
 *   unit write N    N times: write that answer
 *
 * Callgrind collects inside of the functions measured_* alone: the calls into
 * c-ares, without the server and the setting up. */

#include <ares.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static void check(int ok, const char *what)
{
  if (!ok) {
    fprintf(stderr, "unit: %s failed\n", what);
    exit(1);
  }
}

/* --- messages ---------------------------------------------------------- */

static ares_dns_record_t *answer_to(const char *name)
{
  ares_dns_record_t *message = NULL;
  check(ares_dns_record_create(&message, 1, ARES_FLAG_QR | ARES_FLAG_RD,
                               ARES_OPCODE_QUERY,
                               ARES_RCODE_NOERROR) == ARES_SUCCESS &&
          ares_dns_record_query_add(message, name, ARES_REC_TYPE_A,
                                    ARES_CLASS_IN) == ARES_SUCCESS,
        "a message");
  return message;
}

static ares_dns_rr_t *add(ares_dns_record_t *message, const char *name,
                          ares_dns_rec_type_t type)
{
  ares_dns_rr_t *rr = NULL;
  check(ares_dns_record_rr_add(&rr, message, ARES_SECTION_ANSWER, name, type,
                               ARES_CLASS_IN, 300) == ARES_SUCCESS,
        "a record");
  return rr;
}

static void add_a(ares_dns_record_t *message, const char *name, unsigned n)
{
  struct in_addr addr;
  addr.s_addr = htonl(0xc6336400U + n); /* 198.51.100.n */
  check(ares_dns_rr_set_addr(add(message, name, ARES_REC_TYPE_A),
                             ARES_RR_A_ADDR, &addr) == ARES_SUCCESS,
        "an address");
}

static ares_dns_record_t *twenty_addresses(void)
{
  ares_dns_record_t *message = answer_to("www.example.com");
  unsigned           n;
  for (n = 0; n < 20; n++) {
    add_a(message, "www.example.com", n);
  }
  return message;
}

static ares_dns_record_t *many_types(void)
{
  ares_dns_record_t     *message = answer_to("example.com");
  ares_dns_rr_t         *rr;
  struct ares_in6_addr   addr6;
  static const char      text[] = "v=spf1 include:_spf.example.com ~all";
  const unsigned char   *bytes  = (const unsigned char *)text;
  int                    ok     = 1;
  int                    n;

  memset(&addr6, 0x20, sizeof(addr6));
  add_a(message, "example.com", 1);
  rr = add(message, "example.com", ARES_REC_TYPE_AAAA);
  ok &= ares_dns_rr_set_addr6(rr, ARES_RR_AAAA_ADDR, &addr6) == ARES_SUCCESS;
  rr = add(message, "www.example.com", ARES_REC_TYPE_CNAME);
  ok &= ares_dns_rr_set_str(rr, ARES_RR_CNAME_CNAME, "example.com") ==
        ARES_SUCCESS;
  for (n = 0; n < 3; n++) {
    char exchange[] = "mx0.example.com";
    exchange[2]     = (char)('0' + n);
    rr              = add(message, "example.com", ARES_REC_TYPE_MX);
    ok &= ares_dns_rr_set_u16(rr, ARES_RR_MX_PREFERENCE,
                              (unsigned short)(10 * n)) == ARES_SUCCESS;
    ok &= ares_dns_rr_set_str(rr, ARES_RR_MX_EXCHANGE, exchange) ==
          ARES_SUCCESS;
  }
  rr  = add(message, "example.com", ARES_REC_TYPE_TXT);
  ok &= ares_dns_rr_add_abin(rr, ARES_RR_TXT_DATA, bytes, sizeof(text) - 1) ==
        ARES_SUCCESS;
  rr  = add(message, "_sip._udp.example.com", ARES_REC_TYPE_SRV);
  ok &= ares_dns_rr_set_u16(rr, ARES_RR_SRV_PRIORITY, 1) == ARES_SUCCESS;
  ok &= ares_dns_rr_set_u16(rr, ARES_RR_SRV_WEIGHT, 2) == ARES_SUCCESS;
  ok &= ares_dns_rr_set_u16(rr, ARES_RR_SRV_PORT, 5060) == ARES_SUCCESS;
  ok &= ares_dns_rr_set_str(rr, ARES_RR_SRV_TARGET, "sip.example.com") ==
        ARES_SUCCESS;
  rr  = add(message, "example.com", ARES_REC_TYPE_SOA);
  ok &= ares_dns_rr_set_str(rr, ARES_RR_SOA_MNAME, "ns.example.com") ==
        ARES_SUCCESS;
  ok &= ares_dns_rr_set_str(rr, ARES_RR_SOA_RNAME, "admin.example.com") ==
        ARES_SUCCESS;
  check(ok, "a field");
  return message;
}

NOINLINE void measured_parse(const unsigned char *bytes, size_t length)
{
  ares_dns_record_t *message = NULL;
  check(ares_dns_parse(bytes, length, 0, &message) == ARES_SUCCESS, "parsing");
  ares_dns_record_destroy(message);
}

NOINLINE void measured_write(const ares_dns_record_t *message)
{
  unsigned char *bytes = NULL;
  size_t         length;
  check(ares_dns_write(message, &bytes, &length) == ARES_SUCCESS, "writing");
  ares_free_string(bytes);
}

static void parse(ares_dns_record_t *message, unsigned long times)
{
  unsigned char *bytes = NULL;
  size_t         length;
  check(ares_dns_write(message, &bytes, &length) == ARES_SUCCESS, "writing");
  while (times--) {
    measured_parse(bytes, length);
  }
  ares_free_string(bytes);
}

/* --- queries ----------------------------------------------------------- */

static unsigned long answered;

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *message)
{
  (void)arg;
  (void)timeouts;
  check(status == ARES_SUCCESS &&
          ares_dns_record_rr_cnt(message, ARES_SECTION_ANSWER) == 1,
        "a query");
  answered++;
}

static ares_socket_t client = ARES_SOCKET_BAD;

static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
  (void)arg;
  (void)writable;
  client = readable ? fd : ARES_SOCKET_BAD;
}

static void wait_for(int fd)
{
  struct pollfd ready;
  ready.fd     = fd;
  ready.events = POLLIN;
  check(poll(&ready, 1, 5000) == 1, "waiting for a datagram");
}

/* Answers one query with one address. */
static void serve(int server)
{
  static const unsigned char record[] = {
    0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 51, 100, 1
  };
  unsigned char      message[512];
  struct sockaddr_in from;
  socklen_t          from_length = sizeof(from);
  size_t             end         = 12; /* after the header: the question */

  wait_for(server);
  check(recvfrom(server, message, sizeof(message), 0, (struct sockaddr *)&from,
                 &from_length) > 16,
        "receiving");
  while (message[end] != 0) {
    end += message[end] + 1U;
  }
  end       += 5;
  message[2] |= 0x80;                /* a response */
  message[3]  = 0x80;                /* recursion available, no error */
  message[7]  = 1;                   /* one answer */
  message[10] = message[11] = 0;     /* no OPT record */
  memcpy(message + end, record, sizeof(record));
  check(sendto(server, message, end + sizeof(record), 0,
               (struct sockaddr *)&from, from_length) > 0,
        "sending");
}

NOINLINE void measured_ask(ares_channel_t *channel)
{
  ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A,
                    on_answer, NULL, NULL);
}

NOINLINE void measured_process(ares_channel_t *channel)
{
  ares_process_fd(channel, client, ARES_SOCKET_BAD);
}

static void query(unsigned long times)
{
  struct ares_options options;
  struct sockaddr_in  here;
  socklen_t           here_length = sizeof(here);
  ares_channel_t     *channel     = NULL;
  char                csv[64];
  unsigned long       n;
  int                 server = socket(AF_INET, SOCK_DGRAM, 0);

  memset(&here, 0, sizeof(here));
  here.sin_family      = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(server >= 0 &&
          bind(server, (struct sockaddr *)&here, sizeof(here)) == 0 &&
          getsockname(server, (struct sockaddr *)&here, &here_length) == 0,
        "a socket");

  memset(&options, 0, sizeof(options));
  options.sock_state_cb  = on_socket;
  options.qcache_max_ttl = 0; /* each query goes over the wire */
  check(ares_init_options(&channel, &options,
                          ARES_OPT_SOCK_STATE_CB | ARES_OPT_QUERY_CACHE) ==
          ARES_SUCCESS,
        "a channel");
  snprintf(csv, sizeof(csv), "127.0.0.1:%u", (unsigned)ntohs(here.sin_port));
  check(ares_set_servers_ports_csv(channel, csv) == ARES_SUCCESS, "the server");

  for (n = 0; n < times; n++) {
    measured_ask(channel);
    serve(server);
    wait_for(client);
    measured_process(channel);
    check(answered == n + 1, "an answer");
  }
  ares_destroy(channel);
  close(server);
}

int main(int argc, char **argv)
{
  ares_dns_record_t *message = NULL;
  const char        *what    = argc == 3 ? argv[1] : "";
  unsigned long      times   = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

  check(times > 0, "reading the arguments");
  check(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS, "initialising");
  if (strcmp(what, "query") == 0) {
    query(times);
  } else if (strcmp(what, "parse") == 0) {
    message = twenty_addresses();
    parse(message, times);
  } else if (strcmp(what, "mixed") == 0) {
    message = many_types();
    parse(message, times);
  } else if (strcmp(what, "write") == 0) {
    message = many_types();
    while (times--) {
      measured_write(message);
    }
  } else {
    check(0, "reading the arguments");
  }
  ares_dns_record_destroy(message);
  ares_library_cleanup();
  return 0;
}
