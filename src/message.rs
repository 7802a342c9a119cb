//! Whole messages: taken apart, put together, changed and written.

use std::ffi::CString;

use c_ares_sys as sys;

use crate::code::{Class, RecordType};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::message::RawMessage;
use crate::flags::HeaderFlags;
use crate::name::Name;
use crate::record::table::{Opt, RData};
use crate::record::{self, Record, RecordData};

mod display;
mod parts;

use parts::Parts;
pub use parts::{Header, Question, Section};

/// A DNS message.
///
/// It is c-ares' own: taken apart, checked and written by it. A response is lent to the
/// closure of [`Channel::exchange`](crate::Channel::exchange); a message of one's own comes
/// from bytes ([`parse`](Message::parse)) or from nothing ([`new`](Message::new),
/// [`query`](Message::query)).
///
/// `Display` writes it as `dig` does.
///
/// # What c-ares does not keep
///
/// What is parsed and written again differs in these things (`ares_dns_parse.c`,
/// `ares_dns_write.c`): the bit Z of the header is dropped; an rcode that c-ares does not know
/// becomes SERVFAIL, and so does one above 15 in a message without an OPT record; of an option
/// or parameter that stands twice in a record the last remains; names are compressed in another way.
/// A record without data whose type c-ares does not take apart is parsed, but not written, and
/// neither are owner names with letters that host names do not have, and names that come to more
/// than 255 characters with their escapes; nor is a name like `a\.b.example` behind `b.example`, because
/// c-ares takes its escaped dot for one between labels when it compresses it. An rcode above 15 is not
/// written if an OPT record stands in a section where none belongs. A message with an opcode, or with a class of a record,
/// that c-ares does not know is refused, and so is one that has not exactly one question. So is one
/// with other bytes than printable ASCII in a text of HINFO, NAPTR or URI or in the tag of CAA,
/// which is written, though.
///
/// # Examples
///
/// ```
/// use c_ares::{A, Header, HeaderFlags, Message, Record, RecordType, Section};
///
/// let mut message = Message::query("www.example.com", RecordType::A)?;
/// message.set_header(Header {
///     id: 1234,
///     flags: HeaderFlags::QR | HeaderFlags::RD | HeaderFlags::RA,
///     ..message.header()
/// })?;
/// let address = A { address: "192.0.2.1".parse().unwrap() };
/// message.add_record(Section::Answer, &Record::new("www.example.com", 300, address))?;
///
/// let wire = message.write()?;
/// let parsed = Message::parse(&wire)?;
/// assert_eq!(parsed, message);
/// assert_eq!(parsed.header().id, 1234);
/// for record in parsed.records::<A>(Section::Answer)? {
///     assert_eq!(record.to_string(), "www.example.com. 300 IN A 192.0.2.1");
/// }
/// # Ok::<(), c_ares::Error>(())
/// ```
#[doc(alias = "ares_dns_record_t")]
#[doc(alias = "ares_dns_record_destroy")]
pub struct Message {
    pub(crate) raw: RawMessage,
}

impl Message {
    /// A message with a header, and nothing in its sections.
    ///
    /// C: [`ares_dns_record_create`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadMessage`] for an opcode or an rcode that c-ares does not know;
    /// [`ErrorKind::NoMemory`]; [`ErrorKind::UnsuitableLibrary`] if the c-ares that is loaded
    /// cannot be used.
    #[doc(alias = "ares_dns_record_create")]
    pub fn new(header: Header) -> Result<Self> {
        RawMessage::new(&header).map(|raw| Message { raw })
    }

    /// A query for the records of a type that a name has in the class IN.
    ///
    /// It asks for recursion, and has the default OPT record of EDNS.
    ///
    /// # Errors
    ///
    /// As [`new`](Message::new) and [`add_question`](Message::add_question).
    pub fn query(name: &str, record_type: RecordType) -> Result<Self> {
        let mut message = Message::new(Header {
            flags: HeaderFlags::RD,
            ..Header::default()
        })?;
        message.add_question(name, record_type, Class::IN)?;
        message.set_edns(Some(&Opt::default()))?;
        Ok(message)
    }

    /// Takes the bytes of a message apart.
    ///
    /// C: [`ares_dns_parse`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadMessage`] for bytes that are no message, or none that c-ares takes (see
    /// [above](Message#what-c-ares-does-not-keep)); [`ErrorKind::NoMemory`];
    /// [`ErrorKind::UnsuitableLibrary`] if the c-ares that is loaded cannot be used.
    #[doc(alias = "ares_dns_parse")]
    pub fn parse(wire: &[u8]) -> Result<Self> {
        RawMessage::parse(wire).map(|raw| Message { raw })
    }

    /// The bytes of the message, without the length that goes before them over TCP.
    ///
    /// C: [`ares_dns_write`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadName`] for a name that is none, [`ErrorKind::BadQuery`] and
    /// [`ErrorKind::BadMessage`] for what c-ares does not write (see
    /// [above](Message#what-c-ares-does-not-keep)), or if the message would be longer than
    /// 65,535 bytes; [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_dns_write")]
    pub fn write(&self) -> Result<Vec<u8>> {
        self.raw.check_writable()?;
        self.raw.write()
    }

    /// A copy, with all that is in it.
    ///
    /// It is not made by `ares_dns_record_duplicate`, which loses what c-ares does not write.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoMemory`].
    pub fn try_clone(&self) -> Result<Self> {
        self.with_header(self.header())
    }

    fn with_header(&self, header: Header) -> Result<Self> {
        let mut copy = Message::new(header)?;
        copy.raw.add_all(&self.raw)?;
        Ok(copy)
    }

    /// The header.
    ///
    /// C: [`ares_dns_record_get_id`, `_get_flags`, `_get_opcode` and
    /// `_get_rcode`](https://c-ares.org/docs/ares_dns_record.html).
    #[doc(alias = "ares_dns_record_get_id")]
    #[doc(alias = "ares_dns_record_get_flags")]
    #[doc(alias = "ares_dns_record_get_opcode")]
    #[doc(alias = "ares_dns_record_get_rcode")]
    pub fn header(&self) -> Header {
        self.raw.header()
    }

    /// Replaces the header.
    ///
    /// c-ares can change the id and nothing else of a message's header, so for the rest the
    /// message is copied.
    ///
    /// # Errors
    ///
    /// As [`new`](Message::new); then nothing has changed.
    pub fn set_header(&mut self, header: Header) -> Result<()> {
        let only_id = Header {
            id: header.id,
            ..self.header()
        };
        if header == only_id {
            self.set_id(header.id);
        } else {
            *self = self.with_header(header)?;
        }
        Ok(())
    }

    /// Replaces the id.
    ///
    /// C: [`ares_dns_record_set_id`](https://c-ares.org/docs/ares_dns_record.html).
    #[doc(alias = "ares_dns_record_set_id")]
    pub fn set_id(&mut self, id: u16) {
        self.raw.set_id(id);
    }

    /// The questions: one in a message that was parsed.
    ///
    /// C: [`ares_dns_record_query_get`](https://c-ares.org/docs/ares_dns_record.html).
    #[doc(alias = "ares_dns_record_query_cnt")]
    #[doc(alias = "ares_dns_record_query_get")]
    pub fn questions(&self) -> impl Iterator<Item = Question> {
        (0..self.raw.question_count()).filter_map(|index| {
            let (name, record_type, class) = self.raw.question(index).ok()?;
            Some(Question {
                // ASCII if it was parsed, and otherwise what `add_question` was given.
                name: Name::from(&*name.to_string_lossy()),
                record_type,
                class,
            })
        })
    }

    /// Adds a question behind the others.
    ///
    /// c-ares sends a message only if it has one question.
    ///
    /// C: [`ares_dns_record_query_add`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadName`] for a name with NUL; whether it is a name otherwise is seen when
    /// the message is written. [`ErrorKind::BadMessage`] for a class that c-ares does not know;
    /// [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_dns_record_query_add")]
    pub fn add_question(
        &mut self,
        name: &str,
        record_type: RecordType,
        class: Class,
    ) -> Result<()> {
        let c_name = to_c(name)?;
        self.raw
            .add_question(&c_name, record_type, class)
            .map_err(|error| match error.kind() {
                ErrorKind::NoMemory => error,
                _ => ErrorKind::BadMessage {
                    part: format!("the class {class}"),
                    reason: "c-ares asks in the classes IN, CH, HS, NONE and ANY",
                }
                .into(),
            })
    }

    /// Replaces the name of the question at `index`, counted from 0.
    ///
    /// C: [`ares_dns_record_query_set_name`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadName`] for a name with NUL; [`ErrorKind::BadQuery`] if there is no such
    /// question; [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_dns_record_query_set_name")]
    pub fn set_question_name(&mut self, index: usize, name: &str) -> Result<()> {
        self.raw.set_question_name(index, &to_c(name)?)
    }

    /// Replaces the type of the question at `index`, counted from 0.
    ///
    /// C: [`ares_dns_record_query_set_type`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadQuery`] if there is no such question.
    #[doc(alias = "ares_dns_record_query_set_type")]
    pub fn set_question_type(&mut self, index: usize, record_type: RecordType) -> Result<()> {
        self.raw.set_question_type(index, record_type)
    }

    /// How many records a section has, whatever their types.
    ///
    /// C: [`ares_dns_record_rr_cnt`](https://c-ares.org/docs/ares_dns_record.html).
    #[doc(alias = "ares_dns_record_rr_cnt")]
    pub fn record_count(&self, section: Section) -> usize {
        self.raw.record_count(section)
    }

    /// The records of a section that have data of type `T`, in their order.
    ///
    /// With [`RData`] these are all records. Equal owner names share their storage.
    ///
    /// C: [`ares_dns_record_rr_get_const`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadResponse`] for a record that c-ares gives without one of its fields.
    #[doc(alias = "ares_dns_record_rr_get_const")]
    pub fn records<T: RecordData>(&self, section: Section) -> Result<Vec<Record<T>>> {
        record::read_all(&self.raw, section, RecordType::ANY)
    }

    /// Adds a record behind the others of its section.
    ///
    /// C: [`ares_dns_record_rr_add`](https://c-ares.org/docs/ares_dns_record.html), and
    /// `ares_dns_rr_set_*` for its fields.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadName`] for an owner with NUL. [`ErrorKind::BadMessage`] for a class that
    /// c-ares does not know, for data that has no form on the wire, such as a character string
    /// of more than 255 bytes, or that c-ares would change, such as a parameter that stands in
    /// it twice. [`ErrorKind::NoMemory`]. Then nothing has changed.
    #[doc(alias = "ares_dns_record_rr_add")]
    pub fn add_record<T: RecordData>(
        &mut self,
        section: Section,
        record: &Record<T>,
    ) -> Result<()> {
        let owner = to_c(&record.name)?;
        let index = self.record_count(section);
        let added = self.raw.add_record(
            section,
            &owner,
            record.data.raw_type(),
            record.class,
            record.ttl,
        );
        let mut rr = added.map_err(|error| match error.kind() {
            ErrorKind::NoMemory => error,
            _ => Error::from(ErrorKind::BadMessage {
                part: format!("{} {}", record.name, record.data.record_type()),
                reason: "c-ares knows records of the classes IN, CH, HS and NONE, and of ANY if \
                         they are SIG",
            }),
        })?;
        record.data.write(&mut rr).inspect_err(|_| {
            let _ = self.raw.remove_record(section, index);
        })
    }

    /// Removes the records of a section for which `keep` says no.
    ///
    /// C: [`ares_dns_record_rr_del`](https://c-ares.org/docs/ares_dns_record.html).
    ///
    /// # Errors
    ///
    /// As [`records`](Message::records); then nothing has changed.
    #[doc(alias = "ares_dns_record_rr_del")]
    pub fn retain_records(
        &mut self,
        section: Section,
        keep: impl FnMut(&Record<RData>) -> bool,
    ) -> Result<()> {
        let kept: Vec<bool> = self.records(section)?.iter().map(keep).collect();
        for (index, _) in kept.iter().enumerate().rev().filter(|(_, kept)| !**kept) {
            self.raw.remove_record(section, index)?;
        }
        Ok(())
    }

    /// The OPT record of EDNS, if there is one.
    ///
    /// # Errors
    ///
    /// As [`records`](Message::records).
    pub fn edns(&self) -> Result<Option<Opt>> {
        let mut records = self.records::<Opt>(Section::Additional)?;
        Ok(records.pop().map(|record| record.data))
    }

    /// Replaces the OPT record of EDNS, or takes it away.
    ///
    /// # Errors
    ///
    /// As [`add_record`](Message::add_record).
    pub fn set_edns(&mut self, edns: Option<&Opt>) -> Result<()> {
        let old: Vec<usize> = self
            .raw
            .records(Section::Additional)
            .enumerate()
            .filter(|(_, rr)| rr.raw_type() == sys::ARES_REC_TYPE_OPT)
            .map(|(index, _)| index)
            .collect();
        if let Some(edns) = edns {
            let record = Record::new("", 0, edns.clone());
            self.add_record(Section::Additional, &record)?;
        }
        for index in old.into_iter().rev() {
            self.raw.remove_record(Section::Additional, index)?;
        }
        Ok(())
    }
}

impl PartialEq for Message {
    /// Compares what is in them. Names are equal without regard to the case of letters.
    fn eq(&self, other: &Self) -> bool {
        match (Parts::read(self), Parts::read(other)) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

fn to_c(name: &str) -> Result<CString> {
    CString::new(name).map_err(|_| ErrorKind::BadName.into())
}
