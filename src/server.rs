//! A DNS server to ask, and how it is written.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

mod state;

pub use state::ServerState;

/// The longest name of an interface, in bytes (`IF_NAMESIZE` without its NUL).
const INTERFACE_MAX: usize = 15;

/// A DNS server: its address, its ports, and for a link-local address the interface.
///
/// A port that is not given is the one of
/// [`Builder::udp_port`](crate::Builder::udp_port) and
/// [`Builder::tcp_port`](crate::Builder::tcp_port), 53 unless set.
///
/// A server is written in one of these forms, which are c-ares' own
/// ([`ares_set_servers_csv`](https://c-ares.org/docs/ares_set_servers_csv.html)):
///
/// | text                               | means                                    |
/// |------------------------------------|------------------------------------------|
/// | `192.0.2.1`, `2001:db8::1`         | an address                               |
/// | `192.0.2.1:53`, `[2001:db8::1]:53` | with a port, for UDP and TCP             |
/// | `fe80::1%eth0`, `[fe80::1]:53%eth0`| link-local, with the interface           |
/// | `dns://192.0.2.1:53?tcpport=5353`  | as a URI, where the ports differ         |
///
/// ```
/// use c_ares::Server;
///
/// let server: Server = "192.0.2.1:5353".parse()?;
/// assert_eq!(server.udp_port(), Some(5353));
/// assert_eq!(server, Server::from("192.0.2.1:5353".parse::<std::net::SocketAddr>().unwrap()));
///
/// let server: Server = "dns://[2001:db8::1]:53?tcpport=5353".parse()?;
/// assert_eq!(server.tcp_port(), Some(5353));
/// assert_eq!(server.to_string(), "dns://[2001:db8::1]:53?tcpport=5353");
///
/// let error = "192.0.2.1:port".parse::<Server>().unwrap_err();
/// assert!(error.to_string().contains("192.0.2.1:port"));
/// # Ok::<(), c_ares::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    address: IpAddr,
    udp_port: Option<u16>,
    tcp_port: Option<u16>,
    interface: Option<String>,
}

impl Server {
    /// The address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The port for UDP, or `None` for the channel's.
    pub fn udp_port(&self) -> Option<u16> {
        self.udp_port
    }

    /// The port for TCP, or `None` for the channel's.
    pub fn tcp_port(&self) -> Option<u16> {
        self.tcp_port
    }

    /// The interface of a link-local address: its name or its number.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    /// The same server with another port for UDP. 0 means the channel's.
    #[must_use]
    pub fn with_udp_port(mut self, port: u16) -> Self {
        self.udp_port = some_port(port);
        self
    }

    /// The same server with another port for TCP. 0 means the channel's.
    #[must_use]
    pub fn with_tcp_port(mut self, port: u16) -> Self {
        self.tcp_port = some_port(port);
        self
    }

    /// The same server, reached through an interface.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadServer`] if the address is not link-local (`fe80::/10`), or if no
    /// interface can have such a name.
    pub fn with_interface(mut self, interface: &str) -> Result<Self> {
        let refuse = |reason| {
            Error::from(ErrorKind::BadServer {
                server: format!("{}%{interface}", self.address),
                reason,
            })
        };
        if !self.is_link_local() {
            return Err(refuse(
                "only a link-local address (fe80::/10) has an interface",
            ));
        }
        if interface.is_empty() || interface.len() > INTERFACE_MAX {
            return Err(refuse("an interface has a name of 1 to 15 bytes"));
        }
        // The bytes that c-ares reads in its text form; with them a name cannot
        // bring in a second server.
        let readable = |byte: u8| byte.is_ascii_alphanumeric() || b".-_\\:{}".contains(&byte);
        if !interface.bytes().all(readable) {
            return Err(refuse(
                r"an interface has a name of letters, digits and .-_\:{}",
            ));
        }
        self.interface = Some(interface.to_owned());
        Ok(self)
    }

    /// Whether the address is link-local, so that it means nothing without an interface.
    pub(crate) fn is_link_local(&self) -> bool {
        matches!(self.address, IpAddr::V6(address) if address.is_unicast_link_local())
    }

    /// Whether the address is one that c-ares keeps out of its lists (RFC 3879).
    pub(crate) fn is_site_local(&self) -> bool {
        matches!(self.address, IpAddr::V6(address) if address.segments()[0] & 0xffc0 == 0xfec0)
    }

    pub(crate) fn has_ports(&self) -> bool {
        self.udp_port.is_some() || self.tcp_port.is_some()
    }
}

fn some_port(port: u16) -> Option<u16> {
    (port != 0).then_some(port)
}

impl From<IpAddr> for Server {
    fn from(address: IpAddr) -> Self {
        Server {
            address,
            udp_port: None,
            tcp_port: None,
            interface: None,
        }
    }
}

impl From<SocketAddr> for Server {
    /// The port is used for UDP and TCP; 0 means the channel's. The scope of a link-local
    /// address becomes the interface; others have none.
    fn from(address: SocketAddr) -> Self {
        let server = Server::from(address.ip())
            .with_udp_port(address.port())
            .with_tcp_port(address.port());
        match address {
            SocketAddr::V6(v6) if v6.scope_id() != 0 && server.is_link_local() => Server {
                interface: Some(v6.scope_id().to_string()),
                ..server
            },
            _ => server,
        }
    }
}

impl fmt::Display for Server {
    /// Writes the form that c-ares writes: an address, with ports a pair of address
    /// and port, with different ports a URI.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = |sign: &str| match &self.interface {
            Some(interface) => format!("{sign}{interface}"),
            None => String::new(),
        };
        let host = |inside: &str| match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}{inside}]"),
        };
        match (self.udp_port, self.tcp_port) {
            (None, None) => write!(f, "{}{}", self.address, interface("%")),
            (Some(udp), Some(tcp)) if udp == tcp => {
                write!(f, "{}:{udp}{}", host(""), interface("%"))
            }
            (udp, tcp) => {
                write!(f, "dns://{}", host(&interface("%")))?;
                if let Some(port) = udp {
                    write!(f, ":{port}")?;
                }
                match tcp {
                    Some(port) => write!(f, "?tcpport={port}"),
                    None => write!(f, "?tcpport=0"),
                }
            }
        }
    }
}

impl FromStr for Server {
    type Err = Error;

    /// Reads any of the forms in the table [above](Server).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadServer`] with the text and what is wrong with it.
    fn from_str(text: &str) -> Result<Self> {
        parse(text).map_err(|error| match error {
            Refusal::Reason(reason) => ErrorKind::BadServer {
                server: text.to_owned(),
                reason,
            }
            .into(),
            Refusal::Error(error) => error,
        })
    }
}

enum Refusal {
    Reason(&'static str),
    Error(Error),
}

impl From<&'static str> for Refusal {
    fn from(reason: &'static str) -> Self {
        Refusal::Reason(reason)
    }
}

fn parse(text: &str) -> Result<Server, Refusal> {
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("dns") => parse_uri(rest),
        Some(_) => Err("the only scheme is dns://".into()),
        None => parse_plain(text),
    }
}

/// `ADDRESS[:PORT][%INTERFACE]`, with an IPv6 address in brackets where a port follows.
fn parse_plain(text: &str) -> Result<Server, Refusal> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or("the bracket is not closed")?;
        let (port, outside) = split(rest, '%');
        let (host, inside) = split(host, '%');
        if inside.is_some() && outside.is_some() {
            return Err("an interface is given twice".into());
        }
        let port = match port {
            "" => 0,
            port => parse_port(
                port.strip_prefix(':')
                    .ok_or("after the bracket comes :PORT")?,
            )?,
        };
        return finish(parse_ip(host)?, port, port, inside.or(outside));
    }
    let (host, interface) = split(text, '%');
    match host.split_once(':') {
        Some((v4, port)) if !port.contains(':') => {
            let port = parse_port(port)?;
            finish(parse_ip(v4)?, port, port, interface)
        }
        _ => finish(parse_ip(host)?, 0, 0, interface),
    }
}

/// What follows `dns://`: `HOST[:PORT][/][?tcpport=PORT]`.
fn parse_uri(rest: &str) -> Result<Server, Refusal> {
    let (authority, query) = split(rest, '?');
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let mut server = parse_plain(authority)?;
    if let Some(query) = query {
        match query.split_once('=') {
            Some(("tcpport", port)) if !port.contains('&') => {
                server.tcp_port = some_port(number(port)?);
            }
            _ => return Err("the only parameter is one tcpport=PORT".into()),
        }
    }
    Ok(server)
}

fn finish(address: IpAddr, udp: u16, tcp: u16, interface: Option<&str>) -> Result<Server, Refusal> {
    let server = Server::from(address).with_udp_port(udp).with_tcp_port(tcp);
    match interface {
        None => Ok(server),
        Some(interface) => server.with_interface(interface).map_err(Refusal::Error),
    }
}

fn split(text: &str, sign: char) -> (&str, Option<&str>) {
    match text.split_once(sign) {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    }
}

fn parse_ip(text: &str) -> Result<IpAddr, Refusal> {
    text.parse()
        .map_err(|_| "not an IPv4 or IPv6 address".into())
}

fn parse_port(text: &str) -> Result<u16, Refusal> {
    match number(text)? {
        0 => Err("a port is a number from 1 to 65535".into()),
        port => Ok(port),
    }
}

fn number(text: &str) -> Result<u16, Refusal> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a port is a number from 1 to 65535".into());
    }
    text.parse()
        .map_err(|_| "a port is a number from 1 to 65535".into())
}

impl From<std::net::Ipv4Addr> for Server {
    fn from(address: std::net::Ipv4Addr) -> Self {
        IpAddr::V4(address).into()
    }
}

impl From<Ipv6Addr> for Server {
    fn from(address: Ipv6Addr) -> Self {
        IpAddr::V6(address).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "192.0.2.1",
            "192.0.2.1:53",
            "2001:db8::1",
            "[2001:db8::1]:5353",
            "fe80::1%eth0",
            "[fe80::1]:53%eth0",
            "dns://192.0.2.1:53?tcpport=54",
            "dns://[fe80::1%eth0.1]:53?tcpport=54",
            "dns://192.0.2.1?tcpport=54",
            "dns://192.0.2.1:54?tcpport=0",
        ] {
            let server: Server = text.parse().unwrap();
            assert_eq!(server.to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_read() {
        for (text, means) in [
            ("[192.0.2.1]:53", "192.0.2.1:53"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[fe80::1%eth0]:53", "[fe80::1]:53%eth0"),
            ("DNS://192.0.2.1:53/", "192.0.2.1:53"),
        ] {
            assert_eq!(text.parse::<Server>().unwrap().to_string(), means);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_text() {
        for text in [
            "",
            "localhost",
            "192.0.2",
            "192.0.2.1:",
            "192.0.2.1:0",
            "192.0.2.1:65536",
            "192.0.2.1:+5",
            "[2001:db8::1",
            "[2001:db8::1]53",
            "192.0.2.1%eth0",
            "2001:db8::1%eth0",
            "fe80::1%",
            "fe80::1%a,192.0.2.1",
            "fe80::1%abcdefghijklmnop",
            "https://192.0.2.1",
            "dns://",
            "dns://192.0.2.1?port=1",
            "[fe80::1%eth0]:53%eth1",
            "192.0.2.1,192.0.2.2",
            "192.0.2.1\0",
        ] {
            let error = text.parse::<Server>().unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::BadServer { .. }),
                "{text}: {error:?}"
            );
            assert!(error.to_string().contains("bad server"), "{error}");
        }
        let twice = "dns://192.0.2.1?tcpport=1&tcpport=2".parse::<Server>();
        let error = twice.unwrap_err().to_string();
        assert!(error.ends_with("one tcpport=PORT"), "{error}");
    }
}
