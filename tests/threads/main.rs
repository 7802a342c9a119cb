//! Many threads on shared channels: each closure runs exactly once.

mod actor;
mod book;
#[path = "../common/mod.rs"]
mod common;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use c_ares::A;
use common::{builder, server};

const THREADS: u64 = 8;
/// How many seconds it takes, unless this variable says.
const VARIABLE: &str = "C_ARES_TEST_STRESS";
const SECONDS: u64 = 3;

/// Each thread asks in every way, cancels, drives, waits, changes servers, reloads, and puts new
/// channels in place of the shared ones, from outside and from inside closures.
#[test]
fn random_calls_from_eight_threads() {
    let seconds = std::env::var(VARIABLE).map_or(SECONDS, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let _watched = watch(Duration::from_secs(seconds) + 2 * common::BOUND);
    let world = actor::World::new();
    std::thread::scope(|scope| {
        for seed in 1..=THREADS {
            let world = &world;
            scope.spawn(move || {
                let mut actor = actor::Actor::new(world, seed);
                while Instant::now() < end {
                    actor.act();
                }
            });
        }
    });
    world.clear();
    // What is under way goes on; channels that closures hold end with these.
    let start = Instant::now();
    loop {
        let (asked, told_once) = book::asked_and_told_once();
        let channels = world.pump_all();
        if channels == 0 && asked == told_once {
            break;
        }
        assert!(
            start.elapsed() < common::BOUND,
            "{told_once} of {asked} closures were told once; {channels} driven channels are left"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    let (asked, told_once) = book::asked_and_told_once();
    println!("{asked} closures in {seconds} s: {:?}", book::seen());
    assert_eq!(asked, told_once, "told once");
    assert!(asked > 100, "only {asked} closures in {seconds} s");
    assert!(book::seen().iter().all(|(_, times)| *times > 0));
}

/// Ends the process with a word where threads wait for each other for ever.
fn watch(limit: Duration) -> mpsc::Sender<()> {
    let (alive, ended) = mpsc::channel();
    std::thread::spawn(move || {
        if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            eprintln!("nothing happens any more after {limit:?}");
            std::process::abort();
        }
    });
    alive
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
    let channel = builder(&server).build_threaded().unwrap();
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
