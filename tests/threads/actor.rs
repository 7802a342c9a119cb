//! One who does at random what can be done with channels, on a thread or in a closure.

use std::sync::{Arc, Mutex, RwLock, Weak};
use std::time::Duration;

use c_ares::{
    A, Channel, ErrorKind, Flags, Hints, Linkage, Message, Mx, NameInfoFlags, Ready, RecordType,
    Response, Result, linked,
};
use testserver::{Rule, Server};

use crate::book::Ticket;
use crate::common::{self, Driven, Random, Watched};

const CHANNELS: usize = 4;
/// How many closures may come of one another.
const DEPTH: u32 = 3;

/// A channel, and, where it is driven, the sockets to watch.
#[derive(Clone)]
pub(crate) struct Place {
    channel: Arc<Channel>,
    watched: Option<Watched>,
}

/// A driven channel that somebody may still hold.
type Pumped = (Weak<Channel>, Watched);

/// What all share.
pub(crate) struct World {
    /// Locked only to take or to exchange what is there, never round a call.
    slots: [RwLock<Option<Place>>; CHANNELS],
    pumped: Mutex<Vec<Pumped>>,
    servers: [Server; 2],
}

impl World {
    pub(crate) fn new() -> Arc<World> {
        let start = || {
            let server = Server::builder().zone(common::ZONE).count_only();
            server.start().expect("the local server starts")
        };
        let servers = [start(), start()];
        for server in &servers {
            server.rule("*.slow.example.com", Rule::delay(Duration::from_millis(20)));
            server.rule("*.silent.example.com", Rule::drop());
        }
        let world = World {
            slots: Default::default(),
            pumped: Mutex::default(),
            servers,
        };
        for (kind, slot) in world.slots.iter().enumerate() {
            *slot.write().unwrap() = Some(world.fresh(kind));
        }
        Arc::new(world)
    }

    /// A channel: over UDP or TCP, with a cache or without, threaded or driven.
    fn fresh(&self, kind: usize) -> Place {
        let builder = common::builder(&self.servers[0])
            .servers(self.servers.iter().map(Server::address))
            .timeout(Duration::from_millis(250))
            .tries(2);
        let builder = match kind % 2 {
            0 => builder.query_cache(Duration::ZERO),
            _ => builder
                .flags(Flags::USEVC)
                .query_cache(Duration::from_secs(1)),
        };
        if kind < CHANNELS / 2 {
            let channel = Arc::new(builder.build_threaded().unwrap());
            return Place {
                channel,
                watched: None,
            };
        }
        let driven = Driven::from(builder);
        let pumped = (Arc::downgrade(&driven.channel), Arc::clone(&driven.watched));
        self.pumped.lock().unwrap().push(pumped);
        Place {
            channel: driven.channel,
            watched: Some(driven.watched),
        }
    }

    fn place(&self, slot: usize) -> Option<Place> {
        self.slots[slot].read().unwrap().clone()
    }

    /// Leaves the channels to the closures that hold them.
    pub(crate) fn clear(&self) {
        for slot in &self.slots {
            let place = slot.write().unwrap().take();
            drop(place);
        }
    }

    /// Drives what is driven, and says how many of these there are. Not in a closure.
    pub(crate) fn pump_all(&self) -> usize {
        let pumped = {
            let mut pumped = self.pumped.lock().unwrap();
            // One that has ended has told that nothing is to be watched any more.
            pumped.retain(|(channel, watched)| {
                channel.strong_count() > 0 || !watched.lock().unwrap().is_empty()
            });
            pumped.clone()
        };
        for (channel, watched) in &pumped {
            if let Some(channel) = channel.upgrade() {
                channel.process(&ready(watched)).unwrap();
            }
        }
        pumped.len()
    }
}

fn ready(watched: &Watched) -> Vec<Ready> {
    let watched = watched.lock().unwrap();
    let ready = watched
        .iter()
        .map(|(socket, interest)| Ready::new(*socket, *interest));
    ready.collect()
}

pub(crate) struct Actor {
    world: Arc<World>,
    random: Random,
    /// Held for a while, so that this is not what threads meet at.
    held: [Option<Place>; CHANNELS],
    /// How many closures this one is inside of the making of; none: on a thread.
    depth: u32,
}

impl Actor {
    pub(crate) fn new(world: &Arc<World>, seed: u64) -> Actor {
        Actor {
            world: Arc::clone(world),
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            held: Default::default(),
            depth: 0,
        }
    }

    /// A few steps with the channels that are there now.
    pub(crate) fn act(&mut self) {
        for slot in 0..CHANNELS {
            self.held[slot] = self.world.place(slot);
        }
        for _ in 0..32 {
            self.step();
        }
        self.world.pump_all();
        std::thread::sleep(Duration::from_millis(1));
    }

    /// A closure that is told once, and may do everything itself.
    fn closure<T>(&mut self) -> impl FnOnce(Result<T>) + Send + 'static {
        let ticket = Ticket::new();
        let actor = (self.depth < DEPTH && self.random.below(4) == 0).then(|| Actor {
            world: Arc::clone(&self.world),
            random: Random(self.random.next()),
            held: self.held.clone(),
            depth: self.depth + 1,
        });
        move |answer| {
            ticket.told(&answer);
            if let Some(mut actor) = actor {
                actor.step();
                actor.step();
                // May be the last to hold a channel, this one's or another.
            }
        }
    }

    fn name(&mut self) -> String {
        let number = self.random.below(1000);
        match self.random.below(50) {
            0 => format!("n{number}.silent.example.com"),
            1..4 => format!("n{number}.slow.example.com"),
            4..6 => "answered.at.once.onion".to_owned(),
            _ => format!("n{number}.wild.example.com"),
        }
    }

    fn step(&mut self) {
        let slot = self.random.below(CHANNELS as u64) as usize;
        let Some(place) = self.held[slot].clone() else {
            return;
        };
        let channel = &place.channel;
        let name = self.name();
        match self.random.below(400) {
            0..120 => channel.query::<A>(&name, self.closure()),
            120..135 => channel.search::<Mx>(&name, self.closure()),
            135..150 => self.send(channel, &name),
            150..190 => channel.addrinfo(&name, &Hints::new(), self.closure()),
            190..200 => {
                let address = ([198, 51, 100, 42], 80).into();
                channel.nameinfo(address, NameInfoFlags::NONE, self.closure());
            }
            200..215 => {
                let first = self.random.below(2) as usize;
                let order = [first, 1 - first].map(|server| self.world.servers[server].address());
                self.check(channel.set_servers(order));
            }
            215..225 => self.check(channel.servers()),
            225..230 => {
                let subnet = "198.51.100.0/24".parse().unwrap();
                self.check(channel.set_sortlist([subnet]));
            }
            230..233 => self.check(channel.cancel_all()),
            233..243 => self.reload(&place),
            243..260 => self.check(channel.active_queries()),
            260..265 => self.wait_idle(&place),
            265..330 => self.pump(&place),
            330 => self.replace(slot),
            // Lets go of a channel, and of all that its end tells, here.
            331..334 => self.held[slot] = None,
            _ => std::thread::yield_now(),
        }
    }

    /// Sends a message as it is, and looks at the response while it is lent.
    fn send(&mut self, channel: &Channel, name: &str) {
        let message = Message::query(name, RecordType::A).unwrap();
        let closure = self.closure();
        let told = move |response: Result<Response<'_>>| {
            closure(response.and_then(|response| response.message.try_clone()));
        };
        match self.random.below(2) {
            0 => channel.exchange(&message, told),
            _ => channel.search_message(&message, told),
        }
    }

    /// In a closure another channel may be in the way; outside of all nothing is refused.
    fn check<T>(&self, result: Result<T>) {
        if let Err(error) = result {
            let refused = matches!(error.kind(), ErrorKind::InCallback { .. });
            assert!(self.depth > 0 && refused, "{error}");
        }
    }

    fn reload(&self, place: &Place) {
        // By itself such a channel does it where the library is the system's.
        if place.watched.is_some() || linked().linkage == Linkage::Vendored {
            self.check(place.channel.reload());
        }
    }

    fn wait_idle(&self, place: &Place) {
        if place.watched.is_none() {
            self.check(place.channel.wait_idle(Duration::from_millis(1)));
        }
    }

    fn pump(&self, place: &Place) {
        if let Some(watched) = &place.watched {
            self.check(place.channel.timeout());
            self.check(place.channel.process(&ready(watched)));
        }
    }

    /// Puts a new channel in a place: whoever holds the old one last ends it.
    fn replace(&mut self, slot: usize) {
        let fresh = self.world.fresh(slot);
        let old = {
            let mut place = self.world.slots[slot].write().unwrap();
            // Where the world was cleared it stays so.
            place
                .as_mut()
                .map(|old| std::mem::replace(old, fresh.clone()))
        };
        self.held[slot] = Some(fresh);
        drop(old);
    }
}
