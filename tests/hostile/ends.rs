//! Connections that end, in the middle of a message or not.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use c_ares::{A, Builder, Flags, Interest};
use testserver::{ASKED_NAME, End, Misbehaviour, Query, RIGHT, Reply, Rule, Section, Server, Wire};

use crate::common::{self, send};
use crate::level::{Level, cpu};
use crate::outcome::{Outcome, outcome};

/// What a query may use of a processor that waits two seconds for its time to be up.
const ENOUGH: Duration = Duration::from_millis(50);

/// Asks `server` over TCP, once.
fn builder(server: &Server) -> Builder {
    common::builder(server)
        .flags(Flags::USEVC)
        .timeout(Duration::from_secs(2))
        .tries(1)
}

fn server(rule: Rule) -> Server {
    let server = common::server();
    server.rule("*", rule);
    server
}

fn right(query: &Query) -> Vec<u8> {
    let wire = Wire::answering(query);
    let wire = wire.record(Section::Answer, ASKED_NAME, 1, 60, &RIGHT);
    wire.into()
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap();
    [&length.to_be_bytes(), message].concat()
}

#[test]
fn a_part_of_a_message_and_the_end_keep_no_level_triggered_loop_busy() {
    for end in [End::Fin, End::Reset] {
        for how in [Misbehaviour::HalfFrame(end), Misbehaviour::HalfLength(end)] {
            let server = server(Rule::misbehave(how));
            let mut level = Level::new(builder(&server));
            let (sender, receiver) = mpsc::channel();
            let (start, before) = (Instant::now(), cpu());
            level.channel.query::<A>("www.example.com", send(sender));
            let answer = level.receive(&receiver);
            let (used, taken) = (cpu() - before, start.elapsed());
            println!(
                "{how:?}: {used:?} of CPU in {taken:?}, {} wakes",
                level.wakes
            );
            assert_eq!(outcome(&answer), Outcome::Timeout, "{how:?}");
            assert!(receiver.try_recv().is_err(), "{how:?}: told twice");
            // It was the timeout that ended it.
            assert!(taken >= Duration::from_secs(1), "{how:?}: {taken:?}");
            assert!(
                used < ENOUGH,
                "{how:?}: {used:?} of CPU, {} wakes",
                level.wakes
            );
            let notices = level.notices.lock().unwrap().clone();
            let nothing = notices.iter().filter(|(_, told)| told.is_none());
            assert_eq!(nothing.count(), 1, "told once to forget it: {notices:?}");
        }
    }
}

#[test]
fn a_second_query_on_an_ended_connection_keeps_nothing_busy_either() {
    let server = server(Rule::misbehave(Misbehaviour::HalfFrame(End::Fin)));
    let mut level = Level::new(builder(&server));
    let (sender, receiver) = mpsc::channel();
    let before = cpu();
    level
        .channel
        .query::<A>("www.example.com", send(sender.clone()));
    let told_to_forget = |notices: &[(_, Interest)]| notices.iter().any(|(_, told)| told.is_none());
    while !told_to_forget(&level.notices.lock().unwrap()) {
        level.step();
    }
    // c-ares writes this one to the same connection.
    level.channel.query::<A>("mail.example.com", send(sender));
    for _ in 0..2 {
        let answer = level.receive(&receiver);
        assert_ne!(outcome(&answer), Outcome::Right);
    }
    let used = cpu() - before;
    assert!(used < ENOUGH, "{used:?} of CPU, {} wakes", level.wakes);
}

#[test]
fn the_next_server_is_asked_after_the_timeout() {
    let bad = server(Rule::misbehave(Misbehaviour::HalfFrame(End::Fin)));
    let good = server(Rule::misbehave(Misbehaviour::None));
    let builder = builder(&bad)
        .servers([bad.address(), good.address()])
        .rotate(false)
        .timeout(Duration::from_millis(300));
    let mut level = Level::new(builder);
    let (sender, receiver) = mpsc::channel();
    level.channel.query::<A>("www.example.com", send(sender));
    let answer = level.receive(&receiver);
    assert_eq!(outcome(&answer), Outcome::Right);
    assert_eq!((bad.query_count(), good.query_count()), (1, 1));
}

/// Asks twice at once, over one connection; how often an answer was right, and how long
/// that took.
fn two_queries(server: &Server, tries: u32) -> (Vec<Outcome>, Duration) {
    let mut level = Level::new(builder(server).tries(tries));
    let (sender, receiver) = mpsc::channel();
    let start = Instant::now();
    for name in ["www.example.com", "mail.example.com"] {
        level.channel.query::<A>(name, send(sender.clone()));
    }
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        outcomes.push(outcome(&level.receive(&receiver)));
    }
    (outcomes, start.elapsed())
}

#[test]
fn answers_in_front_of_the_end_count() {
    for end in [Reply::close(), Reply::reset()] {
        let asked: Mutex<Vec<Vec<u8>>> = Mutex::default();
        let server = server(Rule::script(move |query| {
            let mut asked = asked.lock().unwrap();
            asked.push(framed(&right(query)));
            match asked.len() {
                // Both answers and the end in one go.
                2 => Reply::unframed(asked.concat()).then(end.clone()),
                _ => Reply::nothing(),
            }
        }));
        let (outcomes, _) = two_queries(&server, 1);
        assert_eq!(outcomes, [Outcome::Right; 2]);
        assert_eq!(server.connection_count(), 1);
    }
}

#[test]
fn an_end_behind_whole_messages_is_told_at_once() {
    // Answers one query of each connection and closes: the other is asked again.
    let server = server(Rule::script(|query| {
        Reply::unframed(framed(&right(query))).then(Reply::close())
    }));
    let (outcomes, taken) = two_queries(&server, 3);
    assert_eq!(outcomes, [Outcome::Right; 2]);
    assert!(server.connection_count() >= 2);
    assert!(taken < Duration::from_secs(2), "it waited: {taken:?}");
}

#[test]
fn an_end_without_data_is_told_at_once() {
    for end in [End::Fin, End::Reset] {
        let server = server(Rule::misbehave(Misbehaviour::AtOnce(end)));
        let (outcomes, taken) = two_queries(&server, 1);
        assert_eq!(outcomes, [Outcome::Error; 2]);
        assert!(taken < Duration::from_secs(2), "it waited: {taken:?}");
    }
}

#[test]
fn a_slow_server_is_heard_to_the_end() {
    let server = server(Rule::script(|query| {
        let bytes = framed(&right(query));
        // Byte by byte, and then the end.
        bytes
            .chunks(5)
            .map(|part| Reply::unframed(part).then(Reply::wait(Duration::from_millis(20))))
            .fold(Reply::nothing(), Reply::then)
            .then(Reply::close())
    }));
    let mut level = Level::new(builder(&server));
    let (sender, receiver) = mpsc::channel();
    level.channel.query::<A>("www.example.com", send(sender));
    assert_eq!(outcome(&level.receive(&receiver)), Outcome::Right);
    let notices = level.notices.lock().unwrap().clone();
    let (last, before) = notices.split_last().unwrap();
    assert!(last.1.is_none(), "{notices:?}");
    assert!(before.iter().all(|(_, told)| told.readable), "{notices:?}");
}

#[test]
fn the_closure_may_use_the_channel_when_a_connection_ends() {
    let server = server(Rule::misbehave(Misbehaviour::HalfFrame(End::Fin)));
    let channel: Arc<Mutex<Option<std::sync::Weak<c_ares::Channel>>>> = Arc::default();
    let watched = common::Watched::default();
    let built = builder(&server).on_socket_state({
        let (channel, watched) = (Arc::clone(&channel), Arc::clone(&watched));
        move |socket, interest| {
            if !interest.is_none() {
                watched.lock().unwrap().insert(socket.raw(), interest);
                return;
            }
            watched.lock().unwrap().remove(&socket.raw());
            let weak = channel.lock().unwrap().clone();
            if let Some(channel) = weak.and_then(|weak| weak.upgrade()) {
                channel.cancel_all().unwrap();
            }
        }
    });
    let built = Arc::new(built.build().unwrap());
    *channel.lock().unwrap() = Some(Arc::downgrade(&built));
    let driven = common::Driven {
        channel: built,
        watched,
    };
    let (sender, receiver) = mpsc::channel();
    let start = Instant::now();
    driven.channel.query::<A>("www.example.com", send(sender));
    assert_eq!(outcome(&driven.receive(&receiver)), Outcome::Error);
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "cancelled, not timed out"
    );
}
