//! `Display` writes the form of zone files, which another parser reads back.
//!
//! Each record goes from the wire through c-ares into a line. What any line must keep to
//! is tested here. `.ci/run` sets [`LINES`], and has `compare.py` read the lines with dnspython and compare
//! what comes out with the wire.

#[path = "../common/mod.rs"]
mod common;
mod corpus;

use std::fmt::Write;
use std::sync::Arc;

use c_ares::{Channel, ErrorKind, RecordType, Result};
use common::{channel, send, server};
use corpus::Wire;
use testserver::{Reply, Rule, Section, Server};

/// Where to write the lines: owner, type and data as they were on the wire, a tab between
/// them, and the line.
const LINES: &str = "C_ARES_TEST_ZONE_LINES";

/// How many records are made up; `C_ARES_TEST_ZONE_RECORDS` says otherwise.
const RECORDS: usize = 1500;
const SEED: u64 = 34;

/// How many questions are under way at once.
const AT_ONCE: usize = 64;

/// A server that answers `NUMBER.record.example` with the record of that number.
fn serve(records: &[Wire]) -> Server {
    let server = server();
    let records: Arc<[Wire]> = records.into();
    server.rule(
        "*.record.example",
        Rule::script(move |query| {
            let text = query.name.to_string();
            let number: usize = text.split('.').next().unwrap().parse().unwrap();
            let Wire {
                owner,
                record_type,
                rdata,
            } = &records[number];
            let answer = testserver::Wire::answering(query);
            Reply::raw(answer.record(Section::Answer, owner, *record_type, 300, rdata))
        }),
    );
    server
}

/// The line of each record, or why there is none.
fn lines(channel: &Channel, records: &[Wire]) -> Vec<Result<String>> {
    let mut lines = Vec::new();
    let numbered: Vec<_> = records.iter().enumerate().collect();
    for some in numbered.chunks(AT_ONCE) {
        let receivers = some.iter().map(|(number, wire)| {
            let (sender, receiver) = std::sync::mpsc::channel();
            let name = format!("{number}.record.example");
            channel.query_type(&name, RecordType(wire.record_type), send(sender));
            receiver
        });
        for receiver in receivers.collect::<Vec<_>>() {
            let answer = receiver.recv_timeout(common::BOUND).expect("an answer");
            lines.push(answer.map(|answer| answer.records[0].to_string()));
        }
    }
    lines
}

#[test]
fn each_record_is_one_line_of_ascii() {
    let count = std::env::var("C_ARES_TEST_ZONE_RECORDS")
        .map_or(RECORDS, |count| count.parse().expect("a number"));
    let mut records = corpus::hard();
    records.extend(corpus::generated(count, SEED));
    let server = serve(&records);
    let mut out = String::new();
    for (wire, line) in records.iter().zip(lines(&channel(&server), &records)) {
        let record_type = RecordType(wire.record_type);
        let line = line.unwrap_or_else(|error| panic!("{record_type} {:?}: {error}", wire.rdata));
        let printable = line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        assert!(printable, "{line:?}");
        assert!(line.contains(&format!(" 300 IN {record_type} ")), "{line}");
        assert!(!line.ends_with(' '), "{line:?}");
        let (owner, rdata) = (hex(&wire.owner), hex(&wire.rdata));
        writeln!(out, "{owner}\t{record_type}\t{rdata}\t{line}").unwrap();
    }
    if let Ok(path) = std::env::var(LINES) {
        std::fs::write(path, out).expect("the lines are written");
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn what_c_ares_cannot_read_is_an_error() {
    let records = corpus::refused();
    let server = serve(&records);
    for (wire, line) in records.iter().zip(lines(&channel(&server), &records)) {
        let error = line.expect_err(&format!("{:?}", wire.rdata));
        assert!(matches!(error.kind(), ErrorKind::BadResponse), "{error:?}");
    }
}
