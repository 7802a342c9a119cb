//! A DNS server inside the process, for tests, examples and benchmarks.
//!
//! It answers from a zone file on loopback addresses and free ports, over UDP
//! and TCP, IPv4 and IPv6. It is ready when [`Server::start`] returns and gone,
//! sockets and thread, when it is dropped. Start as many as you like.
//!
//! ```
//! use std::time::Duration;
//! use testserver::{Reply, ResponseCode, Rule, Server};
//!
//! let server = Server::builder()
//!     .zone("$ORIGIN example.\n@ 60 SOA ns admin 1 2 3 4 5\nwww 60 A 192.0.2.1\n")
//!     .delay("slow.example.", Duration::from_millis(50))
//!     .rule("broken.example.", Rule::rcode(ResponseCode::ServFail))
//!     .rule("big.example.", Rule::truncate())
//!     .script("odd.example.", |query| Reply::raw(query.wire.clone()))
//!     .start()?;
//!
//! let address = server.address(); // 127.0.0.1 and a free port, UDP and TCP alike
//! let address_v6 = server.address_v6(); // None on a machine without ::1
//!
//! server.rule("*", Rule::drop()); // rules change while the server runs
//! server.clear("*");
//!
//! assert!(server.wait_for_queries(0, Duration::from_secs(5)));
//! for query in server.queries() {
//!     println!("{} {} over {:?}", query.name, query.record_type, query.transport);
//! }
//! # let _ = (address, address_v6);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Overview
//!
//! - [`Server`]: its addresses, its rules, and the queries that it saw.
//! - [`Builder`]: zones, records, rules and addresses before it starts.
//! - [`Rule`]: answer, delay, drop, truncate, refuse, any response code, or a script.
//! - [`Misbehaviour`]: what broken and hostile servers do, as replies and as a rule, and
//!   [`Wire`], to write messages that no library writes.
//! - [`Query`]: what a client asked, and over which transport from where. A script
//!   gets one, and from it an empty response or the zone's answer to change.
//! - [`Reply`]: what a script sends: messages, raw bytes, several datagrams, part of a
//!   frame, pauses, the end of the connection, or nothing.
//!
//! - [`Network`]: the same answers without sockets, thread or clock, for clients whose sockets
//!   are not the system's.
//!
//! # Patterns
//!
//! A rule stands under a pattern: `"*"` is every name, `"*.example."` every
//! name below `example.`, anything else that very name. Case and a missing
//! final dot do not matter. Of the rules that match a query the longest pattern
//! wins, separately for the delay and for what is answered, so `"*"` may delay
//! what another rule refuses. A later rule under the same pattern replaces what the
//! earlier one said, and keeps what only the earlier one said.
//!
//! # Answers
//!
//! Names that the zone has no SOA for do not exist (NXDOMAIN), as if the
//! server had asked the root. CNAMEs are followed, wildcards expanded, and an
//! answer too large for UDP comes with the TC bit. The wire types are
//! hickory's, see [`hickory`].

#![forbid(unsafe_code)]

mod builder;
mod connection;
mod event_loop;
mod misbehaviour;
mod network;
mod query;
mod reply;
mod responder;
mod rule;
mod server;
mod sockets;
mod wire;
mod zone;

pub use builder::Builder;
pub use hickory_proto as hickory;
pub use hickory_proto::op::{Message, ResponseCode};
pub use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
pub use misbehaviour::{End, Misbehaviour, RIGHT, WRONG};
pub use network::{Endpoint, Network};
pub use query::{Query, Transport};
pub use reply::Reply;
pub use rule::Rule;
pub use server::Server;
pub use wire::{ASKED_NAME, Section, Wire, name};
