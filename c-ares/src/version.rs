//! The version of a c-ares tree, and which versions we build.

use std::fmt;
use std::path::Path;

use crate::Error;

/// A version of c-ares, ordered as versions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Changes with incompatible releases.
    pub major: u32,
    /// Changes with new functions.
    pub minor: u32,
    /// Changes with fixes.
    pub patch: u32,
}

impl Version {
    /// The release that the bindings are made for. An older one is refused: it
    /// has memory errors that safe code can reach.
    pub const SUPPORTED: Self = Self {
        major: 1,
        minor: 34,
        patch: 9,
    };

    /// Reads the version of the tree at `root` from its `include/ares_version.h`.
    pub(crate) fn of_tree(root: &Path) -> Result<Self, Error> {
        let header = root.join("include/ares_version.h");
        let text = std::fs::read_to_string(&header).map_err(|e| Error::io("read", &header, &e))?;
        let number = |name: &str| {
            text.lines()
                .find_map(|line| {
                    let mut words = line.split_whitespace();
                    (words.next() == Some("#define") && words.next() == Some(name))
                        .then(|| words.next()?.parse().ok())?
                })
                .ok_or_else(|| Error::new(format!("{} has no {name}", header.display())))
        };
        Ok(Self {
            major: number("ARES_VERSION_MAJOR")?,
            minor: number("ARES_VERSION_MINOR")?,
            patch: number("ARES_VERSION_PATCH")?,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
