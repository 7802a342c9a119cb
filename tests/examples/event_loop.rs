//! `event_loop`: the program, and its loop with servers that the program does not have.

#![cfg(unix)]

#[path = "../../examples/event_loop/event_loop.rs"]
mod pattern;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use c_ares::{A, Channel, Flags};
use pattern::EventLoop;
use testserver::{Query, Reply, Rule, Server};

use crate::program::{example, finish};

#[test]
fn the_event_loop_answers_200_names_in_well_under_a_second() {
    let run = finish(example("event_loop"));
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    let elapsed = run.number("200 of 200 names answered in ", " ms");
    assert!((50..1000).contains(&elapsed), "{elapsed} ms");
    // 50 of the names are asked twice, over UDP and then over TCP.
    assert!(run.number("delayed by 50 ms: ", " ms") >= 250 * 50);
    let added = run.number("sockets watched: ", " added");
    let removed = run.number(" changed, ", " removed");
    assert!(
        added >= 2,
        "one socket for UDP and one for TCP:\n{}",
        run.stdout
    );
    assert_eq!(added, removed);
}

const ZONE: &str = "$ORIGIN example.\n@ SOA ns admin 1 2 3 4 5\n* A 192.0.2.1\n";

/// Answers from the second query on.
fn silent_once() -> impl Fn(&Query) -> Reply {
    let first = AtomicBool::new(true);
    move |query| match first.swap(false, Ordering::Relaxed) {
        true => Reply::nothing(),
        false => Reply::message(query.answer()),
    }
}

/// The server answers one of two queries and closes the connection. The loop is told
/// of both together, and once; the query that was lost is asked again at once.
#[test]
fn the_end_of_a_stream_behind_an_answer_is_seen() {
    let server = Server::builder()
        .zone(ZONE)
        .script("last.example.", |query| {
            Reply::message(query.answer()).then(Reply::close())
        })
        .script("lost.example.", silent_once())
        .start()
        .unwrap();
    let builder = Channel::builder()
        .servers([server.address()])
        .flags(Flags::USEVC)
        .timeout(Duration::from_secs(5));
    let mut event_loop = EventLoop::new(builder).unwrap();
    let (sender, answers) = mpsc::channel();
    for name in ["lost.example", "last.example"] {
        let sender = sender.clone();
        event_loop.channel.query::<A>(name, move |answer| {
            let _ = sender.send((name, answer.is_ok()));
        });
    }
    let mut answered = Vec::new();
    // Before c-ares gives the first try up by itself.
    let deadline = Instant::now() + Duration::from_secs(3);
    let run = event_loop.run(deadline, || {
        // So that both the answer and the end are there at the next look.
        thread::sleep(Duration::from_millis(50));
        answered.extend(answers.try_iter());
        answered.len() == 2
    });
    assert_eq!(answered, [("last.example", true), ("lost.example", true)]);
    run.unwrap();
}

#[test]
fn the_loop_retries_when_no_socket_is_ready() {
    let server = Server::builder()
        .zone(ZONE)
        .script("*", silent_once())
        .start()
        .unwrap();
    let builder = Channel::builder()
        .servers([server.address()])
        .timeout(Duration::from_millis(250));
    let mut event_loop = EventLoop::new(builder).unwrap();
    let counts = Arc::clone(&event_loop.counts);
    let (sender, answers) = mpsc::channel();
    event_loop
        .channel
        .query::<A>("late.example", move |answer| {
            let _ = sender.send(answer);
        });
    let mut answer = None;
    let deadline = Instant::now() + Duration::from_secs(10);
    let run = event_loop.run(deadline, || {
        answer = answer.take().or_else(|| answers.try_recv().ok());
        answer.is_some()
    });
    run.unwrap();
    assert_eq!(answer.unwrap().unwrap().timeouts, 1);

    // Whatever was watched is watched no more when the channel is gone.
    drop(event_loop);
    let [added, removed] =
        [&counts.added, &counts.removed].map(|count| count.load(Ordering::Relaxed));
    assert!(added > 0);
    assert_eq!(added, removed);
    assert_eq!(counts.changed.load(Ordering::Relaxed), 0);
}

#[test]
fn the_loop_ends_at_its_deadline() {
    let server = Server::builder()
        .zone(ZONE)
        .rule("*", Rule::drop())
        .start()
        .unwrap();
    let mut event_loop = EventLoop::new(Channel::builder().servers([server.address()])).unwrap();
    event_loop.channel.query::<A>("never.example", |_| ());
    let started = Instant::now();
    let error = event_loop
        .run(started + Duration::from_millis(100), || false)
        .unwrap_err();
    assert_eq!(error.to_string(), "not finished in time");
    assert!(started.elapsed() >= Duration::from_millis(100));
    // c-ares itself would have waited for two seconds.
    assert!(started.elapsed() < Duration::from_millis(1500));
}
