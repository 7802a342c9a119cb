//! Answers: the records that were asked for, and what c-ares knows about them.

use crate::code::RecordType;
use crate::error::{ErrorKind, Result};
use crate::ffi::callback::Reply;
use crate::ffi::message::Rr;
use crate::name::Name;
use crate::record::{Record, RecordData};

/// The answer to a query: the records of the type that was asked for.
///
/// There is at least one; otherwise the query fails with [`ErrorKind::NoData`].
/// Aliases on the way to them are not among them, unless they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Answer<T> {
    /// The records, in the server's order.
    pub records: Vec<Record<T>>,
    /// How many times a server did not answer in time before this answer came.
    pub timeouts: usize,
    /// Whether the server says that it has verified the data with DNSSEC (the AD
    /// flag, RFC 4035). That is worth as much as the way to the server is trusted.
    pub authenticated: bool,
}

impl<T: RecordData> Answer<T> {
    /// Reads the records of one type, or of all types with [`RecordType::ANY`].
    pub(crate) fn collect(record_type: RecordType, reply: Reply<'_>) -> Result<Self> {
        Self::read(record_type, reply).map_err(|error| reply.servers.blame(error))
    }

    fn read(record_type: RecordType, reply: Reply<'_>) -> Result<Self> {
        let mut owners = Owners::default();
        let mut records = Vec::new();
        for rr in reply.message.answers() {
            if record_type != RecordType::ANY && rr.record_type() != record_type {
                continue;
            }
            if let Some(data) = T::read(rr)? {
                records.push(Record {
                    name: owners.name(rr)?,
                    class: rr.class(),
                    ttl: rr.ttl(),
                    data,
                });
            }
        }
        if records.is_empty() {
            return Err(ErrorKind::NoData.into());
        }
        Ok(Answer {
            records,
            timeouts: reply.timeouts,
            authenticated: reply.message.authenticated(),
        })
    }
}

/// Gives equal owner names the same storage. The records of an answer nearly
/// always come grouped by owner, so the last name is the one to compare with.
#[derive(Default)]
struct Owners(Option<Name>);

impl Owners {
    fn name(&mut self, rr: Rr<'_>) -> Result<Name> {
        let text = rr.owner()?;
        match &self.0 {
            Some(last) if last.as_str() == text => Ok(last.clone()),
            _ => Ok(self.0.insert(Name::from(text)).clone()),
        }
    }
}

impl<T> IntoIterator for Answer<T> {
    type Item = Record<T>;
    type IntoIter = std::vec::IntoIter<Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Answer<T> {
    type Item = &'a Record<T>;
    type IntoIter = std::slice::Iter<'a, Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}
