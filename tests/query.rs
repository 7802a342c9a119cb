//! Queries, and each way in which they fail.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use c_ares::{A, Aaaa, Channel, ErrorKind, Family, Flags, Hints, Mx, Query, RecordType};
use common::{builder, channel, query, search, send, server, wait};
use testserver::{Message, Reply, ResponseCode, Rule, Transport};

#[test]
fn an_alias_leads_to_the_records_behind_it() {
    let server = server();
    let answer = query::<A>(&channel(&server), "shop.example.com").unwrap();
    assert_eq!(answer.records.len(), 2);
    assert_eq!(answer.records[0].name, "www.example.com");
}

#[test]
fn a_final_dot_and_the_case_make_no_difference() {
    let server = server();
    let channel = channel(&server);
    for name in ["www.example.com", "www.example.com.", "WWW.Example.COM"] {
        assert_eq!(
            query::<Aaaa>(&channel, name).unwrap().records[0].name,
            "www.example.com"
        );
    }
}

#[test]
fn no_such_name_and_no_such_record_are_told_apart() {
    let server = server();
    let channel = channel(&server);
    for (name, error) in [
        ("nowhere.example.com", ErrorKind::NotFound),
        ("v6only.example.com", ErrorKind::NoData),
        ("empty.example.com", ErrorKind::NoData),
        ("dangling.example.com", ErrorKind::NotFound),
    ] {
        assert_eq!(query::<A>(&channel, name).unwrap_err(), error, "{name}");
    }
    // The alias exists, what it stands for has no such record: only the CNAME comes.
    assert_eq!(
        query::<Mx>(&channel, "store.example.com").unwrap_err(),
        ErrorKind::NoData
    );
}

#[test]
fn what_the_server_says_is_the_error() {
    let server = server();
    let channel = builder(&server).tries(1).build_threaded().unwrap();
    for (code, error) in [
        (ResponseCode::FormErr, ErrorKind::FormErr),
        (ResponseCode::ServFail, ErrorKind::ServFail),
        (ResponseCode::NXDomain, ErrorKind::NotFound),
        (ResponseCode::NotImp, ErrorKind::NotImplemented),
        (ResponseCode::Refused, ErrorKind::Refused),
    ] {
        server.rule("*", Rule::rcode(code));
        let name = format!("{code:?}.example.com");
        assert_eq!(query::<A>(&channel, &name).unwrap_err(), error);
    }
}

#[test]
fn silence_is_a_timeout_and_a_closed_port_a_refusal() {
    let server = server();
    server.rule("*", Rule::drop());
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(2)
        .build_threaded()
        .unwrap();
    assert_eq!(
        query::<A>(&channel, "www.example.com").unwrap_err(),
        ErrorKind::Timeout
    );
    assert_eq!(server.query_count(), 2);
    let closed = server.address();
    drop(server);
    let channel = builder(&common::server())
        .servers([closed])
        .tries(1)
        .build_threaded()
        .unwrap();
    assert_eq!(
        query::<A>(&channel, "www.example.com").unwrap_err(),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn a_lost_answer_is_asked_for_again_and_counted_by_each_way_to_ask() {
    let timeouts = |ask: &dyn Fn(&Channel, Sender<usize>)| {
        let server = server();
        let seen = AtomicUsize::new(0);
        server.rule(
            "www.example.com",
            Rule::script(move |query| match seen.fetch_add(1, Ordering::Relaxed) {
                0 => Reply::nothing(),
                _ => Reply::message(query.answer()),
            }),
        );
        let builder = builder(&server).timeout(Duration::from_millis(250));
        let channel = builder.build_threaded().unwrap();
        wait(|sender| ask(&channel, sender))
    };
    let name = "www.example.com";
    let query = timeouts(&|channel, sender| {
        channel.query::<A>(name, move |answer| send(sender)(answer.unwrap().timeouts));
    });
    let exchange = timeouts(&|channel, sender| {
        let message = c_ares::Message::query(name, RecordType::A).unwrap();
        channel.exchange(&message, move |told| send(sender)(told.unwrap().timeouts));
    });
    let addrinfo = timeouts(&|channel, sender| {
        let hints = Hints::new().family(Family::V4);
        channel.addrinfo(name, &hints, move |info| {
            send(sender)(info.unwrap().timeouts)
        });
    });
    assert_eq!((query, exchange, addrinfo), (1, 1, 1));
}

#[test]
fn nonsense_is_a_bad_response() {
    let server = server();
    // The right id, a question, and an answer that is cut off.
    server.rule(
        "*",
        Rule::script(|query| {
            let mut wire = query.wire[..query.wire.len().min(29)].to_vec();
            wire[2] |= 0x80;
            wire[7] = 1;
            Reply::raw(wire)
        }),
    );
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(1)
        .build_threaded()
        .unwrap();
    let error = query::<A>(&channel, "www.example.com").unwrap_err();
    assert_eq!(error, ErrorKind::BadResponse);
}

#[test]
fn what_does_not_fit_into_a_datagram_comes_by_tcp() {
    let server = server();
    server.rule("www.example.com", Rule::truncate());
    let answer = query::<A>(&channel(&server), "www.example.com").unwrap();
    assert_eq!(answer.records.len(), 2);
    let transports: Vec<_> = server
        .queries()
        .iter()
        .map(|query| query.transport)
        .collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[test]
fn tcp_alone_if_so_wanted() {
    let server = server();
    let channel = builder(&server)
        .flags(Flags::USEVC)
        .build_threaded()
        .unwrap();
    query::<A>(&channel, "www.example.com").unwrap();
    let queries = server.queries();
    assert_eq!(queries[0].transport, Transport::Tcp);
    assert!(queries[0].edns().is_some(), "other flags leave EDNS on");
}

#[test]
fn ad_tells_that_the_server_has_verified_the_data() {
    let server = server();
    server.rule(
        "www.example.com",
        Rule::script(|query| {
            let mut answer: Message = query.answer();
            answer.metadata.authentic_data = true;
            Reply::message(answer)
        }),
    );
    let channel = channel(&server);
    assert!(
        query::<A>(&channel, "www.example.com")
            .unwrap()
            .authenticated
    );
    assert!(
        !query::<A>(&channel, "mail.example.com")
            .unwrap()
            .authenticated
    );
}

#[test]
fn a_search_tries_the_domains() {
    let server = server();
    let channel = builder(&server)
        .domains(["example.net", "example.com"])
        .query_cache(Duration::ZERO)
        .build_threaded()
        .unwrap();
    let answer = search::<A>(&channel, "host").unwrap();
    assert_eq!(answer.records[0].name, "host.example.com");
    assert_eq!(
        query::<A>(&channel, "host").unwrap_err(),
        ErrorKind::NotFound
    );
    // With a dot in it the name comes first, and with a dot at its end nothing else.
    server.take_queries();
    assert_eq!(
        search::<A>(&channel, "no.such").unwrap_err(),
        ErrorKind::NotFound
    );
    assert_eq!(
        search::<A>(&channel, "host.").unwrap_err(),
        ErrorKind::NotFound
    );
    let names: Vec<String> = server
        .queries()
        .iter()
        .map(|query| query.name.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "no.such.",
            "no.such.example.net.",
            "no.such.example.com.",
            "host."
        ]
    );
}

#[test]
fn a_search_asks_with_the_same_message_as_a_query() {
    let plain = server();
    let configurations: [fn(c_ares::Builder) -> c_ares::Builder; 4] = [
        |builder| builder,
        |builder| builder.flags(Flags::NOEDNS),
        |builder| builder.flags(Flags::NORECURSE),
        |builder| builder.edns_size(4096),
    ];
    for configure in configurations {
        let builder = builder(&plain).query_cache(Duration::ZERO);
        let channel = configure(builder).build_threaded().unwrap();
        query::<A>(&channel, "www.example.com").unwrap();
        search::<A>(&channel, "www.example.com").unwrap();
        let queries = plain.take_queries();
        let [one, two] = &queries[..] else {
            panic!("{queries:?}")
        };
        let without_id_and_cookie = |query: &testserver::Query| {
            let edns = query
                .edns()
                .map(|edns| (edns.max_payload(), edns.version(), edns.flags().dnssec_ok));
            (
                query.message.metadata.recursion_desired,
                query.record_type,
                query.class,
                edns,
            )
        };
        assert_eq!(without_id_and_cookie(one), without_id_and_cookie(two));
    }
}

#[test]
fn answers_are_cached_unless_the_cache_is_off() {
    let server = server();
    for (ttl, asked) in [(Duration::from_secs(60), 1), (Duration::ZERO, 3)] {
        let channel = builder(&server).query_cache(ttl).build_threaded().unwrap();
        for _ in 0..3 {
            query::<A>(&channel, "www.example.com").unwrap();
        }
        assert_eq!(server.take_queries().len(), asked);
    }
}

#[test]
fn the_cache_tells_apart_how_it_is_asked_and_ends_with_the_servers() {
    let server = server();
    let channel = channel(&server);
    let plain = || Query::new("www.example.com");
    let subnet = |text: &str| plain().client_subnet(text.parse().unwrap());
    let manners = [
        plain(),
        plain().dnssec_ok(true),
        plain().checking_disabled(true),
        plain().authentic_data(true),
        plain().recursion_desired(false),
        subnet("198.51.100.0/24"),
        subnet("203.0.113.0/24"),
    ];
    let ask_all = || {
        for query in manners.clone() {
            wait(|sender| channel.query::<A>(query, send(sender))).unwrap();
        }
        server.take_queries().len()
    };
    assert_eq!(ask_all(), manners.len());
    assert_eq!(ask_all(), 0);
    channel.set_servers([server.address()]).unwrap();
    assert_eq!(ask_all(), 0, "they are the same");
    channel
        .set_servers([server.address(), ([127, 0, 0, 9], 9).into()])
        .unwrap();
    assert_eq!(ask_all(), manners.len());
}

#[test]
fn no_more_queries_than_ids() {
    let server = server();
    server.rule("*", Rule::drop());
    let channel = builder(&server).max_queries(3).build_threaded().unwrap();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..2 {
        channel.query::<A>("www.example.com", send(sender.clone()));
    }
    // This one counts as two, and so does not fit any more.
    let refused = wait(|sender| {
        channel.addrinfo("www.example.com", &c_ares::Hints::new(), send(sender));
    });
    assert_eq!(refused.unwrap_err(), ErrorKind::TooManyQueries { limit: 3 });
    channel.query::<A>("www.example.com", send(sender.clone()));
    let refused = query::<A>(&channel, "www.example.com");
    assert_eq!(refused.unwrap_err(), ErrorKind::TooManyQueries { limit: 3 });
    channel.cancel_all().unwrap();
    assert_eq!(
        receiver
            .iter()
            .take(3)
            .filter(|answer| matches!(answer, Err(error) if *error == ErrorKind::Cancelled))
            .count(),
        3
    );
    // The ids are free again.
    server.clear("*");
    query::<A>(&channel, "www.example.com").unwrap();
}

/// It has 65,536 ids, and looks for a free one by trying.
#[test]
fn a_limit_at_which_c_ares_would_look_for_an_id_for_ever_is_refused() {
    let server = server();
    for (limit, taken) in [(1, false), (2, true), (32_768, true), (32_769, false)] {
        let built = builder(&server).max_queries(limit).build_threaded();
        match built {
            Ok(_) => assert!(taken, "{limit}"),
            Err(error) => {
                assert!(!taken, "{error}");
                assert!(error.to_string().starts_with("max_queries("), "{error}");
            }
        }
    }
}

#[test]
fn many_queries_at_once_each_get_one_answer() {
    const COUNT: usize = 1_000;
    let server = server();
    let channel = Arc::new(channel(&server));
    let (sender, receiver) = mpsc::channel();
    for number in 0..COUNT {
        let name = format!("n{number}.wild.example.com");
        channel.query::<A>(&name.clone(), {
            let sender = sender.clone();
            move |answer| sender.send((name, answer)).unwrap()
        });
    }
    drop(sender);
    let mut names = std::collections::HashSet::new();
    while let Ok((name, answer)) = receiver.recv_timeout(common::BOUND) {
        assert_eq!(answer.unwrap().records[0].name, name.as_str());
        assert!(names.insert(name), "told twice");
    }
    assert_eq!(names.len(), COUNT);
}
