//! Answers: the records that were asked for, and what c-ares knows about them.

use crate::code::RecordType;
use crate::error::{ErrorKind, Result};
use crate::ffi::callback::Reply;
use crate::flags::HeaderFlags;
use crate::message::Section;
use crate::record::{self, Record, RecordData};

/// The answer to a query: the records of the type that was asked for.
///
/// There is at least one; otherwise the query fails with [`ErrorKind::NoData`].
/// Aliases on the way to them are not among them, unless they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Answer<T> {
    /// The records, in the server's order: all of the type in the answer section, of whatever owner and class.
    pub records: Vec<Record<T>>,
    /// How many times a server did not answer in time before this answer came.
    pub timeouts: usize,
    /// Whether the server says that it has verified the data with DNSSEC (the AD
    /// flag, RFC 4035). That is worth as much as the way to the server is trusted.
    pub authenticated: bool,
    /// The id of the query that was answered (RFC 1035, 4.1.1). `None` if the answer came
    /// from the query cache, or of a search, which may have sent several.
    pub id: Option<u16>,
}

impl<T: RecordData> Answer<T> {
    /// Reads the records of one type, or of all types with [`RecordType::ANY`].
    pub(crate) fn collect(record_type: RecordType, reply: Reply<'_>) -> Result<Self> {
        let reply = reply.check()?;
        let message = reply.message;
        record::read_all(&message.raw, Section::Answer, record_type)
            .and_then(|records| {
                if records.is_empty() {
                    return Err(ErrorKind::NoData.into());
                }
                Ok(Answer {
                    records,
                    timeouts: reply.timeouts,
                    authenticated: message.header().flags.contains(HeaderFlags::AD),
                    id: reply.id,
                })
            })
            .map_err(|error| reply.servers.blame(error))
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
