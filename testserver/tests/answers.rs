//! What the server says from its zone.

mod client;

use client::{Tcp, Udp, ZONE, data, name, query, wire, with_edns};
use std::collections::BTreeSet;
use testserver::hickory::op::OpCode;
use testserver::hickory::rr::rdata::{NULL, TXT};
use testserver::{DNSClass, Message, RData, Record, RecordType, ResponseCode, Server};

fn ask(text: &str, record_type: RecordType) -> Message {
    let server = Server::start(ZONE).unwrap();
    Udp::to(server.address()).ask(&query(text, record_type))
}

fn owners(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| record.name.to_ascii())
        .collect()
}

/// The SOA record of a negative answer.
fn negative(answer: &Message) -> String {
    assert_eq!(answer.authorities.len(), 1, "{answer:?}");
    assert_eq!(answer.authorities[0].record_type(), RecordType::SOA);
    let soa = &answer.authorities[0];
    format!("{} {}", soa.name, soa.ttl)
}

#[test]
fn every_way_to_ask_gives_the_same_answer() {
    let server = Server::start(ZONE).unwrap();
    let addresses = [Some(server.address()), server.address_v6()];
    let asked = query("mail.example.com.", RecordType::AAAA);
    for address in addresses.into_iter().flatten() {
        for answer in [Udp::to(address).ask(&asked), Tcp::to(address).ask(&asked)] {
            assert_eq!(answer.metadata.id, asked.metadata.id);
            assert_eq!(answer.queries, asked.queries);
            assert_eq!(data(&answer.answers), ["2001:db8::25"]);
            assert_eq!(answer.answers[0].ttl, 300);
            assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
            assert!(answer.metadata.authoritative && answer.metadata.recursion_available);
            assert!(answer.metadata.recursion_desired && !answer.metadata.truncation);
            assert!(answer.edns.is_none());
        }
    }
}

#[test]
fn the_zone_has_every_type() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let expected: &[(&str, RecordType, &[&str])] = &[
        (
            "www.example.com.",
            RecordType::A,
            &["192.0.2.80", "192.0.2.81"],
        ),
        ("v6only.example.com.", RecordType::AAAA, &["2001:db8::6"]),
        (
            "store.example.com.",
            RecordType::CNAME,
            &["www.example.com."],
        ),
        (
            "example.com.",
            RecordType::NS,
            &["ns1.example.com.", "ns2.example.net."],
        ),
        (
            "example.com.",
            RecordType::SOA,
            &["ns1.example.com. hostmaster.example.com. 2025010101 7200 900 1209600 60"],
        ),
        (
            "example.com.",
            RecordType::MX,
            &["10 mail.example.com.", "20 mail.example.net."],
        ),
        (
            "80.2.0.192.in-addr.arpa.",
            RecordType::PTR,
            &["www.example.com."],
        ),
        (
            "0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
            RecordType::PTR,
            &["www.example.com."],
        ),
        (
            "_sip._tcp.example.com.",
            RecordType::SRV,
            &[
                "10 60 5060 sip1.example.com.",
                "10 40 5060 sip2.example.com.",
                "20 0 5060 sip.example.net.",
            ],
        ),
        (
            "example.com.",
            RecordType::CAA,
            &[
                "0 issue \"ca.example.net\"",
                "128 iodef \"mailto:security@example.com\"",
            ],
        ),
    ];
    for (owner, record_type, records) in expected {
        let answer = client.ask(&query(owner, *record_type));
        assert_eq!(data(&answer.answers), *records, "{owner} {record_type}");
    }
    for (owner, record_type) in [
        ("example.com.", RecordType::HTTPS),
        ("_svc.example.com.", RecordType::SVCB),
        ("_443._tcp.www.example.com.", RecordType::TLSA),
        ("e164.example.com.", RecordType::NAPTR),
        ("host.example.com.", RecordType::HINFO),
        ("host.example.com.", RecordType::SSHFP),
    ] {
        let answer = client.ask(&query(owner, record_type));
        assert_eq!(answer.answers.len(), 1, "{owner} {record_type}");
        assert_eq!(answer.answers[0].record_type(), record_type);
    }
}

#[test]
fn texts_keep_their_strings_and_bytes() {
    let answer = ask("example.com.", RecordType::TXT);
    let texts = answer.answers.iter().map(|record| match &record.data {
        RData::TXT(text) => text.txt_data.iter().map(|s| s.to_vec()).collect(),
        other => panic!("{other} is no TXT"),
    });
    let expected: BTreeSet<Vec<Vec<u8>>> = BTreeSet::from([
        vec![b"v=spf1 mx -all".to_vec()],
        vec![b"two strings, ".to_vec(), b"one record".to_vec()],
        vec!["Grüezi mitenand, 今日は".as_bytes().to_vec()],
    ]);
    assert_eq!(texts.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn any_gives_all_records_of_the_name() {
    let answer = ask("host.example.com.", RecordType::ANY);
    let types: BTreeSet<_> = answer.answers.iter().map(Record::record_type).collect();
    let expected = [RecordType::A, RecordType::HINFO, RecordType::SSHFP];
    assert_eq!(types, BTreeSet::from(expected));
}

#[test]
fn aliases_are_followed() {
    let answer = ask("shop.example.com.", RecordType::A);
    let expected = [
        "store.example.com.",
        "www.example.com.",
        "192.0.2.80",
        "192.0.2.81",
    ];
    assert_eq!(data(&answer.answers), expected);
    let expected = [
        "shop.example.com.",
        "store.example.com.",
        "www.example.com.",
        "www.example.com.",
    ];
    assert_eq!(owners(&answer.answers), expected);

    let answer = ask("partner.example.com.", RecordType::AAAA);
    assert_eq!(
        data(&answer.answers),
        ["www.example.net.", "2001:db8:2::80"]
    );
    // Asked for, the alias itself is the answer.
    let answer = ask("shop.example.com.", RecordType::CNAME);
    assert_eq!(data(&answer.answers), ["store.example.com."]);
}

#[test]
fn an_alias_may_lead_to_nothing() {
    let answer = ask("dangling.example.com.", RecordType::A);
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(data(&answer.answers), ["nowhere.example.com."]);
    assert_eq!(negative(&answer), "example.com. 60");

    let answer = ask("shop.example.com.", RecordType::MX);
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(
        answer.answers.len(),
        2,
        "both aliases and no MX: {answer:?}"
    );
    assert_eq!(negative(&answer), "example.com. 60");

    let answer = ask("loop.example.com.", RecordType::A);
    assert_eq!(answer.metadata.response_code, ResponseCode::ServFail);
    assert!(answer.answers.is_empty());
}

#[test]
fn no_such_name_and_no_such_data_come_with_the_soa() {
    let answer = ask("nosuch.example.net.", RecordType::A);
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(negative(&answer), "example.net. 30");
    for text in ["v4only.example.com.", "empty.example.com."] {
        let answer = ask(text, RecordType::AAAA);
        assert_eq!(
            answer.metadata.response_code,
            ResponseCode::NoError,
            "{text}"
        );
        assert!(answer.metadata.authoritative && answer.answers.is_empty());
        assert_eq!(negative(&answer), "example.com. 60");
    }
}

#[test]
fn a_name_outside_does_not_exist() {
    let answer = ask("www.example.org.", RecordType::A);
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert!(!answer.metadata.authoritative && answer.metadata.recursion_available);
    assert_eq!(negative(&answer), ". 60");
}

#[test]
fn a_wildcard_stands_for_the_names_below() {
    let answer = ask("any.thing.WILD.example.com.", RecordType::A);
    assert_eq!(owners(&answer.answers), ["any.thing.WILD.example.com."]);
    assert_eq!(data(&answer.answers), ["198.51.100.42"]);
    let answer = ask("any.wild.example.com.", RecordType::MX);
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(negative(&answer), "example.com. 60");
    let answer = ask("wild.example.com.", RecordType::A);
    assert!(
        answer.answers.is_empty(),
        "a wildcard is not its own parent"
    );
}

#[test]
fn a_name_that_exists_hides_the_wildcard() {
    let zone = "* A 192.0.2.1\na.b A 192.0.2.2\n";
    let server = Server::start(zone).unwrap();
    let client = Udp::to(server.address());
    let answer = client.ask(&query("other.", RecordType::A));
    assert_eq!(data(&answer.answers), ["192.0.2.1"]);
    let answer = client.ask(&query("c.b.", RecordType::A));
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
}

#[test]
fn the_case_of_the_question_is_kept() {
    let server = Server::start(ZONE).unwrap();
    let asked = wire(&query("wWw.ExAmPlE.cOm.", RecordType::A));
    let client = Udp::to(server.address());
    client.send(&asked);
    let answer = client.receive();
    assert_eq!(
        answer[12..asked.len()],
        asked[12..],
        "the question, byte for byte"
    );
    let answer = Message::from_vec(&answer).unwrap();
    assert!(answer.answers[0].name.eq_case(&name("wWw.ExAmPlE.cOm.")));
    assert!(server.queries()[0].name.eq_case(&name("wWw.ExAmPlE.cOm.")));
}

#[test]
fn edns_is_answered_with_edns() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let mut asked = with_edns(query("www.example.com.", RecordType::A), 4096);
    let edns = client.ask(&asked).edns.expect("an OPT record");
    assert_eq!((edns.version(), edns.flags().dnssec_ok), (0, false));
    assert_eq!(edns.max_payload(), 1232);

    asked.edns.as_mut().unwrap().set_dnssec_ok(true);
    assert!(client.ask(&asked).edns.unwrap().flags().dnssec_ok);

    asked.edns.as_mut().unwrap().set_version(1);
    let answer = client.ask(&asked);
    assert_eq!(u16::from(answer.metadata.response_code), 16, "BADVERS");
    assert!(answer.answers.is_empty());
}

#[test]
fn what_the_client_does_not_take_is_truncated() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let asked = query("many.example.com.", RecordType::AAAA);
    for small in [asked.clone(), with_edns(asked.clone(), 512)] {
        let answer = client.ask(&small);
        assert!(answer.metadata.truncation && answer.answers.is_empty());
        assert_eq!(answer.queries, asked.queries);
        assert_eq!(answer.edns.is_some(), small.edns.is_some());
    }
    let whole = [
        client.ask(&with_edns(asked.clone(), 1232)),
        Tcp::to(server.address()).ask(&asked),
    ];
    for answer in whole {
        assert!(!answer.metadata.truncation);
        assert_eq!(answer.answers.len(), 20);
    }
}

#[test]
fn other_classes_are_refused() {
    let server = Server::start(ZONE).unwrap();
    let mut asked = query("version.bind.", RecordType::TXT);
    asked.queries[0].set_query_class(DNSClass::CH);
    let answer = Udp::to(server.address()).ask(&asked);
    assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    assert_eq!(answer.queries, asked.queries);
}

#[test]
fn what_is_no_query_is_told_so_or_ignored() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let good = query("www.example.com.", RecordType::A);

    let mut two = good.clone();
    two.queries.push(good.queries[0].clone());
    let mut none = good.clone();
    none.queries.clear();
    let mut cut = wire(&good);
    cut.truncate(20);
    for message in [wire(&two), wire(&none), cut] {
        client.send(&message);
        let answer = Message::from_vec(&client.receive()).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::FormErr);
        assert_eq!(answer.metadata.id, good.metadata.id);
    }
    let mut notify = good.clone();
    notify.metadata.op_code = OpCode::Notify;
    let answer = client.ask(&notify);
    assert_eq!(answer.metadata.response_code, ResponseCode::NotImp);
    assert_eq!(answer.metadata.op_code, OpCode::Notify);

    client.expect_silence(&good.clone().into_response(), &good);
    client.send(b"short");
    client.send(b"");
    client.ask(&good);
    assert_eq!(server.malformed_count(), 7);
    assert_eq!(server.query_count(), 2, "only what is a query is one");
}

#[test]
fn records_that_a_zone_file_cannot_say_are_added() {
    let bytes: &[u8] = &[0, 0xff, b'"'];
    let server = Server::builder()
        .zone("known 7 A 192.0.2.1\n")
        .record(Record::from_rdata(
            name("known"),
            8,
            RData::TXT(TXT::from_bytes(vec![bytes])),
        ))
        .record(Record::from_rdata(
            name("unknown."),
            9,
            RData::Unknown {
                code: RecordType::Unknown(65_280),
                rdata: NULL::with(bytes.to_vec()),
            },
        ))
        .start()
        .unwrap();
    let client = Udp::to(server.address());
    let answer = client.ask(&query("known.", RecordType::TXT));
    assert_eq!(
        answer.answers[0].data,
        RData::TXT(TXT::from_bytes(vec![bytes]))
    );
    client.send(&wire(&query("unknown.", RecordType::Unknown(65_280))));
    assert!(
        client
            .receive()
            .ends_with(&[0, 0, 0, 9, 0, 3, 0, 0xff, b'"'])
    );
}

#[test]
fn zones_are_read_from_files_and_several_go_together() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/zones/example.zone");
    let server = Server::builder()
        .zone_file(file)
        .zone("$ORIGIN example.org.\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.99\n")
        .start()
        .unwrap();
    let client = Udp::to(server.address());
    let answer = client.ask(&query("www.example.org.", RecordType::A));
    assert_eq!(data(&answer.answers), ["192.0.2.99"]);
    let answer = client.ask(&query("v4only.example.com.", RecordType::A));
    assert_eq!(data(&answer.answers), ["198.51.100.4"]);

    let error = Server::builder().zone_file("no/such.zone").start();
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("no/such.zone: "), "{error}");
}
