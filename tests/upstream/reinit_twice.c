/* Two threads in ares_reinit() at once, which ares_threadsafety(3) allows: it reads, joins and
 * stores channel->reinit_thread without the lock. Under -fsanitize=thread each such access is
 * shown; without, a thread is joined twice, or forgotten, sooner or later. */
#include <ares.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, TIMES = 500 };

static void *reload(void *arg)
{
  int i;
  for (i = 0; i < TIMES; i++) {
    ares_reinit(arg);
  }
  return NULL;
}

int main(void)
{
  struct ares_options options = { 0 };
  ares_channel_t     *channel = NULL;
  pthread_t           threads[THREADS];
  int                 i;

  ares_library_init(ARES_LIB_INIT_ALL);
  options.resolvconf_path = (char *)"/dev/null";
  if (ares_init_options(&channel, &options, ARES_OPT_RESOLVCONF) != ARES_SUCCESS) {
    return 2;
  }
  for (i = 0; i < THREADS; i++) {
    pthread_create(&threads[i], NULL, reload, channel);
  }
  for (i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  ares_destroy(channel);
  puts("it came to its end");
  return 0;
}
