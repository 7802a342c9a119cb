//! What an error tells a person: what was asked, why there is no answer, and of whom.

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use c_ares::{
    A, Answer, Channel, Error, ErrorKind, Family, Hints, Mx, NameInfoFlags, RecordType, Result,
    Server,
};
use common::{builder, channel, query, query_type, search, server, wait};
use testserver::Rule;

fn error<T: std::fmt::Debug>(answer: Result<T>) -> Error {
    answer.unwrap_err()
}

#[test]
fn a_failure_names_what_was_asked_and_of_whom() {
    let server = server();
    server.rule("refuse.example.com", Rule::refuse());
    let channel = channel(&server);
    let address = server.address();
    let servers = [Server::from(address)];

    let refused = error(query::<Mx>(&channel, "refuse.example.com"));
    assert_eq!(*refused.kind(), ErrorKind::Refused);
    assert_eq!(refused.question(), Some("refuse.example.com MX"));
    assert_eq!(refused.servers(), servers);

    let root = error(query::<Mx>(&channel, ""));
    assert_eq!(root.question(), Some(". MX"));

    let reversed = wait(|sender| {
        let address = IpAddr::from([192, 0, 2, 99]);
        channel.reverse(address, move |answer| sender.send(answer).unwrap());
    });
    let unnamed = wait(|sender| {
        let address = SocketAddr::from(([192, 0, 2, 99], 1));
        channel.nameinfo(address, NameInfoFlags::NAMEREQD, move |info| {
            sender.send(info).unwrap();
        });
    });
    let addresses = |family| {
        wait(|sender| {
            let hints = Hints::new().family(family);
            channel.addrinfo("nowhere.example.com", &hints, move |info| {
                sender.send(info).unwrap();
            });
        })
    };
    let nobody = "no such name (NXDOMAIN); servers:";
    for (error, text) in [
        (
            refused,
            "refuse.example.com MX: the server refuses to answer (REFUSED); servers:",
        ),
        (
            error(query_type(&channel, "www.example.com", RecordType(65280))),
            "www.example.com TYPE65280: the name has no record of this type; servers:",
        ),
        (
            error(search::<A>(&channel, "nowhere.example.com.")),
            &format!("nowhere.example.com. A: {nobody}"),
        ),
        (
            error(reversed),
            &format!("99.2.0.192.in-addr.arpa PTR: {nobody}"),
        ),
        (error(unnamed), &format!("192.0.2.99:1 PTR: {nobody}")),
        (
            error(addresses(Family::Any)),
            &format!("nowhere.example.com A and AAAA: {nobody}"),
        ),
        (
            error(addresses(Family::V6)),
            &format!("nowhere.example.com AAAA: {nobody}"),
        ),
    ] {
        assert_eq!(error.to_string(), format!("{text} {address}"));
        assert_eq!(error.servers(), servers, "{text}");
    }
}

/// Where no server has to do with it, none is named.
#[test]
fn what_no_server_said_names_none() {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    let channel = channel(&server);
    let entry = channel.hosts_file("a\0b", Family::V4).map(drop);
    let under_way = |channel: &Channel| {
        let (sender, receiver) = std::sync::mpsc::channel();
        channel.query::<A>("silent.example.com", move |answer: Result<Answer<A>>| {
            sender.send(answer).unwrap();
        });
        receiver
    };
    let cancelled = under_way(&channel);
    channel.cancel_all().unwrap();
    let dropped = under_way(&channel);
    drop(channel);
    for (error, text) in [
        (
            error(query::<A>(
                &builder(&server).build_threaded().unwrap(),
                "a..b",
            )),
            "a..b A: not a domain name",
        ),
        (error(entry), r"a\u{0}b A: not a domain name"),
        (
            error(cancelled.recv().unwrap()),
            "silent.example.com A: the query was cancelled",
        ),
        (
            error(dropped.recv().unwrap()),
            "silent.example.com A: the channel was dropped before the answer came",
        ),
    ] {
        assert_eq!(error.to_string(), text);
        assert_eq!(error.servers(), []);
    }
}

/// A name can have anything in it, and there can be thousands of servers.
#[test]
fn it_is_one_line_of_bearable_length() {
    let server = server();
    let channel = channel(&server);
    let text = error(query::<A>(&channel, "a\nb\u{1b}[31m.example.com")).to_string();
    assert!(
        text.starts_with(r"a\nb\u{1b}[31m.example.com A: "),
        "{text}"
    );
    assert!(!text.contains(char::is_control), "{text}");

    let server = server_refusing("refuse.example.com");
    let more = (2..=9).map(|last| Server::from(IpAddr::from(Ipv4Addr::new(127, 0, 0, last))));
    let servers = [Server::from(server.address())].into_iter().chain(more);
    // Closed ports answer at once that nobody is there.
    let channel = builder(&server)
        .udp_port(1)
        .tcp_port(1)
        .servers(servers)
        .build_threaded()
        .unwrap();
    let error = error(query::<A>(&channel, "refuse.example.com"));
    let text = error.to_string();
    assert!(text.ends_with(" and 6 more"), "{text}");
    assert_eq!(text.matches("127.0.0.").count(), 3, "{text}");
    assert_eq!(error.servers().len(), 9);
}

fn server_refusing(name: &str) -> testserver::Server {
    let server = server();
    server.rule(name, Rule::refuse());
    server
}
