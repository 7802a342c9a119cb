//! A client on plain sockets: nothing of c-ares here.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;
use testserver::hickory::op::{Edns, Query};
use testserver::{Message, Name, Record, RecordType};

/// Long enough for a machine under any load: running into it is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const ZONE: &str = include_str!("../../zones/example.zone");

pub(crate) fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a valid name")
}

pub(crate) fn query(text: &str, record_type: RecordType) -> Message {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name(text), record_type));
    message
}

pub(crate) fn with_edns(mut message: Message, payload: u16) -> Message {
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    message
}

pub(crate) fn wire(message: &Message) -> Vec<u8> {
    message.to_vec().expect("a query can be encoded")
}

pub(crate) fn frame(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("a short message");
    [&length.to_be_bytes(), message].concat()
}

/// The data of records as text, one a line of a zone file.
pub(crate) fn data(records: &[Record]) -> Vec<String> {
    let texts = records.iter().map(|record| record.data.to_string());
    texts.collect()
}

pub(crate) struct Udp(pub(crate) UdpSocket);

impl Udp {
    pub(crate) fn to(server: SocketAddr) -> Udp {
        let any = match server {
            SocketAddr::V4(_) => "127.0.0.1:0",
            SocketAddr::V6(_) => "[::1]:0",
        };
        let socket = UdpSocket::bind(any).expect("a free port");
        socket.connect(server).expect("a route to loopback");
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Udp(socket)
    }

    pub(crate) fn send(&self, message: &[u8]) {
        self.0.send(message).expect("the query can be sent");
    }

    pub(crate) fn receive(&self) -> Vec<u8> {
        let mut buffer = vec![0; 65_535];
        let length = self.0.recv(&mut buffer).expect("an answer");
        buffer.truncate(length);
        buffer
    }

    pub(crate) fn ask(&self, message: &Message) -> Message {
        self.send(&wire(message));
        Message::from_vec(&self.receive()).expect("a well-formed answer")
    }

    /// No answer to this comes before the answer to a second query that is answered at once.
    pub(crate) fn expect_silence(&self, message: &Message, answered: &Message) {
        self.send(&wire(message));
        assert_eq!(self.ask(answered).metadata.id, answered.metadata.id);
    }
}

pub(crate) struct Tcp(pub(crate) TcpStream);

impl Tcp {
    pub(crate) fn to(server: SocketAddr) -> Tcp {
        let stream = TcpStream::connect(server).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Tcp(stream)
    }

    pub(crate) fn send(&mut self, message: &[u8]) {
        self.0
            .write_all(&frame(message))
            .expect("the query is sent");
    }

    pub(crate) fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).expect("a length");
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut message).expect("a message");
        message
    }

    pub(crate) fn receive_message(&mut self) -> Message {
        Message::from_vec(&self.receive()).expect("a well-formed answer")
    }

    pub(crate) fn ask(&mut self, message: &Message) -> Message {
        self.send(&wire(message));
        self.receive_message()
    }

    /// What comes until the server closes the connection.
    pub(crate) fn receive_rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("the end, not a reset");
        rest
    }
}
