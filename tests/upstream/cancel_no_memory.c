/* ares_cancel() needs memory for an empty list. Where there is none it cancels nothing, and since it
 * returns nothing, nobody learns of it: the callback of a query is not called. */
#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int refuse = 0;
static int told   = 0;

static void *allocate(size_t size)
{
  return refuse ? NULL : malloc(size);
}

static void *reallocate(void *pointer, size_t size)
{
  return refuse ? NULL : realloc(pointer, size);
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)timeouts;
  (void)record;
  told++;
  printf("told: %s\n", ares_strerror((int)status));
}

int main(void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length  = sizeof(address);
  ares_channel_t    *channel = NULL;
  char               csv[64];
  int                without;
  int                with;
  int                fd = socket(AF_INET, SOCK_DGRAM, 0); /* a server that says nothing */

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("server");
    return 2;
  }
  snprintf(csv, sizeof(csv), "127.0.0.1:%d", ntohs(address.sin_port));
  ares_library_init_mem(ARES_LIB_INIT_ALL, allocate, free, reallocate);
  if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS ||
      ares_set_servers_ports_csv(channel, csv) != ARES_SUCCESS) {
    return 2;
  }
  ares_query_dnsrec(channel, "example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL, NULL);
  refuse = 1;
  ares_cancel(channel);
  refuse  = 0;
  without = told;
  ares_cancel(channel);
  with = told;
  ares_destroy(channel);
  if (with != 1) {
    return 2;
  }
  puts(without == 1 ? "all is well" : "without memory nothing is cancelled");
  return without != 1;
}
