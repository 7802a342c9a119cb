//! The numbers of the binary interface, which name the shared library.

use std::fmt;
use std::path::Path;

use crate::Error;

/// The version of the binary interface, as libtool counts it: it has nothing to
/// do with the [`Version`](crate::Version) of the release.
///
/// Shown as the end of the shared library's file name, `2.19.8` for c-ares 1.34.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The number of the newest interface.
    pub current: u32,
    /// How often that one was released anew.
    pub revision: u32,
    /// How many interfaces before it are still served.
    pub age: u32,
}

impl Interface {
    /// Reads the numbers of the tree at `root` from its `CMakeLists.txt`.
    pub(crate) fn of_tree(root: &Path) -> Result<Self, Error> {
        let path = root.join("CMakeLists.txt");
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io("read", &path, &e))?;
        text.lines().find_map(Self::of_line).ok_or_else(|| {
            Error::new(format!(
                "{} does not set CARES_LIB_VERSIONINFO to current:revision:age",
                path.display()
            ))
        })
    }

    fn of_line(line: &str) -> Option<Self> {
        let (before, after) = line.split_once("CARES_LIB_VERSIONINFO")?;
        if !before.trim().to_ascii_uppercase().starts_with("SET") {
            return None;
        }
        let mut numbers = after.split('"').nth(1)?.split(':').map(str::parse);
        let mut next = || numbers.next()?.ok();
        let (current, revision, age) = (next()?, next()?, next()?);
        (age <= current).then_some(Self {
            current,
            revision,
            age,
        })
    }

    /// The oldest interface that is served: the number in the soname.
    pub fn oldest(&self) -> u32 {
        self.current - self.age
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.oldest(), self.age, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::Interface;

    #[test]
    fn the_numbers_are_read_as_libtool_means_them() {
        let of = |text: &str| text.lines().find_map(Interface::of_line);
        let text = "# CARES_LIB_VERSIONINFO \"1:2:0\" is\nSET (CARES_LIB_VERSIONINFO \"21:8:19\")\n\
                    STRING (REPLACE \":\" \";\" CARES_LIB_VERSIONINFO ${CARES_LIB_VERSIONINFO})";
        let interface = of(text).unwrap();
        assert_eq!((interface.oldest(), interface.revision), (2, 8));
        assert_eq!(interface.to_string(), "2.19.8");
        for broken in ["21:8", "", "1:2:3", "a:b:c"] {
            let text = format!("set(CARES_LIB_VERSIONINFO \"{broken}\")");
            assert_eq!(of(&text), None, "{broken}");
        }
    }
}
