//! A loop of a user's own, level-triggered: it wakes as long as there is something to read.

use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use c_ares::{Builder, Channel, Interest, RawSocket, Ready};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

use crate::common::BOUND;

/// A channel, and the sockets to watch for it. They are duplicates, so that the number of
/// one cannot become another's while it is watched.
pub(crate) struct Level {
    pub(crate) channel: Channel,
    watched: Arc<Mutex<HashMap<RawSocket, (OwnedFd, Interest)>>>,
    /// What was told, in its order.
    pub(crate) notices: Arc<Mutex<Vec<(RawSocket, Interest)>>>,
    /// How often the loop woke up.
    pub(crate) wakes: usize,
}

impl Level {
    pub(crate) fn new(builder: Builder) -> Level {
        let watched = Arc::new(Mutex::new(HashMap::new()));
        let notices = Arc::new(Mutex::new(Vec::new()));
        let channel = builder.on_socket_state({
            let (watched, notices) = (Arc::clone(&watched), Arc::clone(&notices));
            move |socket, interest| {
                notices.lock().unwrap().push((socket.raw(), interest));
                let mut watched = watched.lock().unwrap();
                if interest.is_none() {
                    watched.remove(&socket.raw());
                } else {
                    let kept = socket.as_fd().try_clone_to_owned().unwrap();
                    watched.insert(socket.raw(), (kept, interest));
                }
            }
        });
        Level {
            channel: channel.build().expect("the channel is built"),
            watched,
            notices,
            wakes: 0,
        }
    }

    /// Waits once, for as long as the channel has time, and processes.
    pub(crate) fn step(&mut self) {
        let longest = Duration::from_millis(200);
        let wait = self
            .channel
            .timeout()
            .unwrap()
            .unwrap_or(longest)
            .min(longest);
        let wait = Timespec::try_from(wait).unwrap();
        let ready: Vec<Ready> = {
            let watched = self.watched.lock().unwrap();
            let mut sockets: Vec<_> = watched
                .values()
                .map(|(socket, interest)| {
                    let mut events = PollFlags::empty();
                    events.set(PollFlags::IN, interest.readable);
                    events.set(PollFlags::OUT, interest.writable);
                    PollFd::new(socket, events)
                })
                .collect();
            poll(&mut sockets, Some(&wait)).unwrap();
            watched
                .keys()
                .zip(&sockets)
                .filter(|(_, socket)| !socket.revents().is_empty())
                .map(|(raw, socket)| {
                    let has = |events| socket.revents().intersects(events);
                    let interest = Interest {
                        readable: has(PollFlags::IN | PollFlags::HUP | PollFlags::ERR),
                        writable: has(PollFlags::OUT),
                    };
                    Ready::new(*raw, interest)
                })
                .collect()
        };
        self.wakes += 1;
        self.channel.process(&ready).unwrap();
    }

    /// Runs until something is received.
    pub(crate) fn receive<T>(&mut self, receiver: &Receiver<T>) -> T {
        let start = Instant::now();
        loop {
            if let Ok(value) = receiver.try_recv() {
                return value;
            }
            assert!(start.elapsed() < BOUND, "nothing happens any more");
            self.step();
        }
    }
}

/// The time that this thread has computed.
pub(crate) fn cpu() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}
