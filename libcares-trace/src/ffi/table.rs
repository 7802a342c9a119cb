//! The functions that are interposed: one row each.
//!
//! A row has the C function, what is done when the program calls it, and what it gives
//! where the library that is loaded lacks it. That can happen only to a program that finds
//! our function by `dlsym` in the global scope, or through a weak reference: linked in the
//! usual way it would not have started.

use super::layer;
use super::setup::tells;
use super::symbol::Symbol;
use super::types::*;
use super::{calls, channels, hosts, settings};
use libc::{
    c_char, c_int, c_uchar, c_uint, c_ushort, c_void, fd_set, hostent, sockaddr, socklen_t,
};
use std::ffi::CStr;

macro_rules! interpose {
    ($(fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)?, $does:path $(, absent $absent:expr)?;)*) => {$(
        // The tests are linked with a library of their own.
        #[cfg_attr(not(test), unsafe(no_mangle))]
        #[expect(clippy::allow_attributes, reason = "not every row needs it")]
        #[allow(clippy::too_many_arguments, unreachable_pub, missing_docs)]
        pub unsafe extern "C-unwind" fn $name($($arg: $type),*) $(-> $ret)? {
            const NAME: &str = stringify!($name);
            static REAL: Symbol = Symbol::new(
                match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name without NUL"),
                },
            );
            // SAFETY: ares.h declares this function like this, from 1.18 to 1.34.
            let real = unsafe { REAL.get::<unsafe extern "C-unwind" fn($($type),*) $(-> $ret)?>() };
            let Some(real) = real else { return $($absent)? };
            // SAFETY: the arguments are those of the caller, who keeps to the function's page.
            unsafe {
                if tells() {
                    $does(NAME, real, $($arg),*)
                } else {
                    real($($arg),*)
                }
            }
        }
    )*};
}

interpose! {
    // Questions.
    fn ares_query(channel: *mut Channel, name: *const c_char, class: c_int, kind: c_int, callback: Option<MessageCallback>, arg: *mut c_void), calls::query, absent tell_message(callback, arg);
    fn ares_search(channel: *mut Channel, name: *const c_char, class: c_int, kind: c_int, callback: Option<MessageCallback>, arg: *mut c_void), calls::query, absent tell_message(callback, arg);
    fn ares_send(channel: *mut Channel, qbuf: *const c_uchar, qlen: c_int, callback: Option<MessageCallback>, arg: *mut c_void), calls::send, absent tell_message(callback, arg);
    fn ares_query_dnsrec(channel: *mut Channel, name: *const c_char, class: c_int, kind: c_int, callback: Option<RecordCallback>, arg: *mut c_void, qid: *mut c_ushort) -> c_int, calls::query_dnsrec, absent tell_record(callback, arg);
    fn ares_search_dnsrec(channel: *mut Channel, record: *const Record, callback: Option<RecordCallback>, arg: *mut c_void) -> c_int, calls::search_dnsrec, absent tell_record(callback, arg);
    fn ares_send_dnsrec(channel: *mut Channel, record: *const Record, callback: Option<RecordCallback>, arg: *mut c_void, qid: *mut c_ushort) -> c_int, calls::send_dnsrec, absent tell_record(callback, arg);
    fn ares_gethostbyname(channel: *mut Channel, name: *const c_char, family: c_int, callback: Option<HostCallback>, arg: *mut c_void), hosts::gethostbyname, absent tell_host(callback, arg);
    fn ares_gethostbyaddr(channel: *mut Channel, address: *const c_void, len: c_int, family: c_int, callback: Option<HostCallback>, arg: *mut c_void), hosts::gethostbyaddr, absent tell_host(callback, arg);
    fn ares_getnameinfo(channel: *mut Channel, address: *const sockaddr, len: socklen_t, flags: c_int, callback: Option<NameinfoCallback>, arg: *mut c_void), hosts::getnameinfo, absent tell_nameinfo(callback, arg);
    fn ares_getaddrinfo(channel: *mut Channel, node: *const c_char, service: *const c_char, hints: *const AddrInfoHints, callback: Option<AddrinfoCallback>, arg: *mut c_void), hosts::getaddrinfo, absent tell_addrinfo(callback, arg);
    fn ares_gethostbyname_file(channel: *mut Channel, name: *const c_char, family: c_int, host: *mut *mut hostent) -> c_int, hosts::gethostbyname_file, absent ENOTIMP;

    // Channels.
    fn ares_init(channel: *mut *mut Channel) -> c_int, channels::init, absent ENOTIMP;
    fn ares_init_options(channel: *mut *mut Channel, options: *const Options, mask: c_int) -> c_int, channels::init_options, absent ENOTIMP;
    fn ares_dup(channel: *mut *mut Channel, source: *const Channel) -> c_int, channels::dup, absent ENOTIMP;
    fn ares_save_options(channel: *const Channel, options: *mut Options, mask: *mut c_int) -> c_int, channels::save_options, absent ENOTIMP;
    fn ares_destroy(channel: *mut Channel), channels::destroy;
    fn ares_cancel(channel: *mut Channel), channels::cancel;
    fn ares_reinit(channel: *mut Channel) -> c_int, channels::reinit, absent ENOTIMP;
    fn ares_library_init_mem(flags: c_int, malloc: *mut c_void, free: *mut c_void, realloc: *mut c_void) -> c_int, channels::library_init_mem, absent ENOTIMP;

    // Their settings.
    fn ares_set_servers(channel: *mut Channel, servers: *const AddrNode) -> c_int, settings::set_servers, absent ENOTIMP;
    fn ares_set_servers_ports(channel: *mut Channel, servers: *const AddrPortNode) -> c_int, settings::set_servers_ports, absent ENOTIMP;
    fn ares_set_servers_csv(channel: *mut Channel, servers: *const c_char) -> c_int, settings::set_servers_csv, absent ENOTIMP;
    fn ares_set_servers_ports_csv(channel: *mut Channel, servers: *const c_char) -> c_int, settings::set_servers_csv, absent ENOTIMP;
    fn ares_set_local_ip4(channel: *mut Channel, ip: c_uint), settings::set_local_ip4;
    fn ares_set_local_ip6(channel: *mut Channel, ip: *const c_uchar), settings::set_local_ip6;
    fn ares_set_local_dev(channel: *mut Channel, device: *const c_char), settings::set_local_dev;
    fn ares_set_sortlist(channel: *mut Channel, list: *const c_char) -> c_int, settings::set_sortlist, absent ENOTIMP;
    fn ares_set_socket_callback(channel: *mut Channel, callback: Option<SocketCallback>, data: *mut c_void), settings::set_socket_callback;
    fn ares_set_socket_configure_callback(channel: *mut Channel, callback: Option<SocketCallback>, data: *mut c_void), settings::set_socket_configure_callback;
    fn ares_set_server_state_callback(channel: *mut Channel, callback: Option<ServerStateCallback>, data: *mut c_void), settings::set_server_state_callback;
    fn ares_set_pending_write_cb(channel: *mut Channel, callback: Option<PendingWriteCallback>, data: *mut c_void), settings::set_pending_write_cb;
    fn ares_set_socket_functions(channel: *mut Channel, functions: *const c_void, data: *mut c_void), settings::set_socket_functions;
    fn ares_set_socket_functions_ex(channel: *mut Channel, functions: *const c_void, data: *mut c_void) -> c_int, settings::set_socket_functions, absent ENOTIMP;

    // What makes them move: nothing to tell, but the library is at work in them.
    fn ares_process(channel: *mut Channel, read: *mut fd_set, write: *mut fd_set), process;
    fn ares_process_fd(channel: *mut Channel, read: c_int, write: c_int), process_fd;
    fn ares_process_fds(channel: *mut Channel, events: *const c_void, count: usize, flags: c_uint) -> c_int, process_fds, absent ENOTIMP;
    fn ares_process_pending_write(channel: *mut Channel), process_pending_write;
}

unsafe fn process(
    _: &str,
    real: unsafe extern "C-unwind" fn(*mut Channel, *mut fd_set, *mut fd_set),
    channel: *mut Channel,
    read: *mut fd_set,
    write: *mut fd_set,
) {
    // SAFETY: the program's own call.
    layer::inside(channel, || unsafe { real(channel, read, write) });
}

unsafe fn process_fd(
    _: &str,
    real: unsafe extern "C-unwind" fn(*mut Channel, c_int, c_int),
    channel: *mut Channel,
    read: c_int,
    write: c_int,
) {
    // SAFETY: the program's own call.
    layer::inside(channel, || unsafe { real(channel, read, write) });
}

unsafe fn process_fds(
    _: &str,
    real: unsafe extern "C-unwind" fn(*mut Channel, *const c_void, usize, c_uint) -> c_int,
    channel: *mut Channel,
    events: *const c_void,
    count: usize,
    flags: c_uint,
) -> c_int {
    // SAFETY: the program's own call.
    layer::inside(channel, || unsafe { real(channel, events, count, flags) })
}

unsafe fn process_pending_write(
    _: &str,
    real: unsafe extern "C-unwind" fn(*mut Channel),
    channel: *mut Channel,
) {
    // SAFETY: the program's own call.
    layer::inside(channel, || unsafe { real(channel) });
}

fn tell_message(callback: Option<MessageCallback>, arg: *mut c_void) {
    if let Some(callback) = callback {
        // SAFETY: ares_query(3): without an answer the buffer is NULL.
        unsafe { callback(arg, ENOTIMP, 0, std::ptr::null_mut(), 0) };
    }
}

fn tell_record(callback: Option<RecordCallback>, arg: *mut c_void) -> c_int {
    if let Some(callback) = callback {
        // SAFETY: ares_query_dnsrec(3): without an answer the message is NULL.
        unsafe { callback(arg, ENOTIMP, 0, std::ptr::null()) };
    }
    ENOTIMP
}

fn tell_host(callback: Option<HostCallback>, arg: *mut c_void) {
    if let Some(callback) = callback {
        // SAFETY: ares_gethostbyname(3): without an answer the hostent is NULL.
        unsafe { callback(arg, ENOTIMP, 0, std::ptr::null_mut()) };
    }
}

fn tell_nameinfo(callback: Option<NameinfoCallback>, arg: *mut c_void) {
    if let Some(callback) = callback {
        // SAFETY: ares_getnameinfo(3): without an answer both are NULL.
        unsafe { callback(arg, ENOTIMP, 0, std::ptr::null_mut(), std::ptr::null_mut()) };
    }
}

fn tell_addrinfo(callback: Option<AddrinfoCallback>, arg: *mut c_void) {
    if let Some(callback) = callback {
        // SAFETY: ares_getaddrinfo(3): without an answer the result is NULL.
        unsafe { callback(arg, ENOTIMP, 0, std::ptr::null_mut()) };
    }
}
