//! Channels at the end of threads, of the process, and of each other.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread::{self, ThreadId};

use c_ares::{A, Channel, ErrorKind, Hints, Opening, Result, Transport};
use testserver::{Network, Rule, Server};

use crate::Count;
use crate::common::{BOUND, ZONE, channel, in_child, is_child, server};
use crate::memory::{InMemory, Memory, MemorySocket, builder_over};

fn silent_server() -> Server {
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    server
}

fn network() -> Network {
    Server::builder().zone(ZONE).in_memory().unwrap()
}

/// Uses channels when its thread ends, some of which are gone then.
struct Late {
    channel: Arc<Channel>,
    told: Count,
}

impl Drop for Late {
    fn drop(&mut self) {
        let told = || self.told.told();
        self.channel.query::<A>("mail.example.com", told());
        self.channel.query::<A>("a..b", told());
        self.channel
            .addrinfo("127.0.0.1", &Hints::new(), self.told.told());
        let in_memory = InMemory::new(&network());
        in_memory.channel.query::<A>("www.example.com", told());
        let (other, inner) = (Arc::clone(&self.channel), told());
        // Put off until the end of this call, on a thread whose destructors run.
        in_memory
            .channel
            .query::<A>("a..b", move |_| other.query::<A>("a..b", inner));
        in_memory.run();
    }
}

thread_local! {
    static LATE: RefCell<Vec<Late>> = const { RefCell::new(Vec::new()) };
    static OWNED: RefCell<Vec<Channel>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_thread_that_ends_may_use_channels_in_its_destructors() {
    let server = silent_server();
    let channel = Arc::new(channel(&server));
    for late_first in [true, false] {
        let told = Count::default();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let late = || {
                        let channel = Arc::clone(&channel);
                        let told = told.clone();
                        LATE.with_borrow_mut(|all| all.push(Late { channel, told }));
                    };
                    if late_first {
                        late();
                    }
                    let owned = crate::common::channel(&server);
                    owned.query::<A>("silent.example.com", told.told());
                    OWNED.with_borrow_mut(|all| all.push(owned));
                    if !late_first {
                        late();
                    }
                });
            }
        });
        told.wait_for(4 * 6);
    }
}

#[test]
fn a_channel_in_a_static_lives_until_the_process_ends() {
    static SERVER: LazyLock<Server> = LazyLock::new(silent_server);
    static CHANNEL: LazyLock<Channel> = LazyLock::new(|| channel(&SERVER));

    let test = "ends::a_channel_in_a_static_lives_until_the_process_ends";
    if is_child(test) {
        for _ in 0..100 {
            CHANNEL.query::<A>("mail.example.com", |_| ());
            CHANNEL.query::<A>("silent.example.com", |_| ());
        }
        return;
    }
    let output = in_child(test);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_closure_may_end_the_process() {
    let test = "ends::a_closure_may_end_the_process";
    if is_child(test) {
        let server = server();
        let channel = channel(&server);
        channel.query::<A>("mail.example.com", |_| std::process::exit(42));
        thread::sleep(crate::common::BOUND);
    }
    let output = in_child(test);
    assert_eq!(output.status.code(), Some(42), "{output:?}");
}

#[test]
fn the_channels_of_a_thread_that_panics_tell_their_closures() {
    let server = silent_server();
    let told = Count::default();
    for _ in 0..20 {
        let result = thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let threaded = channel(&server);
                threaded.query::<A>("silent.example.com", told.told());
                let in_memory = InMemory::new(&network());
                in_memory.channel.query::<A>("www.example.com", told.told());
                in_memory
                    .channel
                    .query::<A>("www.example.com", |_| panic!("a second one"));
                panic!("the first one");
            });
            thread.join()
        });
        let payload = result.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"the first one"));
    }
    assert_eq!(told.get(), 40);
}

#[test]
fn two_channels_may_own_each_other_by_their_closures() {
    const ROUNDS: usize = 100;
    let server = server();
    let told = Count::default();
    for _ in 0..ROUNDS {
        let [one, two] = [(); 2].map(|()| Arc::new(channel(&server)));
        for (asked, owned) in [(&one, &two), (&two, &one)] {
            let (owned, told) = (Arc::clone(owned), told.told());
            asked.query::<A>("mail.example.com", move |answer| {
                drop(owned);
                told(answer);
            });
        }
    }
    told.wait_for(2 * ROUNDS);
}

/// A transport that owns another channel.
struct Owner {
    sockets: Memory,
    _owned: Mutex<Option<Channel>>,
}

impl Transport for Owner {
    type Socket = MemorySocket;

    fn open(&mut self, opening: &Opening) -> std::io::Result<MemorySocket> {
        self.sockets.open(opening)
    }
}

#[test]
fn channels_may_own_each_other_by_their_transports() {
    const DEPTH: usize = 200;
    let told = Count::default();
    let mut owned = None;
    for _ in 0..DEPTH {
        let channel = builder_over(Owner {
            sockets: Memory(network()),
            _owned: Mutex::new(owned.take()),
        })
        .build()
        .unwrap();
        channel.query::<A>("www.example.com", told.told());
        owned = Some(channel);
    }
    catch_unwind(AssertUnwindSafe(move || {
        let _owned = owned;
        panic!("the drop is one of unwinding");
    }))
    .unwrap_err();
    assert_eq!(told.get(), DEPTH);
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Reloads the channel when its thread ends, and drops it.
struct Last {
    channel: Arc<Channel>,
    reloaded: mpsc::Sender<(ThreadId, Result<()>)>,
}

impl Drop for Last {
    fn drop(&mut self) {
        let reloaded = self.channel.reload();
        self.reloaded
            .send((thread::current().id(), reloaded))
            .unwrap();
    }
}

/// c-ares would wait for the very thread that it runs on, and some systems do so for ever.
#[test]
fn a_reloading_thread_may_use_its_channel_in_its_destructors() {
    let [old, new] = [silent_server(), server()];
    let file = tempfile::NamedTempFile::new().unwrap();
    let name = |server: &Server| {
        let text = format!("nameserver [127.0.0.1]:{}\n", server.address().port());
        std::fs::write(file.path(), text).unwrap();
    };
    name(&old);
    let slot: Arc<Mutex<Option<Last>>> = Arc::default();
    let stored = Arc::clone(&slot);
    let builder = Channel::builder().resolv_conf(file.path());
    let builder = builder.on_socket_state(move |_, interest| {
        if let Some(last) = stored.lock().unwrap().take_if(|_| interest.is_none()) {
            LAST.set(Some(last));
        }
    });
    let channel = Arc::new(builder.build().unwrap());
    let (sender, told) = mpsc::channel();
    channel.query::<A>("silent.example.com", move |answer| {
        sender.send((thread::current().id(), answer)).unwrap();
    });
    let (sender, reloaded) = mpsc::channel();
    let mut last = slot.lock().unwrap();
    name(&new);
    channel.reload().unwrap();
    *last = Some(Last {
        channel,
        reloaded: sender,
    });
    drop(last);
    let (ending, result) = reloaded.recv_timeout(BOUND).unwrap();
    assert_ne!(ending, thread::current().id());
    assert!(matches!(
        result.unwrap_err().kind(),
        ErrorKind::InCallback { .. }
    ));
    let (teller, answer) = told.recv_timeout(BOUND).unwrap();
    assert_eq!(answer.unwrap_err(), ErrorKind::Destruction);
    assert_ne!(teller, ending, "the end is put off to another thread");
}
