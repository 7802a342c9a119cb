//! Connections that the server has ended in the middle of a message.
//!
//! c-ares 1.34.9 closes a connection at its end when nothing waits to be parsed; with a
//! part of a message it keeps it until its queries time out, and goes on asking for it to
//! be read (`ares_process.c`: `read_conn_packets` puts the failure off, and `read_answers`
//! returns before `process_read` comes to it). The end of a connection is readable for ever,
//! so a level-triggered loop would spin until then. Here such a socket is told to be no
//! longer for reading; the queries time out as they would have.
//!
//! Three steps, after c-ares has read what was ready:
//!
//! 1. Is a connection at its end still open? Then c-ares may only not have seen it: it
//!    takes one buffer at a time from a connection.
//! 2. So it is made to look again, and closes the connection if it is ever going to.
//! 3. If it has not, the user is told, and later notices of the socket are told without
//!    reading.
//!
//! A socket is looked at, and told, under the channel's lock: without it, another thread
//! may close it and the system give its number away. Nothing of c-ares takes the lock for
//! its caller, but it is held in every callback; see [`Handle::locked`].
//!
//! Sockets of a transport are not looked at: what they received last has told their end.
//!
//! UDP pays one relaxed load for all this: only sockets that c-ares wants to write to, as
//! it does first of all with TCP, are asked for their type, and once.

use std::ffi::{c_char, c_int, c_void};
use std::io::{ErrorKind, Result as IoResult};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use c_ares_sys as sys;

use super::handle::{Handle, Shared};
use super::socket::{RawSocket, Ready};
use super::{callback, context, platform};
use crate::error::Result;
use crate::socket::Interest;

/// The TCP connections of a driven channel. Its lock is held for looking at them and never
/// across a call into c-ares or a closure.
#[derive(Default)]
pub(super) struct Streams {
    count: AtomicUsize,
    list: Mutex<Vec<Stream>>,
}

struct Stream {
    socket: RawSocket,
    /// As c-ares has it.
    wanted: Interest,
    ended: bool,
}

impl Stream {
    /// What the user is told to watch it for.
    fn told(&self) -> Interest {
        Interest {
            readable: self.wanted.readable && !self.ended,
            ..self.wanted
        }
    }
}

/// What can be seen of a socket without c-ares.
impl Shared {
    fn peek(&self, socket: RawSocket) -> IoResult<usize> {
        match &self.carrier {
            Some(carrier) => carrier.lock().peek(socket),
            None => platform::peek(socket),
        }
    }

    fn is_stream(&self, socket: RawSocket) -> bool {
        match &self.carrier {
            Some(carrier) => carrier.lock().is_stream(socket),
            None => platform::is_stream(socket),
        }
    }
}

impl Streams {
    fn lock(&self) -> MutexGuard<'_, Vec<Stream>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to tell the user when c-ares says what it wants of a socket, if anything. The
    /// channel's lock is held.
    pub(super) fn notice(
        &self,
        shared: &Shared,
        socket: RawSocket,
        wanted: Interest,
    ) -> Option<Interest> {
        if !wanted.writable && self.count.load(Ordering::Relaxed) == 0 {
            return Some(wanted);
        }
        let mut list = self.lock();
        let told = match list.iter().position(|stream| stream.socket == socket) {
            Some(known) if wanted.is_none() => {
                let stream = list.swap_remove(known);
                (!stream.told().is_none()).then_some(wanted)
            }
            Some(known) => {
                let stream = &mut list[known];
                let before = stream.ended.then(|| stream.told());
                stream.wanted = wanted;
                // c-ares closes without a notice when it is out of memory, and the number
                // may be another socket's by now.
                stream.ended = stream.ended && has_ended(&shared.peek(socket));
                Some(stream.told()).filter(|told| before != Some(*told))
            }
            None => {
                if wanted.writable && shared.is_stream(socket) {
                    list.push(Stream {
                        socket,
                        wanted,
                        ended: false,
                    });
                }
                Some(wanted)
            }
        };
        self.count.store(list.len(), Ordering::Relaxed);
        told
    }

    /// Whether any of these may have to be looked at.
    fn concerned(&self, ready: &[Ready]) -> bool {
        self.count.load(Ordering::Relaxed) > 0 && open(&mut self.lock(), ready).next().is_some()
    }

    /// Those that c-ares should look at again. The channel's lock is held.
    fn at_end(&self, shared: &Shared, ready: &[Ready]) -> Vec<Ready> {
        open(&mut self.lock(), ready)
            .filter(|stream| match shared.peek(stream.socket) {
                Ok(length) => length == 0,
                Err(error) => {
                    !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
                }
            })
            .map(|stream| Ready::new(stream.socket, Interest::READABLE))
            .collect()
    }

    /// Marks one that c-ares has looked at and kept, and says what to tell of it. The
    /// channel's lock is held.
    fn end(&self, shared: &Shared, socket: RawSocket) -> Option<Interest> {
        let mut list = self.lock();
        let stream = list.iter_mut().find(|stream| stream.socket == socket)?;
        // Another thread may have been here; and an empty datagram looks like the end, for
        // which see `notice`.
        if stream.ended || !has_ended(&shared.peek(socket)) || !shared.is_stream(socket) {
            return None;
        }
        stream.ended = true;
        Some(stream.told())
    }
}

/// The connections among `ready` that are to be read.
fn open<'a>(list: &'a mut [Stream], ready: &'a [Ready]) -> impl Iterator<Item = &'a mut Stream> {
    list.iter_mut().filter(|stream| {
        let readable = |ready: &Ready| ready.socket() == stream.socket && ready.interest().readable;
        stream.told().readable && ready.iter().any(readable)
    })
}

/// Whether nothing can come any more. An error is told once on some systems, and then the
/// end; on others again and again.
fn has_ended(peeked: &IoResult<usize>) -> bool {
    match peeked {
        Ok(length) => *length == 0,
        Err(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
        ),
    }
}

impl Handle {
    /// After `ready` was processed: finds the connections that have ended.
    pub(super) fn end_streams(&self, ready: &[Ready]) -> Result<()> {
        let shared = self.shared();
        let streams = &shared.streams;
        if !streams.concerned(ready) {
            return Ok(());
        }
        let mut again = Vec::new();
        self.locked(|| again = streams.at_end(shared, ready));
        if again.is_empty() {
            return Ok(());
        }
        self.process_ready(&again)?;
        for socket in again.iter().map(Ready::socket) {
            // One at a time: the closure may have c-ares close the next one.
            self.locked(|| {
                if let Some(interest) = streams.end(shared, socket) {
                    // SAFETY: c-ares closes a socket under the lock, which is held, and says
                    // so before, whereupon it is no stream any more: it is open.
                    unsafe { callback::tell_socket_state(shared, socket, interest) };
                }
            });
        }
        Ok(())
    }

    /// Runs `work`, which must not panic, while the channel's lock is held.
    fn locked<F: FnOnce()>(&self, work: F) {
        /// # Safety
        ///
        /// `arg` is an `Option<F>` that nobody else uses.
        unsafe extern "C" fn run<F: FnOnce()>(
            arg: *mut c_void,
            _status: c_int,
            _timeouts: c_int,
            _node: *mut c_char,
            _service: *mut c_char,
        ) {
            // SAFETY: as this function asks.
            if let Some(work) = unsafe { &mut *arg.cast::<Option<F>>() }.take() {
                work();
            }
        }
        let mut work = Some(work);
        // SAFETY: ares_getnameinfo(3): the channel is live. `ares_getnameinfo.c`: it takes
        // the lock, and tells an address that is neither IPv4's nor IPv6's, or null, at once
        // that it cannot be looked up: the callback runs during the call, and `work`
        // outlives it.
        context::call(|| unsafe {
            sys::ares_getnameinfo(
                self.raw(),
                ptr::null(),
                0,
                0,
                Some(run::<F>),
                (&raw mut work).cast(),
            );
        });
    }
}
