//! A network in memory, without sockets, threads or a clock.

use crate::connection::take_frames;
use crate::reply::Step;
use crate::responder::Responder;
use crate::{End, Query, Reply, Rule, Transport};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A network of one server, which is at every address, and of the clients' [`Endpoint`]s.
///
/// Nothing arrives by itself: connections that were asked for, and replies, wait until
/// [`deliver`](Network::deliver) lets the next one arrive. Pauses and delays are no times to wait,
/// but say what comes before what. Clones are the same network. A script of the server must not use it.
///
/// ```
/// use std::time::Duration;
/// use testserver::{Network, Server, Transport};
///
/// let network = Server::builder()
///     .zone("$ORIGIN example.\n@ 60 SOA ns admin 1 2 3 4 5\nwww 60 A 192.0.2.1\n")
///     .delay("www.example.", Duration::from_secs(3600))
///     .in_memory()?;
/// let mut client = network.open(1, Transport::Udp, false);
/// client.connect("192.0.2.53:53".parse().unwrap())?;
/// client.send(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01")?;
/// assert_eq!(network.ready(1), (false, true));
/// assert!(network.deliver());
/// assert_eq!(network.ready(1), (true, true));
/// let mut answer = [0; 512];
/// let (length, from) = client.receive(&mut answer)?;
/// assert!(answer[..length].ends_with(&[192, 0, 2, 1]));
/// assert_eq!(from.port(), 53);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Network(Arc<Mutex<State>>);

struct State {
    responder: Responder,
    clients: HashMap<u64, Client>,
    /// What is under way, by the time of its arrival and its age.
    coming: BTreeMap<(Duration, u64), (u64, Coming)>,
    /// The time of what arrived last.
    now: Duration,
    sequence: u64,
    /// How many bytes a stream takes or gives at once.
    piece: usize,
    v4: Ipv4Addr,
    connections: usize,
}

enum Coming {
    Connected,
    Reply(VecDeque<Step>),
}

/// The network's side of an endpoint.
struct Client {
    transport: Transport,
    local: SocketAddr,
    server: Option<SocketAddr>,
    connected: bool,
    /// Messages, or one run of a stream, to be received.
    incoming: VecDeque<(Vec<u8>, SocketAddr)>,
    /// What was sent of a stream and is no whole frame yet.
    outgoing: Vec<u8>,
    end: Option<End>,
}

impl Network {
    pub(crate) fn new(responder: Responder) -> Network {
        Network(Arc::new(Mutex::new(State {
            responder,
            clients: HashMap::new(),
            coming: BTreeMap::new(),
            now: Duration::ZERO,
            sequence: 0,
            piece: usize::MAX,
            v4: Ipv4Addr::new(198, 51, 100, 1),
            connections: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new endpoint, for an IPv6 server or an IPv4 one. The key is the caller's name for it.
    ///
    /// # Panics
    ///
    /// When an endpoint of this key is open.
    pub fn open(&self, key: u64, transport: Transport, ipv6: bool) -> Endpoint {
        let mut state = self.lock();
        let port = 49_152 + u16::try_from(key % 16_384).expect("less than 16,384");
        let local = if ipv6 {
            SocketAddr::from((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), port))
        } else {
            SocketAddr::from((state.v4, port))
        };
        let client = Client {
            transport,
            local,
            server: None,
            connected: false,
            incoming: VecDeque::new(),
            outgoing: Vec::new(),
            end: None,
        };
        assert!(
            state.clients.insert(key, client).is_none(),
            "the endpoint {key} is open"
        );
        Endpoint {
            network: self.clone(),
            key,
        }
    }

    /// Lets the next thing arrive. False when nothing is under way.
    ///
    /// # Panics
    ///
    /// When a script of the server did.
    pub fn deliver(&self) -> bool {
        let mut state = self.lock();
        let Some(((now, _), (key, coming))) = state.coming.pop_first() else {
            return false;
        };
        state.now = now;
        match coming {
            Coming::Connected => {
                state.connections += 1;
                state.client(key).connected = true;
            }
            Coming::Reply(steps) => state.take_steps(key, steps),
        }
        true
    }

    /// Whether an endpoint can be read, and written to. Neither when there is none of this key.
    pub fn ready(&self, key: u64) -> (bool, bool) {
        let state = self.lock();
        let Some(client) = state.clients.get(&key) else {
            return (false, false);
        };
        let readable = !client.incoming.is_empty() || client.end.is_some();
        (readable, client.connected && state.piece > 0)
    }

    /// The keys of the endpoints that are open, in order.
    pub fn keys(&self) -> Vec<u64> {
        let mut keys: Vec<u64> = self.lock().clients.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    /// How many bytes a stream takes or gives at once; with 0 none. Unless told: all.
    pub fn set_piece(&self, bytes: usize) {
        self.lock().piece = bytes;
    }

    /// The IPv4 address of endpoints that are opened from now on.
    pub fn set_address(&self, address: Ipv4Addr) {
        self.lock().v4 = address;
    }

    /// Sets a rule, as [`Server::rule`](crate::Server::rule) does.
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn rule(&self, pattern: &str, rule: Rule) {
        self.lock().responder.shared.lock().rules.set(pattern, rule);
    }

    /// How many queries were seen so far.
    pub fn query_count(&self) -> usize {
        self.lock().responder.shared.query_count()
    }

    /// Hands over the queries seen so far and counts from zero again.
    pub fn take_queries(&self) -> Vec<Query> {
        self.lock().responder.shared.take_queries()
    }

    /// How many connections were made so far.
    pub fn connection_count(&self) -> usize {
        self.lock().connections
    }
}

impl State {
    fn expect(&mut self, after: Duration, key: u64, coming: Coming) {
        self.sequence += 1;
        self.coming
            .insert((self.now + after, self.sequence), (key, coming));
    }

    /// Answers a message of an endpoint, later.
    fn ask(&mut self, key: u64, wire: Vec<u8>) {
        let client = self.client(key);
        let server = client.server.expect("who sends is connected");
        let (transport, local) = (client.transport, client.local);
        let reply: Reply = self.responder.reply(wire, transport, local, server);
        if let Some(panic) = self.responder.shared.lock().panic.take() {
            panic!("a script of the server panicked: {panic}");
        }
        self.schedule(key, reply.steps.into());
    }

    /// Puts a reply on its way, if there is anything in it.
    fn schedule(&mut self, key: u64, mut steps: VecDeque<Step>) {
        let mut after = Duration::ZERO;
        while let Some(Step::Wait(pause)) = steps.front() {
            after += *pause;
            steps.pop_front();
        }
        if !steps.is_empty() {
            self.expect(after, key, Coming::Reply(steps));
        }
    }

    /// Takes the steps of a reply until one must wait.
    fn take_steps(&mut self, key: u64, mut steps: VecDeque<Step>) {
        while let Some(step) = steps.pop_front() {
            if let Step::Wait(_) = step {
                steps.push_front(step);
                return self.schedule(key, steps);
            }
            self.client(key).take(step);
        }
    }
}

impl Client {
    fn take(&mut self, step: Step) {
        let mut server = self.server.expect("who is answered has asked");
        match (step, self.transport) {
            (Step::Wait(_), _) => unreachable!("taken care of by the caller"),
            (Step::Message(bytes) | Step::Unframed(bytes), Transport::Udp) => {
                self.incoming.push_back((bytes, server));
            }
            (Step::Elsewhere(bytes), Transport::Udp) => {
                server.set_port(server.port().wrapping_add(1).max(1));
                self.incoming.push_back((bytes, server));
            }
            (Step::Message(bytes), Transport::Tcp) => {
                let length = u16::try_from(bytes.len()).expect("checked when it was made");
                self.stream(&length.to_be_bytes());
                self.stream(&bytes);
            }
            (Step::Unframed(bytes), Transport::Tcp) => self.stream(&bytes),
            (Step::Close, Transport::Tcp) => {
                self.end.get_or_insert(End::Fin);
            }
            (Step::Reset, Transport::Tcp) => {
                self.end.get_or_insert(End::Reset);
            }
            (Step::Elsewhere(_), Transport::Tcp) | (Step::Close | Step::Reset, Transport::Udp) => {}
        }
    }

    fn stream(&mut self, bytes: &[u8]) {
        let server = self.server.expect("who is answered has asked");
        match self.incoming.back_mut() {
            _ if self.end.is_some() || bytes.is_empty() => {}
            Some((run, _)) => run.extend_from_slice(bytes),
            None => self.incoming.push_back((bytes.to_vec(), server)),
        }
    }
}

/// A client's socket on a [`Network`]. Dropping it closes it.
pub struct Endpoint {
    network: Network,
    key: u64,
}

impl Endpoint {
    fn with<T>(&mut self, work: impl FnOnce(&mut State, u64) -> T) -> T {
        work(&mut self.network.lock(), self.key)
    }

    /// Connects to the server at an address. Over UDP it is done at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WouldBlock`] over TCP: the connection will be delivered.
    pub fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.with(|state, key| {
            let client = state.client(key);
            client.server = Some(server);
            if client.transport == Transport::Udp {
                client.connected = true;
                return Ok(());
            }
            state.expect(Duration::ZERO, key, Coming::Connected);
            Err(ErrorKind::WouldBlock.into())
        })
    }

    /// Sends a message, or a part of a stream: no more than [`Network::set_piece`] lets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotConnected`]; [`ErrorKind::WouldBlock`] where no bytes are let;
    /// [`ErrorKind::BrokenPipe`] after the end.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|state, key| {
            let piece = state.piece;
            let client = state.client(key);
            if !client.connected {
                return Err(ErrorKind::NotConnected.into());
            }
            if client.end.is_some() {
                return Err(ErrorKind::BrokenPipe.into());
            }
            if client.transport == Transport::Udp {
                state.ask(key, bytes.to_vec());
                return Ok(bytes.len());
            }
            let taken = &bytes[..piece.min(bytes.len())];
            if taken.is_empty() {
                return Err(ErrorKind::WouldBlock.into());
            }
            client.outgoing.extend_from_slice(taken);
            for frame in take_frames(&mut client.outgoing) {
                state.ask(key, frame);
            }
            Ok(taken.len())
        })
    }

    /// Receives a message, cut to the buffer, or a part of a stream: no more than
    /// [`Network::set_piece`] lets. Nothing is the end of a stream.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WouldBlock`] while there is nothing; [`ErrorKind::ConnectionReset`].
    pub fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.with(|state, key| {
            let piece = state.piece;
            let client = state.client(key);
            let Some((bytes, from)) = client.incoming.front_mut() else {
                return match (client.end, client.server) {
                    (Some(End::Fin), Some(server)) => Ok((0, server)),
                    (Some(_), _) => Err(ErrorKind::ConnectionReset.into()),
                    _ => Err(ErrorKind::WouldBlock.into()),
                };
            };
            let from = *from;
            let whole = client.transport == Transport::Udp;
            let most = if whole { usize::MAX } else { piece };
            let length = bytes.len().min(buffer.len()).min(most);
            if length == 0 && !bytes.is_empty() {
                return Err(ErrorKind::WouldBlock.into());
            }
            buffer[..length].copy_from_slice(&bytes[..length]);
            bytes.drain(..length);
            if whole || bytes.is_empty() {
                client.incoming.pop_front();
            }
            Ok((length, from))
        })
    }

    /// The local address.
    pub fn local_address(&mut self) -> SocketAddr {
        self.with(|state, key| state.client(key).local)
    }
}

impl State {
    fn client(&mut self, key: u64) -> &mut Client {
        self.clients.get_mut(&key).expect("its endpoint is open")
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let mut state = self.network.lock();
        state.clients.remove(&self.key);
        // Nothing of it is for the next one of this key.
        state.coming.retain(|_, (key, _)| *key != self.key);
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.key)
    }
}
