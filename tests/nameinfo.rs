//! Names of addresses, and the hosts file alone.

mod common;
#[cfg(target_os = "linux")]
mod system;

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use c_ares::{
    Answer, Channel, ErrorKind, Family, LookupSource, NameInfo, NameInfoFlags, Ptr, Result,
};
use common::{Driven, builder, send, server, wait};
use tempfile::NamedTempFile;
use testserver::{ResponseCode, Rule, Server};

fn both() -> NameInfoFlags {
    NameInfoFlags::LOOKUPHOST | NameInfoFlags::LOOKUPSERVICE
}

fn nameinfo(channel: &Channel, address: &str, flags: NameInfoFlags) -> Result<NameInfo> {
    let address: SocketAddr = address.parse().unwrap();
    wait(|sender| channel.nameinfo(address, flags, send(sender)))
}

/// Host and service, `-` for none.
fn names(channel: &Channel, address: &str, flags: NameInfoFlags) -> (String, String) {
    let info = nameinfo(channel, address, flags).unwrap();
    let text = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
    (text(info.host), text(info.service))
}

fn pair(host: &str, service: &str) -> (String, String) {
    (host.to_owned(), service.to_owned())
}

fn reverse(channel: &Channel, address: &str) -> Result<Answer<Ptr>> {
    let address: IpAddr = address.parse().unwrap();
    wait(|sender| channel.reverse(address, send(sender)))
}

fn hosts(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn with_hosts(server: &Server, file: &NamedTempFile) -> Channel {
    builder(server)
        .hosts_file(file.path())
        .build_threaded()
        .unwrap()
}

#[test]
fn both_families_have_names() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for address in ["192.0.2.80:0", "[2001:db8::80]:0"] {
        let info = nameinfo(&channel, address, NameInfoFlags::NONE).unwrap();
        assert_eq!(info.host.as_deref(), Some("www.example.com"), "{address}");
        assert_eq!(info.service, None);
    }
    let asked: Vec<String> = server
        .queries()
        .iter()
        .map(|query| query.name.to_string())
        .collect();
    assert!(asked.contains(&"80.2.0.192.in-addr.arpa.".to_owned()));
    assert!(
        asked
            .iter()
            .any(|name| name.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa."))
    );
}

#[test]
fn what_was_not_asked_for_is_not_told() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let number = NameInfoFlags::NUMERICSERV;
    for (flags, expected) in [
        (number, pair("www.example.com", "-")),
        (
            number | NameInfoFlags::LOOKUPHOST,
            pair("www.example.com", "-"),
        ),
        (number | NameInfoFlags::LOOKUPSERVICE, pair("-", "8443")),
        (number | both(), pair("www.example.com", "8443")),
    ] {
        assert_eq!(
            names(&channel, "192.0.2.80:8443", flags),
            expected,
            "{flags:?}"
        );
    }
    // No service has port 0.
    assert_eq!(
        names(&channel, "192.0.2.80:0", both()),
        pair("www.example.com", "-")
    );
}

#[test]
fn numbers_ask_nobody() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let flags = NameInfoFlags::NUMERICHOST | NameInfoFlags::NUMERICSERV | both();
    assert_eq!(
        names(&channel, "192.0.2.80:8443", flags),
        pair("192.0.2.80", "8443")
    );
    // c-ares writes every scope.
    assert_eq!(
        names(&channel, "[2001:db8::80]:1", flags),
        pair("2001:db8::80%0", "1")
    );
    assert_eq!(server.query_count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn scopes_are_names_or_numbers() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let number = NameInfoFlags::NUMERICHOST;
    let name = std::fs::read_dir("/sys/class/net")
        .unwrap()
        .map(|entry| entry.unwrap())
        .find(|entry| {
            let index = std::fs::read_to_string(entry.path().join("ifindex"));
            index.is_ok_and(|index| index.trim() == "1")
        })
        .expect("the first interface is the loopback")
        .file_name()
        .into_string()
        .unwrap();
    for (flags, expected) in [
        (number, format!("fe80::1%{name}")),
        (number | NameInfoFlags::NUMERICSCOPE, "fe80::1%1".to_owned()),
    ] {
        let (host, _) = names(&channel, "[fe80::1%1]:0", flags);
        assert_eq!(host, expected);
    }
}

#[test]
fn without_a_name_the_address_is_told_unless_a_name_is_required() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for address in ["192.0.2.99", "[2001:db8::99]"] {
        let (host, _) = names(&channel, &format!("{address}:0"), NameInfoFlags::NONE);
        let plain = address.trim_matches(['[', ']']);
        assert_eq!(host.split('%').next(), Some(plain));
        let required = nameinfo(&channel, &format!("{address}:0"), NameInfoFlags::NAMEREQD);
        assert_eq!(required.unwrap_err(), ErrorKind::NotFound);
    }
    let flags = NameInfoFlags::NAMEREQD | NameInfoFlags::NUMERICHOST;
    assert_eq!(
        nameinfo(&channel, "192.0.2.80:0", flags).unwrap_err(),
        ErrorKind::BadFlags
    );
}

/// c-ares takes a server that fails for an address without a name.
#[test]
fn a_server_that_fails_is_no_name() {
    let server = server();
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(2)
        .build_threaded()
        .unwrap();
    server.rule(
        "80.2.0.192.in-addr.arpa.",
        Rule::rcode(ResponseCode::ServFail),
    );
    assert_eq!(
        names(&channel, "192.0.2.80:0", NameInfoFlags::NONE),
        pair("192.0.2.80", "-")
    );
    server.rule("*", Rule::drop());
    let info = nameinfo(&channel, "192.0.2.81:0", NameInfoFlags::NONE).unwrap();
    assert_eq!(info.host.as_deref(), Some("192.0.2.81"));
    assert_eq!(info.timeouts, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn services_have_names_by_protocol() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let service = NameInfoFlags::LOOKUPSERVICE;
    for (flags, expected) in [
        (service, "https"),
        (service | NameInfoFlags::UDP, "quic"),
        (service | NameInfoFlags::SCTP, "signalling"),
        (service | NameInfoFlags::DCCP, "datagrams"),
        (service | NameInfoFlags::SCTP | NameInfoFlags::UDP, "quic"),
        (service | NameInfoFlags::NUMERICSERV, "443"),
    ] {
        assert_eq!(
            names(&channel, "192.0.2.80:443", flags),
            pair("-", expected),
            "{flags:?}"
        );
    }
    assert_eq!(names(&channel, "192.0.2.80:444", service), pair("-", "444"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_whose_name_is_not_utf_8_is_told_all_the_same() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    assert_eq!(
        names(&channel, "192.0.2.80:7777", both()),
        pair("www.example.com", "caf\u{fffd}")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_domain_of_this_machine_is_left_out() {
    let server = server();
    let file = hosts("203.0.113.1 box.example.net\n");
    let channel = with_hosts(&server, &file);
    for (address, flags, expected) in [
        ("192.0.2.80:0", NameInfoFlags::NONE, "www.example.com"),
        ("192.0.2.80:0", NameInfoFlags::NOFQDN, "www"),
        ("203.0.113.1:0", NameInfoFlags::NOFQDN, "box.example.net"),
    ] {
        assert_eq!(names(&channel, address, flags), pair(expected, "-"));
    }
}

#[test]
fn the_hosts_file_comes_first() {
    let server = server();
    let file = hosts("192.0.2.80 here alias\n2001:db8::80 here6\n");
    let channel = with_hosts(&server, &file);
    let none = NameInfoFlags::NONE;
    assert_eq!(names(&channel, "192.0.2.80:0", none), pair("here", "-"));
    assert_eq!(
        names(&channel, "[2001:db8::80]:0", none),
        pair("here6", "-")
    );
    assert_eq!(server.query_count(), 0);

    let channel = builder(&server)
        .hosts_file(file.path())
        .lookups([LookupSource::Dns])
        .build_threaded()
        .unwrap();
    assert_eq!(
        names(&channel, "192.0.2.80:0", none),
        pair("www.example.com", "-")
    );
}

#[test]
fn nameinfo_is_cancelled_and_counted_like_a_query() {
    let server = server();
    server.rule("*", Rule::drop());
    let driven = Driven::from(builder(&server).max_queries(2));
    let address: SocketAddr = "192.0.2.80:0".parse().unwrap();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..3 {
        driven
            .channel
            .nameinfo(address, NameInfoFlags::NONE, send(sender.clone()));
    }
    assert_eq!(
        receiver.try_recv().unwrap().unwrap_err(),
        ErrorKind::TooManyQueries { limit: 2 }
    );
    driven.channel.cancel_all().unwrap();
    for _ in 0..2 {
        assert_eq!(
            receiver.try_recv().unwrap().unwrap_err(),
            ErrorKind::Cancelled
        );
    }

    // Their places are free again.
    for _ in 0..2 {
        driven
            .channel
            .nameinfo(address, NameInfoFlags::NONE, send(sender.clone()));
    }
    assert!(receiver.try_recv().is_err());
    drop(driven);
    for _ in 0..2 {
        assert_eq!(
            receiver.try_recv().unwrap().unwrap_err(),
            ErrorKind::Destruction
        );
    }
}

#[test]
fn reverse_tells_every_name_that_the_dns_has() {
    let server = server();
    let file = hosts("192.0.2.81 here\n");
    let channel = with_hosts(&server, &file);
    let mut names: Vec<String> = reverse(&channel, "192.0.2.81")
        .unwrap()
        .records
        .iter()
        .map(ToString::to_string)
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "81.2.0.192.in-addr.arpa. 300 IN PTR shop.example.com.",
            "81.2.0.192.in-addr.arpa. 300 IN PTR www.example.com.",
        ]
    );
    let answer = reverse(&channel, "2001:db8::10").unwrap();
    assert_eq!(answer.records[0].data.target, "example.com");
    assert_eq!(
        reverse(&channel, "192.0.2.99").unwrap_err(),
        ErrorKind::NotFound
    );
}

/// RFC 2317: the names of a part of a network lie in another zone.
#[test]
fn reverse_follows_aliases() {
    let server = Server::start(
        "$ORIGIN 2.0.192.in-addr.arpa.\n\
         80 300 IN CNAME 80.64-127\n\
         80.64-127 300 IN PTR www.example.com.\n",
    )
    .unwrap();
    let channel = builder(&server).build_threaded().unwrap();
    let answer = reverse(&channel, "192.0.2.80").unwrap();
    assert_eq!(
        answer.records[0].to_string(),
        "80.64-127.2.0.192.in-addr.arpa. 300 IN PTR www.example.com."
    );
}

#[test]
fn the_hosts_file_alone() {
    let server = server();
    let file = hosts("2001:db8::1 main one two\n192.0.2.1 main one three\n192.0.2.2 six\n");
    let channel = with_hosts(&server, &file);
    let addresses = |name: &str, family| -> Result<Vec<String>> {
        let entry = channel.hosts_file(name, family)?;
        Ok(entry.addresses.iter().map(ToString::to_string).collect())
    };
    assert_eq!(addresses("six", Family::Any).unwrap(), ["192.0.2.2"]);
    assert_eq!(addresses("six", Family::V4).unwrap(), ["192.0.2.2"]);
    assert_eq!(
        addresses("six", Family::V6).unwrap_err(),
        ErrorKind::NotFound
    );
    assert_eq!(
        addresses("MAIN", Family::Any).unwrap(),
        ["192.0.2.1", "2001:db8::1"]
    );
    assert_eq!(addresses("main", Family::V6).unwrap(), ["2001:db8::1"]);
    // Neither the DNS, nor search domains.
    assert_eq!(
        addresses("www.example.com", Family::Any).unwrap_err(),
        ErrorKind::NotFound
    );
    assert_eq!(
        addresses("a\0b", Family::Any).unwrap_err(),
        ErrorKind::BadName
    );
    assert_eq!(
        addresses("foo.onion", Family::Any).unwrap_err(),
        ErrorKind::NotFound
    );
    assert_eq!(server.query_count(), 0);

    let entry = channel.hosts_file("one", Family::V6).unwrap();
    assert_eq!(entry.name, "main");
    assert_eq!(entry.aliases, ["one", "two", "three"]);
    let entry = channel.hosts_file("six", Family::V4).unwrap();
    assert_eq!(entry.name, "six");
    assert!(entry.aliases.is_empty());
}

#[test]
fn localhost_is_the_loopback_without_a_hosts_file() {
    let server = server();
    let channel = builder(&server)
        .hosts_file("/nowhere/hosts")
        .build_threaded()
        .unwrap();
    for (family, expected) in [
        (Family::V4, &["127.0.0.1"][..]),
        (Family::V6, &["::1"]),
        (Family::Any, &["127.0.0.1", "::1"]),
    ] {
        let entry = channel.hosts_file("localhost", family).unwrap();
        let addresses: Vec<String> = entry.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, expected);
        assert_eq!(entry.name, "localhost");
    }
    let missing = channel.hosts_file("else", Family::Any);
    assert_eq!(missing.unwrap_err(), ErrorKind::NotFound);

    let channel = builder(&server)
        .hosts_file("/dev/null/hosts")
        .build_threaded()
        .unwrap();
    let unreadable = channel.hosts_file("else", Family::Any);
    assert_eq!(unreadable.unwrap_err(), ErrorKind::File);
}

#[test]
fn localhost_has_each_address_once_where_the_hosts_file_has_it() {
    let server = server();
    let file = hosts("127.0.0.1 localhost\n::1 localhost\n");
    let entry = with_hosts(&server, &file).hosts_file("localhost", Family::Any);
    let loopback = ["127.0.0.1", "::1"].map(|address| address.parse::<IpAddr>().unwrap());
    assert_eq!(entry.unwrap().addresses, loopback);
}

#[test]
fn in_callbacks_nameinfo_waits_and_the_hosts_file_is_its_own_channels() {
    let server = server();
    let file = hosts("192.0.2.1 here\n");
    let one = Arc::new(with_hosts(&server, &file));
    let other = Arc::new(with_hosts(&server, &file));
    let address: SocketAddr = "192.0.2.80:0".parse().unwrap();
    let (sender, receiver) = mpsc::channel();
    one.nameinfo(address, NameInfoFlags::NONE, {
        let (one, other) = (one.clone(), other.clone());
        move |info| {
            assert_eq!(info.unwrap().host.as_deref(), Some("www.example.com"));
            let own = one.hosts_file("here", Family::V4);
            let foreign = other.hosts_file("here", Family::V4);
            other.nameinfo(address, NameInfoFlags::NONE, move |info| {
                sender.send((own, foreign, info)).unwrap();
            });
        }
    });
    let (own, foreign, info) = receiver.recv_timeout(common::BOUND).unwrap();
    assert_eq!(own.unwrap().name, "here");
    assert_eq!(
        foreign.unwrap_err(),
        ErrorKind::InCallback {
            method: "Channel::hosts_file"
        }
    );
    assert_eq!(info.unwrap().host.as_deref(), Some("www.example.com"));
}

/// Each is told at once and asks the next, which would use up the stack.
#[test]
fn a_long_chain_of_names_that_are_told_at_once() {
    fn ask(channel: Arc<Channel>, left: u16, done: Sender<()>) {
        let next = Arc::clone(&channel);
        let address = SocketAddr::from(([192, 0, 2, 80], left));
        channel.nameinfo(address, NameInfoFlags::NUMERICHOST, move |info| {
            assert_eq!(info.unwrap().host.as_deref(), Some("192.0.2.80"));
            match left {
                0 => done.send(()).unwrap(),
                _ => ask(next, left - 1, done),
            }
        });
    }
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    wait(|done| ask(Arc::new(channel), u16::MAX, done));
}
