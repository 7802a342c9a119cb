//! Domain names as c-ares writes them.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

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
/// What people write is read by [`FromStr`], which says what is wrong with a text that is no
/// name. `From<&str>` takes any text: one that is no name, for a bad escape or an empty label, is kept
/// and written as it is, and [`ErrorKind::BadName`] is what a channel or a message says of it.
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
///
/// let error = "a..example".parse::<Name>().unwrap_err();
/// assert_eq!(error.to_string(), r#""a..example" (a label is empty): not a domain name"#);
/// assert_eq!(Name::from("a..example").to_string(), "a..example");
/// ```
#[derive(Clone)]
pub struct Name(Arc<str>);

impl Name {
    /// The text without a dot at the end, or all of one that is no name.
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

    /// Whether this is the root of the DNS.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Name {
    /// Takes any text: an unescaped dot at the end is left out, and what is escaped, or should
    /// be, gets its one spelling. A text whose escapes are bad, or that has an empty label, is no
    /// name, and kept as it is.
    fn from(text: &str) -> Self {
        Name(spelt(text).as_ref().into())
    }
}

impl From<String> for Name {
    /// As `From<&str>`.
    fn from(text: String) -> Self {
        Name::from(&*text)
    }
}

impl FromStr for Name {
    type Err = Error;

    /// Reads a name with or without the dot at the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadName`] with the text and what is wrong with it: a bad escape, an empty label,
    /// a label of more than 63 bytes, or more than 255 bytes on the wire (RFC 1035, 2.3.4).
    fn from_str(text: &str) -> Result<Self, Error> {
        spell(without_final_dot(text))
            .and_then(|text| check_lengths(&text).map(|()| Name(text.as_ref().into())))
            .map_err(|reason| {
                Error::from(ErrorKind::BadName).about(format_args!("{text:?} ({reason})"))
            })
    }
}

fn spelt(text: &str) -> Cow<'_, str> {
    spell(without_final_dot(text)).unwrap_or(text.into())
}

/// Spells out a name in the one way, or says why the text is none.
fn spell(text: &str) -> Result<Cow<'_, str>, &'static str> {
    if text.bytes().all(|byte| byte == b'.' || is_plain(byte)) {
        let has_empty = text.starts_with('.') || text.ends_with('.') || text.contains("..");
        return if has_empty {
            Err(EMPTY)
        } else {
            Ok(text.into())
        };
    }
    let mut spelt = String::new();
    let mut bytes = text.bytes();
    let mut is_empty = true;
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' if is_empty => return Err(EMPTY),
            b'.' => spelt.push('.'),
            b'\\' => escape(&mut spelt, escaped(&mut bytes).ok_or(BAD_ESCAPE)?),
            _ => escape(&mut spelt, byte),
        }
        is_empty = byte == b'.';
    }
    if is_empty {
        return Err(EMPTY);
    }
    Ok(spelt.into())
}

const EMPTY: &str = "a label is empty";
const BAD_ESCAPE: &str = r"an escape is \ and a character, or three digits up to \255";

/// Whether the labels of a text that was spelt out, and all together, are short enough.
fn check_lengths(text: &str) -> Result<(), &'static str> {
    let (mut label, mut whole) = (0, 1 + usize::from(!text.is_empty()));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' {
            escaped(&mut bytes);
        }
        label = if byte == b'.' { 0 } else { label + 1 };
        whole += 1;
        if label > 63 {
            return Err("a label has more than 63 bytes");
        }
    }
    if whole > 255 {
        return Err("it has more than 255 bytes");
    }
    Ok(())
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

/// Whether it is one of Tor's, of which c-ares asks nobody (`ares_is_onion_domain`).
pub(crate) fn is_onion(name: &str) -> bool {
    ends_in(name.strip_suffix('.').unwrap_or(name), ".onion")
}

/// Whether it is this machine's by its name, of which c-ares does not ask the DNS for addresses
/// (`ares_is_localhost`, which knows no dot at the end).
pub(crate) fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || ends_in(name, ".localhost")
}

/// In letters of any case.
fn ends_in(name: &str, ending: &str) -> bool {
    let rest = name.len().saturating_sub(ending.len());
    name.as_bytes()[rest..].eq_ignore_ascii_case(ending.as_bytes())
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
    /// Writes the dot at the end, but not behind a text that is no name: it might make it one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if spell(&self.0).is_ok() { "." } else { "" };
        write!(f, "{}{dot}", self.0)
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
        for text in [
            r"a\", r"a\1", r"\12x", r"\256", r"b c\99", r"a\1.", "..", "a..", "a...", ".a", "a..b",
            "a b..", ". a",
        ] {
            let name = Name::from(text);
            assert_eq!(name.as_str(), text);
            assert_eq!(name, text);
            assert_eq!(name.to_string(), text);
            assert_eq!(Name::from(name.as_str()).as_str(), text);
            let error = text.parse::<Name>().unwrap_err();
            assert_eq!(error, ErrorKind::BadName);
            assert!(error.to_string().starts_with(&format!("{text:?} (")));
        }
    }

    #[test]
    fn what_is_read_is_a_name_that_is_not_too_long() {
        let label = "x".repeat(63);
        // 1 + 3 * 64 + 62 bytes on the wire.
        let longest = format!("{label}.{label}.{label}.{}", &label[..61]);
        for text in [
            "",
            "www.example",
            &label,
            &longest,
            r"\255".repeat(63).as_str(),
        ] {
            assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
            let absolute = format!("{text}.");
            assert_eq!(absolute.parse::<Name>().unwrap().to_string(), absolute);
        }
        assert_eq!(
            "a b".parse::<Name>().unwrap(),
            Name::from(r"a\032b".to_owned())
        );
        for (text, reason) in [
            (format!("{label}x"), "63 bytes"),
            (r"\.".repeat(64), "63 bytes"),
            (format!("{longest}x"), "255 bytes"),
            (r"a\256".to_owned(), "escape"),
            ("a..b".to_owned(), "empty"),
        ] {
            let error = text.parse::<Name>().unwrap_err().to_string();
            assert!(
                error.contains(reason) && error.contains("not a domain name"),
                "{error}"
            );
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
