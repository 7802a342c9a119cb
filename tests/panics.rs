//! Panics in closures: caught before C, and resumed where Rust called it.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use c_ares::{A, Channel, ErrorKind, Flags, Hints, Message, NameInfoFlags, RecordType};
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

type Asks = fn(&Channel, Panics);

/// Panics when it is told, and counts that.
struct Panics(Arc<AtomicUsize>);

impl Panics {
    fn told<T>(self) -> impl FnOnce(T) + Send + 'static {
        move |_| {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("told")
        }
    }
}

fn message(name: &str) -> Message {
    Message::query(name, RecordType::A).unwrap()
}

#[test]
fn a_panic_in_any_kind_of_closure_is_caught() {
    let server = server();
    server.rule("*", Rule::drop());
    let asks: [Asks; 7] = [
        |channel, panics| channel.query::<A>("one.example.com", panics.told()),
        |channel, panics| channel.search::<A>("two", panics.told()),
        |channel, panics| channel.addrinfo("three.example.com", &Hints::new(), panics.told()),
        |channel, panics| {
            let flags = NameInfoFlags::LOOKUPHOST;
            channel.nameinfo("192.0.2.1:1".parse().unwrap(), flags, panics.told());
        },
        |channel, panics| channel.reverse("192.0.2.1".parse().unwrap(), panics.told()),
        |channel, panics| {
            let tell = panics.told();
            channel.exchange(&message("six.example.com"), move |response| {
                tell(response.map(drop));
            });
        },
        |channel, panics| {
            let tell = panics.told();
            channel.search_message(&message("seven"), move |response| {
                tell(response.map(drop));
            });
        },
    ];
    for ask in asks {
        let told = Arc::new(AtomicUsize::new(0));
        let driven = Driven::new(&server);
        ask(&driven.channel, Panics(Arc::clone(&told)));
        let caught = catch_unwind(AssertUnwindSafe(|| driven.channel.cancel_all()));
        assert_eq!(payload_text(&*caught.unwrap_err()), "told");
        // The channel lives on.
        ask(&driven.channel, Panics(Arc::clone(&told)));
        let caught = catch_unwind(AssertUnwindSafe(|| drop(driven)));
        assert_eq!(payload_text(&*caught.unwrap_err()), "told");
        assert_eq!(told.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn a_panic_of_a_socket_state_closure_goes_on_from_each_call_that_runs_it() {
    let server = server();
    server.rule("*", Rule::drop());
    let channel = builder(&server)
        .on_socket_state(|_, interest| panic!("{}", if interest.is_none() { "end" } else { "new" }))
        .build()
        .unwrap();
    let told = |caught: std::thread::Result<()>| *caught.unwrap_err().downcast::<String>().unwrap();
    let (sender, receiver) = mpsc::channel();
    let ask = || channel.query::<A>("www.example.com", send(sender));
    assert_eq!(told(catch_unwind(AssertUnwindSafe(ask))), "new");
    assert!(receiver.try_recv().is_err(), "the query is under way");
    assert_eq!(
        told(catch_unwind(AssertUnwindSafe(|| drop(channel)))),
        "end"
    );
    let answer = receiver.try_recv().unwrap();
    assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
}

#[test]
fn a_panic_of_a_socket_state_closure_does_not_abort_a_drop_that_is_unwinding() {
    let server = server();
    server.rule("*", Rule::drop());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let bomb = Bomb("captured");
        let channel = builder(&server)
            .on_socket_state(move |_, interest| {
                let _ = &bomb;
                assert!(!interest.is_none(), "in the closure");
            })
            .build()
            .unwrap();
        channel.query::<A>("www.example.com", |_| {
            std::panic::panic_any(Bomb("payload"))
        });
        panic!("outside");
    }));
    assert_eq!(payload_text(&*caught.unwrap_err()), "outside");
}

#[test]
fn a_panic_before_a_socket_is_connected_fails_the_query() {
    let server = server();
    let channel = builder(&server)
        .tries(1)
        .on_socket_state(|_, _| ())
        .on_socket_configured(|_| panic!("configured"))
        .build()
        .unwrap();
    let (sender, receiver) = mpsc::channel();
    let ask = AssertUnwindSafe(|| channel.query::<A>("www.example.com", send(sender)));
    assert_eq!(payload_text(&*catch_unwind(ask).unwrap_err()), "configured");
    let error = receiver.try_recv().unwrap().unwrap_err();
    assert_eq!(error, ErrorKind::ConnectionRefused);
}

#[test]
fn a_panic_of_a_pending_write_leaves_the_query_to_be_written() {
    let server = server();
    let driven = Driven::with(builder(&server).flags(Flags::USEVC), |builder| {
        builder.on_pending_write(|| panic!("pending"))
    });
    let (sender, receiver) = mpsc::channel();
    let ask = || driven.channel.query::<A>("www.example.com", send(sender));
    let caught = catch_unwind(AssertUnwindSafe(ask));
    assert_eq!(payload_text(&*caught.unwrap_err()), "pending");
    driven.channel.write_pending().unwrap();
    driven.receive(&receiver).unwrap();
}

/// A panic whose payload panics when it is dropped, with a payload that does so again.
struct Endless(u32);

impl Drop for Endless {
    fn drop(&mut self) {
        std::panic::panic_any(Endless(self.0 + 1));
    }
}

#[test]
fn a_payload_that_never_ends_is_forgotten() {
    let server = server();
    server.rule("*", Rule::drop());
    let driven = Driven::new(&server);
    driven
        .channel
        .query::<A>("www.example.com", |_| std::panic::panic_any("first"));
    driven
        .channel
        .query::<A>("www.example.com", |_| std::panic::panic_any(Endless(0)));
    let caught = catch_unwind(AssertUnwindSafe(|| driven.channel.cancel_all()));
    assert_eq!(payload_text(&*caught.unwrap_err()), "first");
}

/// The closure has run; what it captured is dropped by the trampoline's frame.
#[test]
fn a_closure_whose_captured_value_panics_when_dropped_is_caught() {
    let server = server();
    let driven = Driven::new(&server);
    let captured = Bomb("captured");
    let ask = AssertUnwindSafe(|| {
        driven.channel.query::<A>("foo.onion", move |_| {
            let _ = &captured;
        });
    });
    let payload = catch_unwind(ask).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "captured");
}

#[test]
fn a_panic_on_the_reloading_thread_aborts() {
    const TEST: &str = "a_panic_on_the_reloading_thread_aborts";
    if !common::is_child(TEST) {
        return common::assert_aborted(&common::in_child(TEST), "belongs to c-ares");
    }
    let (old, new) = (server(), server());
    old.rule("*", Rule::drop());
    let file = tempfile::NamedTempFile::new().unwrap();
    let name = |server: &testserver::Server| {
        std::fs::write(file.path(), format!("nameserver {}\n", server.address())).unwrap();
    };
    name(&old);
    let channel = Channel::builder()
        .resolv_conf(file.path())
        .on_socket_state(|_, interest| assert!(!interest.is_none(), "on the reloading thread"))
        .build()
        .unwrap();
    channel.query::<A>("www.example.com", |_| ());
    name(&new);
    channel.reload().unwrap();
    std::thread::sleep(common::BOUND);
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
