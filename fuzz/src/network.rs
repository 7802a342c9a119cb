//! A network in memory that does what the fuzzer says: every answer and every failure of a socket
//! is drawn from its bytes. When they are used up, every query is answered well.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use c_ares::{Opening, RawSocket, SocketOption, Transport, TransportSocket};

use crate::answer;

/// The most answers to one query.
const COPIES: usize = 3;

/// Shared by a channel's transport and who drives the channel.
#[derive(Clone)]
pub struct Network {
    state: Arc<Mutex<State>>,
    /// Runs in the middle of what c-ares does.
    meanwhile: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// What happens next.
    bytes: VecDeque<u8>,
    sockets: HashMap<RawSocket, Socket>,
}

#[derive(Default)]
struct Socket {
    tcp: bool,
    server: Option<SocketAddr>,
    /// Datagrams, or pieces of a stream.
    incoming: VecDeque<Vec<u8>>,
    /// What was sent of a stream and is no whole frame yet.
    outgoing: Vec<u8>,
    ended: bool,
}

pub struct Endpoint {
    network: Network,
    number: RawSocket,
}

impl State {
    fn byte(&mut self) -> u8 {
        self.bytes.pop_front().unwrap_or(0)
    }

    /// One of the failures that a socket has, more often none.
    fn failure(&mut self) -> io::Result<()> {
        Err(match self.byte() {
            0xf0..=0xf3 => io::ErrorKind::WouldBlock.into(),
            0xf4 => io::ErrorKind::Interrupted.into(),
            0xf5 => io::ErrorKind::Unsupported.into(),
            0xf6..=0xf8 => io::ErrorKind::ConnectionRefused.into(),
            0xf9..=0xfa => io::ErrorKind::Other.into(),
            _ => return Ok(()),
        })
    }
}

impl Network {
    pub fn new(bytes: Vec<u8>, meanwhile: impl Fn() + Send + Sync + 'static) -> Self {
        let state = State {
            bytes: bytes.into(),
            ..State::default()
        };
        Network {
            state: Arc::new(Mutex::new(state)),
            meanwhile: Arc::new(meanwhile),
        }
    }

    fn with<T>(&self, run: impl FnOnce(&mut State) -> T) -> T {
        run(&mut self.state.lock().unwrap())
    }

    /// Whether a socket has something to be read, or its end.
    pub fn is_readable(&self, number: RawSocket) -> bool {
        self.with(|state| {
            let socket = state.sockets.get(&number);
            socket.is_some_and(|socket| socket.ended || !socket.incoming.is_empty())
        })
    }
}

impl Transport for Network {
    type Socket = Endpoint;

    fn open(&mut self, opening: &Opening) -> io::Result<Endpoint> {
        (self.meanwhile)();
        self.with(|state| {
            state.failure()?;
            let socket = Socket {
                tcp: opening.tcp,
                ..Socket::default()
            };
            assert!(
                state.sockets.insert(opening.number, socket).is_none(),
                "a number twice"
            );
            io::Result::Ok(())
        })?;
        Ok(Endpoint {
            network: self.clone(),
            number: opening.number,
        })
    }
}

impl Endpoint {
    fn with<T>(&self, run: impl FnOnce(&mut State, &mut Socket) -> T) -> T {
        (self.network.meanwhile)();
        self.network.with(|state| {
            let mut socket = state.sockets.remove(&self.number).expect("it is open");
            let result = run(state, &mut socket);
            state.sockets.insert(self.number, socket);
            result
        })
    }
}

impl TransportSocket for Endpoint {
    fn set_option(&mut self, _option: SocketOption<'_>) -> io::Result<()> {
        self.with(|state, _| state.failure())
    }

    fn bind(&mut self, _local: SocketAddr) -> io::Result<()> {
        self.with(|state, _| state.failure())
    }

    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.with(|state, socket| {
            socket.server = Some(server);
            state.failure()
        })
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|state, socket| {
            state.failure()?;
            if !socket.tcp {
                answer(state, socket, bytes);
                return Ok(bytes.len());
            }
            let length = match state.byte() {
                // More than there were.
                0xff => bytes.len() + 1,
                0 | 0x80.. => bytes.len(),
                some => usize::from(some).min(bytes.len()),
            };
            socket.outgoing.extend(&bytes[..length.min(bytes.len())]);
            while let Some(&[high, low]) = socket.outgoing.first_chunk() {
                let end = 2 + usize::from(u16::from_be_bytes([high, low]));
                if socket.outgoing.len() < end {
                    break;
                }
                let query: Vec<u8> = socket.outgoing.drain(..end).skip(2).collect();
                answer(state, socket, &query);
            }
            Ok(length)
        })
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.with(|state, socket| {
            let from = socket.server.expect("it is connected");
            let Some(mut message) = socket.incoming.pop_front() else {
                return match socket.ended {
                    true => Ok((0, from)),
                    false => Err(io::ErrorKind::WouldBlock.into()),
                };
            };
            state.failure()?;
            let odd = state.byte();
            if socket.tcp && odd > 0 && message.len() > 1 {
                let rest = message.split_off(usize::from(odd).min(message.len() - 1));
                socket.incoming.push_front(rest);
            }
            buffer[..message.len()].copy_from_slice(&message);
            let length = match odd {
                0xff => buffer.len() + 1,
                _ => message.len(),
            };
            let from = match odd {
                0xfd => ([192, 0, 2, 99], 53).into(),
                0xfe => SocketAddr::new(from.ip(), 0),
                _ => from,
            };
            Ok((length, from))
        })
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        self.with(|state, _| {
            state.failure()?;
            Ok(([192, 0, 2, state.byte()], 1).into())
        })
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        (self.network.meanwhile)();
        self.network
            .with(|state| state.sockets.remove(&self.number));
    }
}

/// Answers a query as the next bytes say.
fn answer(state: &mut State, socket: &mut Socket, query: &[u8]) {
    let kind = state.byte();
    let copies = match kind >> 4 {
        0xe => COPIES,
        0xf => 0,
        _ => 1,
    };
    let message = answer::answer(kind & 0xf, query, &mut || state.byte());
    for _ in 0..copies {
        let Some(message) = &message else { continue };
        if !socket.tcp {
            socket.incoming.push_back(message.clone());
            continue;
        }
        let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
        let mut frame = [&length.to_be_bytes(), &message[..]].concat();
        if kind >> 4 == 0xd {
            frame.truncate(usize::from(state.byte()).max(1));
            socket.ended = true;
        }
        socket.incoming.push_back(frame);
    }
    if kind >> 4 == 0xc {
        socket.ended = socket.tcp;
    }
}
