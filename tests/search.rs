//! Searches at the limits of names and of lists of domains.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use c_ares::{A, Channel, Error, ErrorKind, Hints, Linkage, linked};
use common::{BOUND, builder, search, send, server, wait};
use testserver::{ResponseCode, Rule, Server};

/// A name that is legal with a search domain behind it, too, but then has more than 255
/// characters as it is written.
fn escaped() -> String {
    "\\097".repeat(63)
}

/// A name without escapes that is `length` characters long.
fn plain(length: usize) -> String {
    let label = format!("{}.", "a".repeat(63));
    let labels = label.repeat(length / label.len());
    let rest = "a".repeat(length - labels.len());
    format!("{labels}{rest}")
}

/// Searches, and gives the error, which the closure is told once.
fn fails(channel: &Channel, name: &str) -> Error {
    let told = Arc::new(AtomicUsize::new(0));
    let error = wait(|sender| {
        let told = Arc::clone(&told);
        let send = send(sender);
        channel.search::<A>(name, move |answer| {
            told.fetch_add(1, Ordering::Relaxed);
            send(answer.unwrap_err());
        });
    });
    // What a second call would have used is freed by now.
    wait(|sender| channel.search::<A>("www", send(sender))).unwrap();
    assert_eq!(told.load(Ordering::Relaxed), 1);
    error
}

/// The error for an escaped name that is too long: a system's library is not given any.
fn too_long() -> ErrorKind {
    match linked().linkage {
        Linkage::Vendored => ErrorKind::FormErr,
        _ => ErrorKind::UnsuitableLibrary {
            found: linked().loaded,
            reason: "it can free a search for a name with a backslash twice; \
                     enable the feature `vendored`",
        },
    }
}

fn with_domains<const N: usize>(server: &Server, domains: [&str; N]) -> Channel {
    // More dots than any name has: the domains come first.
    let builder = builder(server).domains(domains).ndots(15);
    builder.build_threaded().unwrap()
}

#[test]
fn a_name_that_is_too_long_only_as_it_is_written_ends_its_search_once() {
    let server = server();
    let channel = with_domains(&server, ["example.com"]);
    assert_eq!(fails(&channel, &escaped()), too_long());
}

#[test]
fn so_does_one_that_comes_later() {
    let server = server();
    server.rule("*.b", Rule::rcode(ResponseCode::NXDomain));
    // With the first domain it is short enough, so the server is asked for that.
    let channel = with_domains(&server, ["b", "example.com"]);
    assert_eq!(fails(&channel, &"\\097".repeat(62)), too_long());
    if linked().linkage == Linkage::Vendored {
        let name = format!("{}.b.", "a".repeat(62));
        let queries = server.queries();
        assert_eq!(queries[0].name.to_string(), name);
    }
}

/// The domains of the system's configuration are given to c-ares as they are.
#[test]
fn so_does_one_with_a_domain_of_the_system() {
    if linked().linkage != Linkage::Vendored {
        return; // A hole that is known: ARCHITECTURE, "Searches that end twice".
    }
    let server = server();
    let resolv_conf = tempfile::NamedTempFile::new().unwrap();
    for (domain, length) in [("example.com.", 243), ("\\101xample.com", 241)] {
        std::fs::write(&resolv_conf, format!("search {domain}\noptions ndots:15\n")).unwrap();
        let channel = Channel::builder()
            .servers([server.address()])
            .resolv_conf(resolv_conf.path())
            .build_threaded()
            .unwrap();
        assert_eq!(fails(&channel, &plain(length)), ErrorKind::FormErr);
    }
}

#[test]
fn a_dot_at_the_end_of_a_domain_makes_no_difference() {
    let server = server();
    let [without, with] =
        ["example.com", "example.com."].map(|domain| with_domains(&server, [domain]));
    // The longest that the DNS has, the longest that c-ares sends, and one more.
    for length in [241, 243, 244] {
        let name = plain(length);
        let error = fails(&without, &name);
        assert_ne!(error, ErrorKind::FormErr);
        assert_eq!(fails(&with, &name), error.kind().clone(), "{length}");
    }
    // These dots are not such ones: of the root, of a label, and of no name.
    for (domain, asked) in [(".", "www."), ("..", ""), ("a..", "")] {
        let channel = with_domains(&server, [domain]);
        let before = server.query_count();
        wait(|sender| channel.search::<A>("www", send(sender))).unwrap_err();
        let queries = server.queries();
        let names: Vec<_> = queries[before..]
            .iter()
            .map(|query| query.name.to_string())
            .collect();
        let wanted: &[&str] = if asked.is_empty() { &[] } else { &[asked] };
        assert_eq!(names.iter().take(1).collect::<Vec<_>>(), wanted, "{domain}");
    }
}

#[test]
fn a_domain_that_is_no_name_fails_the_searches_that_come_to_it() {
    let server = server();
    let channel = with_domains(&server, ["example.com", "a..b"]);
    search::<A>(&channel, "host").unwrap();
    assert_eq!(fails(&channel, "nowhere"), ErrorKind::BadName);
}

#[test]
fn a_domain_with_a_backslash_is_for_the_vendored_library() {
    let server = server();
    let built = builder(&server)
        .domains(["\\101xample.com"])
        .build_threaded();
    if linked().linkage == Linkage::Vendored {
        search::<A>(&built.unwrap(), "www").unwrap();
    } else {
        let error = built.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::BadOption { option, .. } if *option == "domains"),
            "{error}"
        );
    }
}

/// Each name that the cache answers is a call inside of the one before.
#[test]
fn searches_in_closures_of_searches_take_no_more_stack_than_there_is() {
    let server = server();
    let with = |count: usize| {
        let domains = (0..count).map(|number| format!("d{number}.example.com"));
        builder(&server).domains(domains).ndots(15).build_threaded()
    };
    let refused = with(129).unwrap_err();
    assert!(
        matches!(refused.kind(), ErrorKind::BadOption { option, .. } if *option == "domains"),
        "{refused}"
    );
    let channel = Arc::new(with(128).unwrap());
    wait(|sender| channel.addrinfo("nowhere", &Hints::new(), send(sender))).unwrap_err();
    let asked = server.query_count();
    let (sender, done) = mpsc::channel();
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn({
            let channel = Arc::clone(&channel);
            move || again(&channel, 100, sender)
        })
        .unwrap()
        .join()
        .unwrap();
    done.recv_timeout(BOUND).unwrap();
    assert_eq!(server.query_count(), asked, "all were in the cache");
}

/// Sixteen closures, each with its 128 calls, take twice as much and more.
const STACK: usize = 256 * 1024;

/// Asks, so many more times each in the closure of the one before.
fn again(channel: &Arc<Channel>, more: usize, done: mpsc::Sender<()>) {
    let next = Arc::clone(channel);
    channel.addrinfo("nowhere", &Hints::new(), move |answer| {
        assert_eq!(answer.unwrap_err(), ErrorKind::NotFound);
        match more {
            0 => done.send(()).unwrap(),
            _ => again(&next, more - 1, done),
        }
    });
}
