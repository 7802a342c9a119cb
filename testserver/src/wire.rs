//! Messages put together byte by byte, for what no library writes.

use crate::Query;

/// Bytes that a name in a message is compressed to when it is the one that was asked for.
pub const ASKED_NAME: &[u8] = &[0xC0, HEADER as u8];

const HEADER: usize = 12;
/// In the two bytes of flags.
const QR: u16 = 0x8000;
const TC: u16 = 0x0200;
const RD: u16 = 0x0100;
const RA: u16 = 0x0080;
const TYPE_OPT: u16 = 41;
const CLASS_IN: u16 = 1;
/// The largest datagram that the server says it takes.
const UDP_PAYLOAD: u16 = 1232;

/// The four lists of a message, in their order, for [`Wire::count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What was asked.
    Question,
    /// The answer to it.
    Answer,
    /// Who has authority over the name.
    Authority,
    /// What may help, and the OPT record.
    Additional,
}

/// An answer in bytes, put together by hand: nothing keeps it from being nonsense.
///
/// ```
/// use testserver::{ASKED_NAME, Reply, Rule, Section, Wire};
///
/// // Says that there are two records, and holds one.
/// let rule = Rule::script(|query| {
///     let wire = Wire::answering(query).record(Section::Answer, ASKED_NAME, 1, 60, &[192, 0, 2, 1]);
///     Reply::raw(wire.count(Section::Answer, 2))
/// });
/// # let _ = rule;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is bytes until it is sent"]
pub struct Wire(Vec<u8>);

impl Wire {
    /// The header and the question that belong to a query, NOERROR, and no records.
    pub fn answering(query: &Query) -> Wire {
        let question = question_of(&query.wire);
        let mut wire = Wire(query.id.to_be_bytes().to_vec());
        wire.0.extend((QR | RD | RA).to_be_bytes());
        wire.0.extend([0; 8]);
        wire.0.extend(question);
        wire.count(Section::Question, 1)
    }

    /// With another transaction id.
    pub fn id(self, id: u16) -> Wire {
        self.put(0, id)
    }

    /// With the TC bit.
    pub fn truncated(self) -> Wire {
        let flags = self.get(2) | TC;
        self.put(2, flags)
    }

    /// Without the QR bit, which makes it a query.
    pub fn unanswered(self) -> Wire {
        let flags = self.get(2) & !QR;
        self.put(2, flags)
    }

    /// With a response code of four bits; [`opt`](Self::opt) has the others.
    pub fn rcode(self, code: u8) -> Wire {
        let flags = self.get(2) & !0xF | u16::from(code & 0xF);
        self.put(2, flags)
    }

    /// Says that a section has so many entries, whatever it has.
    pub fn count(self, section: Section, count: u16) -> Wire {
        self.put(count_at(section), count)
    }

    /// With other bytes as the question, in place of the one that was asked. It goes
    /// before any record.
    pub fn question(mut self, question: &[u8]) -> Wire {
        self.0.truncate(HEADER);
        self.append(question)
    }

    /// A record of class IN more, which is counted. The owner is a name in wire format:
    /// [`ASKED_NAME`], or what [`name`] makes.
    ///
    /// # Panics
    ///
    /// When the data is longer than a length of 16 bits can say.
    pub fn record(
        self,
        section: Section,
        owner: &[u8],
        record_type: u16,
        ttl: u32,
        data: &[u8],
    ) -> Wire {
        let length = u16::try_from(data.len()).expect("data of less than 64 KiB");
        self.lying_record(section, owner, record_type, ttl, length, data)
    }

    /// As [`record`](Self::record), but with a length of the data that may be wrong.
    pub fn lying_record(
        self,
        section: Section,
        owner: &[u8],
        record_type: u16,
        ttl: u32,
        length: u16,
        data: &[u8],
    ) -> Wire {
        self.entry(section, owner, record_type, CLASS_IN, ttl, length)
            .append(data)
    }

    /// An OPT record, with the upper eight bits of the response code, and options of EDNS.
    pub fn opt(self, rcode_high: u8, options: &[(u16, &[u8])]) -> Wire {
        let mut data = Vec::new();
        for (code, value) in options {
            data.extend(code.to_be_bytes());
            let length = u16::try_from(value.len()).expect("an option of less than 64 KiB");
            data.extend(length.to_be_bytes());
            data.extend(*value);
        }
        let length = u16::try_from(data.len()).expect("options of less than 64 KiB");
        let ttl = u32::from(rcode_high) << 24;
        self.entry(
            Section::Additional,
            &[0],
            TYPE_OPT,
            UDP_PAYLOAD,
            ttl,
            length,
        )
        .append(&data)
    }

    /// Bytes at the end, which count as nothing.
    pub fn append(mut self, bytes: &[u8]) -> Wire {
        self.0.extend(bytes);
        self
    }

    /// The first bytes alone.
    pub fn cut(mut self, length: usize) -> Wire {
        self.0.truncate(length);
        self
    }

    /// How many bytes there are. With a header there are never none.
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn entry(
        mut self,
        section: Section,
        owner: &[u8],
        record_type: u16,
        class: u16,
        ttl: u32,
        length: u16,
    ) -> Wire {
        self.0.extend(owner);
        for number in [record_type, class] {
            self.0.extend(number.to_be_bytes());
        }
        self.0.extend(ttl.to_be_bytes());
        self.0.extend(length.to_be_bytes());
        let count = self.get(count_at(section)) + 1;
        self.count(section, count)
    }

    fn get(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.0[at], self.0[at + 1]])
    }

    fn put(mut self, at: usize, value: u16) -> Wire {
        self.0[at..at + 2].copy_from_slice(&value.to_be_bytes());
        self
    }
}

impl From<Wire> for Vec<u8> {
    fn from(wire: Wire) -> Vec<u8> {
        wire.0
    }
}

/// A name in wire format, of labels that may hold any bytes.
///
/// # Panics
///
/// When a label is longer than 63 bytes, or empty.
pub fn name(labels: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in labels {
        assert!((1..=63).contains(&label.len()), "no label: {label:?}");
        bytes.push(label.len() as u8);
        bytes.extend(*label);
    }
    bytes.push(0);
    bytes
}

/// The bytes of the one question in a query, which the server has read without an error.
pub(crate) fn question_of(wire: &[u8]) -> &[u8] {
    let mut end = HEADER;
    // Labels until the root or a pointer, then type and class.
    loop {
        match wire[end] {
            0 => break end += 1,
            pointer if pointer >= 0xC0 => break end += 2,
            length => end += 1 + usize::from(length),
        }
    }
    &wire[HEADER..end + 4]
}

fn count_at(section: Section) -> usize {
    4 + 2 * section as usize
}
