/* Bugs in C, one at a time, for the sanitizers to find: appended to a copy of c-ares' `ares_version.c`. */
#include <stdlib.h>
#include <string.h>

volatile int   planted_count;
volatile char *planted_bytes;

CARES_EXTERN void ares_planted(const char *bug);

void ares_planted(const char *bug)
{
  if (strcmp(bug, "use-after-free") == 0) {
    planted_bytes = malloc(8);
    free((void *)planted_bytes);
    planted_bytes[3] = 1;
  } else if (strcmp(bug, "overflow") == 0) {
    planted_bytes    = malloc(8);
    planted_bytes[8] = 1;
    free((void *)planted_bytes);
  } else if (strcmp(bug, "leak") == 0) {
    planted_bytes    = malloc(8);
    planted_bytes[0] = 1;
    planted_bytes    = NULL;
  } else if (strcmp(bug, "race") == 0) {
    planted_count++;
  }
}
