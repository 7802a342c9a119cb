//! Flags of a channel: each changes what it says.

mod common;

use std::io::Write;
use std::time::Duration;

use c_ares::{A, Builder, Channel, ErrorKind, Flags};
use common::{Driven, builder, query, search, send, server};
use testserver::{Reply, ResponseCode, Rule, Server, Transport};

/// A channel with these flags, without the cache.
fn flagged(builder: Builder, flags: Flags) -> Channel {
    let builder = builder.query_cache(Duration::ZERO).flags(flags);
    builder.build_threaded().unwrap()
}

/// The names that the server was asked for since the last time, in the case that they came in.
fn names(server: &Server) -> Vec<String> {
    let queries = server.take_queries();
    queries.iter().map(|query| query.name.to_ascii()).collect()
}

#[test]
fn primary_asks_the_first_server_alone() {
    let servers = [server(), server()];
    servers[0].rule("*", Rule::refuse());
    let addresses = servers.each_ref().map(Server::address);
    let builder = || builder(&servers[0]).servers(addresses).tries(1);
    query::<A>(&flagged(builder(), Flags::NONE), "www.example.com").unwrap();
    assert_eq!(servers[1].query_count(), 1);
    let primary = flagged(builder(), Flags::PRIMARY);
    let refused = query::<A>(&primary, "www.example.com").unwrap_err();
    assert_eq!(refused, ErrorKind::Refused);
    assert_eq!(refused.servers(), [addresses[0].into()]);
    assert_eq!(servers[1].query_count(), 1);
}

#[test]
fn igntc_takes_what_was_cut_off() {
    let server = server();
    server.rule("www.example.com", Rule::truncate());
    let ignoring = flagged(builder(&server), Flags::IGNTC);
    let nothing = query::<A>(&ignoring, "www.example.com").unwrap_err();
    assert_eq!(nothing, ErrorKind::NoData);
    let queries = server.take_queries();
    assert_eq!(queries.len(), 1);
    assert_eq!(queries[0].transport, Transport::Udp);
}

#[test]
fn norecurse_and_noedns_leave_out_what_they_say() {
    let server = server();
    let seen = |flags| {
        query::<A>(&flagged(builder(&server), flags), "www.example.com").unwrap();
        let seen = server.take_queries().pop().unwrap();
        (
            seen.message.metadata.recursion_desired,
            seen.edns().is_some(),
        )
    };
    assert_eq!(seen(Flags::NONE), (true, true));
    assert_eq!(seen(Flags::NORECURSE), (false, true));
    assert_eq!(seen(Flags::NOEDNS), (true, false));
}

#[test]
fn stayopen_keeps_the_connection() {
    let server = server();
    let is_kept = |flags| {
        let builder = builder(&server).query_cache(Duration::ZERO).flags(flags);
        let driven = Driven::from(builder);
        for _ in 0..2 {
            let (sender, receiver) = std::sync::mpsc::channel();
            driven.channel.query::<A>("www.example.com", send(sender));
            driven.receive(&receiver).unwrap();
        }
        let queries = server.take_queries();
        let peers: Vec<_> = queries.iter().map(|query| query.peer).collect();
        peers[0] == peers[1]
    };
    assert!(is_kept(Flags::USEVC | Flags::STAYOPEN));
    assert!(!is_kept(Flags::USEVC));
}

#[test]
fn nosearch_takes_the_name_as_it_is() {
    let server = server();
    let resolv_conf = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&resolv_conf, "search example.com\n").unwrap();
    let builder = || {
        Channel::builder()
            .servers([server.address()])
            .resolv_conf(resolv_conf.path())
    };
    let channel = flagged(builder(), Flags::NONE);
    search::<A>(&channel, "host").unwrap();
    assert_eq!(names(&server), ["host.example.com."]);
    let channel = flagged(builder(), Flags::NOSEARCH);
    let error = search::<A>(&channel, "host").unwrap_err();
    assert_eq!(error, ErrorKind::NotFound);
    assert_eq!(names(&server), ["host."]);
}

/// The environment is the process's, so this needs one of its own.
#[test]
fn noaliases_ignores_the_aliases_of_the_environment() {
    const TEST: &str = "noaliases_ignores_the_aliases_of_the_environment";
    if !common::is_child(TEST) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "short www.example.com").unwrap();
        let mut child = common::child(TEST);
        return common::assert_child_passes(child.env("HOSTALIASES", file.path()));
    }
    let server = server();
    search::<A>(&flagged(builder(&server), Flags::NONE), "short").unwrap();
    assert_eq!(names(&server), ["www.example.com."]);
    let channel = flagged(builder(&server), Flags::NOALIASES);
    search::<A>(&channel, "short").unwrap_err();
    assert_eq!(names(&server), ["short.example.com.", "short."]);
}

#[test]
fn nocheckresp_asks_no_other_server() {
    let servers = [server(), server()];
    let addresses = servers.each_ref().map(Server::address);
    let builder = || builder(&servers[0]).servers(addresses);
    for (code, kind) in [
        (ResponseCode::ServFail, ErrorKind::ServFail),
        (ResponseCode::NotImp, ErrorKind::NotImplemented),
        (ResponseCode::Refused, ErrorKind::Refused),
    ] {
        servers[0].rule("*", Rule::rcode(code));
        query::<A>(&flagged(builder(), Flags::NONE), "www.example.com").unwrap();
        assert_eq!(servers[1].take_queries().len(), 1);
        let channel = flagged(builder(), Flags::NOCHECKRESP);
        assert_eq!(query::<A>(&channel, "www.example.com").unwrap_err(), kind);
        assert_eq!(servers[1].query_count(), 0);
    }
}

#[test]
fn no_dflt_svr_asks_nobody_of_itself() {
    let nobody = || {
        Channel::builder()
            .resolv_conf("/dev/null")
            .hosts_file("/dev/null")
    };
    let here = nobody().build_threaded().unwrap();
    assert!(here.servers().unwrap()[0].address().is_loopback());
    let error = nobody().flags(Flags::NO_DFLT_SVR).build_threaded();
    assert_eq!(error.unwrap_err(), ErrorKind::NoServer);
}

/// Of 48 letters some change their case, but for one time in 2⁴⁸.
#[test]
fn dns0x20_mixes_the_case_and_insists_on_it() {
    let server = server();
    let name = format!("{}.wild.example.com", "abcdefghijklmnop".repeat(3));
    let absolute = format!("{name}.");
    query::<A>(&flagged(builder(&server), Flags::NONE), &name).unwrap();
    assert_eq!(names(&server), [absolute.as_str()]);

    query::<A>(&flagged(builder(&server), Flags::DNS0X20), &name).unwrap();
    let seen = names(&server);
    assert_ne!(seen, [absolute.as_str()]);
    assert!(seen[0].eq_ignore_ascii_case(&absolute));

    server.rule(
        "*",
        Rule::script(|query| {
            let mut wire = query.answer().to_vec().unwrap();
            // The name stands behind the header; its letters alone are changed.
            wire[12..query.name.len() + 12].make_ascii_lowercase();
            Reply::raw(wire)
        }),
    );
    query::<A>(&flagged(builder(&server), Flags::NONE), &name).unwrap();
    let hasty = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(1);
    let forged = query::<A>(&flagged(hasty, Flags::DNS0X20), &name);
    assert_eq!(forged.unwrap_err(), ErrorKind::Timeout);
}
