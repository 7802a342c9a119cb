//! The records that the server answers from.

use crate::Query;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::BinEncodable;
use hickory_proto::serialize::txt::{ParseError, Parser};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// For records without a TTL, where the text has no `$TTL` either.
const DEFAULT_TTL: &str = "$TTL 300\n";

/// Longer chains of CNAMEs are taken for a loop.
const LONGEST_CHAIN: usize = 16;

#[derive(Debug)]
pub(crate) struct Zone {
    /// Every name that exists, with an empty list where only names below it have records.
    names: HashMap<LowerName, Vec<Record>>,
    root: Record,
}

impl Default for Zone {
    fn default() -> Zone {
        let name = |text: &str| Name::from_ascii(text).expect("a valid name");
        let soa = SOA::new(
            name("testserver.invalid."),
            name("hostmaster.testserver.invalid."),
            1,
            3600,
            600,
            86_400,
            60,
        );
        Zone {
            names: HashMap::new(),
            root: Record::from_rdata(Name::root(), 60, RData::SOA(soa)),
        }
    }
}

impl Zone {
    /// Adds the records of a zone file.
    pub(crate) fn add_text(&mut self, text: &str, path: Option<&Path>) -> io::Result<()> {
        let records = parse(text, path).map_err(|error| {
            let place = path.map_or("zone".into(), |path| path.display().to_string());
            invalid(format!("{place}, line {}: {error}", bad_line(text, path)))
        })?;
        records.into_iter().try_for_each(|record| self.add(record))
    }

    pub(crate) fn add(&mut self, mut record: Record) -> io::Result<()> {
        record.name.set_fqdn(true);
        // What cannot be sent is better known now than when it is asked for.
        record
            .to_bytes()
            .map_err(|error| invalid(format!("cannot encode {record}: {error}")))?;
        let owner = LowerName::new(&record.name);
        let mut parent = owner.clone();
        while !parent.is_root() {
            parent = parent.base_name();
            self.names.entry(parent.clone()).or_default();
        }
        let records = self.names.entry(owner).or_default();
        if !records.contains(&record) {
            records.push(record);
        }
        Ok(())
    }

    /// The answer to a query, with no regard to its size.
    pub(crate) fn answer(&self, query: &Query) -> Message {
        let mut response = query.response();
        if query.edns().is_some_and(|edns| edns.version() > 0) {
            response.metadata.response_code = ResponseCode::BADVERS;
            return response;
        }
        if !matches!(query.class, DNSClass::IN | DNSClass::ANY) {
            response.metadata.response_code = ResponseCode::Refused;
            return response;
        }
        response.metadata.authoritative = self.soa(&query.name).is_some();
        let mut name = query.name.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(records) = self.lookup(&name) else {
                response.metadata.response_code = ResponseCode::NXDomain;
                response.add_authority(self.negative(&name));
                return response;
            };
            let before = response.answers.len();
            response.answers.extend(
                records
                    .iter()
                    .filter(|record| matches_type(record, query.record_type))
                    .map(|record| owned_by(record, &name)),
            );
            if response.answers.len() > before {
                return response;
            }
            let alias = records.iter().find_map(|record| match &record.data {
                RData::CNAME(target) => Some((record, target.0.clone())),
                _ => None,
            });
            let Some((record, target)) = alias else {
                response.add_authority(self.negative(&name));
                return response;
            };
            response.add_answer(owned_by(record, &name));
            name = target;
        }
        response.answers.clear();
        response.metadata.response_code = ResponseCode::ServFail;
        response
    }

    /// The records of a name, or of the wildcard that stands for it. `None` when
    /// there is no such name.
    fn lookup(&self, name: &Name) -> Option<&[Record]> {
        let name = LowerName::new(name);
        if let Some(records) = self.names.get(&name) {
            return Some(records);
        }
        // Only the wildcard right below the closest name that exists counts (RFC 4592).
        let mut parent = name;
        while !parent.is_root() {
            parent = parent.base_name();
            if self.names.contains_key(&parent) {
                break;
            }
        }
        let wildcard = Name::from(parent).prepend_label(&b"*"[..]).ok()?;
        let records = self.names.get(&LowerName::new(&wildcard))?;
        Some(records)
    }

    /// The SOA record of the zone that a name is in.
    fn soa(&self, name: &Name) -> Option<&Record> {
        let mut name = LowerName::new(name);
        loop {
            let soa = self.names.get(&name).and_then(|records| {
                let mut records = records.iter();
                records.find(|record| record.record_type() == RecordType::SOA)
            });
            if soa.is_some() || name.is_root() {
                return soa;
            }
            name = name.base_name();
        }
    }

    /// The SOA record of a negative answer; its TTL says how long "no" holds (RFC 2308).
    fn negative(&self, name: &Name) -> Record {
        let mut soa = self.soa(name).unwrap_or(&self.root).clone();
        if let RData::SOA(data) = &soa.data {
            soa.ttl = soa.ttl.min(data.minimum);
        }
        soa
    }
}

fn matches_type(record: &Record, asked: RecordType) -> bool {
    asked == RecordType::ANY || asked == record.record_type()
}

/// The record under the name that was asked for: it has the case of the question,
/// and replaces a wildcard.
fn owned_by(record: &Record, name: &Name) -> Record {
    let mut record = record.clone();
    record.name = name.clone();
    record
}

fn parse(text: &str, path: Option<&Path>) -> Result<Vec<Record>, ParseError> {
    // hickory reads `\DDD` as something else than the byte with that number.
    let escape = |line: &str| {
        let mut rest = line.split('\\').skip(1);
        rest.any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    };
    if text.lines().any(escape) {
        return Err(ParseError::Message(
            "\\DDD is not supported: write it as UTF-8, or use Builder::record",
        ));
    }
    let parser = Parser::new(
        format!("{DEFAULT_TTL}{text}"),
        path.map(PathBuf::from),
        Some(Name::root()),
    );
    let (_, sets) = parser.parse()?;
    let records = sets.into_values().flat_map(|set| {
        let records = set.records_without_rrsigs().cloned();
        records.collect::<Vec<_>>()
    });
    Ok(records.collect())
}

/// Where the entry starts that the parser, which knows no lines, stumbled over: it is
/// past the longest beginning of the text that can be read.
fn bad_line(text: &str, path: Option<&Path>) -> usize {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let mut good = ends.filter(|&end| parse(&text[..end], path).is_ok());
    text[..good.next_back().unwrap_or(0)].lines().count() + 1
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let result = Zone::default().add_text(text, None);
        result.expect_err("a bad zone").to_string()
    }

    #[test]
    fn an_error_names_the_line() {
        let zone = "$ORIGIN example.\n@ SOA a b ( 1 2\n 3 4 5 )\nwww A 192.0.2.1\nbad A 192.0.2\n";
        assert!(error(zone).starts_with("zone, line 5: "), "{}", error(zone));
        let zone = "$ORIGIN example.\nwww A 192.0.2.1\n@ SOA a b ( 1 2\n 3 x 5 )\n";
        assert!(error(zone).starts_with("zone, line 3: "), "{}", error(zone));
        assert!(error("a. BOGUS 1").contains("line 1: "));
    }

    #[test]
    fn what_the_parser_gets_wrong_is_refused() {
        assert!(error("ok. A 192.0.2.1\na. TXT \"\\195\"\n").contains("line 2: \\DDD"));
    }

    #[test]
    fn a_record_that_cannot_be_sent_is_refused() {
        let long = format!("a. TXT \"{}\"\n", "x".repeat(256));
        assert!(
            error(&long).contains("cannot encode a. "),
            "{}",
            error(&long)
        );
    }
}
