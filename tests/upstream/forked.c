/* In the child of a fork() the event thread of a channel does not exist. Nothing says so: a query
 * is accepted, and its callback never called. */
#include <ares.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int told;

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)status;
  (void)timeouts;
  (void)record;
  told = 1;
}

int main(void)
{
  struct ares_options options = { .timeout = 250, .tries = 1 };
  ares_channel_t     *channel = NULL;
  int                 status  = 0;
  pid_t               child;

  ares_library_init(ARES_LIB_INIT_ALL);
  options.evsys = ARES_EVSYS_DEFAULT;
  if (ares_init_options(&channel, &options,
                        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EVENT_THREAD) !=
        ARES_SUCCESS ||
      ares_set_servers_ports_csv(channel, "127.0.0.1:9") != ARES_SUCCESS) {
    return 2;
  }
  child = fork();
  if (child == 0) {
    ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                      NULL);
    sleep(3);
    _exit(told);
  }
  waitpid(child, &status, 0);
  ares_destroy(channel);
  if (!WIFEXITED(status)) {
    return 2;
  }
  puts(WEXITSTATUS(status) ? "all is well" : "the child is never told");
  return !WEXITSTATUS(status);
}
