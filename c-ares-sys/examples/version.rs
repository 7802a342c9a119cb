//! Prints the version of the c-ares that is loaded.

use std::ffi::{CStr, c_int};

fn main() {
    let mut number: c_int = 0;
    // SAFETY: ares_version(3) writes the number and returns a static string.
    let text = unsafe { CStr::from_ptr(c_ares_sys::ares_version(&raw mut number)) };
    // SAFETY: ares_threadsafety(3) reads a constant of the build.
    let threads = unsafe { c_ares_sys::ares_threadsafety() } == c_ares_sys::ARES_TRUE;
    println!(
        "c-ares {} ({number:#x}), {} thread safety",
        text.to_string_lossy(),
        if threads { "with" } else { "without" },
    );
}
