//! The one module with `unsafe` code, and what each file of it owns:
//!
//! - `table.rs`: the list of functions that are interposed; `symbol.rs`: where the
//!   library's own are found;
//! - `calls.rs`, `hosts.rs`, `channels.rs`, `settings.rs`: what is done when the program
//!   calls one;
//! - `callbacks.rs`, `hooks.rs`: what the library calls instead of the program's functions;
//! - `options.rs`, `read.rs`, `record.rs`: values of C, copied into values of Rust;
//! - `guard.rs`, `layer.rs`: errno, panics, cancellation; who is called by whom;
//! - `system.rs`: descriptors and writing; `setup.rs`: the start, forks, the end;
//! - `types.rs`: the types of `ares.h`.

#![allow(unsafe_code)]

pub(crate) mod callbacks;
mod calls;
mod channels;
pub(crate) mod guard;
pub(crate) mod hooks;
mod hosts;
mod layer;
mod options;
mod read;
mod record;
mod settings;
mod setup;
mod symbol;
pub(crate) mod system;
mod table;
mod types;
