//! Messages sent as they are, and queries that differ from what the channel does.

mod common;

use std::sync::{Arc, mpsc};
use std::time::Duration;

use c_ares::{
    A, Channel, Class, EdnsOption, ErrorKind, Flags, HeaderFlags, Message, Mx, Opt, Query, RData,
    Rcode, Record, RecordType, Result, Section, Txt,
};
use common::{BOUND, Driven, builder, channel, query, send, server, wait};
use testserver::{Reply, ResponseCode, Rule, Server};

/// What a closure was told of a response, to keep.
type Told = Result<(Message, usize, Option<u16>)>;

fn exchange(channel: &Channel, message: &Message) -> Told {
    wait(|sender| {
        channel.exchange(message, move |response| {
            let told = response.and_then(|response| {
                let copy = response.message.try_clone()?;
                Ok((copy, response.timeouts, response.id))
            });
            sender.send(told).unwrap();
        });
    })
}

fn search(channel: &Channel, message: &Message) -> Told {
    wait(|sender| {
        channel.search_message(message, move |response| {
            let told = response.and_then(|response| {
                let copy = response.message.try_clone()?;
                Ok((copy, response.timeouts, response.id))
            });
            sender.send(told).unwrap();
        });
    })
}

fn a(name: &str) -> Message {
    Message::query(name, RecordType::A).unwrap()
}

#[test]
fn the_response_has_all_sections_and_the_id_that_was_sent() {
    let server = server();
    let (message, timeouts, id) = exchange(&channel(&server), &a("www.example.com")).unwrap();
    assert_eq!(message.records::<A>(Section::Answer).unwrap().len(), 2);
    assert!(message.header().flags.contains(HeaderFlags::QR));
    assert_eq!(message.questions().next().unwrap().name, "www.example.com");
    assert_eq!(timeouts, 0);
    let sent = server.queries()[0].message.metadata.id;
    assert_eq!(id, Some(sent));
    assert_eq!(message.header().id, sent);
}

#[test]
fn every_rcode_is_a_response() {
    let server = server();
    let channel = builder(&server).tries(1).build_threaded().unwrap();
    for (code, rcode) in [
        (ResponseCode::FormErr, Rcode::FORMERR),
        (ResponseCode::ServFail, Rcode::SERVFAIL),
        (ResponseCode::NXDomain, Rcode::NXDOMAIN),
        (ResponseCode::NotImp, Rcode::NOTIMP),
        (ResponseCode::Refused, Rcode::REFUSED),
        (ResponseCode::YXDomain, Rcode::YXDOMAIN),
        (ResponseCode::NotAuth, Rcode::NOTAUTH),
    ] {
        server.rule("*", Rule::rcode(code));
        let told = exchange(&channel, &a(&format!("{code:?}.example.com")));
        assert_eq!(told.unwrap().0.header().rcode, rcode);
    }
}

#[test]
fn silence_is_an_error_that_says_what_was_asked() {
    let server = server();
    server.rule("*", Rule::drop());
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(1)
        .build_threaded()
        .unwrap();
    let error = exchange(&channel, &a("www.example.com")).unwrap_err();
    assert_eq!(error, ErrorKind::Timeout);
    assert_eq!(error.question(), Some("www.example.com A"));
    assert_eq!(error.servers().len(), 1);
}

#[test]
fn an_answer_from_the_cache_has_no_id() {
    let server = server();
    let channel = builder(&server)
        .query_cache(Duration::from_secs(60))
        .build_threaded()
        .unwrap();
    let message = a("www.example.com");
    assert!(exchange(&channel, &message).unwrap().2.is_some());
    assert_eq!(exchange(&channel, &message).unwrap().2, None);
    assert_eq!(server.query_count(), 1);
    assert!(query::<A>(&channel, "v4only.example.com").is_err() || server.query_count() == 2);
    let first = query::<A>(&channel, "mail.example.com").unwrap();
    let second = query::<A>(&channel, "mail.example.com").unwrap();
    assert!(first.id.is_some());
    assert_eq!(second.id, None);
    assert_eq!(first.records.len(), second.records.len());
}

#[test]
fn an_answer_has_the_id_of_its_query() {
    let server = server();
    let answer = query::<A>(&channel(&server), "www.example.com").unwrap();
    assert_eq!(answer.id, Some(server.queries()[0].message.metadata.id));
    let search = common::search::<A>(&channel(&server), "www").unwrap();
    assert_eq!(search.id, None);
}

#[test]
fn a_message_that_c_ares_does_not_send_is_told_to_its_closure() {
    let server = server();
    let channel = channel(&server);
    let empty = Message::new(Default::default()).unwrap();
    let mut two = a("www.example.com");
    two.add_question("example.com", RecordType::A, Class::IN)
        .unwrap();
    for (message, kind) in [
        (&empty, ErrorKind::BadQuery),
        (&two, ErrorKind::BadQuery),
        (&a("a..b"), ErrorKind::BadName),
    ] {
        assert_eq!(exchange(&channel, message).unwrap_err(), kind);
        assert_eq!(search(&channel, message).unwrap_err(), kind);
    }
    let error = exchange(&channel, &empty).unwrap_err();
    assert_eq!(error.question(), Some("a message without a question"));
    assert_eq!(server.query_count(), 0);
}

#[test]
fn a_search_with_a_message_tries_the_domains() {
    let server = server();
    let channel = channel(&server);
    let mut message = a("www");
    let mut edns = Opt::default();
    edns.options.push(EdnsOption::Nsid(Vec::new()));
    message.set_edns(Some(&edns)).unwrap();
    let (found, _, id) = search(&channel, &message).unwrap();
    assert_eq!(found.records::<A>(Section::Answer).unwrap().len(), 2);
    assert_eq!(found.questions().next().unwrap().name, "www.example.com");
    assert_eq!(id, None);
    let asked = server.queries();
    let options = asked.last().unwrap().edns().unwrap().options().as_ref();
    assert!(
        options.iter().any(|(code, _)| u16::from(*code) == 3),
        "{options:?}"
    );
    let error = search(&channel, &a("nowhere")).unwrap_err();
    assert_eq!(error, ErrorKind::NotFound);
    assert_eq!(error.question(), Some("nowhere A"));
    // The message itself is left as it was.
    assert_eq!(message.questions().next().unwrap().name, "www");
}

/// c-ares counted the pointers of compressed names from the wrong place
/// (tests/upstream/sent_pointers.c); the second query over TCP waits behind the first.
#[test]
fn a_message_of_many_names_arrives_as_it_is() {
    for flags in [Flags::NONE, Flags::USEVC] {
        let server = server();
        let builder = builder(&server).flags(flags).query_cache(Duration::ZERO);
        let channel = builder.build_threaded().unwrap();
        let mut message = Message::query("example.com", RecordType::SOA).unwrap();
        let names = ["www.example.com", "example.com", "a.www.example.com"];
        for name in names {
            let exchange = "mail.www.example.com".into();
            let mx = Mx {
                preference: 1,
                exchange,
            };
            message
                .add_record(Section::Authority, &Record::new(name, 60, mx))
                .unwrap();
        }
        let told: Vec<_> = (0..3)
            .map(|_| {
                let (sender, receiver) = mpsc::channel();
                channel.exchange(&message, move |response| {
                    sender.send(response.map(|_| ())).unwrap();
                });
                receiver
            })
            .collect();
        told.iter()
            .for_each(|told| drop(told.recv_timeout(BOUND).unwrap()));
        assert_eq!(server.malformed_count(), 0);
        let queries = server.queries();
        assert_eq!(queries.len(), 3);
        for query in &queries {
            let seen = Message::parse(&query.wire).unwrap();
            let records = seen.records::<RData>(Section::Authority).unwrap();
            assert_eq!(
                records,
                message.records::<RData>(Section::Authority).unwrap()
            );
        }
    }
}

/// What the server saw of one query.
fn seen(server: &Server) -> testserver::Query {
    server.take_queries().pop().unwrap()
}

#[test]
fn a_query_says_how_it_is_asked() {
    let server = server();
    let channel = builder(&server)
        .query_cache(Duration::ZERO)
        .build_threaded()
        .unwrap();
    let plain = || Query::new("www.example.com");
    let ask = |how: Query<'_>| {
        wait(|sender| channel.query::<A>(how, send(sender))).unwrap();
        seen(&server)
    };

    let usual = ask(plain());
    let metadata = &usual.message.metadata;
    assert!(metadata.recursion_desired && !metadata.checking_disabled);
    assert!(!metadata.authentic_data && !usual.edns().unwrap().flags().dnssec_ok);

    assert!(
        ask(plain().dnssec_ok(true))
            .edns()
            .unwrap()
            .flags()
            .dnssec_ok
    );
    assert!(
        !ask(plain().dnssec_ok(true).dnssec_ok(false))
            .edns()
            .unwrap()
            .flags()
            .dnssec_ok
    );
    assert!(
        ask(plain().checking_disabled(true))
            .message
            .metadata
            .checking_disabled
    );
    assert!(
        ask(plain().authentic_data(true))
            .message
            .metadata
            .authentic_data
    );
    let without = ask(plain().recursion_desired(false));
    assert!(!without.message.metadata.recursion_desired);
    assert!(without.edns().is_some());

    let subnet = ask(plain().client_subnet("198.51.100.0/24".parse().unwrap()));
    let wire = subnet.message.to_vec().unwrap();
    assert!(
        wire.windows(11)
            .any(|bytes| bytes == [0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100]),
        "{wire:x?}"
    );
}

/// However it is asked, no answer is the same error: for some c-ares says it, for others not.
#[test]
fn what_the_server_says_is_the_error_in_whatever_manner_it_is_asked() {
    let server = server();
    let builder = builder(&server).tries(1).query_cache(Duration::ZERO);
    let channel = builder.build_threaded().unwrap();
    let manners = [
        Query::new("nowhere.example.com"),
        Query::new("nowhere.example.com").checking_disabled(true),
        Query::new("nowhere.example.com").dnssec_ok(true),
    ];
    for code in 0..12 {
        server.rule("*", Rule::rcode(ResponseCode::from(0, code)));
        let told = manners.clone().map(|query| {
            let error = wait(|sender| channel.query::<A>(query, send(sender))).unwrap_err();
            error.kind().clone()
        });
        assert_eq!(told[0], told[1], "rcode {code}");
        assert_eq!(told[0], told[2], "rcode {code}");
        assert_eq!(
            told[0] == ErrorKind::NotFound,
            code == 3,
            "{code}: {told:?}"
        );
    }
}

#[test]
fn a_query_may_differ_from_the_channel() {
    let server = server();
    let channel = builder(&server)
        .flags(Flags::NORECURSE | Flags::NOEDNS)
        .query_cache(Duration::ZERO)
        .build_threaded()
        .unwrap();
    for how in [
        Query::new("www.example.com"),
        Query::new("www.example.com").checking_disabled(true),
    ] {
        wait(|sender| channel.query::<A>(how, send(sender))).unwrap();
        let query = seen(&server);
        assert!(!query.message.metadata.recursion_desired && query.edns().is_none());
    }
    let how = Query::new("www.example.com")
        .recursion_desired(true)
        .dnssec_ok(true);
    wait(|sender| channel.query::<A>(how, send(sender))).unwrap();
    let query = seen(&server);
    assert!(query.message.metadata.recursion_desired);
    let edns = query.edns().unwrap();
    assert!(edns.flags().dnssec_ok);
    assert_eq!(edns.max_payload(), 1232);
}

#[test]
fn a_query_may_be_of_another_class() {
    let server = server();
    server.rule(
        "version.bind",
        Rule::script(|query| {
            assert_eq!(
                query.message.queries[0].query_class,
                testserver::DNSClass::CH
            );
            let mut wire = query.response().to_vec().unwrap();
            wire[7] = 1;
            wire.truncate(12 + 14 + 4);
            wire[11] = 0;
            wire.extend([0xc0, 12, 0, 16, 0, 3, 0, 0, 0, 0, 0, 2, 1, b'9']);
            Reply::raw(wire)
        }),
    );
    let channel = channel(&server);
    let how = Query::new("version.bind").class(Class::CH);
    let answer = wait(|sender| channel.query::<Txt>(how, send(sender))).unwrap();
    assert_eq!(
        answer.records[0].to_string(),
        r#"version.bind. 0 CH TXT "9""#
    );
    let how = Query::new("version.bind").class(Class(42));
    let error = wait(|sender| channel.query::<Txt>(how, send(sender))).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("version.bind CLASS42 TXT: the class CLASS42: "),
        "{error}"
    );
}

#[test]
fn a_search_may_differ_too() {
    let server = server();
    let channel = channel(&server);
    let how = Query::new("www").dnssec_ok(true).checking_disabled(true);
    let answer = wait(|sender| channel.search::<A>(how, send(sender))).unwrap();
    assert_eq!(answer.records.len(), 2);
    let query = seen(&server);
    assert!(query.edns().unwrap().flags().dnssec_ok);
    assert!(query.message.metadata.checking_disabled);
}

#[test]
fn names_come_in_many_forms() {
    let server = server();
    let channel = channel(&server);
    let text = "www.example.com".to_owned();
    let name = c_ares::Name::from("www.example.com");
    let ask = |query: Query<'_>| wait(|sender| channel.query::<A>(query, send(sender))).unwrap();
    for query in [
        Query::from("www.example.com"),
        Query::from(&text),
        Query::from(text.clone()),
        Query::from(&name),
        Query::from(&std::borrow::Cow::Borrowed("www.example.com")),
    ] {
        assert_eq!(ask(query).records.len(), 2);
    }
}

/// In a closure of another channel the message is copied, and sent when no lock is held.
#[test]
fn an_exchange_on_another_channel_is_put_off() {
    let server = server();
    let (one, other) = (Driven::new(&server), Arc::new(channel(&server)));
    // Were it dropped in the closure, it would tell its queries that it is gone.
    let _kept = Arc::clone(&other);
    let (sender, receiver) = mpsc::channel();
    one.channel.query::<A>("www.example.com", move |_| {
        let message = a("mail.example.com");
        let told = sender.clone();
        other.exchange(&message, move |response| {
            let records = response.unwrap().message.records::<RData>(Section::Answer);
            told.send(records.unwrap().len()).unwrap();
        });
        // Nothing was told yet, and the copy outlives this.
        drop(message);
        sender.send(usize::MAX).unwrap();
    });
    assert_eq!(one.receive(&receiver), usize::MAX);
    assert_eq!(receiver.recv_timeout(BOUND).unwrap(), 1);
}
