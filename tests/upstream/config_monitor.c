/* The event thread watches /etc/resolv.conf and calls ares_reinit() when it changes, which
 * stores its new thread without the lock. An ares_destroy() that comes just then finds no
 * thread to wait for, and frees the channel under it.
 *
 * It writes to /etc/resolv.conf, so give it an /etc of its own:
 *   unshare --map-root-user --mount sh -c 'mount -t tmpfs none /etc && ./config_monitor' */
#include <ares.h>
#include <stdio.h>
#include <time.h>

enum { TIMES = 3000 };

static int change(int times)
{
  FILE *file = fopen("/etc/resolv.conf", "w");
  if (file == NULL) {
    perror("/etc/resolv.conf");
    return 0;
  }
  fprintf(file, "nameserver 127.0.0.%d\n", 1 + times % 250);
  return fclose(file) == 0;
}

int main(void)
{
  int times;

  ares_library_init(ARES_LIB_INIT_ALL);
  for (times = 0; times < TIMES; times++) {
    struct ares_options options = { .evsys = ARES_EVSYS_DEFAULT };
    struct timespec     moment  = { 0, (times % 100) * 2000L };
    ares_channel_t     *channel = NULL;
    if (ares_init_options(&channel, &options, ARES_OPT_EVENT_THREAD) != ARES_SUCCESS ||
        !change(times)) {
      return 2;
    }
    nanosleep(&moment, NULL);
    ares_destroy(channel);
  }
  puts("it came to its end");
  return 0;
}
