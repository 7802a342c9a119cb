//! Fields of records: how each Rust type is read from c-ares and written in zone files.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

use c_ares_sys as sys;
use data_encoding::{BASE64, HEXLOWER};

use super::param::SvcParam;
use crate::code::RecordType;
use crate::error::Result;
use crate::ffi::message::{Key, Rr};
use crate::name::Name;

/// A type that a field of a record can have.
pub(crate) trait Field: Zone + Sized {
    /// The C data type behind it.
    #[cfg_attr(not(test), allow(dead_code))]
    const DATATYPE: sys::ares_dns_datatype_t;

    /// Reads the field `key` of a record.
    fn read(rr: Rr<'_>, key: Key) -> Result<Self>;
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
    ($($type:ty = $datatype:ident, $getter:ident;)+) => {
        $(
            impl Field for $type {
                const DATATYPE: sys::ares_dns_datatype_t = sys::$datatype;

                fn read(rr: Rr<'_>, key: Key) -> Result<Self> {
                    rr.$getter(key)
                }
            }
        )+
    };
}

fields! {
    u8 = ARES_DATATYPE_U8, u8;
    u16 = ARES_DATATYPE_U16, u16;
    u32 = ARES_DATATYPE_U32, u32;
    Ipv4Addr = ARES_DATATYPE_INADDR, ipv4;
    Ipv6Addr = ARES_DATATYPE_INADDR6, ipv6;
    Name = ARES_DATATYPE_NAME, name;
    String = ARES_DATATYPE_STR, string;
    Vec<Vec<u8>> = ARES_DATATYPE_ABINP, strings;
    Vec<SvcParam> = ARES_DATATYPE_OPT, params;
}

/// Fields that are read as another type, and wrapped.
macro_rules! wrapped_fields {
    ($($type:ty = $datatype:ident, $getter:ident, $wrap:expr;)+) => {
        $(
            impl Field for $type {
                const DATATYPE: sys::ares_dns_datatype_t = sys::$datatype;

                fn read(rr: Rr<'_>, key: Key) -> Result<Self> {
                    rr.$getter(key).map($wrap)
                }
            }
        )+
    };
}

wrapped_fields! {
    RecordType = ARES_DATATYPE_U16, u16, RecordType;
    Hex = ARES_DATATYPE_BIN, bytes, Hex;
    Base64 = ARES_DATATYPE_BIN, bytes, Base64;
    Text = ARES_DATATYPE_BINP, bytes, Text;
    Word = ARES_DATATYPE_STR, string, Word;
    // c-ares counts it among the names.
    UriText = ARES_DATATYPE_NAME, string, UriText;
}

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
