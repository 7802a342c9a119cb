//! Addresses of a host: what [`Channel::addrinfo`](crate::Channel::addrinfo) asks and tells.

use std::ffi::c_int;
use std::net::SocketAddr;

use crate::ffi::platform;
use crate::name::Name;

/// Which addresses are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// IPv4 and IPv6, sorted as RFC 6724 says.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
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

/// What is wanted of [`Channel::addrinfo`](crate::Channel::addrinfo).
///
/// ```
/// use c_ares::{Family, Hints};
///
/// let hints = Hints::new().family(Family::V4);
/// ```
#[doc(alias = "ares_addrinfo_hints")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    pub(crate) family: Family,
}

impl Hints {
    /// Any address.
    pub fn new() -> Self {
        Hints::default()
    }

    /// Only addresses of one family.
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }
}

/// The addresses of a host.
#[doc(alias = "ares_addrinfo")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddrInfo {
    /// The canonical name, where c-ares has one to tell.
    pub name: Option<Name>,
    /// The addresses, best first. May be empty.
    pub addresses: Vec<Address>,
    /// The aliases that led from the name that was asked for to the canonical one.
    pub aliases: Vec<Alias>,
    /// How many times a server did not answer in time before this came.
    pub timeouts: usize,
}

/// One address of an [`AddrInfo`].
#[doc(alias = "ares_addrinfo_node")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// The address, its port 0 unless a service was asked for.
    pub address: SocketAddr,
    /// For how long it may be cached, in seconds.
    pub ttl: u32,
}

/// One step of an [`AddrInfo`] from a name to another.
#[doc(alias = "ares_addrinfo_cname")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// The name that is an alias.
    pub alias: Name,
    /// The name that it stands for.
    pub canonical: Name,
    /// For how long this may be cached, in seconds.
    pub ttl: u32,
}
