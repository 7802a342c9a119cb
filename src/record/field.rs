//! Fields of records: how each Rust type is read from c-ares and written in zone files.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use c_ares_sys as sys;

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
}

/// Writes the fields of a record, with spaces between them.
pub(crate) fn write_all(f: &mut fmt::Formatter<'_>, fields: &[&dyn Zone]) -> fmt::Result {
    for (position, field) in fields.iter().enumerate() {
        if position > 0 {
            f.write_str(" ")?;
        }
        field.write(f)?;
    }
    Ok(())
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
    u16 = ARES_DATATYPE_U16, u16;
    u32 = ARES_DATATYPE_U32, u32;
    Ipv4Addr = ARES_DATATYPE_INADDR, ipv4;
    Ipv6Addr = ARES_DATATYPE_INADDR6, ipv6;
    Name = ARES_DATATYPE_NAME, name;
    Vec<Vec<u8>> = ARES_DATATYPE_ABINP, strings;
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

written_as_displayed!(u16, u32, Ipv4Addr, Ipv6Addr, Name);

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

/// A character string in quotes, with `\"`, `\\` and `\255`.
fn quoted(f: &mut fmt::Formatter<'_>, string: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    for &byte in string {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
            b' '..=b'~' => write!(f, "{}", char::from(byte))?,
            _ => write!(f, "\\{byte:03}")?,
        }
    }
    f.write_str("\"")
}
