//! Sockets of a driven channel, as its user's event loop sees them.

use std::fmt;

pub use crate::ffi::socket::{NewSocket, RawSocket, Ready, Socket};

/// What a socket is watched for, or ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interest {
    /// Data to read, or the end of the connection, or an error (which some systems
    /// report as neither, and which counts as this).
    pub readable: bool,
    /// Room to write, or a connection made or failed.
    pub writable: bool,
}

impl Interest {
    /// Nothing: the socket is about to be closed, or the server has ended the connection.
    pub const NONE: Interest = Interest {
        readable: false,
        writable: false,
    };
    /// Reading alone.
    pub const READABLE: Interest = Interest {
        readable: true,
        writable: false,
    };
    /// Writing alone.
    pub const WRITABLE: Interest = Interest {
        readable: false,
        writable: true,
    };

    /// Whether this is [`Interest::NONE`].
    pub fn is_none(self) -> bool {
        self == Interest::NONE
    }
}

impl fmt::Display for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.readable, self.writable) {
            (false, false) => "nothing",
            (true, false) => "reading",
            (false, true) => "writing",
            (true, true) => "reading and writing",
        })
    }
}
