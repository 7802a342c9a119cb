//! Reading the configuration again, from anywhere and at any time.

mod common;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, Weak, mpsc};
use std::time::{Duration, Instant};

use c_ares::{A, Builder, Channel, ErrorKind, Linkage, linked};
use common::{BOUND, Driven, in_child, is_child, send, server, wait};
use tempfile::NamedTempFile;
use testserver::{Rule, Server};

/// A `resolv.conf` that names `server`.
struct ResolvConf(NamedTempFile);

impl ResolvConf {
    fn new(server: &Server) -> ResolvConf {
        let file = ResolvConf(NamedTempFile::new().unwrap());
        file.name(server);
        file
    }

    fn name(&self, server: &Server) {
        let mut file = std::fs::File::create(self.0.path()).unwrap();
        writeln!(file, "nameserver {}", server.address()).unwrap();
    }

    fn builder(&self) -> Builder {
        Channel::builder()
            .resolv_conf(self.0.path())
            .hosts_file("/dev/null")
    }
}

#[track_caller]
fn until(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < BOUND, "nothing happens any more");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn asks(channel: &Channel, server: &Server) -> bool {
    channel.servers().unwrap() == [c_ares::Server::from(server.address())]
}

#[test]
fn servers_are_read_again_and_queries_go_on_with_them() {
    let (old, new) = (server(), server());
    old.rule("*", Rule::drop());
    let file = ResolvConf::new(&old);
    let driven = Driven::from(file.builder());
    let (sender, receiver) = mpsc::channel();
    driven.channel.query::<A>("www.example.com", send(sender));
    assert!(old.wait_for_queries(1, BOUND));
    file.name(&new);
    assert!(asks(&driven.channel, &old), "not by itself");
    driven.channel.reload().unwrap();
    until(|| asks(&driven.channel, &new));
    driven.receive(&receiver).unwrap();
    assert!(new.query_count() >= 1);
}

#[test]
fn what_was_set_stays() {
    let (set, system) = (server(), server());
    let file = ResolvConf::new(&system);
    let driven = Driven::from(
        file.builder()
            .servers([set.address()])
            .query_cache(Duration::from_secs(3600)),
    );
    let ask = || {
        let (sender, receiver) = mpsc::channel();
        driven.channel.query::<A>("www.example.com", send(sender));
        driven.receive(&receiver).unwrap();
    };
    ask();
    ask();
    assert_eq!(set.query_count(), 1, "from the cache");
    driven.channel.reload().unwrap();
    // The cache is emptied when all else is done.
    until(|| {
        ask();
        set.query_count() > 1
    });
    assert!(asks(&driven.channel, &set));
}

#[test]
fn a_threaded_channel_reloads_unless_it_may_do_so_by_itself() {
    let (old, new) = (server(), server());
    let file = ResolvConf::new(&old);
    let channel = file.builder().build_threaded().unwrap();
    file.name(&new);
    match (linked().linkage, channel.reload()) {
        (Linkage::Vendored, done) => {
            done.unwrap();
            until(|| asks(&channel, &new));
            wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap();
        }
        (_, refused) => {
            let error = refused.unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::UnsuitableLibrary { .. }),
                "{error}"
            );
        }
    }
}

/// Each thread reloads again and again, while queries are under way, and so do the closures
/// of these, under the lock; c-ares itself may have one thread in it at a time.
#[test]
fn many_threads_reload_at_once() {
    let (one, two) = (server(), server());
    let file = ResolvConf::new(&one);
    let driven = Driven::from(file.builder().query_cache(Duration::ZERO));
    let (sender, receiver) = mpsc::channel();
    let running = AtomicBool::new(true);
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                while running.load(Ordering::Relaxed) {
                    driven.channel.reload().unwrap();
                }
            });
        }
        for number in 0..200 {
            if number % 10 == 0 {
                file.name(if number % 20 == 0 { &two } else { &one });
            }
            let channel = Arc::clone(&driven.channel);
            let sender = sender.clone();
            let name = format!("n{number}.wild.example.com");
            driven.channel.query::<A>(&name, move |_| {
                sender.send(channel.reload()).unwrap();
            });
            driven.receive(&receiver).unwrap();
        }
        running.store(false, Ordering::Relaxed);
    });
    file.name(&two);
    until(|| {
        driven.channel.reload().unwrap();
        asks(&driven.channel, &two)
    });
}

/// c-ares keeps one thread to wait for. Where two calls meet inside of it, it forgets one, whose
/// stack stays mapped for ever.
#[test]
#[cfg(target_os = "linux")]
fn no_reloading_thread_is_forgotten() {
    const NAME: &str = "no_reloading_thread_is_forgotten";
    const TIME: Duration = Duration::from_secs(2);
    if !is_child(NAME) {
        let output = in_child(NAME);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        return;
    }
    let driven = Driven::new(&server());
    let mappings_after_a_while = || {
        let end = Instant::now() + TIME;
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while Instant::now() < end {
                        driven.channel.reload().unwrap();
                        std::thread::yield_now();
                    }
                });
            }
        });
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().count()
    };
    // The first time the allocator maps what it needs for so many threads.
    let before = mappings_after_a_while();
    let after = mappings_after_a_while();
    assert!(after < before + 15, "{before} and then {after} mappings");
}

/// The notice that a socket is closed comes on the thread that reloads, under the lock.
#[test]
fn a_closure_on_the_reloading_thread_may_reload() {
    let (old, new) = (server(), server());
    old.rule("*", Rule::drop());
    let file = ResolvConf::new(&old);
    let slot: Arc<Mutex<Weak<Channel>>> = Arc::default();
    let (sender, told) = mpsc::channel();
    let builder = file.builder().on_socket_state({
        let slot = Arc::clone(&slot);
        move |_, interest| {
            let channel = slot.lock().unwrap().upgrade();
            if let (Some(channel), true) = (channel, interest.is_none()) {
                let here = std::thread::current().id();
                let _ = sender.send((here, channel.reload()));
            }
        }
    });
    let channel = Arc::new(builder.build().unwrap());
    *slot.lock().unwrap() = Arc::downgrade(&channel);
    channel.query::<A>("www.example.com", |_| ());
    file.name(&new);
    channel.reload().unwrap();
    let (thread, reloaded) = told.recv_timeout(BOUND).unwrap();
    assert_ne!(thread, std::thread::current().id());
    assert_eq!(reloaded, Ok(()));
    until(|| asks(&channel, &new));
}

#[test]
fn a_channel_may_be_dropped_while_it_reloads() {
    let (old, new) = (server(), server());
    old.rule("*", Rule::drop());
    for _ in 0..100 {
        let file = ResolvConf::new(&old);
        let channel = file.builder().on_socket_state(|_, _| ()).build().unwrap();
        let (sender, receiver) = mpsc::channel();
        channel.query::<A>("www.example.com", send(sender));
        file.name(&new);
        channel.reload().unwrap();
        drop(channel);
        assert_eq!(
            receiver.try_recv().unwrap().unwrap_err(),
            ErrorKind::Destruction
        );
    }
}

/// The last handle goes in a closure on the reloading thread, which cannot wait for itself.
#[test]
fn a_channel_may_be_dropped_on_the_reloading_thread() {
    let (old, new) = (server(), server());
    old.rule("*", Rule::drop());
    let file = ResolvConf::new(&old);
    let slot: Arc<Mutex<Option<Arc<Channel>>>> = Arc::default();
    let (sender, told) = mpsc::channel();
    let armed = Arc::new(Mutex::new(()));
    let hold = armed.lock().unwrap();
    let builder = file.builder().on_socket_state({
        let (slot, armed) = (Arc::clone(&slot), Arc::clone(&armed));
        move |_, interest| {
            if interest.is_none() {
                drop(armed.lock());
                drop(slot.lock().unwrap().take());
            }
        }
    });
    let channel = Arc::new(builder.build().unwrap());
    channel.query::<A>("www.example.com", send(sender));
    *slot.lock().unwrap() = Some(Arc::clone(&channel));
    file.name(&new);
    channel.reload().unwrap();
    drop(channel);
    drop(hold);
    let error = told.recv_timeout(BOUND).unwrap().unwrap_err();
    assert_eq!(error, ErrorKind::Destruction);
}

#[test]
fn in_a_closure_of_another_channel_it_is_refused() {
    let server = server();
    let other = Driven::new(&server);
    let driven = Driven::new(&server);
    let (sender, receiver) = mpsc::channel();
    let channel = Arc::clone(&other.channel);
    driven.channel.query::<A>("www.example.com", move |_| {
        let refused = (
            channel.reload().unwrap_err(),
            channel.active_queries().unwrap_err(),
            channel
                .set_sortlist(["192.0.2.0/24".parse().unwrap()])
                .unwrap_err(),
        );
        sender.send(refused).unwrap();
    });
    let in_callback = |method| c_ares::Error::from(ErrorKind::InCallback { method });
    let expected = (
        in_callback("Channel::reload"),
        in_callback("Channel::active_queries"),
        in_callback("Channel::set_sortlist"),
    );
    assert_eq!(driven.receive(&receiver), expected);
}
