//! What the callbacks of a channel share.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use c_ares_sys as sys;

use super::SocketStateClosure;
use super::configure::Closures;
use crate::error::{ErrorKind, Result};
use crate::ffi::context::{self, ChannelId, Payload, drop_catching};
use crate::ffi::eof::Streams;
use crate::ffi::servers::{self, Ports};
use crate::ffi::transport::Carrier;
use crate::query::Usual;

/// What this layer needs to know of how the channel was configured.
pub(crate) struct Settings {
    pub(crate) max_queries: usize,
    pub(crate) usual: Usual,
    /// Whether names and addresses are looked up in the hosts file, and not in the DNS.
    pub(crate) hosts_file_alone: bool,
    pub(crate) ports: Ports,
    /// Whether there is a query cache.
    pub(crate) cached: bool,
}

/// What the callbacks of a channel share. It stays in one place from before the
/// channel is made until after it is destroyed.
pub(crate) struct Shared {
    pub(crate) on_socket_state: Option<SocketStateClosure>,
    pub(crate) closures: Closures,
    pub(in crate::ffi) streams: Streams,
    /// The sockets that are not the system's.
    pub(in crate::ffi) carrier: Option<Carrier>,
    pub(super) settings: Settings,
    pub(super) ids: AtomicUsize,
    /// Whether a thread is in `ares_reinit`.
    pub(super) reloading: AtomicBool,
    /// The channel, from when there is one.
    pub(super) channel: AtomicPtr<sys::ares_channel_t>,
}

impl Shared {
    /// The servers as c-ares writes them. For callbacks, whose channel is live.
    pub(crate) fn servers(&self) -> Result<String> {
        let channel = self.channel.load(Ordering::Acquire);
        if channel.is_null() {
            return Ok(String::new());
        }
        // SAFETY: it was stored before the first query, and a callback of a query runs before
        // the channel is freed, `ares_destroy` included (`ares_destroy.c`: queries first).
        // The lock is held already, and recursive.
        unsafe { servers::text(channel) }
    }

    pub(crate) fn id(&self) -> ChannelId {
        ChannelId(ptr::from_ref(self).addr())
    }

    /// Counts `ids` more query ids as used.
    pub(crate) fn take_ids(&self, ids: usize) -> Result<()> {
        let limit = self.settings.max_queries;
        self.ids
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                (used + ids <= limit).then_some(used + ids)
            })
            .map(drop)
            .map_err(|_| ErrorKind::TooManyQueries { limit }.into())
    }

    pub(crate) fn give_ids(&self, ids: usize) {
        self.ids.fetch_sub(ids, Ordering::Relaxed);
    }

    /// Drops what the user has given, each by itself: two destructors that panic would abort
    /// the process if one ran while the other unwinds. The first panic is handed over.
    pub(super) fn end(self: Box<Self>) -> Option<Payload> {
        let Closures {
            on_server_state,
            on_socket_created,
            on_socket_configured,
            on_pending_write,
        } = self.closures;
        [
            drop_catching(self.on_socket_state),
            drop_catching(on_server_state),
            drop_catching(on_socket_created),
            drop_catching(on_socket_configured),
            drop_catching(on_pending_write),
            drop_catching(self.carrier),
        ]
        .into_iter()
        .fold(None, context::first)
    }
}
