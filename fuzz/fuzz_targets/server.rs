//! Texts of people: servers, networks, and the names of numbers.

#![no_main]

use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use c_ares::{Channel, Class, Driven, Name, Opcode, OptionCode, Rcode, RecordType, Server, Subnet};
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// One channel for all: to make one, c-ares reads files.
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
}

fuzz_target!(|text: &str| {
    reads_back::<Server>(text);
    reads_back::<Subnet>(text);
    reads_back::<RecordType>(text);
    reads_back::<Class>(text);
    reads_back::<Opcode>(text);
    reads_back::<Rcode>(text);
    reads_back::<OptionCode>(text);
    named(text);
    let servers: Result<Vec<Server>, _> = text.split(',').map(str::parse).collect();
    if let Ok(servers) = servers {
        CHANNEL.with_borrow_mut(|channel| {
            kept(channel.get_or_insert_with(channel_of_its_own), &servers)
        });
    }
});

/// What is written reads back, and what is refused is named.
fn reads_back<T>(text: &str)
where
    T: FromStr<Err: Display> + Display + Debug + PartialEq,
{
    match text.parse::<T>() {
        Ok(value) => {
            let written = value.to_string();
            let again = written.parse::<T>();
            assert_eq!(again.ok().as_ref(), Some(&value), "{written:?}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A name, and a text that is none, stays the same when it is written and read.
fn named(text: &str) {
    let name = Name::from(text);
    let again = Name::from(&*name.to_string());
    assert_eq!(again.as_str(), name.as_str());
    assert!(name == text && !format!("{name:?}").is_empty());
    match text.parse::<Name>() {
        Ok(read) => assert_eq!(read.as_str(), name.as_str()),
        Err(error) => assert!(error.to_string().starts_with(&format!("{text:?} ("))),
    }
}

fn channel_of_its_own() -> Channel {
    let builder = Channel::builder()
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null");
    let builder: c_ares::Builder<Driven> = builder.on_socket_state(|_, _| ());
    builder.build().expect("a channel")
}

/// A channel takes all of them or none, and tells them with their ports.
fn kept(channel: &Channel, servers: &[Server]) {
    let before = channel.servers().expect("the servers are unreadable");
    let result = channel.set_servers(servers.to_vec());
    let after = channel.servers().expect("the servers are unreadable");
    if let Err(error) = result {
        assert!(!error.to_string().is_empty());
        return assert_eq!(after, before, "{error}");
    }
    let mut expected: Vec<Server> = Vec::new();
    for server in servers {
        let port = |port: Option<u16>| port.unwrap_or(53);
        let server = server
            .clone()
            .with_udp_port(port(server.udp_port()))
            .with_tcp_port(port(server.tcp_port()));
        if !expected.iter().any(|known| same(known, &server)) {
            expected.push(server);
        }
    }
    assert_eq!(after.len(), expected.len(), "{after:?} of {servers:?}");
    assert!(
        after
            .iter()
            .zip(&expected)
            .all(|(one, other)| same(one, other)),
        "{after:?} of {servers:?}"
    );
}

/// Whether both are the same to c-ares, which tells an interface by its name.
fn same(one: &Server, other: &Server) -> bool {
    (one.address(), one.udp_port(), one.tcp_port())
        == (other.address(), other.udp_port(), other.tcp_port())
}
