//! Work that is put off until no lock is held.

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::panics::abort;
use super::{Layer, call_catching, find, is_ending};
use crate::error::{ErrorKind, Result};

/// Work that waits until this thread holds no channel's lock.
///
/// It is told whether that time has come, or will never come.
pub(crate) type Job = Box<dyn FnOnce(Result<()>) + Send>;

/// Puts `job` off until this thread holds no channel's lock: to the end of its
/// outermost call, or, on a thread of c-ares' own, to a new thread once the
/// outermost closure has returned.
///
/// Where no thread can be had the job is told so, under the lock.
pub(crate) fn defer(job: Job) {
    let mut job = Some(job);
    find(|layer| {
        let job = layer.outer.is_null().then(|| job.take()).flatten()?;
        layer.deferred.borrow_mut().push_back(job);
        Some(())
    });
    match job {
        // In no callback, so no lock is held.
        Some(job) if !is_ending() => job(Ok(())),
        Some(job) => {
            for job in on_new_thread([job].into()) {
                job(Err(ErrorKind::NoMemory.into()));
            }
        }
        None => (),
    }
}

impl Layer {
    pub(super) fn next_job(&self) -> Option<Job> {
        self.deferred.borrow_mut().pop_front()
    }

    /// Gives what was put off to one new thread, in its order.
    pub(super) fn hand_over(&self) {
        loop {
            let jobs = self.deferred.take();
            if jobs.is_empty() {
                return;
            }
            for job in on_new_thread(jobs) {
                // The lock is held still: the job runs as the closures of this callback
                // did, and what it puts off comes round again.
                let run = || self.run(|| job(Err(ErrorKind::NoMemory.into())));
                if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
                    mem::forget(payload);
                    abort("a callback panicked on a thread that belongs to c-ares");
                }
            }
        }
    }
}

/// Runs the jobs on a new thread, or gives them back where none can be had.
fn on_new_thread(jobs: VecDeque<Job>) -> VecDeque<Job> {
    // `spawn` drops what it is given when it fails: the jobs wait in a slot, so that
    // they can be had back.
    let slot = Arc::new(Mutex::new(jobs));
    let theirs = Arc::clone(&slot);
    let spawned = thread::Builder::new()
        .name("c-ares deferred".into())
        .spawn(move || {
            let ((), panic) = call_catching(|| take(&theirs).into_iter().for_each(defer));
            if let Some(payload) = panic {
                mem::forget(payload);
                abort("a callback panicked on a thread without a Rust caller");
            }
        });
    match spawned {
        Ok(_detached) => VecDeque::new(),
        Err(_) => take(&slot),
    }
}

fn take(slot: &Mutex<VecDeque<Job>>) -> VecDeque<Job> {
    mem::take(&mut slot.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    //! Here and not in `tests/`, because to limit memory is unsafe.

    use std::process::Command;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use crate::{A, Channel, ErrorKind};

    /// Leaves no room for the stack of another thread.
    fn no_more_threads() {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
        let limit = libc::rlimit {
            rlim_cur: pages * 4096 + (1 << 20),
            rlim_max: libc::RLIM_INFINITY,
        };
        // SAFETY: setrlimit(2) reads the structure.
        let status = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
        assert_eq!(status, 0);
        let spawned = std::thread::Builder::new().spawn(|| ());
        assert!(spawned.is_err(), "there is room for a thread");
    }

    /// A query that is put off is told that there is no thread, on the event thread and
    /// under the lock; there its closure drops the channel whose thread that is.
    #[test]
    fn a_channel_may_be_dropped_where_no_thread_can_be_had() {
        const CHILD: &str = "C_ARES_TEST_NO_THREADS";
        if std::env::var_os(CHILD).is_none() {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--test-threads=1", "--nocapture"])
                .arg("ffi::context::deferred::tests::a_channel_may_be_dropped_where_no_thread_can_be_had")
                .env(CHILD, "1")
                // The channel is leaked, as promised: AddressSanitizer need not look.
                .env("LSAN_OPTIONS", "detect_leaks=0")
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{output:?}");
            assert!(text.contains("1 passed"), "{text}");
            return;
        }
        let server = testserver::Server::start("www.example.com. 60 IN A 192.0.2.1").unwrap();
        let builder = || {
            Channel::builder()
                .servers([server.address()])
                .resolv_conf("/dev/null")
        };
        let other = builder().on_socket_state(|_, _| ()).build().unwrap();
        let channel = Arc::new(builder().build_threaded().unwrap());
        let (sender, receiver) = mpsc::channel();
        let (go, wait_for_go) = mpsc::channel::<()>();
        let owner = Arc::clone(&channel);
        channel.query::<A>("www.example.com", move |_| {
            wait_for_go.recv().unwrap();
            no_more_threads();
            other.query::<A>("www.example.com", move |answer| {
                drop(owner);
                sender.send(answer.unwrap_err()).unwrap();
            });
        });
        drop(channel);
        go.send(()).unwrap();
        let told = receiver.recv_timeout(Duration::from_secs(60));
        assert_eq!(told.unwrap(), ErrorKind::NoMemory);
        // Long enough for the event thread to trip over a channel that is gone.
        std::thread::sleep(Duration::from_millis(300));
    }
}
