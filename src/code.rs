//! Numbers of the DNS that have names: open newtypes, one table each.
//!
//! Any number is a value. The names are those of the IANA registries, and
//! what has none is written as RFC 3597 says: `TYPE65280`, `CLASS42`.

use std::borrow::Cow;
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
            ///
            /// # Errors
            ///
            /// [`UnknownCode`] with the text and what was expected.
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
            expected: match prefix {
                "" => "its name, or its number".into(),
                prefix => format!("its name, or {prefix} and its number").into(),
            },
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnknownCode {
    pub(crate) what: &'static str,
    pub(crate) expected: Cow<'static, str>,
    pub(crate) text: String,
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownCode {
            what,
            expected,
            text,
        } = self;
        write!(f, "unknown {what} {text:?}: give {expected}")
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

codes! {
    /// What kind of request a message is (RFC 1035). c-ares knows these and no other.
    Opcode, "OPCODE", "opcode":
    QUERY = 0, "a query";
    IQUERY = 1, "an inverse query (obsolete)";
    STATUS = 2, "the status of a server";
    NOTIFY = 4, "a zone has changed (RFC 1996)";
    UPDATE = 5, "an update of a zone (RFC 2136)";
}

codes! {
    /// How a request fared, with the bits that EDNS adds (RFC 6891).
    ///
    /// c-ares knows these, and reads every other as [`Rcode::SERVFAIL`].
    Rcode, "RCODE", "rcode":
    NOERROR = 0, "no error";
    FORMERR = 1, "the server could not read the query";
    SERVFAIL = 2, "the server failed";
    NXDOMAIN = 3, "no such name";
    NOTIMP = 4, "the server does not know this kind of query";
    REFUSED = 5, "the server refuses to answer";
    YXDOMAIN = 6, "a name exists that should not (RFC 2136)";
    YXRRSET = 7, "an RRset exists that should not (RFC 2136)";
    NXRRSET = 8, "an RRset does not exist that should (RFC 2136)";
    NOTAUTH = 9, "the server is not authoritative (RFC 2136)";
    NOTZONE = 10, "a name is not within the zone (RFC 2136)";
    DSOTYPENI = 11, "the type of DSO is not implemented (RFC 8490)";
    BADVERS = 16, "an unknown version of EDNS (RFC 6891), or a bad signature (RFC 8945)";
    BADKEY = 17, "the key is not known (RFC 8945)";
    BADTIME = 18, "the signature is out of time (RFC 8945)";
    BADMODE = 19, "a bad mode of TKEY (RFC 2930)";
    BADNAME = 20, "the name of a key exists already (RFC 2930)";
    BADALG = 21, "the algorithm is not supported (RFC 2930)";
    BADTRUNC = 22, "a bad truncation (RFC 8945)";
    BADCOOKIE = 23, "a bad or missing server cookie (RFC 7873)";
}

codes! {
    /// What an option of EDNS is about, as [`EdnsOption::code`](crate::EdnsOption::code) tells it.
    OptionCode, "OPT", "option of EDNS":
    LLQ = 1, "long-lived queries (RFC 8764)";
    UL = 2, "the lease of an update";
    NSID = 3, "the identifier of the server (RFC 5001)";
    DAU = 5, "algorithms of DNSSEC that are understood (RFC 6975)";
    DHU = 6, "hashes of DS that are understood (RFC 6975)";
    N3U = 7, "hashes of NSEC3 that are understood (RFC 6975)";
    ECS = 8, "the subnet of the client (RFC 7871)";
    EXPIRE = 9, "when the zone expires (RFC 7314)";
    COOKIE = 10, "a DNS cookie (RFC 7873)";
    TCP_KEEPALIVE = 11, "how long a connection is kept (RFC 7828)";
    PADDING = 12, "nothing, to hide the length (RFC 7830)";
    CHAIN = 13, "the chain of trust (RFC 7901)";
    KEY_TAG = 14, "the trust anchors that are known (RFC 8145)";
    EDE = 15, "an extended error (RFC 8914)";
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! read_back {
        ($($name:ident),+) => {
            $(
                for (number, name) in $name::NAMES {
                    assert_eq!(name.parse(), Ok($name(*number)));
                    assert_eq!($name(*number).to_string(), *name);
                    assert_eq!(name.to_lowercase().parse(), Ok($name(*number)));
                }
                for number in [0, 3, 1234, 65535] {
                    let code = $name(number);
                    assert_eq!(code.to_string().parse(), Ok(code));
                }
            )+
        };
    }

    #[test]
    fn every_name_reads_back() {
        read_back!(RecordType, Class, Opcode, Rcode, OptionCode);
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
