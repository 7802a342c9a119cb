//! Panics that are kept, dropped and gone on with.

use std::any::Any;
use std::cell::Cell;
use std::io::{self, Write};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Goes on with a panic, unless this thread is unwinding already.
pub(crate) fn resume(payload: Payload) {
    if thread::panicking() {
        discard(payload);
    } else {
        resume_unwind(payload);
    }
}

/// Drops `value`, and hands over the panic of its destructor, if there is one.
pub(crate) fn drop_catching<T>(value: T) -> Option<Payload> {
    catch_unwind(AssertUnwindSafe(|| drop(value))).err()
}

pub(super) fn keep_first(slot: &Cell<Option<Payload>>, payload: Payload) {
    slot.set(first(slot.take(), Some(payload)));
}

/// The first of two panics; the other is dropped.
pub(crate) fn first(one: Option<Payload>, other: Option<Payload>) -> Option<Payload> {
    match (one, other) {
        (Some(one), Some(other)) => {
            discard(other);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// Drops the payload of a panic, whose own destructor may panic, with a payload whose
/// destructor may panic, ….
fn discard(payload: Payload) {
    let mut left = Some(payload);
    for _ in 0..8 {
        left = left.and_then(drop_catching);
    }
    mem::forget(left);
}

pub(super) fn abort(why: &str) -> ! {
    // Not `eprintln!`, which panics when nothing can be written.
    let _ = writeln!(
        io::stderr(),
        "c-ares: {why}; there is nobody to tell, so the process ends"
    );
    std::process::abort()
}
