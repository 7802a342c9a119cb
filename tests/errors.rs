//! What an error tells a person: what was asked, why there is no answer, and of whom.

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use c_ares::{
    A, Answer, Channel, Class, Error, ErrorKind, Family, Header, Hints, LookupSource, Message, Mx,
    NameInfoFlags, Query, RecordType, Result, Server,
};
use common::{builder, channel, query, query_type, search, send, server, wait};
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

#[test]
fn a_message_and_a_class_are_named_too() {
    let server = server();
    let channel = channel(&server);
    let message = |name| Message::query(name, RecordType::A).unwrap();
    let exchange = |message: &Message| {
        wait(|sender| channel.exchange(message, move |told| send(sender)(told.map(drop))))
    };
    let in_class = |class| {
        let query = Query::new("www.example.com").class(class);
        wait(|sender| channel.query::<A>(query, send(sender)))
    };
    let mut chaos = Message::new(Header::default()).unwrap();
    assert_eq!(
        error(exchange(&chaos)).to_string(),
        "a message without a question: the query cannot be written",
    );
    chaos
        .add_question("a..b", RecordType::TXT, Class::CH)
        .unwrap();
    let searched = wait(|sender| {
        let message = message("nowhere");
        channel.search_message(&message, move |told| send(sender)(told.map(drop)));
    });
    let servers = format!("servers: {}", server.address());
    for (error, text) in [
        (error(exchange(&chaos)), "a..b CH TXT: not a domain name"),
        (
            error(searched),
            &format!("nowhere A: no such name (NXDOMAIN); {servers}"),
        ),
        (
            error(in_class(Class::CH)),
            &format!("www.example.com CH A: the server refuses to answer (REFUSED); {servers}"),
        ),
        (
            error(in_class(Class(42))),
            "www.example.com CLASS42 A: the class CLASS42: c-ares asks in the classes IN, CH, HS, \
             NONE and ANY",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

/// The hosts file, or nobody, where no server was asked.
#[test]
fn who_is_no_server_is_not_called_one() {
    let server = server();
    let hosts_alone = builder(&server).lookups([LookupSource::Hosts]);
    let hosts_alone = hosts_alone.build_threaded().unwrap();
    let dns_alone = builder(&server).lookups([LookupSource::Dns]);
    let dns_alone = dns_alone.build_threaded().unwrap();
    let channel = channel(&server);
    let nobody = builder(&server).servers([] as [Server; 0]);
    let nobody = nobody.build_threaded().unwrap();
    let addresses =
        |channel: &Channel| wait(|sender| channel.addrinfo("nowhere", &Hints::new(), send(sender)));
    let name = |channel: &Channel| {
        let address = SocketAddr::from(([192, 0, 2, 99], 1));
        wait(|sender| channel.nameinfo(address, NameInfoFlags::NAMEREQD, send(sender)))
    };
    let alone = "the hosts file alone was asked, and lacks it";
    let onion = "no server is asked for such names";
    let local = wait(|sender| channel.addrinfo_local(&Hints::new(), send(sender)));
    for (error, text) in [
        (
            error(channel.hosts_file("nowhere", Family::V4)),
            &*format!("nowhere A: {alone}"),
        ),
        (
            error(addresses(&hosts_alone)),
            &format!("nowhere A and AAAA: {alone}"),
        ),
        (
            error(name(&hosts_alone)),
            &format!("192.0.2.99:1 PTR: {alone}"),
        ),
        (
            error(channel.hosts_file("a.onion", Family::V4)),
            &format!("a.onion A: {onion}"),
        ),
        (
            error(wait(|sender| {
                channel.addrinfo("a.Onion.", &Hints::new(), send(sender))
            })),
            &format!("a.Onion. A and AAAA: {onion}"),
        ),
        (
            error(wait(|sender| channel.query::<A>("a.onion", send(sender)))),
            &format!("a.onion A: {onion}"),
        ),
        (
            error(wait(|sender| {
                let query = Query::new("a.onion").dnssec_ok(true);
                channel.query::<A>(query, send(sender));
            })),
            &format!("a.onion A: {onion}"),
        ),
        (
            error(wait(|sender| channel.search::<A>("a.onion", send(sender)))),
            &format!("a.onion A: {onion}"),
        ),
        (
            error(wait(|sender| {
                let message = Message::query("a.onion", RecordType::A).unwrap();
                channel.search_message(&message, move |response| {
                    sender.send(response.map(|_| ())).unwrap();
                });
            })),
            &format!("a.onion A: {onion}"),
        ),
        (
            error(wait(|sender| {
                dns_alone.addrinfo("a.LocalHost", &Hints::new(), send(sender));
            })),
            &format!("a.LocalHost A and AAAA: {onion}"),
        ),
        (
            error(local),
            "this machine A and AAAA: neither a service nor a port was given",
        ),
        (
            error(name(&nobody)),
            "192.0.2.99:1 PTR: no such name (NXDOMAIN)",
        ),
        (
            error(addresses(&nobody)),
            "nowhere A and AAAA: no server is configured",
        ),
    ] {
        assert_eq!(error.to_string(), text);
        assert_eq!(error.servers(), []);
    }
    assert_eq!(server.query_count(), 0);
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
