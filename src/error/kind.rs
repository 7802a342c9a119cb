//! The one table of c-ares' status codes, and of this crate's own kinds of failure.

use std::ffi::c_int;
use std::fmt;

use c_ares_sys as sys;

#[cfg(doc)]
use super::Error;
use crate::code::Rcode;
use crate::ffi::library;
use crate::linked::Version;

macro_rules! errors {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident = $status:ident => $text:literal,
    )+) => {
        /// What kind of failure an [`Error`] is.
        ///
        /// Most variants are the status codes of c-ares under the same name;
        /// the others are this crate's own. `Display` writes the reason alone.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nC: `", stringify!($status), "`.")]
                $variant,
            )+
            /// A status code that this crate does not know: the C library is newer.
            Status(i32),
            /// The channel has as many queries under way as it may have.
            ///
            /// A query id has 16 bits, and c-ares looks for a free one by trying:
            /// past the limit it would slow down, and at last never return. Wait for
            /// answers, or use more than one channel.
            TooManyQueries {
                /// How many query ids may be in use at once.
                limit: usize,
            },
            /// The channel was made by the parent of this process.
            ///
            /// Its lock and its threads do not exist here. Make a new channel.
            Forked,
            /// The call would have waited for itself, or for another channel's lock,
            /// inside a callback, or where a thread of c-ares' own ends.
            InCallback {
                /// The method that was called.
                method: &'static str,
            },
            /// The channel is driven by c-ares' event thread, not by its user.
            NotDriven {
                /// The method that was called.
                method: &'static str,
            },
            /// The channel is driven by its user, not by c-ares' event thread.
            NotThreaded {
                /// The method that was called.
                method: &'static str,
            },
            /// What must come before the first channel came after it.
            TooLate {
                /// The function that was called.
                function: &'static str,
            },
            /// An option has a value that c-ares cannot take.
            BadOption {
                /// The method of the builder.
                option: &'static str,
                /// The value that was given.
                value: String,
                /// What would have been a good value.
                expected: &'static str,
            },
            /// A server's address is of no use.
            BadServer {
                /// The server as it was given.
                server: String,
                /// What is wrong with it.
                reason: &'static str,
            },
            /// A text is no network, or a network has more bits than its address.
            BadSubnet {
                /// The network as it was given.
                subnet: String,
            },
            /// A message, or a part of one, is none that c-ares takes.
            BadMessage {
                /// What part of it.
                part: String,
                /// What is wrong with it.
                reason: &'static str,
            },
            /// The c-ares library that is loaded cannot be used safely.
            UnsuitableLibrary {
                /// The version that it says it is.
                found: Version,
                /// What is wrong with it.
                reason: &'static str,
            },
        }

        impl ErrorKind {
            /// The error behind a status code of c-ares, or `None` for success.
            pub(crate) fn from_status(status: c_int) -> Option<ErrorKind> {
                match status {
                    s if s == sys::ARES_SUCCESS as c_int => None,
                    $(s if s == sys::$status as c_int => Some(ErrorKind::$variant),)+
                    other => Some(ErrorKind::Status(other)),
                }
            }

            /// c-ares' status code, or `None` for this crate's own errors.
            pub fn status(&self) -> Option<i32> {
                match self {
                    $(ErrorKind::$variant => Some(sys::$status as c_int),)+
                    ErrorKind::Status(status) => Some(*status),
                    _ => None,
                }
            }

            fn text(&self) -> Option<&'static str> {
                match self {
                    $(ErrorKind::$variant => Some($text),)+
                    _ => None,
                }
            }
        }

        #[cfg(test)]
        const KNOWN: &[(c_int, ErrorKind)] = &[$((sys::$status as c_int, ErrorKind::$variant)),+];
    };
}

errors! {
    /// The name exists, but has no record of the type (NODATA, RFC 2308). Also where there is none and
    /// the rcode is one that c-ares has no error for, such as NOTAUTH.
    NoData = ARES_ENODATA => "the name has no record of this type",
    /// The server could not read the query (FORMERR).
    FormErr = ARES_EFORMERR => "the server could not read the query (FORMERR)",
    /// The server failed (SERVFAIL).
    ServFail = ARES_ESERVFAIL => "the server failed (SERVFAIL)",
    /// The name does not exist (NXDOMAIN).
    NotFound = ARES_ENOTFOUND => "no such name (NXDOMAIN)",
    /// The server does not know this kind of query (NOTIMP).
    NotImplemented = ARES_ENOTIMP => "not implemented (NOTIMP)",
    /// The server refuses to answer (REFUSED).
    Refused = ARES_EREFUSED => "the server refuses to answer (REFUSED)",
    /// The query cannot be written.
    BadQuery = ARES_EBADQUERY => "the query cannot be written",
    /// The name is no domain name: a label or the whole is too long or empty, or
    /// it has a byte that cannot be there, such as NUL.
    BadName = ARES_EBADNAME => "not a domain name",
    /// The address family is not supported.
    BadFamily = ARES_EBADFAMILY => "unsupported address family",
    /// The answer is malformed.
    BadResponse = ARES_EBADRESP => "the answer is malformed",
    /// No server could be reached, or nothing could be looked up where it was asked for.
    ConnectionRefused = ARES_ECONNREFUSED => "no server could be reached",
    /// No server answered in time.
    Timeout = ARES_ETIMEOUT => "no server answered in time",
    /// A file ended too early.
    Eof = ARES_EOF => "unexpected end of file",
    /// A file could not be read.
    File = ARES_EFILE => "a file could not be read",
    /// There was no memory.
    NoMemory = ARES_ENOMEM => "out of memory",
    /// The channel was dropped before the answer came.
    Destruction = ARES_EDESTRUCTION => "the channel was dropped before the answer came",
    /// A string is malformed.
    BadString = ARES_EBADSTR => "malformed string",
    /// A flag is not known, or contradicts another.
    BadFlags = ARES_EBADFLAGS => "unknown or contradictory flags",
    /// Neither a host nor a service name was given, or it is not what the flags promise.
    NoName = ARES_ENONAME => "neither a host name nor a service name fits",
    /// The hints contradict each other.
    BadHints = ARES_EBADHINTS => "contradictory hints",
    /// The library was not initialised.
    NotInitialized = ARES_ENOTINITIALIZED => "the C library is not initialised",
    /// iphlpapi could not be loaded (Windows).
    LoadIphlpapi = ARES_ELOADIPHLPAPI => "iphlpapi could not be loaded",
    /// The system would not tell its network parameters (Windows).
    GetNetworkParams = ARES_EADDRGETNETWORKPARAMS => "the system does not tell its network parameters",
    /// The query was cancelled with [`Channel::cancel_all`](crate::Channel::cancel_all).
    Cancelled = ARES_ECANCELLED => "the query was cancelled",
    /// The service name is not known.
    Service = ARES_ESERVICE => "unknown service name",
    /// No server is configured.
    NoServer = ARES_ENOSERVER => "no server is configured",
}

impl Rcode {
    /// What a query is told, as `ares_dns_query_reply_tostatus` has it: of other rcodes
    /// the answer says more.
    pub(crate) fn to_error(self) -> Option<ErrorKind> {
        match self {
            Rcode::FORMERR => Some(ErrorKind::FormErr),
            Rcode::SERVFAIL => Some(ErrorKind::ServFail),
            Rcode::NXDOMAIN => Some(ErrorKind::NotFound),
            Rcode::NOTIMP => Some(ErrorKind::NotImplemented),
            Rcode::REFUSED => Some(ErrorKind::Refused),
            _ => None,
        }
    }
}

impl ErrorKind {
    /// Whether this can be what servers said, or did not.
    pub(super) fn is_for_servers(&self) -> bool {
        matches!(
            self,
            ErrorKind::NoData
                | ErrorKind::FormErr
                | ErrorKind::ServFail
                | ErrorKind::NotFound
                | ErrorKind::NotImplemented
                | ErrorKind::Refused
                | ErrorKind::BadResponse
                | ErrorKind::ConnectionRefused
                | ErrorKind::Timeout
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text() {
            return f.write_str(text);
        }
        match self {
            ErrorKind::Status(status) => {
                write!(
                    f,
                    "{} (c-ares status {status})",
                    library::status_text(*status)
                )
            }
            ErrorKind::TooManyQueries { limit } => {
                write!(
                    f,
                    "{limit} queries are under way already, the most that this channel may have"
                )
            }
            ErrorKind::Forked => f.write_str(
                "the channel was made before this process was forked; make a new one here",
            ),
            ErrorKind::InCallback { method } => {
                write!(
                    f,
                    "{method} cannot be called from this callback: it could wait for ever"
                )
            }
            ErrorKind::NotDriven { method } => {
                write!(
                    f,
                    "{method} is for driven channels; this one has c-ares' event thread"
                )
            }
            ErrorKind::NotThreaded { method } => {
                write!(
                    f,
                    "{method} is for channels with c-ares' event thread; this one is driven by its user"
                )
            }
            ErrorKind::TooLate { function } => {
                write!(
                    f,
                    "{function} must be called once, before the first channel is made"
                )
            }
            ErrorKind::BadOption {
                option,
                value,
                expected,
            } => {
                write!(f, "{option}({value}): expected {expected}")
            }
            ErrorKind::BadServer { server, reason } => write!(f, "bad server {server:?}: {reason}"),
            ErrorKind::BadSubnet { subnet } => write!(
                f,
                "bad subnet {subnet:?}: expected ADDRESS/BITS, with up to 32 bits, or 128 for IPv6"
            ),
            ErrorKind::UnsuitableLibrary { found, reason } => {
                write!(
                    f,
                    "the c-ares {found} that is loaded cannot be used: {reason}"
                )
            }
            ErrorKind::BadMessage { part, reason } => write!(f, "{part}: {reason}"),
            _ => unreachable!("every other variant has a text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status that the C library has a text for stands in the table, and no other.
    #[test]
    fn the_table_is_c_ares_own() {
        let unknown = library::status_text(c_int::MAX);
        let in_c: Vec<c_int> = (1..1000)
            .filter(|&status| library::status_text(status) != unknown)
            .collect();
        let ours: Vec<c_int> = KNOWN.iter().map(|(status, _)| *status).collect();
        assert_eq!(ours, in_c);
    }

    #[test]
    fn a_status_and_its_error_are_one() {
        for (status, error) in KNOWN {
            assert_eq!(ErrorKind::from_status(*status).as_ref(), Some(error));
            assert_eq!(error.status(), Some(*status));
            assert!(!error.to_string().is_empty());
        }
        assert_eq!(ErrorKind::from_status(0), None);
        assert_eq!(ErrorKind::from_status(999), Some(ErrorKind::Status(999)));
        assert!(ErrorKind::Status(999).to_string().contains("999"));
    }
}
