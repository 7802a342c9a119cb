//! The query cache: what it keeps, for how long, and what it must not meet.

mod common;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use c_ares::{
    A, Builder, Channel, ErrorKind, Header, Message, Mx, Opcode, Opt, Record, RecordType, Result,
    Section,
};
use common::{BOUND, channel, query, server, wait};
use testserver::Server;

/// A configuration that asks one server and nothing of this machine.
fn builder_for(server: SocketAddr) -> Builder {
    Channel::builder()
        .servers([server])
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null")
        .timeout(BOUND)
}

fn exchange(channel: &Channel, message: &Message) -> Result<Opcode> {
    wait(|sender| {
        channel.exchange(message, move |response| {
            let opcode = response.map(|response| response.message.header().opcode);
            sender.send(opcode).unwrap();
        });
    })
}

/// A message that changes an address.
fn update(address: [u8; 4]) -> Message {
    let mut message = Message::new(Header {
        opcode: Opcode::UPDATE,
        ..Header::default()
    })
    .unwrap();
    message
        .add_question("example.com", RecordType::SOA, c_ares::Class::IN)
        .unwrap();
    let address = address.into();
    let record = Record::new("www.example.com", 60, A { address });
    message.add_record(Section::Authority, &record).unwrap();
    message
}

/// Sends the next message that comes back, as the response to itself.
fn send_back(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 512];
    let (length, from) = socket.recv_from(&mut buffer).expect("a message comes");
    let message = buffer[..length].to_vec();
    buffer[2] |= 0x80;
    socket.send_to(&buffer[..length], from).unwrap();
    message
}

#[test]
fn what_is_more_than_a_question_does_not_meet_it() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(BOUND)).unwrap();
    let builder = builder_for(socket.local_addr().unwrap());
    let cached = builder.clone().build_threaded().unwrap();
    let uncached = builder.query_cache(Duration::ZERO);
    let uncached = uncached.build_threaded().unwrap();

    let mut with_a_record = Message::query("www.example.com", RecordType::A).unwrap();
    let address = [192, 0, 2, 1].into();
    let record = Record::new("www.example.com", 60, A { address });
    with_a_record
        .add_record(Section::Additional, &record)
        .unwrap();
    for (message, part) in [
        (update([192, 0, 2, 1]), "opcode UPDATE"),
        (update([192, 0, 2, 2]), "opcode UPDATE"),
        (with_a_record, "a query with a record of A"),
    ] {
        let error = exchange(&cached, &message).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::BadMessage { part: bad, .. } if bad == part),
            "{error}"
        );
        let came = std::thread::scope(|scope| {
            let came = scope.spawn(|| send_back(&socket));
            let opcode = exchange(&uncached, &message).unwrap();
            assert_eq!(opcode, message.header().opcode);
            came.join().unwrap()
        });
        let came = Message::parse(&came).unwrap();
        for section in [Section::Authority, Section::Additional] {
            let (came, sent) = (came.records::<A>(section), message.records::<A>(section));
            assert_eq!(came.unwrap(), sent.unwrap());
        }
    }
}

#[test]
fn a_question_with_edns_does() {
    let server = server();
    let channel = channel(&server);
    let mut message = Message::query("www.example.com", RecordType::A).unwrap();
    message.set_edns(Some(&Opt::default())).unwrap();
    for _ in 0..3 {
        exchange(&channel, &message).unwrap();
    }
    assert_eq!(server.query_count(), 1);
}

/// Of a name that is not there the SOA record says how long. Of records that are not, c-ares does
/// not read it.
#[test]
fn what_is_not_there_is_kept_by_two_rules() {
    let server =
        Server::start("$ORIGIN example.\n@ 1 SOA ns admin 1 2 3 4 1\nwww 300 A 192.0.2.1\n")
            .unwrap();
    let channel = channel(&server);
    assert_eq!(
        query::<Mx>(&channel, "www.example").unwrap_err(),
        ErrorKind::NoData
    );
    let start = Instant::now();
    let asked = |server: &Server| {
        assert_eq!(
            query::<A>(&channel, "no.example").unwrap_err(),
            ErrorKind::NotFound
        );
        server.query_count()
    };
    while asked(&server) < 3 {
        assert!(
            start.elapsed() < BOUND,
            "NXDOMAIN is kept for longer than a second"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = server.query_count();
    assert_eq!(
        query::<Mx>(&channel, "www.example").unwrap_err(),
        ErrorKind::NoData
    );
    assert_eq!(server.query_count(), before);
}
