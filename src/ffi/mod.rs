//! The wall: every `unsafe` block of the crate stands in this folder.
//!
//! | file       | what it owns                                                          |
//! |------------|-----------------------------------------------------------------------|
//! | `library`  | the first use: version, thread safety, initialisation                 |
//! | `context`  | which calls and callbacks this thread is in (`context/panics`: what    |
//! |            | becomes of their panics; `context/deferred`: work that waits)          |
//! | `fork`     | knowing that this process is a child of the one that made a channel   |
//! | `handle`   | the one owner of an `ares_channel_t`, and most calls that take it      |
//! |            | (`handle/shared`: what callbacks share; `handle/configure`: what is    |
//! |            | set by calls of its own; `handle/reload`: reading it again;            |
//! |            | `handle/drive`: what its user calls in place of an event thread)       |
//! | `lookup`   | the calls that may read the hosts file                                |
//! | `callback` | every trampoline from C into a closure                                |
//! | `options`  | `struct ares_options` and the storage behind its pointers             |
//! | `servers`  | the linked lists of servers                                           |
//! | `socket`   | sockets that are lent, and `ares_fd_events_t`                         |
//! | `transport` | the trampolines from c-ares to sockets that a program brings          |
//! | `message`  | `ares_dns_record_t`: whole messages, owned and lent                   |
//! | `record`   | `ares_dns_rr_t`, with one getter and one setter per C data type        |
//! | `addr`     | `in_addr`, `ares_in6_addr` and `sockaddr`                             |
//! | `host`     | `ares_addrinfo` and `hostent`                                         |
//! | `eof`      | TCP connections that the server has ended                             |
//! | `allocation` | tests alone: each allocation of c-ares fails in turn          |
//! | `platform` | what the systems call by different names                              |
//! | `android`  | what c-ares needs of Java, before the first channel                   |
//!
//! What the rest of the crate may call is safe.

pub(crate) mod addr;
#[cfg(all(test, target_os = "linux", feature = "vendored"))]
mod allocation;
#[cfg(any(target_os = "android", c_ares_android))]
pub(crate) mod android;
pub(crate) mod callback;
pub(crate) mod context;
mod eof;
pub(crate) mod fork;
pub(crate) mod handle;
mod host;
pub(crate) mod library;
mod lookup;
pub(crate) mod message;
pub(crate) mod options;
pub(crate) mod platform;
pub(crate) mod record;
pub(crate) mod servers;
pub(crate) mod socket;
mod transport;
