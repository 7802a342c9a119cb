//! Flags that change how a channel asks.

use std::ffi::c_int;
use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use c_ares_sys as sys;

macro_rules! flags {
    ($($(#[doc = $doc:literal])+ $name:ident = $c:ident;)+) => {
        impl Flags {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nC: `", stringify!($c), "`.")]
                pub const $name: Flags = Flags(sys::$c);
            )+

            const NAMES: &[(Flags, &str)] = &[$((Flags::$name, stringify!($name))),+];
        }
    };
}

/// A set of flags of a channel, for [`Builder::flags`](crate::Builder::flags).
///
/// Each changes something from its default, so that the empty set is what c-ares
/// does by itself. They have c-ares' names, but for [`Flags::NOEDNS`]: c-ares has a
/// flag that turns EDNS on, and forgets it (and DNS cookies with it) as soon as any
/// other flag is set.
///
/// ```
/// use c_ares::Flags;
///
/// let flags = Flags::USEVC | Flags::STAYOPEN;
/// assert!(flags.contains(Flags::USEVC));
/// assert_eq!(format!("{flags:?}"), "USEVC | STAYOPEN");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(c_int);

flags! {
    /// Ask over TCP ("virtual circuit") always.
    USEVC = ARES_FLAG_USEVC;
    /// Ask only the first server.
    PRIMARY = ARES_FLAG_PRIMARY;
    /// Take a truncated answer as it is, rather than ask again over TCP.
    IGNTC = ARES_FLAG_IGNTC;
    /// Do not ask the server to recurse (RD is 0).
    NORECURSE = ARES_FLAG_NORECURSE;
    /// Keep sockets open when no query is under way.
    STAYOPEN = ARES_FLAG_STAYOPEN;
    /// Never try the search domains.
    NOSEARCH = ARES_FLAG_NOSEARCH;
    /// Ignore the environment variable `HOSTALIASES`.
    NOALIASES = ARES_FLAG_NOALIASES;
    /// Take answers of SERVFAIL, NOTIMP and REFUSED as they are, rather than ask
    /// the next server.
    NOCHECKRESP = ARES_FLAG_NOCHECKRESP;
    /// Do not use EDNS (RFC 6891), and so no DNS cookies either (RFC 7873).
    NOEDNS = ARES_FLAG_EDNS;
    /// Do not ask 127.0.0.1 where no server is configured; making the channel
    /// then fails with [`Error::NoServer`](crate::Error::NoServer).
    NO_DFLT_SVR = ARES_FLAG_NO_DFLT_SVR;
    /// Mix the case of letters in queries, and insist on it in answers, against
    /// forged answers.
    DNS0X20 = ARES_FLAG_DNS0x20;
}

impl Flags {
    /// No flag: c-ares' defaults.
    pub const NONE: Flags = Flags(0);

    /// Whether all of `other` are in this set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// As C has them, where EDNS is a flag to be set.
    pub(crate) fn to_c(self) -> c_int {
        self.0 ^ sys::ARES_FLAG_EDNS
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        *self = *self | other;
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Self::NAMES
            .iter()
            .filter(|(flag, _)| self.contains(*flag))
            .map(|(_, name)| *name)
            .collect();
        f.write_str(if names.is_empty() { "NONE" } else { "" })?;
        f.write_str(&names.join(" | "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edns_stays_on_unless_it_is_taken_off() {
        assert_eq!(Flags::NONE.to_c(), sys::ARES_FLAG_EDNS);
        assert_eq!(
            Flags::USEVC.to_c(),
            sys::ARES_FLAG_USEVC | sys::ARES_FLAG_EDNS
        );
        assert_eq!((Flags::USEVC | Flags::NOEDNS).to_c(), sys::ARES_FLAG_USEVC);
    }

    #[test]
    fn the_flags_are_eleven_different_bits() {
        let all = Flags::NAMES.iter().fold(0, |bits, (flag, _)| bits | flag.0);
        assert_eq!(Flags::NAMES.len(), 11);
        assert_eq!(all.count_ones(), 11);
    }
}
