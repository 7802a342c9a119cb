//! The server as its owner sees it.

use crate::event_loop::EventLoop;
use crate::responder::Responder;
use crate::rule::Rules;
use crate::sockets::Sockets;
use crate::zone::Zone;
use crate::{Builder, Query, Rule};
use mio::Waker;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fmt, io};

/// A running DNS server. Dropping it ends it: when the drop returns, its thread has
/// ended and its sockets are closed.
///
/// # Panics
///
/// The drop panics when a script did, so that the test fails that it belongs to.
pub struct Server {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

/// What the server's thread and its owner both see. No lock is held while a script runs.
#[derive(Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) rules: Rules,
    /// How many queries came, and themselves unless they are counted only.
    seen: usize,
    queries: Vec<Query>,
    count_only: bool,
    pub(crate) malformed: usize,
    pub(crate) connections: usize,
    pub(crate) stop: bool,
    /// What the first script to panic said.
    pub(crate) panic: Option<String>,
}

impl Server {
    /// Starts a server for a zone file's text on free loopback ports.
    ///
    /// # Errors
    ///
    /// When the zone cannot be read, or no port can be had.
    pub fn start(zone: impl Into<String>) -> io::Result<Server> {
        Server::builder().zone(zone).start()
    }

    /// Sets up a server with more than a zone.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn run(
        zone: Zone,
        shared: Arc<Shared>,
        sockets: Vec<Sockets>,
    ) -> io::Result<Server> {
        let addresses = sockets.iter().map(|pair| pair.address).collect();
        let responder = Responder::new(zone, Arc::clone(&shared));
        let (event_loop, waker) = EventLoop::new(responder, sockets)?;
        let thread = thread::Builder::new()
            .name("testserver".into())
            .spawn(move || event_loop.run())?;
        Ok(Server {
            addresses,
            shared,
            waker,
            thread: Some(thread),
        })
    }

    /// The IPv4 address and port, the same for UDP and TCP.
    ///
    /// # Panics
    ///
    /// When the server was told to listen on IPv6 addresses only.
    pub fn address(&self) -> SocketAddr {
        let mut addresses = self.addresses.iter().copied();
        addresses
            .find(SocketAddr::is_ipv4)
            .expect("the server was told to listen on IPv6 addresses only")
    }

    /// The IPv6 address and port, the same for UDP and TCP. `None` on a machine without
    /// IPv6.
    pub fn address_v6(&self) -> Option<SocketAddr> {
        self.addresses.iter().copied().find(SocketAddr::is_ipv6)
    }

    /// All addresses, in the order of [`Builder::listen`].
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Sets a rule for the names of a pattern, see [patterns](crate#patterns). It holds for
    /// the queries that come from now on.
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn rule(&self, pattern: &str, rule: Rule) {
        self.shared.lock().rules.set(pattern, rule);
    }

    /// Takes back the rule of a pattern, if there is one.
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn clear(&self, pattern: &str) {
        self.shared.lock().rules.clear(pattern);
    }

    /// The queries seen so far, in the order they came. A query is here before it is answered.
    pub fn queries(&self) -> Vec<Query> {
        self.shared.lock().queries.clone()
    }

    /// How many queries were seen so far.
    pub fn query_count(&self) -> usize {
        self.shared.query_count()
    }

    /// Hands over the queries seen so far and counts from zero again, queries and malformed
    /// messages.
    pub fn take_queries(&self) -> Vec<Query> {
        self.shared.take_queries()
    }

    /// How many messages came that are no query with exactly one question. They are not
    /// among [`queries`](Self::queries).
    pub fn malformed_count(&self) -> usize {
        self.shared.lock().malformed
    }

    /// How many TCP connections were accepted so far.
    pub fn connection_count(&self) -> usize {
        self.shared.lock().connections
    }

    /// Waits until at least so many queries were seen; false when the time ran out first.
    #[must_use]
    pub fn wait_for_queries(&self, count: usize, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.shared.lock();
        while state.seen < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Shared {
    pub(crate) fn new(rules: Rules, count_only: bool) -> Arc<Shared> {
        let shared = Shared::default();
        *shared.lock() = State {
            rules,
            count_only,
            ..State::default()
        };
        Arc::new(shared)
    }

    pub(crate) fn query_count(&self) -> usize {
        self.lock().seen
    }

    pub(crate) fn take_queries(&self) -> Vec<Query> {
        let mut state = self.lock();
        state.seen = 0;
        state.malformed = 0;
        std::mem::take(&mut state.queries)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn saw(&self, query: Query) {
        let mut state = self.lock();
        state.seen += 1;
        if !state.count_only {
            state.queries.push(query);
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        let woken = self.waker.wake();
        let Some(thread) = self.thread.take() else {
            return;
        };
        // Without the wake-up the thread would go on, and joining it wait for ever.
        let ended = woken.map(|()| thread.join());
        if thread::panicking() {
            return;
        }
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(panic)) => resume_unwind(panic),
            Err(error) => panic!("the server cannot be woken up to end: {error}"),
        }
        if let Some(panic) = self.shared.lock().panic.take() {
            panic!("a script of the server panicked: {panic}");
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
