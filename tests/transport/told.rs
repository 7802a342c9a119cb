//! What a transport is told: options, addresses, and what for.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use c_ares::{
    Channel, ErrorKind, Flags, Interest, Opening, Ready, SocketOption, Transport, TransportSocket,
};
use testserver::hickory::rr::rdata::opt::{EdnsCode, EdnsOption};
use testserver::{Misbehaviour, Network, Rule};

use crate::flow::{ask, network, told};
use crate::memory::{InMemory, Memory, MemorySocket, builder_over};

/// Notes what it is told, as text.
struct Noting {
    memory: Memory,
    notes: Notes,
    /// Whether TCP Fast Open is accepted.
    fast_open: bool,
    /// Sending a transport to another thread is enough; it need not be shared.
    _not_sync: Cell<()>,
}

type Notes = Arc<Mutex<Vec<String>>>;

struct NotingSocket {
    socket: MemorySocket,
    notes: Notes,
    fast_open: bool,
    early: Vec<u8>,
}

impl Noting {
    fn new(network: &Network) -> (Noting, Notes) {
        let notes = Notes::default();
        let transport = Noting {
            memory: Memory(network.clone()),
            notes: Arc::clone(&notes),
            fast_open: false,
            _not_sync: Cell::default(),
        };
        (transport, notes)
    }
}

fn note(notes: &Notes, text: impl Into<String>) {
    notes.lock().unwrap().push(text.into());
}

impl Transport for Noting {
    type Socket = NotingSocket;

    fn open(&mut self, opening: &Opening) -> io::Result<NotingSocket> {
        note(
            &self.notes,
            format!("open tcp={} ipv6={}", opening.tcp, opening.ipv6),
        );
        Ok(NotingSocket {
            socket: self.memory.open(opening)?,
            notes: Arc::clone(&self.notes),
            fast_open: self.fast_open,
            early: Vec::new(),
        })
    }
}

impl TransportSocket for NotingSocket {
    fn set_option(&mut self, option: SocketOption<'_>) -> io::Result<()> {
        note(&self.notes, format!("{option:?}"));
        match option {
            SocketOption::TcpFastOpen if !self.fast_open => Err(io::ErrorKind::Unsupported.into()),
            _ => Ok(()),
        }
    }

    fn bind(&mut self, local: SocketAddr) -> io::Result<()> {
        note(&self.notes, format!("bind {local}"));
        Ok(())
    }

    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        note(&self.notes, format!("connect {server}"));
        self.socket.connect(server)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.send(bytes) {
            // With the connection, as TCP Fast Open has it.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                assert!(self.fast_open && self.early.is_empty());
                note(&self.notes, "early");
                self.early = bytes.to_vec();
                Ok(bytes.len())
            }
            sent => sent,
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let early = std::mem::take(&mut self.early);
        if !early.is_empty() && self.socket.send(&early).is_err() {
            self.early = early;
        }
        self.socket.receive(buffer)
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        self.socket.local_address()
    }
}

#[test]
fn options_and_local_addresses_are_told_before_connecting() {
    let network = network();
    let ipv4: IpAddr = Ipv4Addr::new(192, 0, 2, 53).into();
    let ipv6: IpAddr = "2001:db8::53".parse().unwrap();
    for (server, tcp, bind, connect) in [
        (ipv4, false, "bind 198.51.100.7:0", "connect 192.0.2.53:53"),
        (
            ipv6,
            true,
            "bind [2001:db8::7]:0",
            "connect [2001:db8::53]:53",
        ),
    ] {
        let (transport, notes) = Noting::new(&network);
        let builder = builder_over(transport)
            .servers([server])
            .flags(if tcp { Flags::USEVC } else { Flags::default() })
            .send_buffer_size(8_192)
            .receive_buffer_size(16_384)
            .local_device("no interface of this machine")
            .local_ipv4(Ipv4Addr::new(198, 51, 100, 7))
            .local_ipv6("2001:db8::7".parse::<Ipv6Addr>().unwrap());
        let driven = InMemory::from(builder, &network);
        let answer = ask(&driven.channel, "www.example.com");
        driven.run();
        told(&answer).unwrap();
        let mut expected = vec![
            format!("open tcp={tcp} ipv6={}", server.is_ipv6()),
            "SendBufferSize(8192)".into(),
            "ReceiveBufferSize(16384)".into(),
            r#"Device("no interface of this machine")"#.into(),
            bind.into(),
            connect.into(),
        ];
        if tcp {
            expected.insert(5, "TcpFastOpen".into());
        }
        assert_eq!(*notes.lock().unwrap(), expected);
    }
}

#[test]
fn a_name_too_long_for_c_ares_is_refused_here_too() {
    let error = Channel::builder_over(Memory(network()))
        .local_device("x".repeat(32))
        .build()
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::BadOption {
            option: "local_device",
            ..
        }
    ));
}

#[test]
fn without_bind_a_local_address_is_refused() {
    let network = network();
    let builder = builder_over(Memory(network.clone())).local_ipv4(Ipv4Addr::LOCALHOST);
    let driven = InMemory::from(builder, &network);
    let answer = ask(&driven.channel, "www.example.com");
    assert_eq!(told(&answer).unwrap_err(), ErrorKind::ConnectionRefused);
}

#[test]
fn with_fast_open_the_query_comes_before_the_connection() {
    let network = network();
    let (mut transport, notes) = Noting::new(&network);
    transport.fast_open = true;
    let builder = builder_over(transport).flags(Flags::USEVC);
    let driven = InMemory::from(builder, &network);
    let answer = ask(&driven.channel, "www.example.com");
    assert_eq!(
        notes.lock().unwrap()[1..],
        ["TcpFastOpen", "connect 192.0.2.53:53", "early"]
    );
    let watched: Vec<Interest> = driven.watched.lock().unwrap().values().copied().collect();
    assert!(watched[0].readable && watched[0].writable);
    // The connection stands; the socket looks after its early bytes when it is read.
    network.deliver();
    let number = *driven.watched.lock().unwrap().keys().next().unwrap();
    let read = Ready::new(number, Interest::READABLE);
    driven.channel.process(&[read]).unwrap();
    driven.run();
    told(&answer).unwrap();
}

/// The client's part of the cookies.
fn cookies(network: &Network) -> Vec<Vec<u8>> {
    let queries = network.take_queries();
    let cookie = |query: &testserver::Query| {
        let options = query.edns().unwrap().options();
        match options.get(EdnsCode::Cookie) {
            Some(EdnsOption::Unknown(_, cookie)) => cookie[..8].to_vec(),
            other => panic!("{other:?}"),
        }
    };
    queries.iter().map(cookie).collect()
}

#[test]
fn cookies_go_by_the_local_address() {
    let network = network();
    network.rule("*", Rule::misbehave(Misbehaviour::Cookie));
    let driven = InMemory::new(&network);
    let mut all = Vec::new();
    for (turn, address) in [1, 1, 2].into_iter().enumerate() {
        network.set_address(Ipv4Addr::new(198, 51, 100, address));
        let answer = ask(&driven.channel, &format!("name{turn}.example.com"));
        driven.run();
        told(&answer).unwrap();
        all.extend(cookies(&network));
    }
    assert_eq!(all.len(), 3, "each query on a socket of its own");
    assert_eq!(all[0], all[1]);
    assert_ne!(all[1], all[2]);
}

#[test]
fn a_server_with_an_interface_is_the_systems_matter_still() {
    let servers = ["[fe80::1%lo]:53", "[fe80::2%1]:53"].map(|text| text.parse().unwrap());
    let servers: [c_ares::Server; 2] = servers;
    let over = Channel::builder_over(Memory(network()))
        .servers(servers.clone())
        .build()
        .unwrap();
    let systems = Channel::builder()
        .servers(servers)
        .on_socket_state(|_, _| ())
        .build()
        .unwrap();
    assert_eq!(over.servers().unwrap(), systems.servers().unwrap());
    assert_eq!(over.servers().unwrap().len(), 2);
}
