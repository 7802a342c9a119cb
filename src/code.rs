//! Numbers of the DNS that have names: open newtypes, one table each.
//!
//! Any number is a value. The names are those of the IANA registries, and
//! what has none is written as RFC 3597 says: `TYPE65280`, `CLASS42`.

use std::fmt;
use std::str::FromStr;

macro_rules! codes {
    (
        $(#[$attribute:meta])*
        $name:ident, $prefix:literal, $what:literal:
        $($constant:ident = $number:literal $(, $doc:literal)?;)+
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            $(
                #[doc = concat!("`", stringify!($constant), "` (", $number, ")" $(, ": ", $doc)?, ".")]
                pub const $constant: $name = $name($number);
            )+

            const NAMES: &[(u16, &str)] = &[$(($number, stringify!($constant))),+];

            /// The registered name of this number, if it is known.
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES
                    .iter()
                    .find(|(number, _)| *number == self.0)
                    .map(|(_, name)| *name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!($prefix, "{}"), self.0)),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl From<u16> for $name {
            fn from(number: u16) -> Self {
                $name(number)
            }
        }

        impl From<$name> for u16 {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            /// Reads a registered name, or the RFC 3597 form, in any case.
            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                read(text, Self::NAMES, $what, $prefix).map($name)
            }
        }
    };
}

/// The number of a name, or the one in `PREFIX123`.
pub(crate) fn read<N: Copy + FromStr>(
    text: &str,
    names: &[(N, &str)],
    what: &'static str,
    prefix: &'static str,
) -> Result<N, UnknownCode> {
    names
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(text))
        .map(|(number, _)| *number)
        .or_else(|| generic(text, prefix))
        .ok_or_else(|| UnknownCode {
            what,
            prefix,
            text: text.to_owned(),
        })
}

/// The number in `PREFIX123`.
fn generic<N: FromStr>(text: &str, prefix: &str) -> Option<N> {
    let (head, digits) = text.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(prefix) || digits.starts_with('+') {
        return None;
    }
    digits.parse().ok()
}

/// A text names no record type, class, or other number of the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    what: &'static str,
    prefix: &'static str,
    text: String,
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownCode { what, prefix, text } = self;
        write!(f, "unknown {what} {text:?}: give its name, or ")?;
        match *prefix {
            "" => f.write_str("its number"),
            prefix => write!(f, "{prefix} and its number"),
        }
    }
}

impl std::error::Error for UnknownCode {}

codes! {
    /// A record type, such as `MX`: what kind of data a record holds.
    ///
    /// ```
    /// use c_ares::RecordType;
    ///
    /// assert_eq!(RecordType::MX.to_string(), "MX");
    /// assert_eq!("type65280".parse(), Ok(RecordType(65280)));
    /// assert!("MXX".parse::<RecordType>().is_err());
    /// ```
    RecordType, "TYPE", "record type":
    A = 1, "an IPv4 address";
    NS = 2, "an authoritative server";
    CNAME = 5, "a canonical name";
    SOA = 6, "the start of a zone of authority";
    PTR = 12, "a domain name pointer";
    HINFO = 13, "host information";
    MX = 15, "a mail exchange";
    TXT = 16, "text strings";
    RP = 17, "the responsible person";
    AFSDB = 18, "an AFS database";
    SIG = 24, "a signature (RFC 2535)";
    KEY = 25, "a key (RFC 2535)";
    AAAA = 28, "an IPv6 address";
    LOC = 29, "a location";
    SRV = 33, "the location of a service";
    NAPTR = 35, "a naming authority pointer";
    CERT = 37, "a certificate";
    DNAME = 39, "the redirection of a subtree";
    OPT = 41, "the EDNS pseudo-record";
    DS = 43, "a delegation signer";
    SSHFP = 44, "an SSH key fingerprint";
    RRSIG = 46, "a DNSSEC signature";
    NSEC = 47, "the next name";
    DNSKEY = 48, "a DNSSEC key";
    NSEC3 = 50, "the next hashed name";
    NSEC3PARAM = 51, "parameters of NSEC3";
    TLSA = 52, "a TLS certificate association";
    SMIMEA = 53, "an S/MIME certificate association";
    CDS = 59, "a child's DS";
    CDNSKEY = 60, "a child's DNSKEY";
    OPENPGPKEY = 61, "an OpenPGP key";
    CSYNC = 62, "child to parent synchronisation";
    ZONEMD = 63, "a digest of a zone";
    SVCB = 64, "a service binding";
    HTTPS = 65, "a service binding for HTTPS";
    SPF = 99, "a sender policy (obsolete)";
    EUI48 = 108, "an EUI-48 address";
    EUI64 = 109, "an EUI-64 address";
    ANY = 255, "any type (queries only)";
    URI = 256, "a URI";
    CAA = 257, "who may issue certificates";
}

codes! {
    /// A class of the DNS. Nearly everything is [`Class::IN`].
    Class, "CLASS", "class":
    IN = 1, "the Internet";
    CH = 3, "Chaos";
    HS = 4, "Hesiod";
    NONE = 254, "none (RFC 2136)";
    ANY = 255, "any class (queries only)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for (number, name) in RecordType::NAMES {
            assert_eq!(name.parse(), Ok(RecordType(*number)));
            assert_eq!(RecordType(*number).to_string(), *name);
            assert_eq!(name.to_lowercase().parse(), Ok(RecordType(*number)));
        }
        for number in [0, 3, 1234, 65535] {
            let code = RecordType(number);
            assert_eq!(code.to_string().parse(), Ok(code));
        }
    }

    #[test]
    fn what_is_no_code_is_named() {
        for text in [
            "",
            "TYPE",
            "TYPE65536",
            "TYPE+1",
            "TYPE-1",
            "TYPÉ1",
            "MXX",
            "é",
        ] {
            let error = text.parse::<RecordType>().unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }
}
