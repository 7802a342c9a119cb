/* In place of the tree's ares_hosts_file.c, where Build::mended says so: the same
 * file, which is put in for the line that includes it, with a reference more. */
#include "ares_private.h"

/* Where an address cannot be put into the table, ares_hosts_file_add destroys the
 * entry. One that other addresses share is the table's, which destroys it too; so it is
 * given the reference that is taken from it. */
#define ares_htable_strvp_insert(table, key, entry)       \
  (ares_htable_strvp_insert(table, key, entry) ||         \
   ((table) == hosts->iphash && (entry)->refcnt > 0 &&    \
    (entry)->refcnt++ == 0))
#include "ares_hosts_file.c"
#undef ares_htable_strvp_insert
