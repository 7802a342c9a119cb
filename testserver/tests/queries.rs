//! What the server remembers of the queries it saw.

mod client;

use client::{PATIENCE, Tcp, Udp, ZONE, name, query, wire, with_edns};
use std::thread;
use std::time::{Duration, Instant};
use testserver::{DNSClass, RecordType, Rule, Server, Transport};

#[test]
fn a_query_is_recorded_with_all_that_was_asked() {
    let server = Server::start(ZONE).unwrap();
    let udp = Udp::to(server.address());
    let mut tcp = Tcp::to(server.address());
    let plain = query("www.example.com.", RecordType::AAAA);
    let mut extended = with_edns(query("version.bind.", RecordType::TXT), 1400);
    extended.queries[0].set_query_class(DNSClass::CH);
    let start = Instant::now();
    udp.ask(&plain);
    tcp.ask(&extended);

    let queries = server.queries();
    assert_eq!(queries.len(), 2);
    let [first, second] = &queries[..] else {
        unreachable!()
    };
    assert_eq!(first.id, plain.metadata.id);
    assert_eq!(first.name, name("www.example.com."));
    assert_eq!(first.record_type, RecordType::AAAA);
    assert_eq!(first.class, DNSClass::IN);
    assert_eq!(first.transport, Transport::Udp);
    assert_eq!(first.peer, udp.0.local_addr().unwrap());
    assert_eq!(first.server, server.address());
    assert!(first.received >= start && first.edns().is_none());
    assert_eq!(first.wire, wire(&plain));
    assert_eq!(first.message, plain);

    assert_eq!(second.id, extended.metadata.id);
    assert_eq!(second.class, DNSClass::CH);
    assert_eq!(second.transport, Transport::Tcp);
    assert_eq!(second.peer, tcp.0.local_addr().unwrap());
    assert_eq!(second.edns().expect("an OPT record").max_payload(), 1400);
    assert_eq!(server.connection_count(), 1);
}

#[test]
fn ipv6_queries_are_recorded_with_their_address() {
    let server = Server::start(ZONE).unwrap();
    let Some(address) = server.address_v6() else {
        return; // A machine without IPv6 has nothing to be recorded.
    };
    let client = Udp::to(address);
    client.ask(&query("www.example.com.", RecordType::A));
    let queries = server.queries();
    assert_eq!(queries[0].peer, client.0.local_addr().unwrap());
    assert_eq!(queries[0].server, address);
}

#[test]
fn waiting_for_queries_ends_when_they_came_or_the_time_is_up() {
    let server = Server::builder().rule("*", Rule::drop()).start().unwrap();
    let asked = wire(&query("www.example.com.", RecordType::A));
    let client = Udp::to(server.address());
    assert!(!server.wait_for_queries(1, Duration::from_millis(20)));
    client.send(&asked);
    assert!(server.wait_for_queries(1, PATIENCE));
    assert!(!server.wait_for_queries(2, Duration::ZERO));
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            client.send(&asked);
            client.send(&asked);
        });
        assert!(server.wait_for_queries(3, PATIENCE));
    });
    let waited = start.elapsed();
    assert!(waited >= Duration::from_millis(20) && waited < PATIENCE);
}

#[test]
fn taken_queries_are_not_counted_again() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let asked = query("www.example.com.", RecordType::A);
    client.ask(&asked);
    client.ask(&asked);
    assert_eq!(server.take_queries().len(), 2);
    assert_eq!((server.query_count(), server.queries().len()), (0, 0));
    client.ask(&asked);
    assert_eq!((server.query_count(), server.queries().len()), (1, 1));
}

#[test]
fn queries_can_be_counted_only() {
    let server = Server::builder().zone(ZONE).count_only().start().unwrap();
    let client = Udp::to(server.address());
    for _ in 0..3 {
        client.ask(&query("www.example.com.", RecordType::A));
    }
    assert!(server.wait_for_queries(3, PATIENCE));
    assert_eq!((server.query_count(), server.queries().len()), (3, 0));
}
