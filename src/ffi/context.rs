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

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::{Error, Result};

type Payload = Box<dyn Any + Send>;

/// Work that waits until this thread holds no channel's lock.
///
/// It is told whether that time has come, or will never come.
pub(crate) type Job = Box<dyn FnOnce(Result<()>) + Send>;

/// Tells channels apart: the address of what their callbacks share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ChannelId(pub(crate) usize);

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
}

enum Kind {
    /// A call from Rust into c-ares.
    Call {
        panic: Cell<Option<Payload>>,
        deferred: RefCell<VecDeque<Job>>,
    },
    /// A call from c-ares into a closure.
    Callback(ChannelId),
}

thread_local! {
    static INNERMOST: Cell<*const Layer> = const { Cell::new(ptr::null()) };
}

impl Layer {
    fn new(kind: Kind) -> Self {
        Layer {
            outer: INNERMOST.get(),
            kind,
        }
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

/// Whether this thread is inside a callback of any channel.
pub(crate) fn in_callback() -> bool {
    callback_of().is_some()
}

/// Makes a call into c-ares that may run callbacks.
///
/// If a closure panicked meanwhile, the panic goes on from here. The outermost
/// call of a thread also does the work that was put off.
pub(crate) fn call<R>(into_c: impl FnOnce() -> R) -> R {
    let layer = Layer::new(Kind::Call {
        panic: Cell::new(None),
        deferred: RefCell::new(VecDeque::new()),
    });
    let result = layer.run(into_c);
    let Kind::Call { panic, deferred } = &layer.kind else {
        unreachable!("the layer was made a few lines above")
    };
    loop {
        // Not in the `while let`: the borrow must end before the job runs.
        let Some(job) = deferred.borrow_mut().pop_front() else {
            break;
        };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| job(Ok(())))) {
            keep_first(panic, payload);
        }
    }
    if let Some(payload) = panic.take() {
        if thread::panicking() {
            discard(payload);
        } else {
            resume_unwind(payload);
        }
    }
    result
}

/// Runs a closure that c-ares called back for `channel`, and stops its panic.
///
/// `None` if it panicked.
pub(crate) fn callback<R>(channel: ChannelId, closure: impl FnOnce() -> R) -> Option<R> {
    let layer = Layer::new(Kind::Callback(channel));
    match layer.run(|| catch_unwind(AssertUnwindSafe(closure))) {
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

/// Puts `job` off until this thread holds no channel's lock: to the end of its
/// outermost call, or, on a thread of c-ares' own, to a new thread.
///
/// Where no thread can be had the job is told so at once, under the lock.
pub(crate) fn defer(job: Job) {
    let mut job = Some(job);
    find(|layer| match &layer.kind {
        Kind::Call { deferred, .. } if layer.outer.is_null() => {
            job.take().map(|job| deferred.borrow_mut().push_back(job))
        }
        _ => None,
    });
    if let Some(job) = job {
        on_new_thread(job);
    }
}

fn on_new_thread(job: Job) {
    // `spawn` drops what it is given when it fails: the job waits in a slot, so
    // that it can be had back.
    let slot = Arc::new(Mutex::new(Some(job)));
    let theirs = Arc::clone(&slot);
    let spawned = thread::Builder::new()
        .name("c-ares deferred".into())
        .spawn(move || {
            let job = take(&theirs);
            if catch_unwind(AssertUnwindSafe(|| job.map(|job| job(Ok(()))))).is_err() {
                abort("a callback panicked on a thread without a Rust caller");
            }
        });
    if spawned.is_err()
        && let Some(job) = take(&slot)
    {
        job(Err(Error::NoMemory));
    }
}

fn take(slot: &Mutex<Option<Job>>) -> Option<Job> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Drops `value`, whatever its destructor does: a panic goes on unless this
/// thread is panicking already.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        if thread::panicking() {
            discard(payload);
        } else {
            resume_unwind(payload);
        }
    }
}

fn keep_first(slot: &Cell<Option<Payload>>, payload: Payload) {
    match slot.take() {
        None => slot.set(Some(payload)),
        Some(first) => {
            slot.set(Some(first));
            discard(payload);
        }
    }
}

/// Drops the payload of a panic, whose own destructor may panic.
fn discard(payload: Payload) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}

fn abort(why: &str) -> ! {
    eprintln!("c-ares: {why}; there is nobody to tell, so the process ends");
    std::process::abort()
}
