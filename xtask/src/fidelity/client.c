/* A C program as they were written for c-ares 1.18 and before, whose calls every later release
 * still has. Built once, it runs on any libcares.so.2, and callgrind counts what
 * the calls into c-ares cost: what is inside of the functions measured_*.
 *
 *   client query N      N times ares_query over UDP, and ares_parse_a_reply of the answer
 *   client addrinfo N   N times ares_getaddrinfo over UDP
 *   client parse N      N times ares_parse_a_reply of an answer of twenty addresses
 */

#include <ares.h>

#include <arpa/inet.h>
#include <netdb.h>
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
    fprintf(stderr, "client: %s failed\n", what);
    exit(1);
  }
}

/* Makes an answer with addresses out of a query; they are not to be cached. */
static int answer(unsigned char *message, int addresses)
{
  unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4,
                             198,  51, 100, 0 };
  int           end      = 12;
  int           n;

  while (message[end] != 0) {
    end += message[end] + 1;
  }
  end         += 5;
  message[2]  |= 0x80; /* a response */
  message[3]   = 0x80; /* recursion available, no error */
  message[7]   = (unsigned char)addresses;
  message[11]  = 0;    /* no OPT record */
  for (n = 0; n < addresses; n++) {
    record[15] = (unsigned char)n;
    memcpy(message + end, record, sizeof(record));
    end += (int)sizeof(record);
  }
  return end;
}

/* --- parsing ------------------------------------------------------------ */

NOINLINE void measured_parse(const unsigned char *bytes, int length)
{
  struct hostent *host = NULL;
  check(ares_parse_a_reply(bytes, length, &host, NULL, NULL) == ARES_SUCCESS,
        "parsing");
  ares_free_hostent(host);
}

static void parse(unsigned long times)
{
  unsigned char message[1024] = { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
  int           length;

  memcpy(message + 12, "\3www\7example\3com\0\0\1\0\1", 21);
  length = answer(message, 20);
  while (times--) {
    measured_parse(message, length);
  }
}

/* --- asking ------------------------------------------------------------- */

static unsigned long answered;

static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes,
                      int length)
{
  struct hostent *host = NULL;
  (void)arg;
  (void)timeouts;
  check(status == ARES_SUCCESS &&
          ares_parse_a_reply(bytes, length, &host, NULL, NULL) == ARES_SUCCESS,
        "a query");
  ares_free_hostent(host);
  answered++;
}

static void on_addrinfo(void *arg, int status, int timeouts,
                        struct ares_addrinfo *result)
{
  (void)arg;
  (void)timeouts;
  check(status == ARES_SUCCESS && result->nodes != NULL, "a lookup");
  ares_freeaddrinfo(result);
  answered++;
}

static ares_socket_t socket_of_ares = ARES_SOCKET_BAD;

static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
  (void)arg;
  (void)writable;
  socket_of_ares = readable ? fd : ARES_SOCKET_BAD;
}

static void wait_for(int fd)
{
  struct pollfd ready;
  ready.fd     = fd;
  ready.events = POLLIN;
  check(poll(&ready, 1, 5000) == 1, "waiting for a datagram");
}

NOINLINE void measured_query(ares_channel channel, const char *name)
{
  ares_query(channel, name, 1, 1, on_answer, NULL);
}

NOINLINE void measured_addrinfo(ares_channel channel, const char *name)
{
  struct ares_addrinfo_hints hints;
  memset(&hints, 0, sizeof(hints));
  hints.ai_family = AF_INET;
  ares_getaddrinfo(channel, name, NULL, &hints, on_addrinfo, NULL);
}

NOINLINE void measured_process(ares_channel channel)
{
  ares_process_fd(channel, socket_of_ares, ARES_SOCKET_BAD);
}

static void ask(unsigned long times,
                void (*measured)(ares_channel channel, const char *name))
{
  struct ares_options options;
  struct sockaddr_in  here;
  socklen_t           here_length = sizeof(here);
  ares_channel        channel     = NULL;
  char                lookups[]   = "b";
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
  options.sock_state_cb = on_socket;
  options.lookups       = lookups;
  check(ares_init_options(&channel, &options,
                          ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS) ==
          ARES_SUCCESS,
        "a channel");
  snprintf(csv, sizeof(csv), "127.0.0.1:%u", (unsigned)ntohs(here.sin_port));
  check(ares_set_servers_ports_csv(channel, csv) == ARES_SUCCESS, "the server");

  for (n = 0; n < times; n++) {
    struct sockaddr_in from;
    socklen_t          from_length = sizeof(from);
    unsigned char      message[1024];
    int                length;

    measured(channel, "www.example.com");
    wait_for(server);
    check(recvfrom(server, message, sizeof(message), 0,
                   (struct sockaddr *)&from, &from_length) > 16,
          "receiving");
    length = answer(message, 1);
    check(sendto(server, message, (size_t)length, 0, (struct sockaddr *)&from,
                 from_length) == length,
          "sending");
    wait_for(socket_of_ares);
    measured_process(channel);
    check(answered == n + 1, "an answer");
  }
  ares_destroy(channel);
  close(server);
}

int main(int argc, char **argv)
{
  const char   *what  = argc == 3 ? argv[1] : "";
  unsigned long times = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

  check(times > 0, "reading the arguments");
  check(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS, "initialising");
  if (strcmp(what, "query") == 0) {
    ask(times, measured_query);
  } else if (strcmp(what, "addrinfo") == 0) {
    ask(times, measured_addrinfo);
  } else if (strcmp(what, "parse") == 0) {
    parse(times);
  } else {
    check(0, "reading the arguments");
  }
  printf("%s\n", ares_version(NULL));
  ares_library_cleanup();
  return 0;
}
