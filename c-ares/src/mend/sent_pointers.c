/* In place of the tree's record/ares_dns_write.c, where Build::mended says so: the
 * same file, which is put in for the line that includes it, with another
 * ares_dns_write_buf_tcp. */
#include "ares_private.h"

/* The tree's writes a message behind the length that goes before it, and behind what
 * else waits to be sent, and counts the pointers of compressed names from there. */
static ares_status_t write_in_place(const ares_dns_record_t *dnsrec,
                                    ares_buf_t              *buf);

#define ares_dns_write_buf_tcp write_in_place
#include "record/ares_dns_write.c"
#undef ares_dns_write_buf_tcp

/* Whether there is at most one name, the usual query's, so that nothing points to
 * another. The OPT record of such a query has the root for its owner. */
static ares_bool_t has_one_name(const ares_dns_record_t *dnsrec)
{
  size_t               additional =
    ares_dns_record_rr_cnt(dnsrec, ARES_SECTION_ADDITIONAL);
  const ares_dns_rr_t *rr =
    ares_dns_record_rr_get_const(dnsrec, ARES_SECTION_ADDITIONAL, 0);

  if (ares_dns_record_query_cnt(dnsrec) > 1 ||
      ares_dns_record_rr_cnt(dnsrec, ARES_SECTION_ANSWER) > 0 ||
      ares_dns_record_rr_cnt(dnsrec, ARES_SECTION_AUTHORITY) > 0) {
    return ARES_FALSE;
  }
  return additional == 0 ||
             (additional == 1 &&
              ares_dns_rr_get_type(rr) == ARES_REC_TYPE_OPT &&
              ares_strlen(ares_dns_rr_get_name(rr)) == 0)
           ? ARES_TRUE
           : ARES_FALSE;
}

ares_status_t ares_dns_write_buf_tcp(const ares_dns_record_t *dnsrec,
                                     ares_buf_t              *buf)
{
  unsigned char *data     = NULL;
  size_t         data_len = 0;
  size_t         orig_len;
  ares_status_t  status;

  if (dnsrec == NULL || buf == NULL || has_one_name(dnsrec)) {
    return write_in_place(dnsrec, buf);
  }

  status = ares_dns_write(dnsrec, &data, &data_len);
  if (status != ARES_SUCCESS) {
    return status;
  }
  orig_len = ares_buf_len(buf);
  status   = ares_buf_append_be16(buf, (unsigned short)data_len);
  if (status == ARES_SUCCESS) {
    status = ares_buf_append(buf, data, data_len);
  }
  if (status != ARES_SUCCESS) {
    ares_buf_set_length(buf, orig_len);
  }
  ares_free(data);
  return status;
}
