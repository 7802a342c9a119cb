//! Options of EDNS (RFC 6891), and the record that they stand in as `dig` writes it.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::HEXLOWER;

use super::field::Numbered;
use super::table::Opt;
use crate::code::OptionCode;
use crate::subnet::Subnet;

macro_rules! extended_errors {
    ($($constant:ident = $number:literal, $purpose:literal;)+) => {
        /// Why there is no answer, or no good one: the code of an [`EdnsOption::ExtendedError`]
        /// (RFC 8914).
        ///
        /// ```
        /// use c_ares::ExtendedErrorCode;
        ///
        /// assert_eq!(ExtendedErrorCode(22), ExtendedErrorCode::NO_REACHABLE_AUTHORITY);
        /// assert_eq!(ExtendedErrorCode(22).purpose(), Some("No Reachable Authority"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct ExtendedErrorCode(pub u16);

        impl ExtendedErrorCode {
            $(
                #[doc = concat!($purpose, " (", $number, ").")]
                pub const $constant: ExtendedErrorCode = ExtendedErrorCode($number);
            )+

            /// What the registry says that the code is for, if it is known.
            pub fn purpose(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($purpose),)+
                    _ => None,
                }
            }
        }
    };
}

impl fmt::Display for ExtendedErrorCode {
    /// Writes the number and its purpose as `dig` does: `22 (No Reachable Authority)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        match self.purpose() {
            Some(purpose) => write!(f, " ({purpose})"),
            None => Ok(()),
        }
    }
}

impl From<u16> for ExtendedErrorCode {
    fn from(number: u16) -> Self {
        ExtendedErrorCode(number)
    }
}

extended_errors! {
    OTHER = 0, "Other";
    UNSUPPORTED_DNSKEY_ALGORITHM = 1, "Unsupported DNSKEY Algorithm";
    UNSUPPORTED_DS_DIGEST_TYPE = 2, "Unsupported DS Digest Type";
    STALE_ANSWER = 3, "Stale Answer";
    FORGED_ANSWER = 4, "Forged Answer";
    DNSSEC_INDETERMINATE = 5, "DNSSEC Indeterminate";
    DNSSEC_BOGUS = 6, "DNSSEC Bogus";
    SIGNATURE_EXPIRED = 7, "Signature Expired";
    SIGNATURE_NOT_YET_VALID = 8, "Signature Not Yet Valid";
    DNSKEY_MISSING = 9, "DNSKEY Missing";
    RRSIGS_MISSING = 10, "RRSIGs Missing";
    NO_ZONE_KEY_BIT_SET = 11, "No Zone Key Bit Set";
    NSEC_MISSING = 12, "NSEC Missing";
    CACHED_ERROR = 13, "Cached Error";
    NOT_READY = 14, "Not Ready";
    BLOCKED = 15, "Blocked";
    CENSORED = 16, "Censored";
    FILTERED = 17, "Filtered";
    PROHIBITED = 18, "Prohibited";
    STALE_NXDOMAIN_ANSWER = 19, "Stale NXDOMAIN Answer";
    NOT_AUTHORITATIVE = 20, "Not Authoritative";
    NOT_SUPPORTED = 21, "Not Supported";
    NO_REACHABLE_AUTHORITY = 22, "No Reachable Authority";
    NETWORK_ERROR = 23, "Network Error";
    INVALID_DATA = 24, "Invalid Data";
    SIGNATURE_EXPIRED_BEFORE_VALID = 25, "Signature Expired before Valid";
    TOO_EARLY = 26, "Too Early";
    UNSUPPORTED_NSEC3_ITERATIONS_VALUE = 27, "Unsupported NSEC3 Iterations Value";
    UNABLE_TO_CONFORM_TO_POLICY = 28, "Unable to conform to policy";
    SYNTHESIZED = 29, "Synthesized";
}

/// An option of EDNS (RFC 6891): what a message says besides its records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum EdnsOption {
    /// Which of many servers this is; empty in a query, where it asks for it (RFC 5001).
    Nsid(#[cfg_attr(feature = "serde", serde(with = "crate::serialize"))] Vec<u8>),
    /// On whose behalf is asked, and for whom the answer is (RFC 7871).
    ClientSubnet {
        /// The network. On the wire the bits behind its prefix are 0.
        subnet: Subnet,
        /// How many bits the server went by; 0 in a query.
        scope: u8,
    },
    /// A DNS cookie (RFC 7873). c-ares adds its own to queries over UDP, and takes any off
    /// that go over TCP.
    Cookie {
        /// The part of who asks.
        #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
        client: [u8; 8],
        /// The part of the server: 8 to 32 bytes, or none yet.
        #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
        server: Vec<u8>,
    },
    /// For how long the server keeps an idle connection, in units of 100 milliseconds; absent
    /// in a query, where it asks for that (RFC 7828).
    TcpKeepalive(Option<u16>),
    /// So many bytes of nothing (RFC 7830).
    Padding(u16),
    /// Why there is no answer, or no good one (RFC 8914).
    ExtendedError {
        /// The reason.
        code: ExtendedErrorCode,
        /// More for a person, or empty.
        text: String,
    },
    /// An option without a structure here, or a value that is not what its code calls for.
    Other {
        /// What option it is.
        code: OptionCode,
        /// The value as it was on the wire.
        #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
        data: Vec<u8>,
    },
}

impl EdnsOption {
    /// The code of this option.
    pub fn code(&self) -> OptionCode {
        match self {
            EdnsOption::Nsid(_) => OptionCode::NSID,
            EdnsOption::ClientSubnet { .. } => OptionCode::ECS,
            EdnsOption::Cookie { .. } => OptionCode::COOKIE,
            EdnsOption::TcpKeepalive(_) => OptionCode::TCP_KEEPALIVE,
            EdnsOption::Padding(_) => OptionCode::PADDING,
            EdnsOption::ExtendedError { .. } => OptionCode::EDE,
            EdnsOption::Other { code, .. } => *code,
        }
    }
}

impl Numbered for EdnsOption {
    fn number(&self) -> u16 {
        self.code().0
    }

    fn read(number: u16, value: &[u8]) -> Self {
        let code = OptionCode(number);
        let known = match code {
            OptionCode::NSID => Some(EdnsOption::Nsid(value.to_vec())),
            OptionCode::ECS => read_subnet(value),
            OptionCode::COOKIE => read_cookie(value),
            OptionCode::TCP_KEEPALIVE => match value {
                [] => Some(EdnsOption::TcpKeepalive(None)),
                &[high, low] => Some(EdnsOption::TcpKeepalive(Some(u16::from_be_bytes([
                    high, low,
                ])))),
                _ => None,
            },
            OptionCode::PADDING => u16::try_from(value.len())
                .ok()
                .filter(|_| value.iter().all(|&byte| byte == 0))
                .map(EdnsOption::Padding),
            OptionCode::EDE => read_extended_error(value),
            _ => None,
        };
        known.unwrap_or_else(|| EdnsOption::Other {
            code,
            data: value.to_vec(),
        })
    }

    fn to_wire(&self) -> Result<Cow<'_, [u8]>, &'static str> {
        Ok(match self {
            EdnsOption::Nsid(id) => id.into(),
            EdnsOption::ClientSubnet { subnet, scope } => write_subnet(*subnet, *scope).into(),
            EdnsOption::Cookie { client, server } if is_server_cookie(server) => {
                [client, &server[..]].concat().into()
            }
            EdnsOption::Cookie { .. } => return Err("a server's cookie has 8 to 32 bytes"),
            EdnsOption::TcpKeepalive(None) => Cow::Borrowed(&[]),
            EdnsOption::TcpKeepalive(Some(time)) => time.to_be_bytes().to_vec().into(),
            EdnsOption::Padding(length) => vec![0; (*length).into()].into(),
            EdnsOption::ExtendedError { code, text } => {
                [&code.0.to_be_bytes(), text.as_bytes()].concat().into()
            }
            EdnsOption::Other { data, .. } => data.into(),
        })
    }
}

/// RFC 7871, 6: as many bytes of the address as the prefix needs, and no bit more.
fn read_subnet(value: &[u8]) -> Option<EdnsOption> {
    let (&[0, family, prefix, scope], bytes) = value.split_first_chunk()? else {
        return None;
    };
    let address = match family {
        1 => IpAddr::V4(Ipv4Addr::from(widened(bytes)?)),
        2 => IpAddr::V6(Ipv6Addr::from(widened(bytes)?)),
        _ => return None,
    };
    let subnet = Subnet::new(address, prefix).ok()?;
    (write_subnet(subnet, scope) == value).then_some(EdnsOption::ClientSubnet { subnet, scope })
}

/// The bytes with zeros behind them.
fn widened<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let mut all = [0; N];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(all)
}

fn write_subnet(subnet: Subnet, scope: u8) -> Vec<u8> {
    let (family, mut bytes) = match subnet.address() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    let prefix = subnet.prefix();
    bytes.truncate(usize::from(prefix).div_ceil(8));
    if let (Some(last), bits @ 1..) = (bytes.last_mut(), prefix % 8) {
        *last &= !(u8::MAX >> bits);
    }
    [&[0, family, prefix, scope], &bytes[..]].concat()
}

fn read_cookie(value: &[u8]) -> Option<EdnsOption> {
    let (client, server) = value.split_first_chunk()?;
    is_server_cookie(server).then(|| EdnsOption::Cookie {
        client: *client,
        server: server.to_vec(),
    })
}

/// RFC 7873, 4: none yet, or 8 to 32 bytes.
fn is_server_cookie(server: &[u8]) -> bool {
    matches!(server.len(), 0 | 8..=32)
}

fn read_extended_error(value: &[u8]) -> Option<EdnsOption> {
    let (code, text) = value.split_first_chunk()?;
    Some(EdnsOption::ExtendedError {
        code: ExtendedErrorCode(u16::from_be_bytes(*code)),
        text: str::from_utf8(text).ok()?.to_owned(),
    })
}

/// Writes a line of `dig`'s, without the line's end: `; CLIENT-SUBNET: 192.0.2.0/24/0`.
impl fmt::Display for EdnsOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EdnsOption::Nsid(id) => {
                f.write_str("; NSID")?;
                write_bytes(f, id)
            }
            EdnsOption::ClientSubnet { subnet, scope } => {
                write!(f, "; CLIENT-SUBNET: {subnet}/{scope}")
            }
            EdnsOption::Cookie { client, server } => {
                let (client, server) = (HEXLOWER.encode(client), HEXLOWER.encode(server));
                write!(f, "; COOKIE: {client}{server}")
            }
            EdnsOption::TcpKeepalive(None) => f.write_str("; TCP KEEPALIVE:"),
            EdnsOption::TcpKeepalive(Some(time)) => {
                write!(f, "; TCP KEEPALIVE: {}.{} secs", time / 10, time % 10)
            }
            EdnsOption::Padding(0) => f.write_str("; PAD:"),
            EdnsOption::Padding(length) => write!(f, "; PAD: ({length} bytes)"),
            EdnsOption::ExtendedError { code, text } => {
                write!(f, "; EDE: {code}")?;
                if !text.is_empty() {
                    let dots = |character: char| {
                        if character.is_control() {
                            '.'
                        } else {
                            character
                        }
                    };
                    write!(f, ": ({})", text.chars().map(dots).collect::<String>())?;
                }
                Ok(())
            }
            EdnsOption::Other { code, data } => {
                write!(f, "; OPT={}", code.0)?;
                write_bytes(f, data)
            }
        }
    }
}

/// Bytes one by one, and as text for who can read it: `: 67 70 ("gp")`.
fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str(":")?;
    if bytes.is_empty() {
        return Ok(());
    }
    bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))?;
    f.write_str(" (\"")?;
    for &byte in bytes {
        let shown = if matches!(byte, b' '..=b'~') {
            byte
        } else {
            b'.'
        };
        write!(f, "{}", char::from(shown))?;
    }
    f.write_str("\")")
}

/// Writes what `dig` writes below `;; OPT PSEUDOSECTION:`.
pub(super) fn write_dig(f: &mut fmt::Formatter<'_>, opt: &Opt) -> fmt::Result {
    write!(f, "; EDNS: version: {}, flags:", opt.version)?;
    if opt.flags & Opt::DNSSEC_OK != 0 {
        f.write_str(" do")?;
    }
    f.write_str(";")?;
    match opt.flags & !Opt::DNSSEC_OK {
        0 => {}
        unknown => write!(f, " MBZ: 0x{unknown:04x},")?,
    }
    write!(f, " udp: {}", opt.udp_size)?;
    opt.options
        .iter()
        .try_for_each(|option| write!(f, "\n{option}"))
}
