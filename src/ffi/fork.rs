//! Knowing that this process was forked from the one that made a channel.
//!
//! In the child the channel's mutex may be held by a thread that does not
//! exist there, and its event thread does not exist either (TRAPS: nothing in
//! c-ares knows of `fork`). So the child must not touch it. One counter, raised
//! by a handler of `pthread_atfork`, tells; no system call per query.

use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How many forks lie between the first process and this one.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Starts counting. Called once, before the first channel is made.
#[cfg(unix)]
pub(crate) fn watch() -> Result<(), i32> {
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: pthread_atfork(3) asks for functions that may run in the child
    // of a fork; this one only raises an atomic, which is async-signal-safe.
    // It is part of this library and is never unloaded before the process ends.
    match unsafe { libc::pthread_atfork(None, None, Some(in_child)) } {
        0 => Ok(()),
        errno => Err(errno),
    }
}

/// There is no fork on this system.
#[cfg(not(unix))]
pub(crate) fn watch() -> Result<(), i32> {
    Ok(())
}
