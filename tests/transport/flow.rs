//! Messages over a network in memory, over UDP and TCP.

use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::time::Duration;

use c_ares::{A, Answer, Channel, ErrorKind, Flags, Interest, Result, Txt};
use testserver::{Misbehaviour, Network, Reply, Rule, Server, Transport, WRONG};

use crate::common::{ZONE, send};
use crate::memory::{InMemory, Memory, builder_over, key};

pub(crate) fn network() -> Network {
    Server::builder().zone(ZONE).in_memory().unwrap()
}

fn over_tcp(network: &Network) -> InMemory {
    let builder = builder_over(Memory(network.clone())).flags(Flags::USEVC);
    InMemory::from(builder, network)
}

pub(crate) fn ask(channel: &Channel, name: &str) -> mpsc::Receiver<Result<Answer<A>>> {
    let (sender, receiver) = mpsc::channel();
    channel.query::<A>(name, send(sender));
    receiver
}

/// The one outcome of a query that was told.
pub(crate) fn told<T>(receiver: &mpsc::Receiver<T>) -> T {
    let told = receiver.try_recv().expect("the query was told");
    assert!(receiver.try_recv().is_err(), "the query was told twice");
    told
}

#[test]
fn a_query_goes_over_udp() {
    let network = network();
    let driven = InMemory::new(&network);
    let answer = ask(&driven.channel, "www.example.com");
    assert_eq!(driven.watched.lock().unwrap().len(), 1);
    assert!(answer.try_recv().is_err());
    assert_eq!(driven.run(), 2, "an arrival and its handling");
    assert_eq!(
        told(&answer).unwrap().records[0].data.address,
        Ipv4Addr::new(192, 0, 2, 80)
    );
    let queries = network.take_queries();
    assert_eq!(queries.len(), 1);
    assert_eq!(queries[0].server, "192.0.2.53:53".parse().unwrap());
    // Neither sockets nor anything to watch are left over.
    assert_eq!(network.keys(), []);
    assert!(driven.watched.lock().unwrap().is_empty());
}

#[test]
fn a_query_goes_over_ipv6() {
    let network = network();
    let server: std::net::SocketAddr = "[2001:db8::53]:5353".parse().unwrap();
    for flags in [Flags::default(), Flags::USEVC] {
        let driven = InMemory::from(
            builder_over(Memory(network.clone()))
                .flags(flags)
                .servers([server]),
            &network,
        );
        let answer = ask(&driven.channel, "www.example.com");
        driven.run();
        told(&answer).unwrap();
        assert_eq!(network.take_queries()[0].server, server);
    }
}

#[test]
fn several_queries_share_a_socket_and_their_answers_come_in_any_order() {
    let network = network();
    network.rule("www.example.com", Rule::delay(Duration::from_secs(3600)));
    let driven = InMemory::new(&network);
    let late = ask(&driven.channel, "www.example.com");
    let early = ask(&driven.channel, "mail.example.com");
    assert_eq!(network.keys().len(), 1);
    while late.try_recv().is_err() && early.try_recv().is_err() {
        assert!(driven.step());
    }
    assert_eq!(network.query_count(), 2, "nothing was asked again");
    // The one that was not told yet comes an hour later, which takes no time.
    driven.run();
    let left = late.try_iter().chain(early.try_iter()).count();
    assert_eq!(left, 1);
}

#[test]
fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let network = network();
    network.rule("www.example.com", Rule::truncate());
    let driven = InMemory::new(&network);
    let answer = ask(&driven.channel, "www.example.com");
    driven.run();
    told(&answer).unwrap();
    let queries = network.take_queries();
    let transports: Vec<_> = queries.iter().map(|query| query.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
    assert_eq!(network.connection_count(), 1);
}

#[test]
fn streams_may_come_and_go_a_byte_at_a_time() {
    let network = network();
    let driven = over_tcp(&network);
    for piece in [1, 3, 64] {
        network.set_piece(piece);
        let (sender, receiver) = mpsc::channel();
        driven.channel.query::<Txt>("example.com", send(sender));
        let address = ask(&driven.channel, "www.example.com");
        let steps = driven.run();
        assert!(piece > 1 || steps > 100, "{steps} steps for {piece} bytes");
        told(&receiver).unwrap();
        told(&address).unwrap();
    }
}

#[test]
fn a_stream_without_room_is_written_when_there_is() {
    let network = network();
    let driven = over_tcp(&network);
    let answer = ask(&driven.channel, "www.example.com");
    network.deliver();
    network.set_piece(0);
    let watched = *driven.watched.lock().unwrap().keys().next().unwrap();
    let write = c_ares::Ready::new(watched, Interest::WRITABLE);
    driven.channel.process(&[write]).unwrap();
    assert_eq!(network.query_count(), 0);
    let interest = driven.watched.lock().unwrap()[&watched];
    assert!(interest.readable && interest.writable);
    network.set_piece(usize::MAX);
    driven.run();
    told(&answer).unwrap();
}

#[test]
fn answers_from_elsewhere_are_not_believed() {
    let network = network();
    let wrong = Rule::script(|query| Reply::elsewhere(query.answer().to_vec().unwrap()));
    network.rule("www.example.com", wrong);
    let driven = InMemory::new(&network);
    let answer = ask(&driven.channel, "www.example.com");
    assert_eq!(driven.receive(&answer).unwrap_err(), ErrorKind::Timeout);
}

#[test]
fn a_reset_connection_is_told_and_made_again() {
    let network = network();
    let driven = over_tcp(&network);
    network.rule("www.example.com", Rule::script(|_| Reply::reset()));
    let answer = ask(&driven.channel, "www.example.com");
    driven.run();
    assert_eq!(told(&answer).unwrap_err(), ErrorKind::ConnectionRefused);
    assert_eq!(network.connection_count(), 3, "each try");
}

/// A level-triggered loop would be told to read it until the query's time is up, and c-ares
/// does not close it.
#[test]
fn a_stream_that_ends_within_a_message_is_read_no_more() {
    for end in [Reply::close(), Reply::reset()] {
        let network = network();
        let part = Reply::unframed([0, 200, 1, 2, 3]).then(end);
        network.rule("www.example.com", Rule::script(move |_| part.clone()));
        let builder = builder_over(Memory(network.clone())).flags(Flags::USEVC);
        let driven = InMemory::from(builder.tries(1), &network);
        let answer = ask(&driven.channel, "www.example.com");
        let steps = driven.run();
        assert!(steps < 10, "{steps} steps");
        assert!(answer.try_recv().is_err(), "it waits for its time");
        assert!(driven.watched.lock().unwrap().is_empty());
        assert_eq!(network.keys().len(), 1, "c-ares keeps it");
        assert_eq!(driven.receive(&answer).unwrap_err(), ErrorKind::Timeout);
        assert_eq!(network.keys(), []);
    }
}

#[test]
fn a_stream_that_ends_behind_an_answer_is_closed_at_once() {
    let network = network();
    let whole = Rule::script(|query| Reply::message(query.answer()).then(Reply::close()));
    network.rule("*", whole);
    let flags = Flags::USEVC | Flags::STAYOPEN;
    let builder = builder_over(Memory(network.clone())).flags(flags);
    let driven = InMemory::from(builder, &network);
    let answer = ask(&driven.channel, "www.example.com");
    driven.run();
    told(&answer).unwrap();
    assert_eq!(network.keys(), [], "though it was to stay open");
}

#[test]
fn hostile_answers_are_believed_no_more_than_from_the_systems_sockets() {
    for how in Misbehaviour::all() {
        let network = network();
        network.rule("www.example.com", Rule::misbehave(how));
        let builder = builder_over(Memory(network.clone())).flags(Flags::DNS0X20);
        let driven = InMemory::from(builder.tries(1), &network);
        let answer = ask(&driven.channel, "www.example.com");
        if let Ok(answer) = driven.receive(&answer) {
            // c-ares does not look at the QR bit.
            let wrong = how != Misbehaviour::NotAnAnswer;
            let wrong = wrong
                && answer
                    .records
                    .iter()
                    .any(|record| record.data.address == Ipv4Addr::from(WRONG));
            assert!(!wrong, "{how:?}");
        }
    }
}

#[test]
fn numbers_are_not_given_twice() {
    let network = network();
    let driven = InMemory::new(&network);
    let mut seen = Vec::new();
    for turn in 0..10 {
        let answer = ask(&driven.channel, &format!("nosuch{turn}.example.com"));
        seen.extend(driven.watched.lock().unwrap().keys().copied());
        driven.run();
        told(&answer).unwrap_err();
    }
    let mut different = seen.clone();
    different.dedup();
    assert_eq!((seen.len(), different.len()), (10, 10));
    // They are no descriptors of this process.
    #[cfg(target_os = "linux")]
    for number in seen {
        assert!(!std::path::Path::new(&format!("/proc/self/fd/{}", key(number))).exists());
    }
}

#[test]
fn without_a_socket_state_closure_the_user_looks_at_all_sockets() {
    let network = network();
    let channel = builder_over(Memory(network.clone())).build().unwrap();
    let answer = ask(&channel, "www.example.com");
    assert!(network.deliver());
    let ready: Vec<_> = network
        .keys()
        .into_iter()
        .map(|key| c_ares::Ready::new(key.try_into().unwrap(), Interest::READABLE))
        .collect();
    channel.process(&ready).unwrap();
    told(&answer).unwrap();
}

#[test]
fn pending_writes_are_held_back_here_too() {
    let network = network();
    let builder = builder_over(Memory(network.clone())).flags(Flags::USEVC | Flags::STAYOPEN);
    let (sender, pending) = mpsc::channel();
    let builder = builder.on_pending_write(move || sender.send(()).unwrap());
    let driven = InMemory::from(builder, &network);
    let first = ask(&driven.channel, "www.example.com");
    driven.run();
    told(&first).unwrap();
    let second = ask(&driven.channel, "mail.example.com");
    assert!(pending.try_recv().is_ok());
    driven.run();
    assert!(second.try_recv().is_err());
    driven.channel.write_pending().unwrap();
    driven.run();
    told(&second).unwrap();
}
