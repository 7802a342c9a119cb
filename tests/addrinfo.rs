//! Addresses of hosts.

mod common;

use std::io::Write;

use c_ares::{AddrInfo, Channel, Error, Family, Hints, LookupSource, Result};
use common::{builder, send, server, wait};

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
        Error::ConnectionRefused
    );
}

#[test]
fn failures_are_told() {
    let server = server();
    let channel = builder(&server).build_threaded().unwrap();
    for (name, error) in [
        ("nowhere.example.com", Error::NotFound),
        ("_sip._tcp.example.com", Error::NoData),
        ("foo.onion", Error::NotFound),
        (&"a".repeat(64), Error::BadName),
    ] {
        assert_eq!(
            addrinfo(&channel, name, &Hints::new()).unwrap_err(),
            error,
            "{name}"
        );
    }
}
