//! Destructors that panic, and use channels.

use std::any::Any;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use c_ares::{A, Opening, Transport, TransportSocket};

use crate::Count;
use crate::memory::builder_over;

/// Panics when it is dropped, with a payload that does so too.
struct Bomb(u8);

impl Drop for Bomb {
    fn drop(&mut self) {
        match self.0 {
            0 => panic!("the last one"),
            left => panic_any(Bomb(left - 1)),
        }
    }
}

/// A transport that panics when it is dropped, and whose sockets do.
struct Bombs(Bomb);

struct BombSocket(Bomb);

impl Transport for Bombs {
    type Socket = BombSocket;

    fn open(&mut self, _opening: &Opening) -> io::Result<BombSocket> {
        _ = &self.0;
        Ok(BombSocket(Bomb(2)))
    }
}

impl TransportSocket for BombSocket {
    fn connect(&mut self, _server: SocketAddr) -> io::Result<()> {
        _ = &self.0;
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn receive(&mut self, _buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// Drops a payload, and what its destructor panics with.
fn drop_all(payload: Box<dyn Any + Send>) {
    let mut left = Some(payload);
    while let Some(payload) = left {
        left = catch_unwind(AssertUnwindSafe(|| drop(payload))).err();
    }
}

#[test]
fn every_part_of_a_channel_may_panic_when_it_is_dropped() {
    let told = Count::default();
    let parts = [(); 4].map(|()| Bomb(2));
    let [state, server_state, pending, queries] = parts;
    let channel = builder_over(Bombs(Bomb(2)))
        .on_socket_state(move |_, _| _ = &state)
        .on_server_state(move |_| _ = &server_state)
        .on_pending_write(move || _ = &pending)
        .build()
        .unwrap();
    let count = told.told();
    channel.query::<A>("www.example.com", move |answer| {
        count(answer);
        drop(queries);
    });
    let payload = catch_unwind(AssertUnwindSafe(|| drop(channel))).unwrap_err();
    assert!(payload.is::<Bomb>());
    drop_all(payload);
    assert_eq!(told.get(), 1);
}
