//! `ares_dns_rr_t`: one getter per C data type; the setters are in `build`.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ptr::{self, NonNull};
use std::slice;

use c_ares_sys as sys;

use super::addr;
use crate::code::{Class, RecordType};
use crate::error::{ErrorKind, Result};
use crate::name::Name;

mod build;

pub(crate) use build::RrMut;

/// What names a field of a record in c-ares.
pub(crate) type Key = sys::ares_dns_rr_key_t;

/// One record of a message.
#[derive(Clone, Copy)]
pub(crate) struct Rr<'a> {
    raw: NonNull<sys::ares_dns_rr_t>,
    lent: PhantomData<&'a sys::ares_dns_rr_t>,
}

impl<'a> Rr<'a> {
    /// # Safety
    ///
    /// `raw` is null, or points to a record that nobody changes or frees during `'a`.
    pub(super) unsafe fn new(raw: *const sys::ares_dns_rr_t) -> Option<Self> {
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

    /// The owner name as C has it.
    pub(super) fn owner_c(self) -> Result<&'a CStr> {
        // SAFETY: ares_dns_record(3): the name ends in NUL, and belongs to the record, alive
        // during 'a.
        unsafe { c_text(sys::ares_dns_rr_get_name(self.raw_pointer())) }
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

    /// The type that c-ares has for it: it does not take apart every one.
    pub(crate) fn raw_type(self) -> sys::c_enum {
        // SAFETY: ares_dns_record(3): the record is alive and only read.
        unsafe { sys::ares_dns_rr_get_type(self.raw_pointer()) }
    }

    /// The type on the wire, also of a record that c-ares did not take apart.
    pub(crate) fn record_type(self) -> RecordType {
        match self.raw_type() {
            sys::ARES_REC_TYPE_RAW_RR => RecordType(self.get_u16(sys::ARES_RR_RAW_RR_TYPE)),
            record_type => RecordType(narrow(record_type)),
        }
    }

    /// The data, if c-ares did not take it apart, as it was on the wire.
    pub(crate) fn raw(self) -> Option<Vec<u8>> {
        (self.raw_type() == sys::ARES_REC_TYPE_RAW_RR)
            .then(|| self.get_bytes(sys::ARES_RR_RAW_RR_DATA).to_vec())
    }

    /// The field `key`, which is not one of several strings: c-ares would join them, and keep
    /// the result in the record.
    fn get_bytes(self, key: Key) -> &'a [u8] {
        let mut len = 0;
        // SAFETY: ares_dns_record(3): the bytes belong to the record; a key of
        // another type gives null.
        unsafe {
            let data = sys::ares_dns_rr_get_bin(self.raw_pointer(), key, &raw mut len);
            bytes(data, len)
        }
    }

    pub(crate) fn bytes(self, key: Key) -> Result<Vec<u8>> {
        Ok(self.get_bytes(key).to_vec())
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
        address.map(addr::ipv4).ok_or(ErrorKind::BadResponse.into())
    }

    pub(crate) fn ipv6(self, key: Key) -> Result<Ipv6Addr> {
        // SAFETY: as in `ipv4`.
        let address = unsafe { sys::ares_dns_rr_get_addr6(self.raw_pointer(), key).as_ref() };
        address.map(addr::ipv6).ok_or(ErrorKind::BadResponse.into())
    }

    pub(super) fn text(self, key: Key) -> Result<&'a str> {
        // SAFETY: ares_dns_record(3): the string belongs to the record; a key of
        // another type gives null.
        unsafe { text(sys::ares_dns_rr_get_str(self.raw_pointer(), key)) }
    }

    /// The field `key` as C has it.
    pub(super) fn text_c(self, key: Key) -> Result<&'a CStr> {
        // SAFETY: as in `text`.
        unsafe { c_text(sys::ares_dns_rr_get_str(self.raw_pointer(), key)) }
    }

    pub(crate) fn name(self, key: Key) -> Result<Name> {
        self.text(key).map(Name::from)
    }

    pub(crate) fn string(self, key: Key) -> Result<String> {
        self.text(key).map(String::from)
    }

    /// The numbers and values of a list of options or parameters.
    pub(crate) fn options(self, key: Key) -> impl Iterator<Item = (u16, &'a [u8])> {
        // SAFETY: ares_dns_record(3): a key of another type gives 0.
        let count = unsafe { sys::ares_dns_rr_get_opt_cnt(self.raw_pointer(), key) };
        (0..count).map(move |index| {
            let (mut value, mut len) = (ptr::null(), 0);
            // SAFETY: ares_dns_record(3): the values belong to the record, and the index
            // stays below their count.
            unsafe {
                let number = sys::ares_dns_rr_get_opt(
                    self.raw_pointer(),
                    key,
                    index,
                    &raw mut value,
                    &raw mut len,
                );
                (number, bytes(value, len))
            }
        })
    }

    fn get_strings(self, key: Key) -> impl Iterator<Item = &'a [u8]> {
        // SAFETY: ares_dns_record(3): a key of another type gives 0.
        let count = unsafe { sys::ares_dns_rr_get_abin_cnt(self.raw_pointer(), key) };
        (0..count).map(move |index| {
            let mut len = 0;
            // SAFETY: ares_dns_record(3): the strings belong to the record, and the
            // index stays below their count.
            unsafe {
                let data = sys::ares_dns_rr_get_abin(self.raw_pointer(), key, index, &raw mut len);
                bytes(data, len)
            }
        })
    }

    pub(crate) fn strings(self, key: Key) -> Result<Vec<Vec<u8>>> {
        Ok(self.get_strings(key).map(<[u8]>::to_vec).collect())
    }
}

/// A C enum that holds a 16-bit number of the wire.
pub(super) fn narrow(number: sys::c_enum) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

/// # Safety
///
/// `data` is null or points to a NUL-terminated string that lives during `'a`.
unsafe fn c_text<'a>(data: *const c_char) -> Result<&'a CStr> {
    if data.is_null() {
        return Err(ErrorKind::BadResponse.into());
    }
    // SAFETY: as this function asks.
    Ok(unsafe { CStr::from_ptr(data) })
}

/// # Safety
///
/// As of `c_text`.
pub(super) unsafe fn text<'a>(data: *const c_char) -> Result<&'a str> {
    // SAFETY: as this function asks.
    unsafe { c_text(data) }?
        .to_str()
        .map_err(|_| ErrorKind::BadResponse.into())
}

/// # Safety
///
/// `data` is null or points to `len` bytes that live during `'a`.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if data.is_null() {
        return &[];
    }
    // SAFETY: as this function asks.
    unsafe { slice::from_raw_parts(data, len) }
}

/// The fields that c-ares has for a type of its own.
pub(crate) fn keys(raw_type: sys::c_enum) -> &'static [Key] {
    let mut count = 0;
    // SAFETY: ares_dns_rr_get_keys(3) gives a static array and its length, or null.
    unsafe {
        let keys = sys::ares_dns_rr_get_keys(raw_type, &raw mut count);
        if keys.is_null() {
            return &[];
        }
        slice::from_raw_parts(keys, count)
    }
}

/// The data type that c-ares has for a field.
pub(crate) fn datatype(key: Key) -> sys::ares_dns_datatype_t {
    // SAFETY: ares_dns_rr_key_datatype(3) is a look-up in a constant table.
    unsafe { sys::ares_dns_rr_key_datatype(key) }
}
