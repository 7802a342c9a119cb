//! The start, forks, and the end.

use super::{guard, layer, system};
use crate::event::{Event, Outcome};
use crate::output::{self, Wanted};
use crate::state::{self, Locked};
use std::cell::RefCell;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether anything is to be told.
static ON: AtomicBool = AtomicBool::new(false);

/// Whether a call is one to be told of: tracing is on, and it is the program that calls.
pub(super) fn tells() -> bool {
    ON.load(Ordering::Relaxed) && layer::in_program()
}

/// The dynamic linker calls it when it has loaded us, before anything of the program runs.
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

extern "C" fn start() {
    guard::ours((), || {
        // SAFETY: getauxval(3): takes any number.
        if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
            // The program has rights that whoever set the variable may lack.
            return;
        }
        let Some(wanted) =
            std::env::var_os("C_ARES_TRACE").and_then(|value| Wanted::parse(value.as_bytes()))
        else {
            return;
        };
        if let Err(error) = wanted.open() {
            let text = format!("libcares_trace.so: nothing is traced: {error}\n");
            system::write(&system::Descriptor::stderr(), text.as_bytes());
            return;
        }
        // SAFETY: pthread_atfork(3) and atexit(3) take functions, which live as long as
        // we are loaded: a preloaded library is never unloaded.
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child));
            libc::atexit(end);
        }
        ON.store(true, Ordering::Relaxed);
    });
}

thread_local! {
    /// The lock, from before a fork to after it: in the child it would be another thread's for ever.
    static HELD: RefCell<Option<Locked>> = const { RefCell::new(None) };
}

extern "C" fn before_fork() {
    guard::ours((), || {
        HELD.with_borrow_mut(|held| *held = state::lock_unless_mine())
    });
}

extern "C" fn after_fork() {
    guard::ours((), || HELD.with_borrow_mut(|held| *held = None));
}

extern "C" fn in_child() {
    let ready = guard::ours(false, || {
        HELD.with_borrow_mut(|held| held.take().map(|mut state| state.forked()).is_some())
    });
    if !ready {
        // Nobody will give the lock back.
        ON.store(false, Ordering::Relaxed);
    }
}

/// The summary.
extern "C" fn end() {
    guard::ours((), || {
        if !ON.load(Ordering::Relaxed) {
            return;
        }
        let Some(state) = state::lock_unless_mine() else {
            return;
        };
        let pending = state.in_flight(std::process::id());
        if state.summary.is_empty() && pending.is_empty() {
            return;
        }
        let report = state.summary.report(pending.len());
        drop(state);
        for asked in pending {
            let (channel, result) = (asked.channel, String::from("in flight at exit"));
            let query = asked.query(Outcome {
                result,
                ..Outcome::default()
            });
            output::tell(channel, Event::Query(Box::new(query)));
        }
        output::tell(None, Event::Summary(report));
    });
}
