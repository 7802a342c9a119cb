//! Driven channels: what is watched, when to wake, what `process` is fed.

mod common;

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use c_ares::{A, Aaaa, Channel, ErrorKind, Flags, Interest, Ready};
use common::{Driven, builder, send, server};
use testserver::Rule;

#[test]
fn nothing_happens_without_process() {
    let server = server();
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    assert!(server.wait_for_queries(1, common::BOUND));
    std::thread::sleep(Duration::from_millis(50));
    assert!(receiver.try_recv().is_err());
    driven.receive(&receiver).unwrap();
}

#[test]
fn sockets_are_named_when_they_open_and_when_they_close() {
    let server = server();
    let driven = Driven::new(&server);
    assert!(driven.ready().is_empty());
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    assert_eq!(driven.ready().len(), 1);
    driven.receive(&receiver).unwrap();
    assert!(driven.ready().is_empty(), "no query, no socket");
}

#[test]
fn a_socket_that_is_kept_open_is_told_of_when_the_channel_ends() {
    let server = server();
    let driven = Driven::from(builder(&server).flags(Flags::STAYOPEN));
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    driven.receive(&receiver).unwrap();
    assert_eq!(driven.ready().len(), 1);
    let watched = Arc::clone(&driven.watched);
    drop(driven);
    assert!(
        watched.lock().unwrap().is_empty(),
        "the last notice of each socket is of nothing"
    );
}

#[test]
fn a_second_query_on_an_open_socket_is_not_announced() {
    let server = server();
    server.rule("*", Rule::drop());
    let notices = Arc::new(Mutex::new(0));
    let channel = builder(&server)
        .on_socket_state({
            let notices = Arc::clone(&notices);
            move |_, _| *notices.lock().unwrap() += 1
        })
        .build()
        .unwrap();
    channel.query::<A>("www.example.com", |_| ());
    assert_eq!(*notices.lock().unwrap(), 1);
    channel.query::<A>("mail.example.com", |_| ());
    assert_eq!(*notices.lock().unwrap(), 1);
}

#[test]
fn a_lent_socket_can_be_duplicated() {
    let server = server();
    let kept: Arc<Mutex<Vec<OwnedFd>>> = Arc::default();
    let channel = builder(&server)
        .on_socket_state({
            let kept = Arc::clone(&kept);
            move |socket, interest| {
                if interest == Interest::READABLE {
                    kept.lock()
                        .unwrap()
                        .push(socket.as_fd().try_clone_to_owned().unwrap());
                }
            }
        })
        .build()
        .unwrap();
    channel.query::<A>("www.example.com", |answer| {
        assert_eq!(answer.unwrap_err(), ErrorKind::Destruction)
    });
    drop(channel);
    // Ours is open still.
    let socket = std::net::UdpSocket::from(kept.lock().unwrap().pop().unwrap());
    assert_eq!(socket.peer_addr().unwrap(), server.address());
}

#[test]
fn the_timeout_tells_when_to_come_back() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let driven = Driven::from(
        builder(&server)
            .timeout(Duration::from_millis(300))
            .tries(2),
    );
    assert_eq!(driven.channel.timeout(), Ok(None));
    let (sender, receiver) = mpsc::channel();
    driven
        .channel
        .query::<A>("silent.example.com", send(sender));
    let first = driven.channel.timeout().unwrap().unwrap();
    assert!(first <= Duration::from_millis(300), "{first:?}");

    // Process only when the time has come: that alone ends the query.
    let start = Instant::now();
    let error = loop {
        assert!(start.elapsed() < common::BOUND);
        if let Ok(answer) = receiver.try_recv() {
            break answer.unwrap_err();
        }
        let wait = driven
            .channel
            .timeout()
            .unwrap()
            .expect("a query is under way");
        std::thread::sleep(wait);
        driven.channel.process(&[]).unwrap();
    };
    assert_eq!(error, ErrorKind::Timeout);
    assert_eq!(driven.channel.timeout(), Ok(None));
    assert_eq!(server.query_count(), 2);
}

#[test]
fn foreign_and_stale_sockets_are_passed_over() {
    let server = server();
    let driven = Driven::new(&server);
    let both = Interest {
        readable: true,
        writable: true,
    };
    let strangers: Vec<Ready> = [-1, 0, 1, 2, 1_000_000, i32::MAX, i32::MIN]
        .into_iter()
        .map(|socket| Ready::new(socket, both))
        .collect();
    driven.channel.process(&strangers).unwrap();
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    let stale = driven.ready();
    driven.receive(&receiver).unwrap();
    driven.channel.process(&stale).unwrap();
    driven.channel.process(&strangers).unwrap();
}

#[test]
fn a_threaded_channel_is_not_driven_from_outside() {
    let channel = builder(&server()).build_threaded().unwrap();
    assert!(matches!(
        channel.process(&[]).unwrap_err().kind(),
        ErrorKind::NotDriven { .. }
    ));
    assert!(matches!(
        channel.timeout().unwrap_err().kind(),
        ErrorKind::NotDriven { .. }
    ));
}

#[test]
fn tcp_is_watched_for_writing_until_it_is_connected() {
    let server = server();
    let seen: Arc<Mutex<Vec<Interest>>> = Arc::default();
    let watched = common::Watched::default();
    let channel = builder(&server)
        .flags(Flags::USEVC)
        .on_socket_state({
            let (seen, watched) = (Arc::clone(&seen), Arc::clone(&watched));
            move |socket, interest| {
                seen.lock().unwrap().push(interest);
                watched.lock().unwrap().insert(socket.raw(), interest);
            }
        })
        .build()
        .unwrap();
    let driven = Driven {
        channel: Arc::new(channel),
        watched,
    };
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    driven.receive(&receiver).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen[0].writable, "{seen:?}");
    assert!(seen.contains(&Interest::READABLE), "{seen:?}");
    assert_eq!(*seen.last().unwrap(), Interest::NONE, "{seen:?}");
}

#[test]
fn several_threads_may_process_one_channel() {
    const QUERIES: usize = 200;
    let server = server();
    let driven = Driven::from(builder(&server).query_cache(Duration::ZERO));
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let answered = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let sender = sender.clone();
            let channel: &Channel = &driven.channel;
            scope.spawn(move || {
                for _ in 0..QUERIES / 4 {
                    channel.query::<Aaaa>("www.example.com", send(sender.clone()));
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                driven.run_until(|| {
                    let mut answered = answered.lock().unwrap();
                    *answered += receiver
                        .lock()
                        .unwrap()
                        .try_iter()
                        .map(Result::unwrap)
                        .count();
                    *answered == QUERIES
                });
            });
        }
    });
}
