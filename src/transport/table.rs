//! The sockets of a transport by number, and the checks of what they say.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use super::{Opener, Opening, TransportSocket};
use crate::ffi::platform::code::EINPROGRESS;
use crate::socket::RawSocket;

/// The first number. Higher than any descriptor of a system, so that one taken for the
/// other hits nothing.
const FIRST: i32 = 1 << 30;
/// How many bytes are read from a socket until it is taken to be empty: c-ares reads on, under the
/// lock, for as long as there is something, and doubles its buffer each time that a stream fills it.
const MOST_IN_A_ROW: usize = 1 << 20;
/// As how many bytes the smallest message counts.
const LEAST: usize = 4096;

/// A transport and its open sockets.
///
/// c-ares finds a connection by the number of its socket, and where two have the same, takes the
/// wrong one out of its lists and frees the other (`ares_close_sockets.c`): so numbers are given here,
/// and each once.
pub(crate) struct Table {
    opener: Opener,
    open: HashMap<RawSocket, Open>,
    next: i32,
    /// What is received lies here first: C's own buffer is not initialised.
    buffer: Vec<u8>,
}

struct Open {
    socket: Box<dyn TransportSocket>,
    tcp: bool,
    /// Whether nothing can come from this stream any more.
    ended: bool,
    in_a_row: usize,
}

impl Table {
    pub(crate) fn new(opener: Opener) -> Self {
        Table {
            opener,
            open: HashMap::new(),
            next: FIRST,
            buffer: Vec::new(),
        }
    }

    pub(crate) fn open(&mut self, tcp: bool, ipv6: bool) -> io::Result<RawSocket> {
        let number = self.take_number();
        let socket = (self.opener)(&Opening { number, tcp, ipv6 })?;
        self.open.insert(
            number,
            Open {
                socket,
                tcp,
                ended: false,
                in_a_row: 0,
            },
        );
        Ok(number)
    }

    /// A number that no open socket has: the next one, round again after 2^30 of them.
    fn take_number(&mut self) -> RawSocket {
        loop {
            // Not negative, and small enough for every system's type.
            let number = self.next as RawSocket;
            self.next = self.next.checked_add(1).unwrap_or(FIRST);
            if !self.open.contains_key(&number) {
                return number;
            }
        }
    }

    /// Takes a socket out, for its owner to drop.
    pub(crate) fn close(&mut self, number: RawSocket) -> Option<Box<dyn TransportSocket>> {
        Some(self.open.remove(&number)?.socket)
    }

    pub(crate) fn socket(&mut self, number: RawSocket) -> io::Result<&mut dyn TransportSocket> {
        Ok(&mut *self.get(number)?.socket)
    }

    fn get(&mut self, number: RawSocket) -> io::Result<&mut Open> {
        let open = self.open.get_mut(&number);
        open.ok_or_else(|| ErrorKind::NotConnected.into())
    }

    /// Sends; the length is from 1 to that of `bytes`.
    pub(crate) fn send(&mut self, number: RawSocket, bytes: &[u8]) -> io::Result<usize> {
        let open = self.get(number)?;
        match open.socket.send(bytes)? {
            0 => Err(ErrorKind::WouldBlock.into()),
            length if length == bytes.len() => Ok(length),
            // Half a datagram makes c-ares take the rest for another one.
            length if length > bytes.len() || !open.tcp => Err(ErrorKind::InvalidData.into()),
            length => Ok(length),
        }
    }

    /// Receives up to `size` bytes.
    pub(crate) fn receive(
        &mut self,
        number: RawSocket,
        size: usize,
    ) -> io::Result<(&[u8], Option<SocketAddr>)> {
        let open = self.open.get_mut(&number);
        let open = open.ok_or(ErrorKind::NotConnected)?;
        if open.ended {
            return Ok((&[], None));
        }
        if open.in_a_row >= MOST_IN_A_ROW {
            open.in_a_row = 0;
            return Err(ErrorKind::WouldBlock.into());
        }
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        // So it stays if this panics.
        open.ended = open.tcp;
        let received = open.socket.receive(&mut self.buffer[..size]);
        open.ended = open.tcp
            && match &received {
                Ok((length, _)) => *length == 0,
                Err(error) => !would_block(error),
            };
        let (length, from) = received.inspect_err(|_| open.in_a_row = 0)?;
        // c-ares reads a stream no further when it has not filled the buffer.
        open.in_a_row = match open.tcp && length < size {
            true => 0,
            false => open.in_a_row.saturating_add(length.max(LEAST)),
        };
        match self.buffer[..size].get(..length) {
            Some(bytes) => Ok((bytes, Some(from))),
            None => {
                open.ended = open.tcp;
                Err(ErrorKind::InvalidData.into())
            }
        }
    }

    /// Looks whether there may be a byte to be read from a socket: 0 is the end of a stream.
    pub(crate) fn peek(&self, number: RawSocket) -> io::Result<usize> {
        match self.open.get(&number) {
            Some(open) if open.ended => Ok(0),
            _ => Err(ErrorKind::WouldBlock.into()),
        }
    }

    /// Whether a socket is for TCP.
    pub(crate) fn is_stream(&self, number: RawSocket) -> bool {
        self.open.get(&number).is_some_and(|open| open.tcp)
    }
}

/// Whether an error says that there is nothing now, to c-ares too.
pub(crate) fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
        || error.raw_os_error() == Some(EINPROGRESS)
}
