//! Panics in closures: caught before C, and resumed where Rust called it.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use c_ares::{A, ErrorKind};
use common::{Driven, builder, send, server};
use testserver::Rule;

fn payload_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .expect("the payload is a text")
}

#[test]
fn a_panic_goes_on_from_process() {
    let server = server();
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    driven
        .channel
        .query::<A>("www.example.com", |_| panic!("first"));
    driven
        .channel
        .query::<A>("mail.example.com", |_| panic!("second"));
    assert!(server.wait_for_queries(2, common::BOUND));
    let mut caught = Vec::new();
    driven.channel.query::<A>("example.com", send(sender));
    let start = std::time::Instant::now();
    while caught.is_empty() && start.elapsed() < common::BOUND {
        std::thread::sleep(Duration::from_millis(20));
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| driven.step())) {
            caught.push(payload);
        }
    }
    assert!(["first", "second"].contains(&payload_text(&*caught[0])));
    // The channel lives on; the other panic may still be to come.
    let mut answer = None;
    while answer.is_none() && start.elapsed() < common::BOUND {
        let _ = catch_unwind(AssertUnwindSafe(|| driven.step()));
        answer = receiver.try_recv().ok();
    }
    answer.expect("the third query is answered").unwrap();
}

#[test]
fn a_panic_goes_on_from_the_call_that_runs_the_closure() {
    let server = server();
    let driven = Driven::new(&server);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        driven
            .channel
            .query::<A>("foo.onion", |_| panic!("at once"));
    }));
    assert_eq!(payload_text(&*caught.unwrap_err()), "at once");

    driven
        .channel
        .query::<A>("www.example.com", |_| panic!("cancelled"));
    let caught = catch_unwind(AssertUnwindSafe(|| driven.channel.cancel_all()));
    assert_eq!(payload_text(&*caught.unwrap_err()), "cancelled");
}

#[test]
fn a_panic_of_an_inner_call_can_be_caught_in_the_closure() {
    let server = server();
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    let channel = Arc::clone(&driven.channel);
    driven.channel.query::<A>("www.example.com", move |_| {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            channel.query::<A>("foo.onion", |_| panic!("inner"));
        }));
        sender
            .send(payload_text(&*caught.unwrap_err()).to_owned())
            .unwrap();
    });
    assert_eq!(driven.receive(&receiver), "inner");
}

#[test]
fn the_first_panic_goes_on_from_drop_and_every_closure_is_told() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let told = Arc::new(AtomicUsize::new(0));
    let driven = Driven::new(&server);
    for text in ["one", "two", "three"] {
        let told = Arc::clone(&told);
        driven
            .channel
            .query::<A>("silent.example.com", move |answer| {
                assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
                told.fetch_add(1, Ordering::Relaxed);
                std::panic::panic_any(text);
            });
    }
    let caught = catch_unwind(AssertUnwindSafe(|| drop(driven)));
    assert_eq!(payload_text(&*caught.unwrap_err()), "one");
    assert_eq!(told.load(Ordering::Relaxed), 3);
}

#[test]
fn a_panic_in_a_closure_does_not_abort_a_drop_that_is_unwinding() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let driven = Driven::new(&server);
        driven
            .channel
            .query::<A>("silent.example.com", |_| panic!("in the closure"));
        panic!("outside");
    }));
    assert_eq!(payload_text(&*caught.unwrap_err()), "outside");
}

/// A payload, or a captured value, may panic when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[test]
fn panics_of_destructors_are_caught_as_well() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let driven = Driven::new(&server);
    driven
        .channel
        .query::<A>("silent.example.com", |_| std::panic::panic_any("first"));
    driven.channel.query::<A>("silent.example.com", |_| {
        std::panic::panic_any(Bomb("the payload of the second panic"));
    });
    let captured = Bomb("captured");
    driven
        .channel
        .query::<A>("silent.example.com", move |_| drop(captured));
    let caught = catch_unwind(AssertUnwindSafe(|| driven.channel.cancel_all()));
    assert_eq!(payload_text(&*caught.unwrap_err()), "first");

    let bomb = Bomb("captured by the socket-state closure");
    let channel = builder(&server)
        .on_socket_state(move |_, _| _ = &bomb)
        .build()
        .unwrap();
    let caught = catch_unwind(AssertUnwindSafe(|| drop(channel)));
    let payload = caught.unwrap_err();
    assert_eq!(
        payload.downcast_ref::<String>().unwrap(),
        "captured by the socket-state closure"
    );
}

#[test]
fn two_panics_while_a_channel_ends_are_one() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let bomb = Bomb("captured by the socket-state closure");
    let channel = builder(&server)
        .on_socket_state(move |_, _| _ = &bomb)
        .build()
        .unwrap();
    channel.query::<A>("silent.example.com", |_| panic!("told of the end"));
    let caught = catch_unwind(AssertUnwindSafe(|| drop(channel)));
    assert_eq!(payload_text(&*caught.unwrap_err()), "told of the end");
}

#[test]
fn a_panic_on_the_event_thread_aborts() {
    const TEST: &str = "a_panic_on_the_event_thread_aborts";
    if !common::is_child(TEST) {
        return common::assert_aborted(&common::in_child(TEST), "belongs to c-ares");
    }
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    channel.query::<A>("www.example.com", |_| panic!("on the event thread"));
    std::thread::sleep(common::BOUND);
}

#[test]
fn a_panic_in_a_deferred_end_aborts() {
    const TEST: &str = "a_panic_in_a_deferred_end_aborts";
    if !common::is_child(TEST) {
        return common::assert_aborted(&common::in_child(TEST), "without a Rust caller");
    }
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let channel = Arc::new(builder(&server).build_threaded().unwrap());
    let (go, wait_for_go) = mpsc::channel::<()>();
    channel.query::<A>("silent.example.com", |_| panic!("told of the end"));
    let owner = Arc::clone(&channel);
    channel.query::<A>("www.example.com", move |_| {
        wait_for_go.recv().unwrap();
        drop(owner);
    });
    drop(channel);
    go.send(()).unwrap();
    std::thread::sleep(common::BOUND);
}
