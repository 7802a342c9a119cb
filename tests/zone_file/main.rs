//! `Display` writes the form of zone files, which another parser reads back.
//!
//! Each record goes from the wire through c-ares into a line. What any line must keep to
//! is tested here. `.ci/run` sets [`LINES`], and has `compare.py` read the lines with dnspython and compare
//! what comes out with the wire.

mod ask;
#[path = "../common/mod.rs"]
mod common;
mod corpus;

use std::fmt::Write;

use ask::answers;
use c_ares::{ErrorKind, RecordType};

/// Where to write the lines: owner, type and data as they were on the wire, a tab between
/// them, and the line.
const LINES: &str = "C_ARES_TEST_ZONE_LINES";

/// How many records are made up; `C_ARES_TEST_ZONE_RECORDS` says otherwise.
const RECORDS: usize = 1500;
const SEED: u64 = 34;

#[test]
fn each_record_is_one_line_of_ascii() {
    let count = std::env::var("C_ARES_TEST_ZONE_RECORDS")
        .map_or(RECORDS, |count| count.parse().expect("a number"));
    let mut records = corpus::hard();
    records.extend(corpus::generated(count, SEED));
    let mut out = String::new();
    for (wire, answer) in records.iter().zip(answers(&records)) {
        let record_type = RecordType(wire.record_type);
        let answer =
            answer.unwrap_or_else(|error| panic!("{record_type} {:?}: {error}", wire.rdata));
        let line = answer.records[0].to_string();
        let printable = line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        assert!(printable, "{line:?}");
        // No name has a space in it.
        let (_, rest) = line.split_once(' ').expect("several words");
        assert!(
            rest.starts_with(&format!("300 IN {record_type} ")),
            "{line}"
        );
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
    for (wire, answer) in records.iter().zip(answers(&records)) {
        let error = answer.expect_err(&format!("{:?}", wire.rdata));
        assert!(matches!(error.kind(), ErrorKind::BadResponse), "{error:?}");
    }
}
