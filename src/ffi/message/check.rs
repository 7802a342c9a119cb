//! What c-ares would do wrong with a message, and what is refused for that.

use std::ffi::CStr;

use c_ares_sys as sys;

use super::RawMessage;
use crate::code::Opcode;
use crate::error::{ErrorKind, Result};
use crate::ffi::record::{self, Rr};
use crate::message::Section;
use crate::name::Name;

/// The most characters of a name, with its escapes, that c-ares writes.
const LONGEST_NAME: usize = 511;

impl RawMessage {
    /// Refuses what c-ares would write as something else.
    pub(crate) fn check_writable(&self) -> Result<()> {
        self.check_rcode()?;
        for index in 0..self.question_count() {
            check_labels(self.question(index)?.0)?;
        }
        for rr in Section::ALL
            .into_iter()
            .flat_map(|section| self.records(section))
        {
            check_labels(rr.owner_c()?)?;
            for &key in record::keys(rr.raw_type()) {
                if record::datatype(key) == sys::ARES_DATATYPE_NAME
                    && key != sys::ARES_RR_URI_TARGET
                {
                    check_name(rr, rr.text_c(key)?)?;
                }
            }
        }
        Ok(())
    }

    /// The lower bits of an rcode above 15 become those of SERVFAIL where the additional section has
    /// no OPT record, but the higher bits go into one in any section (`ares_dns_write.c`:
    /// `ares_dns_write_header`, `ares_dns_write_rr_opt`).
    fn check_rcode(&self) -> Result<()> {
        let has_opt = |section| {
            self.records(section)
                .any(|rr| rr.raw_type() == sys::ARES_REC_TYPE_OPT)
        };
        let rcode = self.header().rcode;
        if rcode.0 > 15
            && !has_opt(Section::Additional)
            && (has_opt(Section::Answer) || has_opt(Section::Authority))
        {
            return Err(ErrorKind::BadMessage {
                part: format!("rcode {rcode}"),
                reason: "the OPT record that it needs stands in another section than the \
                         additional one",
            }
            .into());
        }
        Ok(())
    }

    /// How many questions and owners have a name that is not the root's, and records whose
    /// data may have one more.
    pub(in crate::ffi) fn names(&self) -> usize {
        let root = |name: Result<&CStr>| name.is_ok_and(CStr::is_empty);
        let questions = (0..self.question_count())
            .filter(|&index| !root(self.question(index).map(|(name, ..)| name)));
        let records = Section::ALL
            .into_iter()
            .flat_map(|section| self.records(section))
            .filter(|rr| rr.raw_type() != sys::ARES_REC_TYPE_OPT || !root(rr.owner_c()));
        questions.count() + records.count()
    }

    /// Refuses what the query cache does not look at (`ares_qcache.c`, `ares_qcache_calc_key`): it would
    /// answer for one message with the response to another.
    pub(in crate::ffi) fn check_cacheable(&self) -> Result<()> {
        const REASON: &str = "the query cache knows a message by its question alone: turn it off \
                              with Builder::query_cache(Duration::ZERO)";
        let opcode = self.header().opcode;
        let part = if opcode != Opcode::QUERY {
            format!("opcode {opcode}")
        } else {
            let mut all = Section::ALL.into_iter().flat_map(|s| self.records(s));
            match all.find(|rr| rr.raw_type() != sys::ARES_REC_TYPE_OPT) {
                Some(record) => format!("a query with a record of {}", record.record_type()),
                None => return Ok(()),
            }
        };
        Err(ErrorKind::BadMessage {
            part,
            reason: REASON,
        }
        .into())
    }
}

/// Refuses a name that c-ares would cut off: it copies what it may compress, and more than that,
/// into 512 bytes (`ares_dns_name.c`: `name_copy`).
fn check_name(rr: Rr<'_>, name: &CStr) -> Result<()> {
    if name.count_bytes() > LONGEST_NAME {
        return Err(ErrorKind::BadMessage {
            part: format!("{} {}", Name::from(rr.owner()?), rr.record_type()),
            reason: "c-ares does not write a name of more than 511 characters, its escapes \
                     included",
        }
        .into());
    }
    check_labels(name)
}

/// Refuses an empty label, which c-ares overlooks where it compresses what is behind it
/// (`ares_dns_name.c`: `ares_dns_name_write`).
fn check_labels(name: &CStr) -> Result<()> {
    let name = name.to_bytes();
    let mut bytes = name.iter();
    let mut empty = true;
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' if empty && name != b"." => return Err(ErrorKind::BadName.into()),
            b'.' => empty = true,
            b'\\' => {
                bytes.next();
                empty = false;
            }
            _ => empty = false,
        }
    }
    Ok(())
}
