//! Two channels over networks of their own, whose closures make more calls on both.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use c_ares::{Channel, Interest, RawSocket, Ready};

use crate::call::{Call, Teller};
use crate::network::Network;
use crate::setup::Setting;

/// More steps than anything takes.
const STEPS: usize = 1_000;
/// Longer than any thread takes to tell what was put off.
const LONG: Duration = Duration::from_secs(10);

#[derive(Arbitrary, Debug)]
pub struct Input {
    settings: [Vec<Setting>; 2],
    /// What the networks do.
    network: [Vec<u8>; 2],
    /// Calls one after the other, and on which channel.
    calls: Vec<(bool, Call)>,
    /// Calls in closures of queries.
    nested: VecDeque<(bool, Call)>,
    /// Calls in the middle of what c-ares does: in transports and other closures.
    meanwhile: VecDeque<(bool, Call)>,
}

/// What all closures share.
struct World {
    sides: [Side; 2],
    nested: Mutex<VecDeque<(bool, Call)>>,
    meanwhile: Mutex<VecDeque<(bool, Call)>>,
    /// How often each call that asks was told.
    told: Mutex<Vec<usize>>,
    /// How many more calls are made: some are dear.
    reloads: Mutex<usize>,
}

#[derive(Default)]
struct Side {
    channel: Mutex<Option<Arc<Channel>>>,
    network: Mutex<Option<Network>>,
    interests: Mutex<BTreeMap<RawSocket, Interest>>,
}

/// A channel of the world.
struct At {
    world: Arc<World>,
    second: bool,
}

/// Makes the calls, and sees that each is told once.
pub fn run(input: Input) {
    let Input {
        settings,
        network,
        calls,
        nested,
        meanwhile,
    } = input;
    let world = Arc::new(World {
        sides: Default::default(),
        nested: Mutex::new(nested),
        meanwhile: Mutex::new(meanwhile),
        told: Mutex::default(),
        reloads: Mutex::new(1),
    });
    for (second, (settings, network)) in [false, true].into_iter().zip(settings.iter().zip(network))
    {
        world.build(second, settings, network);
    }
    for (second, call) in &calls {
        world.call(*second, call);
    }
    for second in [false, true] {
        At {
            world: world.clone(),
            second,
        }
        .settle();
    }
    for second in [false, true] {
        At {
            world: world.clone(),
            second,
        }
        .drop_channel();
    }
    world.wait_for_all();
}

impl World {
    fn build(self: &Arc<Self>, second: bool, settings: &[Setting], network: Vec<u8>) {
        let meanwhile = |world: Weak<World>| {
            move || {
                if let Some(world) = world.upgrade() {
                    world.next(&world.meanwhile);
                }
            }
        };
        let world = Arc::downgrade(self);
        let network = Network::new(network, meanwhile(world.clone()));
        let mut builder = Channel::builder_over(network.clone())
            .servers([std::net::IpAddr::from([192, 0, 2, 53])])
            .resolv_conf("/dev/null")
            .hosts_file("/dev/null");
        for setting in settings {
            builder = setting.set(builder);
        }
        let pending = meanwhile(world.clone());
        let server_state = meanwhile(world.clone());
        let builder = builder
            .on_socket_state(move |number, interest| {
                if let Some(world) = world.upgrade() {
                    world.sides[usize::from(second)].interest(number, interest);
                    world.next(&world.meanwhile);
                }
            })
            .on_server_state(move |_| server_state());
        let built = if settings.len() % 2 == 1 {
            builder.on_pending_write(pending).build()
        } else {
            builder.build()
        };
        let side = &self.sides[usize::from(second)];
        match built {
            Ok(channel) => {
                *side.network.lock().unwrap() = Some(network);
                *side.channel.lock().unwrap() = Some(Arc::new(channel));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }

    fn call(self: &Arc<Self>, second: bool, call: &Call) {
        if let Call::Reload = call {
            let mut left = self.reloads.lock().unwrap();
            if *left == 0 {
                return;
            }
            *left -= 1;
        }
        let channel = self.sides[usize::from(second)]
            .channel
            .lock()
            .unwrap()
            .clone();
        if let Some(channel) = channel {
            call.make(
                &channel,
                &At {
                    world: self.clone(),
                    second,
                },
            );
        }
    }

    /// Makes the next call of a list.
    fn next(self: &Arc<Self>, list: &Mutex<VecDeque<(bool, Call)>>) {
        let next = list.lock().unwrap().pop_front();
        if let Some((second, call)) = next {
            self.call(second, &call);
        }
    }

    /// What was put off on a thread of c-ares' own is told by another one, soon.
    fn wait_for_all(&self) {
        let until = Instant::now() + LONG;
        loop {
            let told = self.told.lock().unwrap().clone();
            assert!(told.iter().all(|times| *times < 2), "told twice: {told:?}");
            if told.iter().all(|times| *times == 1) {
                return;
            }
            assert!(Instant::now() < until, "not told: {told:?}");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Side {
    fn interest(&self, number: RawSocket, interest: Interest) {
        let mut interests = self.interests.lock().unwrap();
        match interest {
            Interest::NONE => interests.remove(&number),
            interest => interests.insert(number, interest),
        };
    }
}

impl At {
    fn side(&self) -> &Side {
        &self.world.sides[usize::from(self.second)]
    }

    /// Lets everything arrive, as a level-triggered loop would that never waits.
    fn settle(&self) {
        for _ in 0..STEPS {
            let Some(channel) = self.side().channel.lock().unwrap().clone() else {
                return;
            };
            let ready = self.ready();
            if ready.is_empty() {
                return;
            }
            channel.process(&ready).expect("not in a closure");
        }
        panic!("it spins: {:?}", self.ready());
    }
}

impl Teller for At {
    fn expect(&self) -> impl FnOnce() + Send + 'static {
        let world = self.world.clone();
        let index = {
            let mut told = world.told.lock().unwrap();
            told.push(0);
            told.len() - 1
        };
        move || {
            world.told.lock().unwrap()[index] += 1;
            world.next(&world.nested);
        }
    }

    fn ready(&self) -> Vec<Ready> {
        let Some(network) = self.side().network.lock().unwrap().clone() else {
            return Vec::new();
        };
        let interests = self.side().interests.lock().unwrap().clone();
        let ready = interests.into_iter().map(|(number, interest)| {
            let readable = interest.readable && network.is_readable(number);
            (
                number,
                Interest {
                    readable,
                    ..interest
                },
            )
        });
        ready
            .filter(|(_, interest)| !interest.is_none())
            .map(|(number, interest)| Ready::new(number, interest))
            .collect()
    }

    fn drop_channel(&self) {
        let channel = self.side().channel.lock().unwrap().take();
        drop(channel);
    }
}
