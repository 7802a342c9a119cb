//! Parameters of SVCB and HTTPS records (RFC 9460).

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use data_encoding::BASE64;

use super::field::{Numbered, Zone, escape, quoted};

macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $constant:ident = $number:literal, $name:literal;)+) => {
        /// The key of a [`SvcParam`].
        ///
        /// `Display` writes its name, or `key` and its number where it has none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct SvcKey(pub u16);

        impl SvcKey {
            $($(#[doc = $doc])+ pub const $constant: SvcKey = SvcKey($number);)+

            const NAMES: &[(u16, &str)] = &[$(($number, $name)),+];
        }
    };
}

keys! {
    /// Keys that a client must know to use the record.
    MANDATORY = 0, "mandatory";
    /// Protocols.
    ALPN = 1, "alpn";
    /// The default protocol is not among them.
    NO_DEFAULT_ALPN = 2, "no-default-alpn";
    /// The port.
    PORT = 3, "port";
    /// IPv4 addresses.
    IPV4HINT = 4, "ipv4hint";
    /// Encrypted ClientHello.
    ECH = 5, "ech";
    /// IPv6 addresses.
    IPV6HINT = 6, "ipv6hint";
}

impl fmt::Display for SvcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "key{}", self.0),
        }
    }
}

impl From<u16> for SvcKey {
    fn from(number: u16) -> Self {
        SvcKey(number)
    }
}

impl FromStr for SvcKey {
    type Err = crate::UnknownCode;

    /// Reads a name, or `key` and a number, in any case.
    ///
    /// # Errors
    ///
    /// [`UnknownCode`](crate::UnknownCode) with the text and what was expected.
    fn from_str(text: &str) -> Result<Self, crate::UnknownCode> {
        crate::code::read(text, Self::NAMES, "SVCB key", "key").map(SvcKey)
    }
}

/// A parameter of an SVCB or HTTPS record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SvcParam {
    /// The keys that a client must know to use the record.
    Mandatory(Vec<SvcKey>),
    /// The protocols besides the default one, by their ALPN ids.
    Alpn(#[cfg_attr(feature = "serde", serde(with = "crate::serialize"))] Vec<Vec<u8>>),
    /// The default protocol is not supported.
    NoDefaultAlpn,
    /// The port.
    Port(u16),
    /// IPv4 addresses to try before the target's own are known.
    #[cfg_attr(feature = "serde", serde(rename = "ipv4hint"))]
    Ipv4Hint(Vec<Ipv4Addr>),
    /// The configuration of Encrypted ClientHello.
    Ech(#[cfg_attr(feature = "serde", serde(with = "crate::serialize"))] Vec<u8>),
    /// IPv6 addresses to try before the target's own are known.
    #[cfg_attr(feature = "serde", serde(rename = "ipv6hint"))]
    Ipv6Hint(Vec<Ipv6Addr>),
    /// A key without a structure here, or a value that is not what its key calls for.
    Other {
        /// The key.
        key: SvcKey,
        /// The value as it was on the wire.
        #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
        value: Vec<u8>,
    },
}

impl SvcParam {
    /// The key of this parameter.
    pub fn key(&self) -> SvcKey {
        match self {
            SvcParam::Mandatory(_) => SvcKey::MANDATORY,
            SvcParam::Alpn(_) => SvcKey::ALPN,
            SvcParam::NoDefaultAlpn => SvcKey::NO_DEFAULT_ALPN,
            SvcParam::Port(_) => SvcKey::PORT,
            SvcParam::Ipv4Hint(_) => SvcKey::IPV4HINT,
            SvcParam::Ech(_) => SvcKey::ECH,
            SvcParam::Ipv6Hint(_) => SvcKey::IPV6HINT,
            SvcParam::Other { key, .. } => *key,
        }
    }
}

impl Numbered for SvcParam {
    fn number(&self) -> u16 {
        self.key().0
    }

    fn read(key: u16, value: &[u8]) -> Self {
        let key = SvcKey(key);
        let known = match key {
            SvcKey::MANDATORY => items(value).map(|keys| {
                SvcParam::Mandatory(keys.map(u16::from_be_bytes).map(SvcKey).collect())
            }),
            SvcKey::ALPN => strings(value).map(SvcParam::Alpn),
            SvcKey::NO_DEFAULT_ALPN => value.is_empty().then_some(SvcParam::NoDefaultAlpn),
            SvcKey::PORT => value
                .try_into()
                .ok()
                .map(u16::from_be_bytes)
                .map(SvcParam::Port),
            SvcKey::IPV4HINT => items::<4>(value)
                .map(|hints| SvcParam::Ipv4Hint(hints.map(Ipv4Addr::from).collect())),
            SvcKey::ECH => (!value.is_empty()).then(|| SvcParam::Ech(value.to_vec())),
            SvcKey::IPV6HINT => items::<16>(value)
                .map(|hints| SvcParam::Ipv6Hint(hints.map(Ipv6Addr::from).collect())),
            _ => None,
        };
        known.unwrap_or_else(|| SvcParam::Other {
            key,
            value: value.to_vec(),
        })
    }

    fn to_wire(&self) -> Result<Cow<'_, [u8]>, &'static str> {
        let value: Cow<'_, [u8]> = match self {
            SvcParam::Mandatory(keys) => keys.iter().flat_map(|key| key.0.to_be_bytes()).collect(),
            SvcParam::Alpn(protocols) => {
                let mut value = Vec::new();
                for protocol in protocols {
                    match u8::try_from(protocol.len()) {
                        Ok(length @ 1..) => value.push(length),
                        _ => return Err("a protocol in it has not 1 to 255 bytes"),
                    }
                    value.extend(protocol);
                }
                value.into()
            }
            SvcParam::Port(port) => port.to_be_bytes().to_vec().into(),
            SvcParam::Ipv4Hint(hints) => hints.iter().flat_map(Ipv4Addr::octets).collect(),
            SvcParam::Ech(config) => config.into(),
            SvcParam::Ipv6Hint(hints) => hints.iter().flat_map(Ipv6Addr::octets).collect(),
            SvcParam::NoDefaultAlpn => return Ok(Cow::Borrowed(&[])),
            SvcParam::Other { value, .. } => return Ok(value.into()),
        };
        if value.is_empty() {
            return Err("a parameter in it lacks its value");
        }
        Ok(value)
    }
}

/// Values of `N` bytes each, at least one and nothing left over.
fn items<const N: usize>(value: &[u8]) -> Option<impl Iterator<Item = [u8; N]>> {
    let (items, rest) = value.as_chunks::<N>();
    (!items.is_empty() && rest.is_empty()).then(|| items.iter().copied())
}

/// Strings with their length in front, at least one, none of them empty.
fn strings(mut value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut strings = Vec::new();
    while let Some((&length, rest)) = value.split_first() {
        let (string, rest) = rest.split_at_checked(length.into())?;
        if string.is_empty() {
            return None;
        }
        strings.push(string.to_vec());
        value = rest;
    }
    (!strings.is_empty()).then_some(strings)
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}

/// Writes the form of RFC 9460, section 2.1: `alpn="h2,h3"`.
impl fmt::Display for SvcParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let SvcParam::Other { key, value } = self {
            // The number, not the name: of a known name a reader expects a good value.
            write!(f, "key{}", key.0)?;
            if !value.is_empty() {
                f.write_str("=")?;
                quoted(f, value)?;
            }
            return Ok(());
        }
        write!(f, "{}", self.key())?;
        match self {
            SvcParam::NoDefaultAlpn | SvcParam::Other { .. } => return Ok(()),
            _ => f.write_str("=")?,
        }
        match self {
            SvcParam::Mandatory(keys) => list(f, keys),
            SvcParam::Alpn(protocols) => alpn(f, protocols),
            SvcParam::Port(port) => write!(f, "{port}"),
            SvcParam::Ipv4Hint(hints) => list(f, hints),
            SvcParam::Ech(config) => f.write_str(&BASE64.encode(config)),
            SvcParam::Ipv6Hint(hints) => list(f, hints),
            SvcParam::NoDefaultAlpn | SvcParam::Other { .. } => Ok(()),
        }
    }
}

/// A list in a character string is escaped twice (RFC 9460, appendix A.1).
fn alpn(f: &mut fmt::Formatter<'_>, protocols: &[Vec<u8>]) -> fmt::Result {
    f.write_str("\"")?;
    for (position, protocol) in protocols.iter().enumerate() {
        if position > 0 {
            f.write_str(",")?;
        }
        for &byte in protocol {
            if matches!(byte, b',' | b'\\') {
                escape(f, b'\\')?;
            }
            escape(f, byte)?;
        }
    }
    f.write_str("\"")
}

impl Zone for Vec<SvcParam> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, param) in self.iter().enumerate() {
            let space = if position > 0 { " " } else { "" };
            write!(f, "{space}{param}")?;
        }
        Ok(())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_typed_and_written() {
        for (key, value, text) in [
            (0, &b"\x00\x01\x00\x03"[..], "mandatory=alpn,port"),
            (1, b"\x02h2\x02h3", r#"alpn="h2,h3""#),
            (1, b"\x08f\\oo,bar\x02h2", r#"alpn="f\\\\oo\\,bar,h2""#),
            (2, b"", "no-default-alpn"),
            (3, b"\x20\xfb", "port=8443"),
            (
                4,
                b"\xc0\x00\x02\x01\xc0\x00\x02\x02",
                "ipv4hint=192.0.2.1,192.0.2.2",
            ),
            (5, b"\x00\x01\x02", "ech=AAEC"),
            (
                6,
                b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
                "ipv6hint=2001:db8::1",
            ),
            (667, b"hello \"you\"\xd2", r#"key667="hello \"you\"\210""#),
            (667, b"", "key667"),
        ] {
            let param = SvcParam::read(key, value);
            assert_eq!(param.to_string(), text);
            assert_eq!(param.key(), SvcKey(key));
        }
    }

    #[test]
    fn a_value_that_does_not_fit_its_key_is_kept_as_bytes() {
        for (key, value) in [
            (0, &b""[..]),
            (0, b"\x00"),
            (1, b""),
            (1, b"\x00"),
            (1, b"\x05h2"),
            (2, b"x"),
            (3, b"\x01"),
            (3, b"\x01\x02\x03"),
            (4, b"\xc0\x00\x02"),
            (5, b""),
            (6, b"\x20\x01"),
        ] {
            let param = SvcParam::read(key, value);
            assert_eq!(
                param,
                SvcParam::Other {
                    key: SvcKey(key),
                    value: value.to_vec()
                }
            );
            assert!(param.to_string().starts_with(&format!("key{key}")));
        }
    }
}
