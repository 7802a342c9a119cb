//! Channels over a network in memory: no socket of the system, no thread, no sleep.

#![allow(dead_code, unreachable_pub)] // each test file uses its part

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use c_ares::{
    Builder, Carried, Channel, Interest, Opening, RawSocket, Ready, SocketOption, Transport,
    TransportSocket,
};
use testserver::{Endpoint, Network};

/// Where the server is asked in memory: it is at every address.
pub const SERVER: &str = "192.0.2.53";

/// How many steps anything takes at most, unless it hangs.
const STEPS: usize = 100_000;

/// Opens sockets on a network.
pub struct Memory(pub Network);

/// One of them.
pub struct MemorySocket(pub Endpoint);

impl Transport for Memory {
    type Socket = MemorySocket;

    fn open(&mut self, opening: &Opening) -> io::Result<MemorySocket> {
        let transport = match opening.tcp {
            true => testserver::Transport::Tcp,
            false => testserver::Transport::Udp,
        };
        let endpoint = self.0.open(key(opening.number), transport, opening.ipv6);
        Ok(MemorySocket(endpoint))
    }
}

impl TransportSocket for MemorySocket {
    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.0.connect(server)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.receive(buffer)
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        Ok(self.0.local_address())
    }

    fn set_option(&mut self, _option: SocketOption<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The network's name of a socket.
pub fn key(number: RawSocket) -> u64 {
    u64::try_from(number).expect("numbers are not negative")
}

/// A configuration over a transport that asks nothing of this machine.
pub fn builder_over(transport: impl Transport) -> Builder<Carried> {
    Channel::builder_over(transport)
        .servers([SERVER.parse::<std::net::IpAddr>().unwrap()])
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null")
        // No answer comes late: only what is lost takes this time.
        .timeout(Duration::from_millis(250))
        .max_timeout(Duration::from_millis(250))
        .tries(3)
}

/// A channel, the network under it, and a loop that drives it a step at a time.
pub struct InMemory {
    pub channel: Arc<Channel>,
    pub network: Network,
    pub watched: Arc<Mutex<BTreeMap<RawSocket, Interest>>>,
}

impl InMemory {
    pub fn new(network: &Network) -> InMemory {
        InMemory::from(builder_over(Memory(network.clone())), network)
    }

    pub fn from(builder: Builder<Carried>, network: &Network) -> InMemory {
        let watched: Arc<Mutex<BTreeMap<RawSocket, Interest>>> = Arc::default();
        let told = Arc::clone(&watched);
        let channel = builder.on_socket_state(move |number, interest| {
            let mut watched = told.lock().unwrap();
            if interest.is_none() {
                watched.remove(&number);
            } else {
                watched.insert(number, interest);
            }
        });
        InMemory {
            channel: Arc::new(channel.build().expect("the channel is built")),
            network: network.clone(),
            watched,
        }
    }

    /// The sockets that are ready for what they are watched for, as a level-triggered loop
    /// sees them.
    pub fn ready(&self) -> Vec<Ready> {
        let watched = self.watched.lock().unwrap();
        let ready = watched.iter().map(|(number, interest)| {
            let (readable, writable) = self.network.ready(key(*number));
            let interest = Interest {
                readable: readable && interest.readable,
                writable: writable && interest.writable,
            };
            Ready::new(*number, interest)
        });
        ready.filter(|ready| !ready.interest().is_none()).collect()
    }

    /// Handles what is ready, or else lets the next thing arrive. False when there is neither.
    pub fn step(&self) -> bool {
        let ready = self.ready();
        if ready.is_empty() {
            return self.network.deliver();
        }
        self.channel.process(&ready).expect("process succeeds");
        true
    }

    /// Runs until nothing is ready and nothing under way. Says how many steps it took.
    pub fn run(&self) -> usize {
        (0..STEPS)
            .find(|_| !self.step())
            .expect("it comes to an end")
    }

    /// Runs until something is received, letting time pass where nothing else happens.
    pub fn receive<T>(&self, receiver: &Receiver<T>) -> T {
        for _ in 0..STEPS {
            if let Ok(received) = receiver.try_recv() {
                return received;
            }
            if !self.step() {
                let wait = self.channel.timeout().expect("the channel is driven");
                std::thread::sleep(wait.unwrap_or_default().min(Duration::from_millis(50)));
                self.channel.process(&[]).expect("process succeeds");
            }
        }
        panic!("nothing is received");
    }
}
