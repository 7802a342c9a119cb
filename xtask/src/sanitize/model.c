/* What ThreadSanitizer does not know by itself. Linked into every program that it watches; each
 * function here takes the place of the one of its name (the linker's --wrap) and says exactly as
 * much as the language, or the kernel, promises. Nothing is silenced. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

void __tsan_acquire(void *address);
int64_t __real___tsan_atomic64_fetch_sub(volatile int64_t *count, int64_t by, int order);
void    __real___tsan_atomic_thread_fence(int order);
int     __real_epoll_ctl(int epoll, int what, int fd, struct epoll_event *event);

/* The last owner of an `Arc` counts down with release, sees that it was the last, and only then
 * acquires, with a fence. By C11 7.17.4 such a fence synchronises with whoever released the value
 * that this thread read before it. ThreadSanitizer ignores fences: so here the fence acquires the
 * count that this thread has just read, and no other. */
static __thread void *counted;

int64_t __wrap___tsan_atomic64_fetch_sub(volatile int64_t *count, int64_t by, int order)
{
  int64_t before = __real___tsan_atomic64_fetch_sub(count, by, order);
  counted        = (void *)count;
  return before;
}

void __wrap___tsan_atomic_thread_fence(int order)
{
  if (counted != NULL) {
    __tsan_acquire(counted);
    counted = NULL;
  }
  __real___tsan_atomic_thread_fence(order);
}

/* ThreadSanitizer takes every system call on a descriptor for an access to what the number means.
 * c-ares' event thread takes a socket out of its epoll after the socket was closed (queue of
 * updates, `ares_event_thread.c`), when the number may be another's already. The kernel looks for
 * the pair of number and open file (`fs/eventpoll.c`: ep_find) and does not find the other's, so
 * that removing is no access to it. Adding and changing are watched. */
int __wrap_epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
  if (what == EPOLL_CTL_DEL) {
    return (int)syscall(SYS_epoll_ctl, epoll, what, fd, event);
  }
  return __real_epoll_ctl(epoll, what, fd, event);
}
