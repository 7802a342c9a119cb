//! Closures that do anything at all when they are told, and so does what they hold when it is
//! dropped: each query is told once all the same.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use c_ares::{A, AddrInfo, Answer, Channel, Hints, Message, RecordType, Response, Result};
use testserver::{Misbehaviour, Network, Rule, Server};

use crate::Count;
use crate::common::{BOUND, Random, ZONE};
use crate::memory::InMemory;

const CHANNELS: u64 = 3;
const THREADS: u64 = 4;
const ROUNDS: usize = 200;
/// How often a closure, or a destructor, may ask in another's.
const DEPTH: u64 = 4;
/// What threads that may panic are called: those of c-ares would end the process.
const NAME: &str = "may panic";

fn network() -> Network {
    Server::builder()
        .zone(ZONE)
        .rule("silent.example.com", Rule::drop())
        .rule("bad.example.com", Rule::misbehave(Misbehaviour::CutOff(30)))
        .in_memory()
        .unwrap()
}

struct World {
    channels: Vec<Mutex<Option<InMemory>>>,
    random: Mutex<Random>,
    asked: Count,
    told: Count,
    panics: Count,
}

impl World {
    fn below(&self, bound: u64) -> u64 {
        self.random.lock().unwrap().below(bound)
    }

    /// One of the channels, made anew if it has gone.
    fn channel(&self) -> Arc<Channel> {
        let mut slot = self.channels[self.below(CHANNELS) as usize].lock().unwrap();
        let in_memory = slot.get_or_insert_with(|| InMemory::new(&network()));
        Arc::clone(&in_memory.channel)
    }

    fn panics(&self) {
        if self.below(8) == 0 && thread::current().name() == Some(NAME) {
            self.panics.add();
            // Without a line on standard error.
            resume_unwind(Box::new(NAME));
        }
    }
}

/// Does something when it is dropped.
struct Held {
    world: Arc<World>,
    depth: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        act(&self.world, self.depth);
        // A second one while a thread unwinds is the end, in Rust.
        if !thread::panicking() {
            self.world.panics();
        }
    }
}

/// What is told to a query.
fn told<T>(world: &Arc<World>, depth: u64) -> impl FnOnce(Result<T>) + Send + use<T> {
    world.asked.add();
    let held = Held {
        world: Arc::clone(world),
        depth,
    };
    move |_| {
        held.world.told.add();
        act(&held.world, held.depth);
        match held.world.below(20) {
            0 => drop(thread::spawn(move || drop(held))),
            _ => held.world.panics(),
        }
    }
}

fn ask(world: &Arc<World>, channel: &Channel, depth: u64) {
    let names = [
        "www.example.com",
        "silent.example.com",
        "a..b",
        "nu\0l",
        "bad.example.com",
    ];
    let name = names[world.below(names.len() as u64) as usize];
    match world.below(5) {
        0 => channel.query::<A>(name, told::<Answer<A>>(world, depth)),
        1 => channel.search::<A>(name, told::<Answer<A>>(world, depth)),
        2 => channel.addrinfo(name, &Hints::new(), told::<AddrInfo>(world, depth)),
        way => {
            let message = Message::query(name, RecordType::A);
            let message = message.or_else(|_| Message::query("www.example.com", RecordType::A));
            let told = told::<()>(world, depth);
            let told = move |response: Result<Response<'_>>| told(response.map(drop));
            crate::exchange(channel, &message.unwrap(), way == 3, told);
        }
    }
}

fn act(world: &Arc<World>, depth: u64) {
    if depth == 0 {
        return;
    }
    let channel = world.channel();
    match world.below(12) {
        0 => drop(channel.cancel_all()),
        1 => drop(channel.set_servers(["192.0.2.53".parse::<c_ares::Server>().unwrap()])),
        2 => drop(channel.set_servers([] as [c_ares::Server; 0])),
        3 => {
            let slot = &world.channels[world.below(CHANNELS) as usize];
            let gone = slot.lock().unwrap().take();
            drop(gone);
        }
        4 => drop(channel.process(&[])),
        5 => drop(channel.reload()),
        _ => ask(world, &channel, depth - 1),
    }
}

fn step(world: &World) {
    let slot = &world.channels[world.below(CHANNELS) as usize];
    let ready = slot.lock().unwrap().as_ref().map(|one| {
        one.network.deliver();
        (Arc::clone(&one.channel), one.ready())
    });
    if let Some((channel, ready)) = ready {
        drop(channel.process(&ready));
    }
}

#[test]
fn closures_and_destructors_may_do_anything() {
    let world = Arc::new(World {
        channels: (0..CHANNELS).map(|_| Mutex::default()).collect(),
        random: Mutex::new(Random(88_172_645_463_325_252)),
        asked: Count::default(),
        told: Count::default(),
        panics: Count::default(),
    });
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let thread = thread::Builder::new().name(NAME.into());
            let world = &world;
            thread
                .spawn_scoped(scope, move || {
                    for _ in 0..ROUNDS {
                        let _ = catch_unwind(AssertUnwindSafe(|| {
                            act(world, DEPTH);
                            step(world);
                        }));
                    }
                })
                .unwrap();
        }
    });
    // What is told of the end makes new ones, and so do threads that go on.
    let start = Instant::now();
    let mut quiet = 0;
    while quiet < 20 && start.elapsed() < BOUND {
        for slot in &world.channels {
            let gone = slot.lock().unwrap().take();
            let _ = catch_unwind(AssertUnwindSafe(|| drop(gone)));
        }
        quiet = match world.told.get() == world.asked.get() {
            true => quiet + 1,
            false => 0,
        };
        thread::sleep(Duration::from_millis(1));
    }
    world.told.wait_for(world.asked.get());
    assert!(world.told.get() > ROUNDS && world.panics.get() > 0);
}
