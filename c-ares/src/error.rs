//! The one error: text for whoever reads the output of a failed build.

use std::fmt;

/// Why the library could not be built: what was tried, what went wrong, and what to do.
///
/// The text has several lines; [`Build::compile`](crate::Build::compile) hands them to cargo.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// An operation on a file or folder failed.
    pub(crate) fn io(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self(format!("could not {what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
