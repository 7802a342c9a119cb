//! What the server can be told to do instead of answering at once.

mod client;

use client::{PATIENCE, Tcp, Udp, ZONE, data, query, wire};
use std::collections::HashMap;
use std::net::TcpStream;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testserver::{RData, RecordType, Reply, ResponseCode, Rule, Server};

#[test]
fn delayed_answers_do_not_wait_for_each_other() {
    const DELAY: Duration = Duration::from_millis(50);
    let server = Server::builder()
        .zone("*.many.example. A 192.0.2.1\n")
        .delay("*", DELAY)
        .start()
        .unwrap();
    let clients: Vec<_> = (0..200).map(|_| Udp::to(server.address())).collect();
    let start = Instant::now();
    for (index, client) in clients.iter().enumerate() {
        let owner = format!("name{index}.many.example.");
        client.send(&wire(&query(&owner, RecordType::A)));
    }
    for client in &clients {
        client.receive();
    }
    let elapsed = start.elapsed();
    assert!(elapsed >= DELAY, "answered early, after {elapsed:?}");
    // One after the other they would take 10 s.
    assert!(elapsed < Duration::from_secs(5), "took {elapsed:?}");
}

#[test]
fn a_delay_is_for_its_name_alone() {
    let server = Server::builder()
        .zone(ZONE)
        .delay("slow.example.net.", Duration::from_millis(300))
        .start()
        .unwrap();
    let udp = Udp::to(server.address());
    let mut tcp = Tcp::to(server.address());
    let slow = query("slow.example.net.", RecordType::A);
    let quick = query("www.example.com.", RecordType::A);
    let start = Instant::now();
    for message in [&slow, &quick] {
        udp.send(&wire(message));
        tcp.send(&wire(message));
    }
    for message in [&quick, &slow] {
        let id = message.metadata.id.to_be_bytes();
        assert_eq!(udp.receive()[..2], id);
        assert_eq!(tcp.receive()[..2], id, "out of order over TCP too");
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn answers_with_the_same_delay_keep_their_order() {
    let server = Server::builder()
        .zone(ZONE)
        .delay("*", Duration::from_millis(20))
        .start()
        .unwrap();
    let mut client = Tcp::to(server.address());
    let asked: Vec<_> = (0..50)
        .map(|_| query("www.example.com.", RecordType::A))
        .collect();
    asked.iter().for_each(|message| client.send(&wire(message)));
    for message in &asked {
        assert_eq!(client.receive_message().metadata.id, message.metadata.id);
    }
}

#[test]
fn rules_change_while_the_server_runs() {
    let server = Server::start(ZONE).unwrap();
    let client = Udp::to(server.address());
    let asked = query("v4only.example.com.", RecordType::A);
    let other = query("www.example.com.", RecordType::A);

    server.rule("v4only.example.com.", Rule::drop());
    client.expect_silence(&asked, &other);
    assert!(
        server.wait_for_queries(2, PATIENCE),
        "a dropped query was seen"
    );

    server.rule("v4only.example.com.", Rule::refuse());
    let answer = client.ask(&asked);
    assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    assert!(answer.answers.is_empty() && answer.authorities.is_empty());
    assert_eq!(answer.queries, asked.queries);

    server.rule("v4only.example.com.", Rule::rcode(ResponseCode::ServFail));
    let answer = client.ask(&asked);
    assert_eq!(answer.metadata.response_code, ResponseCode::ServFail);

    server.rule("*.example.com.", Rule::rcode(ResponseCode::NotImp));
    server.clear("v4only.example.com.");
    let answer = client.ask(&asked);
    assert_eq!(answer.metadata.response_code, ResponseCode::NotImp);

    server.rule("v4only.example.com.", Rule::answer());
    assert_eq!(data(&client.ask(&asked).answers), ["198.51.100.4"]);
}

#[test]
fn a_truncated_answer_is_whole_over_tcp() {
    let server = Server::builder()
        .zone(ZONE)
        .rule("v4only.example.com.", Rule::truncate())
        .start()
        .unwrap();
    let asked = query("v4only.example.com.", RecordType::A);
    let answer = Udp::to(server.address()).ask(&asked);
    assert!(answer.metadata.truncation && answer.answers.is_empty());
    let answer = Tcp::to(server.address()).ask(&asked);
    assert!(!answer.metadata.truncation);
    assert_eq!(data(&answer.answers), ["198.51.100.4"]);
}

#[test]
fn a_script_can_count_and_change_the_answer() {
    let calls = AtomicUsize::new(0);
    let server = Server::builder()
        .zone(ZONE)
        .script("www.example.com.", move |query| {
            if calls.fetch_add(1, Ordering::Relaxed) == 0 {
                return Reply::nothing();
            }
            let mut answer = query.answer();
            for record in &mut answer.answers {
                record.ttl = 1;
                record.data = RData::A("203.0.113.99".parse().unwrap());
            }
            Reply::message(answer)
        })
        .start()
        .unwrap();
    let client = Udp::to(server.address());
    let asked = query("www.example.com.", RecordType::A);
    client.expect_silence(&asked, &query("example.com.", RecordType::A));
    let answer = client.ask(&asked);
    assert_eq!(data(&answer.answers), ["203.0.113.99", "203.0.113.99"]);
    assert_eq!(answer.answers[0].ttl, 1);
}

#[test]
fn a_script_can_send_any_bytes() {
    let server = Server::builder()
        .script("raw.", |_| Reply::raw(*b"no DNS at all"))
        .script("twice.", |query| {
            Reply::datagrams([query.wire.clone(), b"and more".to_vec()])
        })
        .script("empty.", |_| Reply::raw([]))
        .start()
        .unwrap();
    let udp = Udp::to(server.address());
    let mut tcp = Tcp::to(server.address());
    let twice = wire(&query("twice.", RecordType::A));
    for message in [wire(&query("raw.", RecordType::A)), twice.clone()] {
        udp.send(&message);
        tcp.send(&message);
    }
    for expected in [&b"no DNS at all"[..], &twice, b"and more"] {
        assert_eq!(udp.receive(), expected);
        assert_eq!(tcp.receive(), expected);
    }
    udp.send(&wire(&query("empty.", RecordType::A)));
    assert_eq!(udp.receive(), b"");
}

#[test]
fn a_script_can_break_off_a_frame() {
    let server = Server::builder()
        .script("cut.", |_| {
            Reply::unframed([0, 40, 1, 2, 3]).then(Reply::close())
        })
        .start()
        .unwrap();
    let mut client = Tcp::to(server.address());
    client.send(&wire(&query("cut.", RecordType::A)));
    assert_eq!(client.receive_rest(), [0, 40, 1, 2, 3]);
}

#[test]
fn a_script_can_pause_between_two_steps() {
    let pause = Duration::from_millis(100);
    let server = Server::builder()
        .zone(ZONE)
        .script("odd.", move |query| {
            let answer = Reply::message(query.response());
            answer.clone().then(Reply::wait(pause)).then(answer)
        })
        .start()
        .unwrap();
    let client = Udp::to(server.address());
    let start = Instant::now();
    let odd = query("odd.", RecordType::A);
    assert_eq!(client.ask(&odd).metadata.id, odd.metadata.id);
    let quick = query("www.example.com.", RecordType::A);
    client.send(&wire(&quick));
    let mut seen = HashMap::new();
    for _ in 0..2 {
        let answer = client.receive();
        seen.insert([answer[0], answer[1]], start.elapsed());
    }
    assert!(seen[&odd.metadata.id.to_be_bytes()] >= pause);
    assert!(seen.contains_key(&quick.metadata.id.to_be_bytes()));
}

#[test]
fn a_panic_in_a_script_fails_the_test_that_owns_the_server() {
    let payload = catch_unwind(|| {
        let server = Server::builder()
            .zone(ZONE)
            .script("bad.", |query| panic!("not ready for {}", query.name))
            .start()
            .unwrap();
        let client = Udp::to(server.address());
        // The server itself goes on.
        client.expect_silence(
            &query("bad.", RecordType::A),
            &query("www.example.com.", RecordType::A),
        );
    })
    .expect_err("the drop panics");
    let text = payload.downcast_ref::<String>().unwrap();
    assert_eq!(text, "a script of the server panicked: not ready for bad.");
}

#[test]
fn a_closed_connection_loses_only_its_own_answers() {
    let server = Server::builder()
        .zone(ZONE)
        .delay("slow.example.net.", Duration::from_millis(50))
        .start()
        .unwrap();
    let slow = query("slow.example.net.", RecordType::A);
    let mut gone = Tcp::to(server.address());
    gone.send(&wire(&slow));
    assert!(server.wait_for_queries(1, PATIENCE));
    drop(gone);
    drop(TcpStream::connect(server.address()).unwrap());
    let mut stays = Tcp::to(server.address());
    assert_eq!(data(&stays.ask(&slow).answers), ["203.0.113.100"]);
    assert_eq!(server.connection_count(), 3);
}
