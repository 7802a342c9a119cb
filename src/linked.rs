//! Which c-ares this program runs on.

use std::fmt;

use crate::ffi::library;

/// A version of c-ares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number: `1` in 1.34.9.
    pub major: u16,
    /// The second number: `34` in 1.34.9.
    pub minor: u16,
    /// The third number: `9` in 1.34.9.
    pub patch: u16,
}

impl Version {
    pub(crate) const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Version {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// How the C library came into this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Linkage {
    /// Compiled from source by the feature `vendored` and linked statically.
    Vendored,
    /// An installed library, found through pkg-config.
    System,
}

/// What [`linked`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Linked {
    /// How the C library was linked when this crate was built.
    pub linkage: Linkage,
    /// The version this crate was built against, such as `1.34.9`.
    pub built: &'static str,
    /// The version that is loaded now. It differs from `built` only for a
    /// dynamic library that was exchanged since.
    pub loaded: Version,
}

/// Tells which c-ares this program was built against, and which one it runs on.
///
/// C: [`ares_version`](https://c-ares.org/docs/ares_version.html).
///
/// ```
/// let linked = c_ares::linked();
/// println!("c-ares {}, built against {}", linked.loaded, linked.built);
/// assert!(linked.loaded.major == 1 && linked.loaded.minor >= 34);
/// ```
#[doc(alias = "ares_version")]
pub fn linked() -> Linked {
    Linked {
        linkage: if env!("C_ARES_LINKAGE") == "vendored" {
            Linkage::Vendored
        } else {
            Linkage::System
        },
        built: env!("C_ARES_VERSION"),
        loaded: library::version(),
    }
}
