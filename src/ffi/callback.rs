//! Every trampoline from C into a closure.
//!
//! A query's closure lies in one box together with what must happen around it.
//! c-ares owns the box from the call that asks to the one callback that it makes
//! (ares_query(3), ares_getaddrinfo(3): exactly one, at the latest from
//! `ares_destroy`). Whatever status the asking call returns, the box is not ours
//! any more: a failure has been told to the callback already.

use std::ffi::{c_char, c_int, c_void};

use c_ares_sys as sys;

use super::context::{self, ChannelId};
use super::handle::configure::{self, NewSocketClosure};
use super::handle::{Shared, SocketStateClosure};
use super::host::{self, OwnedAddrInfo};
use super::message::Lent;
use super::platform::SOCK_STREAM;
use super::socket::{NewSocket, Socket};
use crate::addrinfo::AddrInfo;
use crate::error::{Error, ErrorKind, Result};
use crate::message::Message;
use crate::nameinfo::NameInfo;
use crate::socket::Interest;

/// A response as c-ares lends it.
#[derive(Clone, Copy)]
pub(crate) struct Reply<'a> {
    pub(crate) message: &'a Message,
    pub(crate) timeouts: usize,
    /// The id of the query, if this came from a server.
    pub(crate) id: Option<u16>,
    pub(crate) servers: AskedServers<'a>,
    status: c_int,
}

impl Reply<'_> {
    /// Refuses a response that says that there is nothing. c-ares' status says so of its own
    /// queries, and not of a message that was sent as it is.
    pub(crate) fn check(self) -> Result<Self> {
        Error::check(self.status)
            .and_then(|()| match self.message.header().rcode.to_error() {
                Some(kind) => Err(kind.into()),
                None => Ok(self),
            })
            .map_err(|error| self.servers.blame(error))
    }
}

/// The servers of the channel that a callback belongs to.
#[derive(Clone, Copy)]
pub(crate) struct AskedServers<'a>(&'a Shared);

impl AskedServers<'_> {
    /// Says in an error who was asked, if that has to do with it.
    pub(crate) fn blame(self, error: Error) -> Error {
        error.asked_of(|| self.0.servers())
    }
}

/// One query under way.
pub(crate) struct Pending<F> {
    shared: *const Shared,
    ids: usize,
    closure: F,
}

impl<F> Pending<F> {
    /// Counts the query, and boxes it for C.
    ///
    /// `ids` says how many query ids it may hold at once.
    pub(crate) fn start(
        shared: &Shared,
        ids: usize,
        closure: F,
    ) -> Result<*mut c_void, (F, Error)> {
        if let Err(error) = shared.take_ids(ids) {
            return Err((closure, error));
        }
        let pending = Pending {
            shared,
            ids,
            closure,
        };
        Ok(Box::into_raw(Box::new(pending)).cast())
    }

    /// Takes the box back and runs the closure.
    ///
    /// # Safety
    ///
    /// `arg` came from `start` with the same `F`, is used for the first time, and the
    /// channel is not destroyed yet.
    unsafe fn finish(arg: *mut c_void, run: impl FnOnce(F, AskedServers<'_>)) {
        // SAFETY: as this function asks; the channel outlives its queries, and its
        // `Shared` outlives the channel.
        let (pending, shared) = unsafe {
            let pending = Box::from_raw(arg.cast::<Pending<F>>());
            let shared = &*pending.shared;
            (pending, shared)
        };
        shared.give_ids(pending.ids);
        context::callback(shared.id(), move || {
            run(pending.closure, AskedServers(shared));
        });
    }
}

/// The answer to `ares_query_dnsrec`, `ares_send_dnsrec` and `ares_search_dnsrec`.
///
/// # Safety
///
/// Called by c-ares, once, with an `arg` from [`Pending::start`] for the same `F`.
pub(crate) unsafe extern "C" fn on_answer<F>(
    arg: *mut c_void,
    status: sys::ares_status_t,
    timeouts: usize,
    message: *const sys::ares_dns_record_t,
) where
    F: FnOnce(Result<Reply<'_>>),
{
    // Nothing is read from a socket while a query is made: what is told then was known.
    let from_server = !context::is_asking();
    // SAFETY: ares_query_dnsrec(3): the message is valid during the callback, and
    // null where there is none; the rest is what this function asks.
    unsafe {
        let message = Lent::new(message);
        Pending::<F>::finish(arg, |closure, servers| {
            let status = status as c_int;
            match &message {
                Some(message) => closure(Ok(Reply {
                    message,
                    timeouts,
                    id: from_server.then(|| message.header().id),
                    servers,
                    status,
                })),
                None => {
                    let error = Error::check(status).err();
                    let error = error.unwrap_or_else(|| ErrorKind::BadResponse.into());
                    closure(Err(servers.blame(error)));
                }
            }
        });
    }
}

/// The answer to `ares_getaddrinfo`.
///
/// # Safety
///
/// Called by c-ares, once, with an `arg` from [`Pending::start`] for the same `F`.
pub(crate) unsafe extern "C" fn on_addrinfo<F>(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    info: *mut sys::ares_addrinfo,
) where
    F: FnOnce(Result<AddrInfo>),
{
    // SAFETY: ares_getaddrinfo(3): the result is ours to free; the rest is what
    // this function asks.
    unsafe {
        let info = OwnedAddrInfo::new(info);
        Pending::<F>::finish(arg, |closure, servers| {
            let timeouts = usize::try_from(timeouts).unwrap_or(0);
            let result = Error::check(status).and_then(|()| info.read(timeouts));
            drop(info);
            closure(result.map_err(|error| servers.blame(error)));
        });
    }
}

/// The answer to `ares_getnameinfo`.
///
/// # Safety
///
/// Called by c-ares, once, with an `arg` from [`Pending::start`] for the same `F`.
pub(crate) unsafe extern "C" fn on_nameinfo<F>(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    node: *mut c_char,
    service: *mut c_char,
) where
    F: FnOnce(Result<NameInfo>),
{
    // SAFETY: ares_getnameinfo(3): the strings are null or valid during the callback,
    // and copied here; the rest is what this function asks.
    unsafe {
        Pending::<F>::finish(arg, |closure, servers| {
            let result = Error::check(status).map(|()| NameInfo {
                host: host::text(node),
                service: host::text(service),
                timeouts: usize::try_from(timeouts).unwrap_or(0),
            });
            closure(result.map_err(|error| servers.blame(error)));
        });
    }
}

/// The state of a socket changed (`sock_state_cb`).
///
/// # Safety
///
/// Called by c-ares with the `Shared` of a channel that is not destroyed yet.
pub(crate) unsafe extern "C" fn on_socket_state(
    data: *mut c_void,
    socket: sys::ares_socket_t,
    readable: c_int,
    writable: c_int,
) {
    // SAFETY: ares_init_options(3): `data` is the pointer that was given with the
    // callback, here a `Shared` that outlives the channel.
    let shared = unsafe { &*data.cast::<Shared>() };
    let wanted = Interest {
        readable: readable != 0,
        writable: writable != 0,
    };
    if let Some(interest) = shared.streams.notice(shared, socket, wanted) {
        // SAFETY: `ares_conn.c`, `ares_close_connection`: the last notice, of nothing
        // to watch, comes just before the socket is closed, so it is open now.
        unsafe { tell_socket_state(shared, socket, interest) };
    }
}

/// Tells the user what to watch a socket for.
///
/// # Safety
///
/// The socket is open, and stays so until this returns.
pub(super) unsafe fn tell_socket_state(
    shared: &Shared,
    socket: sys::ares_socket_t,
    interest: Interest,
) {
    match &shared.on_socket_state {
        Some(SocketStateClosure::System(closure)) => {
            // SAFETY: as this function asks.
            let socket = unsafe { Socket::lend(socket) };
            context::callback(shared.id(), || closure(socket, interest));
        }
        Some(SocketStateClosure::Carried(closure)) => {
            context::callback(shared.id(), || closure(socket, interest));
        }
        None => {}
    }
}

/// A server answered, or failed (`ares_server_state_callback`).
///
/// # Safety
///
/// Called by c-ares with the `Shared` of a channel that is not destroyed yet.
pub(crate) unsafe extern "C" fn on_server_state(
    server: *const c_char,
    success: sys::ares_bool_t,
    flags: c_int,
    data: *mut c_void,
) {
    // SAFETY: ares_set_server_state_callback(3): `data` is the pointer that was given with
    // the callback, here a `Shared` that outlives the channel.
    let shared = unsafe { &*data.cast::<Shared>() };
    // SAFETY: `ares_process.c`: the text ends in NUL and is valid during the callback.
    let state = unsafe { configure::server_state(server, success != sys::ARES_FALSE, flags) };
    if let (Some(closure), Some(state)) = (&shared.closures.on_server_state, state) {
        context::callback(shared.id(), || closure(&state));
    }
}

/// A socket was connected (`ares_sock_create_callback`).
///
/// # Safety
///
/// Called by c-ares with the `Shared` of a channel that is not destroyed yet.
pub(crate) unsafe extern "C" fn on_socket_created(
    socket: sys::ares_socket_t,
    socket_type: c_int,
    data: *mut c_void,
) -> c_int {
    // SAFETY: ares_set_socket_callback(3): `data` is the pointer that was given with the
    // callback, here a `Shared` that outlives the channel.
    let shared = unsafe { &*data.cast::<Shared>() };
    // SAFETY: `ares_conn.c`, `ares_open_connection`: the socket is open during the callback.
    unsafe { on_new_socket(&shared.closures.on_socket_created, socket, socket_type) }
}

/// A socket is about to be connected (`ares_sock_config_callback`).
///
/// # Safety
///
/// Called by c-ares with the `Shared` of a channel that is not destroyed yet.
pub(crate) unsafe extern "C" fn on_socket_configured(
    socket: sys::ares_socket_t,
    socket_type: c_int,
    data: *mut c_void,
) -> c_int {
    // SAFETY: as in `on_socket_created`.
    unsafe {
        let shared = &*data.cast::<Shared>();
        on_new_socket(&shared.closures.on_socket_configured, socket, socket_type)
    }
}

/// Runs the closure; anything below 0 makes c-ares close the socket.
///
/// # Safety
///
/// The socket is open.
unsafe fn on_new_socket(
    closure: &Option<NewSocketClosure>,
    socket: sys::ares_socket_t,
    socket_type: c_int,
) -> c_int {
    let Some(closure) = closure else {
        return 0;
    };
    // SAFETY: as this function asks; the socket is lent to the closure and no longer.
    let socket = unsafe { NewSocket::lend(socket, socket_type == SOCK_STREAM) };
    match context::callback(ChannelId::NONE, || closure(&socket)) {
        Some(Ok(())) => 0,
        Some(Err(_)) | None => -1,
    }
}

/// There is something to write over TCP (`ares_pending_write_cb`).
///
/// # Safety
///
/// Called by c-ares with the `Shared` of a channel that is not destroyed yet.
pub(crate) unsafe extern "C" fn on_pending_write(data: *mut c_void) {
    // SAFETY: ares_set_pending_write_cb(3): `data` is the pointer that was given with the
    // callback, here a `Shared` that outlives the channel.
    let shared = unsafe { &*data.cast::<Shared>() };
    if let Some(closure) = &shared.closures.on_pending_write {
        context::callback(ChannelId::NONE, || closure());
    }
}
