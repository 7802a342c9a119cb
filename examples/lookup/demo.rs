//! The demonstration: a server of our own, and questions whose answers come late.

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use c_ares::{Channel, RecordType};
use testserver::Server;

use crate::{Question, ask_all, complain, print, report, tell_failures};

const ZONE: &str = include_str!("../../testserver/zones/example.zone");

/// What is asked, and how many milliseconds the server takes for each answer.
const QUESTIONS: &[(&str, &[RecordType], u64)] = &[
    (
        "example.com",
        &[
            RecordType::A,
            RecordType::AAAA,
            RecordType::MX,
            RecordType::NS,
            RecordType::TXT,
            RecordType::SOA,
        ],
        100,
    ),
    ("shop.example.com", &[RecordType::A, RecordType::AAAA], 150),
    ("_sip._tcp.example.com", &[RecordType::SRV], 50),
    ("80.2.0.192.in-addr.arpa", &[RecordType::PTR], 0),
    ("slow.example.net", &[RecordType::A], 200),
    ("slowest.example.net", &[RecordType::A], 300),
];

pub(crate) fn run() -> ExitCode {
    match demonstrate() {
        Ok(status) => status,
        Err(error) => {
            complain(format!("the demonstration failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn demonstrate() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let server = start_server()?;
    let channel = Channel::builder()
        .servers([server.address()])
        .build_threaded()?;

    let questions: Vec<Question> = QUESTIONS
        .iter()
        .flat_map(|(name, types, _)| {
            types.iter().map(|&record_type| Question {
                name: (*name).to_owned(),
                record_type,
                required: true,
            })
        })
        .collect();
    let started = Instant::now();
    let outcomes = ask_all(&channel, questions);
    let elapsed = started.elapsed();

    let delays = QUESTIONS
        .iter()
        .flat_map(|(_, types, delay)| types.iter().map(|_| Duration::from_millis(*delay)))
        .sum::<Duration>();
    let servers = report::servers(&channel);
    let text = format!(
        "{}{}The server's delays add up to {} ms: all questions were under way at once.\n",
        report::answers(&outcomes),
        report::summary(&outcomes, &servers, elapsed),
        delays.as_millis(),
    );
    let status = print(&text, ExitCode::SUCCESS);
    Ok(if tell_failures(&outcomes) {
        ExitCode::FAILURE
    } else {
        status
    })
}

fn start_server() -> io::Result<Server> {
    QUESTIONS
        .iter()
        .fold(Server::builder().zone(ZONE), |server, (name, _, delay)| {
            server.delay(name, Duration::from_millis(*delay))
        })
        .start()
}
