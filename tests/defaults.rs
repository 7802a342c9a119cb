//! What a channel does where it is told nothing, and the numbers that the documentation of its
//! options names.

mod common;

use std::io::Write;
use std::time::{Duration, Instant};

use c_ares::{A, Builder, Channel, Family, Hints, LookupSource};
use common::{BOUND, Driven, query, search, send, server, wait};
use testserver::{ResponseCode, Rule, Server};

/// Nothing of this machine, and the server.
fn plain(server: &Server) -> Builder {
    Channel::builder()
        .servers([server.address()])
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null")
}

/// Asserts how long the first try of a query waits: what c-ares says is left of it, and what has
/// passed meanwhile.
#[track_caller]
fn assert_waits(configure: impl FnOnce(Builder) -> Builder, expected: Duration) {
    let server = server();
    server.rule("*", Rule::drop());
    let driven = Driven::from(configure(plain(&server)));
    let start = Instant::now();
    driven.channel.query::<A>("www.example.com", |_| ());
    let left = driven.channel.timeout().unwrap().unwrap();
    assert!(left <= expected, "{left:?}");
    // Whole milliseconds, of more than one reading of the clock.
    let all = left + start.elapsed() + Duration::from_millis(5);
    assert!(all >= expected, "{left:?}");
}

#[test]
fn the_first_try_waits_for_two_seconds_and_in_any_case_within_limits() {
    let seconds = Duration::from_secs;
    let milliseconds = Duration::from_millis;
    assert_waits(|builder| builder, seconds(2));
    for (timeout, expected) in [
        (seconds(4), seconds(4)),
        (seconds(60), seconds(5)),
        (Duration::from_nanos(1), milliseconds(250)),
    ] {
        assert_waits(|builder| builder.timeout(timeout), expected);
    }
    for most in [seconds(30), milliseconds(20)] {
        let limited = |builder: Builder| builder.timeout(seconds(60)).max_timeout(most);
        assert_waits(limited, most);
    }
}

#[test]
fn a_query_has_edns_with_1232_bytes_a_cookie_and_the_wish_for_recursion() {
    let server = server();
    for (size, expected) in [(None, 1232), (Some(512), 512), (Some(4096), 4096)] {
        let mut builder = plain(&server);
        if let Some(size) = size {
            builder = builder.edns_size(size);
        }
        query::<A>(&builder.build_threaded().unwrap(), "www.example.com").unwrap();
        let seen = server.take_queries().pop().unwrap();
        let edns = seen.edns().unwrap();
        assert_eq!(edns.max_payload(), expected);
        // COOKIE, with the eight bytes of a client that knows none of the server's.
        let cookie: Vec<_> = seen
            .wire
            .windows(4)
            .filter(|bytes| bytes == &[0, 10, 0, 8])
            .collect();
        assert_eq!(cookie.len(), 1, "{:x?}", seen.wire);
        assert!(seen.message.metadata.recursion_desired);
    }
}

#[test]
fn a_server_is_asked_three_times() {
    let server = server();
    server.rule("*", Rule::rcode(ResponseCode::ServFail));
    let channel = plain(&server).build_threaded().unwrap();
    query::<A>(&channel, "www.example.com").unwrap_err();
    assert_eq!(server.query_count(), 3);
}

#[test]
fn a_name_with_as_many_dots_is_tried_as_it_is_before_the_domains() {
    let server = server();
    let tried = |builder: Builder, name: &str| {
        let channel = builder.domains(["example.net"]).build_threaded().unwrap();
        search::<A>(&channel, name).unwrap_err();
        let queries = server.take_queries();
        queries[0].name.to_ascii()
    };
    assert_eq!(tried(plain(&server), "no"), "no.example.net.");
    assert_eq!(tried(plain(&server), "no.such"), "no.such.");
    assert_eq!(
        tried(plain(&server).ndots(2), "no.such"),
        "no.such.example.net."
    );
    assert_eq!(tried(plain(&server).ndots(0), "no"), "no.");
}

#[test]
fn the_hosts_file_comes_before_the_dns_unless_told_otherwise() {
    let server = server();
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "203.0.113.99 www.example.com only-here").unwrap();
    let address = |sources: Option<[LookupSource; 2]>, name| {
        let mut builder = plain(&server)
            .hosts_file(hosts.path())
            .domains(["example.com"]);
        if let Some(sources) = sources {
            builder = builder.lookups(sources);
        }
        let channel = builder.build_threaded().unwrap();
        let hints = Hints::new().family(Family::V4);
        let info = wait(|sender| channel.addrinfo(name, &hints, send(sender))).unwrap();
        info.addresses[0].address.ip().to_string()
    };
    let turned = [LookupSource::Dns, LookupSource::Hosts];
    assert_eq!(address(None, "www.example.com"), "203.0.113.99");
    assert!(address(Some(turned), "www.example.com").starts_with("192.0.2.8"));
    assert_eq!(address(Some(turned), "only-here"), "203.0.113.99");
}

#[test]
fn an_answer_is_kept_no_longer_than_the_cache_may() {
    let server = server();
    let builder = plain(&server).query_cache(Duration::from_millis(1));
    let channel = builder.build_threaded().unwrap();
    query::<A>(&channel, "www.example.com").unwrap();
    // Its TTL is 300 seconds; a whole second is the least that c-ares can be told.
    let start = Instant::now();
    while server.query_count() < 2 {
        assert!(start.elapsed() < BOUND, "it is kept for longer");
        query::<A>(&channel, "www.example.com").unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn answers_are_kept_and_servers_have_the_port_53() {
    let server = server();
    let channel = plain(&server).build_threaded().unwrap();
    for _ in 0..3 {
        query::<A>(&channel, "www.example.com").unwrap();
    }
    assert_eq!(server.query_count(), 1);
    channel
        .set_servers([std::net::Ipv4Addr::LOCALHOST])
        .unwrap();
    assert_eq!(channel.servers().unwrap()[0].to_string(), "127.0.0.1:53");
}
