//! `ares_dns_rr_t`: one setter per C data type.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::CString;
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ptr::NonNull;

use c_ares_sys as sys;

use super::{Key, Rr, datatype, keys};
use crate::code::RecordType;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::addr;
use crate::name::Name;

/// The most bytes of a character string (RFC 1035, 3.3).
const LONGEST_STRING: usize = 255;

/// A record of a message that is being built.
pub(crate) struct RrMut<'a> {
    raw: NonNull<sys::ares_dns_rr_t>,
    lent: PhantomData<&'a mut sys::ares_dns_rr_t>,
}

impl RrMut<'_> {
    /// # Safety
    ///
    /// `raw` is null, or points to a record that nobody else uses during the lifetime.
    pub(in crate::ffi) unsafe fn new(raw: *mut sys::ares_dns_rr_t) -> Option<Self> {
        Some(RrMut {
            raw: NonNull::new(raw)?,
            lent: PhantomData,
        })
    }

    fn as_ref(&self) -> Rr<'_> {
        Rr {
            raw: self.raw,
            lent: PhantomData,
        }
    }

    fn bad(&self, reason: &'static str) -> Error {
        let rr = self.as_ref();
        let owner = Name::from(rr.owner().unwrap_or_default());
        ErrorKind::BadMessage {
            part: format!("{owner} {}", rr.record_type()),
            reason,
        }
        .into()
    }

    fn check(&self, status: sys::ares_status_t) -> Result<()> {
        Error::check(status as i32).map_err(|error| match error.kind() {
            ErrorKind::NoMemory => error,
            _ => self.bad("c-ares does not take one of its fields"),
        })
    }

    /// The type and the data of a record that c-ares does not take apart.
    pub(crate) fn set_raw(&mut self, record_type: RecordType, data: &[u8]) -> Result<()> {
        self.set_u16(sys::ARES_RR_RAW_RR_TYPE, &record_type.0)?;
        self.set_bytes(sys::ARES_RR_RAW_RR_DATA, data)
    }

    pub(crate) fn set_u8(&mut self, key: Key, value: &u8) -> Result<()> {
        // SAFETY: ares_dns_record(3): the record is ours to change; a key of another type is
        // refused.
        self.check(unsafe { sys::ares_dns_rr_set_u8(self.raw.as_ptr(), key, *value) })
    }

    pub(crate) fn set_u16(&mut self, key: Key, value: &u16) -> Result<()> {
        // SAFETY: as in `set_u8`.
        self.check(unsafe { sys::ares_dns_rr_set_u16(self.raw.as_ptr(), key, *value) })
    }

    pub(crate) fn set_u32(&mut self, key: Key, value: &u32) -> Result<()> {
        // SAFETY: as in `set_u8`.
        self.check(unsafe { sys::ares_dns_rr_set_u32(self.raw.as_ptr(), key, *value) })
    }

    pub(crate) fn set_ipv4(&mut self, key: Key, value: &Ipv4Addr) -> Result<()> {
        let address = addr::in_addr(*value);
        // SAFETY: as in `set_u8`; the address is copied.
        self.check(unsafe { sys::ares_dns_rr_set_addr(self.raw.as_ptr(), key, &raw const address) })
    }

    pub(crate) fn set_ipv6(&mut self, key: Key, value: &Ipv6Addr) -> Result<()> {
        let address = addr::in6_addr(*value);
        // SAFETY: as in `set_u8`; the address is copied.
        self.check(unsafe {
            sys::ares_dns_rr_set_addr6(self.raw.as_ptr(), key, &raw const address)
        })
    }

    fn set_text(&mut self, key: Key, text: &str) -> Result<()> {
        let text =
            CString::new(text).map_err(|_| self.bad("a text in it has a NUL, which C ends at"))?;
        // SAFETY: as in `set_u8`; the text is copied.
        self.check(unsafe { sys::ares_dns_rr_set_str(self.raw.as_ptr(), key, text.as_ptr()) })
    }

    pub(crate) fn set_name(&mut self, key: Key, name: &Name) -> Result<()> {
        self.set_text(key, name)
    }

    /// A text that is no character string.
    pub(crate) fn set_uri(&mut self, key: Key, text: &str) -> Result<()> {
        if text.is_empty() {
            return Err(self.bad("a URI is empty"));
        }
        self.set_text(key, text)
    }

    /// A character string.
    pub(crate) fn set_string(&mut self, key: Key, text: &String) -> Result<()> {
        self.check_length(text.as_bytes())?;
        self.set_text(key, text)
    }

    /// A word, which `ares_dns_parse_rr_caa` does not read if it is empty (`ares_dns_parse.c`).
    pub(crate) fn set_word(&mut self, key: Key, text: &String) -> Result<()> {
        if text.is_empty() {
            return Err(self.bad("a word in it is empty"));
        }
        self.set_string(key, text)
    }

    fn check_length(&self, string: &[u8]) -> Result<()> {
        if string.len() > LONGEST_STRING {
            return Err(self.bad("a character string is longer than 255 bytes"));
        }
        Ok(())
    }

    /// Sets the bytes of a new record, which has none.
    pub(crate) fn set_bytes(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        // Of none c-ares would say that there is no memory (`ares_malloc`).
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: as in `set_u8`; the bytes are copied.
        self.check(unsafe {
            sys::ares_dns_rr_set_bin(self.raw.as_ptr(), key, bytes.as_ptr(), bytes.len())
        })
    }

    /// Bytes that reach to the end of the record, and without which c-ares writes none.
    pub(crate) fn set_some_bytes(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Err(self.bad("the bytes at its end are missing"));
        }
        self.set_bytes(key, bytes)
    }

    fn add_string(&mut self, key: Key, string: &[u8]) -> Result<()> {
        // SAFETY: as in `set_u8`; the bytes are copied.
        self.check(unsafe {
            sys::ares_dns_rr_add_abin(self.raw.as_ptr(), key, string.as_ptr(), string.len())
        })
    }

    pub(crate) fn set_strings(&mut self, key: Key, strings: &[Vec<u8>]) -> Result<()> {
        if strings.is_empty() {
            return Err(self.bad("there is no string in it"));
        }
        for string in strings {
            self.check_length(string)?;
            self.add_string(key, string)?;
        }
        Ok(())
    }

    fn set_option(&mut self, key: Key, number: u16, value: &[u8]) -> Result<()> {
        // SAFETY: as in `set_u8`; the bytes are copied.
        self.check(unsafe {
            sys::ares_dns_rr_set_opt(self.raw.as_ptr(), key, number, value.as_ptr(), value.len())
        })
    }

    /// A list of options or parameters: c-ares keeps one of each number.
    pub(crate) fn set_options<'v>(
        &mut self,
        key: Key,
        options: impl Iterator<Item = (u16, std::result::Result<Cow<'v, [u8]>, &'static str>)>,
    ) -> Result<()> {
        let mut seen = HashSet::new();
        for (number, value) in options {
            let value = value.map_err(|reason| self.bad(reason))?;
            if u16::try_from(value.len()).is_err() {
                return Err(self.bad("an option or parameter is too long"));
            }
            if !seen.insert(number) {
                return Err(self.bad("an option or parameter stands in it twice"));
            }
            self.set_option(key, number, &value)?;
        }
        Ok(())
    }

    /// Copies all fields of a record of the same type.
    pub(in crate::ffi) fn copy_from(&mut self, from: Rr<'_>) -> Result<()> {
        for &key in keys(from.raw_type()) {
            match datatype(key) {
                sys::ARES_DATATYPE_U8 => self.set_u8(key, &from.u8(key)?)?,
                sys::ARES_DATATYPE_U16 => self.set_u16(key, &from.u16(key)?)?,
                sys::ARES_DATATYPE_U32 => self.set_u32(key, &from.u32(key)?)?,
                sys::ARES_DATATYPE_INADDR => self.set_ipv4(key, &from.ipv4(key)?)?,
                sys::ARES_DATATYPE_INADDR6 => self.set_ipv6(key, &from.ipv6(key)?)?,
                sys::ARES_DATATYPE_NAME | sys::ARES_DATATYPE_STR => {
                    self.set_text(key, from.text(key)?)?;
                }
                sys::ARES_DATATYPE_BIN | sys::ARES_DATATYPE_BINP => {
                    self.set_bytes(key, from.get_bytes(key))?;
                }
                sys::ARES_DATATYPE_ABINP => {
                    for string in from.get_strings(key) {
                        self.add_string(key, string)?;
                    }
                }
                sys::ARES_DATATYPE_OPT => {
                    for (number, value) in from.options(key) {
                        self.set_option(key, number, value)?;
                    }
                }
                _ => return Err(self.bad("c-ares has a kind of field that this crate lacks")),
            }
        }
        Ok(())
    }
}
