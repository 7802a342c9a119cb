//! Bugs in Rust and in C, one at a time, for the sanitizers to find: `planted LANGUAGE BUG`.
//! `planted no bug` does what is right and looks wrong to a sanitizer that does not see all of it.

use std::cell::UnsafeCell;
use std::ffi::{CString, c_char};
use std::hint::black_box;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once, RwLock, mpsc};
use std::thread;

use c_ares_sys as _;

unsafe extern "C" {
    fn ares_planted(bug: *const c_char);
    fn epoll_create1(flags: i32) -> i32;
    fn epoll_ctl(epoll: i32, what: i32, fd: i32, event: *mut [u32; 3]) -> i32;
    fn close(fd: i32) -> i32;
}

const EPOLL_CTL_ADD: i32 = 1;
const EPOLL_CTL_DEL: i32 = 2;

/// A number without a lock.
struct Shared(UnsafeCell<u64>);
unsafe impl Sync for Shared {}

impl Shared {
    const fn new() -> Self {
        Shared(UnsafeCell::new(0))
    }

    fn add(&self) {
        let number = self.0.get();
        unsafe { number.write_volatile(number.read_volatile() + 1) };
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match [arguments[0].as_str(), arguments[1].as_str()] {
        ["c", "race"] => at_once(|| in_c("race")),
        ["c", bug] => in_c(bug),
        ["rust", "use-after-free"] => {
            let pointer = Box::into_raw(Box::new(1u64));
            drop(unsafe { Box::from_raw(black_box(pointer)) });
            unsafe { black_box(pointer).write_volatile(2) };
        }
        ["rust", "overflow"] => {
            let bytes = black_box(vec![0u8; 8]);
            unsafe { bytes.as_ptr().add(black_box(8)).read_volatile() };
        }
        ["rust", "leak"] => std::mem::forget(black_box(Box::new([1u64; 8]))),
        ["rust", "race"] => {
            static NUMBER: Shared = Shared::new();
            at_once(|| NUMBER.add());
        }
        // What orders the owners of one `Arc` orders nobody else.
        ["rust", "race-between-arcs"] => {
            static NUMBER: Shared = Shared::new();
            at_once(|| {
                let arc = Arc::new(0);
                NUMBER.add();
                drop(black_box(arc));
            });
        }
        // Nor does a flag without order.
        ["rust", "race-past-a-flag"] => {
            static NUMBER: Shared = Shared::new();
            static SET: AtomicBool = AtomicBool::new(false);
            let other = thread::spawn(|| {
                while !SET.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                NUMBER.add();
            });
            NUMBER.add();
            SET.store(true, Ordering::Relaxed);
            other.join().unwrap();
        }
        // A socket is watched by a thread that does not know that it is open.
        ["rust", "race-for-a-descriptor"] => {
            with_a_foreign_descriptor(|epoll, fd| unsafe {
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &mut [1, 0, 0])
            });
        }
        ["no", "bug"] => no_bug(),
        other => panic!("there is no bug {other:?}"),
    }
    println!("the end");
}

/// The same on two threads, a few times: of two accesses in the very same moment a sanitizer may see
/// neither.
fn at_once(work: fn()) {
    let often = move || {
        for _ in 0..100 {
            work();
            thread::yield_now();
        }
    };
    let other = thread::spawn(often);
    often();
    other.join().unwrap();
}

fn in_c(bug: &str) {
    let bug = CString::new(bug).unwrap();
    unsafe { ares_planted(bug.as_ptr()) };
}

/// The slow ways of the standard library, which it has in functions that are compiled already.
fn no_bug() {
    const ROUNDS: u64 = 2_000;
    let (mutex, read_write) = (Mutex::new(0), RwLock::new(0));
    let (turn, changed) = (Mutex::new(0), Condvar::new());
    let (once, by_once) = (Once::new(), Shared::new());
    let scoped = [const { Shared::new() }; 4];
    thread::scope(|scope| {
        for (me, mine) in (0..).zip(&scoped) {
            let (mutex, read_write) = (&mutex, &read_write);
            let (turn, changed, once, by_once) = (&turn, &changed, &once, &by_once);
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    *mutex.lock().unwrap() += 1;
                    *read_write.write().unwrap() += 1;
                    assert!(*read_write.read().unwrap() > 0);
                }
                for round in 0..50 {
                    let next = round * 4 + me;
                    let mut turn = changed
                        .wait_while(turn.lock().unwrap(), |now| *now != next)
                        .unwrap();
                    *turn += 1;
                    changed.notify_all();
                }
                once.call_once(|| by_once.add());
                assert_eq!(unsafe { *by_once.0.get() }, 1);
                mine.add();
            });
        }
    });
    assert_eq!(
        (*mutex.lock().unwrap(), *read_write.read().unwrap()),
        (4 * ROUNDS, 4 * ROUNDS)
    );
    assert!(scoped.iter().all(|number| unsafe { *number.0.get() } == 1));
    // c-ares' event thread does this: the number is another's by then, who is not found by it.
    let removed = with_a_foreign_descriptor(|epoll, fd| unsafe {
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &mut [0; 3])
    });
    assert_eq!(removed, -1);
    for round in 0..200 {
        let (sender, receiver) = mpsc::channel();
        let threads = [(); 4].map(|()| {
            let sender = sender.clone();
            thread::spawn(move || sender.send(Box::new(round)).unwrap())
        });
        drop(sender);
        assert!(receiver.iter().all(|number| *number == round));
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        last_owner();
        parked();
    }
}

/// Each thread writes to its part of what the last of them frees.
fn last_owner() {
    let shared = Arc::new([const { Shared::new() }; 2]);
    let (done, all_done) = mpsc::channel::<()>();
    for part in 0..2 {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        thread::spawn(move || {
            shared[part].add();
            drop(shared);
            drop(done);
        });
    }
    drop((shared, done));
    assert!(all_done.recv().is_err());
}

fn parked() {
    let (parent, ready) = (thread::current(), Arc::new(AtomicBool::new(false)));
    let seen = Arc::clone(&ready);
    let child = thread::spawn(move || {
        ready.store(true, Ordering::Relaxed);
        parent.unpark();
    });
    while !seen.load(Ordering::Relaxed) {
        thread::park();
    }
    child.join().unwrap();
}

/// Watches a socket with an epoll, closes it, and lets another thread have its number. Of that
/// thread this one knows nothing in order.
fn with_a_foreign_descriptor(work: fn(i32, i32) -> i32) -> i32 {
    static OPEN: AtomicBool = AtomicBool::new(false);
    static DONE: AtomicBool = AtomicBool::new(false);
    let wait = |flag: &AtomicBool| {
        while !flag.load(Ordering::Relaxed) {
            thread::yield_now();
        }
    };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let fd = socket.as_raw_fd();
    let epoll = unsafe { epoll_create1(0) };
    let added = unsafe { epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &mut [1, 0, 0]) };
    assert_eq!(added, 0);
    drop(socket);
    let other = thread::spawn(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(socket.as_raw_fd(), fd);
        OPEN.store(true, Ordering::Relaxed);
        wait(&DONE);
    });
    wait(&OPEN);
    let done = work(epoll, fd);
    DONE.store(true, Ordering::Relaxed);
    other.join().unwrap();
    unsafe { close(epoll) };
    done
}
