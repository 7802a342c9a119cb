//! Ports that UDP and TCP share.

use mio::net::{TcpListener, UdpSocket};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// How often another port is tried when TCP has none where UDP has one.
const PORTS_TRIED: usize = 100;

/// The sockets of one address.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) udp: UdpSocket,
    pub(crate) tcp: TcpListener,
    pub(crate) address: SocketAddr,
    /// On another port, made when it is wanted.
    elsewhere: Option<std::net::UdpSocket>,
}

impl Sockets {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Sockets> {
        // Another port can be tried only where any will do.
        let ports = if address.port() == 0 { PORTS_TRIED } else { 1 };
        bind_one_of(ports, || {
            UdpSocket::bind(address).map_err(|error| named("UDP", address, &error))
        })
    }

    /// Sends a datagram from another port. What cannot be sent is lost, as in life.
    pub(crate) fn send_from_elsewhere(&mut self, bytes: &[u8], peer: SocketAddr) {
        if self.elsewhere.is_none() {
            self.elsewhere = std::net::UdpSocket::bind((self.address.ip(), 0)).ok();
        }
        if let Some(socket) = &self.elsewhere {
            let _lost = socket.send_to(bytes, peer);
        }
    }
}

fn bind_one_of(
    ports: usize,
    mut bind: impl FnMut() -> io::Result<UdpSocket>,
) -> io::Result<Sockets> {
    // Those that did not fit stay open until the end, or the system may give them again.
    let mut unfit = Vec::new();
    loop {
        let udp = bind()?;
        let address = udp.local_addr()?;
        match TcpListener::bind(address) {
            Ok(tcp) => {
                return Ok(Sockets {
                    udp,
                    tcp,
                    address,
                    elsewhere: None,
                });
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse && unfit.len() + 1 < ports => {
                unfit.push(udp);
            }
            Err(error) => return Err(named("TCP", address, &error)),
        }
    }
}

fn named(transport: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{transport} {address}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

    /// Ports that TCP has lost already, and then any.
    fn ports_taken(count: usize) -> impl FnMut() -> io::Result<UdpSocket> {
        let mut taken = Vec::new();
        move || {
            if taken.len() == count {
                return UdpSocket::bind(SocketAddr::from(ANY));
            }
            loop {
                let tcp = std::net::TcpListener::bind(ANY)?;
                // Another test of this process may have it for UDP.
                if let Ok(udp) = UdpSocket::bind(tcp.local_addr()?) {
                    taken.push(tcp);
                    return Ok(udp);
                }
            }
        }
    }

    #[test]
    fn another_port_is_tried_when_tcp_has_lost_it() {
        let sockets = bind_one_of(PORTS_TRIED, ports_taken(3)).expect("the fourth port is free");
        assert_eq!(sockets.udp.local_addr().unwrap(), sockets.address);
        assert_eq!(sockets.tcp.local_addr().unwrap(), sockets.address);
    }

    #[test]
    fn the_search_for_a_port_ends() {
        let error = bind_one_of(3, ports_taken(3)).expect_err("all three are taken");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with("TCP 127.0.0.1:"), "{error}");
    }
}
