//! From the start of a server to its end. One test, alone in its process: it counts threads.

mod client;

use client::{Tcp, Udp, ZONE, data, query, wire};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};
use testserver::{RecordType, Rule, Server};

fn server_threads() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")));
    // A thread may end between the two.
    let names = names.filter_map(Result::ok);
    Some(names.filter(|name| name.trim_end() == "testserver").count())
}

/// At last: another process may have a port for a moment once the server has given it back.
fn can_be_bound(address: SocketAddr) {
    let deadline = Instant::now() + client::PATIENCE;
    loop {
        let bound = UdpSocket::bind(address).and(TcpListener::bind(address));
        match bound {
            Ok(_) => return,
            Err(error) => assert!(Instant::now() < deadline, "{address}: {error}"),
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn is_taken(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_err() && TcpListener::bind(address).is_err()
}

#[test]
fn servers_come_side_by_side_and_go_without_trace() {
    let asked = query("here.", RecordType::A);
    let servers: Vec<Server> = (0..5)
        .map(|index| Server::start(format!("here A 192.0.2.{index}\n")).unwrap())
        .collect();
    for (index, server) in servers.iter().enumerate() {
        for address in server.addresses() {
            let answer = Udp::to(*address).ask(&asked);
            assert_eq!(data(&answer.answers), [format!("192.0.2.{index}")]);
            assert!(is_taken(*address));
        }
        assert_eq!(server.query_count(), server.addresses().len());
    }
    if cfg!(target_os = "linux") {
        assert_eq!(server_threads(), Some(5));
    }
    let addresses: Vec<_> = servers
        .iter()
        .flat_map(Server::addresses)
        .copied()
        .collect();
    drop(servers);
    addresses.into_iter().for_each(can_be_bound);

    a_busy_server_ends_at_once();
    an_address_can_be_chosen();
    if cfg!(target_os = "linux") {
        // The system clears up a joined thread a moment after the join.
        let deadline = Instant::now() + client::PATIENCE;
        while server_threads() != Some(0) {
            assert!(Instant::now() < deadline, "{:?} left", server_threads());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// With connections open, answers waiting for their time, and a frame half read.
fn a_busy_server_ends_at_once() {
    let server = Server::builder()
        .zone(ZONE)
        .rule("www.example.com.", Rule::delay(Duration::from_secs(3600)))
        .start()
        .unwrap();
    let address = server.address();
    let asked = wire(&query("www.example.com.", RecordType::A));
    let udp = Udp::to(address);
    udp.send(&asked);
    let mut tcp = Tcp::to(address);
    tcp.send(&asked);
    let mut partial = TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut partial, &[0]).unwrap();
    assert!(server.wait_for_queries(2, client::PATIENCE));
    let start = Instant::now();
    drop(server);
    assert!(start.elapsed() < client::PATIENCE);
    assert_eq!(tcp.receive_rest(), b"");
    can_be_bound(address);
}

fn an_address_can_be_chosen() {
    let first = Server::builder()
        .zone(ZONE)
        .listen("127.0.0.1:0".parse().unwrap())
        .start()
        .unwrap();
    assert_eq!(first.address_v6(), None);
    assert_eq!(first.addresses(), [first.address()]);
    let error = Server::builder().listen(first.address()).start();
    let error = error.expect_err("the port is taken").to_string();
    assert!(error.contains(&first.address().to_string()), "{error}");

    let address = first.address();
    drop(first);
    can_be_bound(address);
    let again = Server::builder()
        .zone(ZONE)
        .listen(address)
        .start()
        .unwrap();
    assert_eq!(again.address(), address);
    Tcp::to(address).ask(&query("www.example.com.", RecordType::A));
}
