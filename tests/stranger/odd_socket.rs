//! A transport whose sockets receive what a closure says.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use c_ares::{
    Builder, Carried, Channel, Interest, Opening, RawSocket, Ready, Transport, TransportSocket,
};

use crate::memory::builder_over;

/// Makes what a socket receives next of the query that it sent last, without a length before it
/// over TCP. Nothing: for now.
pub(crate) type Receive = dyn Fn(&OddSocket, &mut [u8]) -> Option<usize> + Send + Sync;

pub(crate) struct Odd {
    receive: Arc<Receive>,
    numbers: Arc<Mutex<Vec<RawSocket>>>,
}

pub(crate) struct OddSocket {
    receive: Arc<Receive>,
    server: Option<SocketAddr>,
    pub(crate) tcp: bool,
    pub(crate) sent: Mutex<Vec<Vec<u8>>>,
}

impl Transport for Odd {
    type Socket = OddSocket;

    fn open(&mut self, opening: &Opening) -> io::Result<OddSocket> {
        self.numbers.lock().unwrap().push(opening.number);
        Ok(OddSocket {
            receive: Arc::clone(&self.receive),
            server: None,
            tcp: opening.tcp,
            sent: Mutex::default(),
        })
    }
}

impl TransportSocket for OddSocket {
    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.server = Some(server);
        Ok(())
    }

    /// c-ares writes a query over TCP at once, with its length.
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let message = &bytes[if self.tcp { 2 } else { 0 }..];
        self.sent.lock().unwrap().push(message.to_vec());
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let length = (self.receive)(self, buffer).ok_or(io::ErrorKind::WouldBlock)?;
        Ok((length, self.server.expect("it is connected")))
    }
}

/// A channel over such sockets, with the numbers of all of them.
pub(crate) struct OddChannel {
    pub(crate) channel: Channel,
    numbers: Arc<Mutex<Vec<RawSocket>>>,
}

impl OddChannel {
    pub(crate) fn new(
        receive: impl Fn(&OddSocket, &mut [u8]) -> Option<usize> + Send + Sync + 'static,
        more: impl FnOnce(Builder<Carried>) -> Builder<Carried>,
    ) -> OddChannel {
        let numbers = Arc::default();
        let builder = builder_over(Odd {
            receive: Arc::new(receive),
            numbers: Arc::clone(&numbers),
        })
        .timeout(Duration::from_millis(250))
        .max_timeout(Duration::from_millis(20))
        .tries(2);
        OddChannel {
            channel: more(builder).build().unwrap(),
            numbers,
        }
    }

    /// Every socket that there ever was, ready for everything.
    pub(crate) fn step(&self) {
        let both = Interest {
            readable: true,
            writable: true,
        };
        let numbers = self.numbers.lock().unwrap().clone();
        let ready: Vec<_> = numbers
            .into_iter()
            .map(|number| Ready::new(number, both))
            .collect();
        self.channel.process(&ready).unwrap();
    }

    pub(crate) fn sockets(&self) -> usize {
        self.numbers.lock().unwrap().len()
    }
}
