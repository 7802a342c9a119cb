//! `lookup`: what it prints, what it says on stderr, and how it ends.

use std::ffi::{OsStr, OsString};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use testserver::{ResponseCode, Rule, Server, Transport};

use crate::program::{Finished, example, finish};

/// A fingerprint in `example.zone`, as the generic form has it.
const SSHFP: &str = concat!(
    r"  SSHFP  5 min  \# 34 0402",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
);

fn lookup<T: AsRef<OsStr>>(arguments: &[T]) -> Finished {
    let mut command = example("lookup");
    command.args(arguments);
    finish(command)
}

/// `lookup --server …` with more arguments, which are given as in a shell.
fn lookup_at(server: &str, arguments: &str) -> Finished {
    let mut all = vec!["--server", server];
    all.extend(arguments.split_whitespace());
    lookup(&all)
}

fn zone_server() -> Server {
    let zone = concat!(env!("CARGO_MANIFEST_DIR"), "/testserver/zones/example.zone");
    let server = Server::builder().zone_file(zone).start();
    server.expect("a server on loopback")
}

/// The address of a port where nobody listens.
fn dead_server() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("it has an address").to_string()
}

#[test]
fn the_demonstration_answers_faster_than_its_server_one_by_one() {
    let run = lookup::<&str>(&[]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    for line in [
        "  AAAA  5 min  2001:db8::10",
        "  MX    5 min  mail.example.com (preference 10)",
        "  TXT   5 min  \"Grüezi mitenand, 今日は\"",
        "  SRV   5 min  sip.example.net, port 5060 (priority 20, weight 0)",
        "  PTR   5 min  www.example.com",
        "  A     5 min  203.0.113.102",
    ] {
        run.assert_line(line);
    }
    assert!(
        run.stdout
            .contains("shop.example.com, an alias of www.example.com ")
    );
    let soa = "ns1.example.com, hostmaster@example.com, serial 2025010101, refresh 2 h,";
    assert!(run.stdout.contains(soa), "{}", run.stdout);

    let elapsed = run.number("12 of 12 questions answered in ", " ms");
    let delays = run.number("delays add up to ", " ms");
    let slowest = 300;
    assert!(
        elapsed >= slowest,
        "{elapsed} ms, with an answer after {slowest}"
    );
    assert!(elapsed < delays, "{elapsed} ms, and {delays} one by one");
}

#[test]
fn help_is_printed_to_stdout() {
    for arguments in ["-h", "--help", "--type MX --help", "example.com -h"] {
        let run = lookup_at("127.0.0.1:1", arguments);
        assert_eq!(
            (run.status, run.stderr.as_str()),
            (Some(0), ""),
            "{arguments}"
        );
        assert!(run.stdout.contains("usage: lookup"), "{}", run.stdout);
        for option in ["--server", "--tcp", "--timeout", "--type", "--help"] {
            assert!(run.stdout.contains(option), "{option}");
        }
    }
}

#[test]
fn answers_are_printed_by_name_and_type() {
    let server = zone_server();
    let address = server.address().to_string();
    for (arguments, lines) in [
        (
            "example.com",
            &["  A     5 min  192.0.2.10", "  AAAA  5 min  2001:db8::10"][..],
        ),
        // Without --type a name needs one of both kinds of address.
        (
            "v4only.example.com.",
            &["  A     5 min  198.51.100.4", "  AAAA         none"],
        ),
        (
            "--type CNAME store.example.com",
            &["  CNAME  1 min  www.example.com"],
        ),
        (
            "--type type15 example.com",
            &["  MX  5 min  mail.example.com (preference 10)"],
        ),
        (
            // A type without a structure is written as RFC 3597 says.
            "--type TYPE44 host.example.com",
            &[SSHFP],
        ),
        (
            "--type=a --type=AaAa mail.example.com www.example.com",
            &["  AAAA  5 min  2001:db8::25", "  A     5 min  192.0.2.81"],
        ),
    ] {
        let run = lookup_at(&address, arguments);
        assert_eq!(
            (run.status, run.stderr.as_str()),
            (Some(0), ""),
            "{arguments}"
        );
        lines.iter().for_each(|line| run.assert_line(line));
        assert!(run.stdout.contains(&format!("servers: {address}")));
    }
}

#[test]
fn a_failure_is_one_line_with_name_type_and_servers() {
    let server = zone_server();
    server.rule("refuse.example.com", Rule::refuse());
    server.rule("fail.example.com", Rule::rcode(ResponseCode::ServFail));
    let address = server.address().to_string();
    let dead = dead_server();
    for (server, question, reason) in [
        (
            &address,
            "MX nowhere.example.com",
            "no such name (NXDOMAIN)",
        ),
        (
            &address,
            "MX v4only.example.com",
            "the name has no record of this type",
        ),
        (
            &address,
            "A refuse.example.com",
            "the server refuses to answer (REFUSED)",
        ),
        (
            &address,
            "A fail.example.com",
            "the server failed (SERVFAIL)",
        ),
        (&address, "A a..b", "not a domain name"),
        (
            &address,
            "A grüße.example",
            "not a domain name, write it in ASCII (xn--)",
        ),
        (&dead, "TXT example.com", "no server could be reached"),
    ] {
        let run = lookup_at(server, &format!("--type {question}"));
        let (record_type, name) = question.split_once(' ').expect("a type and a name");
        // Nobody is asked for what is no name.
        let servers = match reason.starts_with("not a domain name") {
            true => String::new(),
            false => format!("; servers: {server}"),
        };
        let line = format!("lookup: {name} {record_type}: {reason}{servers}");
        assert_eq!((run.status, run.complaints()), (Some(1), vec![&*line]));
    }
}

#[test]
fn what_was_found_is_printed_beside_what_failed() {
    let server = zone_server();
    let dead = dead_server();
    let address = server.address().to_string();
    let arguments =
        format!("--server {address} --timeout 250 v6only.example.com nowhere.example.com");
    let run = lookup_at(&dead, &arguments);
    // The one that failed stands behind the other by now.
    let line = |record_type| {
        format!(
            "lookup: nowhere.example.com {record_type}: no such name (NXDOMAIN); \
             servers: {address}, {dead}"
        )
    };
    assert_eq!(
        (run.status, run.complaints()),
        (Some(1), vec![&*line("A"), &*line("AAAA")])
    );
    run.assert_line("  AAAA  5 min  2001:db8::6");
    assert!(
        run.stdout.contains("1 of 4 questions answered"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_server_that_is_silent_times_out() {
    let server = zone_server();
    server.rule("*", Rule::drop());
    let address = server.address().to_string();
    let started = Instant::now();
    let run = lookup_at(&address, "--timeout 250 --type A example.com");
    let elapsed = started.elapsed();
    let line = format!("lookup: example.com A: no server answered in time; servers: {address}");
    assert_eq!((run.status, run.complaints()), (Some(1), vec![&*line]));
    // Three tries, of c-ares' default two seconds each if the option were lost.
    assert_eq!(server.query_count(), 3);
    assert!(elapsed > Duration::from_millis(750), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn the_transport_and_the_server_are_those_that_were_given() {
    let server = zone_server();
    let mut addresses = vec![server.address().to_string()];
    addresses.extend(server.address_v6().map(|address| address.to_string()));
    for address in &addresses {
        for (option, transport) in [("", Transport::Udp), ("--tcp ", Transport::Tcp)] {
            let run = lookup_at(address, &format!("{option}--type A www.example.com"));
            assert_eq!(run.status, Some(0), "{}", run.stderr);
            let queries = server.take_queries();
            assert!(!queries.is_empty());
            for query in queries {
                assert_eq!(
                    (query.transport, query.server.to_string()),
                    (transport, address.clone())
                );
            }
        }
    }
}

#[test]
fn what_follows_two_dashes_is_a_name() {
    let server = zone_server();
    let run = lookup_at(&server.address().to_string(), "--type A -- --tcp -h");
    assert_eq!(
        (run.status, run.complaints().len()),
        (Some(1), 2),
        "{}",
        run.stderr
    );
    let mut names: Vec<String> = server
        .queries()
        .iter()
        .map(|query| query.name.to_string().replace('\\', ""))
        .collect();
    names.sort();
    assert_eq!(names, ["--tcp.", "-h."]);
}

#[test]
fn a_mistake_in_the_arguments_is_one_line_and_status_2() {
    for (arguments, said) in [
        (&["--type", "MXX", "example.com"][..], "\"MXX\""),
        (&["--type", "TYPE65536", "example.com"], "\"TYPE65536\""),
        (&["--server", "localhost", "example.com"], "\"localhost\""),
        (
            &["--server", "192.0.2.1:0", "example.com"],
            "\"192.0.2.1:0\"",
        ),
        (&["--server=", "example.com"], "bad server \"\""),
        (&["--server", "fe80::1", "example.com"], "\"fe80::1\""),
        (
            &["--server", "fe80::1%no-such-if", "example.com"],
            "fe80::1%no-such-if",
        ),
        (&["--timeout", "soon", "example.com"], "\"soon\""),
        (&["--timeout", "0", "example.com"], "\"0\""),
        (
            &["--timeout", "2147483648", "example.com"],
            "\"2147483648\"",
        ),
        (&["--verbose", "example.com"], "--verbose"),
        (&["-v", "example.com"], "-v"),
        (&["--tcp=yes", "example.com"], "--tcp"),
        (&["--line\nbreak", "example.com"], r"--line\nbreak"),
        (&["example.com", "--server"], "--server"),
        (&["example.com", "--type"], "--type"),
        (&["example.com", "--timeout"], "--timeout"),
        (&["--tcp"], "NAME"),
        (&["--"], "NAME"),
        (&[""], "NAME"),
    ] {
        let run = lookup(arguments);
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        let complaints = run.complaints();
        assert_eq!(complaints.len(), 1, "{arguments:?}: {complaints:?}");
        assert!(complaints[0].starts_with("lookup: "), "{complaints:?}");
        assert!(
            complaints[0].contains(said),
            "{arguments:?}: {complaints:?}"
        );
        assert!(complaints[0].ends_with("(see --help)"), "{complaints:?}");
    }
}

/// Every pair of these arguments, before a server where nobody listens.
#[test]
fn garbage_never_panics() {
    let long = "x".repeat(70_000);
    #[rustfmt::skip]
    let mut pieces: Vec<OsString> = [
        "-", "--", "--server", "--server=%", "--server=127.0.0.1,::1", "--type", "--type=ANY",
        "--type=TYPE0", "--timeout", "--timeout=1", "--timeout=-1", "--tcp", "-hx", "é", "",
        ".", "..", "\\", "\\256", "a\nb", "\u{1b}[31m", "%s", "192.0.2.1", "foo.onion", &long,
    ]
    .map(OsString::from)
    .into();
    #[cfg(unix)]
    pieces.push(std::os::unix::ffi::OsStringExt::from_vec(vec![
        0xff, b'=', 0xc3,
    ]));
    let dead = OsString::from(dead_server());
    for first in &pieces {
        for second in &pieces {
            let run = lookup(&[OsStr::new("--server"), &dead, first, second]);
            let about = || format!("{first:.40?} {second:.40?}: {:.200}", run.stderr);
            assert!(!run.stderr.contains("panicked"), "{}", about());
            let complaints = run.complaints();
            assert!(
                complaints.iter().all(|line| line.starts_with("lookup: ")),
                "{}",
                about()
            );
            match run.status {
                Some(0) => assert!(run.stdout.contains("usage:"), "{}", about()),
                Some(1) => assert!(!complaints.is_empty(), "{}", about()),
                Some(2) => assert_eq!(complaints.len(), 1, "{}", about()),
                other => panic!("status {other:?}, {}", about()),
            }
        }
    }
}
