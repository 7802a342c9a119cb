//! What the program does to its channels.

use super::callbacks::{Arg, as_arg};
use super::guard::{fault, is_tested, ours};
use super::hooks::{self, Function, Hook};
use super::layer::inside;
use super::options::{COUNTED, copy, may_allocate, saved, saved_mask, servers_of, settings_of};
use super::settings::{SetServerStateFn, SetSocketFn, tell_setting};
use super::symbol::{self, Symbol};
use super::types::{Channel, Options, SUCCESS, SockStateCallback, opt};
use crate::event::{Closed, Event, Opened, Settings};
use crate::{names, output, state};
use libc::{c_int, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

pub(super) type InitMemFn =
    unsafe extern "C-unwind" fn(c_int, *mut c_void, *mut c_void, *mut c_void) -> c_int;

pub(super) unsafe fn library_init_mem(
    _: &str,
    real: InitMemFn,
    flags: c_int,
    malloc: *mut c_void,
    free: *mut c_void,
    realloc: *mut c_void,
) -> c_int {
    // Without functions the library keeps to its own.
    let own = !(malloc.is_null() && free.is_null() && realloc.is_null());
    // Upstream's tests have an allocator, and most of them do not mind what else it gives.
    if own && !ours(false, || is_tested("allocate")) {
        COUNTED.store(true, Ordering::Relaxed);
    }
    // SAFETY: the program's own call.
    inside(ptr::null(), || unsafe {
        real(flags, malloc, free, realloc)
    })
}

// Making.

pub(super) type InitFn = unsafe extern "C-unwind" fn(*mut *mut Channel) -> c_int;
pub(super) type InitOptionsFn =
    unsafe extern "C-unwind" fn(*mut *mut Channel, *const Options, c_int) -> c_int;

static INIT_OPTIONS: Symbol = Symbol::new(c"ares_init_options");

pub(super) unsafe fn init(call: &'static str, real: InitFn, channel: *mut *mut Channel) -> c_int {
    // SAFETY: ares_init_options(3) is declared like this, and ares_init(3) is it without options.
    unsafe {
        match INIT_OPTIONS.get::<InitOptionsFn>() {
            Some(init_options) => self::init_options(call, init_options, channel, ptr::null(), 0),
            None => inside(ptr::null(), || real(channel)),
        }
    }
}

pub(super) unsafe fn init_options(
    call: &'static str,
    real: InitOptionsFn,
    channel: *mut *mut Channel,
    options: *const Options,
    mask: c_int,
) -> c_int {
    // SAFETY: ares_init_options(3): options of which the mask's are valid.
    let watched = ours(None, || unsafe { watch(options, mask) });
    let (given, given_mask) = match &watched {
        Some(watched) => (&raw const watched.options, mask | opt::SOCK_STATE_CB),
        None => (options, mask),
    };
    // SAFETY: the program's own call; our options are its own but for the one callback.
    let status = inside(ptr::null(), || unsafe { real(channel, given, given_mask) });
    ours((), || {
        fault("init");
        let number = watched.map(|watched| watched.number);
        if status != SUCCESS || channel.is_null() {
            if let Some(number) = number {
                state::lock().discard(number);
            }
            // SAFETY: as above.
            let options = unsafe { settings_of(options, mask) };
            told_open(call, None, None, status, None, options);
            return;
        }
        // SAFETY: ares_init_options(3): on success there is a channel.
        let made = unsafe { *channel };
        let event_thread = mask & opt::EVENT_THREAD != 0;
        let id = {
            let mut state = state::lock();
            let id = state.open(made.addr(), None).id;
            if let Some(number) = number {
                state.adopt(made.addr(), number);
            }
            id
        };
        if may_allocate() {
            // SAFETY: the channel was made just now, and nobody else has it yet.
            unsafe { watch_servers(made, event_thread) };
        }
        // SAFETY: as above.
        unsafe { told_config(call, made, id, None, options, mask) };
    });
    status
}

/// The program's options, with our callback of socket states.
struct Watched {
    options: Options,
    number: u64,
}

/// Puts our callback of socket states in, before the program's or where there is none.
unsafe fn watch(options: *const Options, mask: c_int) -> Option<Watched> {
    let theirs = mask & opt::SOCK_STATE_CB != 0;
    let unknown = mask & !opt::KNOWN != 0;
    // An event thread has its own, and no room for another.
    let impossible = mask & opt::EVENT_THREAD != 0 || (options.is_null() && mask != 0);
    if unknown || impossible || (!theirs && !may_allocate()) {
        return None;
    }
    // SAFETY: as the caller says; zero is a value of every member.
    let mut copy = unsafe { copy(options, mask) };
    let callback: Option<SockStateCallback> = if theirs { copy.sock_state_cb } else { None };
    if theirs && callback.is_none() {
        return None;
    }
    let hook = Hook {
        function: Function::SockState(callback),
        data: Arg(if theirs {
            copy.sock_state_cb_data
        } else {
            ptr::null_mut()
        }),
        channel: 0,
    };
    let number = state::lock().keep(hook);
    copy.sock_state_cb = Some(hooks::sock_state);
    copy.sock_state_cb_data = as_arg(number);
    Some(Watched {
        options: copy,
        number,
    })
}

/// Has the library tell us of servers, and of sockets where their states are the event thread's.
unsafe fn watch_servers(channel: *mut Channel, event_thread: bool) {
    static SET_STATE: Symbol = Symbol::new(c"ares_set_server_state_callback");
    static SET_CREATED: Symbol = Symbol::new(c"ares_set_socket_callback");
    let nothing = |function| Hook {
        function,
        data: Arg(ptr::null_mut()),
        channel: channel.addr(),
    };
    // SAFETY: ares_set_server_state_callback(3) and ares_set_socket_callback(3) are declared like
    // this; the arguments are ours and live as long as the process.
    unsafe {
        if let Some(set) = SET_STATE.get::<SetServerStateFn>() {
            let number = {
                let mut state = state::lock();
                state.channel(channel.addr()).watches_servers = true;
                state.hook(channel.addr(), nothing(Function::ServerState(None)))
            };
            inside(channel, || {
                set(channel, Some(hooks::server_state), as_arg(number))
            });
        }
        if event_thread && let Some(set) = SET_CREATED.get::<SetSocketFn>() {
            let number = {
                let mut state = state::lock();
                state.channel(channel.addr()).watches_created = true;
                state.hook(channel.addr(), nothing(Function::Created(None)))
            };
            inside(channel, || {
                set(channel, Some(hooks::created), as_arg(number))
            });
        }
    }
}

pub(super) type DupFn = unsafe extern "C-unwind" fn(*mut *mut Channel, *const Channel) -> c_int;

pub(super) unsafe fn dup(
    call: &'static str,
    real: DupFn,
    channel: *mut *mut Channel,
    source: *const Channel,
) -> c_int {
    // SAFETY: the program's own call. The copy gets the callbacks of its source from the
    // library, ours among them.
    let status = inside(source, || unsafe { real(channel, source) });
    ours((), || {
        let copy_of = (!source.is_null()).then(|| state::lock().channel(source.addr()).id);
        if status != SUCCESS || channel.is_null() {
            told_open(call, None, copy_of, status, None, Settings::default());
            return;
        }
        // SAFETY: ares_dup(3): on success there is a channel.
        let made = unsafe { *channel };
        let id = state::lock().open(made.addr(), Some(source.addr())).id;
        // SAFETY: as above.
        unsafe { told_config(call, made, id, copy_of, ptr::null(), 0) };
    });
    status
}

/// Tells of a channel that was made, with its configuration: what the program gave, and where
/// the library may be asked, what it made of that.
unsafe fn told_config(
    call: &'static str,
    channel: *mut Channel,
    id: u64,
    copy_of: Option<u64>,
    given: *const Options,
    mask: c_int,
) {
    // SAFETY: as the caller says.
    let options = match unsafe { saved(channel) } {
        Some(saved) => saved,
        // SAFETY: as the caller says.
        None => unsafe { settings_of(given, mask) },
    };
    // SAFETY: a channel.
    let servers = unsafe { servers_of(channel, options.udp_port) };
    if let Some(servers) = &servers {
        state::lock()
            .channel(channel.addr())
            .servers
            .clone_from(servers);
    }
    told_open(call, Some(id), copy_of, SUCCESS, servers, options);
}

fn told_open(
    call: &'static str,
    id: Option<u64>,
    copy_of: Option<u64>,
    status: c_int,
    servers: Option<Vec<String>>,
    options: Settings,
) {
    let opened = Opened {
        call,
        library: symbol::target()
            .map(|target| target.path().to_owned())
            .unwrap_or_default(),
        version: symbol::version(),
        status,
        result: names::status(status),
        copy_of,
        servers,
        options,
    };
    output::tell(id, Event::ChannelOpen(Box::new(opened)));
}

// Saving.

pub(super) type SaveOptionsFn =
    unsafe extern "C-unwind" fn(*const Channel, *mut Options, *mut c_int) -> c_int;

/// The program gets its own callback back, and none where it had none.
pub(super) unsafe fn save_options(
    _: &str,
    real: SaveOptionsFn,
    channel: *const Channel,
    options: *mut Options,
    mask: *mut c_int,
) -> c_int {
    // SAFETY: the program's own call.
    let status = inside(channel, || unsafe { real(channel, options, mask) });
    ours((), || {
        if status != SUCCESS || options.is_null() || mask.is_null() {
            return;
        }
        // SAFETY: ares_save_options(3): on success the mask is set, and the members that it names
        // are. These were there before 1.18 already.
        unsafe {
            if *mask & opt::SOCK_STATE_CB == 0 || !is_ours((*options).sock_state_cb) {
                return;
            }
            let number = (*options).sock_state_cb_data.addr() as u64;
            match state::lock().hooked(number) {
                Some(Hook {
                    function: Function::SockState(callback @ Some(_)),
                    data,
                    ..
                }) => {
                    (*options).sock_state_cb = callback;
                    (*options).sock_state_cb_data = data.0;
                }
                _ => {
                    if !says_always() {
                        *mask &= !opt::SOCK_STATE_CB;
                    }
                    (*options).sock_state_cb = None;
                    (*options).sock_state_cb_data = ptr::null_mut();
                }
            }
        }
    });
    status
}

/// Whether the library names a callback of socket states where there is none, as older ones
/// do. It is asked once, of a channel that is made for that.
fn says_always() -> bool {
    static SAYS: OnceLock<bool> = OnceLock::new();
    // SAFETY: the functions are declared like this; the channel is made, saved and destroyed here.
    *SAYS.get_or_init(|| unsafe {
        static DESTROY: Symbol = Symbol::new(c"ares_destroy");
        let mut channel = ptr::null_mut();
        let (Some(init), Some(destroy)) = (
            INIT_OPTIONS.get::<InitOptionsFn>(),
            DESTROY.get::<PlainFn>(),
        ) else {
            return false;
        };
        if inside(ptr::null(), || init(&raw mut channel, ptr::null(), 0)) != SUCCESS {
            return false;
        }
        let mask = saved_mask(channel);
        inside(channel, || destroy(channel));
        mask & opt::SOCK_STATE_CB != 0
    })
}

fn is_ours(callback: Option<SockStateCallback>) -> bool {
    callback.is_some_and(|callback| callback as usize == hooks::sock_state as *const () as usize)
}

// Ending.

pub(super) type PlainFn = unsafe extern "C-unwind" fn(*mut Channel);

pub(super) unsafe fn destroy(_: &str, real: PlainFn, channel: *mut Channel) {
    let id = ours(None, || {
        (!channel.is_null()).then(|| state::lock().channel(channel.addr()).id)
    });
    // SAFETY: the program's own call.
    inside(channel, || unsafe { real(channel) });
    ours((), || {
        if let Some(id) = id {
            let never_told = state::lock().close(channel.addr(), id);
            output::tell(Some(id), Event::ChannelClose(Closed { never_told }));
        }
    });
}

pub(super) unsafe fn cancel(call: &'static str, real: PlainFn, channel: *mut Channel) {
    tell_setting(call, channel, None, None);
    // SAFETY: the program's own call.
    inside(channel, || unsafe { real(channel) });
}

pub(super) unsafe fn reinit(
    call: &'static str,
    real: unsafe extern "C-unwind" fn(*mut Channel) -> c_int,
    channel: *mut Channel,
) -> c_int {
    // SAFETY: the program's own call.
    let status = inside(channel, || unsafe { real(channel) });
    tell_setting(call, channel, None, Some(status));
    status
}
