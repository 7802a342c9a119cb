//! Extreme values: each is taken and works, or is refused with its name.

use std::time::Duration;

use c_ares::{
    A, AddrInfoFlags, Builder, ErrorKind, Family, Hints, LookupSource, NameInfoFlags, Protocol,
    Server, SocketType,
};

use crate::Count;
use crate::common::{BOUND, builder, channel, query, server};

/// The builder is refused for this option, or makes a channel that works.
fn taken_or_refused(option: &str, builder: Builder) -> bool {
    // A clone is as good as the first.
    drop(builder.clone().build_threaded());
    match builder.build_threaded() {
        Ok(channel) => {
            let answer = query::<A>(&channel, "mail.example.com");
            assert!(answer.is_ok(), "{option}: {answer:?}");
            true
        }
        Err(error) => {
            let ErrorKind::BadOption { option: named, .. } = error.kind() else {
                panic!("{option}: {error}");
            };
            assert_eq!(*named, option);
            false
        }
    }
}

#[test]
fn durations_are_taken_or_refused() {
    let server = server();
    let most = Duration::from_millis(i32::MAX as u64);
    let millisecond = Duration::from_millis(1);
    for (duration, [timeout, failover]) in [
        (Duration::ZERO, [false, true]),
        (Duration::from_nanos(1), [true, true]),
        (most, [true, true]),
        (most + millisecond, [false, false]),
        (Duration::from_secs(u32::MAX.into()), [false, false]),
        (Duration::MAX, [false, false]),
    ] {
        // As the others of this test: with what the system's load can do nothing to.
        let builder = || builder(&server).timeout(Duration::from_secs(5));
        let taken = taken_or_refused("timeout", builder().timeout(duration));
        assert_eq!(taken, timeout, "{duration:?}");
        let taken = builder().max_timeout(duration).build_threaded().is_ok();
        assert_eq!(taken, timeout, "{duration:?}");
        taken_or_refused("query_cache", builder().query_cache(duration));
        for chance in [0, 1, u16::MAX] {
            let builder = builder().server_failover(chance, duration);
            let taken = taken_or_refused("server_failover", builder);
            assert_eq!(taken, failover, "{duration:?}");
        }
    }
}

#[test]
fn numbers_are_taken_or_refused() {
    let server = server();
    let builder = || builder(&server);
    let ends = [0, 1, 2, 255, 65_535, i32::MAX as u32, u32::MAX];
    for number in ends {
        let size = number as usize;
        taken_or_refused("tries", builder().tries(number));
        taken_or_refused("ndots", builder().ndots(number));
        taken_or_refused("udp_max_queries", builder().udp_max_queries(number));
        taken_or_refused("max_queries", builder().max_queries(size));
        taken_or_refused("edns_size", builder().edns_size(number as u16));
        taken_or_refused("udp_port", builder().udp_port(number as u16));
        taken_or_refused("tcp_port", builder().tcp_port(number as u16));
    }
    assert!(!taken_or_refused(
        "max_queries",
        builder().max_queries(usize::MAX)
    ));
}

#[test]
fn lists_may_be_empty_long_or_of_nothing() {
    let server = server();
    let long = "x".repeat(1 << 16);
    let builder = || builder(&server);
    for domains in [
        vec![],
        vec![""],
        vec!["a\0b"],
        vec![" ", ",", "\n", "a b"],
        vec![&*long],
        vec!["example.net"; 5_000],
    ] {
        taken_or_refused("domains", builder().domains(domains));
    }
    taken_or_refused("lookups", builder().lookups([]));
    taken_or_refused("lookups", builder().lookups([LookupSource::Dns; 1_000]));
    assert!(!taken_or_refused("sortlist", builder().sortlist([])));
    for device in ["", "\0", &long] {
        let taken = taken_or_refused("local_device", builder().local_device(device));
        assert!(!taken);
    }
    for path in ["", &*long] {
        taken_or_refused("resolv_conf", builder().resolv_conf(path));
        taken_or_refused("hosts_file", builder().hosts_file(path));
    }
    assert!(!taken_or_refused(
        "resolv_conf",
        builder().resolv_conf("\0")
    ));
    assert!(!taken_or_refused("hosts_file", builder().hosts_file("\0")));
    let nobody = builder().servers([] as [Server; 0]);
    let error = query::<A>(&nobody.build_threaded().unwrap(), "www.example.com");
    assert_eq!(error.unwrap_err(), ErrorKind::NoServer);
}

#[test]
fn waiting_may_be_for_ever() {
    let server = server();
    server.rule("silent.example.com", testserver::Rule::drop());
    let channel = channel(&server);
    channel.query::<A>("silent.example.com", |_| ());
    assert!(!channel.wait_idle(Duration::ZERO).unwrap());
    assert!(!channel.wait_idle(Duration::from_nanos(1)).unwrap());
    std::thread::scope(|scope| {
        let ends = [Duration::MAX, Duration::from_secs(u32::MAX.into()), BOUND];
        let waiting = ends.map(|end| {
            let channel = &channel;
            scope.spawn(move || channel.wait_idle(end).unwrap())
        });
        channel.cancel_all().unwrap();
        for thread in waiting {
            assert!(thread.join().unwrap());
        }
    });
}

#[test]
fn hints_of_every_sort_are_told_once() {
    let server = server();
    let channel = channel(&server);
    let (mut asked, told) = (0, Count::default());
    let long = "9".repeat(10_000);
    let services = ["", "\0", "-1", "0", "65536", "http", " 80", "é", &long];
    for family in [Family::Any, Family::V4, Family::V6] {
        for service in services {
            for number in [0, 1, -1, i32::MAX] {
                let hints = Hints::new()
                    .family(family)
                    .service(service)
                    .socket_type(SocketType(number))
                    .protocol(Protocol(number))
                    .flags(AddrInfoFlags::PASSIVE | AddrInfoFlags::NUMERICSERV);
                for name in ["mail.example.com", "127.0.0.1", "fe80::1%lo", "a..b", ""] {
                    channel.addrinfo(name, &hints, told.told());
                    asked += 1;
                }
                channel.addrinfo_local(&hints, told.told());
                asked += 1;
            }
        }
    }
    let flags = [
        NameInfoFlags::LOOKUPHOST,
        NameInfoFlags::LOOKUPSERVICE,
        NameInfoFlags::NUMERICHOST,
        NameInfoFlags::NUMERICSERV,
        NameInfoFlags::NAMEREQD,
        NameInfoFlags::NOFQDN,
        NameInfoFlags::UDP,
    ];
    for bits in 0..1_u32 << flags.len() {
        let flags = (0..flags.len())
            .filter(|at| bits >> at & 1 != 0)
            .fold(NameInfoFlags::NONE, |all, at| all | flags[at]);
        for address in [
            "0.0.0.0:0",
            "255.255.255.255:65535",
            "[::]:0",
            "[fe80::1%9]:53",
        ] {
            channel.nameinfo(address.parse().unwrap(), flags, told.told());
            asked += 1;
        }
    }
    assert!(channel.wait_idle(BOUND).unwrap());
    assert_eq!(told.get(), asked);
}
