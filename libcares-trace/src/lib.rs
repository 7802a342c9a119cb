//! `libcares_trace.so`: a library for `LD_PRELOAD` that tells what the c-ares of any
//! program does, and changes nothing that the program can see.
//!
//! `docs/trace.md` in the repository is for those who use it. For those who change it:
//!
//! - Each public function of c-ares that matters is defined here again, and so found
//!   first; `ffi/table.rs` is the list. It looks for the library's own and calls it.
//! - What the program hands over to be called is replaced by a function of ours and a
//!   number, under which the program's own function and argument are kept
//!   (`state.rs`). C holds no pointer of ours: nothing can be freed too early or twice.
//! - All that is ours runs inside `ffi::guard::ours`: errno and panics stay inside of it, and
//!   it is no point of cancellation. It never runs while a lock of ours is
//!   held across a call to the library or to the program.
//! - A thread is either in the program or in the library (`ffi/layer.rs`). Calls that
//!   the library makes to its own public functions go straight on.
//!
//! `unsafe` lives in `ffi`; all else is safe.

#![cfg(target_os = "linux")]
#![deny(unsafe_code)]
// Tests are linked with a c-ares of their own, and export nothing that would reach the code.
#![cfg_attr(test, allow(dead_code))]

mod event;
mod ffi;
mod message;
mod names;
mod output;
mod state;
mod summary;
mod text;
