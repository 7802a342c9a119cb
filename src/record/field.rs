//! Fields of records: how each Rust type is read from c-ares and written in zone files.

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

use c_ares_sys as sys;
use data_encoding::{BASE64, HEXLOWER};

use super::option::EdnsOption;
use super::param::SvcParam;
use crate::code::RecordType;
use crate::error::Result;
use crate::ffi::record::{Key, Rr, RrMut};
use crate::name::Name;

/// A type that a field of a record can have.
pub(crate) trait Field: Sized {
    /// The C data type behind it.
    #[cfg_attr(not(test), allow(dead_code))]
    const DATATYPE: sys::ares_dns_datatype_t;

    /// Reads the field `key` of a record.
    fn read(rr: Rr<'_>, key: Key) -> Result<Self>;

    /// Sets the field `key` of a record.
    fn write(&self, rr: &mut RrMut<'_>, key: Key) -> Result<()>;
}

/// Writes a value as zone files have it (RFC 1035, section 5.1).
pub(crate) trait Zone {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Whether nothing is written, not even the space in front.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Writes the fields of a record, with spaces between them.
pub(crate) fn write_all(f: &mut fmt::Formatter<'_>, fields: &[&dyn Zone]) -> fmt::Result {
    let present = fields.iter().filter(|field| !field.is_absent());
    for (position, field) in present.enumerate() {
        if position > 0 {
            f.write_str(" ")?;
        }
        field.write(f)?;
    }
    Ok(())
}

macro_rules! wrappers {
    ($($(#[doc = $doc:literal])+ $name:ident($inner:ty);)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
            #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
            pub struct $name(#[cfg_attr(feature = "serde", serde(with = "crate::serialize"))] pub $inner);

            impl Deref for $name {
                type Target = $inner;

                fn deref(&self) -> &$inner {
                    &self.0
                }
            }

            /// Writes what zone files have.
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    Zone::write(self, f)
                }
            }

            impl From<$inner> for $name {
                fn from(value: $inner) -> Self {
                    $name(value)
                }
            }
        )+
    };
}

wrappers! {
    /// Bytes that zone files write in hexadecimal.
    Hex(Vec<u8>);
    /// Bytes that zone files write in base 64.
    Base64(Vec<u8>);
    /// Bytes that zone files write as one string in quotes.
    Text(Vec<u8>);
    /// A word that zone files write without quotes.
    Word(String);
    /// A URI, which zone files write in quotes.
    UriText(String);
}

macro_rules! fields {
    ($($type:ty = $datatype:ident, $getter:ident, $setter:ident;)+) => {
        $(
            impl Field for $type {
                const DATATYPE: sys::ares_dns_datatype_t = sys::$datatype;

                fn read(rr: Rr<'_>, key: Key) -> Result<Self> {
                    rr.$getter(key)
                }

                fn write(&self, rr: &mut RrMut<'_>, key: Key) -> Result<()> {
                    rr.$setter(key, self)
                }
            }
        )+
    };
}

fields! {
    u8 = ARES_DATATYPE_U8, u8, set_u8;
    u16 = ARES_DATATYPE_U16, u16, set_u16;
    u32 = ARES_DATATYPE_U32, u32, set_u32;
    Ipv4Addr = ARES_DATATYPE_INADDR, ipv4, set_ipv4;
    Ipv6Addr = ARES_DATATYPE_INADDR6, ipv6, set_ipv6;
    Name = ARES_DATATYPE_NAME, name, set_name;
    String = ARES_DATATYPE_STR, string, set_string;
    Vec<Vec<u8>> = ARES_DATATYPE_ABINP, strings, set_strings;
}

/// Fields that are read as another type, and wrapped.
macro_rules! wrapped_fields {
    ($($type:ident = $datatype:ident, $getter:ident, $setter:ident;)+) => {
        $(
            impl Field for $type {
                const DATATYPE: sys::ares_dns_datatype_t = sys::$datatype;

                fn read(rr: Rr<'_>, key: Key) -> Result<Self> {
                    rr.$getter(key).map($type)
                }

                fn write(&self, rr: &mut RrMut<'_>, key: Key) -> Result<()> {
                    rr.$setter(key, &self.0)
                }
            }
        )+
    };
}

wrapped_fields! {
    RecordType = ARES_DATATYPE_U16, u16, set_u16;
    Hex = ARES_DATATYPE_BIN, bytes, set_some_bytes;
    Base64 = ARES_DATATYPE_BIN, bytes, set_some_bytes;
    Text = ARES_DATATYPE_BINP, bytes, set_some_bytes;
    Word = ARES_DATATYPE_STR, string, set_word;
    // c-ares counts it among the names.
    UriText = ARES_DATATYPE_NAME, string, set_uri;
}

/// One of a list of numbered values: an option of EDNS, or a parameter of a service.
pub(crate) trait Numbered {
    fn number(&self) -> u16;

    /// Reads the value on the wire, which anybody can have written.
    fn read(number: u16, value: &[u8]) -> Self;

    /// The value on the wire, or why there is none that would be read back as this one.
    fn to_wire(&self) -> Result<Cow<'_, [u8]>, &'static str>;
}

macro_rules! numbered_fields {
    ($($type:ty),+) => {
        $(
            impl Field for Vec<$type> {
                const DATATYPE: sys::ares_dns_datatype_t = sys::ARES_DATATYPE_OPT;

                fn read(rr: Rr<'_>, key: Key) -> Result<Self> {
                    Ok(rr
                        .options(key)
                        .map(|(number, value)| Numbered::read(number, value))
                        .collect())
                }

                fn write(&self, rr: &mut RrMut<'_>, key: Key) -> Result<()> {
                    rr.set_options(key, self.iter().map(|one| (one.number(), one.to_wire())))
                }
            }
        )+
    };
}

numbered_fields!(SvcParam, EdnsOption);

macro_rules! written_as_displayed {
    ($($type:ty),+) => {
        $(
            impl Zone for $type {
                fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }
        )+
    };
}

written_as_displayed!(u8, u16, u32, Ipv4Addr, Ipv6Addr, Name, RecordType);

impl Zone for Word {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().try_for_each(|byte| match byte {
            // It would end the word, or begin something else.
            b' ' | b'(' | b')' | b';' => write!(f, "\\{byte:03}"),
            _ => escape(f, byte),
        })
    }
}

impl Zone for Hex {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(self))
    }
}

impl Zone for Base64 {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self))
    }
}

impl Zone for Text {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(f, self)
    }
}

impl Zone for UriText {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(f, self.as_bytes())
    }
}

impl Zone for String {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(f, self.as_bytes())
    }
}

impl Zone for Vec<Vec<u8>> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, string) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            quoted(f, string)?;
        }
        Ok(())
    }
}

/// A character string in quotes.
pub(crate) fn quoted(f: &mut fmt::Formatter<'_>, string: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    string.iter().try_for_each(|&byte| escape(f, byte))?;
    f.write_str("\"")
}

/// A byte inside of quotes: `\"`, `\\` and `\255`.
pub(crate) fn escape(f: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    match byte {
        b'"' | b'\\' => write!(f, "\\{}", char::from(byte)),
        b' '..=b'~' => write!(f, "{}", char::from(byte)),
        _ => write!(f, "\\{byte:03}"),
    }
}
