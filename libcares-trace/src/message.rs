//! Answers: from the wire, and from the data of single records.

use crate::text::printable;
use domain::base::iana::{Class, Rtype};
use domain::base::rdata::ParseAnyRecordData;
use domain::base::{Message, ParsedName};
use domain::dep::octseq::Parser;
use domain::rdata::AllRecordData;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// One record of an answer.
#[derive(Serialize, PartialEq, Eq, Debug, Clone)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<u32>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) data: String,
}

impl Display for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "{} ", self.name)?;
        }
        if let Some(ttl) = self.ttl {
            write!(f, "{ttl} ")?;
        }
        write!(f, "{} {}", self.kind, self.data)
    }
}

/// A type by its number.
pub(crate) fn kind(number: i32) -> String {
    match u16::try_from(number) {
        Ok(number) => Rtype::from_int(number).to_string(),
        Err(_) => format!("type {number}"),
    }
}

/// A class by its number.
pub(crate) fn class(number: i32) -> String {
    match u16::try_from(number) {
        Ok(number) => Class::from_int(number).to_string(),
        Err(_) => format!("class {number}"),
    }
}

/// Name, type and class that a message asks for.
pub(crate) fn question(wire: &[u8]) -> Option<(String, String, String)> {
    let question = Message::from_slice(wire).ok()?.question().next()?.ok()?;
    Some((
        printable(question.qname().to_string().as_bytes()),
        question.qtype().to_string(),
        question.qclass().to_string(),
    ))
}

/// The records of a message's answer section, up to the first that cannot be read.
pub(crate) fn answers(wire: &[u8]) -> Vec<Answer> {
    let section = Message::from_slice(wire)
        .ok()
        .and_then(|message| message.answer().ok());
    let mut answers = Vec::new();
    for record in section.into_iter().flatten() {
        let Ok(record) = record else { break };
        let text = match record.to_any_record::<AllRecordData<_, ParsedName<_>>>() {
            Ok(record) => record.data().to_string(),
            Err(_) => String::from("(malformed)"),
        };
        answers.push(Answer {
            name: printable(record.owner().to_string().as_bytes()),
            ttl: Some(record.ttl().as_secs()),
            kind: record.rtype().to_string(),
            data: printable(text.as_bytes()),
        });
    }
    answers
}

/// The data of one record, without compressed names, as a zone file has it.
pub(crate) fn data(kind: u16, data: &[u8]) -> String {
    let mut parser = Parser::from_ref(data);
    let rtype = Rtype::from_int(kind);
    match AllRecordData::<_, ParsedName<_>>::parse_any_rdata(rtype, &mut parser) {
        Ok(parsed) if parser.remaining() == 0 => printable(parsed.to_string().as_bytes()),
        _ => String::from("(malformed)"),
    }
}

/// A name in the form that the wire has. c-ares writes the root as nothing.
pub(crate) fn wire_name(text: &str) -> Option<Vec<u8>> {
    use domain::base::name::Name;
    let text = if text.is_empty() { "." } else { text };
    let name: Name<Vec<u8>> = text.parse().ok()?;
    Some(name.into_octets())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0\x01a\x02ex\0\0\x0f\0\x01\
        \xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x06\0\x0a\x01m\xc0\x0e\
        \xc0\x0c\xff\x01\0\x01\0\0\0\x05\0\x02\xab\xcd";

    #[test]
    fn messages_are_read_as_zone_files_have_them() {
        let (name, kind, class) = question(WIRE).unwrap();
        assert_eq!((&*name, &*kind, &*class), ("a.ex", "MX", "IN"));
        let lines: Vec<_> = answers(WIRE).iter().map(Answer::to_string).collect();
        assert_eq!(
            lines,
            ["a.ex 60 MX 10 m.ex.", "a.ex 5 TYPE65281 \\# 2 ab cd"]
        );
    }

    /// Whatever comes: no panic, and nothing read past the end.
    #[test]
    fn messages_cut_anywhere_and_bent_anywhere_are_read_as_far_as_they_go() {
        for end in 0..WIRE.len() {
            assert!(answers(&WIRE[..end]).len() <= 1 + usize::from(end == WIRE.len()));
            let _ = question(&WIRE[..end]);
        }
        for at in 0..WIRE.len() {
            for byte in [0, 1, 0x3f, 0x40, 0xc0, 0xff] {
                let mut bent = WIRE.to_vec();
                bent[at] = byte;
                let _ = (answers(&bent), question(&bent));
            }
        }
    }

    #[test]
    fn data_of_single_records() {
        assert_eq!(data(1, &[192, 0, 2, 1]), "192.0.2.1");
        assert_eq!(data(16, b"\x03a b\x01c"), "\"a b\" \"c\"");
        assert_eq!(data(1, &[192, 0, 2]), "(malformed)");
        assert_eq!(data(1, &[192, 0, 2, 1, 9]), "(malformed)");
        let mut mx = vec![0, 10];
        mx.extend(wire_name("mail.example").unwrap());
        assert_eq!(data(15, &mx), "10 mail.example.");
        assert_eq!(wire_name("a..b"), None);
        assert_eq!(wire_name(""), Some(vec![0]));
    }
}
