/* ares_set_socket_functions_ex() clears the functions that the channel has before it refuses
 * new ones (ares_set_socket_functions.c). The next query calls what is not there. */
#include <ares.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)status;
  (void)timeouts;
  (void)record;
}

static int ask(void)
{
  struct ares_socket_functions_ex functions;
  ares_channel_t                 *channel = NULL;

  memset(&functions, 0, sizeof(functions));
  functions.version = 1;
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS ||
      ares_set_servers_ports_csv(channel, "127.0.0.1:9") != ARES_SUCCESS ||
      ares_set_socket_functions_ex(channel, &functions, NULL) == ARES_SUCCESS) {
    return 2;
  }
  ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                    NULL);
  ares_destroy(channel);
  return 0;
}

int main(void)
{
  int   status = 0;
  pid_t child  = fork();
  if (child == 0) {
    _exit(ask());
  }
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    printf("it called nothing: %s\n", strsignal(WTERMSIG(status)));
    return 1;
  }
  puts("all is well");
  return WEXITSTATUS(status);
}
