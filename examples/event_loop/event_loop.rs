//! The pattern: c-ares says what to watch, the loop says what is ready.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use c_ares::{Builder, Channel, Interest, RawSocket, Ready, Socket};
use mio::unix::SourceFd;
use mio::{Events, Poll, Registry, Token};

type Error = Box<dyn std::error::Error>;

/// A channel and the poll that drives it.
pub(crate) struct EventLoop {
    poll: Poll,
    events: Events,
    pub(crate) channel: Channel,
    pub(crate) counts: Arc<Counts>,
    failures: mpsc::Receiver<io::Error>,
}

/// What the socket-state closure did.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) added: AtomicUsize,
    pub(crate) changed: AtomicUsize,
    pub(crate) removed: AtomicUsize,
}

impl EventLoop {
    pub(crate) fn new(builder: Builder) -> Result<Self, Error> {
        let poll = Poll::new()?;
        let counts = Arc::new(Counts::default());
        let (failed, failures) = mpsc::channel();
        let watchers = Watchers {
            // The closure lives in the channel and the poll here, so it takes a
            // registry of its own, which is the same poll.
            registry: poll.registry().try_clone()?,
            watched: Mutex::default(),
            counts: Arc::clone(&counts),
        };
        let channel = builder
            .on_socket_state(move |socket, interest| {
                // The closure has nobody to return an error to: the loop reads it.
                if let Err(error) = watchers.update(socket, interest) {
                    let _ = failed.send(error);
                }
            })
            .build()?;
        Ok(EventLoop {
            poll,
            events: Events::with_capacity(64),
            channel,
            counts,
            failures,
        })
    }

    /// Drives the channel until `done` says so; an error if that takes until `deadline`.
    pub(crate) fn run(
        &mut self,
        deadline: Instant,
        mut done: impl FnMut() -> bool,
    ) -> Result<(), Error> {
        while !done() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err("not finished in time".into());
            }
            self.turn(left)?;
        }
        Ok(())
    }

    /// Waits once, for `longest` at most, and hands c-ares what happened.
    fn turn(&mut self, longest: Duration) -> Result<(), Error> {
        // Asked anew each time: every query and every `process` changes it. It
        // is what makes retries happen, for which no socket is ever ready.
        let timeout = self.channel.timeout()?;
        let wait = timeout.map_or(longest, |timeout| timeout.min(longest));
        match self.poll.poll(&mut self.events, Some(wait)) {
            // A signal: nothing is ready, but time has passed.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        let mut ready = Vec::new();
        for event in &self.events {
            let Token(number) = event.token();
            let end = event.is_read_closed() || event.is_error();
            ready.push(Ready::new(
                RawSocket::try_from(number)?,
                Interest {
                    readable: event.is_readable() || end,
                    writable: event.is_writable(),
                },
            ));
        }
        // One call for all of them: no socket is closed, and its number used
        // again, before the call is over. With none ready it looks at the time.
        self.channel.process(&ready)?;
        match self.failures.try_recv() {
            Ok(error) => Err(format!("a socket cannot be watched: {error}").into()),
            Err(_) => Ok(()),
        }
    }
}

/// The watchers, one per socket of the channel.
struct Watchers {
    registry: Registry,
    watched: Mutex<HashSet<RawSocket>>,
    counts: Arc<Counts>,
}

impl Watchers {
    fn update(&self, socket: Socket<'_>, interest: Interest) -> io::Result<()> {
        let number = socket.raw();
        let token = Token(usize::try_from(number).map_err(io::Error::other)?);
        let mut source = SourceFd(&number);
        let mut watched = self.watched.lock().expect("no closure panics with it");
        let count = match wanted(interest) {
            None => {
                // Now, while the socket is open still: after this it is closed, and the
                // next one may have the same number.
                watched.remove(&number);
                self.registry.deregister(&mut source)?;
                &self.counts.removed
            }
            Some(interest) if watched.insert(number) => {
                self.registry.register(&mut source, token, interest)?;
                &self.counts.added
            }
            Some(interest) => {
                self.registry.reregister(&mut source, token, interest)?;
                &self.counts.changed
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn wanted(interest: Interest) -> Option<mio::Interest> {
    match (interest.readable, interest.writable) {
        (false, false) => None,
        (true, false) => Some(mio::Interest::READABLE),
        (false, true) => Some(mio::Interest::WRITABLE),
        (true, true) => Some(mio::Interest::READABLE | mio::Interest::WRITABLE),
    }
}
