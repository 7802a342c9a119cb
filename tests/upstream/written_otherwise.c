/* Three messages that are written as something else, or not at all. */
#include <ares.h>
#include <stdio.h>
#include <string.h>

static const char *const question = "b.example";

/* What becomes of a name server's name behind the question, or NULL if it is not written. */
static const char *written(const char *name)
{
  static char          buffer[64];
  ares_dns_record_t   *record = NULL;
  ares_dns_record_t   *read   = NULL;
  ares_dns_rr_t       *rr     = NULL;
  unsigned char       *wire   = NULL;
  size_t               length = 0;
  const char          *result = NULL;

  if (ares_dns_record_create(&record, 0, 0, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR) == ARES_SUCCESS &&
      ares_dns_record_query_add(record, question, ARES_REC_TYPE_NS, ARES_CLASS_IN) == ARES_SUCCESS &&
      ares_dns_record_rr_add(&rr, record, ARES_SECTION_ANSWER, question, ARES_REC_TYPE_NS,
                             ARES_CLASS_IN, 0) == ARES_SUCCESS &&
      ares_dns_rr_set_str(rr, ARES_RR_NS_NSDNAME, name) == ARES_SUCCESS &&
      ares_dns_write(record, &wire, &length) == ARES_SUCCESS &&
      ares_dns_parse(wire, length, 0, &read) == ARES_SUCCESS) {
    rr = ares_dns_record_rr_get(read, ARES_SECTION_ANSWER, 0);
    snprintf(buffer, sizeof(buffer), "%s", ares_dns_rr_get_str(rr, ARES_RR_NS_NSDNAME));
    result = buffer;
  }
  ares_free_string(wire);
  ares_dns_record_destroy(record);
  ares_dns_record_destroy(read);
  return result;
}

/* BADVERS (16) with its OPT record in the answer section: the rcode that it has when it was read and written. */
static int rcode_of_stray_opt(void)
{
  static const unsigned char message[] = { 0, 0, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, /* one question, one answer */
                                           0, 0, 1, 0, 1,                         /* . IN A */
                                           0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0 };  /* OPT */
  ares_dns_record_t         *record = NULL;
  ares_dns_record_t         *read   = NULL;
  unsigned char             *wire   = NULL;
  size_t                     length = 0;
  int                        rcode  = -1;

  if (ares_dns_parse(message, sizeof(message), 0, &record) == ARES_SUCCESS &&
      ares_dns_record_get_rcode(record) == ARES_RCODE_BADSIG &&
      ares_dns_write(record, &wire, &length) == ARES_SUCCESS &&
      ares_dns_parse(wire, length, 0, &read) == ARES_SUCCESS) {
    rcode = (int)ares_dns_record_get_rcode(read);
  }
  ares_free_string(wire);
  ares_dns_record_destroy(record);
  ares_dns_record_destroy(read);
  return rcode;
}

int main(void)
{
  const char *name;
  int         wrong = 0;
  int         rcode;

  ares_library_init(ARES_LIB_INIT_ALL);
  if (written("a.b.example") == NULL) {
    return 2;
  }
  /* ares_dns_name.c:149 looks for the dot before the part that is compressed, and not at what is before the dot. */
  if (written("a\\.b.example") == NULL) {
    puts("a name is not written that has an escaped dot before another name");
    wrong = 1;
  }
  if ((name = written("a..b.example")) != NULL) {
    printf("a..b.example is no name, and was written as %s\n", name);
    wrong = 1;
  }
  /* ares_dns_write.c:94 looks for the record in the additional section, :611 writes to one in any. */
  if ((rcode = rcode_of_stray_opt()) != ARES_RCODE_BADSIG && rcode != ARES_RCODE_SERVFAIL) {
    printf("rcode 16 was written as %d\n", rcode);
    wrong = 1;
  }
  puts(wrong ? "messages are written as something else" : "all is well");
  ares_library_cleanup();
  return wrong;
}
