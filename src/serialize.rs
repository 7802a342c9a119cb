//! Serde: how values look in formats that people read, and in those that they do not.
//!
//! A format for people (`is_human_readable`, such as JSON) gets names, types, classes and addresses as
//! text, and bytes in base 64. Another one gets numbers and bytes.
//!
//! [`serialize`] and [`deserialize`] are for `#[serde(with = "crate::serialize")]`, which stands on each field
//! whose bytes serde would take for a list of numbers.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};

use crate::addrinfo::{Protocol, SocketType};
use crate::code::{Class, Opcode, OptionCode, Rcode, RecordType};
use crate::flags::HeaderFlags;
use crate::name::Name;
use crate::record::field::{Base64, Hex, Text, UriText, Word};
use crate::record::option::EdnsOption;
use crate::record::param::{SvcKey, SvcParam};
use crate::record::table::RData;
use crate::server::Server;
use crate::subnet::Subnet;

/// A type that a field can have, in the form that it has there.
pub(crate) trait Form: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

pub(crate) fn serialize<T: Form, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

pub(crate) fn deserialize<'de, T: Form, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// Types that have the same form everywhere.
macro_rules! as_they_are {
    ($($type:ty),+) => {
        $(
            impl Form for $type {
                fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    Serialize::serialize(self, serializer)
                }

                fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Deserialize::deserialize(deserializer)
                }
            }
        )+
    };
}

as_they_are!(u8, u16, u32, String, Ipv4Addr, Ipv6Addr, Name, RecordType);
as_they_are!(
    Hex,
    Base64,
    Text,
    Word,
    UriText,
    Vec<SvcParam>,
    Vec<EdnsOption>
);

impl Form for Vec<u8> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(self).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Bytes::<Vec<u8>>::deserialize(deserializer).map(|bytes| bytes.0)
    }
}

impl<const N: usize> Form for [u8; N] {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(self).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <Vec<u8> as Form>::read(deserializer)?;
        let length = bytes.len();
        bytes
            .try_into()
            .map_err(|_| de::Error::custom(format_args!("{length} bytes in place of {N}")))
    }
}

impl Form for Vec<Vec<u8>> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Bytes))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let strings = Vec::<Bytes<Vec<u8>>>::deserialize(deserializer)?;
        Ok(strings.into_iter().map(|bytes| bytes.0).collect())
    }
}

/// Bytes, in base 64 for people.
struct Bytes<B>(B);

impl<B: AsRef<[u8]>> Serialize for Bytes<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.as_ref();
        if serializer.is_human_readable() {
            serializer.collect_str(&BASE64.encode_display(bytes))
        } else {
            serializer.serialize_bytes(bytes)
        }
    }
}

impl<'de> Deserialize<'de> for Bytes<Vec<u8>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            BASE64
                .decode(text.as_bytes())
                .map_err(|error| de::Error::custom(format_args!("bad base 64 {text:?}: {error}")))?
        } else {
            deserializer.deserialize_byte_buf(BytesVisitor)?
        };
        Ok(Bytes(bytes))
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}

/// Numbers with names: the name for people.
macro_rules! codes {
    ($($type:ident($number:ty)),+) => {
        $(
            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    if serializer.is_human_readable() {
                        serializer.collect_str(self)
                    } else {
                        self.0.serialize(serializer)
                    }
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    if deserializer.is_human_readable() {
                        let text = String::deserialize(deserializer)?;
                        text.parse().map_err(de::Error::custom)
                    } else {
                        <$number>::deserialize(deserializer).map($type)
                    }
                }
            }
        )+
    };
}

codes!(
    RecordType(u16),
    Class(u16),
    Opcode(u16),
    Rcode(u16),
    OptionCode(u16),
    SvcKey(u16),
    SocketType(i32),
    Protocol(i32)
);

impl Serialize for HeaderFlags {
    /// Writes `qr rd ra` for people, and otherwise the bits as c-ares has them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.bits().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for HeaderFlags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(de::Error::custom);
        }
        let bits = u16::deserialize(deserializer)?;
        HeaderFlags::checked(bits)
            .ok_or_else(|| de::Error::custom(format_args!("unknown flags of a header: {bits:#x}")))
    }
}

/// What is written and read as one text everywhere.
macro_rules! texts {
    ($($type:ty),+) => {
        $(
            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                }
            }
        )+
    };
}

texts!(Name, Server, Subnet);

/// What record data stands under: its type, and whether it is bytes though the type has a
/// structure. People write that as a number, `TYPE15` for `MX`; otherwise it is the bit above the type.
pub(crate) struct Tag {
    pub(crate) record_type: RecordType,
    pub(crate) as_bytes: bool,
}

impl Tag {
    const AS_BYTES: u32 = 1 << 16;
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.record_type.0;
        match (serializer.is_human_readable(), self.as_bytes) {
            (true, false) => serializer.collect_str(&self.record_type),
            (true, true) => serializer.collect_str(&format_args!("TYPE{number}")),
            (false, false) => serializer.serialize_u32(number.into()),
            (false, true) => serializer.serialize_u32(Tag::AS_BYTES | u32::from(number)),
        }
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let record_type: RecordType = text.parse().map_err(de::Error::custom)?;
            let as_bytes = record_type
                .name()
                .is_some_and(|name| !name.eq_ignore_ascii_case(&text));
            return Ok(Tag {
                record_type,
                as_bytes,
            });
        }
        let number = u32::deserialize(deserializer)?;
        let record_type = u16::try_from(number & !Tag::AS_BYTES)
            .map_err(|_| de::Error::custom(format_args!("no record type: {number}")))?;
        Ok(Tag {
            record_type: RecordType(record_type),
            as_bytes: number & Tag::AS_BYTES != 0,
        })
    }
}

/// Record data under its tag: for people a map of one entry, otherwise a pair.
pub(crate) fn tagged<S: Serializer>(
    serializer: S,
    tag: Tag,
    data: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&tag, data)?;
        map.end()
    } else {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&tag)?;
        pair.serialize_element(data)?;
        pair.end()
    }
}

/// The same for data as bytes.
pub(crate) fn tagged_bytes<S: Serializer>(
    serializer: S,
    tag: Tag,
    data: &[u8],
) -> Result<S::Ok, S::Error> {
    tagged(serializer, tag, &Bytes(data))
}

impl<'de> Deserialize<'de> for RData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_map(TaggedVisitor)
        } else {
            deserializer.deserialize_tuple(2, TaggedVisitor)
        }
    }
}

struct TaggedVisitor;

impl<'de> Visitor<'de> for TaggedVisitor {
    type Value = RData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record type and the data of such a record")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<RData, A::Error> {
        let tag: Tag = map
            .next_key()?
            .ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let first = tag.record_type;
        let data = map.next_value_seed(tag)?;
        match map.next_key::<Tag>()? {
            None => Ok(data),
            Some(second) => Err(de::Error::custom(format_args!(
                "data of two types, {first} and {}: a record has one",
                second.record_type
            ))),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut pair: A) -> Result<RData, A::Error> {
        let tag: Tag = pair
            .next_element()?
            .ok_or_else(|| de::Error::invalid_length(0, &self))?;
        pair.next_element_seed(tag)?
            .ok_or_else(|| de::Error::invalid_length(1, &self))
    }
}

/// Reads the data that stands under this tag.
impl<'de> DeserializeSeed<'de> for Tag {
    type Value = RData;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RData, D::Error> {
        RData::deserialize_as(self, deserializer)
    }
}
