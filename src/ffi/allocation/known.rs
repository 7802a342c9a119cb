//! What c-ares 1.34.9 does wrong by itself when it has no memory: `tests/upstream/no_memory.c`
//! shows it in C, and docs/ledger.md tells of it.

use super::run::Outcome::{self, Crash, Leak, Stranded};

/// A function of C, and what follows where it is refused memory.
struct Limit {
    function: &'static str,
    outcomes: &'static [Outcome],
}

const LIMITS: &[Limit] = &[
    // `ares_process.c:668-673` and `:684`: what ends a query is put into an array. Where there
    // is no room, `end_query` (`:1894-1898`) takes no notice: the callback is not called until
    // `ares_destroy` or `ares_cancel`, the answer is neither freed nor, being in the cache as
    // well, safe to use; and a query that stays among those of its connection is used after it.
    Limit {
        function: "ares_append_requeue_int",
        outcomes: &[Stranded, Leak, Crash],
    },
    // `event/ares_event_thread.c:271-275`: an event that was added to the event system is lost
    // where the table has no room for it; its memory is never freed.
    Limit {
        function: "ares_event_process_updates",
        outcomes: &[Leak],
    },
];

/// Whether one of these functions was refused memory, and this is what follows from it.
pub(super) fn is_known(outcome: Outcome, refused: &[String]) -> bool {
    LIMITS.iter().any(|limit| {
        limit.outcomes.contains(&outcome) && refused.iter().any(|name| name == limit.function)
    })
}
