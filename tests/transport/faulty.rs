//! A transport that fails, lies and panics as a test says.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use c_ares::{Opening, SocketOption, Transport, TransportSocket};
use testserver::Network;

use crate::memory::{Memory, MemorySocket};

/// What c-ares calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Open,
    SetOption,
    Bind,
    LocalAddress,
    Connect,
    Send,
    Receive,
    Close,
}

pub(crate) const CALLS: [Call; 8] = [
    Call::Open,
    Call::SetOption,
    Call::Bind,
    Call::LocalAddress,
    Call::Connect,
    Call::Send,
    Call::Receive,
    Call::Close,
];

/// What a test does in place of the network.
pub(crate) trait Fault: Send + Sync + 'static {
    /// Before a call. An error is what the call gives; that of a close is lost.
    fn before(&self, call: Call) -> io::Result<()> {
        let _ = call;
        Ok(())
    }
    /// In place of a sending.
    fn send(&self, bytes: &[u8]) -> Option<usize> {
        let _ = bytes;
        None
    }
    /// In place of a reception.
    fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let _ = buffer;
        None
    }
    /// In place of the local address.
    fn local_address(&self) -> Option<SocketAddr> {
        None
    }
}

impl<F: Fn(Call) -> io::Result<()> + Send + Sync + 'static> Fault for F {
    fn before(&self, call: Call) -> io::Result<()> {
        self(call)
    }
}

/// The network, but for a fault. It notes each call.
pub(crate) struct Faulty {
    memory: Memory,
    fault: Arc<dyn Fault>,
    pub(crate) calls: Calls,
}

pub(crate) type Calls = Arc<Mutex<Vec<Call>>>;

pub(crate) struct FaultySocket {
    socket: MemorySocket,
    fault: Arc<dyn Fault>,
    calls: Calls,
}

impl Faulty {
    pub(crate) fn new(network: &Network, fault: impl Fault) -> Faulty {
        Faulty {
            memory: Memory(network.clone()),
            fault: Arc::new(fault),
            calls: Calls::default(),
        }
    }
}

impl Transport for Faulty {
    type Socket = FaultySocket;

    fn open(&mut self, opening: &Opening) -> io::Result<FaultySocket> {
        self.calls.lock().unwrap().push(Call::Open);
        self.fault.before(Call::Open)?;
        Ok(FaultySocket {
            socket: self.memory.open(opening)?,
            fault: Arc::clone(&self.fault),
            calls: Arc::clone(&self.calls),
        })
    }
}

impl FaultySocket {
    fn call(&self, call: Call) -> io::Result<()> {
        self.calls.lock().unwrap().push(call);
        self.fault.before(call)
    }
}

impl TransportSocket for FaultySocket {
    fn set_option(&mut self, option: SocketOption<'_>) -> io::Result<()> {
        self.call(Call::SetOption)?;
        match option {
            SocketOption::TcpFastOpen => Err(io::ErrorKind::Unsupported.into()),
            _ => Ok(()),
        }
    }

    fn bind(&mut self, _local: SocketAddr) -> io::Result<()> {
        self.call(Call::Bind)
    }

    fn connect(&mut self, server: SocketAddr) -> io::Result<()> {
        self.call(Call::Connect)?;
        self.socket.connect(server)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call(Call::Send)?;
        match self.fault.send(bytes) {
            Some(length) => Ok(length),
            None => self.socket.send(bytes),
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.call(Call::Receive)?;
        match self.fault.receive(buffer) {
            Some(received) => Ok(received),
            None => self.socket.receive(buffer),
        }
    }

    fn local_address(&mut self) -> io::Result<SocketAddr> {
        self.call(Call::LocalAddress)?;
        match self.fault.local_address() {
            Some(address) => Ok(address),
            None => self.socket.local_address(),
        }
    }
}

impl Drop for FaultySocket {
    fn drop(&mut self) {
        let _lost = self.call(Call::Close);
    }
}
