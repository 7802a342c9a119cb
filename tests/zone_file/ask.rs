//! Records from the wire, as c-ares reads them.

use std::sync::{Arc, mpsc};

use c_ares::{Answer, RData, RecordType, Result};
use testserver::{Reply, Rule, Section, Server};

use crate::common::{BOUND, channel, send, server};
use crate::corpus::Wire;

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

/// An answer with each record, or why there is none.
pub(crate) fn answers(records: &[Wire]) -> Vec<Result<Answer<RData>>> {
    let server = serve(records);
    let channel = channel(&server);
    let mut answers = Vec::new();
    let numbered: Vec<_> = records.iter().enumerate().collect();
    for some in numbered.chunks(AT_ONCE) {
        let receivers = some.iter().map(|(number, wire)| {
            let (sender, receiver) = mpsc::channel();
            let name = format!("{number}.record.example");
            channel.query_type(&name, RecordType(wire.record_type), send(sender));
            receiver
        });
        for receiver in receivers.collect::<Vec<_>>() {
            answers.push(receiver.recv_timeout(BOUND).expect("the closure runs"));
        }
    }
    answers
}
