//! `ares_dns_record_t`: whole messages. What is in their records is in `record`.

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};

use c_ares_sys as sys;

use super::library;
use super::record::{self, Rr, RrMut};
use crate::code::{Class, Opcode, Rcode, RecordType};
use crate::error::{Error, ErrorKind, Result};
use crate::flags::HeaderFlags;
use crate::message::{Header, Message, Section};

mod check;

/// A message that belongs to this value.
pub(crate) struct RawMessage(NonNull<sys::ares_dns_record_t>);

// SAFETY: `ares_dns_record.c`: a message is memory that nothing else points into, and nothing
// in it belongs to a thread.
unsafe impl Send for RawMessage {}
// SAFETY: `ares_dns_record.c`: what takes a constant message reads it. The one exception joins
// the strings of a record, and keeps the result (`ares_dns_multistring_combined`); `Rr` does
// not ask for that.
unsafe impl Sync for RawMessage {}

/// A message that c-ares lends for the time of a callback.
pub(crate) struct Lent<'a> {
    message: ManuallyDrop<Message>,
    lent: PhantomData<&'a Message>,
}

impl Lent<'_> {
    /// # Safety
    ///
    /// `raw` is null, or points to a message that nobody changes or frees during the lifetime.
    pub(super) unsafe fn new(raw: *const sys::ares_dns_record_t) -> Option<Self> {
        Some(Lent {
            message: ManuallyDrop::new(Message {
                raw: RawMessage(NonNull::new(raw.cast_mut())?),
            }),
            lent: PhantomData,
        })
    }
}

impl Deref for Lent<'_> {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl RawMessage {
    /// A message with a header and nothing else.
    pub(crate) fn new(header: &Header) -> Result<Self> {
        library::ready()?;
        let mut raw = ptr::null_mut();
        // SAFETY: ares_dns_record_create(3) writes the pointer on success only, and refuses
        // numbers that it does not know.
        let status = unsafe {
            sys::ares_dns_record_create(
                &raw mut raw,
                header.id,
                header.flags.bits(),
                header.opcode.0.into(),
                header.rcode.0.into(),
            )
        };
        Error::check(status as i32).map_err(|error| match error.kind() {
            ErrorKind::NoMemory => error,
            _ => ErrorKind::BadMessage {
                part: format!("opcode {} with rcode {}", header.opcode, header.rcode),
                reason: "c-ares knows the opcodes QUERY, IQUERY, STATUS, NOTIFY and UPDATE, and \
                         the rcodes up to 11 and from 16 to 23",
            }
            .into(),
        })?;
        NonNull::new(raw)
            .map(RawMessage)
            .ok_or(ErrorKind::NoMemory.into())
    }

    /// Takes a message on the wire apart.
    pub(crate) fn parse(wire: &[u8]) -> Result<Self> {
        library::ready()?;
        let mut raw = ptr::null_mut();
        // SAFETY: ares_dns_parse(3): the bytes are read during the call; the pointer is
        // written on success, and otherwise null.
        let status = unsafe { sys::ares_dns_parse(wire.as_ptr(), wire.len(), 0, &raw mut raw) };
        Error::check(status as i32).map_err(|error| {
            let reason = match error.kind() {
                ErrorKind::NoMemory => return error,
                ErrorKind::BadName => "a name in it is malformed",
                ErrorKind::BadString => "a text in it has other bytes than printable ASCII",
                ErrorKind::FormErr => {
                    "no bytes, more than 65,535, or an opcode, a type or a class that c-ares \
                     does not know"
                }
                _ => "not one message with one question",
            };
            ErrorKind::BadMessage {
                part: format!("{} bytes", wire.len()),
                reason,
            }
            .into()
        })?;
        NonNull::new(raw)
            .map(RawMessage)
            .ok_or(ErrorKind::NoMemory.into())
    }

    /// The message on the wire.
    pub(crate) fn write(&self) -> Result<Vec<u8>> {
        let (mut wire, mut len) = (ptr::null_mut(), 0);
        // SAFETY: ares_dns_write(3): the message is alive and only read.
        let status = unsafe { sys::ares_dns_write(self.as_ptr(), &raw mut wire, &raw mut len) };
        Error::check(status as i32).map_err(|error| match error.kind() {
            ErrorKind::NoMemory | ErrorKind::BadName => error,
            _ => ErrorKind::BadQuery.into(),
        })?;
        // SAFETY: ares_dns_write(3): with success these are `len` bytes of c-ares', to be
        // freed with ares_free_string(3).
        unsafe {
            let copy = record::bytes(wire, len).to_vec();
            sys::ares_free_string(wire.cast::<c_void>());
            Ok(copy)
        }
    }

    pub(crate) fn as_ptr(&self) -> *const sys::ares_dns_record_t {
        self.0.as_ptr()
    }

    pub(crate) fn header(&self) -> Header {
        // SAFETY: ares_dns_record(3): the message is alive and only read.
        unsafe {
            Header {
                id: sys::ares_dns_record_get_id(self.as_ptr()),
                flags: HeaderFlags::from_bits(sys::ares_dns_record_get_flags(self.as_ptr())),
                opcode: Opcode(record::narrow(sys::ares_dns_record_get_opcode(
                    self.as_ptr(),
                ))),
                rcode: Rcode(record::narrow(sys::ares_dns_record_get_rcode(
                    self.as_ptr(),
                ))),
            }
        }
    }

    pub(crate) fn set_id(&mut self, id: u16) {
        // SAFETY: ares_dns_record(3): the message is ours to change.
        unsafe { sys::ares_dns_record_set_id(self.0.as_ptr(), id) };
    }

    pub(crate) fn question_count(&self) -> usize {
        // SAFETY: ares_dns_record(3): the message is alive and only read.
        unsafe { sys::ares_dns_record_query_cnt(self.as_ptr()) }
    }

    /// The name of a question as C has it, its type and its class.
    pub(crate) fn question(&self, index: usize) -> Result<(&CStr, RecordType, Class)> {
        let (mut name, mut record_type, mut class) = (ptr::null(), 0, 0);
        // SAFETY: ares_dns_record(3): the message is alive and only read; with success the
        // name ends in NUL, and belongs to the message.
        unsafe {
            check(sys::ares_dns_record_query_get(
                self.as_ptr(),
                index,
                &raw mut name,
                &raw mut record_type,
                &raw mut class,
            ))?;
            Ok((
                CStr::from_ptr(name),
                RecordType(record::narrow(record_type)),
                Class(record::narrow(class)),
            ))
        }
    }

    pub(crate) fn add_question(
        &mut self,
        name: &CStr,
        record_type: RecordType,
        class: Class,
    ) -> Result<()> {
        // SAFETY: ares_dns_record_query_add(3): the message is ours to change; the name ends
        // in NUL and is copied.
        check(unsafe {
            sys::ares_dns_record_query_add(
                self.0.as_ptr(),
                name.as_ptr(),
                record_type.0.into(),
                class.0.into(),
            )
        })
    }

    pub(crate) fn set_question_name(&mut self, index: usize, name: &CStr) -> Result<()> {
        // SAFETY: ares_dns_record(3): the message is ours to change; the name ends in NUL
        // and is copied; an index out of range is refused.
        check(unsafe { sys::ares_dns_record_query_set_name(self.0.as_ptr(), index, name.as_ptr()) })
    }

    pub(crate) fn set_question_type(&mut self, index: usize, to: RecordType) -> Result<()> {
        // SAFETY: ares_dns_record(3): the message is ours to change; an index out of range
        // is refused.
        check(unsafe { sys::ares_dns_record_query_set_type(self.0.as_ptr(), index, to.0.into()) })
    }

    pub(crate) fn record_count(&self, section: Section) -> usize {
        // SAFETY: ares_dns_record(3): the message is alive and only read.
        unsafe { sys::ares_dns_record_rr_cnt(self.as_ptr(), section.to_c()) }
    }

    pub(crate) fn record(&self, section: Section, index: usize) -> Option<Rr<'_>> {
        // SAFETY: ares_dns_record(3): the message is alive and only read, the record
        // belongs to it and lives as long; an index out of range gives null.
        unsafe {
            Rr::new(sys::ares_dns_record_rr_get_const(
                self.as_ptr(),
                section.to_c(),
                index,
            ))
        }
    }

    /// The records of a section, in the order of the message.
    pub(crate) fn records(&self, section: Section) -> impl Iterator<Item = Rr<'_>> {
        (0..self.record_count(section)).filter_map(move |index| self.record(section, index))
    }

    /// Adds a record, whose fields are still to be set, behind the others.
    pub(crate) fn add_record(
        &mut self,
        section: Section,
        owner: &CStr,
        raw_type: sys::c_enum,
        class: Class,
        ttl: u32,
    ) -> Result<RrMut<'_>> {
        let mut rr = ptr::null_mut();
        // SAFETY: ares_dns_record_rr_add(3): the message is ours to change; the name ends in
        // NUL and is copied. The record belongs to the message, and the borrow keeps
        // everybody else away from both.
        unsafe {
            check(sys::ares_dns_record_rr_add(
                &raw mut rr,
                self.0.as_ptr(),
                section.to_c(),
                owner.as_ptr(),
                raw_type,
                class.0.into(),
                ttl,
            ))?;
            RrMut::new(rr).ok_or(ErrorKind::NoMemory.into())
        }
    }

    pub(crate) fn remove_record(&mut self, section: Section, index: usize) -> Result<()> {
        // SAFETY: ares_dns_record_rr_del(3): the message is ours to change; an index out of
        // range is refused.
        check(unsafe { sys::ares_dns_record_rr_del(self.0.as_ptr(), section.to_c(), index) })
    }

    /// Adds all questions and records of another message.
    pub(crate) fn add_all(&mut self, from: &RawMessage) -> Result<()> {
        for index in 0..from.question_count() {
            let (name, record_type, class) = from.question(index)?;
            self.add_question(name, record_type, class)?;
        }
        for section in Section::ALL {
            for rr in from.records(section) {
                let copy =
                    self.add_record(section, rr.owner_c()?, rr.raw_type(), rr.class(), rr.ttl());
                copy?.copy_from(rr)?;
            }
        }
        Ok(())
    }
}

impl Drop for RawMessage {
    fn drop(&mut self) {
        // SAFETY: ares_dns_record_destroy(3): the message is ours, and freed once.
        unsafe { sys::ares_dns_record_destroy(self.0.as_ptr()) };
    }
}

/// The result of a change. c-ares says `ARES_EFORMERR` of whatever it does not take.
fn check(status: sys::ares_status_t) -> Result<()> {
    Error::check(status as i32).map_err(|error| match error.kind() {
        ErrorKind::NoMemory => error,
        _ => ErrorKind::BadQuery.into(),
    })
}

/// A C enum that holds a bit. Enums are signed for Microsoft's compiler.
#[allow(clippy::unnecessary_cast)]
pub(crate) fn bits(flag: sys::c_enum) -> u32 {
    flag as u32
}
