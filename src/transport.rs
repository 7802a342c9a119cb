//! Sockets that a program brings itself: what c-ares asks of them, and who holds them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

#[cfg(doc)]
use crate::builder::Builder;
#[cfg(doc)]
use crate::channel::Channel;
use crate::socket::RawSocket;

pub(crate) mod table;

/// Where the sockets of a channel come from, in place of the system.
///
/// [`Channel::builder_over`] makes a channel on it, which its user drives. The channel
/// owns the transport and its sockets, and drops them when it is dropped.
///
/// # What runs where
///
/// All methods, those of [`TransportSocket`] too, run while the channel is locked and
/// c-ares is in the middle of things, on whatever thread calls into the channel, one at a time. They
/// must not block. Queries that are asked inside of them, on *any* channel, are put off
/// until no channel is locked, and all other methods of channels are refused with
/// [`ErrorKind::InCallback`](crate::ErrorKind::InCallback). A panic is a failure to c-ares, and goes on
/// from the call that was driving it.
///
/// Any thread may be the one, so a transport belongs to none, and neither do its sockets:
///
/// ```compile_fail,E0277
/// # use c_ares::{Opening, Transport, TransportSocket};
/// struct Counting<T>(T, std::rc::Rc<()>);
///
/// impl<T: Transport> Transport for Counting<T> {
///     type Socket = T::Socket;
///     fn open(&mut self, opening: &Opening) -> std::io::Result<T::Socket> {
///         self.0.open(opening)
///     }
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use c_ares::{Opening, Transport, TransportSocket};
/// struct Counted<S>(S, std::rc::Rc<()>);
///
/// impl<S: TransportSocket> TransportSocket for Counted<S> {
///     fn connect(&mut self, server: std::net::SocketAddr) -> std::io::Result<()> {
///         self.0.connect(server)
///     }
///     fn send(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
///         self.0.send(bytes)
///     }
///     fn receive(&mut self, buffer: &mut [u8]) -> std::io::Result<(usize, std::net::SocketAddr)> {
///         self.0.receive(buffer)
///     }
/// }
/// ```
///
/// # What is opened
///
/// Sockets for servers; and, when [`Channel::addrinfo`] sorts what it found, one for UDP for each
/// address, which is connected to it, with port 0 where no service is asked for, asked for its
/// [`local_address`](TransportSocket::local_address), and dropped. Of those
/// [`Builder::on_socket_state`](Builder::<crate::Carried>::on_socket_state) tells nothing.
/// [`AddrInfoFlags::NOSORT`](crate::AddrInfoFlags::NOSORT) leaves them out.
///
/// The interface of a link-local [`Server`](crate::Server) is looked up among the system's
/// own, whatever the transport is: c-ares has functions for that, which this crate leaves as they are.
///
/// # Errors
///
/// c-ares tells three kinds of error apart, and what else an error says is told to nobody:
///
/// * [`WouldBlock`](io::ErrorKind::WouldBlock): nothing now, and a loop will say when again. So too
///   [`Interrupted`](io::ErrorKind::Interrupted).
/// * [`Unsupported`](io::ErrorKind::Unsupported), of an option alone: c-ares goes on without it.
/// * Every other one ends the connection, and its queries go on to the next try. What makes no
///   sense, such as more bytes than there were, is taken for one of these.
///
/// # Examples
///
/// A transport that asks over UDP alone, with sockets that the standard library makes:
///
/// ```
/// use c_ares::{A, Channel, Interest, Opening, RawSocket, Ready, Transport, TransportSocket};
/// use std::io;
/// use std::net::{SocketAddr, UdpSocket};
/// use std::sync::mpsc::{self, Sender};
///
/// struct Standard(Sender<RawSocket>);
/// struct Udp(UdpSocket);
///
/// impl Transport for Standard {
///     type Socket = Udp;
///
///     fn open(&mut self, opening: &Opening) -> io::Result<Udp> {
///         if opening.tcp || opening.ipv6 {
///             return Err(io::ErrorKind::Unsupported.into());
///         }
///         let socket = UdpSocket::bind("127.0.0.1:0")?;
///         socket.set_nonblocking(true)?;
///         self.0.send(opening.number).map_err(io::Error::other)?;
///         Ok(Udp(socket))
///     }
/// }
///
/// impl TransportSocket for Udp {
///     fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
///         self.0.connect(server)
///     }
///     fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
///         self.0.send(bytes)
///     }
///     fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
///         self.0.recv_from(buffer)
///     }
/// }
///
/// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
/// # let address = server.address();
/// let (opened, numbers) = mpsc::channel();
/// let channel = Channel::builder_over(Standard(opened)).servers([address]).build()?;
/// let (sender, answers) = mpsc::channel();
/// channel.query::<A>("example.com", move |answer| sender.send(answer).unwrap());
///
/// let mut ready = Vec::new();
/// let answer = loop {
///     if let Ok(answer) = answers.try_recv() {
///         break answer?;
///     }
///     // An event loop would wait here for a socket, or for `channel.timeout()`.
///     ready.extend(numbers.try_iter().map(|number| Ready::new(number, Interest::READABLE)));
///     channel.process(&ready)?;
/// };
/// assert_eq!(answer.records.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// C: [`ares_set_socket_functions_ex`](https://c-ares.org/docs/ares_set_socket_functions_ex.html).
#[doc(alias = "ares_set_socket_functions_ex")]
#[doc(alias = "ares_socket_functions_ex")]
pub trait Transport: Send + 'static {
    /// What carries the messages. c-ares closes it by dropping it.
    type Socket: TransportSocket;

    /// Makes a socket.
    ///
    /// # Errors
    ///
    /// Any: the server counts as unreachable by this socket. While addresses are sorted, one of
    /// [`Unsupported`](io::ErrorKind::Unsupported) counts as an address that cannot be reached, and
    /// any other leaves all of them as they are.
    #[doc(alias = "asocket")]
    fn open(&mut self, opening: &Opening) -> io::Result<Self::Socket>;
}

/// What c-ares wants a socket for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Opening {
    /// The number by which [`Builder::on_socket_state`](Builder::<crate::Carried>::on_socket_state) and
    /// [`Ready`](crate::Ready) name it.
    ///
    /// The channel gives it, from 2³⁰ on: it is no descriptor of the system's. No two sockets that are
    /// open have the same, and the number of one that was closed is given again after 2³⁰ others.
    pub number: RawSocket,
    /// Whether it is for TCP, a stream, and not for UDP, datagrams.
    pub tcp: bool,
    /// Whether it is for an IPv6 address, and not for an IPv4 one.
    pub ipv6: bool,
}

/// A socket of a [`Transport`]: for one server, over UDP or TCP, or to sort one address.
///
/// c-ares sets options and binds, then connects, then sends and receives; to sort, it connects and asks
/// for the local address. Where the methods run, and what errors mean, [`Transport`] tells.
pub trait TransportSocket: Send + 'static {
    /// Sets an option. Nothing of DNS depends on any.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) leaves the option out, and so does every error
    /// of [`Device`](SocketOption::Device) and [`TcpFastOpen`](SocketOption::TcpFastOpen). Other
    /// errors of a buffer size give the socket up.
    #[doc(alias = "asetsockopt")]
    fn set_option(&mut self, option: SocketOption<'_>) -> io::Result<()> {
        let _ = option;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes a local address, with port 0 for any. Asked only where
    /// [`Builder::local_ipv4`] or [`Builder::local_ipv6`] was set.
    ///
    /// # Errors
    ///
    /// Any gives the socket up. Unless overridden: [`Unsupported`](io::ErrorKind::Unsupported).
    #[doc(alias = "abind")]
    fn bind(&mut self, local: SocketAddr) -> io::Result<()> {
        let _ = local;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Connects to a server, or to an address that is sorted.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) says that the connection is being made. Then the
    /// socket is writable when it is there, and readable when it could not be made.
    /// A stream is watched for writing in either case. Other errors give the socket up.
    #[doc(alias = "aconnect")]
    fn connect(&mut self, server: SocketAddr) -> io::Result<()>;

    /// Sends a datagram, whole, or a part of a stream. Says how many bytes it took; none
    /// counts as [`WouldBlock`](io::ErrorKind::WouldBlock).
    ///
    /// What a stream did not take is sent again when the socket is writable.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) while there is no room; then c-ares waits for
    /// the socket to be writable. Others end the connection.
    #[doc(alias = "asendto")]
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Receives a datagram, or a part of a stream. Says how long it is and where
    /// it came from.
    ///
    /// The buffer has no less than 65,535 bytes, and may hold old ones. No bytes at all are the end of a stream,
    /// after which it is not asked again, and an empty datagram otherwise. A datagram from another address than
    /// the server's is thrown away, and so is one from another port, unless the port is 0, which
    /// says that it is not known. For streams nobody looks at the address.
    ///
    /// c-ares asks until there is nothing more, but for no more than a mebibyte, or 256 messages,
    /// in a row: a loop that is told changes alone (edge-triggered) may have to say once more that there is data.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) while there is nothing. Others end the
    /// connection.
    #[doc(alias = "arecvfrom")]
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)>;

    /// The local address of a socket that is connected, or being connected.
    ///
    /// c-ares forgets a server's DNS cookie when it changes (RFC 7873), and
    /// [`Channel::addrinfo`] sorts by it (RFC 6724). Unless overridden it is always the same, which sorts
    /// as if no address had anything in common with this machine's.
    ///
    /// # Errors
    ///
    /// Any gives the socket up, and leaves the addresses that are sorted as they are.
    #[doc(alias = "agetsockname")]
    fn local_address(&mut self) -> io::Result<SocketAddr> {
        Ok((Ipv4Addr::UNSPECIFIED, 0).into())
    }
}

/// An option of a socket, for [`TransportSocket::set_option`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "ares_socket_opt_t")]
pub enum SocketOption<'a> {
    /// The size of the send buffer, in bytes: [`Builder::send_buffer_size`].
    SendBufferSize(u32),
    /// The size of the receive buffer, in bytes: [`Builder::receive_buffer_size`].
    ReceiveBufferSize(u32),
    /// The network interface to go through: [`Builder::local_device`].
    Device(&'a str),
    /// TCP Fast Open (RFC 7413), asked for with every stream. Who accepts it lets the first
    /// [`send`](TransportSocket::send) come before the connection stands, and may make the connection
    /// with it. [`local_address`](TransportSocket::local_address) may fail until then.
    TcpFastOpen,
}

/// A transport whose type is forgotten.
pub(crate) type Opener = Box<dyn FnMut(&Opening) -> io::Result<Box<dyn TransportSocket>> + Send>;

pub(crate) fn opener(mut transport: impl Transport) -> Opener {
    Box::new(move |opening| Ok(Box::new(transport.open(opening)?)))
}
