//! c-ares inside an event loop of one's own: one thread, `mio`, no unsafe code.
//!
//! ```text
//! cargo run --example event_loop
//! ```
//!
//! 200 names are asked at once. The server sends each answer after 50 ms, and cuts
//! every fourth short over UDP, so that c-ares opens a TCP connection as well. The
//! pattern is in `event_loop.rs`.

#![forbid(unsafe_code)]

#[cfg(unix)]
mod demo;
#[cfg(unix)]
mod event_loop;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    demo::main()
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    // mio watches sockets that it did not make (`SourceFd`) on Unix only.
    eprintln!("event_loop: this example needs Unix");
    std::process::ExitCode::FAILURE
}
