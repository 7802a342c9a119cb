/* Two messages that ares_dns_parse() reads, and that ares_dns_write() does not write as they were:
 * a record of an unknown type without data, and a response code above 15 without EDNS. */
#include <ares.h>
#include <stdio.h>
#include <string.h>

static const unsigned char no_data[] = {
  0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0,     /* header */
  1, 'a', 0, 0xFF, 0, 0, 1,                     /* a. TYPE65280 */
  0xC0, 12, 0xFF, 0, 0, 1, 0, 0, 0, 60, 0, 0    /* its record, with no data */
};

/* The same with data, which is written as it was. */
static const unsigned char data[] = {
  0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0,
  1, 'a', 0, 0xFF, 0, 0, 1,
  0xC0, 12, 0xFF, 0, 0, 1, 0, 0, 0, 60, 0, 1, 7
};

static const unsigned char rcode[] = {
  0, 1, 0x81, 0x8F, 0, 1, 0, 0, 0, 0, 0, 0,     /* header, response code 15 */
  1, 'a', 0, 0, 1, 0, 1                         /* a. A */
};

/* Whether a message is the same afterwards. */
static int survives(const unsigned char *wire, size_t length)
{
  ares_dns_record_t *record  = NULL;
  unsigned char     *written = NULL;
  size_t             size    = 0;
  int                same    = -1;
  if (ares_dns_parse(wire, length, 0, &record) == ARES_SUCCESS) {
    same = ares_dns_write(record, &written, &size) == ARES_SUCCESS && size == length &&
           memcmp(wire, written, size) == 0;
  }
  ares_free_string(written);
  ares_dns_record_destroy(record);
  return same;
}

int main(void)
{
  int one;
  int two;
  ares_library_init(ARES_LIB_INIT_ALL);
  one = survives(no_data, sizeof(no_data));
  two = survives(rcode, sizeof(rcode));
  if (one < 0 || two < 0 || survives(data, sizeof(data)) != 1) {
    return 2;
  }
  printf("a record without data %s, a response code of 15 %s\n",
         one ? "survives" : "is not what was read", two ? "survives" : "is not what was read");
  return !one || !two;
}
