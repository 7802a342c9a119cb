//! The closure that tells how servers do.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::time::Duration;

use c_ares::{A, Builder, Channel, ErrorKind, ServerState};
use common::{BOUND, Driven, assert_aborted, builder, in_child, is_child, send, server, wait};
use testserver::{Rule, Server};

type States = Arc<Mutex<Vec<ServerState>>>;

/// The builder with a closure that keeps what it is told.
fn watched(builder: Builder) -> (Builder, States) {
    let states = States::default();
    let told = Arc::clone(&states);
    let builder = builder.on_server_state(move |state| told.lock().unwrap().push(state.clone()));
    (builder, states)
}

/// What was told, in one line each, with names for the servers.
fn texts(states: &States, servers: &[&Server]) -> Vec<String> {
    let states = states.lock().unwrap();
    let name = |text: String| {
        servers
            .iter()
            .enumerate()
            .fold(text, |text, (number, server)| {
                text.replace(&server.address().to_string(), &format!("#{number}"))
            })
    };
    states.iter().map(|state| name(state.to_string())).collect()
}

#[test]
fn a_failure_is_told_and_then_a_success() {
    let (bad, good) = (server(), server());
    bad.rule("*", Rule::refuse());
    let (builder, states) = watched(builder(&bad).servers([bad.address(), good.address()]));
    let driven = Driven::from(builder);
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    driven.receive(&receiver).unwrap();
    assert_eq!(
        texts(&states, &[&bad, &good]),
        ["#0 failed over UDP", "#1 answered over UDP"]
    );
    let states = states.lock().unwrap();
    assert_eq!(states[0].server, c_ares::Server::from(bad.address()));
    assert!(!states[0].success && states[1].success);
}

#[test]
fn no_answer_in_time_is_a_failure() {
    let server = server();
    server.rule("*", Rule::drop());
    let (builder, states) = watched(
        builder(&server)
            .timeout(Duration::from_millis(250))
            .tries(1),
    );
    let channel = builder.build_threaded().unwrap();
    let error = wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap_err();
    assert_eq!(error, ErrorKind::Timeout);
    drop(channel);
    assert_eq!(texts(&states, &[&server]), ["#0 failed over UDP"]);
}

#[test]
fn tcp_is_told_apart() {
    let server = server();
    server.rule("*", Rule::truncate());
    let (builder, states) = watched(builder(&server));
    let channel = builder.build_threaded().unwrap();
    wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap();
    drop(channel);
    let told = texts(&states, &[&server]);
    assert_eq!(told.last().unwrap(), "#0 answered over TCP");
    assert!(states.lock().unwrap().last().unwrap().tcp);
}

#[test]
fn a_server_with_two_ports_and_ipv6_is_told_as_it_was_set() {
    let server = server();
    let Some(address) = server.address_v6() else {
        return; // a machine without IPv6
    };
    let set = c_ares::Server::from(address).with_tcp_port(1);
    let (builder, states) = watched(builder(&server).servers([set.clone()]));
    let channel = builder.build_threaded().unwrap();
    wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap();
    drop(channel);
    assert_eq!(states.lock().unwrap()[0].server, set);
}

/// A slot for the channel that a closure works on.
type Slot = Arc<Mutex<Weak<Channel>>>;

#[test]
fn the_channel_may_be_used_inside() {
    let server = server();
    let slot = Slot::default();
    let (sender, receiver) = mpsc::channel();
    let driven = Driven::from(builder(&server).on_server_state({
        let slot = Arc::clone(&slot);
        move |state| {
            // Once: what is asked here is told here as well.
            let channel = std::mem::take(&mut *slot.lock().unwrap());
            let Some(channel) = channel.upgrade() else {
                return;
            };
            assert_eq!(channel.servers().unwrap()[0], state.server);
            channel.query::<A>("mail.example.com", send(sender.clone()));
            channel.cancel_all().unwrap();
            channel.set_servers([state.server.clone()]).unwrap();
            channel.query::<A>("ns1.example.com", send(sender.clone()));
            let process = channel.process(&[]).unwrap_err();
            assert!(matches!(process.kind(), ErrorKind::InCallback { .. }));
        }
    }));
    *slot.lock().unwrap() = Arc::downgrade(&driven.channel);
    driven.channel.query::<A>("www.example.com", |_| ());
    assert_eq!(driven.receive(&receiver).unwrap_err(), ErrorKind::Cancelled);
    driven.receive(&receiver).unwrap();
}

#[test]
fn the_channel_may_be_dropped_inside() {
    let server = server();
    server.rule("mail.example.com", Rule::drop());
    let slot: Arc<Mutex<Option<Channel>>> = Arc::default();
    let builder = builder(&server).on_server_state({
        let slot = Arc::clone(&slot);
        move |_| drop(slot.lock().unwrap().take())
    });
    let (sender, receiver) = mpsc::channel();
    {
        let mut slot = slot.lock().unwrap();
        let channel = slot.insert(builder.build_threaded().unwrap());
        channel.query::<A>("mail.example.com", send(sender));
        channel.query::<A>("www.example.com", |_| ());
    }
    let error = receiver.recv_timeout(BOUND).unwrap().unwrap_err();
    assert_eq!(error, ErrorKind::Destruction);
}

#[test]
fn a_panic_goes_on_from_the_call_that_drives() {
    let server = server();
    let driven = Driven::from(builder(&server).on_server_state(|_| panic!("from the closure")));
    driven.channel.query::<A>("www.example.com", |_| ());
    let payload = catch_unwind(AssertUnwindSafe(|| driven.run_until(|| false))).unwrap_err();
    assert_eq!(
        payload.downcast_ref::<&str>().copied(),
        Some("from the closure")
    );
    // The channel goes on.
    assert_eq!(driven.channel.active_queries(), Ok(0));
}

#[test]
fn a_panic_on_the_event_thread_aborts() {
    const NAME: &str = "a_panic_on_the_event_thread_aborts";
    if is_child(NAME) {
        let server = server();
        let builder = builder(&server).on_server_state(|_| panic!("from the closure"));
        let channel = builder.build_threaded().unwrap();
        wait(|sender: mpsc::Sender<()>| {
            channel.query::<A>("www.example.com", move |_| {
                // Kept, so that nobody goes on before the process ends.
                std::mem::forget(sender);
            });
        });
        return;
    }
    assert_aborted(&in_child(NAME), "a callback panicked");
}

#[test]
fn the_closure_goes_with_the_last_channel_that_has_it() {
    let server = server();
    let (builder, states) = watched(builder(&server));
    let channels = [
        builder.clone().build_threaded().unwrap(),
        builder.build_threaded().unwrap(),
    ];
    for channel in channels {
        assert_eq!(Arc::strong_count(&states), 2);
        wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap();
    }
    assert_eq!(Arc::strong_count(&states), 1);
    assert_eq!(states.lock().unwrap().len(), 2, "both channels tell");
}
