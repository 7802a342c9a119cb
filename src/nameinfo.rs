//! Names of addresses: what [`Channel::nameinfo`](crate::Channel::nameinfo) tells.

/// The name of a host and of a service.
///
/// Both are text to show to people. Nearly always it is ASCII; but the names of
/// services and of network interfaces are whatever this system calls them, and what is
/// not UTF-8 in them is replaced by U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NameInfo {
    /// The host's name, without a dot at the end, or its address. `None` if only the
    /// service was asked for.
    pub host: Option<String>,
    /// The service's name, or its port. `None` if it was not asked for, and for port 0.
    pub service: Option<String>,
    /// How many times a server did not answer in time before this came.
    pub timeouts: usize,
}
