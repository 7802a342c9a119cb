//! Sockets as c-ares names them, and `ares_fd_events_t`.

use std::marker::PhantomData;

use c_ares_sys as sys;

use super::message::bits;
use crate::socket::Interest;

/// What the system calls a socket: a file descriptor on Unix.
pub type RawSocket = sys::ares_socket_t;

/// A socket of a driven channel, lent for the time of a callback.
///
/// It does not block, and must not be made to: c-ares reads it until there is nothing more, under the
/// channel's lock, and a socket that blocks there stops the channel, and whoever drops it.
///
/// It is open during the callback, and closed some time after one that says
/// [`Interest::NONE`]. An event loop that keeps it longer keeps its number and
/// forgets it then, or duplicates it (`AsFd`, [`try_clone_to_owned`]). The socket itself cannot
/// be kept:
///
/// ```compile_fail,E0521
/// # use c_ares::{Channel, Socket};
/// let (sender, sockets) = std::sync::mpsc::channel::<Socket<'_>>();
/// Channel::builder().on_socket_state(move |socket, _| sender.send(socket).unwrap());
/// ```
///
/// [`try_clone_to_owned`]: std::os::fd::BorrowedFd::try_clone_to_owned
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Socket<'a> {
    raw: RawSocket,
    lent: PhantomData<&'a ()>,
}

impl Socket<'_> {
    /// # Safety
    ///
    /// The socket stays open as long as the value is in use.
    pub(super) unsafe fn lend(raw: RawSocket) -> Self {
        Socket {
            raw,
            lent: PhantomData,
        }
    }

    /// The number by which [`Ready`] names it.
    pub fn raw(&self) -> RawSocket {
        self.raw
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Socket<'_> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        // SAFETY: `lend` asks that the socket stays open as long as this value.
        unsafe { std::os::fd::BorrowedFd::borrow_raw(self.raw) }
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Socket<'_> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.raw
    }
}

/// A socket that c-ares has just made, lent for the time of a callback.
///
/// See [`Builder::on_socket_created`](crate::Builder::on_socket_created) and
/// [`Builder::on_socket_configured`](crate::Builder::on_socket_configured). It does not block, and must not be
/// made to, as [`Socket`] says. What is to be kept is duplicated (`AsFd`):
///
/// ```compile_fail,E0521
/// # use c_ares::{Channel, NewSocket};
/// let (sender, sockets) = std::sync::mpsc::channel::<&NewSocket<'_>>();
/// Channel::builder().on_socket_created(move |socket| {
///     sender.send(socket).unwrap();
///     Ok(())
/// });
/// ```
#[derive(Debug)]
pub struct NewSocket<'a> {
    socket: Socket<'a>,
    tcp: bool,
}

impl NewSocket<'_> {
    /// # Safety
    ///
    /// The socket stays open as long as the value is in use.
    pub(super) unsafe fn lend(raw: RawSocket, tcp: bool) -> Self {
        // SAFETY: as this function asks.
        let socket = unsafe { Socket::lend(raw) };
        NewSocket { socket, tcp }
    }

    /// The number by which the system knows it.
    pub fn raw(&self) -> RawSocket {
        self.socket.raw
    }

    /// Whether it is for TCP, and not for UDP.
    pub fn is_tcp(&self) -> bool {
        self.tcp
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for NewSocket<'_> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// A socket that is ready, for [`Channel::process`](crate::Channel::process).
#[doc(alias = "ares_fd_events_t")]
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Ready(sys::ares_fd_events_t);

impl Ready {
    /// The socket is ready for what `interest` says.
    ///
    /// An error or the end of the connection counts as readable.
    pub fn new(socket: RawSocket, interest: Interest) -> Self {
        let mut events = sys::ARES_FD_EVENT_NONE;
        if interest.readable {
            events |= sys::ARES_FD_EVENT_READ;
        }
        if interest.writable {
            events |= sys::ARES_FD_EVENT_WRITE;
        }
        Ready(sys::ares_fd_events_t {
            fd: socket,
            events: bits(events),
        })
    }

    /// The socket.
    pub fn socket(&self) -> RawSocket {
        self.0.fd
    }

    /// What it is ready for.
    pub fn interest(&self) -> Interest {
        let has = |event| self.0.events & bits(event) != 0;
        Interest {
            readable: has(sys::ARES_FD_EVENT_READ),
            writable: has(sys::ARES_FD_EVENT_WRITE),
        }
    }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ready({}: {})", self.socket(), self.interest())
    }
}
