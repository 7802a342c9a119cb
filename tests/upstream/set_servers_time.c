/* The time that it takes to set a list of servers grows with the square of its length. */
#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double set(size_t count)
{
  /* 10.255.255.255 and a comma */
  size_t          room    = count * 16;
  char           *csv     = malloc(room);
  char           *end     = csv;
  ares_channel_t *channel = NULL;
  clock_t         start;
  size_t          i;

  if (csv == NULL || ares_init_options(&channel, NULL, 0) != ARES_SUCCESS) {
    exit(2);
  }
  for (i = 0; i < count; i++) {
    end += snprintf(end, room - (size_t)(end - csv), "%s10.%zu.%zu.%zu", i == 0 ? "" : ",",
                    i >> 16 & 255, i >> 8 & 255, i & 255);
  }
  start = clock();
  if (ares_set_servers_ports_csv(channel, csv) != ARES_SUCCESS) {
    exit(2);
  }
  start = clock() - start;
  ares_destroy(channel);
  free(csv);
  return (double)start / CLOCKS_PER_SEC;
}

int main(void)
{
  size_t count;
  double before = 0;
  double factor = 0;

  ares_library_init(ARES_LIB_INIT_ALL);
  for (count = 500; count <= 8000; count *= 2) {
    double taken = set(count);
    factor       = before > 0 ? taken / before : 0;
    printf("%5zu servers: %8.3f s", count, taken);
    if (factor > 0) {
      printf(", %.1f times as long as half of them", factor);
    }
    puts("");
    before = taken;
  }
  /* 2 is linear, 4 the square. */
  return factor > 3;
}
