//! Programs with and without `libcares_trace.so`: what they see is the same, and what is told is so.
//!
//! The programs are C (`tests/programs/`), linked with three libraries (`library.rs`). Wants a C and a
//! C++ compiler, and Debian's `libc-ares-dev`; for `real.rs` also `aria2` and `python3-pycares`.
//! Some tests need to be root, and say so.

#![cfg(target_os = "linux")]

mod channels;
mod harness;
mod library;
mod process;
mod real;
mod same;
mod told;
