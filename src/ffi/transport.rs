//! `ares_socket_functions_ex`: the trampolines from c-ares to a transport.
//!
//! c-ares calls them under the channel's lock, in the middle of opening, writing, reading or
//! closing a connection. What comes back is checked in the [`Table`] before C sees it, and
//! the code of a failure is set last, because anything may change it.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::ptr;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use c_ares_sys as sys;

use super::addr;
use super::context::{self, ChannelId};
use super::handle::Shared;
use super::message::bits;
use super::platform::{self, AF_INET6, SOCK_STREAM, code};
use crate::error::{Error, Result};
use crate::socket::RawSocket;
use crate::transport::table::{Table, would_block};
use crate::transport::{SocketOption, TransportSocket};

/// A transport in its place among what the callbacks of a channel share.
///
/// Its lock is never waited for: c-ares comes here under the channel's lock alone, and nothing that
/// a transport can call comes back here, since it calls on no channel.
pub(super) struct Carrier(Mutex<Table>);

impl Carrier {
    pub(super) fn new(table: Table) -> Self {
        Carrier(Mutex::new(table))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// What threads share may be shared: `Owned` only promises it.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Carrier>();
};

/// Makes a channel use the transport of its `Shared`.
///
/// # Safety
///
/// The channel is live and nobody else knows it yet; `shared` has a transport and outlives it.
pub(super) unsafe fn install(
    channel: *mut sys::ares_channel_t,
    shared: *const Shared,
) -> Result<()> {
    let functions = sys::ares_socket_functions_ex {
        version: 1,
        flags: bits(sys::ARES_SOCKFUNC_FLAG_NONBLOCKING),
        asocket: Some(open),
        aclose: Some(close),
        asetsockopt: Some(set_option),
        aconnect: Some(connect),
        arecvfrom: Some(receive),
        asendto: Some(send),
        agetsockname: Some(local_address),
        abind: Some(bind),
        // Interfaces are the system's all the same, for the servers that need one. c-ares asks
        // for them without the lock too, when it reads the system's configuration.
        aif_nametoindex: Some(interface_number),
        aif_indextoname: Some(interface_name),
    };
    // SAFETY: ares_set_socket_functions(3): the channel is live, as this function asks; the
    // structure is copied; the data outlives the channel. The call takes no lock, which
    // nobody else could want yet.
    let status = unsafe {
        sys::ares_set_socket_functions_ex(
            channel,
            &raw const functions,
            shared.cast_mut().cast::<c_void>(),
        )
    };
    Error::check(status as c_int)
}

/// Runs `work` on the transport of a channel.
///
/// What fails, or panics, sets the code that C reads, and gives `None`. The caller does
/// nothing any more but return.
///
/// # Safety
///
/// `data` is what [`install`] was given.
unsafe fn carry<T>(data: *mut c_void, work: impl FnOnce(&mut Table) -> io::Result<T>) -> Option<T> {
    // SAFETY: as this function asks.
    let shared = unsafe { &*data.cast::<Shared>() };
    let done = context::callback(ChannelId::NONE, || match &shared.carrier {
        Some(carrier) => work(&mut carrier.lock()),
        None => Err(ErrorKind::NotConnected.into()),
    });
    let code = match done {
        Some(Ok(value)) => return Some(value),
        Some(Err(error)) => error_code(&error),
        None => code::EIO,
    };
    platform::set_socket_error(code);
    None
}

/// 0 or -1, as C wants it.
fn status(done: Option<()>) -> c_int {
    done.map_or(-1, |()| 0)
}

/// What C reads of an error: the codes that `ares_socket_deref_error` knows, and `ENOSYS`.
fn error_code(error: &io::Error) -> c_int {
    match error.kind() {
        // c-ares calls an interrupted `connect` again and again, under the lock, and gives a
        // connection up whose reading is interrupted.
        _ if would_block(error) => code::EWOULDBLOCK,
        // Whatever the standard library takes it for.
        _ if error.raw_os_error() == Some(code::EAFNOSUPPORT) => code::EAFNOSUPPORT,
        ErrorKind::Unsupported => code::ENOSYS,
        kind => error.raw_os_error().unwrap_or(match kind {
            ErrorKind::ConnectionRefused => code::ECONNREFUSED,
            ErrorKind::ConnectionReset => code::ECONNRESET,
            ErrorKind::ConnectionAborted => code::ECONNABORTED,
            ErrorKind::HostUnreachable => code::EHOSTUNREACH,
            ErrorKind::NetworkUnreachable => code::ENETUNREACH,
            ErrorKind::NetworkDown => code::ENETDOWN,
            ErrorKind::TimedOut => code::ETIMEDOUT,
            ErrorKind::AddrNotAvailable => code::EADDRNOTAVAIL,
            ErrorKind::InvalidInput => code::EINVAL,
            _ => code::EIO,
        }),
    }
}

/// # Safety
///
/// Called by c-ares with the data of [`install`].
unsafe extern "C" fn open(
    domain: c_int,
    socket_type: c_int,
    _protocol: c_int,
    data: *mut c_void,
) -> sys::ares_socket_t {
    let (tcp, ipv6) = (socket_type == SOCK_STREAM, domain == AF_INET6);
    let opened = |table: &mut Table| {
        table.open(tcp, ipv6).map_err(|error| match error.kind() {
            // Where addresses are sorted, one that cannot be reached (`ares_sortaddrinfo.c`,
            // `find_src_addr`); anything else ends the sorting.
            ErrorKind::Unsupported => io::Error::from_raw_os_error(code::EAFNOSUPPORT),
            _ => error,
        })
    };
    // SAFETY: as this function asks.
    unsafe { carry(data, opened) }.unwrap_or(sys::ARES_SOCKET_BAD)
}

/// # Safety
///
/// As [`open`].
unsafe extern "C" fn close(socket: RawSocket, data: *mut c_void) -> c_int {
    // SAFETY: as this function asks.
    let data = unsafe { &*data.cast::<Shared>() };
    let done = context::callback(ChannelId::NONE, || {
        // Out of the table before it is dropped, which may panic.
        let socket = data
            .carrier
            .as_ref()
            .map(|carrier| carrier.lock().close(socket));
        drop(socket);
    });
    status(done)
}

/// # Safety
///
/// As [`open`]; `value` points to `size` bytes, and is what `option` says.
unsafe extern "C" fn set_option(
    socket: RawSocket,
    option: sys::ares_socket_opt_t,
    value: *const c_void,
    size: sys::ares_socklen_t,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `ares_socket.c`, `ares_socket_configure` and `ares_socket_enable_tfo`: the bytes are
    // there during the call; as this function asks.
    let done = unsafe {
        let value = bytes(value, usize::try_from(size).unwrap_or(0));
        carry(data, |table| {
            let option = socket_option(option, value).ok_or(ErrorKind::Unsupported)?;
            table.socket(socket)?.set_option(option)
        })
    };
    status(done)
}

/// Takes an option apart. `None` for those of a later c-ares.
fn socket_option(option: sys::ares_socket_opt_t, value: &[u8]) -> Option<SocketOption<'_>> {
    let size = || {
        let number = c_int::from_ne_bytes(value.try_into().ok()?);
        u32::try_from(number).ok()
    };
    match option {
        sys::ARES_SOCKET_OPT_SENDBUF_SIZE => size().map(SocketOption::SendBufferSize),
        sys::ARES_SOCKET_OPT_RECVBUF_SIZE => size().map(SocketOption::ReceiveBufferSize),
        // Without the NUL at its end (`ares_socket.c`, `ares_socket_configure`).
        sys::ARES_SOCKET_OPT_BIND_DEVICE => {
            std::str::from_utf8(value).ok().map(SocketOption::Device)
        }
        sys::ARES_SOCKET_OPT_TCP_FASTOPEN => Some(SocketOption::TcpFastOpen),
        _ => None,
    }
}

/// # Safety
///
/// As [`open`]; `address` points to a socket address of that length.
unsafe extern "C" fn bind(
    socket: RawSocket,
    _flags: c_uint,
    address: *const sys::sockaddr,
    length: sys::ares_socklen_t,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `ares_socket.c`, `ares_socket_configure`: an address with its length; as this
    // function asks.
    unsafe {
        with_address(socket, address, length, data, |socket, local| {
            socket.bind(local)
        })
    }
}

/// # Safety
///
/// As [`open`]; `address` points to a socket address of that length.
unsafe extern "C" fn connect(
    socket: RawSocket,
    address: *const sys::sockaddr,
    length: sys::ares_socklen_t,
    _flags: c_uint,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `ares_conn.c`, `ares_conn_connect`: an address with its length; as this function
    // asks.
    unsafe {
        with_address(socket, address, length, data, |socket, server| {
            socket.connect(server)
        })
    }
}

/// # Safety
///
/// As [`connect`].
unsafe fn with_address(
    socket: RawSocket,
    address: *const sys::sockaddr,
    length: sys::ares_socklen_t,
    data: *mut c_void,
    work: impl FnOnce(&mut dyn TransportSocket, SocketAddr) -> io::Result<()>,
) -> c_int {
    // SAFETY: as this function asks.
    let done = unsafe {
        let address = addr::socket_addr(address, length);
        carry(data, |table| {
            work(
                table.socket(socket)?,
                address.ok_or(ErrorKind::InvalidInput)?,
            )
        })
    };
    status(done)
}

/// # Safety
///
/// As [`open`]; `data` points to `length` bytes.
unsafe extern "C" fn send(
    socket: RawSocket,
    message: *const c_void,
    length: usize,
    _flags: c_int,
    // With TCP Fast Open, the one that the socket was connected to.
    _address: *const sys::sockaddr,
    _address_length: sys::ares_socklen_t,
    data: *mut c_void,
) -> sys::ares_ssize_t {
    // SAFETY: `ares_conn.c`, `ares_conn_write`: bytes of a buffer, there during the call; as
    // this function asks.
    let sent = unsafe {
        let bytes = bytes(message, length);
        carry(data, |table| table.send(socket, bytes))
    };
    // Not longer than a slice.
    sent.map_or(-1, |length| length as sys::ares_ssize_t)
}

/// # Safety
///
/// As [`open`]; `buffer` has room for `size` bytes, and `address`, unless it is null, for
/// `address_length` of them.
unsafe extern "C" fn receive(
    socket: RawSocket,
    buffer: *mut c_void,
    size: usize,
    _flags: c_int,
    address: *mut sys::sockaddr,
    address_length: *mut sys::ares_socklen_t,
    data: *mut c_void,
) -> sys::ares_ssize_t {
    let copy = |table: &mut Table| {
        let (bytes, from) = table.receive(socket, size)?;
        // SAFETY: the table gives no more than `size` bytes, which `buffer` has room for; for
        // the address as this function asks.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.cast(), bytes.len());
            if let Some(from) = from {
                addr::write(from, address, address_length)?;
            }
        }
        Ok(bytes.len())
    };
    // SAFETY: as this function asks.
    let received = unsafe { carry(data, copy) };
    // Not longer than a slice.
    received.map_or(-1, |length| length as sys::ares_ssize_t)
}

/// # Safety
///
/// As [`open`]; `address` has room for `length` bytes.
unsafe extern "C" fn local_address(
    socket: RawSocket,
    address: *mut sys::sockaddr,
    length: *mut sys::ares_socklen_t,
    data: *mut c_void,
) -> c_int {
    let write = |table: &mut Table| {
        let local = table.socket(socket)?.local_address()?;
        // SAFETY: as this function asks.
        unsafe { addr::write(local, address, length) }
    };
    // SAFETY: as this function asks.
    status(unsafe { carry(data, write) })
}

/// # Safety
///
/// `name` ends in NUL.
unsafe extern "C" fn interface_number(name: *const c_char, _data: *mut c_void) -> c_uint {
    // SAFETY: as this function asks.
    platform::interface_number(unsafe { std::ffi::CStr::from_ptr(name) })
}

/// # Safety
///
/// `buffer` has room for `size` bytes.
unsafe extern "C" fn interface_name(
    number: c_uint,
    buffer: *mut c_char,
    size: usize,
    _data: *mut c_void,
) -> *const c_char {
    // SAFETY: as this function asks.
    unsafe { platform::interface_name(number, buffer, size) }
}

/// # Safety
///
/// `data` is null or points to `length` bytes that are there as long as the result.
unsafe fn bytes<'a>(data: *const c_void, length: usize) -> &'a [u8] {
    if data.is_null() {
        return &[];
    }
    // SAFETY: as this function asks.
    unsafe { slice::from_raw_parts(data.cast(), length) }
}
