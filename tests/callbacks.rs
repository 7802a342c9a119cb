//! What closures may do: ask, configure, cancel, drop, panic.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use c_ares::{A, Channel, Error, Family, Hints, Mx, Server};
use common::{Driven, builder, send, server, wait};
use testserver::Rule;

fn payload_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .expect("the payload is a text")
}

#[test]
fn a_closure_may_ask_again() {
    let server = server();
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    let channel = Arc::clone(&driven.channel);
    driven.channel.query::<Mx>("example.com", move |answer| {
        let exchange = answer.unwrap().records[0].data.exchange.clone();
        channel.query::<A>(&exchange, send(sender));
    });
    let answer = driven.receive(&receiver).unwrap();
    assert_eq!(answer.records[0].data.address.to_string(), "192.0.2.25");
}

#[test]
fn a_closure_may_ask_again_on_the_event_thread() {
    let server = server();
    let channel = Arc::new(builder(&server).build_threaded().unwrap());
    let answer = wait(|sender| {
        let again = Arc::clone(&channel);
        channel.query::<Mx>("example.com", move |answer| {
            let exchange = answer.unwrap().records[0].data.exchange.clone();
            again.query::<A>(&exchange, send(sender));
        });
    });
    assert_eq!(answer.unwrap().records.len(), 1);
}

#[test]
fn a_closure_may_change_the_servers() {
    let (first, second) = (server(), server());
    let driven = Driven::new(&first);
    let (sender, receiver) = mpsc::channel();
    let (channel, address) = (Arc::clone(&driven.channel), second.address());
    driven.channel.query::<A>("www.example.com", move |answer| {
        answer.unwrap();
        channel.set_servers([address]).unwrap();
        assert_eq!(channel.servers().unwrap(), [Server::from(address)]);
        // Asked of the new server, and not taken from the cache of the old one.
        channel.query::<A>("www.example.com", send(sender));
    });
    driven.receive(&receiver).unwrap();
    assert_eq!((first.query_count(), second.query_count()), (1, 1));
}

#[test]
fn a_closure_may_change_the_servers_on_the_event_thread() {
    let (first, second) = (server(), server());
    let channel = Arc::new(builder(&first).build_threaded().unwrap());
    let answer = wait(|sender| {
        let (again, address) = (Arc::clone(&channel), second.address());
        channel.query::<A>("www.example.com", move |answer| {
            answer.unwrap();
            again.set_servers([address]).unwrap();
            again.query::<A>("www.example.com", send(sender));
        });
    });
    answer.unwrap();
    assert_eq!((first.query_count(), second.query_count()), (1, 1));
}

#[test]
fn a_socket_state_closure_may_use_the_channel() {
    let server = server();
    let slot: Arc<Mutex<Option<Arc<Channel>>>> = Arc::default();
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(Some(sender));
    let watched = common::Watched::default();
    let channel = builder(&server)
        .on_socket_state({
            let (slot, watched) = (Arc::clone(&slot), Arc::clone(&watched));
            move |socket, interest| {
                watched.lock().unwrap().insert(socket.raw(), interest);
                let channel = slot.lock().unwrap().clone();
                if let (Some(channel), Some(sender)) = (channel, sender.lock().unwrap().take()) {
                    assert_eq!(channel.servers().unwrap().len(), 1);
                    assert!(matches!(
                        channel.process(&[]),
                        Err(Error::InCallback { .. })
                    ));
                    channel.query::<A>("mail.example.com", send(sender));
                }
            }
        })
        .build()
        .unwrap();
    let driven = Driven {
        channel: Arc::new(channel),
        watched,
    };
    *slot.lock().unwrap() = Some(Arc::clone(&driven.channel));
    driven
        .channel
        .query::<A>("www.example.com", |answer| drop(answer.unwrap()));
    let answer = driven.receive(&receiver).unwrap();
    assert_eq!(answer.records[0].name, "mail.example.com");
    slot.lock().unwrap().take();
}

#[test]
fn closures_run_before_the_call_returns() {
    let server = server();
    let driven = Driven::new(&server);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = |what: &'static str| {
        let told = Arc::clone(&told);
        move |error: Option<Error>| told.lock().unwrap().push((what, error))
    };

    // Warm the cache; from now on nothing is processed.
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    driven.receive(&receiver).unwrap();

    let say = tell("cache");
    driven
        .channel
        .query::<A>("www.example.com", move |answer| say(answer.err()));
    let say = tell("nul");
    driven
        .channel
        .query::<A>("www\0.example.com", move |answer| say(answer.err()));
    let say = tell("nul search");
    driven
        .channel
        .search::<A>("www\0.example.com", move |answer| say(answer.err()));
    let say = tell("nul addrinfo");
    driven
        .channel
        .addrinfo("www\0.example.com", &Hints::new(), move |info| {
            say(info.err())
        });
    let say = tell("long label");
    driven
        .channel
        .query::<A>(&"a".repeat(64), move |answer| say(answer.err()));
    let say = tell("onion");
    driven
        .channel
        .query::<A>("foo.onion", move |answer| say(answer.err()));
    let say = tell("onion search");
    driven
        .channel
        .search::<A>("foo.onion", move |answer| say(answer.err()));
    let say = tell("literal");
    driven
        .channel
        .addrinfo("192.0.2.7", &Hints::new(), move |info| {
            assert_eq!(
                info.as_ref().unwrap().addresses[0].address.ip().to_string(),
                "192.0.2.7"
            );
            say(info.err());
        });
    let say = tell("localhost");
    driven
        .channel
        .addrinfo("localhost", &Hints::new().family(Family::V4), move |info| {
            assert!(
                info.as_ref().unwrap().addresses[0]
                    .address
                    .ip()
                    .is_loopback()
            );
            say(info.err());
        });
    driven.channel.set_servers([] as [Server; 0]).unwrap();
    let say = tell("no server");
    driven
        .channel
        .query::<A>("mail.example.com", move |answer| say(answer.err()));

    let expected = [
        ("cache", None),
        ("nul", Some(Error::BadName)),
        ("nul search", Some(Error::BadName)),
        ("nul addrinfo", Some(Error::BadName)),
        ("long label", Some(Error::BadName)),
        ("onion", Some(Error::NotFound)),
        ("onion search", Some(Error::NotFound)),
        ("literal", None),
        ("localhost", None),
        ("no server", Some(Error::NoServer)),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

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
        assert_eq!(answer.unwrap_err(), Error::Destruction);
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
        [Error::Destruction, Error::Destruction]
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
            assert_eq!(answer.unwrap_err(), Error::Destruction);
            inner.fetch_add(1, Ordering::Relaxed);
        });
    let outer = Arc::clone(&ended);
    first
        .channel
        .query::<A>("silent.example.com", move |answer| {
            assert_eq!(answer.unwrap_err(), Error::Destruction);
            drop(second);
            outer.fetch_add(1, Ordering::Relaxed);
        });
    drop(first);
    assert_eq!(ended.load(Ordering::Relaxed), 2);
}

/// Two channels whose closures ask each other: with two event threads this is a
/// deadlock, unless the layer puts such queries off.
#[test]
fn closures_of_two_channels_may_ask_each_other() {
    const ROUNDS: usize = 300;
    let server = server();
    let channels = [(); 2].map(|()| {
        Arc::new(
            builder(&server)
                .query_cache(Duration::ZERO)
                .build_threaded()
                .unwrap(),
        )
    });

    fn bounce(channels: [Arc<Channel>; 2], left: usize, done: mpsc::Sender<()>) {
        let [here, there] = channels;
        let next = [there, Arc::clone(&here)];
        here.query::<A>("www.example.com", move |answer| {
            answer.unwrap();
            if left == 0 {
                done.send(()).unwrap();
            } else {
                bounce(next, left - 1, done);
            }
        });
    }

    let (sender, receiver) = mpsc::channel();
    let [one, two] = &channels;
    bounce([Arc::clone(one), Arc::clone(two)], ROUNDS, sender.clone());
    bounce([Arc::clone(two), Arc::clone(one)], ROUNDS, sender);
    for _ in 0..2 {
        receiver
            .recv_timeout(common::BOUND)
            .expect("the channels wait for each other");
    }
}

/// Each closure is told at once and asks again: that must take no stack.
#[test]
fn a_long_chain_of_answers_told_at_once() {
    const LINKS: usize = 20_000;
    fn chain(channels: [Arc<Channel>; 2], left: usize, done: mpsc::Sender<()>) {
        let [here, there] = channels;
        let next = [there, Arc::clone(&here)];
        here.query::<A>("foo.onion", move |_| {
            if left == 0 {
                done.send(()).unwrap();
            } else {
                chain(next, left - 1, done);
            }
        });
    }
    let server = server();
    let driven = || Driven::new(&server).channel;
    let threaded = || Arc::new(builder(&server).build_threaded().unwrap());
    for make in [&driven as &dyn Fn() -> Arc<Channel>, &threaded] {
        let one = make();
        for channels in [[Arc::clone(&one), Arc::clone(&one)], [one, make()]] {
            let (sender, receiver) = mpsc::channel();
            chain(channels, LINKS, sender);
            receiver.recv_timeout(common::BOUND).unwrap();
        }
    }
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
            assert_eq!(answer.unwrap_err(), Error::Destruction);
            drop(next);
            ended.fetch_add(1, Ordering::Relaxed);
        });
        chain = Some(channel);
    }
    drop(chain);
    assert_eq!(ended.load(Ordering::Relaxed), LINKS);
}

#[test]
fn only_queries_reach_another_channel_from_a_closure() {
    let server = server();
    let (driven, other) = (Driven::new(&server), Driven::new(&server));
    let (sender, receiver) = mpsc::channel();
    let (answers, answer) = mpsc::channel();
    let channel = Arc::clone(&other.channel);
    driven.channel.query::<A>("www.example.com", move |_| {
        let refused = [
            channel.set_servers([] as [Server; 0]).err(),
            channel.servers().err(),
            channel.cancel_all().err(),
            channel.process(&[]).err(),
            channel.timeout().err(),
        ];
        channel.query::<A>("www.example.com", send(answers));
        sender.send(refused).unwrap();
    });
    for refused in driven.receive(&receiver) {
        assert!(
            matches!(refused, Some(Error::InCallback { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(other.receive(&answer).unwrap().records.len(), 2);
}

#[test]
fn cancelled_queries_are_told_at_once_and_new_ones_go_on() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    let (cancelled, told) = mpsc::channel();
    let channel = Arc::clone(&driven.channel);
    driven
        .channel
        .query::<A>("silent.example.com", move |answer| {
            cancelled.send(answer.unwrap_err()).unwrap();
            channel.query::<A>("www.example.com", send(sender));
        });
    driven.channel.cancel_all().unwrap();
    assert_eq!(told.try_recv(), Ok(Error::Cancelled));
    driven.receive(&receiver).unwrap();
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
                assert_eq!(answer.unwrap_err(), Error::Destruction);
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
