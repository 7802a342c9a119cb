//! Addresses of a host: what [`Channel::addrinfo`](crate::Channel::addrinfo) asks and tells.

use std::ffi::{CString, c_int};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::code::{self, UnknownCode};
use crate::error::{ErrorKind, Result};
use crate::ffi::platform;
use crate::flags::AddrInfoFlags;
use crate::name::Name;

/// Which addresses are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// IPv4 and IPv6.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl fmt::Display for Family {
    /// Writes the record types: `A and AAAA`, `A` or `AAAA`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Any => "A and AAAA",
            Family::V4 => "A",
            Family::V6 => "AAAA",
        })
    }
}

impl Family {
    pub(crate) fn to_c(self) -> c_int {
        match self {
            Family::Any => platform::AF_UNSPEC,
            Family::V4 => platform::AF_INET,
            Family::V6 => platform::AF_INET6,
        }
    }
}

macro_rules! numbers {
    (
        $(#[$attribute:meta])*
        $name:ident, $what:literal:
        $($constant:ident = $number:expr, $doc:literal;)+
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub i32);

        impl $name {
            $(
                #[doc = $doc]
                pub const $constant: $name = $name($number);
            )+

            const NAMES: &[(i32, &str)] = &[$(($number, stringify!($constant))),+];
        }

        impl fmt::Display for $name {
            /// Writes its name here, or its number.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $($name::$constant => f.pad(stringify!($constant)),)+
                    $name(other) => other.fmt(f),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            /// Reads its name here, in any case, or its number.
            ///
            /// # Errors
            ///
            /// [`UnknownCode`] with the text and what was expected.
            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                code::read(text, Self::NAMES, $what, "").map($name)
            }
        }
    };
}

numbers! {
    /// The type of a socket, as the system numbers it.
    SocketType, "socket type":
    ANY = 0, "Any type.";
    STREAM = platform::SOCK_STREAM, "A stream of bytes, as TCP has it.";
    DGRAM = platform::SOCK_DGRAM, "Datagrams, as UDP has them.";
    SEQPACKET = platform::SOCK_SEQPACKET, "Messages in order, as SCTP has them.";
    RAW = platform::SOCK_RAW, "Packets of the network layer.";
}

numbers! {
    /// A protocol above IP, as IANA numbers it.
    Protocol, "protocol":
    ANY = 0, "Any protocol.";
    TCP = 6, "The Transmission Control Protocol.";
    UDP = 17, "The User Datagram Protocol.";
    DCCP = 33, "The Datagram Congestion Control Protocol.";
    SCTP = 132, "The Stream Control Transmission Protocol.";
}

/// What is wanted of [`Channel::addrinfo`](crate::Channel::addrinfo).
///
/// ```
/// use c_ares::{AddrInfoFlags, Family, Hints, SocketType};
///
/// let hints = Hints::new()
///     .family(Family::V4)
///     .socket_type(SocketType::STREAM)
///     .port(443)
///     .flags(AddrInfoFlags::CANONNAME | AddrInfoFlags::NOSORT);
/// ```
#[doc(alias = "ares_addrinfo_hints")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hints {
    pub(crate) family: Family,
    pub(crate) socket_type: SocketType,
    pub(crate) protocol: Protocol,
    service: Option<Service>,
    flags: AddrInfoFlags,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Service {
    Text(String),
    Port(u16),
}

impl Hints {
    /// Any address.
    pub fn new() -> Self {
        Hints::default()
    }

    /// Only addresses of one family. A literal address of the other is no name for it.
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// The type of socket that the addresses are for.
    ///
    /// c-ares does no more with it than to repeat it in every [`Address`].
    #[must_use]
    pub fn socket_type(mut self, socket_type: SocketType) -> Self {
        self.socket_type = socket_type;
        self
    }

    /// The protocol that the addresses are for.
    ///
    /// c-ares does no more with it than to repeat it in every [`Address`].
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// The service that the addresses are for: its name, such as `https`, or a port in
    /// digits. It gives the addresses their port.
    ///
    /// A name is looked up among this system's services of TCP (`/etc/services`),
    /// whatever the [`protocol`](Hints::protocol) is. Replaces
    /// [`port`](Hints::port).
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(Service::Text(service.into()));
        self
    }

    /// The port that the addresses get.
    ///
    /// As [`service`](Hints::service), which it replaces, but no services are looked up.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.service = Some(Service::Port(port));
        self
    }

    /// Sets the flags, in place of those that were set before.
    #[must_use]
    pub fn flags(mut self, flags: AddrInfoFlags) -> Self {
        self.flags = flags;
        self
    }

    pub(crate) fn service_to_c(&self) -> Result<Option<CString>> {
        let text = match &self.service {
            None => return Ok(None),
            Some(Service::Text(text)) => text.clone(),
            Some(Service::Port(port)) => port.to_string(),
        };
        CString::new(text)
            .map(Some)
            .map_err(|_| ErrorKind::Service.into())
    }

    pub(crate) fn flags_to_c(&self) -> c_int {
        let numeric = match self.service {
            Some(Service::Port(_)) => AddrInfoFlags::NUMERICSERV,
            _ => AddrInfoFlags::NONE,
        };
        (self.flags | numeric).to_c()
    }
}

/// The addresses of a host.
#[doc(alias = "ares_addrinfo")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AddrInfo {
    /// The canonical name: the last of the aliases, or the name that was asked for.
    ///
    /// From the hosts file it is canonical only with
    /// [`AddrInfoFlags::CANONNAME`], and otherwise the name that was asked for. `None` where
    /// no name was, and for a literal address without that flag.
    #[doc(alias = "ai_canonname")]
    pub name: Option<Name>,
    /// The addresses, best first (RFC 6724): those of the hosts file and of the DNS, unless
    /// [`AddrInfoFlags::NOSORT`] says otherwise. c-ares 1.34.9 gives one at least.
    pub addresses: Vec<Address>,
    /// The aliases that led from the name that was asked for to the canonical one.
    ///
    /// Each is there once, with the shorter TTL, even where the answers for IPv4 and IPv6
    /// both tell it. From the hosts file, with [`AddrInfoFlags::CANONNAME`], they are all that it
    /// has, a hundred at most.
    pub aliases: Vec<Alias>,
    /// How many times a server did not answer in time before this came.
    pub timeouts: usize,
}

impl AddrInfo {
    /// c-ares 1.34.9 takes an IPv4 address in place of a name where IPv6 alone is wanted
    /// (`ares_getaddrinfo.c:250`). Here that is what the opposite is.
    pub(crate) fn only(self, family: Family) -> Result<Self> {
        let other = |address: &Address| family == Family::V6 && address.address.is_ipv4();
        match self.addresses.iter().any(other) {
            true => Err(ErrorKind::BadName.into()),
            false => Ok(self),
        }
    }
}

/// One address of an [`AddrInfo`].
#[doc(alias = "ares_addrinfo_node")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Address {
    /// The address, its port 0 unless [`Hints`] had a service or a port.
    pub address: SocketAddr,
    /// The type of socket that [`Hints`] had.
    pub socket_type: SocketType,
    /// The protocol that [`Hints`] had.
    pub protocol: Protocol,
    /// For how long it may be cached, in seconds. 0 where it is not from the DNS.
    pub ttl: u32,
}

/// One step of an [`AddrInfo`] from a name to another.
#[doc(alias = "ares_addrinfo_cname")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Alias {
    /// The name that is an alias.
    pub alias: Name,
    /// The name that it stands for.
    pub canonical: Name,
    /// For how long this may be cached, in seconds. 0 where it is not from the DNS.
    pub ttl: u32,
}

/// What the hosts file says of a name: what
/// [`Channel::hosts_file`](crate::Channel::hosts_file) tells.
///
/// c-ares takes lines that share a name or an address for one, with the names and the addresses of all of
/// them, also for [`addrinfo`](crate::Channel::addrinfo) and [`nameinfo`](crate::Channel::nameinfo):
/// where `127.0.0.1 localhost me` and `192.0.2.1 me` stand, `localhost` has both addresses, and
/// both are named `localhost`.
#[doc(alias = "hostent")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct HostsEntry {
    /// The first name of the line, or of the first of several.
    pub name: Name,
    /// The other names of the line or lines, a hundred at most.
    pub aliases: Vec<Name>,
    /// The addresses, each once, IPv4 before IPv6, otherwise in the order of the file.
    pub addresses: Vec<IpAddr>,
}
