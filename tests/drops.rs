//! Channels that are dropped inside of closures.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use c_ares::{A, Channel, ErrorKind};
use common::{Driven, builder, send, server};
use testserver::Rule;

#[test]
fn the_last_owner_of_a_channel_may_be_a_closure_on_the_event_thread() {
    let server = server();
    let channel = Arc::new(builder(&server).build_threaded().unwrap());
    server.rule("silent.example.com", Rule::drop());
    let (sender, receiver) = mpsc::channel();
    for name in ["silent.example.com", "silent.example.com"] {
        channel.query::<A>(name, send(sender.clone()));
    }
    let (go, wait_for_go) = mpsc::channel::<()>();
    let owner = Arc::clone(&channel);
    channel.query::<A>("www.example.com", move |answer| {
        answer.unwrap();
        wait_for_go.recv().unwrap();
        drop(owner);
    });
    drop(channel);
    go.send(()).unwrap();
    for _ in 0..2 {
        let answer = receiver.recv_timeout(common::BOUND).unwrap();
        assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
    }
}

#[test]
fn another_channel_may_be_dropped_in_a_closure() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let driven = Driven::new(&server);
    let told = Arc::new(Mutex::new(Vec::new()));
    let victims = [
        Driven::new(&server).channel,
        Arc::new(builder(&server).build_threaded().unwrap()),
    ];
    for victim in &victims {
        let told = Arc::clone(&told);
        victim.query::<A>("silent.example.com", move |answer| {
            told.lock().unwrap().push(answer.unwrap_err());
        });
    }
    let (sender, receiver) = mpsc::channel();
    let seen = Arc::clone(&told);
    driven.channel.query::<A>("www.example.com", move |answer| {
        answer.unwrap();
        drop(victims);
        // Not yet: this thread holds the lock of the first channel.
        assert!(seen.lock().unwrap().is_empty());
        sender.send(()).unwrap();
    });
    driven.receive(&receiver);
    // `process` has returned, and has ended them.
    assert_eq!(
        *told.lock().unwrap(),
        [ErrorKind::Destruction, ErrorKind::Destruction]
    );
}

#[test]
fn a_channel_may_be_dropped_in_the_closures_of_its_end() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let first = Driven::new(&server);
    let second = Driven::new(&server);
    let ended = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&ended);
    second
        .channel
        .query::<A>("silent.example.com", move |answer| {
            assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
            inner.fetch_add(1, Ordering::Relaxed);
        });
    let outer = Arc::clone(&ended);
    first
        .channel
        .query::<A>("silent.example.com", move |answer| {
            assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
            drop(second);
            outer.fetch_add(1, Ordering::Relaxed);
        });
    drop(first);
    assert_eq!(ended.load(Ordering::Relaxed), 2);
}

/// Channels of which each is owned by the closure of a query on the one before.
#[test]
fn a_long_chain_of_channels() {
    // Each has a socket, of which a process may have about a thousand.
    const LINKS: usize = 300;
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let ended = Arc::new(AtomicUsize::new(0));
    let mut chain: Option<Channel> = None;
    for _ in 0..LINKS {
        let channel = builder(&server).on_socket_state(|_, _| ()).build().unwrap();
        let (next, ended) = (chain.take(), Arc::clone(&ended));
        channel.query::<A>("silent.example.com", move |answer| {
            assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
            drop(next);
            ended.fetch_add(1, Ordering::Relaxed);
        });
        chain = Some(channel);
    }
    drop(chain);
    assert_eq!(ended.load(Ordering::Relaxed), LINKS);
}

/// c-ares tells nobody of what a closure asks that is told of the end inside of another such closure. So
/// none may ask: who is told of the end finds no channel.
#[test]
fn a_closure_that_is_told_of_the_end_finds_no_channel() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let driven = Driven::new(&server);
    let found = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let (channel, found) = (Arc::downgrade(&driven.channel), Arc::clone(&found));
        driven
            .channel
            .query::<A>("silent.example.com", move |answer| {
                assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
                found.lock().unwrap().push(channel.upgrade().is_some());
            });
    }
    drop(driven);
    assert_eq!(*found.lock().unwrap(), [false, false]);
}

/// What is put off has its channel still, though nobody else has.
#[test]
fn a_query_that_is_put_off_is_told_after_its_channel_was_dropped() {
    let server = server();
    let driven = Driven::new(&server);
    let other = builder(&server).on_socket_state(|_, _| ()).build().unwrap();
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", move |_| {
        other.query::<A>("mail.example.com", send(sender));
        drop(other);
    });
    let error = driven.receive(&receiver).unwrap_err();
    assert_eq!(error, ErrorKind::Destruction);
}
