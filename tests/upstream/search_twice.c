/* A search comes to a name that is legal, but has more than 255 characters as it is written. c-ares
 * tells the callback, frees the search, and then frees it and tells the callback once more. */
#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int told = 0;

static void on_answer(void *arg, ares_status_t status, size_t timeouts,
                      const ares_dns_record_t *record)
{
  (void)arg;
  (void)timeouts;
  (void)record;
  told++;
  printf("told: %s\n", ares_strerror((int)status));
}

/* Nothing is freed, so that a crash does not come before the second call. */
static void keep(void *memory)
{
  (void)memory;
}

int main(void)
{
  char               *domain  = "example.com";
  struct ares_options options = { .domains = &domain, .ndomains = 1, .ndots = 15 };
  ares_channel_t     *channel = NULL;
  ares_dns_record_t  *query   = NULL;
  char                name[4 * 63 + 1];
  int                 i;

  /* One label of 63 letters: with the domain 75 characters, or 264 as they are written. */
  for (i = 0; i < 63; i++) {
    strcpy(name + 4 * i, "\\097");
  }
  ares_library_init_mem(ARES_LIB_INIT_ALL, malloc, keep, realloc);
  if (ares_init_options(&channel, &options, ARES_OPT_DOMAINS | ARES_OPT_NDOTS) != ARES_SUCCESS ||
      ares_set_servers_csv(channel, "127.0.0.1") != ARES_SUCCESS ||
      ares_dns_record_create(&query, 0, ARES_FLAG_RD, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR) !=
        ARES_SUCCESS ||
      ares_dns_record_query_add(query, name, ARES_REC_TYPE_A, ARES_CLASS_IN) != ARES_SUCCESS) {
    return 2;
  }
  ares_search_dnsrec(channel, query, on_answer, NULL);
  printf("told %d times%s\n", told, told == 1 ? ": all is well" : "");
  ares_dns_record_destroy(query);
  ares_destroy(channel);
  return told != 1;
}
