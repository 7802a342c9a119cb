//! Options: each does what it says, and what c-ares would ignore is refused.

mod common;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use c_ares::{A, Builder, Channel, ErrorKind, EventSystem, Flags};
use common::{BOUND, Driven, builder, send, server, wait};
use socket2::SockRef;
use testserver::{ResponseCode, Rule, Server, Transport};

/// Asks for as many names, one after the other.
fn ask_one_by_one(channel: &Channel, names: usize) {
    for number in 0..names {
        let name = format!("n{number}.wild.example.com");
        wait(|sender| channel.query::<A>(&name, send(sender))).unwrap();
    }
}

/// A configuration that asks both servers, the first one first.
fn both(servers: &[Server; 2]) -> Builder {
    builder(&servers[0])
        .servers([servers[0].address(), servers[1].address()])
        .query_cache(Duration::ZERO)
}

/// A builder's refusal of one value.
#[track_caller]
fn assert_refused(builder: Builder, option: &str) {
    let error = builder.build_threaded().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::BadOption { option: bad, .. } if *bad == option),
        "{error}"
    );
}

#[test]
fn rotation_asks_every_server() {
    let servers = [server(), server()];
    let channel = both(&servers).rotate(true).build_threaded().unwrap();
    ask_one_by_one(&channel, 40);
    assert!(servers.iter().all(|server| server.query_count() > 0));
}

#[test]
fn tcp_that_the_system_wants_is_used_with_other_flags_and_without() {
    let server = server();
    let resolv_conf = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&resolv_conf, "options use-vc\n").unwrap();
    let of_system = builder(&server).resolv_conf(resolv_conf.path());
    for (builder, tcp) in [
        (of_system.clone(), true),
        (of_system.flags(Flags::NORECURSE), true),
        (builder(&server), false),
    ] {
        ask_one_by_one(&builder.build_threaded().unwrap(), 1);
        let queries = server.take_queries();
        assert_eq!(queries[0].transport == Transport::Tcp, tcp);
        assert!(queries[0].edns().is_some());
    }
}

#[test]
fn rotation_that_the_system_wants_can_be_turned_off() {
    let servers = [server(), server()];
    let resolv_conf = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&resolv_conf, "options rotate\n").unwrap();
    let builder = both(&servers).resolv_conf(resolv_conf.path());
    let channel = builder.clone().rotate(false).build_threaded().unwrap();
    ask_one_by_one(&channel, 20);
    assert_eq!(servers[1].query_count(), 0);
    // The file does say so.
    ask_one_by_one(&builder.build_threaded().unwrap(), 40);
    assert!(servers[1].query_count() > 0);
}

#[test]
fn a_udp_socket_carries_so_many_queries() {
    let ports = |limit: Option<u32>| {
        let server = server();
        let mut builder = builder(&server);
        if let Some(limit) = limit {
            builder = builder.udp_max_queries(limit);
        }
        let driven = Driven::from(builder);
        for number in 0..6 {
            let name = format!("n{number}.wild.example.com");
            driven.channel.query::<A>(&name, |_| ());
        }
        assert!(server.wait_for_queries(6, BOUND));
        let queries = server.queries();
        let ports: HashSet<u16> = queries.iter().map(|query| query.peer.port()).collect();
        ports.len()
    };
    assert_eq!(ports(None), 1);
    assert_eq!(ports(Some(2)), 3);
    assert_refused(Channel::builder().udp_max_queries(0), "udp_max_queries");
}

#[test]
fn a_server_is_tried_so_often_and_no_oftener() {
    let server = server();
    server.rule("*", Rule::rcode(ResponseCode::ServFail));
    for tries in [1, 2, 255] {
        let builder = builder(&server).tries(tries).max_timeout(BOUND);
        let channel = builder.build_threaded().unwrap();
        let before = server.query_count();
        wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap_err();
        assert_eq!(server.query_count() - before, tries as usize);
    }
    for tries in [0, 256, u32::MAX] {
        assert_refused(Channel::builder().tries(tries), "tries");
    }
}

#[test]
fn a_server_that_failed_is_asked_again_with_a_chance_after_a_delay() {
    // How often the first server was asked: once, when it failed, and then by copies, for which
    // nobody waits. `least` says how many are waited for.
    let asked = |failover: Option<(u16, Duration)>, least: usize| {
        let servers = [server(), server()];
        let mut builder = both(&servers);
        if let Some((chance, delay)) = failover {
            builder = builder.server_failover(chance, delay);
        }
        let channel = builder.build_threaded().unwrap();
        servers[0].rule("*", Rule::refuse());
        ask_one_by_one(&channel, 10);
        assert!(servers[1].query_count() >= 10);
        assert!(servers[0].wait_for_queries(least, BOUND));
        servers[0].query_count()
    };
    assert_eq!(asked(None, 1), 1, "not before five seconds have passed");
    assert_eq!(asked(Some((1, Duration::from_secs(3600))), 1), 1);
    assert_eq!(asked(Some((0, Duration::ZERO)), 1), 1, "never");
    assert!(asked(Some((1, Duration::ZERO)), 2) > 1);
    assert_refused(
        Channel::builder().server_failover(1, Duration::MAX),
        "server_failover",
    );
}

/// What `look` sees of the sockets of a channel.
fn sockets<T: Send + 'static>(
    builder: Builder,
    look: impl Fn(SockRef<'_>) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let channel = builder
        .on_socket_state({
            let seen = Arc::clone(&seen);
            move |socket, interest| {
                if !interest.is_none() {
                    seen.lock().unwrap().push(look(SockRef::from(&socket)));
                }
            }
        })
        .build()
        .unwrap();
    channel.query::<A>("www.example.com", |_| ());
    drop(channel);
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert!(!seen.is_empty());
    seen
}

#[test]
fn sockets_have_buffers_of_the_sizes_that_were_asked_for() {
    let server = server();
    let sizes = |builder: Builder| {
        sockets(builder, |socket| {
            let send = socket.send_buffer_size().unwrap();
            (send, socket.recv_buffer_size().unwrap())
        })
    };
    // Linux tells twice what was asked for, and other systems what was.
    let is = |told: usize, asked: usize| told == asked || told == 2 * asked;
    for (send, receive) in sizes(builder(&server)) {
        assert!(!is(send, 20_000) && !is(receive, 30_000));
    }
    let small = builder(&server)
        .send_buffer_size(20_000)
        .receive_buffer_size(30_000);
    for (send, receive) in sizes(small) {
        assert!(is(send, 20_000), "{send}");
        assert!(is(receive, 30_000), "{receive}");
    }
    assert_refused(Channel::builder().send_buffer_size(0), "send_buffer_size");
    assert_refused(
        Channel::builder().receive_buffer_size(u32::MAX),
        "receive_buffer_size",
    );
}

#[test]
#[cfg(target_os = "linux")] // where all of 127.0.0.0/8 is this machine
fn queries_come_from_the_local_ipv4_address() {
    let server = server();
    let local = Ipv4Addr::new(127, 1, 2, 3);
    for flags in [Flags::default(), Flags::USEVC] {
        let builder = builder(&server).local_ipv4(local).flags(flags);
        ask_one_by_one(&builder.build_threaded().unwrap(), 1);
    }
    let peers: HashSet<IpAddr> = server.queries().iter().map(|q| q.peer.ip()).collect();
    assert_eq!(peers, HashSet::from([IpAddr::V4(local)]));
}

#[test]
fn queries_come_from_the_local_ipv6_address() {
    let server = server();
    let Some(address) = server.address_v6() else {
        return; // a machine without IPv6
    };
    let ask = |local: Ipv6Addr| {
        let channel = builder(&server)
            .servers([address])
            .local_ipv6(local)
            .build_threaded()
            .unwrap();
        wait(|sender| channel.query::<A>("www.example.com", send(sender)))
    };
    ask(Ipv6Addr::LOCALHOST).unwrap();
    let foreign = "2001:db8::1".parse().unwrap();
    assert_eq!(ask(foreign).unwrap_err(), ErrorKind::ConnectionRefused);
    let link_local = "fe80::1".parse().unwrap();
    assert_refused(Channel::builder().local_ipv6(link_local), "local_ipv6");
}

#[test]
#[cfg(target_os = "linux")]
fn sockets_are_bound_to_the_local_device() {
    let server = server();
    let device = |builder| sockets(builder, |socket| socket.device().unwrap());
    for device in device(builder(&server)) {
        assert_eq!(device, None);
    }
    for device in device(builder(&server).local_device("lo")) {
        assert_eq!(device.as_deref(), Some(&b"lo"[..]));
    }
    for name in ["", "1", "nosuchif0", "lo\0", &"l".repeat(32)] {
        assert_refused(Channel::builder().local_device(name), "local_device");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_event_thread_takes_the_event_system_that_it_is_told() {
    let server = server();
    for system in [EventSystem::Epoll, EventSystem::Poll, EventSystem::Select] {
        let channel = builder(&server).event_system(system).build_threaded();
        ask_one_by_one(&channel.unwrap(), 1);
    }
    for system in [EventSystem::Kqueue, EventSystem::Win32] {
        let channel = builder(&server).event_system(system).build_threaded();
        let error = channel.unwrap_err().to_string();
        assert!(error.starts_with("event_system("), "{error}");
    }
}

#[test]
fn an_empty_sort_list_is_refused() {
    assert_refused(Channel::builder().sortlist([]), "sortlist");
    let driven = Driven::new(&server());
    let error = driven.channel.set_sortlist([]).unwrap_err();
    assert!(error.to_string().starts_with("set_sortlist([])"), "{error}");
}

/// c-ares would take the one, and say nothing of the other.
#[test]
fn lists_without_anything_in_them_are_refused() {
    assert_refused(Channel::builder().domains([""; 0]), "domains");
    assert_refused(Channel::builder().lookups([]), "lookups");
}

#[test]
fn what_a_flag_leaves_without_effect_is_refused() {
    let builder = Channel::builder;
    let day = Duration::from_secs(86400);
    for (option, flag, refused, fine) in [
        (
            "udp_max_queries",
            Flags::USEVC,
            builder().udp_max_queries(1),
            builder(),
        ),
        (
            "domains",
            Flags::NOSEARCH,
            builder().domains(["example.com"]),
            builder(),
        ),
        ("ndots", Flags::NOSEARCH, builder().ndots(2), builder()),
        (
            "rotate",
            Flags::PRIMARY,
            builder().rotate(true),
            builder().rotate(false),
        ),
        (
            "server_failover",
            Flags::PRIMARY,
            builder().server_failover(1, day),
            builder().server_failover(0, day),
        ),
    ] {
        let other = Flags::STAYOPEN | Flags::NOALIASES;
        assert_refused(refused.clone().flags(flag | other), option);
        refused.flags(other).build_threaded().unwrap();
        fine.flags(flag | other).build_threaded().unwrap();
    }
}

#[test]
fn a_size_of_messages_without_edns_is_refused() {
    let both = || {
        Channel::builder()
            .flags(Flags::NOEDNS | Flags::USEVC)
            .edns_size(512)
    };
    assert_refused(both(), "edns_size");
    both().flags(Flags::USEVC).build_threaded().unwrap();
    for size in [0, 511] {
        assert_refused(Channel::builder().edns_size(size), "edns_size");
    }
}

#[test]
fn active_queries_are_counted() {
    let server = server();
    server.rule("*", Rule::drop());
    let driven = Driven::new(&server);
    let channel = &driven.channel;
    assert_eq!(channel.active_queries(), Ok(0));
    channel.query::<A>("www.example.com", |_| ());
    channel.query::<A>("mail.example.com", |_| ());
    assert_eq!(channel.active_queries(), Ok(2));
    channel.addrinfo("ns1.example.com", &c_ares::Hints::new(), |_| ());
    assert_eq!(channel.active_queries(), Ok(4));
    channel.cancel_all().unwrap();
    assert_eq!(channel.active_queries(), Ok(0));
}

/// c-ares does not write its pointer then, and has freed the channel that was to be.
#[test]
fn where_no_channel_could_be_made_its_closures_are_freed() {
    let closure = Arc::new(());
    let builder = || {
        let closure = Arc::clone(&closure);
        Channel::builder()
            .resolv_conf("/dev/null")
            .hosts_file("/dev/null")
            .flags(Flags::NO_DFLT_SVR)
            .on_server_state(move |_| drop(Arc::clone(&closure)))
    };
    let threaded = builder().build_threaded();
    assert_eq!(threaded.unwrap_err(), ErrorKind::NoServer);
    let watching = Arc::clone(&closure);
    let driven = builder().on_socket_state(move |_, _| drop(Arc::clone(&watching)));
    assert_eq!(driven.build().unwrap_err(), ErrorKind::NoServer);
    assert_eq!(Arc::strong_count(&closure), 1);
}
