/* ares_destroy() tells each query that it ends. A callback that asks again is told so for the new
 * query too; but a callback that asks again from there is never called (ares_send_nolock() in
 * ares_send.c, in_shutdown_refusal). */
#include <ares.h>
#include <stdio.h>

static ares_channel_t *channel;
static int             asked;
static int             told;

static void ask(void);

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)status;
  (void)timeouts;
  (void)record;
  told++;
  if (asked < 3) {
    ask();
  }
}

static void ask(void)
{
  asked++;
  ares_query_dnsrec(channel, "www.example.com", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, NULL,
                    NULL);
}

int main(void)
{
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS ||
      /* Nobody drives the channel, so that nothing is answered. */
      ares_set_servers_ports_csv(channel, "127.0.0.1:9") != ARES_SUCCESS) {
    return 2;
  }
  ask();
  ares_destroy(channel);
  printf("%d asked, %d told: %s\n", asked, told, told < asked ? "one is never told" : "all is well");
  return told < asked;
}
