//! How addresses are sorted over a transport, and what it is asked for that.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};

use c_ares::{AddrInfo, AddrInfoFlags, Hints, Opening, Result, Transport, TransportSocket};
use testserver::{Network, Server};

use crate::common::send;
use crate::flow::told;
use crate::memory::{InMemory, Memory, MemorySocket, builder_over};

const ZONE: &str = "\
$ORIGIN example.
@    300 SOA  ns admin 1 2 3 4 5
two  300 AAAA 2001:db8:1::1
     300 AAAA 2001:db8:2::1
both 300 A    192.0.2.1
     300 AAAA 2001:db8::1
";

/// At a place in the network: which local address a socket has, and which families there are.
struct Placed {
    memory: Memory,
    local: SocketAddr,
    ipv4: bool,
    /// What sockets were connected to.
    connected: Arc<Mutex<Vec<SocketAddr>>>,
}

struct PlacedSocket {
    socket: MemorySocket,
    local: SocketAddr,
    connected: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Transport for Placed {
    type Socket = PlacedSocket;

    fn open(&mut self, opening: &Opening) -> io::Result<PlacedSocket> {
        if !opening.ipv6 && !self.ipv4 {
            return Err(ErrorKind::Unsupported.into());
        }
        Ok(PlacedSocket {
            socket: self.memory.open(opening)?,
            local: self.local,
            connected: Arc::clone(&self.connected),
        })
    }
}

impl TransportSocket for PlacedSocket {
    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.connected.lock().unwrap().push(server);
        self.socket.connect(server)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send(bytes)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.receive(buffer)
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

fn network() -> Network {
    Server::builder().zone(ZONE).in_memory().unwrap()
}

/// The addresses of a name, and what sockets were connected to for that.
fn addresses(
    local: &str,
    ipv4: bool,
    name: &str,
    flags: AddrInfoFlags,
) -> (Vec<String>, Vec<SocketAddr>) {
    let network = network();
    let connected = Arc::default();
    let transport = Placed {
        memory: Memory(network.clone()),
        local: SocketAddr::new(local.parse().unwrap(), 0),
        ipv4,
        connected: Arc::clone(&connected),
    };
    let server: SocketAddr = "[2001:db8::53]:53".parse().unwrap();
    let driven = InMemory::from(builder_over(transport).servers([server]), &network);
    let (sender, receiver) = mpsc::channel();
    let hints = Hints::new().flags(flags);
    driven.channel.addrinfo(name, &hints, send(sender));
    driven.run();
    let info: Result<AddrInfo> = told(&receiver);
    let found = info.unwrap().addresses;
    assert_eq!(network.keys(), [], "a socket was left open");
    let connected = std::mem::take(&mut *connected.lock().unwrap());
    (
        found.iter().map(|a| a.address.ip().to_string()).collect(),
        connected.into_iter().filter(|to| *to != server).collect(),
    )
}

#[test]
fn what_has_more_in_common_with_the_local_address_comes_first() {
    let none = AddrInfoFlags::NONE;
    let (one, two) = ("2001:db8:1::1", "2001:db8:2::1");
    let (found, connected) = addresses("2001:db8:2::99", true, "two.example", none);
    assert_eq!(found, [two, one]);
    assert_eq!(
        connected,
        [one, two].map(|to| SocketAddr::new(to.parse().unwrap(), 0))
    );
    assert_eq!(
        addresses("2001:db8:1::99", true, "two.example", none).0,
        [one, two]
    );
    let unsorted = addresses("2001:db8:2::99", true, "two.example", AddrInfoFlags::NOSORT);
    assert_eq!(unsorted, (vec![one.to_owned(), two.to_owned()], vec![]));
}

/// Of an address of IPv4 c-ares reads as many bytes as one of IPv6 has.
#[test]
fn a_local_address_of_the_other_family_has_nothing_in_common() {
    for local in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST] {
        let (found, _) = addresses(&local.to_string(), true, "two.example", AddrInfoFlags::NONE);
        assert_eq!(found, ["2001:db8:1::1", "2001:db8:2::1"]);
    }
}

#[test]
fn addresses_of_a_family_that_there_is_not_come_last() {
    let (four, six) = ("192.0.2.1", "2001:db8::1");
    let local = "2001:db8::99";
    let (unsorted, _) = addresses(local, false, "both.example", AddrInfoFlags::NOSORT);
    assert_eq!(unsorted, [four, six]);
    let (found, _) = addresses(local, false, "both.example", AddrInfoFlags::NONE);
    assert_eq!(found, [six, four]);
}
