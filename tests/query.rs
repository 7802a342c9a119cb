//! Queries and what comes of them: each record type, each way to fail.

mod common;

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use c_ares::{
    A, Aaaa, Answer, Caa, Channel, Class, Cname, Error, Flags, Hinfo, Https, Mx, Naptr, Ns, Ptr,
    RData, RecordType, Result, Sig, Soa, Srv, Svcb, Tlsa, Txt, TypedData, Uri,
};
use common::{Driven, builder, send, server, wait};
use testserver::{Message, Reply, ResponseCode, Rule, Server, Transport};

fn channel(server: &Server) -> Channel {
    builder(server).build_threaded().unwrap()
}

fn query<T: TypedData>(channel: &Channel, name: &str) -> Result<Answer<T>> {
    wait(|sender| channel.query::<T>(name, send(sender)))
}

fn search<T: TypedData>(channel: &Channel, name: &str) -> Result<Answer<T>> {
    wait(|sender| channel.search::<T>(name, send(sender)))
}

fn query_type(channel: &Channel, name: &str, record_type: RecordType) -> Result<Answer<RData>> {
    wait(|sender| channel.query_type(name, record_type, send(sender)))
}

/// The lines of an answer, in an order of their own.
fn lines<T: c_ares::RecordData>(answer: Result<Answer<T>>) -> Vec<String> {
    let mut lines: Vec<String> = answer
        .unwrap()
        .records
        .iter()
        .map(ToString::to_string)
        .collect();
    lines.sort();
    lines
}

/// Asks driven and threaded, for a type known to the compiler and for the same type
/// as a number: the answers are the same.
#[track_caller]
fn assert_records<T>(name: &str, expected: &[&str])
where
    T: TypedData + PartialEq + Debug,
    RData: From<T>,
{
    let server = server();
    let threaded = channel(&server);
    let answer = query::<T>(&threaded, name);
    let any = query_type(&threaded, name, T::TYPE).unwrap();
    for (typed, any) in answer.as_ref().unwrap().records.iter().zip(&any.records) {
        assert_eq!(RData::from(typed.data.clone()), any.data);
        assert_eq!(typed.class, Class::IN);
    }
    assert_eq!(lines(answer), expected);

    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<T>(name, send(sender));
    assert_eq!(lines(driven.receive(&receiver)), expected);
}

#[test]
fn a() {
    assert_records::<A>(
        "www.example.com",
        &[
            "www.example.com. 300 IN A 192.0.2.80",
            "www.example.com. 300 IN A 192.0.2.81",
        ],
    );
}

#[test]
fn aaaa() {
    assert_records::<Aaaa>(
        "www.example.com",
        &["www.example.com. 300 IN AAAA 2001:db8::80"],
    );
}

#[test]
fn cname() {
    assert_records::<Cname>(
        "store.example.com",
        &["store.example.com. 60 IN CNAME www.example.com."],
    );
}

#[test]
fn ns() {
    assert_records::<Ns>(
        "example.com",
        &[
            "example.com. 300 IN NS ns1.example.com.",
            "example.com. 300 IN NS ns2.example.net.",
        ],
    );
}

#[test]
fn soa() {
    assert_records::<Soa>(
        "example.com",
        &[
            "example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 2025010101 7200 900 1209600 60",
        ],
    );
}

#[test]
fn ptr() {
    assert_records::<Ptr>(
        "25.2.0.192.in-addr.arpa",
        &["25.2.0.192.in-addr.arpa. 300 IN PTR mail.example.com."],
    );
}

#[test]
fn mx() {
    assert_records::<Mx>(
        "example.com",
        &[
            "example.com. 300 IN MX 10 mail.example.com.",
            "example.com. 300 IN MX 20 mail.example.net.",
        ],
    );
}

#[test]
fn txt() {
    assert_records::<Txt>(
        "example.com",
        &[
            r#"example.com. 300 IN TXT "Gr\195\188ezi mitenand, \228\187\138\230\151\165\227\129\175""#,
            r#"example.com. 300 IN TXT "two strings, " "one record""#,
            r#"example.com. 300 IN TXT "v=spf1 mx -all""#,
        ],
    );
    let server = server();
    let answer = query::<Txt>(&channel(&server), "example.com").unwrap();
    let joined: Vec<_> = answer
        .records
        .iter()
        .map(|record| record.data.joined())
        .collect();
    assert!(joined.contains(&b"two strings, one record".to_vec()));
}

#[test]
fn srv() {
    assert_records::<Srv>(
        "_sip._tcp.example.com",
        &[
            "_sip._tcp.example.com. 300 IN SRV 10 40 5060 sip2.example.com.",
            "_sip._tcp.example.com. 300 IN SRV 10 60 5060 sip1.example.com.",
            "_sip._tcp.example.com. 300 IN SRV 20 0 5060 sip.example.net.",
        ],
    );
}

#[test]
fn hinfo() {
    assert_records::<Hinfo>(
        "host.example.com",
        &[r#"host.example.com. 300 IN HINFO "RISC-V" "Linux""#],
    );
}

#[test]
fn naptr() {
    assert_records::<Naptr>(
        "e164.example.com",
        &[r#"e164.example.com. 300 IN NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" ."#],
    );
}

#[test]
fn tlsa() {
    assert_records::<Tlsa>(
        "_443._tcp.www.example.com",
        &["_443._tcp.www.example.com. 300 IN TLSA 3 1 1 \
           9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    );
}

#[test]
fn svcb() {
    assert_records::<Svcb>(
        "_svc.example.com",
        &["_svc.example.com. 300 IN SVCB 2 www.example.com. port=8443"],
    );
}

#[test]
fn https() {
    assert_records::<Https>(
        "example.com",
        &[r#"example.com. 300 IN HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.10"#],
    );
}

#[test]
fn caa() {
    assert_records::<Caa>(
        "example.com",
        &[
            r#"example.com. 300 IN CAA 0 issue "ca.example.net""#,
            r#"example.com. 300 IN CAA 128 iodef "mailto:security@example.com""#,
        ],
    );
}

/// For types that the server's zone files cannot have: `rdata` as it is on the wire.
#[track_caller]
fn assert_wire<T>(rdata: &'static [u8], expected: &str)
where
    T: TypedData + PartialEq,
{
    let server = server();
    server.rule(
        "wire.example.com",
        Rule::script(|query| {
            let mut response = query.response();
            response.add_answer(testserver::Record::from_rdata(
                query.name.clone(),
                60,
                testserver::RData::Unknown {
                    code: query.record_type,
                    rdata: testserver::hickory::rr::rdata::NULL::with(rdata.to_vec()),
                },
            ));
            Reply::message(response)
        }),
    );
    let expected = format!("wire.example.com. 60 IN {} {expected}", T::TYPE);
    assert_eq!(
        lines(query::<T>(&channel(&server), "wire.example.com")),
        [expected]
    );
}

#[test]
fn uri() {
    assert_wire::<Uri>(
        b"\x00\x0a\x00\x01https://example.com/\x22",
        r#"10 1 "https://example.com/\"""#,
    );
}

#[test]
fn sig() {
    assert_wire::<Sig>(
        b"\x00\x01\x05\x02\x00\x00\x0e\x10\x00\x00\x00\x02\x00\x00\x00\x01\x12\x34\x07example\x00abc",
        "A 5 2 3600 2 1 4660 example. YWJj",
    );
}

#[test]
fn an_answer_of_any_type_has_the_data_of_each() {
    let server = server();
    let channel = channel(&server);
    let answer = query_type(&channel, "example.com", RecordType::ANY).unwrap();
    let types: std::collections::BTreeSet<String> = answer
        .records
        .iter()
        .map(|record| c_ares::RecordData::record_type(&record.data).to_string())
        .collect();
    assert_eq!(
        types.into_iter().collect::<Vec<_>>(),
        ["A", "AAAA", "CAA", "HTTPS", "MX", "NS", "SOA", "TXT"]
    );
}

#[test]
fn a_type_without_a_structure_comes_as_bytes() {
    let server = server();
    assert_eq!(
        lines(query_type(
            &channel(&server),
            "host.example.com",
            RecordType::SSHFP
        )),
        [format!(
            "host.example.com. 300 IN SSHFP \\# 34 0402{}",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        )]
    );
}

#[test]
fn an_alias_leads_to_the_records_behind_it() {
    let server = server();
    let answer = query::<A>(&channel(&server), "shop.example.com").unwrap();
    assert_eq!(answer.records.len(), 2);
    assert_eq!(answer.records[0].name, "www.example.com");
}

#[test]
fn owner_names_of_one_answer_share_their_storage() {
    let server = server();
    let answer = query::<Aaaa>(&channel(&server), "many.example.com").unwrap();
    assert_eq!(answer.records.len(), 20);
    let first = answer.records[0].name.as_str().as_ptr();
    assert!(
        answer
            .records
            .iter()
            .all(|record| record.name.as_str().as_ptr() == first)
    );
}

#[test]
fn the_root_has_a_name() {
    let server = Server::start(". 60 IN NS a.root-servers.example.").unwrap();
    let channel = channel(&server);
    for name in ["", "."] {
        assert_eq!(
            lines(query::<Ns>(&channel, name)),
            [". 60 IN NS a.root-servers.example."]
        );
    }
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
        ("nowhere.example.com", Error::NotFound),
        ("v6only.example.com", Error::NoData),
        ("empty.example.com", Error::NoData),
        ("dangling.example.com", Error::NotFound),
    ] {
        assert_eq!(query::<A>(&channel, name).unwrap_err(), error, "{name}");
    }
    // The alias exists, what it stands for has no such record: only the CNAME comes.
    assert_eq!(
        query::<Mx>(&channel, "store.example.com").unwrap_err(),
        Error::NoData
    );
}

#[test]
fn what_the_server_says_is_the_error() {
    let server = server();
    let channel = builder(&server).tries(1).build_threaded().unwrap();
    for (code, error) in [
        (ResponseCode::FormErr, Error::FormErr),
        (ResponseCode::ServFail, Error::ServFail),
        (ResponseCode::NXDomain, Error::NotFound),
        (ResponseCode::NotImp, Error::NotImplemented),
        (ResponseCode::Refused, Error::Refused),
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
        Error::Timeout
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
        Error::ConnectionRefused
    );
}

#[test]
fn a_lost_answer_is_asked_for_again_and_counted() {
    let server = server();
    let seen = AtomicUsize::new(0);
    server.rule(
        "www.example.com",
        Rule::script(move |query| match seen.fetch_add(1, Ordering::Relaxed) {
            0 => Reply::nothing(),
            _ => Reply::message(query.answer()),
        }),
    );
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .build_threaded()
        .unwrap();
    assert_eq!(query::<A>(&channel, "www.example.com").unwrap().timeouts, 1);
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
    assert!(
        matches!(error, Error::BadResponse | Error::Timeout),
        "{error}"
    );
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
    assert_eq!(query::<A>(&channel, "host").unwrap_err(), Error::NotFound);
    // With a dot in it the name comes first, and with a dot at its end nothing else.
    server.take_queries();
    assert_eq!(
        search::<A>(&channel, "no.such").unwrap_err(),
        Error::NotFound
    );
    assert_eq!(search::<A>(&channel, "host.").unwrap_err(), Error::NotFound);
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
    assert_eq!(refused.unwrap_err(), Error::TooManyQueries { limit: 3 });
    channel.query::<A>("www.example.com", send(sender.clone()));
    let refused = query::<A>(&channel, "www.example.com");
    assert_eq!(refused.unwrap_err(), Error::TooManyQueries { limit: 3 });
    channel.cancel_all().unwrap();
    assert_eq!(
        receiver
            .iter()
            .take(3)
            .filter(|answer| *answer == Err(Error::Cancelled))
            .count(),
        3
    );
    // The ids are free again.
    server.clear("*");
    query::<A>(&channel, "www.example.com").unwrap();
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
