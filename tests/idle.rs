//! Waiting until no query is under way.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use c_ares::{A, ErrorKind, Hints, Mx};
use common::{Driven, builder, send, server};
use testserver::Rule;

/// Only a hang takes longer.
const BOUND: Duration = Duration::from_secs(60);

/// Queries that closures make are waited for too.
#[test]
fn when_it_returns_the_closures_have_run() {
    let server = server();
    let channel = Arc::new(builder(&server).build_threaded().unwrap());
    assert_eq!(channel.wait_idle(Duration::ZERO), Ok(true));
    let told = Arc::new(AtomicUsize::new(0));
    for _ in 0..50 {
        let (again, told) = (Arc::clone(&channel), Arc::clone(&told));
        channel.query::<A>("www.example.com", move |_| {
            let then = Arc::clone(&told);
            again.addrinfo("mail.example.com", &Hints::new(), move |_| {
                then.fetch_add(1, Ordering::SeqCst);
            });
            told.fetch_add(1, Ordering::SeqCst);
        });
    }
    assert_eq!(channel.wait_idle(BOUND), Ok(true));
    assert_eq!(told.load(Ordering::SeqCst), 100);
    assert_eq!(channel.active_queries(), Ok(0));
}

#[test]
fn it_waits_no_longer_than_it_is_told() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let channel = builder(&server).build_threaded().unwrap();
    let (sender, receiver) = mpsc::channel();
    channel.query::<A>("silent.example.com", send(sender));
    let start = Instant::now();
    assert_eq!(channel.wait_idle(Duration::ZERO), Ok(false));
    assert_eq!(channel.wait_idle(Duration::from_millis(50)), Ok(false));
    // c-ares leaves out what is less than a millisecond, each time that it looks at its clock.
    assert!(start.elapsed() >= Duration::from_millis(40));
    assert_eq!(channel.active_queries(), Ok(1));

    // As long as can be, which the end of the query cuts short.
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| channel.wait_idle(Duration::MAX));
        std::thread::sleep(Duration::from_millis(20));
        channel.cancel_all().unwrap();
        assert_eq!(waiting.join().unwrap(), Ok(true));
    });
    assert_eq!(receiver.recv().unwrap().unwrap_err(), ErrorKind::Cancelled);
}

/// It would wait for itself.
#[test]
fn waiting_in_a_closure_or_for_oneself_is_refused() {
    let server = server();
    let driven = Driven::new(&server);
    let refused = driven.channel.wait_idle(BOUND).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::NotThreaded { .. }));

    let threaded = Arc::new(builder(&server).build_threaded().unwrap());
    let (sender, receiver) = mpsc::channel();
    let channel = Arc::clone(&threaded);
    threaded.query::<A>("www.example.com", move |_| {
        sender.send(channel.wait_idle(BOUND)).unwrap();
    });
    let in_own = receiver.recv_timeout(BOUND).unwrap().unwrap_err();
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<Mx>("example.com", move |_| {
        sender.send(threaded.wait_idle(BOUND)).unwrap();
    });
    let in_other = driven.receive(&receiver).unwrap_err();
    for error in [in_own, in_other] {
        assert!(matches!(error.kind(), ErrorKind::InCallback { .. }));
    }
}
