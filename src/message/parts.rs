//! What a message has besides its records.

use c_ares_sys as sys;

use crate::code::{Class, Opcode, Rcode, RecordType};
use crate::flags::HeaderFlags;
use crate::name::Name;

/// The header of a message (RFC 1035, 4.1.1), without the counts of its sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
