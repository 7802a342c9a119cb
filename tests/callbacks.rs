//! What closures may do: ask again, configure, cancel; and what waits until they are done.

mod common;

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use c_ares::{A, Channel, Error, ErrorKind, Family, Hints, Mx, Server};
use common::{Driven, builder, send, server, wait};
use testserver::Rule;

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
                        channel.process(&[]).unwrap_err().kind(),
                        ErrorKind::InCallback { .. }
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
        move |error: Option<Error>| {
            let kind = error.map(|error| error.kind().clone());
            told.lock().unwrap().push((what, kind));
        }
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
    let say = tell("long label search");
    driven
        .channel
        .search::<A>(&"a".repeat(64), move |answer| say(answer.err()));
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
        ("nul", Some(ErrorKind::BadName)),
        ("nul search", Some(ErrorKind::BadName)),
        ("nul addrinfo", Some(ErrorKind::BadName)),
        ("long label", Some(ErrorKind::BadName)),
        ("long label search", Some(ErrorKind::BadName)),
        ("onion", Some(ErrorKind::NotFound)),
        ("onion search", Some(ErrorKind::NotFound)),
        ("literal", None),
        ("localhost", None),
        ("no server", Some(ErrorKind::NoServer)),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

/// What c-ares returns says nothing about the closure: it has told it already, and its box is gone.
#[test]
fn a_call_that_fails_has_told_its_closure_and_freed_it() {
    let server = server();
    let driven = Driven::new(&server);
    let channel = &driven.channel;
    channel.set_servers([] as [Server; 0]).unwrap();
    let freed = Arc::new(());
    let told = Arc::new(Mutex::new(0));
    let closure = || {
        let (freed, told) = (Arc::clone(&freed), Arc::clone(&told));
        move |failed: bool| {
            let _freed_with_this = &freed;
            assert!(failed);
            *told.lock().unwrap() += 1;
        }
    };
    let tell = [(); 6].map(|()| closure());
    let [query, search, addrinfo, nameinfo, exchange, no_server] = tell;
    let message = c_ares::Message::query("foo.onion", c_ares::RecordType::A).unwrap();
    channel.query::<A>("foo.onion", move |answer| query(answer.is_err()));
    channel.search::<A>("foo.onion", move |answer| search(answer.is_err()));
    channel.addrinfo("foo.onion", &Hints::new(), move |info| {
        addrinfo(info.is_err());
    });
    let address = ([192, 0, 2, 1], 53).into();
    let flags = c_ares::NameInfoFlags::NAMEREQD;
    channel.nameinfo(address, flags, move |info| nameinfo(info.is_err()));
    channel.exchange(&message, move |response| exchange(response.is_err()));
    channel.query::<A>("www.example.com", move |answer| no_server(answer.is_err()));
    assert_eq!(*told.lock().unwrap(), 6);
    assert_eq!(Arc::strong_count(&freed), 1);
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
            matches!(
                refused.as_ref().map(Error::kind),
                Some(ErrorKind::InCallback { .. })
            ),
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
    assert_eq!(told.try_recv().unwrap(), ErrorKind::Cancelled);
    driven.receive(&receiver).unwrap();
}
