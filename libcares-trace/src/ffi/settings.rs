//! What the program sets on its channels.

use super::callbacks::{Arg, as_arg};
use super::guard::{fault, ours};
use super::hooks::{self, Function, Hook};
use super::layer::inside;
use super::options::{saved, servers_of};
use super::read;
use super::types::{
    AddrNode, AddrPortNode, Channel, PendingWriteCallback, SUCCESS, ServerStateCallback,
    SocketCallback,
};
use crate::event::{Event, Servers, Setting};
use crate::{names, output, state};
use libc::{c_char, c_int, c_uchar, c_uint, c_void};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Tells of something that was done to a channel.
pub(super) fn tell_setting(
    call: &'static str,
    channel: *const Channel,
    value: Option<String>,
    status: Option<c_int>,
) {
    ours((), || {
        let id = (!channel.is_null()).then(|| state::lock().channel(channel.addr()).id);
        let result = status.map(names::status);
        output::tell(
            id,
            Event::Setting(Setting {
                call,
                value,
                status,
                result,
            }),
        );
    });
}

// Servers.

pub(super) type SetFn<T> = unsafe extern "C-unwind" fn(*mut Channel, *const T) -> c_int;

pub(super) unsafe fn set_servers(
    call: &'static str,
    real: SetFn<AddrNode>,
    channel: *mut Channel,
    servers: *const AddrNode,
) -> c_int {
    // SAFETY: ares_set_servers(3): a list, or NULL.
    let given = || unsafe { read::servers(servers) }.join(",");
    // SAFETY: the program's own call.
    set(call, channel, given, || unsafe { real(channel, servers) })
}

pub(super) unsafe fn set_servers_ports(
    call: &'static str,
    real: SetFn<AddrPortNode>,
    channel: *mut Channel,
    servers: *const AddrPortNode,
) -> c_int {
    // SAFETY: ares_set_servers_ports(3): a list, or NULL.
    let given = || unsafe { read::servers_ports(servers, 0) }.join(",");
    // SAFETY: the program's own call.
    set(call, channel, given, || unsafe { real(channel, servers) })
}

pub(super) unsafe fn set_servers_csv(
    call: &'static str,
    real: SetFn<c_char>,
    channel: *mut Channel,
    servers: *const c_char,
) -> c_int {
    // SAFETY: ares_set_servers_csv(3): a string, or NULL.
    let given = || unsafe { read::string(servers) }.unwrap_or_default();
    // SAFETY: the program's own call.
    set(call, channel, given, || unsafe { real(channel, servers) })
}

fn set(
    call: &'static str,
    channel: *mut Channel,
    given: impl FnOnce() -> String,
    real: impl FnOnce() -> c_int,
) -> c_int {
    let given = ours(String::new(), given);
    let status = inside(channel, real);
    ours((), || {
        if channel.is_null() {
            return;
        }
        // SAFETY: a channel, which the program has just used.
        let options = unsafe { saved(channel) };
        // SAFETY: as above.
        let servers = unsafe { servers_of(channel, options.and_then(|options| options.udp_port)) };
        let id = {
            let mut state = state::lock();
            let channel = state.channel(channel.addr());
            if status == SUCCESS {
                channel.servers = servers.clone().unwrap_or_default();
                channel.down.clear();
            }
            channel.id
        };
        let result = names::status(status);
        output::tell(
            Some(id),
            Event::Servers(Servers {
                call,
                status,
                result,
                given,
                servers,
            }),
        );
    });
    status
}

// Other settings.

pub(super) unsafe fn set_local_ip4(
    call: &'static str,
    real: unsafe extern "C-unwind" fn(*mut Channel, c_uint),
    channel: *mut Channel,
    ip: c_uint,
) {
    // SAFETY: the program's own call.
    inside(channel, || unsafe { real(channel, ip) });
    tell_setting(call, channel, Some(Ipv4Addr::from(ip).to_string()), None);
}

pub(super) unsafe fn set_local_ip6(
    call: &'static str,
    real: unsafe extern "C-unwind" fn(*mut Channel, *const c_uchar),
    channel: *mut Channel,
    ip: *const c_uchar,
) {
    // SAFETY: the program's own call.
    inside(channel, || unsafe { real(channel, ip) });
    // SAFETY: ares_set_local_ip6(3): 16 bytes.
    let value = unsafe { ip.cast::<[u8; 16]>().as_ref() }.map(|ip| Ipv6Addr::from(*ip).to_string());
    tell_setting(call, channel, value, None);
}

pub(super) unsafe fn set_local_dev(
    call: &'static str,
    real: unsafe extern "C-unwind" fn(*mut Channel, *const c_char),
    channel: *mut Channel,
    device: *const c_char,
) {
    // SAFETY: the program's own call.
    inside(channel, || unsafe { real(channel, device) });
    // SAFETY: ares_set_local_dev(3): a string.
    tell_setting(
        call,
        channel,
        ours(None, || unsafe { read::string(device) }),
        None,
    );
}

pub(super) unsafe fn set_sortlist(
    call: &'static str,
    real: SetFn<c_char>,
    channel: *mut Channel,
    list: *const c_char,
) -> c_int {
    // SAFETY: the program's own call.
    let status = inside(channel, || unsafe { real(channel, list) });
    // SAFETY: ares_set_sortlist(3): a string.
    tell_setting(
        call,
        channel,
        ours(None, || unsafe { read::string(list) }),
        Some(status),
    );
    status
}

/// Keeps a function of the program under a number, which C gets instead of its argument.
fn keep(channel: *mut Channel, function: Function, data: *mut c_void) -> Option<*mut c_void> {
    ours(None, || {
        fault("keep");
        let hook = Hook {
            function,
            data: Arg(data),
            channel: channel.addr(),
        };
        let known = !channel.is_null();
        known.then(|| as_arg(state::lock().hook(channel.addr(), hook)))
    })
}

pub(super) type SetSocketFn =
    unsafe extern "C-unwind" fn(*mut Channel, Option<SocketCallback>, *mut c_void);

pub(super) unsafe fn set_socket_callback(
    _: &str,
    real: SetSocketFn,
    channel: *mut Channel,
    callback: Option<SocketCallback>,
    data: *mut c_void,
) {
    let wanted = callback.is_some() || watches(channel, |channel| channel.watches_created);
    let kept = wanted
        .then(|| keep(channel, Function::Created(callback), data))
        .flatten();
    // SAFETY: the program's own call, with a callback that stands for the program's.
    inside(channel, || unsafe {
        match kept {
            Some(number) => real(channel, Some(hooks::created), number),
            None => real(channel, callback, data),
        }
    });
}

/// Whether the library is to tell us, whatever the program wants.
fn watches(channel: *mut Channel, what: impl FnOnce(&mut state::Channel) -> bool) -> bool {
    ours(false, || {
        state::lock()
            .known_channel(channel.addr())
            .is_some_and(what)
    })
}

pub(super) unsafe fn set_socket_configure_callback(
    _: &str,
    real: SetSocketFn,
    channel: *mut Channel,
    callback: Option<SocketCallback>,
    data: *mut c_void,
) {
    let kept = callback.and_then(|callback| keep(channel, Function::Configured(callback), data));
    // SAFETY: as above.
    inside(channel, || unsafe {
        match kept {
            Some(number) => real(channel, Some(hooks::configured), number),
            None => real(channel, callback, data),
        }
    });
}

pub(super) type SetServerStateFn =
    unsafe extern "C-unwind" fn(*mut Channel, Option<ServerStateCallback>, *mut c_void);

pub(super) unsafe fn set_server_state_callback(
    _: &str,
    real: SetServerStateFn,
    channel: *mut Channel,
    callback: Option<ServerStateCallback>,
    data: *mut c_void,
) {
    let wanted = callback.is_some() || watches(channel, |channel| channel.watches_servers);
    let kept = wanted
        .then(|| keep(channel, Function::ServerState(callback), data))
        .flatten();
    // SAFETY: as above.
    inside(channel, || unsafe {
        match kept {
            Some(number) => real(channel, Some(hooks::server_state), number),
            None => real(channel, callback, data),
        }
    });
}

pub(super) type SetPendingFn =
    unsafe extern "C-unwind" fn(*mut Channel, Option<PendingWriteCallback>, *mut c_void);

pub(super) unsafe fn set_pending_write_cb(
    _: &str,
    real: SetPendingFn,
    channel: *mut Channel,
    callback: Option<PendingWriteCallback>,
    data: *mut c_void,
) {
    let kept = callback.and_then(|callback| keep(channel, Function::PendingWrite(callback), data));
    // SAFETY: as above.
    inside(channel, || unsafe {
        match kept {
            Some(number) => real(channel, Some(hooks::pending_write), number),
            None => real(channel, callback, data),
        }
    });
}

/// The program opens sockets in its own way: what their numbers mean is its own affair.
pub(super) unsafe fn set_socket_functions<R>(
    call: &'static str,
    real: unsafe extern "C-unwind" fn(*mut Channel, *const c_void, *mut c_void) -> R,
    channel: *mut Channel,
    functions: *const c_void,
    data: *mut c_void,
) -> R {
    ours((), || {
        if !channel.is_null() && !functions.is_null() {
            state::lock().channel(channel.addr()).own_sockets = true;
        }
    });
    // SAFETY: the program's own call.
    let result = inside(channel, || unsafe { real(channel, functions, data) });
    tell_setting(call, channel, None, None);
    result
}
