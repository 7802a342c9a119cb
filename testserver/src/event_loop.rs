//! The one thread of a server: sockets and delays.

use crate::connection::Connection;
use crate::reply::Step;
use crate::responder::Responder;
use crate::sockets::Sockets;
use crate::{End, Transport};
use mio::{Events, Interest, Poll, Token, Waker};
use std::cmp::{Ordering, Reverse};
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const WAKER: Token = Token(0);
/// How long a datagram waits that the system has no room for.
const RETRY: Duration = Duration::from_millis(1);

pub(crate) struct EventLoop {
    poll: Poll,
    responder: Responder,
    sockets: Vec<Sockets>,
    /// By token. A token is not used again, so that a late reply finds its own connection or none.
    connections: HashMap<Token, Connection>,
    next_token: usize,
    delayed: BinaryHeap<Reverse<Delayed>>,
    sequence: u64,
}

/// Where a reply goes.
#[derive(Clone, Copy, Debug)]
enum Target {
    Udp { socket: usize, peer: SocketAddr },
    Tcp(Token),
}

/// The rest of a reply, to go on with when it is due. Ordered by time, then by age.
struct Delayed {
    due: Instant,
    sequence: u64,
    target: Target,
    steps: VecDeque<Step>,
}

impl EventLoop {
    pub(crate) fn new(
        responder: Responder,
        mut sockets: Vec<Sockets>,
    ) -> io::Result<(EventLoop, Waker)> {
        let poll = Poll::new()?;
        let registry = poll.registry();
        let waker = Waker::new(registry, WAKER)?;
        for (index, pair) in sockets.iter_mut().enumerate() {
            registry.register(&mut pair.udp, Token(1 + 2 * index), Interest::READABLE)?;
            registry.register(&mut pair.tcp, Token(2 + 2 * index), Interest::READABLE)?;
        }
        let event_loop = EventLoop {
            poll,
            responder,
            next_token: 1 + 2 * sockets.len(),
            sockets,
            connections: HashMap::new(),
            delayed: BinaryHeap::new(),
            sequence: 0,
        };
        Ok((event_loop, waker))
    }

    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        while !self.responder.shared.lock().stop {
            let next = self.delayed.peek();
            let wait = next.map(|Reverse(next)| next.due.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result.expect("the sockets can be waited for"),
            }
            for event in &events {
                match event.token() {
                    WAKER => {}
                    Token(token) if token > 2 * self.sockets.len() => {
                        self.serve_connection(Token(token));
                    }
                    Token(token) if token % 2 == 1 => self.receive((token - 1) / 2),
                    Token(token) => self.accept((token - 2) / 2),
                }
            }
            self.send_due();
        }
    }

    fn receive(&mut self, socket: usize) {
        let mut buffer = [0; 65_535];
        loop {
            let Sockets { udp, address, .. } = &self.sockets[socket];
            let server = *address;
            match udp.recv_from(&mut buffer) {
                Ok((length, peer)) => {
                    let target = Target::Udp { socket, peer };
                    let wire = buffer[..length].to_vec();
                    self.handle(wire, Transport::Udp, peer, server, target);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Word of an earlier answer, on some systems: its client went away.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => panic!("cannot receive: {error}"),
            }
        }
    }

    fn accept(&mut self, socket: usize) {
        loop {
            match self.sockets[socket].tcp.accept() {
                Ok((mut stream, peer)) => {
                    let server = self.sockets[socket].address;
                    let token = Token(self.next_token);
                    self.next_token += 1;
                    let both = Interest::READABLE | Interest::WRITABLE;
                    let registry = self.poll.registry();
                    registry
                        .register(&mut stream, token, both)
                        .expect("a connection can be waited for");
                    let connection = Connection::new(stream, peer, server);
                    self.connections.insert(token, connection);
                    self.responder.shared.lock().connections += 1;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // The client closed it before it was accepted.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("cannot accept a connection: {error}"),
            }
        }
    }

    fn serve_connection(&mut self, token: Token) {
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        let (peer, server) = (connection.peer, connection.server);
        // The client may break the connection at any time.
        let Ok(frames) = connection.read() else {
            self.connections.remove(&token);
            return;
        };
        for wire in frames {
            self.handle(wire, Transport::Tcp, peer, server, Target::Tcp(token));
        }
        self.flush(token);
    }

    fn flush(&mut self, token: Token) {
        let connection = self.connections.get_mut(&token);
        let keep = connection.is_some_and(|connection| connection.flush().unwrap_or(false));
        if !keep {
            self.connections.remove(&token);
        }
    }

    fn handle(
        &mut self,
        wire: Vec<u8>,
        transport: Transport,
        peer: SocketAddr,
        server: SocketAddr,
        target: Target,
    ) {
        let reply = self.responder.reply(wire, transport, peer, server);
        self.send(reply.steps.into(), target);
    }

    /// Takes the steps of a reply until one must wait. The caller flushes the connection.
    fn send(&mut self, mut steps: VecDeque<Step>, target: Target) {
        while let Some(step) = steps.pop_front() {
            match (step, target) {
                (Step::Wait(pause), _) => {
                    self.delay(pause, steps, target);
                    return;
                }
                (Step::Message(bytes) | Step::Unframed(bytes), Target::Udp { socket, peer }) => {
                    match self.sockets[socket].udp.send_to(&bytes, peer) {
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {
                            steps.push_front(Step::Unframed(bytes));
                            self.delay(RETRY, steps, target);
                            return;
                        }
                        // A client that is gone, or a datagram too large: lost, as in life.
                        _ => {}
                    }
                }
                (Step::Message(bytes), Target::Tcp(token)) => {
                    if let Some(connection) = self.connections.get_mut(&token) {
                        let length = u16::try_from(bytes.len()).expect("checked when it was made");
                        connection.send(&length.to_be_bytes());
                        connection.send(&bytes);
                    }
                }
                (Step::Unframed(bytes), Target::Tcp(token)) => {
                    if let Some(connection) = self.connections.get_mut(&token) {
                        connection.send(&bytes);
                    }
                }
                (Step::Close, target) => self.close(target, End::Fin),
                (Step::Reset, target) => self.close(target, End::Reset),
                (Step::Elsewhere(bytes), Target::Udp { socket, peer }) => {
                    self.sockets[socket].send_from_elsewhere(&bytes, peer);
                }
                (Step::Elsewhere(_), Target::Tcp(_)) => {}
            }
        }
    }

    fn close(&mut self, target: Target, end: End) {
        if let Target::Tcp(token) = target
            && let Some(connection) = self.connections.get_mut(&token)
        {
            connection.close(end);
        }
    }

    fn delay(&mut self, pause: Duration, steps: VecDeque<Step>, target: Target) {
        if let Target::Tcp(token) = target {
            match self.connections.get_mut(&token) {
                Some(connection) => connection.waiting += 1,
                None => return,
            }
        }
        self.sequence += 1;
        self.delayed.push(Reverse(Delayed {
            due: Instant::now() + pause,
            sequence: self.sequence,
            target,
            steps,
        }));
    }

    /// Goes on with the replies whose time has come.
    fn send_due(&mut self) {
        let now = Instant::now();
        while let Some(Delayed { target, steps, .. }) = self.due_at(now) {
            let Target::Tcp(token) = target else {
                self.send(steps, target);
                continue;
            };
            if let Some(connection) = self.connections.get_mut(&token) {
                connection.waiting -= 1;
                self.send(steps, target);
                self.flush(token);
            }
        }
    }

    fn due_at(&mut self, now: Instant) -> Option<Delayed> {
        let next = self.delayed.peek_mut()?;
        (next.0.due <= now).then(|| PeekMut::pop(next).0)
    }
}

impl PartialEq for Delayed {
    fn eq(&self, other: &Delayed) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Delayed {}

impl PartialOrd for Delayed {
    fn partial_cmp(&self, other: &Delayed) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Delayed {
    fn cmp(&self, other: &Delayed) -> Ordering {
        (self.due, self.sequence).cmp(&(other.due, other.sequence))
    }
}
