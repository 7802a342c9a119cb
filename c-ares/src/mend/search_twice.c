/* In place of the tree's ares_search.c, where Build::mended says so: the same
 * file, which is put in for the line that includes it, with another view of
 * what ares_send_nolock returns. */
#include "ares_private.h"

/* ares_search_next takes ARES_EFORMERR to mean that the callback was not told,
 * frees the search and tells the callback. ares_send_nolock has told it in every
 * case, and the callback has freed the search by then. Any other failure means
 * just that. */
static ares_status_t told(ares_status_t status)
{
  return status == ARES_EFORMERR ? ARES_EBADNAME : status;
}

#define ares_send_nolock(...) told(ares_send_nolock(__VA_ARGS__))
#include "ares_search.c"
#undef ares_send_nolock
