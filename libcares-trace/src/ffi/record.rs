//! `ares_dns_record_t`, read through the library's own getters.
//!
//! Only getters that change nothing and allocate nothing: a program may count what is
//! allocated. Each record is put together again as it was on the wire, so that one
//! reader (`message.rs`) shows what comes from new libraries and from old.

use super::read;
use super::symbol::Symbol;
use super::types::{Record, Rr, SUCCESS};
use crate::message::{self, Answer};
use libc::{c_char, c_int, c_uchar, c_uint, c_ushort};
use std::ffi::CStr;
use std::ptr;

/// `ARES_SECTION_ANSWER`.
const ANSWER: c_int = 1;
/// `ARES_REC_TYPE_RAW_RR`: the type is a member.
const RAW: c_int = 65536;
/// Types whose data breaks a rule that the others keep.
const URI: c_int = 256;
const TXT: c_int = 16;

/// Declares functions of the library that are looked up here.
macro_rules! library {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $ret:ty;)*) => {$(
        unsafe fn $name($($arg: $type),*) -> Option<$ret> {
            static SYMBOL: Symbol = Symbol::new(
                match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name without NUL"),
                },
            );
            // SAFETY: ares_dns_record.h declares it like this; the caller keeps to its page.
            unsafe {
                let function = SYMBOL.get::<unsafe extern "C" fn($($type),*) -> $ret>()?;
                Some(function($($arg),*))
            }
        }
    )*};
}

library! {
    fn ares_dns_record_query_get(record: *const Record, index: usize, name: *mut *const c_char, kind: *mut c_int, class: *mut c_int) -> c_int;
    fn ares_dns_record_rr_cnt(record: *const Record, section: c_int) -> usize;
    fn ares_dns_record_rr_get_const(record: *const Record, section: c_int, index: usize) -> *const Rr;
    fn ares_dns_rr_get_name(rr: *const Rr) -> *const c_char;
    fn ares_dns_rr_get_type(rr: *const Rr) -> c_int;
    fn ares_dns_rr_get_ttl(rr: *const Rr) -> c_uint;
    fn ares_dns_rr_get_keys(kind: c_int, count: *mut usize) -> *const c_int;
    fn ares_dns_rr_key_datatype(key: c_int) -> c_int;
    fn ares_dns_rr_get_addr(rr: *const Rr, key: c_int) -> *const [u8; 4];
    fn ares_dns_rr_get_addr6(rr: *const Rr, key: c_int) -> *const [u8; 16];
    fn ares_dns_rr_get_str(rr: *const Rr, key: c_int) -> *const c_char;
    fn ares_dns_rr_get_u8(rr: *const Rr, key: c_int) -> c_uchar;
    fn ares_dns_rr_get_u16(rr: *const Rr, key: c_int) -> c_ushort;
    fn ares_dns_rr_get_u32(rr: *const Rr, key: c_int) -> c_uint;
    fn ares_dns_rr_get_bin(rr: *const Rr, key: c_int, len: *mut usize) -> *const c_uchar;
    fn ares_dns_rr_get_abin_cnt(rr: *const Rr, key: c_int) -> usize;
    fn ares_dns_rr_get_abin(rr: *const Rr, key: c_int, index: usize, len: *mut usize) -> *const c_uchar;
    fn ares_dns_rr_get_opt_cnt(rr: *const Rr, key: c_int) -> usize;
    fn ares_dns_rr_get_opt(rr: *const Rr, key: c_int, index: usize, value: *mut *const c_uchar, len: *mut usize) -> c_ushort;
}

/// Name, type and class that a message asks for.
///
/// # Safety
///
/// A message of the library.
pub(super) unsafe fn question(record: *const Record) -> Option<(String, String, String)> {
    let (mut name, mut kind, mut class) = (ptr::null(), 0, 0);
    // SAFETY: ares_dns_record_query_get(3): fills all three when it succeeds; the name is the message's.
    unsafe {
        let status =
            ares_dns_record_query_get(record, 0, &raw mut name, &raw mut kind, &raw mut class)?;
        let name = (status == SUCCESS).then(|| read::string(name))??;
        Some((name, message::kind(kind), message::class(class)))
    }
}

/// The records of a message's answer section.
///
/// # Safety
///
/// A message of the library, or NULL.
pub(super) unsafe fn answers(record: *const Record) -> Vec<Answer> {
    if record.is_null() {
        return Vec::new();
    }
    // SAFETY: as the caller says.
    let count = unsafe { ares_dns_record_rr_cnt(record, ANSWER) }.unwrap_or(0);
    // SAFETY: as the caller says, and the index is below the count.
    (0..count)
        .filter_map(|index| unsafe { answer(record, index) })
        .collect()
}

unsafe fn answer(record: *const Record, index: usize) -> Option<Answer> {
    // SAFETY: ares_dns_record_rr_get_const(3): the message's own, valid as long as it is.
    unsafe {
        let rr = ares_dns_record_rr_get_const(record, ANSWER, index)?;
        if rr.is_null() {
            return None;
        }
        let mut kind = ares_dns_rr_get_type(rr)?;
        let mut data = Vec::new();
        let known = wire(rr, &mut kind, &mut data);
        let text = match (known, u16::try_from(kind)) {
            (Some(()), Ok(kind)) => message::data(kind, &data),
            _ => String::from("(not readable)"),
        };
        Some(Answer {
            name: read::string(ares_dns_rr_get_name(rr)?).unwrap_or_default(),
            ttl: ares_dns_rr_get_ttl(rr),
            kind: message::kind(kind),
            data: text,
        })
    }
}

/// Puts the data together as on the wire. c-ares lists the keys of a type in that order.
unsafe fn wire(rr: *const Rr, kind: &mut c_int, data: &mut Vec<u8>) -> Option<()> {
    // SAFETY: ares_dns_rr_get_keys(3): a static array of so many keys of this type; the getter
    // of each is the one for its data type, whose value is the record's own.
    unsafe {
        let mut count = 0;
        let keys = ares_dns_rr_get_keys(*kind, &raw mut count)?;
        if keys.is_null() {
            return None;
        }
        let raw = *kind == RAW;
        for index in 0..count {
            let key = *keys.add(index);
            if raw && index == 0 {
                *kind = c_int::from(ares_dns_rr_get_u16(rr, key)?);
                continue;
            }
            if *kind == URI && index == 2 {
                // A name by its data type, and bytes on the wire.
                data.extend(text(rr, key)?.to_bytes());
                continue;
            }
            match ares_dns_rr_key_datatype(key)? {
                1 => data.extend(ares_dns_rr_get_addr(rr, key)?.as_ref()?),
                2 => data.extend(ares_dns_rr_get_addr6(rr, key)?.as_ref()?),
                3 => data.push(ares_dns_rr_get_u8(rr, key)?),
                4 => data.extend(ares_dns_rr_get_u16(rr, key)?.to_be_bytes()),
                5 => data.extend(ares_dns_rr_get_u32(rr, key)?.to_be_bytes()),
                6 => data.extend(message::wire_name(text(rr, key)?.to_str().ok()?)?),
                7 => string(data, text(rr, key)?.to_bytes())?,
                // Until 1.29 the strings of a text were one.
                9 if *kind == TXT => bin(rr, key)?
                    .chunks(255)
                    .try_for_each(|part| string(data, part))?,
                8 | 9 => data.extend(bin(rr, key)?),
                10 => options(rr, key, data)?,
                11 => strings(rr, key, data)?,
                _ => return None,
            }
        }
    }
    Some(())
}

unsafe fn text<'a>(rr: *const Rr, key: c_int) -> Option<&'a CStr> {
    // SAFETY: ares_dns_rr_get_str(3): the record's own string, or NULL.
    unsafe {
        let text = ares_dns_rr_get_str(rr, key)?;
        (!text.is_null()).then(|| CStr::from_ptr(text))
    }
}

unsafe fn bin<'a>(rr: *const Rr, key: c_int) -> Option<&'a [u8]> {
    let mut len = 0;
    // SAFETY: ares_dns_rr_get_bin(3): the record's own bytes, or NULL. For the data types that it
    // is called with it only reads.
    unsafe {
        let bytes = ares_dns_rr_get_bin(rr, key, &raw mut len)?;
        Some(read::bytes(bytes, c_int::try_from(len).ok()?))
    }
}

unsafe fn options(rr: *const Rr, key: c_int, data: &mut Vec<u8>) -> Option<()> {
    // SAFETY: ares_dns_rr_get_opt(3): the value is the record's own, or NULL.
    unsafe {
        for index in 0..ares_dns_rr_get_opt_cnt(rr, key)? {
            let (mut value, mut len) = (ptr::null(), 0);
            let code = ares_dns_rr_get_opt(rr, key, index, &raw mut value, &raw mut len)?;
            let value = read::bytes(value, c_int::try_from(len).ok()?);
            data.extend(code.to_be_bytes());
            data.extend(u16::try_from(value.len()).ok()?.to_be_bytes());
            data.extend(value);
        }
    }
    Some(())
}

unsafe fn strings(rr: *const Rr, key: c_int, data: &mut Vec<u8>) -> Option<()> {
    // SAFETY: ares_dns_rr_get_abin(3): the record's own bytes, or NULL.
    unsafe {
        for index in 0..ares_dns_rr_get_abin_cnt(rr, key)? {
            let mut len = 0;
            let bytes = ares_dns_rr_get_abin(rr, key, index, &raw mut len)?;
            string(data, read::bytes(bytes, c_int::try_from(len).ok()?))?;
        }
    }
    Some(())
}

/// A string with its length before it.
fn string(data: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    data.push(u8::try_from(text.len()).ok()?);
    data.extend(text);
    Some(())
}
