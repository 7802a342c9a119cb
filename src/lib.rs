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
//! Everything goes through a [`Channel`].
//!
//! # Which front door do I want?
//!
//! | what you have, and want                                  | method                                   | hosts file | search domains | answer             |
//! |----------------------------------------------------------|------------------------------------------|------------|----------------|--------------------|
//! | a host, to connect to it                                 | [`addrinfo`](Channel::addrinfo)          | yes        | yes            | [`AddrInfo`]       |
//! | a service of this machine, to listen or to connect       | [`addrinfo_local`](Channel::addrinfo_local) | no      | no             | [`AddrInfo`]       |
//! | a domain name, its records of a type                     | [`query`](Channel::query)                | no         | no             | [`Answer`]         |
//! | the same, of a type known only when the program runs     | [`query_type`](Channel::query_type)      | no         | no             | [`Answer`]`<`[`RData`]`>` |
//! | a name as people shorten it, its records                 | [`search`](Channel::search), [`search_type`](Channel::search_type) | no | yes | [`Answer`]     |
//! | an address, to show a name                               | [`nameinfo`](Channel::nameinfo)          | yes        | no             | [`NameInfo`]       |
//! | an address, all its names in the DNS                     | [`reverse`](Channel::reverse)            | no         | no             | [`Answer`]`<`[`Ptr`]`>` |
//! | a name, what the hosts file says and nobody else         | [`hosts_file`](Channel::hosts_file)      | yes        | no             | [`HostsEntry`]     |
//! | a whole message, the whole response                      | [`exchange`](Channel::exchange), [`search_message`](Channel::search_message) | no | no, yes | [`Response`] |
//!
//! A [`Query`] in place of a name asks with DNSSEC's flags, in another class, or for a client's
//! network. A [`Message`] is for what none of these says.
//!
//! # Who drives?
//!
//! c-ares does nothing by itself: somebody must tell it that a socket is ready, or that time has
//! passed.
//!
//! * A program without an event loop lets c-ares' own thread do that:
//!   [`Builder::build_threaded`].
//! * A program with one has a socket-state closure ([`Builder::on_socket_state`]) that says which
//!   sockets to watch, calls [`process`](Channel::process) with those that are ready, and sleeps
//!   no longer than [`timeout`](Channel::timeout) says. The example `event_loop` of the repository
//!   is such a program.
//!
//! # What runs where?
//!
//! The closure of a query runs once, on the thread that drives: in `process`, or on
//! c-ares' thread. Before the very call that asks returns, where nobody needs to be asked: a
//! bad name, a literal address, an answer that is cached. And on the thread that cancels, changes the
//! servers or drops the channel. [`Channel#closures`](Channel#closures) has it all.
//!
//! # What may I do in a closure?
//!
//! Ask again, cancel, change the servers, drop the channel, panic. Not wait, and not drive: that
//! is refused with [`ErrorKind::InCallback`]. On another channel queries are put off a little,
//! and all else is refused. Do not block: nothing of this channel moves meanwhile.
//!
//! # How are errors reported?
//!
//! Once, and in one way. What goes wrong with a query is told to its closure and nowhere
//! else; what goes wrong with a setting is the `Result` of the method that sets it, or of
//! the builder. An [`Error`] has a [kind](Error::kind) for the program, and writes a line for
//! a person: what was asked, why there is no answer, and of whom. For
//! [`exchange`](Channel::exchange) a response is a response, whatever its rcode.
//!
//! # What is cached?
//!
//! Responses of `query`, `search`, `exchange`, `addrinfo`, `nameinfo` and `reverse` that say NOERROR
//! or NXDOMAIN, in the channel, for as long as their TTLs say and no longer than an hour; one that says
//! that a name has no such record, for an hour: [`Builder::query_cache`] has the rules, changes the
//! hour, or turns it off. Changing the servers or reloading
//! empties it. Queries with other flags or options of EDNS do not share
//! answers. An [`Answer`] that came from the cache has no [`id`](Answer::id). The hosts file is
//! read again when it has changed.
//!
//! # Features
//!
//! * `vendored` (default): compile c-ares from source and link it statically.
//!   Without it an installed c-ares, 1.34.9 or newer, is found through pkg-config.
//! * `serde`: what channels tell ([`Answer`], [`AddrInfo`], [`NameInfo`], [`HostsEntry`], [`ServerState`]), what is in
//!   it ([`Record`], [`RData`] and every record type, [`Name`], [`RecordType`], …), [`Server`] and [`Subnet`] implement
//!   `Serialize` and `Deserialize`. In formats for people, such as JSON, names, types, classes and addresses
//!   are written as people write them, and bytes in base 64:
//!   `{"name":"example.com.","class":"IN","ttl":300,"data":{"MX":{"preference":10,"exchange":"mail.example.com."}}}`.
//!   Other formats get numbers and bytes, for the same version of this crate to read. A name that is none in the
//!   DNS, as a hosts file may have, is written, and refused when it is read.

#![deny(unsafe_code)]
#![warn(missing_docs, clippy::missing_errors_doc)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// With it the module for Android is there on every system, to be compiled and documented.
#![cfg_attr(docsrs, doc(auto_cfg(hide(c_ares_android))))]

mod addrinfo;
#[cfg(any(target_os = "android", c_ares_android))]
pub mod android;
mod answer;
mod builder;
mod channel;
mod code;
mod error;
mod exchange;
#[allow(unsafe_code)]
mod ffi;
mod flags;
mod large;
mod linked;
mod lookup;
mod message;
mod name;
mod nameinfo;
mod query;
mod record;
#[cfg(feature = "serde")]
mod serialize;
mod server;
mod socket;
mod subnet;
mod transport;

pub use addrinfo::{AddrInfo, Address, Alias, Family, Hints, HostsEntry, Protocol, SocketType};
pub use answer::Answer;
pub use builder::{
    Builder, Carried, Driven, EventSystem, LookupSource, SystemSockets, Threaded, Undriven,
};
pub use channel::Channel;
pub use code::{Class, Opcode, OptionCode, Rcode, RecordType, UnknownCode};
pub use error::{Error, ErrorKind, Result};
pub use exchange::Response;
pub use flags::{AddrInfoFlags, Flags, HeaderFlags, NameInfoFlags};
pub use linked::{Linkage, Linked, Version, linked};
pub use message::{Header, Message, Question, Section};
pub use name::Name;
pub use nameinfo::NameInfo;
pub use query::Query;
pub use record::field::{Base64, Hex, Text, UriText, Word};
pub use record::option::{EdnsOption, ExtendedErrorCode};
pub use record::param::{SvcKey, SvcParam};
pub use record::table::{
    A, Aaaa, Caa, Cname, Hinfo, Https, Mx, Naptr, Ns, Opt, Ptr, RData, Sig, Soa, Srv, Svcb, Tlsa,
    Txt, Uri,
};
pub use record::{Other, Record, RecordData, TypedData};
pub use server::{Server, ServerState};
pub use socket::{Interest, NewSocket, RawSocket, Ready, Socket};
pub use subnet::Subnet;
pub use transport::{Opening, SocketOption, Transport, TransportSocket};

/// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
