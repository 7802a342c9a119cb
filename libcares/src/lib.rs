//! The C library c-ares as a shared library, in the place of the distribution's.
//!
//! There is no Rust in it. `build.rs` has all of the C library linked in, with
//! its own name and its own symbols. `cargo build -p libcares --profile capi`
//! gives the library alone; with another profile, where a panic may unwind,
//! rustc adds its standard library, which nothing calls.
//!
//! `cargo xtask install-c` installs it for C programs, linked by the C compiler.

#![cfg_attr(panic = "abort", no_std)]
#![forbid(unsafe_code)]

/// Without the standard library somebody has to say it; there is nothing that could panic.
#[cfg(panic = "abort")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
