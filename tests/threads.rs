//! Many threads on shared channels: each closure runs exactly once.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use c_ares::{A, Builder, Channel, Hints, Mx};
use common::{Random, Watched, builder, server};

const THREADS: u64 = 8;
const TIME: Duration = Duration::from_secs(3);

/// Asked and told, counted apart.
#[derive(Clone, Default)]
struct Tally {
    asked: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
}

impl Tally {
    fn ask<T>(&self) -> impl FnOnce(T) + Send + 'static {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let told = Arc::clone(&self.told);
        move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn threaded(builder: Builder) -> Arc<Channel> {
    Arc::new(builder.build_threaded().unwrap())
}

/// Each thread asks, cancels, changes the servers, and now and then puts a new
/// channel in place of the shared one, from outside and from inside closures.
#[test]
fn random_calls_from_eight_threads() {
    let servers = [server(), server()];
    let lossy = Duration::from_millis(250);
    let fresh = || {
        threaded(
            builder(&servers[0])
                .query_cache(Duration::ZERO)
                .timeout(lossy)
                .tries(2),
        )
    };
    let slot = Arc::new(RwLock::new(fresh()));
    let tally = Tally::default();
    let end = Instant::now() + TIME;
    std::thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (slot, tally, servers, fresh) =
                (Arc::clone(&slot), tally.clone(), &servers, &fresh);
            scope.spawn(move || {
                let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                while Instant::now() < end {
                    let channel = Arc::clone(&slot.read().unwrap());
                    let name = format!("n{}.wild.example.com", random.below(1000));
                    match random.below(100) {
                        0..50 => channel.query::<A>(&name, tally.ask()),
                        50..60 => channel.search::<Mx>(&name, tally.ask()),
                        60..75 => channel.addrinfo(&name, &Hints::new(), tally.ask()),
                        75..85 => {
                            let (inner, outer) = (tally.clone(), tally.ask());
                            let again = Arc::clone(&channel);
                            channel.query::<A>(&name.clone(), move |answer| {
                                again.query::<A>(&name, inner.ask());
                                outer(answer);
                            });
                        }
                        85..90 => {
                            let order: Vec<_> = match random.below(2) {
                                0 => servers.iter().map(|server| server.address()).collect(),
                                _ => servers
                                    .iter()
                                    .rev()
                                    .map(|server| server.address())
                                    .collect(),
                            };
                            channel.set_servers(order).unwrap();
                        }
                        90..93 => channel.cancel_all().unwrap(),
                        93..97 => {
                            assert!(!channel.servers().unwrap().is_empty());
                        }
                        97 => {
                            // Whoever holds the old one last ends it, maybe a closure.
                            let old = std::mem::replace(&mut *slot.write().unwrap(), fresh());
                            let outer = tally.ask();
                            let owner = Arc::clone(&old);
                            old.query::<A>(&name, move |answer| {
                                outer(answer);
                                drop(owner);
                            });
                        }
                        _ => std::thread::sleep(Duration::from_millis(1)),
                    }
                }
            });
        }
    });
    drop(slot);
    // Channels that were dropped in closures end from threads of their own.
    let start = Instant::now();
    while tally.told.load(Ordering::Relaxed) < tally.asked.load(Ordering::Relaxed) {
        assert!(start.elapsed() < common::BOUND, "a closure was lost");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    let (asked, told) = (
        tally.asked.load(Ordering::Relaxed),
        tally.told.load(Ordering::Relaxed),
    );
    assert_eq!(asked, told);
    assert!(asked > 1_000, "only {asked} queries in {TIME:?}");
}

/// c-ares' monitor of the system's configuration is unsound, and left out of the
/// vendored library.
#[cfg(target_os = "linux")]
#[test]
fn a_threaded_channel_watches_no_files() {
    const TEST: &str = "a_threaded_channel_watches_no_files";
    if !common::is_child(TEST) {
        let output = common::in_child(TEST);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    if c_ares::linked().linkage != c_ares::Linkage::Vendored {
        return;
    }
    let server = server();
    let channel = threaded(builder(&server));
    common::wait(|sender| channel.query::<A>("www.example.com", common::send(sender))).unwrap();
    let open: Vec<_> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .collect();
    let watches = open
        .iter()
        .filter(|target| target.to_string_lossy().contains("inotify"));
    assert_eq!(watches.count(), 0, "{open:?}");
    assert!(
        open.iter()
            .any(|target| target.to_string_lossy().contains("eventpoll")),
        "{open:?}"
    );
}

#[test]
fn a_driven_channel_may_be_asked_while_it_is_processed() {
    let server = server();
    let driven = common::Driven::from(builder(&server).query_cache(Duration::ZERO));
    let tally = Tally::default();
    let end = Instant::now() + Duration::from_secs(1);
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let (channel, tally) = (Arc::clone(&driven.channel), tally.clone());
            scope.spawn(move || {
                let mut random = Random(seed);
                while Instant::now() < end {
                    let name = format!("n{}.wild.example.com", random.below(1000));
                    match random.below(20) {
                        0 => channel.cancel_all().unwrap(),
                        1 => drop(channel.timeout().unwrap()),
                        _ => channel.query::<A>(&name, tally.ask()),
                    }
                    std::thread::sleep(Duration::from_micros(200));
                }
            });
        }
        driven.run_until(|| Instant::now() >= end);
    });
    driven.run_until(|| tally.told.load(Ordering::Relaxed) == tally.asked.load(Ordering::Relaxed));
    let watched: Watched = Arc::clone(&driven.watched);
    drop(driven);
    assert!(watched.lock().unwrap().is_empty());
}
