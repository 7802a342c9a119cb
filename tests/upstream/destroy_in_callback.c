/* ares_destroy() in a callback frees the channel under the call that runs the callback, which
 * unlocks it afterwards. Address sanitizer shows it. */
#include <ares.h>
#include <stdio.h>

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)status;
  (void)timeouts;
  (void)record;
  ares_destroy(arg);
}

int main(void)
{
  ares_channel_t *channel = NULL;
  ares_library_init(ARES_LIB_INIT_ALL);
  if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS) {
    return 2;
  }
  /* A name that is told at once. */
  ares_query_dnsrec(channel, "foo.onion", ARES_CLASS_IN, ARES_REC_TYPE_A, on_answer, channel, NULL);
  puts("it came to its end");
  return 0;
}
