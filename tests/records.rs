//! Record types: what comes of each.

mod common;

use std::fmt::Debug;
use std::sync::mpsc;

use c_ares::{
    A, Aaaa, Caa, Class, Cname, Hinfo, Https, Mx, Naptr, Ns, Ptr, RData, RecordType, Sig, Soa, Srv,
    Svcb, Tlsa, Txt, TypedData, Uri,
};
use common::{Driven, channel, lines, query, query_type, send, server};
use testserver::{Reply, Rule, Server};

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
fn bytes_that_are_no_text_stay_what_they_are() {
    assert_wire::<Txt>(b"\x04\xff\x00\"\xc3", r#""\255\000\"\195""#);
    assert_wire::<Caa>(b"\x00\x05issue\xff\x00\xc3", r#"0 issue "\255\000\195""#);
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
