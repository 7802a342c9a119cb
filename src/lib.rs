//! Asynchronous DNS with the real [c-ares](https://c-ares.org) C library.
//!
//! c-ares resolves names without blocking: many queries at once, over UDP and
//! TCP, with EDNS, DNS cookies, retries, failover between servers, a query
//! cache, the hosts file, search domains and sorted addresses. This crate
//! compiles it from source, with nothing but a C compiler, and wraps it so that
//! no sequence of safe calls can misuse it. (A c-ares of the system's has two holes that
//! no caller can close: see [`Builder::build_threaded`] and [`Channel::search`].)
//!
//! ```
//! use c_ares::{Channel, Mx};
//! use std::sync::mpsc;
//!
//! # let server = testserver::Server::start("example.com. 300 IN MX 10 mail.example.com.")?;
//! # let address = server.address();
//! let channel = Channel::builder().servers([address]).build_threaded()?;
//! let (sender, answers) = mpsc::channel();
//! channel.query::<Mx>("example.com", move |answer| sender.send(answer).unwrap());
//! for record in answers.recv()?? {
//!     println!("{} {}", record.data.preference, record.data.exchange);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything goes through a [`Channel`]; its documentation says who drives it,
//! what runs where, and what a closure may do.
//!
//! # Features
//!
//! * `vendored` (default): compile c-ares from source and link it statically.
//!   Without it an installed c-ares, 1.34.9 or newer, is found through pkg-config.

#![deny(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod addrinfo;
mod answer;
mod builder;
mod channel;
mod code;
mod error;
#[allow(unsafe_code)]
mod ffi;
mod flags;
mod linked;
mod lookup;
mod name;
mod nameinfo;
mod record;
mod server;
mod socket;
mod subnet;

pub use addrinfo::{AddrInfo, Address, Alias, Family, Hints, HostsEntry, Protocol, SocketType};
pub use answer::Answer;
pub use builder::{Builder, Driven, EventSystem, LookupSource, Threaded, Undriven};
pub use channel::Channel;
pub use code::{Class, RecordType, UnknownCode};
pub use error::{Error, ErrorKind, Result};
pub use flags::{AddrInfoFlags, Flags, NameInfoFlags};
pub use linked::{Linkage, Linked, Version, linked};
pub use name::Name;
pub use nameinfo::NameInfo;
pub use record::field::{Base64, Hex, Text, UriText, Word};
pub use record::param::{SvcKey, SvcParam};
pub use record::table::{
    A, Aaaa, Caa, Cname, Hinfo, Https, Mx, Naptr, Ns, Ptr, RData, Sig, Soa, Srv, Svcb, Tlsa, Txt,
    Uri,
};
pub use record::{Other, Record, RecordData, TypedData};
pub use server::{Server, ServerState};
pub use socket::{Interest, NewSocket, RawSocket, Ready, Socket};
pub use subnet::Subnet;

/// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
