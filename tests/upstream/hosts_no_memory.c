/* A hosts file has two addresses for one name, and an allocation fails while the second one is
 * taken in. c-ares frees the entry that the first address has made, and frees it once more with the
 * table that still has it. */
#include <ares.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Before each block of memory: how long it is, and whether it was freed. Nothing is given back, so
 * that what is freed twice can be counted. */
typedef union {
  struct {
    size_t length;
    int    freed;
  } of;
  max_align_t align;
} header_t;

static long left  = -1; /* allocations until one fails; below 0 none does */
static int  twice = 0;

static void *allocate(size_t length)
{
  header_t *header;
  if (left >= 0 && left-- == 0) {
    return NULL;
  }
  header = calloc(1, sizeof(*header) + length);
  if (header == NULL) {
    exit(2);
  }
  header->of.length = length;
  return header + 1;
}

static void release(void *memory)
{
  if (memory != NULL && ((header_t *)memory - 1)->of.freed++ > 0) {
    twice++;
  }
}

static void *reallocate(void *memory, size_t length)
{
  void *longer = allocate(length);
  if (longer != NULL && memory != NULL) {
    size_t before = ((header_t *)memory - 1)->of.length;
    memcpy(longer, memory, before < length ? before : length);
    release(memory);
  }
  return longer;
}

int main(void)
{
  char                path[]  = "/tmp/hosts_XXXXXX";
  static const char   hosts[] = "192.0.2.1 host\n192.0.2.2 host\n";
  struct ares_options options = { .hosts_path = path };
  int                 file    = mkstemp(path);
  long                number;
  int                 status = ARES_ENOMEM;

  if (file < 0 || write(file, hosts, sizeof(hosts) - 1) < 0) {
    perror(path);
    return 2;
  }
  ares_library_init_mem(ARES_LIB_INIT_ALL, allocate, release, reallocate);
  for (number = 0; status != ARES_SUCCESS && number < 1000; number++) {
    ares_channel_t *channel = NULL;
    struct hostent *host    = NULL;
    int             before  = twice;
    if (ares_init_options(&channel, &options, ARES_OPT_HOSTS_FILE) != ARES_SUCCESS) {
      return 2;
    }
    left   = number;
    status = ares_gethostbyname_file(channel, "host", AF_INET, &host);
    left   = -1;
    if (status == ARES_SUCCESS) {
      ares_free_hostent(host);
    }
    ares_destroy(channel);
    if (twice > before) {
      printf("without allocation %ld: %d blocks are freed twice\n", number, twice - before);
    }
  }
  unlink(path);
  printf("%ld allocations%s\n", number, twice == 0 ? ": all is well" : "");
  return status != ARES_SUCCESS ? 2 : twice > 0;
}
