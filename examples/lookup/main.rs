//! Looks names up, all at once, and prints the answers for a person to read.
//!
//! ```text
//! cargo run --example lookup
//! cargo run --example lookup -- --type MX --type TXT example.com example.net
//! cargo run --example lookup -- --help
//! ```
//!
//! Without arguments it brings its own server, some of whose answers come late.
//! All questions are under way at once, on one channel: the whole takes about as
//! long as the slowest answer, not as long as all of them together.

#![forbid(unsafe_code)]

mod arguments;
mod demo;
mod report;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use arguments::{Command, Options};
use c_ares::{Answer, Channel, ErrorKind, Flags, RData, RecordType};

/// A name, and one type of records that is wanted of it.
pub(crate) struct Question {
    name: String,
    record_type: RecordType,
    /// Whether it is a failure if the name has no such record.
    required: bool,
}

/// What became of a question, and after how long.
pub(crate) struct Outcome {
    question: Question,
    result: c_ares::Result<Answer<RData>>,
    elapsed: Duration,
}

fn main() -> ExitCode {
    match arguments::read(lexopt::Parser::from_env()) {
        Ok(Command::Help) => print(arguments::USAGE, ExitCode::SUCCESS),
        Ok(Command::Demo) => demo::run(),
        Ok(Command::Lookup(options)) => lookup(options),
        Err(error) => usage_error(error),
    }
}

fn lookup(options: Options) -> ExitCode {
    let mut builder = Channel::builder();
    // Without servers the channel has the system's.
    if !options.servers.is_empty() {
        builder = builder.servers(options.servers);
    }
    if options.tcp {
        builder = builder.flags(Flags::USEVC);
    }
    if let Some(timeout) = options.timeout {
        builder = builder.timeout(timeout);
    }
    let channel = match builder.build_threaded() {
        Ok(channel) => channel,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::BadServer { .. } | ErrorKind::BadOption { .. }
            ) =>
        {
            return usage_error(error);
        }
        Err(error) => {
            for question in &options.questions {
                complain(report::failure(question, &error));
            }
            return ExitCode::FAILURE;
        }
    };
    let servers = report::servers(&channel);
    let started = Instant::now();
    let outcomes = ask_all(&channel, options.questions);
    let elapsed = started.elapsed();
    let text = report::answers(&outcomes) + &report::summary(&outcomes, &servers, elapsed);
    let status = print(&text, ExitCode::SUCCESS);
    if tell_failures(&outcomes) {
        return ExitCode::FAILURE;
    }
    status
}

/// Asks everything, then waits for all answers. They are in the order of the questions.
pub(crate) fn ask_all(channel: &Channel, questions: Vec<Question>) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let started = Instant::now();
    for (
        position,
        Question {
            name, record_type, ..
        },
    ) in questions.iter().enumerate()
    {
        let sender = sender.clone();
        channel.query_type(name, *record_type, move |result| {
            // The receiver is there until the last closure has run.
            let _ = sender.send((position, result, started.elapsed()));
        });
    }
    // Each closure runs once and drops its sender. With this one gone as well, the
    // loop over the answers ends by itself.
    drop(sender);
    let mut answers: Vec<_> = receiver.into_iter().collect();
    answers.sort_by_key(|(position, ..)| *position);
    questions
        .into_iter()
        .zip(answers)
        .map(|(question, (_, result, elapsed))| Outcome {
            question,
            result,
            elapsed,
        })
        .collect()
}

/// A line for each question that failed; whether there was one.
pub(crate) fn tell_failures(outcomes: &[Outcome]) -> bool {
    let mut any = false;
    for outcome in outcomes {
        if let Some(error) = report::failed(outcome, outcomes) {
            complain(report::failure(&outcome.question, error));
            any = true;
        }
    }
    any
}

/// Writes to stdout. A reader that has seen enough and went away (`| head`) is no failure.
pub(crate) fn print(text: &str, status: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(format!("cannot write the answers: {error}"));
            ExitCode::FAILURE
        }
        _ => status,
    }
}

fn usage_error(error: impl Display) -> ExitCode {
    complain(format!("{error} (see --help)"));
    ExitCode::from(2)
}

/// Writes one line to stderr; unlike `eprintln!` it does not panic when nobody reads it.
pub(crate) fn complain(message: String) {
    let line = format!("lookup: {}\n", report::printable(&message));
    let _ = io::stderr().write_all(line.as_bytes());
}
