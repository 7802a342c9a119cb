//! Driving a channel: what its user calls in place of an event thread, and waiting for that.

use std::ffi::c_int;
use std::ptr;
use std::time::Duration;

use c_ares_sys as sys;

use super::Handle;
use crate::builder::EventSystem;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::message::bits;
use crate::ffi::socket::{RawSocket, Ready, Socket};
use crate::ffi::{context, platform};
use crate::socket::Interest;
use crate::transport::table::Table;

/// The closure of `on_socket_state`.
pub(crate) enum SocketStateClosure {
    /// For sockets of the system.
    System(Box<dyn Fn(Socket<'_>, Interest) + Send + Sync>),
    /// For those of a transport, whose numbers mean nothing to the system.
    Carried(Box<dyn Fn(RawSocket, Interest) + Send + Sync>),
}

/// Who calls c-ares when a socket is ready or time has passed.
pub(crate) enum Driver {
    /// The user, told by the closure which sockets to watch.
    User(SocketStateClosure),
    /// The user, who brings the sockets too.
    Transport(Table, SocketStateClosure),
    /// c-ares' own thread, with the best event system or a certain one.
    EventThread(Option<EventSystem>),
}

impl Handle {
    pub(super) fn check_driven(&self, method: &'static str) -> Result<()> {
        self.check(method)?;
        if self.shared().on_socket_state.is_none() {
            return Err(ErrorKind::NotDriven { method }.into());
        }
        Ok(())
    }

    /// When `process` must be called at the latest.
    pub(crate) fn timeout(&self) -> Result<Option<Duration>> {
        self.check_driven("Channel::timeout")?;
        // SAFETY: all-zero is a value of `timeval`, two integers.
        let mut buffer: platform::timeval = unsafe { std::mem::zeroed() };
        // SAFETY: ares_timeout(3): the channel is live; without a maximum the result
        // is null or `buffer`.
        let next = unsafe { sys::ares_timeout(self.raw(), ptr::null_mut(), &raw mut buffer) };
        if next.is_null() {
            return Ok(None);
        }
        let seconds = u64::try_from(buffer.tv_sec).unwrap_or(0);
        let micros = u64::try_from(buffer.tv_usec).unwrap_or(0);
        Ok(Some(
            Duration::from_secs(seconds) + Duration::from_micros(micros),
        ))
    }

    /// Handles sockets that are ready, and queries whose time is up.
    pub(crate) fn process(&self, ready: &[Ready]) -> Result<()> {
        self.check_driven("Channel::process")?;
        if context::in_callback() {
            return Err(ErrorKind::InCallback {
                method: "Channel::process",
            }
            .into());
        }
        self.process_ready(ready)?;
        self.end_streams(ready)
    }

    /// Calls `ares_process_fds(3)`.
    pub(in crate::ffi) fn process_ready(&self, ready: &[Ready]) -> Result<()> {
        // SAFETY: ares_process_fds(3): the channel is live, and the events are an
        // array of that length; `Ready` is `ares_fd_events_t`. A socket that is not
        // the channel's is passed over.
        let status = context::call(|| unsafe {
            sys::ares_process_fds(
                self.raw(),
                ready.as_ptr().cast(),
                ready.len(),
                bits(sys::ARES_PROCESS_FLAG_NONE),
            )
        });
        Error::check(status as c_int)
    }

    /// Waits until no query is under way. `false` if that is not so in time.
    pub(crate) fn wait_idle(&self, timeout: Duration) -> Result<bool> {
        const METHOD: &str = "Channel::wait_idle";
        self.check(METHOD)?;
        if self.shared().on_socket_state.is_some() {
            return Err(ErrorKind::NotThreaded { method: METHOD }.into());
        }
        if context::in_callback() {
            return Err(ErrorKind::InCallback { method: METHOD }.into());
        }
        let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
        let milliseconds = c_int::try_from(milliseconds).unwrap_or(c_int::MAX);
        // SAFETY: ares_queue_wait_empty(3): the channel is live, and stays so as long as the
        // handle is borrowed. It gives the lock up while it waits, which it could not in a
        // callback: the lock is recursive, and held there once more.
        let status = unsafe { sys::ares_queue_wait_empty(self.raw(), milliseconds) };
        match Error::check(status as c_int) {
            Ok(()) => Ok(true),
            Err(error) if error == ErrorKind::Timeout => Ok(false),
            Err(error) => Err(error),
        }
    }
}
