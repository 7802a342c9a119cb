//! Knowing that this process was forked from the one that made a channel.
//!
//! In the child the channel's mutex may be held by a thread that does not
//! exist there, and its event thread does not exist either (TRAPS: nothing in
//! c-ares knows of `fork`). So the child must not touch it. One counter, raised
//! by a handler of `pthread_atfork`, tells; no system call per query.

use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How many forks lie between the first process and this one.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Starts counting. Called once, before the first channel is made.
#[cfg(unix)]
pub(crate) fn watch() -> Result<(), i32> {
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: pthread_atfork(3) asks for functions that may run in the child
    // of a fork; this one only raises an atomic, which is async-signal-safe.
    // It is part of this library and is never unloaded before the process ends.
    match unsafe { libc::pthread_atfork(None, None, Some(in_child)) } {
        0 => Ok(()),
        errno => Err(errno),
    }
}

/// There is no fork on this system.
#[cfg(not(unix))]
pub(crate) fn watch() -> Result<(), i32> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    //! Here and not in `tests/`, because `fork` is unsafe to call.

    use std::net::Ipv4Addr;
    use std::ptr;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use crate::{
        A, Builder, Channel, Error, ErrorKind, Family, Hints, Interest, NameInfoFlags, Server,
    };

    const BOUND: Duration = Duration::from_secs(60);

    /// Runs `work` in a forked child, and asserts that it returned `true` there.
    fn in_child(work: impl FnOnce() -> bool) {
        // SAFETY: fork(2): the child has one thread. It runs code that may
        // allocate, which glibc and musl permit after a fork, then leaves without
        // destructors and exit handlers.
        match unsafe { libc::fork() } {
            0 => {
                // SAFETY: alarm(2): a child that hangs ends.
                unsafe { libc::alarm(120) };
                let passed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                let code = i32::from(!matches!(passed, Ok(true)));
                // SAFETY: _exit(2) ends the process at once.
                unsafe { libc::_exit(code) }
            }
            child => {
                assert!(child > 0, "fork failed");
                let mut status = 0;
                // SAFETY: waitpid(2) on our own child.
                let reaped = unsafe { libc::waitpid(child, &raw mut status, 0) };
                assert_eq!((reaped, status), (child, 0));
            }
        }
    }

    fn builder(server: &testserver::Server) -> Builder {
        Channel::builder()
            .servers([server.address()])
            .resolv_conf("/dev/null")
    }

    /// What the child is told by every method.
    fn everything_is_refused(channel: &Channel) -> bool {
        let (sender, receiver) = mpsc::channel();
        let (queried, searched) = (sender.clone(), sender.clone());
        channel.query::<A>("www.example.com", move |answer| {
            queried.send(answer.err()).unwrap()
        });
        channel.search::<A>("www.example.com", move |answer| {
            searched.send(answer.err()).unwrap()
        });
        channel.addrinfo("www.example.com", &Hints::new(), move |info| {
            sender.send(info.err()).unwrap();
        });
        three_are_refused(&receiver)
            && channel.cancel_all() == Err(ErrorKind::Forked.into())
            && channel.set_servers([] as [Server; 0]) == Err(ErrorKind::Forked.into())
            && channel.servers() == Err(ErrorKind::Forked.into())
            && channel.set_sortlist(["192.0.2.0/24".parse().unwrap()])
                == Err(ErrorKind::Forked.into())
            && channel.reload() == Err(ErrorKind::Forked.into())
            && channel.active_queries() == Err(ErrorKind::Forked.into())
            && channel.wait_idle(std::time::Duration::ZERO) == Err(ErrorKind::Forked.into())
    }

    fn is_forked(error: &Error) -> bool {
        *error == ErrorKind::Forked
    }

    /// Whether three closures are told so, and no more.
    fn three_are_refused(told: &mpsc::Receiver<Option<Error>>) -> bool {
        let told: Vec<_> = told.iter().collect();
        told.len() == 3
            && told
                .iter()
                .flatten()
                .filter(|error| is_forked(error))
                .count()
                == 3
    }

    /// What the child is told by the methods of `lookup.rs`.
    fn every_lookup_is_refused(channel: &Channel) -> bool {
        let (sender, receiver) = mpsc::channel();
        let (named, reversed) = (sender.clone(), sender.clone());
        let address = Ipv4Addr::LOCALHOST;
        channel.nameinfo((address, 1).into(), NameInfoFlags::NONE, move |info| {
            named.send(info.err()).unwrap();
        });
        channel.reverse(address.into(), move |answer| {
            reversed.send(answer.err()).unwrap();
        });
        channel.addrinfo_local(&Hints::new().port(1), move |info| {
            sender.send(info.err()).unwrap();
        });
        three_are_refused(&receiver)
            && channel
                .hosts_file("localhost", Family::V4)
                .is_err_and(|error| is_forked(&error))
    }

    fn ask(channel: &Channel) -> mpsc::Receiver<crate::Result<crate::Answer<A>>> {
        let (sender, receiver) = mpsc::channel();
        channel.query::<A>("slow.example.com", move |answer| {
            // The child drops its end without a listener.
            let _ = sender.send(answer);
        });
        receiver
    }

    fn server() -> testserver::Server {
        testserver::Server::builder()
            .zone("slow.example.com. 60 IN A 192.0.2.1")
            .delay("*", Duration::from_millis(300))
            .start()
            .unwrap()
    }

    #[test]
    fn a_threaded_channel_is_the_parents_own() {
        let server = server();
        let channel = builder(&server).build_threaded().unwrap();
        let answer = ask(&channel);
        let mut moved = Some(channel);
        in_child(|| {
            let channel = moved.take().unwrap();
            let refused = everything_is_refused(&channel) && every_lookup_is_refused(&channel);
            drop(channel); // neither hangs nor tells the pending closure
            // A new channel works here.
            let channel = builder(&server).build_threaded().unwrap();
            let answered = ask(&channel).recv_timeout(BOUND).unwrap().is_ok();
            refused && answered
        });
        // The parent notices nothing.
        answer.recv_timeout(BOUND).unwrap().unwrap();
        let channel = moved.take().unwrap();
        channel.set_servers([server.address()]).unwrap();
        ask(&channel).recv_timeout(BOUND).unwrap().unwrap();
    }

    #[test]
    fn a_driven_channel_is_the_parents_own() {
        let server = server();
        let watched: Arc<Mutex<Vec<(crate::RawSocket, Interest)>>> = Arc::default();
        let channel = builder(&server)
            .on_socket_state({
                let watched = Arc::clone(&watched);
                move |socket, interest| {
                    let mut watched = watched.lock().unwrap();
                    watched.retain(|(known, _)| *known != socket.raw());
                    if !interest.is_none() {
                        watched.push((socket.raw(), interest));
                    }
                }
            })
            .build()
            .unwrap();
        let answer = ask(&channel);
        let mut moved = Some(channel);
        in_child(|| {
            let channel = moved.take().unwrap();
            let refused = everything_is_refused(&channel)
                && channel.process(&[]) == Err(ErrorKind::Forked.into())
                && channel.timeout() == Err(ErrorKind::Forked.into())
                && channel.write_pending() == Err(ErrorKind::Forked.into());
            drop(channel);
            refused && watched.lock().unwrap().len() == 1
        });
        let channel = moved.take().unwrap();
        let start = std::time::Instant::now();
        let answer = loop {
            assert!(start.elapsed() < BOUND);
            if let Ok(answer) = answer.try_recv() {
                break answer;
            }
            let ready: Vec<_> = watched
                .lock()
                .unwrap()
                .iter()
                .map(|(socket, interest)| crate::Ready::new(*socket, *interest))
                .collect();
            channel.process(&ready).unwrap();
            std::thread::sleep(Duration::from_millis(1));
        };
        answer.unwrap();
    }

    /// Counts how often a closure is told.
    fn count(told: &Arc<AtomicUsize>) -> impl FnOnce(crate::Result<crate::Answer<A>>) + use<> {
        let told = Arc::clone(told);
        move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn types_known_at_run_time_are_refused_too() {
        let channel = builder(&server()).build_threaded().unwrap();
        in_child(|| {
            let (sender, receiver) = mpsc::channel();
            let (queried, searched) = (sender.clone(), sender);
            let record_type = crate::RecordType::TXT;
            channel.query_type("www.example.com", record_type, move |answer| {
                queried.send(answer.unwrap_err()).unwrap();
            });
            channel.search_type("www.example.com", record_type, move |answer| {
                searched.send(answer.unwrap_err()).unwrap();
            });
            let told: Vec<_> = receiver.iter().collect();
            told.len() == 2 && told.iter().all(is_forked)
        });
    }

    /// The child drops the channel with all that is under way, again and again.
    #[test]
    fn what_is_under_way_in_the_parent_is_told_once() {
        let server = server();
        let mut channel = Some(builder(&server).build_threaded().unwrap());
        let told = Arc::new(AtomicUsize::new(0));
        for forks in 1..=10 {
            let parents = channel.as_ref().unwrap();
            parents.query::<A>("slow.example.com", count(&told));
            parents.addrinfo("slow.example.com", &Hints::new(), {
                let told = Arc::clone(&told);
                move |_| _ = told.fetch_add(1, Ordering::Relaxed)
            });
            in_child(|| {
                let before = told.load(Ordering::Relaxed);
                drop(channel.take());
                told.load(Ordering::Relaxed) == before
            });
            assert!(channel.as_ref().unwrap().active_queries().unwrap() <= 3 * forks);
        }
        let channel = channel.unwrap();
        assert!(channel.wait_idle(BOUND).unwrap());
        drop(channel);
        assert_eq!(told.load(Ordering::Relaxed), 20);
    }

    /// The lock is held, by the thread that forks or by the one that the child does not have.
    #[test]
    fn a_callback_may_fork() {
        let server = server();
        // An answer from the cache would be told on this thread.
        let builder = builder(&server).query_cache(Duration::ZERO);
        let channel = Arc::new(builder.build_threaded().unwrap());
        let (sender, receiver) = mpsc::channel();
        let inner = Arc::clone(&channel);
        channel.query::<A>("slow.example.com", move |_| {
            in_child(|| {
                let refused = everything_is_refused(&inner) && every_lookup_is_refused(&inner);
                // Nothing of it is touched, or put off until the callback returns.
                // SAFETY: `inner` is not used after this: the child ends.
                drop(unsafe { ptr::read(&raw const inner) });
                refused
            });
            sender.send(()).unwrap();
        });
        receiver.recv_timeout(BOUND).unwrap();
        ask(&channel).recv_timeout(BOUND).unwrap().unwrap();

        // While a callback of another thread holds the lock.
        let (inside, wait_until_inside) = mpsc::channel();
        let (go, wait_for_go) = mpsc::channel::<()>();
        channel.query::<A>("slow.example.com", move |_| {
            inside.send(()).unwrap();
            let _ = wait_for_go.recv_timeout(BOUND);
        });
        wait_until_inside.recv_timeout(BOUND).unwrap();
        let mut moved = Some(channel);
        in_child(|| {
            let channel = moved.take().unwrap();
            let refused = everything_is_refused(&channel) && every_lookup_is_refused(&channel);
            drop(channel);
            refused
        });
        go.send(()).unwrap();
        ask(&moved.unwrap()).recv_timeout(BOUND).unwrap().unwrap();
    }

    #[test]
    fn a_process_may_fork_while_its_threads_ask() {
        const THREADS: usize = 4;
        const TIMES: usize = 200;
        let server = testserver::Server::start("www.example.com. 60 IN A 192.0.2.1").unwrap();
        let channel = builder(&server)
            .query_cache(Duration::ZERO)
            .build_threaded()
            .unwrap();
        let told = Arc::new(AtomicUsize::new(0));
        let asking = AtomicUsize::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for time in 0..TIMES {
                        channel.query::<A>("www.example.com", count(&told));
                        if time % 50 == 49 {
                            channel.cancel_all().unwrap();
                        }
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    asking.fetch_sub(1, Ordering::Relaxed);
                });
            }
            while asking.load(Ordering::Relaxed) > 0 {
                in_child(|| {
                    let channel_of_the_child = builder(&server).build_threaded().unwrap();
                    everything_is_refused(&channel)
                        && channel_of_the_child
                            .servers()
                            .is_ok_and(|list| list.len() == 1)
                });
            }
        });
        assert!(channel.wait_idle(BOUND).unwrap());
        drop(channel);
        assert_eq!(told.load(Ordering::Relaxed), THREADS * TIMES);
    }
}
