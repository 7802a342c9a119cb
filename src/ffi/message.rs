//! `ares_dns_record_t`: one getter per C data type.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ptr::{self, NonNull};
use std::slice;

use c_ares_sys as sys;

use crate::code::{Class, RecordType};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::record::param::SvcParam;

/// What names a field of a record in c-ares.
pub(crate) type Key = sys::ares_dns_rr_key_t;

/// A message that c-ares lends for the time of a callback.
#[derive(Clone, Copy)]
pub(crate) struct MessageRef<'a> {
    raw: NonNull<sys::ares_dns_record_t>,
    lent: PhantomData<&'a sys::ares_dns_record_t>,
}

impl<'a> MessageRef<'a> {
    /// # Safety
    ///
    /// `raw` is null, or points to a message that nobody changes or frees during `'a`.
    pub(crate) unsafe fn new(raw: *const sys::ares_dns_record_t) -> Option<Self> {
        Some(MessageRef {
            raw: NonNull::new(raw.cast_mut())?,
            lent: PhantomData,
        })
    }

    /// The records of the answer section, in the order of the message.
    pub(crate) fn answers(self) -> impl Iterator<Item = Rr<'a>> {
        let section = sys::ARES_SECTION_ANSWER;
        // SAFETY: ares_dns_record(3): reading counts and records does not change
        // the message, which is alive during 'a.
        let count = unsafe { sys::ares_dns_record_rr_cnt(self.raw.as_ptr(), section) };
        (0..count).filter_map(move |index| {
            // SAFETY: as above; an index out of range gives null. The record
            // belongs to the message and lives as long.
            let rr =
                unsafe { sys::ares_dns_record_rr_get_const(self.raw.as_ptr(), section, index) };
            Rr::new(rr)
        })
    }

    /// Whether the server says that it has verified the data (the AD flag).
    pub(crate) fn authenticated(self) -> bool {
        // SAFETY: ares_dns_record(3): the message is alive and only read.
        let flags = unsafe { sys::ares_dns_record_get_flags(self.raw.as_ptr()) };
        u32::from(flags) & bits(sys::ARES_FLAG_AD) != 0
    }
}

/// One record of a message.
#[derive(Clone, Copy)]
pub(crate) struct Rr<'a> {
    raw: NonNull<sys::ares_dns_rr_t>,
    lent: PhantomData<&'a sys::ares_dns_rr_t>,
}

impl<'a> Rr<'a> {
    fn new(raw: *const sys::ares_dns_rr_t) -> Option<Self> {
        Some(Rr {
            raw: NonNull::new(raw.cast_mut())?,
            lent: PhantomData,
        })
    }

    fn raw_pointer(self) -> *const sys::ares_dns_rr_t {
        self.raw.as_ptr()
    }

    /// The owner name as c-ares wrote it.
    pub(crate) fn owner(self) -> Result<&'a str> {
        // SAFETY: ares_dns_record(3): the name belongs to the record, alive during 'a.
        unsafe { text(sys::ares_dns_rr_get_name(self.raw_pointer())) }
    }

    pub(crate) fn class(self) -> Class {
        // SAFETY: ares_dns_record(3): the record is alive and only read.
        Class(narrow(
            unsafe { sys::ares_dns_rr_get_class(self.raw_pointer()) } as u32,
        ))
    }

    pub(crate) fn ttl(self) -> u32 {
        // SAFETY: ares_dns_record(3): the record is alive and only read.
        unsafe { sys::ares_dns_rr_get_ttl(self.raw_pointer()) }
    }

    /// The type on the wire, also of a record that c-ares did not take apart.
    pub(crate) fn record_type(self) -> RecordType {
        // SAFETY: ares_dns_record(3): the record is alive and only read.
        let record_type = unsafe { sys::ares_dns_rr_get_type(self.raw_pointer()) };
        if record_type == sys::ARES_REC_TYPE_RAW_RR {
            RecordType(self.get_u16(sys::ARES_RR_RAW_RR_TYPE))
        } else {
            RecordType(narrow(record_type))
        }
    }

    /// The data of a record that c-ares did not take apart, as it was on the wire.
    pub(crate) fn raw(self) -> Result<Vec<u8>> {
        self.bytes(sys::ARES_RR_RAW_RR_DATA)
    }

    pub(crate) fn bytes(self, key: Key) -> Result<Vec<u8>> {
        let mut len = 0;
        // SAFETY: ares_dns_record(3): the bytes belong to the record; a key of
        // another type gives null.
        unsafe {
            let data = sys::ares_dns_rr_get_bin(self.raw_pointer(), key, &raw mut len);
            Ok(bytes(data, len).to_vec())
        }
    }

    fn get_u16(self, key: Key) -> u16 {
        // SAFETY: ares_dns_record(3): the record is alive; a key of another type gives 0.
        unsafe { sys::ares_dns_rr_get_u16(self.raw_pointer(), key) }
    }

    pub(crate) fn u16(self, key: Key) -> Result<u16> {
        Ok(self.get_u16(key))
    }

    pub(crate) fn u8(self, key: Key) -> Result<u8> {
        // SAFETY: ares_dns_record(3): the record is alive; a key of another type gives 0.
        Ok(unsafe { sys::ares_dns_rr_get_u8(self.raw_pointer(), key) })
    }

    pub(crate) fn u32(self, key: Key) -> Result<u32> {
        // SAFETY: ares_dns_record(3): the record is alive; a key of another type gives 0.
        Ok(unsafe { sys::ares_dns_rr_get_u32(self.raw_pointer(), key) })
    }

    pub(crate) fn ipv4(self, key: Key) -> Result<Ipv4Addr> {
        // SAFETY: ares_dns_record(3): the address belongs to the record; a key of
        // another type gives null.
        let address = unsafe { sys::ares_dns_rr_get_addr(self.raw_pointer(), key).as_ref() };
        address
            .map(super::addr::ipv4)
            .ok_or(ErrorKind::BadResponse.into())
    }

    pub(crate) fn ipv6(self, key: Key) -> Result<Ipv6Addr> {
        // SAFETY: as in `ipv4`.
        let address = unsafe { sys::ares_dns_rr_get_addr6(self.raw_pointer(), key).as_ref() };
        address
            .map(super::addr::ipv6)
            .ok_or(ErrorKind::BadResponse.into())
    }

    fn text(self, key: Key) -> Result<&'a str> {
        // SAFETY: ares_dns_record(3): the string belongs to the record; a key of
        // another type gives null.
        unsafe { text(sys::ares_dns_rr_get_str(self.raw_pointer(), key)) }
    }

    pub(crate) fn name(self, key: Key) -> Result<Name> {
        self.text(key).map(Name::from)
    }

    pub(crate) fn string(self, key: Key) -> Result<String> {
        self.text(key).map(String::from)
    }

    pub(crate) fn params(self, key: Key) -> Result<Vec<SvcParam>> {
        // SAFETY: ares_dns_record(3): the values belong to the record, and the index
        // stays below their count; a key of another type gives 0 and null.
        unsafe {
            Ok((0..sys::ares_dns_rr_get_opt_cnt(self.raw_pointer(), key))
                .map(|index| {
                    let (mut value, mut len) = (ptr::null(), 0);
                    let number = sys::ares_dns_rr_get_opt(
                        self.raw_pointer(),
                        key,
                        index,
                        &raw mut value,
                        &raw mut len,
                    );
                    SvcParam::read(number, bytes(value, len))
                })
                .collect())
        }
    }

    pub(crate) fn strings(self, key: Key) -> Result<Vec<Vec<u8>>> {
        // SAFETY: ares_dns_record(3): the strings belong to the record, and the
        // index stays below their count; a key of another type gives 0 and null.
        unsafe {
            (0..sys::ares_dns_rr_get_abin_cnt(self.raw_pointer(), key))
                .map(|index| {
                    let mut len = 0;
                    let data =
                        sys::ares_dns_rr_get_abin(self.raw_pointer(), key, index, &raw mut len);
                    Ok(bytes(data, len).to_vec())
                })
                .collect()
        }
    }
}

/// A C enum that holds a 16-bit number of the wire.
fn narrow(number: sys::c_enum) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

/// A C enum that holds a bit. Enums are signed for Microsoft's compiler.
#[allow(clippy::unnecessary_cast)]
pub(crate) fn bits(flag: sys::c_enum) -> u32 {
    flag as u32
}

/// # Safety
///
/// `data` is null or points to a NUL-terminated string that lives during `'a`.
unsafe fn text<'a>(data: *const c_char) -> Result<&'a str> {
    if data.is_null() {
        return Err(ErrorKind::BadResponse.into());
    }
    // SAFETY: as this function asks.
    unsafe { CStr::from_ptr(data) }
        .to_str()
        .map_err(|_| ErrorKind::BadResponse.into())
}

/// # Safety
///
/// `data` is null or points to `len` bytes that live during `'a`.
unsafe fn bytes<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if data.is_null() {
        return &[];
    }
    // SAFETY: as this function asks.
    unsafe { slice::from_raw_parts(data, len) }
}

/// A message that this crate made and owns.
pub(crate) struct OwnedMessage(NonNull<sys::ares_dns_record_t>);

impl OwnedMessage {
    /// A query for one name, as `ares_search` would make it.
    pub(crate) fn query(
        name: &CStr,
        class: Class,
        record_type: RecordType,
        recursion: bool,
        edns_size: Option<u16>,
    ) -> Result<Self> {
        let flags = if recursion {
            bits(sys::ARES_FLAG_RD) as u16
        } else {
            0
        };
        let mut raw = ptr::null_mut();
        // SAFETY: ares_dns_record_create(3) writes the pointer on success only.
        Error::check(unsafe {
            sys::ares_dns_record_create(
                &raw mut raw,
                0,
                flags,
                sys::ARES_OPCODE_QUERY,
                sys::ARES_RCODE_NOERROR,
            )
        } as i32)?;
        let message = OwnedMessage(NonNull::new(raw).ok_or(ErrorKind::NoMemory)?);
        // SAFETY: the message is ours; the name is copied
        // (ares_dns_record_query_add(3)).
        Error::check(unsafe {
            sys::ares_dns_record_query_add(raw, name.as_ptr(), record_type.0.into(), class.0.into())
        } as i32)?;
        if let Some(size) = edns_size {
            message.add_opt(size)?;
        }
        Ok(message)
    }

    fn add_opt(&self, size: u16) -> Result<()> {
        let mut rr = ptr::null_mut();
        // SAFETY: the message is ours; the new record belongs to it and is used
        // before anything is added behind it (ares_dns_record_rr_add(3)).
        unsafe {
            Error::check(sys::ares_dns_record_rr_add(
                &raw mut rr,
                self.0.as_ptr(),
                sys::ARES_SECTION_ADDITIONAL,
                c"".as_ptr(),
                sys::ARES_REC_TYPE_OPT,
                sys::ARES_CLASS_IN,
                0,
            ) as i32)?;
            Error::check(sys::ares_dns_rr_set_u16(rr, sys::ARES_RR_OPT_UDP_SIZE, size) as i32)?;
            Error::check(sys::ares_dns_rr_set_u8(rr, sys::ARES_RR_OPT_VERSION, 0) as i32)?;
            Error::check(sys::ares_dns_rr_set_u16(rr, sys::ARES_RR_OPT_FLAGS, 0) as i32)
        }
    }

    pub(crate) fn as_ptr(&self) -> *const sys::ares_dns_record_t {
        self.0.as_ptr()
    }
}

impl Drop for OwnedMessage {
    fn drop(&mut self) {
        // SAFETY: the message came from ares_dns_record_create(3) and is freed once.
        unsafe { sys::ares_dns_record_destroy(self.0.as_ptr()) };
    }
}

/// The fields that c-ares has for a record type.
#[cfg(test)]
pub(crate) fn keys(record_type: RecordType) -> Vec<Key> {
    let mut count = 0;
    // SAFETY: ares_dns_rr_get_keys(3) gives a static array and its length.
    unsafe {
        let keys = sys::ares_dns_rr_get_keys(record_type.0.into(), &raw mut count);
        if keys.is_null() {
            return Vec::new();
        }
        slice::from_raw_parts(keys, count).to_vec()
    }
}

/// The data type that c-ares has for a field.
#[cfg(test)]
pub(crate) fn datatype(key: Key) -> sys::ares_dns_datatype_t {
    // SAFETY: ares_dns_rr_key_datatype(3) is a look-up in a constant table.
    unsafe { sys::ares_dns_rr_key_datatype(key) }
}
