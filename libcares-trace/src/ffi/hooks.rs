//! What the library calls of a channel: the functions that the program gave to it.

use super::callbacks::{Arg, number};
use super::guard::{fault, ours};
use super::layer;
use super::read;
use super::system;
use super::types::{PendingWriteCallback, ServerStateCallback, SockStateCallback, SocketCallback};
use crate::event::{Event, Server, Socket};
use crate::{output, state};
use libc::{c_char, c_int, c_void};

/// A function that the program gave to a channel. Without one it is there for us alone.
#[derive(Clone, Copy)]
pub(crate) struct Hook {
    pub(super) function: Function,
    pub(super) data: Arg,
    /// The channel that it was given to.
    pub(super) channel: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum Function {
    SockState(Option<SockStateCallback>),
    Created(Option<SocketCallback>),
    Configured(SocketCallback),
    ServerState(Option<ServerStateCallback>),
    PendingWrite(PendingWriteCallback),
}

impl Function {
    fn key(&self) -> (u8, usize) {
        match *self {
            Function::SockState(function) => (0, function.map_or(0, |function| function as usize)),
            Function::Created(function) => (1, function.map_or(0, |function| function as usize)),
            Function::Configured(function) => (2, function as usize),
            Function::ServerState(function) => {
                (3, function.map_or(0, |function| function as usize))
            }
            Function::PendingWrite(function) => (4, function as usize),
        }
    }
}

impl Hook {
    /// The channel is made now.
    pub(crate) fn belongs_to(&mut self, channel: usize) {
        self.channel = channel;
    }
}

impl PartialEq for Hook {
    fn eq(&self, other: &Hook) -> bool {
        (self.function.key(), self.data, self.channel)
            == (other.function.key(), other.data, other.channel)
    }
}

/// The program's function that a number stands for.
fn hooked(data: *const c_void) -> Option<Hook> {
    ours(None, || state::lock().hooked(number(data)))
}

/// The channel that the library is at work for. A copy of a channel has the functions of its
/// source, so that the call that the thread is in is the better witness.
fn at_work(hook: &Hook) -> usize {
    layer::channel().unwrap_or(hook.channel)
}

pub(super) unsafe extern "C-unwind" fn sock_state(
    data: *mut c_void,
    fd: c_int,
    readable: c_int,
    writable: c_int,
) {
    let Some(hook) = hooked(data) else { return };
    ours((), || {
        fault("sock_state");
        socket_is(at_work(&hook), fd, readable != 0 || writable != 0, None);
    });
    if let Function::SockState(Some(callback)) = hook.function {
        // SAFETY: the program gave this function to be called like this.
        layer::outside(|| unsafe { callback(hook.data.0, fd, readable, writable) });
    }
}

pub(super) unsafe extern "C-unwind" fn created(fd: c_int, kind: c_int, data: *mut c_void) -> c_int {
    let Some(hook) = hooked(data) else { return 0 };
    ours((), || {
        fault("created");
        socket_is(at_work(&hook), fd, true, system::kind_of(kind));
    });
    match hook.function {
        // SAFETY: as above.
        Function::Created(Some(callback)) => {
            // SAFETY: as above.
            layer::outside(|| unsafe { callback(fd, kind, hook.data.0) })
        }
        _ => 0,
    }
}

/// A socket is open, or closed. The library tells so more than once.
fn socket_is(address: usize, fd: c_int, open: bool, transport: Option<&'static str>) {
    let mut state = state::lock();
    let channel = state.channel(address);
    let (id, own_sockets) = (channel.id, channel.own_sockets);
    let news = match open {
        true => channel.sockets.insert(fd),
        false => channel.sockets.remove(&fd),
    };
    if !news {
        return;
    }
    if open {
        state.summary.sockets += 1;
    }
    drop(state);
    let ask = open && !own_sockets;
    let socket = Socket {
        fd,
        open,
        transport: transport.or_else(|| if ask { system::transport(fd) } else { None }),
        peer: if ask {
            system::peer(fd).map(|peer| peer.to_string())
        } else {
            None
        },
    };
    output::tell(Some(id), Event::Socket(socket));
}

/// Of a socket to be configured: only passed on, so that what the program does in it is its own.
pub(super) unsafe extern "C-unwind" fn configured(
    fd: c_int,
    kind: c_int,
    data: *mut c_void,
) -> c_int {
    match hooked(data) {
        // SAFETY: as above.
        Some(Hook {
            function: Function::Configured(callback),
            data,
            ..
        }) => {
            // SAFETY: as above.
            layer::outside(|| unsafe { callback(fd, kind, data.0) })
        }
        _ => 0,
    }
}

pub(super) unsafe extern "C-unwind" fn pending_write(data: *mut c_void) {
    if let Some(Hook {
        function: Function::PendingWrite(callback),
        data,
        ..
    }) = hooked(data)
    {
        // SAFETY: as above.
        layer::outside(|| unsafe { callback(data.0) });
    }
}

pub(super) unsafe extern "C-unwind" fn server_state(
    server: *const c_char,
    success: c_int,
    flags: c_int,
    data: *mut c_void,
) {
    let Some(hook) = hooked(data) else { return };
    ours((), || {
        fault("server_state");
        // SAFETY: ares_set_server_state_callback(3): a string, valid during the call.
        let Some(name) = (unsafe { read::string(server) }) else {
            return;
        };
        let up = success != 0;
        let transport = if flags & SERV_STATE_TCP != 0 {
            "TCP"
        } else {
            "UDP"
        };
        let told = Server {
            server: name,
            up,
            transport,
        };
        let mut state = state::lock();
        let index = state.summary.server(&told.server);
        if let Some(index) = index {
            state.summary.state(index, up);
            if up {
                layer::batch(|batch| batch.server(index));
            }
        }
        let channel = state.channel(at_work(&hook));
        let (id, news) = (channel.id, channel.server_is(&told));
        drop(state);
        if news {
            output::tell(Some(id), Event::ServerState(told));
        }
    });
    if let Function::ServerState(Some(callback)) = hook.function {
        // SAFETY: as above.
        layer::outside(|| unsafe { callback(server, success, flags, hook.data.0) });
    }
}

/// `ARES_SERV_STATE_TCP`.
const SERV_STATE_TCP: c_int = 1 << 1;
