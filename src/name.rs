//! Domain names as c-ares writes them.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

/// A domain name from an answer, cheap to clone.
///
/// It holds the text that c-ares gives: labels with dots between them, no dot
/// at the end, the empty text for the root, and what is special or not printable escaped
/// as in zone files (RFC 1035, 5.1: `\.` and `\200`). `Display` writes it as an
/// absolute name, with the dot at the end.
///
/// The records of one answer share the storage of equal owner names.
/// Names compare without regard to the case of ASCII letters (RFC 4343). Each name has
/// one spelling, so that `\046` is `\.` here, and the two compare equal.
///
/// ```
/// use c_ares::Name;
///
/// let name = Name::from("Example.COM");
/// assert_eq!(name, Name::from("example.com"));
/// assert_eq!(name.as_str(), "Example.COM");
/// assert_eq!(name.to_string(), "Example.COM.");
/// assert_eq!(Name::from("").to_string(), ".");
/// assert_eq!(Name::from(r"a\046b"), Name::from(r"a\.b"));
/// ```
#[derive(Clone)]
pub struct Name(Arc<str>);

impl Name {
    /// The text without a dot at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under which the DNS keeps the names of an address (RFC 1035, 3.5;
    /// RFC 3596, 2.5).
    ///
    /// An IPv4 address that is written as one of IPv6 is one of IPv6 here;
    /// [`IpAddr::to_canonical`] undoes that.
    ///
    /// ```
    /// use c_ares::Name;
    ///
    /// let name = Name::reverse([192, 0, 2, 80].into());
    /// assert_eq!(name, "80.2.0.192.in-addr.arpa");
    /// ```
    #[doc(alias = "ares_dns_addr_to_ptr")]
    pub fn reverse(address: IpAddr) -> Self {
        let mut text = String::new();
        match address {
            IpAddr::V4(address) => {
                for byte in address.octets().iter().rev() {
                    text += &format!("{byte}.");
                }
                text += "in-addr.arpa";
            }
            IpAddr::V6(address) => {
                for byte in address.octets().iter().rev() {
                    text += &format!("{:x}.{:x}.", byte & 0xf, byte >> 4);
                }
                text += "ip6.arpa";
            }
        }
        Name(text.into())
    }

    /// As `From<&str>`, but `None` if an escape is bad.
    #[cfg(feature = "serde")]
    pub(crate) fn read(text: &str) -> Option<Self> {
        spell(without_final_dot(text)).map(|text| Name(text.into()))
    }

    /// Whether this is the root of the DNS.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Name {
    /// Takes any text: an unescaped dot at the end is left out, and what is escaped, or should
    /// be, gets its one spelling. A text whose escapes are bad is no name, and kept as it is.
    fn from(text: &str) -> Self {
        Name(spelt(text).as_ref().into())
    }
}

fn spelt(text: &str) -> Cow<'_, str> {
    let text = without_final_dot(text);
    spell(text).unwrap_or(text.into())
}

/// Spells out a name in the one way; `None` if an escape is bad.
fn spell(text: &str) -> Option<Cow<'_, str>> {
    if text.bytes().all(|byte| byte == b'.' || is_plain(byte)) {
        return Some(text.into());
    }
    let mut spelt = String::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' => spelt.push('.'),
            b'\\' => escape(&mut spelt, escaped(&mut bytes)?),
            _ => escape(&mut spelt, byte),
        }
    }
    Some(spelt.into())
}

/// The byte that an escape stands for: what follows the backslash.
fn escaped(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let first = bytes.next()?;
    let Some(hundreds) = digit(first) else {
        return Some(first);
    };
    let tens = digit(bytes.next()?)?;
    let ones = digit(bytes.next()?)?;
    (hundreds * 100 + tens * 10 + ones).try_into().ok()
}

/// Writes a byte of a label as c-ares does (`ares_dns_name.c`), and the space as `\032`: in a
/// zone file it would end the name.
fn escape(text: &mut String, byte: u8) {
    match byte {
        _ if is_plain(byte) => text.push(byte.into()),
        b'!'..=b'~' => text.extend(['\\', byte.into()]),
        _ => *text += &format!("\\{byte:03}"),
    }
}

/// Whether a byte stands for itself in a label.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !br#"".;\()@$"#.contains(&byte)
}

fn without_final_dot(text: &str) -> &str {
    match text.strip_suffix('.') {
        Some(head) if !ends_in_escape(head) => head,
        _ => text,
    }
}

/// Whether what follows `head` is escaped: it ends in an odd number of backslashes.
fn ends_in_escape(head: &str) -> bool {
    head.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(&spelt(other))
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_at_the_end_is_not_part_of_the_text() {
        assert_eq!(Name::from("a.example.").as_str(), "a.example");
        assert_eq!(Name::from(".").as_str(), "");
        assert_eq!(Name::from(r"a\.").as_str(), r"a\.");
        assert_eq!(Name::from(r"a\\.").as_str(), r"a\\");
    }

    #[test]
    fn a_name_has_one_spelling() {
        for (text, spelling) in [
            (r"a\046b.example", r"a\.b.example"),
            (r"a\.b.example", r"a\.b.example"),
            (r"\065\-z", "A-z"),
            ("a b", r"a\032b"),
            (r"a\ b", r"a\032b"),
            (r#"@"();$"#, r#"\@\"\(\)\;\$"#),
            (r"\\\127\000", r"\\\127\000"),
            ("é", r"\195\169"),
            (r"*._tcp.x/y:%!", r"*._tcp.x/y:%!"),
        ] {
            let name = Name::from(text);
            assert_eq!(name.as_str(), spelling);
            assert_eq!(name, Name::from(spelling));
            assert_eq!(name, text);
            assert_eq!(Name::from(name.as_str()).as_str(), spelling);
            assert_eq!(Name::from(&*name.to_string()).as_str(), spelling);
        }
        assert_ne!(Name::from(r"a\.b"), "a.b");
    }

    #[test]
    fn what_is_no_name_is_kept() {
        for text in [r"a\", r"a\1", r"\12x", r"\256", r"b c\99"] {
            assert_eq!(Name::from(text).as_str(), text);
            assert_eq!(Name::from(text), text);
        }
    }

    /// The examples of the RFCs.
    #[test]
    fn addresses_have_names() {
        for (address, name) in [
            ("10.2.0.52", "52.0.2.10.IN-ADDR.ARPA"),
            (
                "4321:0:1:2:3:4:567:89ab",
                "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.IP6.ARPA",
            ),
        ] {
            assert_eq!(Name::reverse(address.parse().unwrap()), name);
        }
    }

    #[test]
    fn equal_names_hash_alike() {
        use std::collections::HashSet;
        let names: HashSet<Name> = ["a.example", "A.EXAMPLE.", r"\097.ex\065mple", "b.example"]
            .map(Name::from)
            .into();
        assert_eq!(names.len(), 2);
    }
}
