/* One allocation after the other fails, each in a process of its own that makes one query. It
 * should end with an answer or an error. But what ends a query is put into an array, and where
 * there is no room for it nobody takes notice (ares_append_requeue_int(), end_query() in
 * ares_process.c): the callback is not called, memory is lost, or memory is used after it was
 * freed. With an event thread an event is lost likewise (ares_event_process_updates() in
 * event/ares_event_thread.c), and its memory with it. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FINE = 10, NOT_TOLD, LOST, ENOUGH };

static volatile size_t calls;
static volatile size_t failing;
static volatile int    live;
static volatile int    told;

/* A block has its size in front, and is overwritten when it is freed. */
static void *allocate(size_t size)
{
  size_t *block;
  if (++calls == failing || (block = malloc(size + 16)) == NULL) {
    return NULL;
  }
  block[0] = size;
  live++;
  return block + 2;
}

static void release(void *pointer)
{
  if (pointer != NULL) {
    size_t                 *block = (size_t *)pointer - 2;
    volatile unsigned char *bytes = pointer;
    size_t                  i;
    for (i = 0; i < block[0]; i++) {
      bytes[i] = 0xA5;
    }
    live--;
    free(block);
  }
}

static void *reallocate(void *pointer, size_t size)
{
  void *block = allocate(size);
  if (block != NULL && pointer != NULL) {
    size_t old = ((size_t *)pointer)[-2];
    memcpy(block, pointer, old < size ? old : size);
    release(pointer);
  }
  return block;
}

/* Answers each query with an address, for ever. */
static void serve(int fd)
{
  static const unsigned char record[] = { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
  while (1) {
    unsigned char      buffer[512];
    struct sockaddr_in peer;
    socklen_t          size   = sizeof(peer);
    ssize_t            length = recvfrom(fd, buffer, 400, 0, (struct sockaddr *)&peer, &size);
    if (length < 12) {
      continue;
    }
    memcpy(buffer + length, record, sizeof(record));
    buffer[2] |= 0x80;
    buffer[7]  = 1;
    length     = sendto(fd, buffer, (size_t)length + sizeof(record), 0, (struct sockaddr *)&peer,
                        size);
    (void)length;
  }
}

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)status;
  (void)timeouts;
  (void)record;
  told = 1;
}

/* Makes one query with the nth allocation failing. */
static int attempt(size_t nth, const char *csv, int event_thread)
{
  struct ares_options options = { .flags = 0, .timeout = 250, .tries = 1 };
  ares_channel_t     *channel = NULL;
  time_t              start   = time(NULL);
  int                 before;
  int                 enough;

  ares_library_init_mem(ARES_LIB_INIT_ALL, allocate, release, reallocate);
  options.evsys = ARES_EVSYS_DEFAULT;
  if (ares_init_options(&channel, &options,
                        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                          (event_thread ? ARES_OPT_EVENT_THREAD : 0)) != ARES_SUCCESS ||
      ares_set_servers_ports_csv(channel, csv) != ARES_SUCCESS) {
    return 2;
  }
  calls   = 0;
  failing = nth;
  ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                    NULL);
  while (!told && time(NULL) < start + 4) {
    struct timeval moment = { 0, 5000 };
    if (event_thread) {
      select(0, NULL, NULL, NULL, &moment);
    } else {
      fd_set readers;
      fd_set writers;
      int    count;
      FD_ZERO(&readers);
      FD_ZERO(&writers);
      count = ares_fds(channel, &readers, &writers);
      select(count, &readers, &writers, NULL, &moment);
      ares_process(channel, &readers, &writers);
    }
  }
  before = told;
  ares_destroy(channel);
  enough = calls < nth;
  return !before ? NOT_TOLD : live != 0 ? LOST : enough ? ENOUGH : FINE;
}

/* How many queries did not end well. */
static int attempt_all(const char *csv, int event_thread)
{
  size_t nth;
  int    bad = 0;
  for (nth = 1; nth < 2000; nth++) {
    int   status = 0;
    pid_t child  = fork();
    if (child == 0) {
      alarm(20);
      _exit(attempt(nth, csv, event_thread));
    }
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == ENOUGH) {
      break;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != FINE) {
      bad++;
      printf("%s, allocation %zu: %s\n", event_thread ? "event thread" : "driven", nth,
             !WIFEXITED(status)                ? strsignal(WTERMSIG(status))
             : WEXITSTATUS(status) == NOT_TOLD ? "the callback is not called"
             : WEXITSTATUS(status) == LOST     ? "memory is lost"
                                               : "it could not be tried");
      fflush(stdout);
    }
  }
  return bad;
}

int main(void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length  = sizeof(address);
  char               csv[64];
  pid_t              server;
  int                bad;
  int                fd = socket(AF_INET, SOCK_DGRAM, 0);

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("server");
    return 2;
  }
  snprintf(csv, sizeof(csv), "127.0.0.1:%d", ntohs(address.sin_port));
  server = fork();
  if (server == 0) {
    alarm(300);
    serve(fd);
  }
  bad = attempt_all(csv, 0) + attempt_all(csv, 1);
  kill(server, SIGKILL);
  puts(bad > 0 ? "not every query ended well" : "all is well");
  return bad > 0;
}
