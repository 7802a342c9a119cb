//! Names of every odd form, and sets of flags.

use std::ops::BitOr;

use arbitrary::Arbitrary;

const ODD: &[&str] = &[
    "www.example.com",
    "",
    ".",
    "..",
    ".a",
    "a.",
    "a..b",
    "localhost",
    "a.localhost.",
    "foo.onion",
    "www",
    "two.example",
    "WWW.Example.COM.",
    "192.0.2.1",
    "192.0.2",
    "::1",
    "fe80::1%lo",
    "\\",
    "a\\",
    "a\\.b.example",
    "\\046",
    "\\256",
    "\\000.example",
    "x\0y",
    "é.example",
    "with space",
    "*.example",
    "_sip._tcp.example",
    "1.2.0.192.in-addr.arpa",
    "a.b.c.d.e.f",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example",
    "http",
    "53",
    "65536",
    "lo",
];

/// A name, or what somebody takes for one.
#[derive(Arbitrary, Debug, Clone)]
pub enum Text {
    Odd(u8),
    /// So many labels of so many letters.
    Long(u8, u8),
    /// So many bytes that are written with four characters.
    Escaped(u8),
    Any(String),
}

impl Text {
    pub fn text(&self) -> String {
        match self {
            Text::Odd(index) => ODD[usize::from(*index) % ODD.len()].to_owned(),
            Text::Long(labels, letters) => {
                let label = "l".repeat(usize::from(*letters % 65));
                vec![label; usize::from(*labels % 130)].join(".")
            }
            Text::Escaped(bytes) => "\\255".repeat(usize::from(*bytes)),
            Text::Any(text) => text.clone(),
        }
    }
}

/// The flags whose bits are set.
pub fn chosen<F: Copy + BitOr<Output = F>>(none: F, all: &[F], bits: u32) -> F {
    let set = all
        .iter()
        .enumerate()
        .filter(|(index, _)| bits >> index & 1 == 1);
    set.fold(none, |set, (_, flag)| set | *flag)
}
