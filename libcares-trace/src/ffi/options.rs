//! Options of channels: the program's, and what the library made of them.

use super::channels::SaveOptionsFn;
use super::layer::inside;
use super::read;
use super::symbol::Symbol;
use super::types::{AddrPortNode, Channel, Options, SUCCESS, opt};
use crate::event::Settings;
use libc::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The program counts what the library allocates, or lets it fail: then nothing is asked of
/// the library that allocates, and nothing is set that would make it.
pub(super) static COUNTED: AtomicBool = AtomicBool::new(false);

pub(super) fn may_allocate() -> bool {
    !COUNTED.load(Ordering::Relaxed)
}

/// Copies the members that the mask names. Programs that were built with the headers of an
/// older release have a shorter structure.
pub(super) unsafe fn copy(from: *const Options, mask: c_int) -> Options {
    // SAFETY: numbers, pointers and an optional function: all may be zero.
    let mut copy: Options = unsafe { MaybeUninit::zeroed().assume_init() };
    macro_rules! members {
        ($($($bit:ident)|+: $($member:ident),+;)*) => {$(
            if mask & ($(opt::$bit)|+) != 0 {
                // SAFETY: as the caller says: members that the mask names are there.
                unsafe { $(copy.$member = (&raw const (*from).$member).read();)+ }
            }
        )*};
    }
    members! {
        FLAGS: flags;
        TIMEOUT | TIMEOUTMS: timeout;
        TRIES: tries;
        NDOTS: ndots;
        UDP_PORT: udp_port;
        TCP_PORT: tcp_port;
        SERVERS: servers, nservers;
        DOMAINS: domains, ndomains;
        LOOKUPS: lookups;
        SOCK_STATE_CB: sock_state_cb, sock_state_cb_data;
        SORTLIST: sortlist, nsort;
        SOCK_SNDBUF: socket_send_buffer_size;
        SOCK_RCVBUF: socket_receive_buffer_size;
        EDNSPSZ: ednspsz;
        RESOLVCONF: resolvconf_path;
        HOSTS_FILE: hosts_path;
        UDP_MAX_QUERIES: udp_max_queries;
        MAXTIMEOUTMS: maxtimeout;
        QUERY_CACHE: qcache_max_ttl;
        EVENT_THREAD: evsys;
        SERVER_FAILOVER: server_failover_opts;
    }
    copy
}

/// What the options say.
pub(super) unsafe fn settings_of(options: *const Options, mask: c_int) -> Settings {
    match options.is_null() {
        true => Settings::default(),
        // SAFETY: as the caller says.
        false => unsafe { read::settings(options, mask) },
    }
}

/// The options of a channel, as the library has them.
pub(super) unsafe fn saved(channel: *mut Channel) -> Option<Settings> {
    if !may_allocate() {
        return None;
    }
    // SAFETY: a channel; the members that the mask names are valid.
    unsafe { save(channel, |options, mask| read::settings(options, mask)) }
}

/// Which options the library says that a channel has.
pub(super) unsafe fn saved_mask(channel: *mut Channel) -> c_int {
    // SAFETY: a channel.
    unsafe { save(channel, |_, mask| mask) }.unwrap_or(0)
}

unsafe fn save<T>(
    channel: *mut Channel,
    read: impl FnOnce(*const Options, c_int) -> T,
) -> Option<T> {
    static SAVE: Symbol = Symbol::new(c"ares_save_options");
    static DESTROY: Symbol = Symbol::new(c"ares_destroy_options");
    // SAFETY: ares_save_options(3): fills the members that the mask names, and
    // ares_destroy_options(3) frees them, or what is NULL. No library has a longer structure.
    unsafe {
        let save = SAVE.get::<SaveOptionsFn>()?;
        let destroy = DESTROY.get::<unsafe extern "C-unwind" fn(*mut Options)>()?;
        let mut options: Options = MaybeUninit::zeroed().assume_init();
        let mut mask = 0;
        let status = inside(channel, || save(channel, &raw mut options, &raw mut mask));
        let result = (status == SUCCESS).then(|| read(&raw const options, mask));
        inside(channel, || destroy(&raw mut options));
        result
    }
}

/// The servers of a channel, as the library has them.
pub(super) unsafe fn servers_of(channel: *mut Channel, port: Option<u16>) -> Option<Vec<String>> {
    static GET: Symbol = Symbol::new(c"ares_get_servers_ports");
    static FREE: Symbol = Symbol::new(c"ares_free_data");
    if !may_allocate() {
        return None;
    }
    // SAFETY: ares_get_servers_ports(3): a list, which ares_free_data(3) frees, or NULL.
    unsafe {
        let get = GET
            .get::<unsafe extern "C-unwind" fn(*mut Channel, *mut *mut AddrPortNode) -> c_int>()?;
        let free = FREE.get::<unsafe extern "C-unwind" fn(*mut c_void)>()?;
        let mut list = ptr::null_mut();
        let status = inside(channel, || get(channel, &raw mut list));
        let port = port.filter(|port| *port != 0).unwrap_or(53);
        let servers = (status == SUCCESS).then(|| read::servers_ports(list, port));
        inside(channel, || free(list.cast()));
        servers
    }
}
