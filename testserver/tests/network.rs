//! The network in memory.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use testserver::hickory::op::{Message, Query};
use testserver::{Endpoint, Name, Network, RecordType, Reply, Rule, Server, Transport};

const ZONE: &str =
    "$ORIGIN example.\n@ 60 SOA ns admin 1 2 3 4 5\nwww 60 A 192.0.2.1\n* 60 A 192.0.2.2\n";

fn network() -> Network {
    Server::builder().zone(ZONE).in_memory().unwrap()
}

fn server() -> SocketAddr {
    "192.0.2.53:53".parse().unwrap()
}

fn question(id: u16, name: &str) -> Vec<u8> {
    let mut message = Message::query();
    message.metadata.id = id;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    message.to_vec().unwrap()
}

fn udp(network: &Network, key: u64) -> Endpoint {
    let mut endpoint = network.open(key, Transport::Udp, false);
    endpoint.connect(server()).unwrap();
    endpoint
}

fn tcp(network: &Network, key: u64) -> Endpoint {
    let mut endpoint = network.open(key, Transport::Tcp, false);
    let error = endpoint.connect(server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(network.ready(key), (false, false));
    let error = endpoint.send(&[1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected);
    assert!(network.deliver());
    assert_eq!(network.ready(key), (false, true));
    endpoint
}

/// The id of the next message.
fn id(endpoint: &mut Endpoint) -> Option<u16> {
    let mut buffer = [0; 512];
    match endpoint.receive(&mut buffer) {
        Ok((length, from)) => {
            assert_eq!(from, server());
            let message = Message::from_vec(&buffer[..length]).unwrap();
            assert_eq!(message.answers.len(), 1);
            Some(message.metadata.id)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            None
        }
    }
}

#[test]
fn answers_arrive_one_by_one_in_the_order_of_their_delays() {
    let network = network();
    network.rule("late.example.", Rule::delay(Duration::from_secs(2)));
    network.rule("later.example.", Rule::delay(Duration::from_secs(3)));
    let mut endpoint = udp(&network, 7);
    for (id, name) in [
        (1, "later.example."),
        (2, "late.example."),
        (3, "www.example."),
    ] {
        let wire = question(id, name);
        assert_eq!(endpoint.send(&wire).unwrap(), wire.len());
    }
    assert_eq!(id(&mut endpoint), None, "nothing arrives by itself");
    let mut order = Vec::new();
    while network.deliver() {
        order.extend(id(&mut endpoint));
        assert_eq!(id(&mut endpoint), None);
    }
    assert_eq!(order, [3, 2, 1]);
    assert_eq!(network.query_count(), 3);
    assert_eq!(network.take_queries()[0].peer, endpoint.local_address());
}

#[test]
fn streams_take_and_give_pieces_and_end() {
    let network = network();
    let answer_and_end =
        |query: &testserver::Query| Reply::message(query.answer()).then(Reply::close());
    network.rule("www.example.", Rule::script(answer_and_end));
    network.set_piece(3);
    let mut endpoint = tcp(&network, 1);
    let wire = question(9, "www.example.");
    let mut frame = (wire.len() as u16).to_be_bytes().to_vec();
    frame.extend(&wire);
    let mut sent = 0;
    while sent < frame.len() {
        sent += endpoint.send(&frame[sent..]).unwrap();
        assert!(sent % 3 == 0 || sent == frame.len());
    }
    assert!(network.deliver());
    let mut received = Vec::new();
    let mut buffer = [0; 512];
    loop {
        let (length, _) = endpoint.receive(&mut buffer).unwrap();
        assert!(length <= 3);
        if length == 0 {
            break;
        }
        received.extend_from_slice(&buffer[..length]);
    }
    let length = usize::from(u16::from_be_bytes([received[0], received[1]]));
    assert_eq!(received.len(), 2 + length);
    assert_eq!(Message::from_vec(&received[2..]).unwrap().metadata.id, 9);
    assert_eq!(
        endpoint.send(&frame).unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    assert_eq!(network.connection_count(), 1);
}

#[test]
fn without_room_a_stream_waits() {
    let network = network();
    let mut endpoint = tcp(&network, 1);
    network.set_piece(0);
    assert_eq!(network.ready(1), (false, false));
    assert_eq!(
        endpoint.send(&[0]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
}

#[test]
fn a_reset_is_told_as_one() {
    let network = network();
    network.rule("*", Rule::script(|_| Reply::reset()));
    let mut endpoint = tcp(&network, 1);
    let wire = question(1, "www.example.");
    endpoint.send(&(wire.len() as u16).to_be_bytes()).unwrap();
    endpoint.send(&wire).unwrap();
    assert!(network.deliver());
    let error = endpoint.receive(&mut [0; 9]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn what_is_closed_gets_nothing_and_its_key_may_be_had_again() {
    let network = network();
    let mut endpoint = udp(&network, 1);
    endpoint.send(&question(1, "www.example.")).unwrap();
    drop(endpoint);
    assert_eq!(network.keys(), []);
    let mut endpoint = udp(&network, 1);
    network.deliver();
    assert_eq!(id(&mut endpoint), None);
}

#[test]
#[should_panic(expected = "a script of the server panicked: on purpose")]
fn a_script_that_panics_fails_the_test() {
    let network = network();
    network.rule("*", Rule::script(|_| panic!("on purpose")));
    let _lost = udp(&network, 1).send(&question(1, "www.example."));
}
