/* In place of the tree's event/ares_event_configchg.c, where Build::mended says
 * so: the event thread does not watch the system's configuration, as on systems
 * where c-ares cannot. */
#include "ares_private.h"
#include "event/ares_event.h"

ares_status_t ares_event_configchg_init(ares_event_configchg_t **configchg,
                                        ares_event_thread_t     *e)
{
  (void)configchg;
  (void)e;
  return ARES_ENOTIMP;
}

void ares_event_configchg_destroy(ares_event_configchg_t *configchg)
{
  (void)configchg;
}
