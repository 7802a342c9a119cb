//! Records: what they have in common. The types stand in [`table`], one row each.

pub(crate) mod field;
pub(crate) mod option;
pub(crate) mod param;
pub(crate) mod table;

use std::fmt;

use crate::code::{Class, RecordType};
use crate::error::Result;
use crate::ffi::message::RawMessage;
use crate::ffi::record::{Rr, RrMut};
use crate::message::Section;
use crate::name::Name;

/// One resource record: an owner name, and data of type `T`.
///
/// `Display` writes it as a line of a zone file; an OPT record, which has no place in such a
/// file, as `dig` does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

impl<T> Record<T> {
    /// A record of the class IN.
    ///
    /// The TTL is in seconds.
    pub fn new(name: impl Into<Name>, ttl: u32, data: T) -> Self {
        Record {
            name: name.into(),
            class: Class::IN,
            ttl,
            data,
        }
    }

    /// The same record in another class.
    pub fn with_class(self, class: Class) -> Self {
        Record { class, ..self }
    }
}

impl<T: RecordData> fmt::Display for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.data.record_type() == RecordType::OPT {
            return fmt::Display::fmt(&self.data, f);
        }
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
    Sized + Clone + PartialEq + fmt::Debug + fmt::Display + Send + sealed::Data + 'static
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
    use super::{Result, Rr, RrMut};

    /// How data gets out of a record of a message, and into one.
    pub trait Data: Sized {
        /// `None` if the record is of another type.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn read(rr: Rr<'_>) -> Result<Option<Self>>;

        /// Sets the fields of a record of the type that `raw_type` says.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn write(&self, rr: &mut RrMut<'_>) -> Result<()>;

        /// The type that c-ares is to make.
        #[doc(hidden)]
        fn raw_type(&self) -> c_ares_sys::c_enum;
    }
}

/// The records of a section that are of one type, or of all types with [`RecordType::ANY`].
///
/// Equal owner names share their storage. The records of an answer nearly always come
/// grouped by owner, so the last name is the one to compare with.
pub(crate) fn read_all<T: RecordData>(
    message: &RawMessage,
    section: Section,
    wanted: RecordType,
) -> Result<Vec<Record<T>>> {
    let mut owner: Option<(&str, Name)> = None;
    let mut records = Vec::new();
    for rr in message.records(section) {
        if wanted != RecordType::ANY && rr.record_type() != wanted {
            continue;
        }
        if let Some(data) = T::read(rr)? {
            let text = rr.owner()?;
            let known = owner.take().filter(|(last, _)| *last == text);
            let (_, name) = owner.insert(known.unwrap_or_else(|| (text, Name::from(text))));
            records.push(Record {
                name: name.clone(),
                class: rr.class(),
                ttl: rr.ttl(),
                data,
            });
        }
    }
    Ok(records)
}

/// The data of a record whose type this crate has no structure for.
///
/// `Display` writes it in the generic form of RFC 3597.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    use super::field::{Base64, Hex, Text, UriText, Word};
    use super::table::{Mx, TABLE, Txt};
    use super::*;
    use crate::ffi::record::{datatype, keys};

    /// A field that c-ares has and a row lacks, or has otherwise, fails here.
    #[test]
    fn each_row_has_the_fields_that_c_ares_has() {
        for (record_type, fields) in TABLE {
            let ours: Vec<_> = fields.iter().map(|(key, _)| *key).collect();
            assert_eq!(ours, keys(record_type.0.into()), "{record_type}");
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
            let taken_apart = !keys(number.into()).is_empty();
            assert_eq!(taken_apart, ours.contains(&record_type), "{record_type}");
        }
    }

    #[test]
    fn fields_are_written_as_in_a_zone_file() {
        for (field, text) in [
            (Hex(vec![0xca, 0xfe]).to_string(), "cafe"),
            (Base64(vec![0xca, 0xfe]).to_string(), "yv4="),
            (Text(b"a \"b\xff".to_vec()).to_string(), r#""a \"b\255""#),
            (Word("a b;".to_owned()).to_string(), r"a\032b\059"),
            (UriText("a b".to_owned()).to_string(), r#""a b""#),
        ] {
            assert_eq!(field, text);
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
