//! One operation with one failing allocation, and what must hold behind it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use c_ares_sys as sys;

use super::allocator::{self, Failing};
use super::carried::Standard;
use crate::{Builder, Channel, Error, ErrorKind, Interest, RawSocket, Ready, Result};

/// Who drives the channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Drive {
    Us,
    EventThread,
}

/// What an operation may use.
pub(super) struct Run {
    pub(super) server: SocketAddr,
    pub(super) folder: PathBuf,
    pub(super) drive: Drive,
    /// There while nothing has gone wrong; an operation may take it away.
    pub(super) channel: Option<Channel>,
    watched: Arc<Mutex<HashMap<RawSocket, Interest>>>,
    asked: AtomicUsize,
    told: Arc<AtomicUsize>,
    errors: Arc<Mutex<Vec<Error>>>,
}

impl Run {
    pub(super) fn new(server: SocketAddr, folder: PathBuf, drive: Drive) -> Self {
        Run {
            server,
            folder,
            drive,
            channel: None,
            watched: Arc::default(),
            asked: AtomicUsize::new(0),
            told: Arc::default(),
            errors: Arc::default(),
        }
    }

    /// A configuration that asks the server and nothing of this machine.
    pub(super) fn builder(&self) -> Builder {
        Channel::builder()
            .servers([self.server])
            .resolv_conf(self.folder.join("resolv.conf"))
            .hosts_file(self.folder.join("hosts"))
            .domains(["example.net", "example.com"])
            .timeout(Duration::from_millis(250))
            .tries(2)
    }

    /// Makes the channel.
    fn build(&mut self, builder: Builder) -> Result<()> {
        let channel = match self.drive {
            Drive::Us => {
                let watched = Arc::clone(&self.watched);
                let builder = builder.on_socket_state(move |socket, interest| {
                    let mut watched = watched.lock().unwrap();
                    if interest.is_none() {
                        watched.remove(&socket.raw());
                    } else {
                        watched.insert(socket.raw(), interest);
                    }
                });
                builder.build()
            }
            Drive::EventThread => builder.build_threaded(),
        };
        self.channel = Some(channel?);
        Ok(())
    }

    /// Makes a channel over sockets that are not c-ares' own, in place of the other one.
    pub(super) fn build_over_transport(&mut self) {
        self.channel = None;
        self.drive = Drive::Us;
        let watched = Arc::clone(&self.watched);
        let channel = Channel::builder_over(Standard)
            .servers([self.server])
            .resolv_conf(self.folder.join("resolv.conf"))
            .hosts_file(self.folder.join("hosts"))
            .timeout(Duration::from_millis(250))
            .on_server_state(|_| ())
            .on_socket_state(move |number, interest| {
                watched.lock().unwrap().insert(number, interest);
            })
            .build();
        match channel {
            Ok(channel) => self.channel = Some(channel),
            Err(error) => self.keep(Err::<(), _>(error)),
        }
    }

    pub(super) fn channel(&self) -> &Channel {
        self.channel.as_ref().expect("the channel is there")
    }

    /// A closure that must be told something, once.
    pub(super) fn told<T: 'static>(&self) -> impl FnOnce(Result<T>) + Send + 'static + use<T> {
        self.asked.fetch_add(1, SeqCst);
        let told = Arc::clone(&self.told);
        let errors = Arc::clone(&self.errors);
        move |answer| {
            told.fetch_add(1, SeqCst);
            errors.lock().unwrap().extend(answer.err());
        }
    }

    /// Keeps an error that was not told to a closure.
    pub(super) fn keep<T>(&self, result: Result<T>) {
        self.errors.lock().unwrap().extend(result.err());
    }

    fn idle(&self) -> bool {
        self.told.load(SeqCst) == self.asked.load(SeqCst)
    }

    /// Moves the channel on until every closure has been told. `false` if c-ares has
    /// forgotten one of them: it waits for nothing any more.
    pub(super) fn drive(&self) -> bool {
        // Longer than all tries of all names take. An event thread that was not woken waits on.
        let bound = Instant::now() + Duration::from_secs(5);
        let mut nothing = 0;
        while !self.idle() && nothing < 10 && Instant::now() < bound {
            if self.drive == Drive::Us {
                self.step();
            }
            nothing = if self.waits() { 0 } else { nothing + 1 };
            std::thread::sleep(Duration::from_micros(200));
        }
        self.idle()
    }

    /// Whether c-ares waits for the time of any query.
    fn waits(&self) -> bool {
        let mut buffer = libc::timeval {
            tv_sec: 0,
            tv_usec: 0,
        };
        // SAFETY: ares_timeout(3): the channel is live, on an event thread too.
        unsafe {
            let raw = self.channel().handle().raw();
            !sys::ares_timeout(raw, std::ptr::null_mut(), &raw mut buffer).is_null()
        }
    }

    pub(super) fn step(&self) {
        let ready: Vec<_> = (self.watched.lock().unwrap().iter())
            .map(|(socket, interest)| Ready::new(*socket, *interest))
            .collect();
        let processed = self.channel().process(&ready);
        self.keep(processed);
    }
}

/// What a process has that an operation may not keep.
#[derive(PartialEq, Eq, Debug)]
struct Holdings {
    blocks: isize,
    descriptors: usize,
    threads: usize,
}

impl Holdings {
    fn now() -> Self {
        let count = |folder| std::fs::read_dir(folder).unwrap().count();
        Holdings {
            blocks: allocator::live(),
            descriptors: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Outcome {
    /// Every closure was told, and nothing is kept.
    Fine = 10,
    /// There were not so many allocations.
    Enough,
    /// A closure was told when the channel was dropped, and would not have been before.
    Stranded,
    /// Memory or a socket is kept.
    Leak,
    /// Something else was not as it should be.
    Panic,
    /// A signal ended the process.
    Crash,
    /// It did not come to an end.
    Hang,
}

/// What an operation does; whether the channel is built before any allocation fails.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    Builds(fn(Builder) -> Builder),
    Uses(fn(&mut Run)),
}

/// Runs the operation with the `nth` allocation failing. Whether there were so many.
pub(super) fn attempt(mut run: Run, operation: Operation, nth: usize, failing: Failing) -> Outcome {
    let before = Holdings::now();
    match operation {
        Operation::Builds(build) => {
            allocator::arm(nth, failing);
            let built = run.build(build(run.builder()));
            run.keep(built);
        }
        Operation::Uses(usage) => {
            run.build(run.builder()).unwrap();
            allocator::arm(nth, failing);
            usage(&mut run);
        }
    }
    let stranded = run.channel.is_some() && !run.drive();
    drop(run.channel.take());
    let failed = allocator::disarm() >= nth;
    assert_eq!(run.told.load(SeqCst), run.asked.load(SeqCst), "told once");
    let errors = run.errors.lock().unwrap();
    if !failed {
        let real =
            |error: &&Error| ![ErrorKind::Cancelled, ErrorKind::Destruction].contains(error.kind());
        assert_eq!(errors.iter().find(real), None, "nothing failed");
    }
    // A thread that has been joined may take a moment to leave the list.
    let bound = Instant::now() + Duration::from_millis(500);
    while Holdings::now() != before && Instant::now() < bound {
        std::thread::sleep(Duration::from_millis(1));
    }
    let after = Holdings::now();
    if after != before {
        assert!(failed, "{before:?} {after:?}");
        eprintln!("{failing:?} {nth}: {before:?} {after:?}");
        return Outcome::Leak;
    }
    match (failed, stranded) {
        (true, true) => Outcome::Stranded,
        (true, false) => Outcome::Fine,
        (false, stranded) => {
            assert!(!stranded, "nothing failed");
            Outcome::Enough
        }
    }
}
