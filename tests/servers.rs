//! Lists of servers: into c-ares and back. CI runs this file under valgrind too.

mod common;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use c_ares::{A, Builder, Channel, ErrorKind, Server};
use common::{builder, server, wait};

fn isolated() -> Builder {
    Channel::builder()
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null")
}

fn channel() -> Channel {
    isolated().on_socket_state(|_, _| ()).build().unwrap()
}

fn parse(texts: &[&str]) -> Vec<Server> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Sets the servers, and compares with what comes back.
#[track_caller]
fn assert_becomes(given: &[&str], read: &[&str]) {
    let channel = channel();
    channel.set_servers(parse(given)).unwrap();
    assert_eq!(channel.servers().unwrap(), parse(read));
}

#[test]
fn addresses_alone_get_the_port_of_the_channel() {
    assert_becomes(
        &["192.0.2.1", "2001:db8::1"],
        &["192.0.2.1:53", "[2001:db8::1]:53"],
    );
    let channel = isolated()
        .udp_port(5353)
        .tcp_port(5354)
        .build_threaded()
        .unwrap();
    channel.set_servers([Ipv4Addr::new(192, 0, 2, 1)]).unwrap();
    assert_eq!(
        channel.servers().unwrap(),
        parse(&["dns://192.0.2.1:5353?tcpport=5354"])
    );
}

#[test]
fn ports_come_back_also_where_udp_and_tcp_differ() {
    let servers = [
        "192.0.2.1:5353",
        "[2001:db8::1]:5353",
        "dns://192.0.2.2:5353?tcpport=5354",
        "dns://[2001:db8::2]:5353?tcpport=5354",
    ];
    assert_becomes(&servers, &servers);
    // A port that is not given is filled in, also beside one that is.
    assert_becomes(
        &[
            "dns://192.0.2.1?tcpport=5354",
            "192.0.2.2",
            "192.0.2.3:5353",
        ],
        &[
            "dns://192.0.2.1:53?tcpport=5354",
            "192.0.2.2:53",
            "192.0.2.3:5353",
        ],
    );
}

#[test]
fn interfaces_come_back_by_name_beside_other_servers() {
    assert_becomes(
        &[
            "fe80::1%lo",
            "[fe80::2]:5353%lo",
            "dns://[fe80::3%lo]:53?tcpport=54",
            "192.0.2.1",
            "dns://[2001:db8::2]:53?tcpport=54",
        ],
        &[
            "[fe80::1]:53%lo",
            "[fe80::2]:5353%lo",
            "dns://[fe80::3%lo]:53?tcpport=54",
            "192.0.2.1:53",
            "dns://[2001:db8::2]:53?tcpport=54",
        ],
    );
    // The loopback interface is the first that a system has.
    assert_becomes(&["fe80::1%1"], &["[fe80::1]:53%lo"]);
    let scoped = std::net::SocketAddrV6::new("fe80::1".parse().unwrap(), 5353, 0, 1);
    let channel = channel();
    channel.set_servers([SocketAddr::V6(scoped)]).unwrap();
    assert_eq!(channel.servers().unwrap(), parse(&["[fe80::1]:5353%lo"]));
}

#[test]
fn duplicates_go() {
    assert_becomes(
        &["192.0.2.1", "192.0.2.2", "192.0.2.1:53", "192.0.2.1:54"],
        &["192.0.2.1:53", "192.0.2.2:53", "192.0.2.1:54"],
    );
}

#[test]
fn a_link_local_server_without_its_interface_is_refused() {
    let channel = channel();
    channel.set_servers(parse(&["192.0.2.1"])).unwrap();
    for text in [
        "fe80::1",
        "[fe80::1]:53",
        "fe80::1%nosuchif0",
        "fe80::1%987654",
    ] {
        let error = channel
            .set_servers(parse(&["192.0.2.2", text]))
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::BadServer { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("fe80::1"), "{error}");
        assert_eq!(
            channel.servers().unwrap(),
            parse(&["192.0.2.1:53"]),
            "nothing has changed"
        );
        let error = isolated()
            .servers(parse(&[text]))
            .build_threaded()
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::BadServer { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_site_local_server_is_refused_in_every_list() {
    let channel = channel();
    for list in [
        &["fec0::1"][..],
        &["[fec0::1]:53"],
        &["fec0::1", "fe80::1%lo"],
    ] {
        let error = channel.set_servers(parse(list)).unwrap_err();
        assert!(error.to_string().contains("fec0::1"), "{error}");
    }
}

#[test]
fn an_empty_list_is_accepted_and_answers_no_server() {
    let channel = isolated()
        .servers([] as [Server; 0])
        .build_threaded()
        .unwrap();
    assert_eq!(channel.servers().unwrap(), []);
    let answer = wait(|sender| channel.query::<A>("www.example.com", common::send(sender)));
    assert_eq!(answer.unwrap_err(), ErrorKind::NoServer);
}

#[test]
fn a_system_without_servers_is_no_matter_where_the_program_has_some() {
    let strict = || isolated().flags(c_ares::Flags::NO_DFLT_SVR);
    assert_eq!(strict().build_threaded().unwrap_err(), ErrorKind::NoServer);
    let channel = strict()
        .servers(parse(&["192.0.2.1:53"]))
        .build_threaded()
        .unwrap();
    assert_eq!(channel.servers().unwrap(), parse(&["192.0.2.1:53"]));
}

#[test]
fn the_list_is_copied_and_may_be_large() {
    let servers: Vec<Server> = (0..10_000u32)
        .map(|number| {
            let address = Ipv4Addr::from(0x0a00_0000 + number);
            match number % 2 {
                0 => Server::from(SocketAddr::from((address, 5353))),
                _ => Server::from(IpAddr::V6(address.to_ipv6_mapped())),
            }
        })
        .collect();
    let channel = channel();
    channel.set_servers(servers.clone()).unwrap();
    let read = channel.servers().unwrap();
    assert_eq!(read.len(), servers.len());
    for (given, read) in servers.iter().zip(&read) {
        assert_eq!(given.address(), read.address());
        assert_eq!(read.udp_port(), given.udp_port().or(Some(53)));
    }
    // Addresses alone go by way of the other structure. On a channel of their own:
    // to replace one long list by another, c-ares takes a time that grows with the
    // cube of the length (`ares_servers_remove_stale`).
    let channel = self::channel();
    let addresses: Vec<Ipv6Addr> = (0..10_000u32)
        .map(|number| Ipv6Addr::from(u128::from(number) << 32 | 1))
        .collect();
    channel.set_servers(addresses.clone()).unwrap();
    let read: Vec<IpAddr> = channel
        .servers()
        .unwrap()
        .iter()
        .map(Server::address)
        .collect();
    assert_eq!(
        read,
        addresses.into_iter().map(IpAddr::V6).collect::<Vec<_>>()
    );
}

#[test]
fn queries_under_way_go_on_with_the_new_servers() {
    let (silent, server) = (server(), server());
    silent.rule("*", testserver::Rule::drop());
    let channel = builder(&silent).build_threaded().unwrap();
    let answer = wait(|sender| {
        channel.query::<A>("www.example.com", common::send(sender));
        assert!(silent.wait_for_queries(1, common::BOUND));
        channel.set_servers([server.address()]).unwrap();
    });
    assert_eq!(answer.unwrap().records.len(), 2);
}

#[test]
fn servers_of_ipv6_and_of_other_tcp_ports_are_asked() {
    let (first, second) = (server(), server());
    let Some(v6) = first.address_v6() else {
        panic!("this machine has no IPv6 loopback, which these tests need");
    };
    let channel = builder(&first).servers([v6]).build_threaded().unwrap();
    wait(|sender| channel.query::<A>("www.example.com", common::send(sender))).unwrap();
    assert_eq!(first.take_queries()[0].server, v6);

    // UDP goes to the one server, TCP to the other.
    first.rule("www.example.com", testserver::Rule::truncate());
    let split = Server::from(first.address()).with_tcp_port(second.address().port());
    channel.set_servers([split]).unwrap();
    wait(|sender| channel.query::<A>("www.example.com", common::send(sender))).unwrap();
    assert_eq!(first.query_count(), 1);
    assert_eq!(
        second.take_queries()[0].transport,
        testserver::Transport::Tcp
    );
}

/// Closures run inside of the call that replaces the servers, and their panics go on from there.
#[test]
fn queries_under_way_are_told_inside_of_the_call_where_no_server_is_left() {
    let silent = server();
    silent.rule("*", testserver::Rule::drop());
    let driven = common::Driven::new(&silent);
    let (sender, receiver) = std::sync::mpsc::channel();
    driven
        .channel
        .query::<A>("www.example.com", common::send(sender));
    driven
        .channel
        .query::<A>("mail.example.com", |_| panic!("in set_servers"));
    let set = std::panic::AssertUnwindSafe(|| driven.channel.set_servers([] as [Server; 0]));
    let payload = std::panic::catch_unwind(set).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"in set_servers"));
    let answer = receiver.try_recv().expect("told inside of the call");
    // c-ares tries as often as there are servers.
    assert_eq!(answer.unwrap_err(), ErrorKind::Timeout);
    assert!(driven.ready().is_empty(), "and its socket is closed");
}
