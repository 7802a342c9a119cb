//! Which closures were made, and how often each was told.
//!
//! All of it is counted without order between threads: the book must not be what keeps them from racing.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use c_ares::{ErrorKind, Result};

/// More than any run asks.
const MOST: usize = 1 << 23;

static TOLD: [AtomicU8; MOST] = [const { AtomicU8::new(0) }; MOST];
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// What closures were told, as far as the test wants to have seen it.
const KINDS: [&str; 4] = ["answers", "cancelled", "destruction", "others"];
static SEEN: [AtomicUsize; KINDS.len()] = [const { AtomicUsize::new(0) }; KINDS.len()];

/// A closure that is to be told once.
pub(crate) struct Ticket(usize);

impl Ticket {
    pub(crate) fn new() -> Ticket {
        let number = ASKED.fetch_add(1, Ordering::Relaxed);
        assert!(number < MOST, "the book has {MOST} lines");
        Ticket(number)
    }

    /// Does not take the ticket: a closure that is run twice is to be seen.
    pub(crate) fn told<T>(&self, answer: &Result<T>) {
        TOLD[self.0].fetch_add(1, Ordering::Relaxed);
        let kind = match answer {
            Ok(_) => 0,
            Err(error) if *error == ErrorKind::Cancelled => 1,
            Err(error) if *error == ErrorKind::Destruction => 2,
            Err(_) => 3,
        };
        SEEN[kind].fetch_add(1, Ordering::Relaxed);
    }
}

/// Asked, and those of them that were told once.
pub(crate) fn asked_and_told_once() -> (usize, usize) {
    let asked = ASKED.load(Ordering::Relaxed);
    let once = |told: &&AtomicU8| told.load(Ordering::Relaxed) == 1;
    (asked, TOLD[..asked].iter().filter(once).count())
}

/// How often each kind of answer was told.
pub(crate) fn seen() -> [(&'static str, usize); KINDS.len()] {
    std::array::from_fn(|kind| (KINDS[kind], SEEN[kind].load(Ordering::Relaxed)))
}
