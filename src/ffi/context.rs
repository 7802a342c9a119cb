//! Where this thread stands between Rust and C.
//!
//! A thread that uses c-ares passes to and fro: a method calls C, C calls a
//! closure, the closure calls a method, and so on. Each passage is a [`Layer`]
//! on the stack, and the layers of a thread form a list. Three rules are kept
//! with it:
//!
//! * A panic in a closure stops at the trampoline and goes on from the nearest
//!   Rust call below it. Where there is none (c-ares' own threads) the process
//!   aborts.
//! * A closure runs while c-ares holds the lock of its channel. Waiting there
//!   for the lock of another channel can deadlock (two channels that call each
//!   other), so work on another channel is put off until no lock is held.
//! * A channel is never destroyed inside a callback, for the same reason.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

mod deferred;
mod panics;

pub(crate) use deferred::{Job, defer};
pub(crate) use panics::{Payload, drop_catching, first, resume};
use panics::{abort, keep_first};

/// Tells channels apart: the address of what their callbacks share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ChannelId(pub(crate) usize);

impl ChannelId {
    /// No channel: in a callback of this one every channel is another one. For those
    /// in which c-ares is in the middle of things, and can do nothing recursively.
    pub(crate) const NONE: ChannelId = ChannelId(0);
}

/// What a call on a channel may do at this point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Position {
    /// In no callback: everything.
    Outside,
    /// In a callback of the same channel: what c-ares can do recursively.
    Own,
    /// In a callback of another channel: nothing that takes a lock.
    Other,
}

struct Layer {
    outer: *const Layer,
    kind: Kind,
    /// What was put off. Only the outermost layer of a thread has any.
    deferred: RefCell<VecDeque<Job>>,
}

enum Kind {
    /// A call from Rust into c-ares, with the first panic of the closures that it runs.
    Call {
        panic: Cell<Option<Payload>>,
        /// Whether it is one that makes a query.
        asks: bool,
    },
    /// A call from c-ares into a closure.
    Callback(ChannelId),
}

thread_local! {
    static INNERMOST: Cell<*const Layer> = const { Cell::new(ptr::null()) };
    /// Whether this thread is one of c-ares' own.
    static FOREIGN: Cell<bool> = const { Cell::new(false) };
}

impl Layer {
    fn new(kind: Kind) -> Self {
        Layer {
            outer: INNERMOST.get(),
            kind,
            deferred: RefCell::default(),
        }
    }

    fn call(asks: bool) -> Self {
        Layer::new(Kind::Call {
            panic: Cell::new(None),
            asks,
        })
    }

    /// Runs `work` with this layer as the innermost of the thread.
    fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        struct Leave(*const Layer);
        impl Drop for Leave {
            fn drop(&mut self) {
                INNERMOST.set(self.0);
            }
        }
        let _leave = Leave(self.outer);
        INNERMOST.set(self);
        work()
    }
}

/// Visits the layers of this thread, innermost first, until `visit` finds something.
fn find<R>(mut visit: impl FnMut(&Layer) -> Option<R>) -> Option<R> {
    let mut next = INNERMOST.get();
    // SAFETY: no C guarantee is needed. `Layer::run` points INNERMOST at a
    // layer only for as long as it borrows that layer, and the layer's `outer`
    // is borrowed further down the same stack. Neither can end before this
    // function returns, and the reference does not outlive a round of the loop.
    while let Some(layer) = unsafe { next.as_ref() } {
        if let Some(found) = visit(layer) {
            return Some(found);
        }
        next = layer.outer;
    }
    None
}

/// The channel whose callback this thread is in, if it is in one.
fn callback_of() -> Option<ChannelId> {
    find(|layer| match layer.kind {
        Kind::Callback(channel) => Some(channel),
        Kind::Call { .. } => None,
    })
}

/// What a call on `channel` may do here.
pub(crate) fn position(channel: ChannelId) -> Position {
    match callback_of() {
        None => Position::Outside,
        Some(running) if running == channel => Position::Own,
        Some(_) => Position::Other,
    }
}

/// Whether so many closures run inside of each other on this thread, or on so much stack, that
/// the next query should wait: closures that are told at once and ask again use it up.
pub(crate) fn too_deep() -> bool {
    let here = INNERMOST.get().addr();
    let mut callbacks = 0;
    find(|layer| {
        callbacks += usize::from(matches!(layer.kind, Kind::Callback(_)));
        // Layers lie on the stack.
        let stack = ptr::from_ref(layer).addr().abs_diff(here);
        (callbacks >= DEEPEST || stack >= MOST_STACK).then_some(())
    })
    .is_some()
}

/// How many closures may run inside of each other.
const DEEPEST: usize = 16;

/// How much stack they may use: C has a call for each search domain, and musl 128 KiB.
const MOST_STACK: usize = 64 * 1024;

/// Whether this thread is inside a callback of any channel.
pub(crate) fn in_callback() -> bool {
    callback_of().is_some()
}

/// Whether this thread is one of c-ares' own that has left its last callback: thread-locals are being
/// destroyed. No lock is held, but the channel may wait for this very thread to end.
pub(crate) fn is_ending() -> bool {
    FOREIGN.get() && INNERMOST.get().is_null()
}

/// Makes a call into c-ares that may run callbacks.
///
/// If a closure panicked meanwhile, the panic goes on from here, unless this thread
/// is unwinding already. The outermost call of a thread also does the work that was
/// put off.
pub(crate) fn call<R>(into_c: impl FnOnce() -> R) -> R {
    resuming(call_in(&Layer::call(false), into_c))
}

fn resuming<R>((result, panic): (R, Option<Payload>)) -> R {
    if let Some(payload) = panic {
        resume(payload);
    }
    result
}

/// As [`call`], for a call that makes a query: [`is_asking`] in the callbacks that it runs.
pub(crate) fn ask<R>(into_c: impl FnOnce() -> R) -> R {
    resuming(call_in(&Layer::call(true), into_c))
}

/// Whether c-ares calls back, just now, from a call that makes a query.
pub(crate) fn is_asking() -> bool {
    // SAFETY: as in `find`.
    let innermost = unsafe { INNERMOST.get().as_ref() };
    innermost.is_some_and(|layer| matches!(layer.kind, Kind::Call { asks: true, .. }))
}

/// As [`call`], but hands the panic over.
pub(crate) fn call_catching<R>(into_c: impl FnOnce() -> R) -> (R, Option<Payload>) {
    call_in(&Layer::call(false), into_c)
}

fn call_in<R>(layer: &Layer, into_c: impl FnOnce() -> R) -> (R, Option<Payload>) {
    let result = layer.run(into_c);
    let Kind::Call { panic, .. } = &layer.kind else {
        unreachable!("the layer was made a few lines above")
    };
    // Jobs run inside of this layer, so that what they put off in turn comes here:
    // a chain of jobs, each the work of the one before, takes no stack.
    while let Some(job) = layer.next_job() {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| layer.run(|| job(Ok(()))))) {
            keep_first(panic, payload);
        }
    }
    (result, panic.take())
}

/// Tells a closure what c-ares is not asked for: that its query is refused.
///
/// A closure that asks again then is a call in a call. So it is put off like a query where the stack
/// is deep, and a panic goes on from here.
pub(crate) fn tell(closure: impl FnOnce() + Send + 'static) {
    if too_deep() {
        return defer(Box::new(move |_| closure()));
    }
    let told = call_in(&Layer::call(false), || {
        catch_unwind(AssertUnwindSafe(closure)).err()
    });
    if let Some(payload) = first(told.0, told.1) {
        resume(payload);
    }
}

/// Runs a closure that c-ares called back for `channel`, and stops its panic.
///
/// `None` if it panicked.
pub(crate) fn callback<R>(channel: ChannelId, closure: impl FnOnce() -> R) -> Option<R> {
    let layer = Layer::new(Kind::Callback(channel));
    if layer.outer.is_null() {
        FOREIGN.set(true);
    }
    let result = layer.run(|| catch_unwind(AssertUnwindSafe(closure)));
    layer.hand_over();
    match result {
        Ok(result) => Some(result),
        Err(payload) => {
            let mut payload = Some(payload);
            find(|layer| match &layer.kind {
                Kind::Call { panic, .. } => {
                    payload.take().map(|payload| keep_first(panic, payload))
                }
                Kind::Callback(_) => None,
            });
            if payload.is_some() {
                abort("a callback panicked on a thread that belongs to c-ares");
            }
            None
        }
    }
}
