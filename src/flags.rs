//! Sets of flags, one table each.

use std::ffi::c_int;
use std::fmt;
use std::ops::{BitOr, BitOrAssign};
use std::str::FromStr;

use c_ares_sys as sys;

use crate::code::UnknownCode;

macro_rules! flags {
    (
        $(#[$attribute:meta])*
        $set:ident:
        $($(#[doc = $doc:literal])+ $name:ident = $c:ident;)+
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $set(c_int);

        impl $set {
            /// No flag.
            pub const NONE: $set = $set(0);

            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nC: `", stringify!($c), "`.")]
                #[allow(clippy::unnecessary_cast)] // enums are not of one type on all systems
                pub const $name: $set = $set(sys::$c as c_int);
            )+

            pub(crate) const NAMES: &[($set, &str)] = &[$(($set::$name, stringify!($name))),+];

            /// Whether all of `other` are in this set.
            pub fn contains(self, other: $set) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl BitOr for $set {
            type Output = $set;

            fn bitor(self, other: $set) -> $set {
                $set(self.0 | other.0)
            }
        }

        impl BitOrAssign for $set {
            fn bitor_assign(&mut self, other: $set) {
                *self = *self | other;
            }
        }

        impl fmt::Debug for $set {
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
    };
}

flags! {
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
    Flags:
    /// Ask over TCP ("virtual circuit") always. Not together with
    /// [`Builder::udp_max_queries`](crate::Builder::udp_max_queries).
    USEVC = ARES_FLAG_USEVC;
    /// Ask only the first server. Not together with [`Builder::rotate`](crate::Builder::rotate) and
    /// [`Builder::server_failover`](crate::Builder::server_failover), which are for several.
    PRIMARY = ARES_FLAG_PRIMARY;
    /// Take a truncated answer as it is, rather than ask again over TCP.
    IGNTC = ARES_FLAG_IGNTC;
    /// Do not ask the server to recurse (RD is 0).
    NORECURSE = ARES_FLAG_NORECURSE;
    /// Keep sockets open when no query is under way.
    STAYOPEN = ARES_FLAG_STAYOPEN;
    /// Never try the search domains. Not together with [`Builder::domains`](crate::Builder::domains) and
    /// [`Builder::ndots`](crate::Builder::ndots).
    NOSEARCH = ARES_FLAG_NOSEARCH;
    /// Ignore the environment variable `HOSTALIASES`, which names a file of other names for those
    /// without a dot, for searches.
    NOALIASES = ARES_FLAG_NOALIASES;
    /// Take answers of SERVFAIL, NOTIMP and REFUSED as they are, rather than ask
    /// the next server.
    NOCHECKRESP = ARES_FLAG_NOCHECKRESP;
    /// Do not use EDNS (RFC 6891), and so no DNS cookies either (RFC 7873). Not together with
    /// [`Builder::edns_size`](crate::Builder::edns_size).
    NOEDNS = ARES_FLAG_EDNS;
    /// Do not ask 127.0.0.1 where no server is configured; making the channel
    /// then fails with [`ErrorKind::NoServer`](crate::ErrorKind::NoServer).
    NO_DFLT_SVR = ARES_FLAG_NO_DFLT_SVR;
    /// Mix the case of letters in queries over UDP, and insist on it in answers, against
    /// forged answers.
    DNS0X20 = ARES_FLAG_DNS0x20;
}

impl Flags {
    /// As C has them, where EDNS is a flag to be set.
    pub(crate) fn to_c(self) -> c_int {
        self.0 ^ sys::ARES_FLAG_EDNS
    }
}

flags! {
    /// A set of flags of [`Channel::addrinfo`](crate::Channel::addrinfo), for
    /// [`Hints::flags`](crate::Hints::flags).
    ///
    /// These are the flags that c-ares acts upon. It declares more than that
    /// (`ARES_AI_NUMERICHOST`, `_V4MAPPED`, `_ALL`, `_ADDRCONFIG` and those for
    /// IDN) and never looks at them, so they are not here.
    AddrInfoFlags:
    /// Tell the canonical name also where the hosts file has the answer, and the
    /// aliases that the file has for it, a hundred at most. For a literal address
    /// the name is the address. An answer of the DNS tells these always.
    CANONNAME = ARES_AI_CANONNAME;
    /// Tell the addresses to bind to, `0.0.0.0` and `::`, rather than those to connect
    /// to. Only [`addrinfo_local`](crate::Channel::addrinfo_local) looks at it.
    PASSIVE = ARES_AI_PASSIVE;
    /// Take the service for a number; a name fails with
    /// [`ErrorKind::Service`](crate::ErrorKind::Service).
    NUMERICSERV = ARES_AI_NUMERICSERV;
    /// Do not sort the addresses, which takes a UDP socket for each, connected but
    /// never sent on, to find out from where it would be reached.
    NOSORT = ARES_AI_NOSORT;
    /// Read the hosts file that the environment variable `CARES_HOSTS` names, instead
    /// of the channel's. Where the variable is not set, no hosts file is read, and even
    /// `localhost` is not known.
    ENVHOSTS = ARES_AI_ENVHOSTS;
}

impl AddrInfoFlags {
    pub(crate) fn to_c(self) -> c_int {
        self.0
    }
}

flags! {
    /// A set of flags of [`Channel::nameinfo`](crate::Channel::nameinfo).
    ///
    /// With neither [`LOOKUPHOST`](Self::LOOKUPHOST) nor
    /// [`LOOKUPSERVICE`](Self::LOOKUPSERVICE) the host is looked up. A service is
    /// one of TCP unless [`UDP`](Self::UDP), [`SCTP`](Self::SCTP) or
    /// [`DCCP`](Self::DCCP) is set; of several the first in this order counts.
    ///
    /// c-ares declares flags for IDN besides, and never looks at them, so they are not
    /// here.
    NameInfoFlags:
    /// Leave out the domain of a host that is in the same domain as this machine.
    NOFQDN = ARES_NI_NOFQDN;
    /// Write the address, and do not ask for the name.
    NUMERICHOST = ARES_NI_NUMERICHOST;
    /// Fail with [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where the address has no
    /// name, rather than write the address.
    NAMEREQD = ARES_NI_NAMEREQD;
    /// Write the port, and do not look up the name of the service.
    NUMERICSERV = ARES_NI_NUMERICSERV;
    /// The service is one of UDP. (`ARES_NI_DGRAM` is the same.)
    UDP = ARES_NI_UDP;
    /// The service is one of SCTP.
    SCTP = ARES_NI_SCTP;
    /// The service is one of DCCP.
    DCCP = ARES_NI_DCCP;
    /// Write the scope of a link-local address, multicast or not, as a number, not as the name of the
    /// interface.
    NUMERICSCOPE = ARES_NI_NUMERICSCOPE;
    /// Look up the host.
    LOOKUPHOST = ARES_NI_LOOKUPHOST;
    /// Look up the service.
    LOOKUPSERVICE = ARES_NI_LOOKUPSERVICE;
}

impl NameInfoFlags {
    pub(crate) fn to_c(self) -> c_int {
        self.0
    }
}

flags! {
    /// A set of flags in the header of a [`Message`](crate::Message) (RFC 1035, RFC 4035).
    ///
    /// ```
    /// use c_ares::HeaderFlags;
    ///
    /// let flags = HeaderFlags::QR | HeaderFlags::RD;
    /// assert_eq!(flags.to_string(), "qr rd");
    /// assert_eq!(flags.without(HeaderFlags::RD), HeaderFlags::QR);
    /// ```
    HeaderFlags:
    /// It is a response, and not a query.
    QR = ARES_FLAG_QR;
    /// The server is authoritative.
    AA = ARES_FLAG_AA;
    /// The response is cut off; over TCP there is more.
    TC = ARES_FLAG_TC;
    /// The server is asked to recurse.
    RD = ARES_FLAG_RD;
    /// The server can recurse.
    RA = ARES_FLAG_RA;
    /// The server has verified the data with DNSSEC; in a query: it should tell this.
    AD = ARES_FLAG_AD;
    /// The server need not verify the data with DNSSEC.
    CD = ARES_FLAG_CD;
}

impl HeaderFlags {
    /// These without those of `other`.
    #[must_use]
    pub fn without(self, other: HeaderFlags) -> HeaderFlags {
        HeaderFlags(self.0 & !other.0)
    }

    pub(crate) fn from_bits(bits: u16) -> Self {
        HeaderFlags(bits.into())
    }

    /// `None` if there is a bit that is no flag.
    #[cfg(feature = "serde")]
    pub(crate) fn checked(bits: u16) -> Option<Self> {
        let known = Self::NAMES
            .iter()
            .fold(0, |all, (flag, _)| all | flag.bits());
        (bits & !known == 0).then(|| Self::from_bits(bits))
    }

    pub(crate) fn bits(self) -> u16 {
        // Of seven bits all fit.
        self.0 as u16
    }
}

impl fmt::Display for HeaderFlags {
    /// Writes them as `dig` does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Self::NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        for (position, (_, name)) in set.enumerate() {
            let space = if position > 0 { " " } else { "" };
            write!(f, "{space}{}", name.to_lowercase())?;
        }
        Ok(())
    }
}

impl FromStr for HeaderFlags {
    type Err = UnknownCode;

    /// Reads names with white space between them, in any case; of no name the empty set.
    ///
    /// # Errors
    ///
    /// [`UnknownCode`] with the first name that is none.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let mut flags = HeaderFlags::NONE;
        for name in text.split_whitespace() {
            let known = Self::NAMES
                .iter()
                .find(|(_, known)| known.eq_ignore_ascii_case(name));
            let (flag, _) = known.ok_or_else(|| UnknownCode {
                what: "flag of a header",
                expected: "QR, AA, TC, RD, RA, AD or CD".into(),
                text: name.to_owned(),
            })?;
            flags |= *flag;
        }
        Ok(flags)
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
    fn flags_of_a_header_are_read_as_they_are_written() {
        for text in ["", "qr", "qr aa tc rd ra ad cd"] {
            assert_eq!(text.parse::<HeaderFlags>().unwrap().to_string(), text);
        }
        let both = HeaderFlags::QR | HeaderFlags::RD;
        assert_eq!(" RD\tqr ".parse(), Ok(both));
        let error = "qr z".parse::<HeaderFlags>().unwrap_err();
        assert!(error.to_string().contains("\"z\""), "{error}");
    }

    #[test]
    fn each_flag_is_a_bit_of_its_own() {
        let bits = |flags: &[c_int]| flags.iter().fold(0, |all, flag| all | flag).count_ones();
        let channel: Vec<c_int> = Flags::NAMES.iter().map(|(flag, _)| flag.0).collect();
        let addrinfo: Vec<c_int> = AddrInfoFlags::NAMES
            .iter()
            .map(|(flag, _)| flag.0)
            .collect();
        let nameinfo: Vec<c_int> = NameInfoFlags::NAMES
            .iter()
            .map(|(flag, _)| flag.0)
            .collect();
        let header: Vec<c_int> = HeaderFlags::NAMES.iter().map(|(flag, _)| flag.0).collect();
        for (set, count) in [(channel, 11), (addrinfo, 5), (nameinfo, 10), (header, 7)] {
            assert_eq!(set.len(), count);
            assert_eq!(bits(&set), u32::try_from(count).unwrap());
        }
    }
}
