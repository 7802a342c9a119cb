//! What the server sends when it misbehaves is what it claims to be.

mod client;

use client::{PATIENCE, Tcp, Udp, data, query, wire};
use std::io::{ErrorKind, Read};
use testserver::hickory::op::Edns;
use testserver::hickory::rr::rdata::opt::EdnsOption;
use testserver::{End, Message, Misbehaviour, RIGHT, RecordType, Rule, Server, WRONG};
use testserver::{ResponseCode, Section, Wire, name};

const CLIENT_COOKIE: [u8; 8] = *b"client's";
/// Where the question ends and the first record starts.
const RECORDS: usize = 12 + 17 + 4;

fn server(how: Misbehaviour) -> Server {
    let rule = Rule::misbehave(how);
    Server::builder().rule("*", rule).start().unwrap()
}

fn asked() -> Message {
    query("www.example.com.", RecordType::A)
}

fn with_cookie(cookie: &[u8]) -> Message {
    let mut edns = Edns::new();
    let options = edns.options_mut();
    options.insert(EdnsOption::Unknown(10, cookie.to_vec()));
    let mut message = asked();
    message.set_edns(edns);
    message
}

/// The bytes of the first answer over UDP, and the query.
fn udp_to(how: Misbehaviour, message: &Message) -> Vec<u8> {
    let server = server(how);
    let client = Udp::to(server.address());
    client.send(&wire(message));
    client.receive()
}

fn udp(how: Misbehaviour) -> (Vec<u8>, Message) {
    let message = asked();
    (udp_to(how, &message), message)
}

fn parsed(how: Misbehaviour) -> (Message, Message) {
    let (bytes, asked) = udp(how);
    let answer = Message::from_vec(&bytes).unwrap_or_else(|error| panic!("{how:?}: {error}"));
    (answer, asked)
}

fn unparsable(how: Misbehaviour) -> Vec<u8> {
    let (bytes, asked) = udp(how);
    assert_eq!(bytes[..2], asked.metadata.id.to_be_bytes());
    assert!(Message::from_vec(&bytes).is_err(), "{how:?}: {bytes:?}");
    bytes
}

fn number(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn text(address: [u8; 4]) -> [String; 1] {
    [std::net::Ipv4Addr::from(address).to_string()]
}

#[test]
fn the_right_answer_is_right() {
    let (answer, asked) = parsed(Misbehaviour::None);
    assert_eq!(answer.metadata.id, asked.metadata.id);
    assert_eq!(answer.queries, asked.queries);
    assert_eq!(data(&answer.answers), text(RIGHT));
}

#[test]
fn forged_answers_differ_in_one_thing() {
    let (answer, asked) = parsed(Misbehaviour::Id);
    assert_ne!(answer.metadata.id, asked.metadata.id);
    assert_eq!(answer.queries, asked.queries);
    assert_eq!(data(&answer.answers), text(WRONG));

    let (answer, asked) = parsed(Misbehaviour::Question);
    assert_eq!(answer.metadata.id, asked.metadata.id);
    assert_ne!(answer.queries, asked.queries);
    assert_eq!(data(&answer.answers), text(WRONG));

    let (bytes, asked) = udp(Misbehaviour::Case);
    assert_eq!(bytes[12..29], *b"\x03WWW\x07EXAMPLE\x03COM\0");
    assert_eq!(bytes[..2], asked.metadata.id.to_be_bytes());

    let (bytes, _) = udp(Misbehaviour::NotAnAnswer);
    assert_eq!(bytes[2] & 0x80, 0, "no QR bit");
}

#[test]
fn an_answer_from_another_port_comes_from_there() {
    let server = server(Misbehaviour::Port);
    // Not connected, so that it hears anybody.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked = asked();
    socket.send_to(&wire(&asked), server.address()).unwrap();
    let mut buffer = [0; 512];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(from.ip(), server.address().ip());
    assert_ne!(from.port(), server.address().port());
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    assert_eq!(answer.metadata.id, asked.metadata.id);
    assert_eq!(data(&answer.answers), text(WRONG));
}

#[test]
fn messages_are_cut_off_padded_and_empty() {
    let (answer, _) = parsed(Misbehaviour::Truncated);
    assert!(answer.metadata.truncation && answer.answers.is_empty());
    assert_eq!(unparsable(Misbehaviour::CutOff(30)).len(), 30);
    assert_eq!(udp(Misbehaviour::Oversized).0.len(), 9_000);
    let (whole, _) = udp(Misbehaviour::None);
    let (trailing, _) = udp(Misbehaviour::Trailing);
    assert_eq!(trailing[whole.len()..], *b"and more");
    assert_eq!(udp(Misbehaviour::Empty).0, b"");
    let server = server(Misbehaviour::Empty);
    let mut client = Tcp::to(server.address());
    client.send(&wire(&asked()));
    assert_eq!(client.receive(), b"", "a frame of length 0");
    assert_eq!(data(&client.receive_message().answers), text(RIGHT));
}

#[test]
fn names_point_where_they_must_not() {
    let first = RECORDS as u16;
    assert_eq!(
        number(&unparsable(Misbehaviour::PointerLoop), RECORDS),
        0xC000 | first
    );
    let circle = unparsable(Misbehaviour::PointerCircle);
    let second = number(&circle, RECORDS) & 0x3FFF;
    assert_eq!(number(&circle, second.into()), 0xC000 | first);
    let forward = unparsable(Misbehaviour::ForwardPointer);
    assert!(number(&forward, RECORDS) & 0x3FFF > first);
}

#[test]
fn numbers_lie() {
    assert_eq!(number(&unparsable(Misbehaviour::TooFewRecords), 6), 2);
    let bytes = unparsable(Misbehaviour::CountsOfRecords);
    assert_eq!([6, 8, 10].map(|at| number(&bytes, at)), [u16::MAX; 3]);
    assert_eq!(bytes.len(), RECORDS);
    assert_eq!(number(&unparsable(Misbehaviour::CountOfQuestions), 4), 2);
    let (bytes, _) = udp(Misbehaviour::NoQuestion);
    assert_eq!((bytes.len(), number(&bytes, 4)), (12, 0));
    let bytes = unparsable(Misbehaviour::DataTooLong);
    assert_eq!(number(&bytes, RECORDS + 10), 400);
    let bytes = unparsable(Misbehaviour::DataTooShort);
    assert_eq!(
        (number(&bytes, RECORDS + 10), bytes.len()),
        (3, RECORDS + 15)
    );
}

#[test]
fn labels_hold_any_bytes() {
    for (how, label) in [(Misbehaviour::Nul, b"nu\0l"), (Misbehaviour::Dot, b"do.t")] {
        let (answer, _) = parsed(how);
        let owner = &answer.answers[1].name;
        assert_eq!(owner.iter().next(), Some(&label[..]));
        assert_eq!(data(&answer.answers[1..]), text(RIGHT));
    }
}

#[test]
fn aliases_go_round_or_far() {
    let (answer, asked) = parsed(Misbehaviour::AliasLoop);
    assert_eq!(answer.answers[0].name, *asked.queries[0].name());
    assert_eq!(data(&answer.answers), ["loop.example.", "www.example.com."]);
    let (answer, _) = parsed(Misbehaviour::AliasChain(30));
    assert_eq!(answer.answers.len(), 31);
    for pair in answer.answers.windows(2) {
        assert_eq!(pair[0].data.to_string(), pair[1].name.to_string());
    }
    assert_eq!(data(&answer.answers[30..]), text(RIGHT));
}

#[test]
fn every_response_code_is_sent() {
    for code in 0..=23 {
        let (answer, _) = parsed(Misbehaviour::Rcode(code));
        assert_eq!(u16::from(answer.metadata.response_code), code);
        assert_eq!(answer.edns.is_some(), code > 15);
        let bytes = udp_to(Misbehaviour::Rcode(code), &with_cookie(&CLIENT_COOKIE));
        assert!(Message::from_vec(&bytes).unwrap().edns.is_some());
    }
    for (how, edns) in [
        (Misbehaviour::FormErr, false),
        (Misbehaviour::FormErrOpt, true),
    ] {
        let answer = Message::from_vec(&udp_to(how, &with_cookie(&CLIENT_COOKIE))).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::FormErr);
        assert_eq!(answer.edns.is_some(), edns);
        // And all is well without EDNS.
        assert_eq!(data(&parsed(how).0.answers), text(RIGHT));
    }
}

fn cookie(bytes: &[u8]) -> (u16, Option<Vec<u8>>) {
    let message = Message::from_vec(bytes).unwrap();
    let edns = message.edns.as_ref().unwrap();
    let option = edns.option(testserver::hickory::rr::rdata::opt::EdnsCode::Cookie);
    let cookie = option.map(|option| match option {
        EdnsOption::Unknown(_, bytes) => bytes.clone(),
        other => panic!("{other:?}"),
    });
    (message.metadata.response_code.into(), cookie)
}

#[test]
fn cookies_are_good_and_bad() {
    let ask = |how, cookie_: &[u8]| cookie(&udp_to(how, &with_cookie(cookie_)));
    let (code, good) = ask(Misbehaviour::Cookie, &CLIENT_COOKIE);
    let good = good.unwrap();
    assert_eq!((code, good.len(), &good[..8]), (0, 24, &CLIENT_COOKIE[..]));
    let (_, foreign) = ask(Misbehaviour::ForeignCookie, &CLIENT_COOKIE);
    assert_ne!(foreign.unwrap()[..8], CLIENT_COOKIE);
    let (_, long) = ask(Misbehaviour::LongCookie, &CLIENT_COOKIE);
    assert_eq!(long.unwrap().len(), 41);
    let bad = (23, Some(good.clone()));
    assert_eq!(ask(Misbehaviour::BadCookie, &CLIENT_COOKIE), bad);
    assert_eq!(ask(Misbehaviour::BadCookie, &good), bad);
    assert_eq!(ask(Misbehaviour::BadCookieOnce, &CLIENT_COOKIE), bad);
    assert_eq!(ask(Misbehaviour::BadCookieOnce, &good), (0, Some(good)));
    assert_eq!(ask(Misbehaviour::BadCookieBare, &CLIENT_COOKIE), (23, None));
}

#[test]
fn a_flood_ends_with_the_right_answer() {
    let server = server(Misbehaviour::Flood(50));
    let client = Udp::to(server.address());
    let asked = asked();
    client.send(&wire(&asked));
    for _ in 0..50 {
        let answer = Message::from_vec(&client.receive()).unwrap();
        let id = answer.metadata.id == asked.metadata.id;
        assert!(!id || answer.queries != asked.queries);
        assert_eq!(data(&answer.answers), text(WRONG));
    }
    let answer = Message::from_vec(&client.receive()).unwrap();
    assert_eq!(answer.metadata.id, asked.metadata.id);
    assert_eq!(data(&answer.answers), text(RIGHT));
}

#[test]
fn what_needs_a_connection_sends_clients_there() {
    for how in [Misbehaviour::FullFrame, Misbehaviour::HalfFrame(End::Fin)] {
        let (answer, _) = parsed(how);
        assert!(answer.metadata.truncation && answer.answers.is_empty());
    }
    let server = server(Misbehaviour::FullFrame);
    let mut client = Tcp::to(server.address());
    client.send(&wire(&asked()));
    let bytes = client.receive();
    assert_eq!(bytes.len(), 65_535);
    assert_eq!(
        data(&Message::from_vec(&bytes).unwrap().answers),
        text(RIGHT)
    );
}

/// What comes before the end of the connection, and the end.
fn rest(how: Misbehaviour) -> (Vec<u8>, Option<ErrorKind>) {
    let server = server(how);
    let mut client = Tcp::to(server.address());
    client.send(&wire(&asked()));
    let mut bytes = Vec::new();
    let error = client.0.read_to_end(&mut bytes).err();
    (bytes, error.map(|error| error.kind()))
}

#[test]
fn connections_end_in_order_and_with_a_reset() {
    for (end, error) in [
        (End::Fin, None),
        (End::Reset, Some(ErrorKind::ConnectionReset)),
    ] {
        assert_eq!(rest(Misbehaviour::AtOnce(end)), (vec![], error));
        assert_eq!(rest(Misbehaviour::HalfLength(end)), (vec![0], error));
        let (bytes, ended) = rest(Misbehaviour::HalfFrame(end));
        assert_eq!(ended, error);
        let length = usize::from(number(&bytes, 0));
        assert_eq!(length, RECORDS + 16);
        assert_eq!(bytes.len(), 2 + length / 2);
    }
}

#[test]
fn a_message_is_written_byte_by_byte() {
    let server = Server::builder()
        .script("*", |query| {
            let owner = name(&[b"a", b"b"]);
            let wire = Wire::answering(query).rcode(2).lying_record(
                Section::Authority,
                &owner,
                99,
                7,
                5,
                &[1, 2],
            );
            testserver::Reply::raw(wire.cut(60))
        })
        .start()
        .unwrap();
    let client = Udp::to(server.address());
    client.send(&wire(&asked()));
    let bytes = client.receive();
    assert_eq!(bytes[2..12], [0x81, 0x82, 0, 1, 0, 0, 0, 1, 0, 0]);
    let record = [1, b'a', 1, b'b', 0, 0, 99, 0, 1, 0, 0, 0, 7, 0, 5, 1, 2];
    assert_eq!(bytes[RECORDS..], record);
}
