//! The one owner of an `ares_channel_t`, and the calls that take it; those that may
//! read the hosts file are in `lookup`.
//!
//! # Why it is `Send` and `Sync`
//!
//! c-ares locks the channel in every function called here (each takes
//! `ares_channel_lock` first; ares_threadsafety(3)), with a recursive lock, and
//! [`library::ready`] has refused a library built without. What takes no lock is
//! set before the handle is shared and never again, but for `ares_reinit`, which
//! [`Handle::reload`] lets no two threads into. `ares_destroy` must be alone
//! with the channel (`ares_destroy.c`), and is: it runs in `Drop`, when no
//! borrow of the handle is left. The closures are `Send`, and those that several
//! threads may run at once are `Sync`.

use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use c_ares_sys as sys;

use super::callback::{self, Pending, Reply};
use super::context::{self, Position};
use super::eof::Streams;
use super::options::Options;
use super::servers::Ports;
use super::transport::Carrier;
use super::{fork, library, servers};
use crate::builder::EventSystem;
use crate::code::{Class, RecordType};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Message;
use crate::query::Usual;
use crate::server::Server;

pub(crate) mod configure;
mod drive;
mod reload;
mod shared;

use configure::Apart;
pub(crate) use drive::{Driver, SocketStateClosure};
pub(crate) use shared::{Settings, Shared};

/// What is asked.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// A name and a type of the class IN, as c-ares asks by itself.
    Plain(&'a CStr, RecordType),
    /// A message as it is.
    Message(&'a Message),
    /// A message, with the search domains.
    Search(&'a Message),
}

impl<'a> Ask<'a> {
    pub(crate) fn message(message: &'a Message, search: bool) -> Self {
        if search {
            Ask::Search(message)
        } else {
            Ask::Message(message)
        }
    }

    /// Refuses what a system's library does wrong with a message (the vendored one is mended),
    /// what a cache would not tell apart, and a search that c-ares cannot copy: it copies by
    /// writing, and where it cannot write says that there is no memory (`ares_search.c`:
    /// `ares_search_int`).
    fn check(self, cached: bool) -> Result<()> {
        let (Ask::Message(message) | Ask::Search(message)) = self else {
            return Ok(());
        };
        library::check_sent(&message.raw)?;
        if cached {
            message.raw.check_cacheable()?;
        }
        if let Ask::Search(_) = self {
            library::check_search(&message.raw)?;
            message.write()?;
        }
        Ok(())
    }
}

/// A live channel and what its callbacks point to.
struct Owned {
    raw: NonNull<sys::ares_channel_t>,
    /// From a box; a pointer, because C has a copy of it while this one moves.
    shared: NonNull<Shared>,
}

// SAFETY: the module documentation argues it.
unsafe impl Send for Owned {}
// SAFETY: the module documentation argues it.
unsafe impl Sync for Owned {}

impl Owned {
    /// Ends the channel; every query under way is told [`ErrorKind::Destruction`].
    fn destroy(self) {
        // SAFETY: ares_destroy(3): nobody else uses the channel, since it is owned
        // here, and no callback of any channel is running on this thread, so
        // no lock is held and the event thread can be joined. The one exception is C's
        // own: the configuration monitor of a system's library (ARCHITECTURE, "The
        // configuration monitor"), which the vendored library is built without.
        let ((), panic) =
            context::call_catching(|| unsafe { sys::ares_destroy(self.raw.as_ptr()) });
        // SAFETY: the pointer came from a box, and C has no use for it any more.
        let shared = unsafe { Box::from_raw(self.shared.as_ptr()) };
        if let Some(payload) = context::first(panic, shared.end()) {
            context::resume(payload);
        }
    }
}

/// Calls `ares_init_options(3)`.
fn init(
    options: &Options,
    event_system: Option<EventSystem>,
) -> Result<NonNull<sys::ares_channel_t>> {
    let mut raw = ptr::null_mut();
    // SAFETY: ares_init_options(3) copies the options, whose pointers are alive in
    // `options`; the data of the socket-state callback outlives the channel
    // (`Owned::destroy`). The channel pointer is written on success only.
    let status =
        unsafe { sys::ares_init_options(&raw mut raw, &raw const options.raw, options.mask) };
    match (Error::check(status), event_system) {
        // `ares_event_thread.c`: what it says where it has no such event system.
        (Err(error), Some(system)) if error == ErrorKind::NotImplemented => {
            Err(ErrorKind::BadOption {
                option: "event_system",
                value: format!("{system:?}"),
                expected: "an event system that this system has",
            }
            .into())
        }
        (done, _) => done.and_then(|()| NonNull::new(raw).ok_or(ErrorKind::NoMemory.into())),
    }
}

pub(crate) struct Handle {
    owned: ManuallyDrop<Owned>,
    generation: u32,
}

impl Handle {
    /// Makes a channel.
    pub(crate) fn new(
        mut options: Options,
        driver: Driver,
        settings: Settings,
        apart: Apart,
        servers: Option<&[Server]>,
    ) -> Result<Self> {
        library::ready()?;
        let carried = matches!(driver, Driver::Transport(..));
        let checked = apart.check(&mut options, carried)?;
        let (carrier, on_socket_state, event_system) = match driver {
            Driver::User(closure) => (None, Some(closure), None),
            Driver::Transport(table, closure) => (Some(Carrier::new(table)), Some(closure), None),
            Driver::EventThread(system) => (None, None, system),
        };
        let driven = on_socket_state.is_some();
        let shared = Box::new(Shared {
            on_socket_state,
            closures: apart.closures,
            streams: Streams::default(),
            carrier,
            settings,
            ids: AtomicUsize::new(0),
            reloading: AtomicBool::new(false),
            channel: AtomicPtr::default(),
        });
        let shared = NonNull::from(Box::leak(shared));
        if driven {
            options.raw.sock_state_cb = Some(callback::on_socket_state);
            options.raw.sock_state_cb_data = shared.as_ptr().cast::<c_void>();
            options.mask |= sys::ARES_OPT_SOCK_STATE_CB;
        } else {
            options.raw.evsys = event_system.map_or(sys::ARES_EVSYS_DEFAULT, EventSystem::to_c);
            options.mask |= sys::ARES_OPT_EVENT_THREAD;
        }
        if servers.is_some() {
            options.expect_servers();
        }
        let raw = init(&options, event_system).inspect_err(|_| {
            // SAFETY: the pointer came from a box, and no channel knows it.
            let shared = unsafe { Box::from_raw(shared.as_ptr()) };
            if let Some(payload) = shared.end() {
                context::resume(payload);
            }
        })?;
        let handle = Handle {
            owned: ManuallyDrop::new(Owned { raw, shared }),
            generation: fork::generation(),
        };
        handle
            .shared()
            .channel
            .store(handle.raw(), Ordering::Release);
        handle.owned.configure(&checked)?;
        if let Some(servers) = servers {
            // SAFETY: the channel is live and nobody else knows it yet.
            context::call(|| unsafe { servers::set(handle.raw(), servers, handle.ports()) })?;
        }
        Ok(handle)
    }

    pub(super) fn raw(&self) -> *mut sys::ares_channel_t {
        self.owned.raw.as_ptr()
    }

    pub(super) fn shared(&self) -> &Shared {
        // SAFETY: no C guarantee is needed: it is freed when the handle is dropped.
        unsafe { self.owned.shared.as_ref() }
    }

    /// Refuses everything in the child of a fork.
    pub(crate) fn check_fork(&self) -> Result<()> {
        if self.generation == fork::generation() {
            Ok(())
        } else {
            Err(ErrorKind::Forked.into())
        }
    }

    /// Refuses what cannot be done here: in the child of a fork, or where another
    /// channel's lock is held.
    pub(super) fn check(&self, method: &'static str) -> Result<()> {
        self.check_fork()?;
        match context::position(self.shared().id()) {
            Position::Other => Err(ErrorKind::InCallback { method }.into()),
            Position::Outside | Position::Own => Ok(()),
        }
    }

    /// Whether a query must wait: until another channel's lock is released, or until
    /// the stack has room.
    pub(crate) fn must_defer(&self) -> bool {
        match context::position(self.shared().id()) {
            Position::Outside => false,
            Position::Own => context::too_deep(),
            Position::Other => true,
        }
    }

    /// Boxes a query for C, or tells its closure why not.
    pub(super) fn start<F: Send + 'static>(
        &self,
        ids: usize,
        closure: F,
        tell: fn(F, Error),
    ) -> Option<*mut c_void> {
        let started = match self.check_fork() {
            Ok(()) => Pending::start(self.shared(), ids, closure),
            Err(error) => Err((closure, error)),
        };
        started
            .map_err(|(closure, error)| context::tell(move || tell(closure, error)))
            .ok()
    }

    /// Makes a query.
    pub(crate) fn ask<F>(&self, what: Ask<'_>, closure: F)
    where
        F: FnOnce(Result<Reply<'_>>) + Send + 'static,
    {
        if let Err(error) = what.check(self.shared().settings.cached) {
            return context::tell(move || closure(Err(error)));
        }
        let Some(arg) = self.start(1, closure, |closure, error| closure(Err(error))) else {
            return;
        };
        let (raw, on_answer) = (self.raw(), Some(callback::on_answer::<F> as _));
        // SAFETY: ares_query_dnsrec(3), ares_send_dnsrec(3), ares_search_dnsrec(3): the
        // channel is live; the name is NUL-terminated, and it and the message are copied.
        // `arg` is handed over to the one callback, which all make in every case once no
        // pointer is null (`ares_query.c`, `ares_send.c`, `ares_search.c`), whatever they
        // return. The one exception is C's own, and mended or refused: `Ask::check`.
        context::ask(|| unsafe {
            let id = ptr::null_mut();
            match what {
                Ask::Plain(name, record_type) => sys::ares_query_dnsrec(
                    raw,
                    name.as_ptr(),
                    Class::IN.0.into(),
                    record_type.0.into(),
                    on_answer,
                    arg,
                    id,
                ),
                Ask::Message(message) => {
                    sys::ares_send_dnsrec(raw, message.raw.as_ptr(), on_answer, arg, id)
                }
                Ask::Search(message) => {
                    sys::ares_search_dnsrec(raw, message.raw.as_ptr(), on_answer, arg)
                }
            }
        });
    }

    pub(crate) fn asks_hosts_file_alone(&self) -> bool {
        self.shared().settings.hosts_file_alone
    }

    /// What a query is by itself.
    pub(crate) fn usual(&self) -> Usual {
        self.shared().settings.usual
    }

    pub(crate) fn cancel_all(&self) -> Result<()> {
        self.check("Channel::cancel_all")?;
        // SAFETY: ares_cancel(3): the channel is live; it may be called in a callback.
        context::call(|| unsafe { sys::ares_cancel(self.raw()) });
        Ok(())
    }

    pub(crate) fn set_servers(&self, servers: &[Server]) -> Result<()> {
        self.check("Channel::set_servers")?;
        // SAFETY: the channel is live.
        context::call(|| unsafe { servers::set(self.raw(), servers, self.ports()) })
    }

    fn ports(&self) -> Ports {
        self.shared().settings.ports
    }

    pub(crate) fn servers(&self) -> Result<Vec<Server>> {
        self.check("Channel::servers")?;
        // SAFETY: the channel is live.
        unsafe { servers::get(self.raw()) }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.check_fork().is_err() {
            // The lock and the event thread do not exist in this process; what the
            // channel holds is left to its parent.
            return;
        }
        // SAFETY: no C guarantee is needed: the handle is being dropped, and
        // nothing uses `owned` after this.
        let owned = unsafe { ManuallyDrop::take(&mut self.owned) };
        if context::in_callback() || context::is_ending() {
            // Destroying here would free what the callback's caller still uses, or
            // join the very thread that this is.
            let owned = ManuallyDrop::new(owned);
            context::defer(Box::new(move |now| {
                // Without a thread the channel is leaked: nothing else is safe.
                if now.is_ok() {
                    ManuallyDrop::into_inner(owned).destroy();
                }
            }));
        } else {
            owned.destroy();
        }
    }
}
