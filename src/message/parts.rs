//! What a message has besides its records.

use c_ares_sys as sys;

use crate::code::{Class, Opcode, Rcode, RecordType};
use crate::error::Result;
use crate::flags::HeaderFlags;
use crate::message::Message;
use crate::name::Name;
use crate::record::Record;
use crate::record::table::RData;

/// The header of a message (RFC 1035, 4.1.1), without the counts of its sections.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// By what a response is matched with its query. c-ares takes one of its own for each
    /// message that it sends.
    pub id: u16,
    /// The flags.
    pub flags: HeaderFlags,
    /// What kind of request it is.
    pub opcode: Opcode,
    /// How the request fared, with the bits that are in the OPT record: without such a record
    /// one above 15 is written as [`Rcode::SERVFAIL`].
    pub rcode: Rcode,
}

impl Default for Header {
    /// Id 0, no flag, QUERY and NOERROR.
    fn default() -> Self {
        Header {
            id: 0,
            flags: HeaderFlags::NONE,
            opcode: Opcode::QUERY,
            rcode: Rcode::NOERROR,
        }
    }
}

/// What a message asks, or answers.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The type that is asked for.
    pub record_type: RecordType,
    /// The class, nearly always [`Class::IN`].
    pub class: Class,
}

/// A section of a message that holds records.
#[doc(alias = "ares_dns_section_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// What was asked for.
    Answer,
    /// Who is authoritative, or, in a negative response, the SOA of the zone.
    Authority,
    /// What else may be of use, and the OPT record of EDNS.
    Additional,
}

impl Section {
    /// All of them, in the order of a message.
    pub const ALL: [Section; 3] = [Section::Answer, Section::Authority, Section::Additional];

    pub(crate) fn to_c(self) -> sys::ares_dns_section_t {
        match self {
            Section::Answer => sys::ARES_SECTION_ANSWER,
            Section::Authority => sys::ARES_SECTION_AUTHORITY,
            Section::Additional => sys::ARES_SECTION_ADDITIONAL,
        }
    }
}

/// What is in a message, as structures.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(PartialEq)]
pub(super) struct Parts {
    pub(super) header: Header,
    pub(super) questions: Vec<Question>,
    pub(super) answer: Vec<Record<RData>>,
    pub(super) authority: Vec<Record<RData>>,
    pub(super) additional: Vec<Record<RData>>,
}

impl Parts {
    pub(super) fn read(message: &Message) -> Result<Self> {
        Ok(Parts {
            header: message.header(),
            questions: message.questions().collect(),
            answer: message.records(Section::Answer)?,
            authority: message.records(Section::Authority)?,
            additional: message.records(Section::Additional)?,
        })
    }

    #[cfg(feature = "serde")]
    fn build(&self) -> Result<Message> {
        let mut message = Message::new(self.header)?;
        for question in &self.questions {
            message.add_question(&question.name, question.record_type, question.class)?;
        }
        let sections = [&self.answer, &self.authority, &self.additional];
        for (section, records) in Section::ALL.into_iter().zip(sections) {
            for record in records {
                message.add_record(section, record)?;
            }
        }
        Ok(message)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Message {
    /// Writes the header, the questions and the sections.
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        Parts::read(self)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Message {
    /// Builds it from its parts, with the errors of [`Message::new`], [`Message::add_question`] and
    /// [`Message::add_record`].
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        Parts::deserialize(deserializer)?
            .build()
            .map_err(serde::de::Error::custom)
    }
}
