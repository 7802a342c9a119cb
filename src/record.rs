//! Records: what they have in common. The types stand in [`table`], one row each.

pub(crate) mod field;
pub(crate) mod param;
pub(crate) mod table;

use std::fmt;

use crate::code::{Class, RecordType};
use crate::error::Result;
use crate::ffi::message::Rr;
use crate::name::Name;

/// One resource record: an owner name, and data of type `T`.
///
/// `Display` writes it as a line of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Record<T> {
    /// The owner name: whose record this is. Behind a CNAME it is not the name
    /// that was asked for.
    pub name: Name,
    /// The class, nearly always [`Class::IN`].
    pub class: Class,
    /// For how long the record may be cached, in seconds.
    pub ttl: u32,
    /// The data.
    pub data: T,
}

impl<T: RecordData> fmt::Display for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record {
            name,
            class,
            ttl,
            data,
        } = self;
        write!(f, "{name} {ttl} {class} {} {data}", data.record_type())
    }
}

/// Data of a record: implemented by each record type, and by [`RData`](crate::RData) for all of them.
///
/// It cannot be implemented outside this crate.
pub trait RecordData:
    Sized + Clone + fmt::Debug + fmt::Display + Send + sealed::Read + 'static
{
    /// The type of this record.
    fn record_type(&self) -> RecordType;
}

/// Data of one record type, known when the program is compiled: `A`, `Mx`, ….
pub trait TypedData: RecordData {
    /// The type that is asked for to get such data.
    const TYPE: RecordType;
}

pub(crate) mod sealed {
    use super::{Result, Rr};

    /// Reads the data out of a record of a message.
    pub trait Read: Sized {
        /// `None` if the record is of another type.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn read(rr: Rr<'_>) -> Result<Option<Self>>;
    }
}

/// The data of a record whose type this crate has no structure for.
///
/// `Display` writes it in the generic form of RFC 3597.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Other {
    /// The type of the record.
    pub record_type: RecordType,
    /// The data as it was on the wire.
    #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
    pub data: Vec<u8>,
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"\# {}", self.data.len())?;
        if !self.data.is_empty() {
            f.write_str(" ")?;
        }
        self.data
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::table::{Mx, TABLE, Txt};
    use super::*;
    use crate::ffi::message::{datatype, keys};

    /// A field that c-ares has and a row lacks, or has otherwise, fails here.
    #[test]
    fn each_row_has_the_fields_that_c_ares_has() {
        for (record_type, fields) in TABLE {
            let ours: Vec<_> = fields.iter().map(|(key, _)| *key).collect();
            assert_eq!(ours, keys(*record_type), "{record_type}");
            for (key, expected) in *fields {
                assert_eq!(datatype(*key), *expected, "{record_type}, key {key}");
            }
        }
    }

    /// A type that c-ares takes apart and that has no row would come out empty.
    #[test]
    fn each_type_that_c_ares_takes_apart_has_a_row() {
        let ours: Vec<_> = TABLE.iter().map(|(record_type, _)| *record_type).collect();
        for number in 1..=u16::MAX {
            let record_type = RecordType(number);
            let taken_apart = !keys(record_type).is_empty() && record_type != RecordType::OPT;
            assert_eq!(taken_apart, ours.contains(&record_type), "{record_type}");
        }
    }

    #[test]
    fn data_is_written_as_in_a_zone_file() {
        let mx = Mx {
            preference: 10,
            exchange: Name::from("mail.example"),
        };
        assert_eq!(mx.to_string(), "10 mail.example.");
        let txt = Txt {
            strings: vec![b"a \"b\"".to_vec(), b"\\\xff".to_vec(), Vec::new()],
        };
        assert_eq!(txt.to_string(), r#""a \"b\"" "\\\255" """#);
        let other = Other {
            record_type: RecordType(65280),
            data: vec![1, 0xab],
        };
        assert_eq!(other.to_string(), r"\# 2 01ab");
        let empty = Other {
            record_type: RecordType(65280),
            data: Vec::new(),
        };
        assert_eq!(empty.to_string(), r"\# 0");
    }
}
