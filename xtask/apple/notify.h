/* What c-ares uses of Apple's <notify.h>, for `cargo xtask cross` alone: zig
 * has no such header. Never part of a build for an Apple system. */
#ifndef C_ARES_CROSS_NOTIFY_H
#define C_ARES_CROSS_NOTIFY_H

#include <stdint.h>

#define NOTIFY_STATUS_OK 0

uint32_t notify_register_file_descriptor(const char *name, int *fd, int flags,
                                         int *token);
uint32_t notify_cancel(int token);

#endif
