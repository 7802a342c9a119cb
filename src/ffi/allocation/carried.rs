//! A transport for operations: UDP sockets of the standard library.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::{Opening, Transport, TransportSocket};

pub(super) struct Standard;

pub(super) struct Udp(UdpSocket);

impl Transport for Standard {
    type Socket = Udp;

    fn open(&mut self, opening: &Opening) -> io::Result<Udp> {
        if opening.tcp || opening.ipv6 {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        Ok(Udp(socket))
    }
}

impl TransportSocket for Udp {
    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.0.connect(server)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.recv_from(buffer)
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
