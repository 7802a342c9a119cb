//! 200 names, a slow server, and what it took.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use c_ares::{A, Channel};
use testserver::{Rule, Server};

use crate::event_loop::EventLoop;

const NAMES: usize = 200;
const DELAY: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(10);

pub(crate) fn main() -> ExitCode {
    let outcome = run();
    // Not `println!`, which panics when nobody reads (`| head`).
    match outcome {
        Ok(report) => {
            let _ = io::stdout().write_all(report.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "event_loop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Box<dyn std::error::Error>> {
    let server = Server::builder()
        .zone(
            "$ORIGIN example.\n\
             @      SOA ns admin 1 7200 900 1209600 60\n\
             *      A   192.0.2.1\n\
             *.long A   192.0.2.2\n",
        )
        .delay("*", DELAY)
        .rule("*.long.example.", Rule::truncate())
        .start()?;
    let mut event_loop = EventLoop::new(Channel::builder().servers([server.address()]))?;

    let started = Instant::now();
    let (sender, answers) = mpsc::channel();
    for number in 0..NAMES {
        let name = match number % 4 {
            0 => format!("name{number}.long.example"),
            _ => format!("name{number}.example"),
        };
        let sender = sender.clone();
        // It returns at once; the closure runs in the loop below, on this thread.
        event_loop.channel.query::<A>(&name.clone(), move |answer| {
            let _ = sender.send((name, answer));
        });
    }

    let mut answered = 0;
    let mut failed = Vec::new();
    event_loop.run(started + LONGEST, || {
        for (name, answer) in answers.try_iter() {
            match answer {
                Ok(_) => answered += 1,
                Err(error) => failed.push(format!("{name}: {error}")),
            }
        }
        answered + failed.len() == NAMES
    })?;
    let elapsed = started.elapsed();
    if let Some(first) = failed.first() {
        return Err(format!("{} of {NAMES} names failed, first {first}", failed.len()).into());
    }

    // Names that were cut short over UDP were asked again over TCP, and delayed again.
    let queries = u32::try_from(server.query_count())?;
    let counts = &event_loop.counts;
    let [added, changed, removed] = [&counts.added, &counts.changed, &counts.removed]
        .map(|count| count.load(Ordering::Relaxed));
    Ok(format!(
        "{answered} of {NAMES} names answered in {} ms, by one thread\n\
         {queries} queries, each delayed by {} ms: {} ms one after the other\n\
         sockets watched: {added} added, {changed} changed, {removed} removed\n",
        elapsed.as_millis(),
        DELAY.as_millis(),
        (queries * DELAY).as_millis(),
    ))
}
