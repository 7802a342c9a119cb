//! Who called: the program, or the library itself.
//!
//! A library that was built without `-Bsymbolic` calls its own public functions through
//! the same table that the program does, and so finds ours: Debian's `ares_gethostbyname`
//! calls `ares_getaddrinfo`, and so on. One question of the program is one record, so such a call
//! goes straight on. Each thread knows whether it is inside the library, by a plain
//! value that is kept in the frames of the calls: where a C++ exception or a `longjmp` leaves a
//! callback of the program, the value says "in the program", which is where it arrives.

use super::types::Channel;
use crate::state::{self, Batch};
use std::cell::Cell;

/// The thread is in the program.
const PROGRAM: usize = 0;
/// It is in the library, in a call that has no channel.
const NO_CHANNEL: usize = 1;

thread_local! {
    /// `PROGRAM`, `NO_CHANNEL`, or the address of the channel that the thread is in.
    static LAYER: Cell<usize> = const { Cell::new(PROGRAM) };
    /// The number of the question that the program is asking at this moment.
    static ASKING: Cell<u64> = const { Cell::new(0) };
    /// What was answered since the program called, and by whom.
    static BATCH: Cell<Batch> = const { Cell::new(Batch::NONE) };
}

/// Whether the thread is in the program, so that a call is the program's own.
pub(super) fn in_program() -> bool {
    LAYER.get() == PROGRAM
}

/// The address of the channel that the thread is in.
pub(super) fn channel() -> Option<usize> {
    match LAYER.get() {
        PROGRAM | NO_CHANNEL => None,
        address => Some(address),
    }
}

/// Calls the library, for the program.
pub(super) fn inside<R>(channel: *const Channel, call: impl FnOnce() -> R) -> R {
    asking(channel, 0, call)
}

/// Calls the library with a question of the program.
pub(super) fn asking<R>(channel: *const Channel, question: u64, call: impl FnOnce() -> R) -> R {
    let layer = LAYER.replace(if channel.is_null() {
        NO_CHANNEL
    } else {
        channel.addr()
    });
    let asked = ASKING.replace(question);
    let batch = BATCH.replace(Batch::NONE);
    let result = call();
    let seen = BATCH.replace(batch);
    ASKING.set(asked);
    LAYER.set(layer);
    if !seen.is_empty() {
        super::guard::ours((), || state::attribute(seen));
    }
    result
}

/// Calls a function of the program, for the library.
pub(super) fn outside<R>(call: impl FnOnce() -> R) -> R {
    let layer = LAYER.replace(PROGRAM);
    let asked = ASKING.replace(0);
    let result = call();
    ASKING.set(asked);
    LAYER.set(layer);
    result
}

/// Whether the program is still in the call that asks this.
pub(super) fn is_asking(question: u64) -> bool {
    ASKING.get() == question
}

/// Changes what is known of the call that the thread is in; outside of one nothing is kept,
/// since nobody would take it.
pub(super) fn batch(change: impl FnOnce(&mut Batch)) {
    if LAYER.get() != PROGRAM {
        let mut batch = BATCH.get();
        change(&mut batch);
        BATCH.set(batch);
    }
}
