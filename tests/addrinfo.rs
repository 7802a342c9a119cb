//! Addresses of hosts.

mod common;
#[cfg(target_os = "linux")]
mod system;

use std::io::Write;

use c_ares::{
    AddrInfo, AddrInfoFlags, Channel, ErrorKind, Family, Hints, LookupSource, Protocol, Result,
    SocketType,
};
use common::{Driven, builder, send, server, wait};

fn addrinfo(channel: &Channel, name: &str, hints: &Hints) -> Result<AddrInfo> {
    wait(|sender| channel.addrinfo(name, hints, send(sender)))
}

fn addresses(info: Result<AddrInfo>) -> Vec<String> {
    let info = info.unwrap();
    let mut addresses: Vec<String> = info
        .addresses
        .iter()
        .map(|address| address.address.ip().to_string())
        .collect();
    addresses.sort();
    addresses
}

fn local(channel: &Channel, hints: &Hints) -> Result<AddrInfo> {
    wait(|sender| channel.addrinfo_local(hints, send(sender)))
}

/// The addresses with their ports, sorted.
fn sockets(info: Result<AddrInfo>) -> Vec<String> {
    let info = info.unwrap();
    let mut sockets: Vec<String> = info
        .addresses
        .iter()
        .map(|address| address.address.to_string())
        .collect();
    sockets.sort();
    sockets
}

#[test]
fn families_are_told_apart() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for (family, expected) in [
        (
            Family::Any,
            &["192.0.2.80", "192.0.2.81", "2001:db8::80"][..],
        ),
        (Family::V4, &["192.0.2.80", "192.0.2.81"]),
        (Family::V6, &["2001:db8::80"]),
    ] {
        let hints = Hints::new().family(family);
        assert_eq!(
            addresses(addrinfo(&channel, "www.example.com", &hints)),
            expected
        );
    }
}

#[test]
fn an_address_of_the_other_family_is_no_name() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for (address, own, other) in [
        ("192.0.2.1", Family::V4, Family::V6),
        ("2001:db8::1", Family::V6, Family::V4),
    ] {
        let of = |family| addrinfo(&channel, address, &Hints::new().family(family));
        assert_eq!(addresses(of(own)), [address]);
        assert_eq!(addresses(of(Family::Any)), [address]);
        assert_eq!(of(other).unwrap_err(), ErrorKind::BadName);
    }
    assert_eq!(server.query_count(), 0);
}

#[test]
fn aliases_and_ttls_are_told() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let info = addrinfo(
        &channel,
        "shop.example.com",
        &Hints::new().family(Family::V4),
    )
    .unwrap();
    let aliases: Vec<_> = info
        .aliases
        .iter()
        .map(|step| (step.alias.to_string(), step.canonical.to_string(), step.ttl))
        .collect();
    assert_eq!(
        aliases,
        [
            (
                "shop.example.com.".to_owned(),
                "store.example.com.".to_owned(),
                300
            ),
            (
                "store.example.com.".to_owned(),
                "www.example.com.".to_owned(),
                60
            ),
        ]
    );
    assert!(info.addresses.iter().all(|address| address.ttl == 300));
    assert_eq!(info.timeouts, 0);
}

#[test]
fn search_domains_are_tried() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    assert_eq!(
        addresses(addrinfo(&channel, "v4only", &Hints::new())),
        ["198.51.100.4"]
    );
}

#[test]
fn the_hosts_file_comes_first_or_alone() {
    let server = server();
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "203.0.113.99 www.example.com only-here").unwrap();
    let channel = builder(&server)
        .hosts_file(hosts.path())
        .build_threaded()
        .unwrap();
    let v4 = Hints::new().family(Family::V4);
    assert_eq!(
        addresses(addrinfo(&channel, "www.example.com", &v4)),
        ["203.0.113.99"]
    );
    assert_eq!(
        addresses(addrinfo(&channel, "only-here", &v4)),
        ["203.0.113.99"]
    );
    assert_eq!(server.query_count(), 0);

    let channel = builder(&server)
        .hosts_file(hosts.path())
        .lookups([LookupSource::Dns])
        .build_threaded()
        .unwrap();
    assert_eq!(
        addresses(addrinfo(&channel, "www.example.com", &v4)),
        ["192.0.2.80", "192.0.2.81"]
    );

    let channel = builder(&server)
        .hosts_file(hosts.path())
        .lookups([LookupSource::Hosts])
        .build_threaded()
        .unwrap();
    // So says c-ares for what the hosts file does not have.
    assert_eq!(
        addrinfo(&channel, "mail.example.com", &v4).unwrap_err(),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn failures_are_told() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for (name, error) in [
        ("nowhere.example.com", ErrorKind::NotFound),
        ("_sip._tcp.example.com", ErrorKind::NoData),
        ("foo.onion", ErrorKind::NotFound),
        (&"a".repeat(64), ErrorKind::BadName),
    ] {
        assert_eq!(
            addrinfo(&channel, name, &Hints::new()).unwrap_err(),
            error,
            "{name}"
        );
    }
}

#[test]
fn aliases_that_two_answers_tell_are_told_once() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let info = addrinfo(&channel, "shop.example.com", &Hints::new()).unwrap();
    let aliases: Vec<String> = info
        .aliases
        .iter()
        .map(|step| step.alias.to_string())
        .collect();
    assert_eq!(aliases, ["shop.example.com.", "store.example.com."]);
    assert_eq!(info.addresses.len(), 3);
}

#[test]
fn the_canonical_name_is_told() {
    let server = server();
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "203.0.113.99 main one two\n203.0.113.98 alone").unwrap();
    let channel = builder(&server)
        .hosts_file(hosts.path())
        .build_threaded()
        .unwrap();
    let canonical = AddrInfoFlags::CANONNAME;
    for (name, flags, expected, aliases) in [
        (
            "shop.example.com",
            AddrInfoFlags::NONE,
            Some("www.example.com"),
            2,
        ),
        ("shop.example.com", canonical, Some("www.example.com"), 2),
        ("www.example.com", canonical, Some("www.example.com"), 0),
        // The hosts file's is told only where it is wanted.
        ("two", AddrInfoFlags::NONE, Some("two"), 0),
        ("two", canonical, Some("main"), 2),
        ("alone", canonical, Some("alone"), 0),
        ("192.0.2.1", AddrInfoFlags::NONE, None, 0),
        ("192.0.2.1", canonical, Some("192.0.2.1"), 0),
    ] {
        let hints = Hints::new().family(Family::V4).flags(flags);
        let info = addrinfo(&channel, name, &hints).unwrap();
        assert_eq!(info.name.as_deref(), expected, "{name} {flags:?}");
        assert_eq!(info.aliases.len(), aliases, "{name} {flags:?}");
        assert!(info.aliases.iter().all(|alias| !alias.alias.is_root()));
    }
}

#[test]
fn a_port_goes_to_every_address() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for hints in [
        Hints::new().port(8443),
        Hints::new().service("8443"),
        Hints::new().service("https").port(8443),
        Hints::new()
            .service("8443")
            .flags(AddrInfoFlags::NUMERICSERV),
    ] {
        assert_eq!(
            sockets(addrinfo(&channel, "www.example.com", &hints)),
            ["192.0.2.80:8443", "192.0.2.81:8443", "[2001:db8::80]:8443"]
        );
        assert_eq!(
            sockets(addrinfo(&channel, "192.0.2.1", &hints)),
            ["192.0.2.1:8443"]
        );
    }
    let none = addrinfo(&channel, "192.0.2.1", &Hints::new());
    assert_eq!(sockets(none), ["192.0.2.1:0"]);
}

#[cfg(target_os = "linux")]
#[test]
fn services_have_names() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    let hints = Hints::new().port(1).service("https");
    assert_eq!(
        sockets(addrinfo(&channel, "192.0.2.1", &hints)),
        ["192.0.2.1:443"]
    );
    // A port is no name, even if a service is called like that.
    for (hints, expected) in [
        (Hints::new().service("1234"), "192.0.2.1:4321"),
        (Hints::new().port(1234), "192.0.2.1:1234"),
    ] {
        assert_eq!(sockets(addrinfo(&channel, "192.0.2.1", &hints)), [expected]);
    }
    // Services of TCP, whatever the hints say.
    let hints = Hints::new().service("quic").protocol(Protocol::UDP);
    assert_eq!(
        addrinfo(&channel, "192.0.2.1", &hints).unwrap_err(),
        ErrorKind::Service
    );
    let hints = Hints::new()
        .service("https")
        .flags(AddrInfoFlags::NUMERICSERV);
    assert_eq!(
        addrinfo(&channel, "192.0.2.1", &hints).unwrap_err(),
        ErrorKind::Service
    );
}

#[test]
fn what_is_no_service_is_told() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for service in ["no such service", "65536", "-1", "4+3", ""] {
        let hints = Hints::new().service(service);
        for info in [
            addrinfo(&channel, "www.example.com", &hints),
            local(&channel, &hints),
        ] {
            assert_eq!(info.unwrap_err(), ErrorKind::Service, "{service:?}");
        }
    }
    let hints = Hints::new().service("44\0");
    assert_eq!(
        addrinfo(&channel, "www.example.com", &hints).unwrap_err(),
        ErrorKind::Service
    );
    assert_eq!(server.query_count(), 0);
}

#[test]
fn socket_type_and_protocol_are_repeated() {
    let server = server();
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "203.0.113.99 here").unwrap();
    let channel = builder(&server)
        .hosts_file(hosts.path())
        .build_threaded()
        .unwrap();
    for (socket_type, protocol) in [
        (SocketType::ANY, Protocol::ANY),
        (SocketType::STREAM, Protocol::TCP),
        (SocketType::DGRAM, Protocol::UDP),
        (SocketType::SEQPACKET, Protocol::SCTP),
    ] {
        let hints = Hints::new()
            .socket_type(socket_type)
            .protocol(protocol)
            .port(1);
        for info in [
            addrinfo(&channel, "www.example.com", &hints),
            addrinfo(&channel, "192.0.2.1", &hints),
            addrinfo(&channel, "here", &hints),
            local(&channel, &hints),
        ] {
            let addresses = info.unwrap().addresses;
            assert!(!addresses.is_empty());
            for address in addresses {
                assert_eq!(address.socket_type, socket_type);
                assert_eq!(address.protocol, protocol);
            }
        }
    }
    assert_eq!(format!("{:?}", SocketType::STREAM), "STREAM");
    assert_eq!(format!("{:?}", Protocol(200)), "200");
}

#[test]
fn a_service_without_a_name_is_on_this_machine() {
    let server = server();
    let driven = Driven::from(builder(&server).max_queries(2));
    let channel = &*driven.channel;
    // It takes no query id, and so does not mind that there is none left.
    let (sender, pending) = std::sync::mpsc::channel();
    channel.addrinfo("www.example.com", &Hints::new(), send(sender));
    let passive = AddrInfoFlags::PASSIVE;
    for (family, flags, expected) in [
        (
            Family::Any,
            AddrInfoFlags::NONE,
            &["127.0.0.1:8080", "[::1]:8080"][..],
        ),
        (Family::V4, AddrInfoFlags::NONE, &["127.0.0.1:8080"]),
        (Family::V6, AddrInfoFlags::NONE, &["[::1]:8080"]),
        (Family::Any, passive, &["0.0.0.0:8080", "[::]:8080"]),
        (Family::V4, passive, &["0.0.0.0:8080"]),
        (Family::V6, passive, &["[::]:8080"]),
    ] {
        let hints = Hints::new().port(8080).family(family).flags(flags);
        let info = local(channel, &hints);
        assert_eq!(info.as_ref().unwrap().name, None);
        assert_eq!(sockets(info), expected);
    }
    assert!(pending.try_recv().is_err());
    channel.cancel_all().unwrap();
    assert_eq!(
        pending.try_recv().unwrap().unwrap_err(),
        ErrorKind::Cancelled
    );
    // With a name nothing becomes of the flag.
    let hints = Hints::new().port(1).flags(passive);
    assert_eq!(
        sockets(addrinfo(channel, "192.0.2.1", &hints)),
        ["192.0.2.1:1"]
    );
    // Neither name nor service.
    assert_eq!(
        local(channel, &Hints::new()).unwrap_err(),
        ErrorKind::NotFound
    );
}

#[test]
fn sorting_can_be_left_out() {
    let server = testserver::Server::start(
        "host.example.com. 300 IN A 192.0.2.1\n\
         host.example.com. 300 IN A 127.0.0.1\n",
    )
    .unwrap();
    let channel = builder(&server).build_threaded().unwrap();
    let order = |flags| -> Vec<String> {
        let hints = Hints::new().family(Family::V4).flags(flags);
        let info = addrinfo(&channel, "host.example.com", &hints).unwrap();
        info.addresses
            .iter()
            .map(|address| address.address.ip().to_string())
            .collect()
    };
    assert_eq!(order(AddrInfoFlags::NOSORT), ["192.0.2.1", "127.0.0.1"]);
    assert_eq!(order(AddrInfoFlags::NONE), ["127.0.0.1", "192.0.2.1"]);
}

/// The environment is the process's, so this needs one of its own.
#[test]
fn the_hosts_file_of_the_environment() {
    const TEST: &str = "the_hosts_file_of_the_environment";
    let server = server();
    let hosts = |line| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{line}").unwrap();
        file
    };
    if !common::is_child(TEST) {
        let file = hosts("203.0.113.7 from-environment");
        let mut child = common::child(TEST);
        return common::assert_child_passes(child.env("CARES_HOSTS", file.path()));
    }
    let file = hosts("203.0.113.8 from-option");
    let channel = builder(&server)
        .hosts_file(file.path())
        .build_threaded()
        .unwrap();
    let v4 = Hints::new().family(Family::V4);
    let envhosts = v4.clone().flags(AddrInfoFlags::ENVHOSTS);
    for (name, hints, expected) in [
        ("from-environment", &envhosts, Ok("203.0.113.7")),
        ("from-environment", &v4, Err(ErrorKind::NotFound)),
        ("from-option", &v4, Ok("203.0.113.8")),
        ("from-option", &envhosts, Err(ErrorKind::NotFound)),
    ] {
        let told = addrinfo(&channel, name, hints);
        let told = told
            .map(|info| info.addresses[0].address.ip().to_string())
            .map_err(|error| error.kind().clone());
        assert_eq!(told, expected.map(str::to_owned), "{name} {hints:?}");
    }
}

/// The other side of it: nobody has set the variable.
#[test]
fn without_the_environment_no_hosts_file_is_read() {
    const TEST: &str = "without_the_environment_no_hosts_file_is_read";
    if !common::is_child(TEST) {
        return common::assert_child_passes(common::child(TEST).env_remove("CARES_HOSTS"));
    }
    let server = server();
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "203.0.113.99 www.example.com").unwrap();
    let channel = builder(&server)
        .hosts_file(hosts.path())
        .build_threaded()
        .unwrap();
    let hints = Hints::new()
        .family(Family::V4)
        .flags(AddrInfoFlags::ENVHOSTS);
    assert_eq!(
        addresses(addrinfo(&channel, "www.example.com", &hints)),
        ["192.0.2.80", "192.0.2.81"]
    );
    assert_eq!(
        addrinfo(&channel, "localhost", &hints).unwrap_err(),
        ErrorKind::ConnectionRefused
    );
}
