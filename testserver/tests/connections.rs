//! Several queries on one connection, in whatever pieces they come and however it ends.

mod client;

use client::{PATIENCE, Tcp, Udp, ZONE, frame, query, wire};
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;
use testserver::{Message, RecordType, Reply, Server};

fn questions(count: usize) -> Vec<Message> {
    let questions = (0..count).map(|_| query("many.example.com.", RecordType::AAAA));
    questions.collect()
}

fn frames(messages: &[Message]) -> Vec<u8> {
    messages.iter().flat_map(|m| frame(&wire(m))).collect()
}

fn expect_answers(client: &mut Tcp, asked: &[Message]) {
    for message in asked {
        let answer = client.receive_message();
        assert_eq!(answer.metadata.id, message.metadata.id);
        assert_eq!(answer.answers.len(), 20);
    }
}

#[test]
fn queries_are_answered_that_come_in_one_piece() {
    let server = Server::start(ZONE).unwrap();
    let mut client = Tcp::to(server.address());
    let asked = questions(20);
    client.0.write_all(&frames(&asked)).unwrap();
    expect_answers(&mut client, &asked);
    let queries = server.queries();
    assert!(queries.iter().all(|query| query.peer == queries[0].peer));
    assert_eq!((queries.len(), server.connection_count()), (20, 1));
}

#[test]
fn queries_are_answered_that_come_byte_by_byte() {
    let server = Server::start(ZONE).unwrap();
    let mut client = Tcp::to(server.address());
    let asked = questions(2);
    for byte in frames(&asked) {
        client.0.write_all(&[byte]).unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    expect_answers(&mut client, &asked);
}

#[test]
fn answers_wait_for_a_client_that_reads_late() {
    // 30 MB of answers: more than the sockets hold.
    const ANSWERS: usize = 500;
    let server = Server::builder()
        .zone(ZONE)
        .script("big.", |_| Reply::raw([7; 60_000]))
        .start()
        .unwrap();
    let mut client = Tcp::to(server.address());
    let asked = frame(&wire(&query("big.", RecordType::A)));
    client.0.write_all(&asked.repeat(ANSWERS)).unwrap();
    assert!(server.wait_for_queries(ANSWERS, PATIENCE));
    // The server is not held up by it.
    Udp::to(server.address()).ask(&query("www.example.com.", RecordType::A));
    for _ in 0..ANSWERS {
        assert_eq!(client.receive(), [7; 60_000]);
    }
}

#[test]
fn a_client_that_closed_its_side_still_gets_what_it_asked_for() {
    let server = Server::builder()
        .zone(ZONE)
        .delay("*", Duration::from_millis(30))
        .start()
        .unwrap();
    let mut client = Tcp::to(server.address());
    let asked = questions(3);
    client.0.write_all(&frames(&asked)).unwrap();
    client.0.shutdown(Shutdown::Write).unwrap();
    expect_answers(&mut client, &asked);
    assert_eq!(client.receive_rest(), b"", "and then the end");
}

#[test]
fn a_connection_may_end_in_the_middle_of_a_frame() {
    let server = Server::start(ZONE).unwrap();
    let asked = questions(2);
    let bytes = frames(&asked);
    let mut client = Tcp::to(server.address());
    client.0.write_all(&bytes[..bytes.len() - 1]).unwrap();
    client.0.shutdown(Shutdown::Write).unwrap();
    expect_answers(&mut client, &asked[..1]);
    assert_eq!(client.receive_rest(), b"");
    assert_eq!(server.query_count(), 1);
}

#[test]
fn clients_may_go_away_at_any_point() {
    let server = Server::builder()
        .zone(ZONE)
        .delay("*", Duration::from_millis(1))
        .start()
        .unwrap();
    let bytes = frames(&questions(2));
    for end in 0..=bytes.len() {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(&bytes[..end]).unwrap();
        // Answers that came already and are not read make this a reset.
        drop(stream);
    }
    let mut client = Tcp::to(server.address());
    let asked = questions(1);
    client.0.write_all(&frames(&asked)).unwrap();
    expect_answers(&mut client, &asked);
    assert_eq!(server.connection_count(), bytes.len() + 2);
}
