//! What a stranger tries who has read the public documentation, and means no good.
//!
//! None of it may crash, hang, lose a closure or run one twice. Most of it asserts no more
//! than that, and is worth most under a sanitizer.

#![forbid(unsafe_code)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/memory.rs"]
mod memory;

mod bombs;
mod chaos;
mod closures;
mod connections;
mod ends;
mod messages;
mod odd_socket;
mod refused;
#[cfg(feature = "serde")]
#[path = "../message/sample.rs"]
mod sample;
mod sockets;
#[cfg(feature = "serde")]
mod spoilt;
#[cfg(feature = "serde")]
mod stored;
mod system;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use c_ares::{Channel, Message, Response, Result};

/// Counts what happens on whatever thread.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// A closure that counts.
    fn told<T>(&self) -> impl FnOnce(T) + Send + use<T> {
        let count = self.clone();
        move |_| count.add()
    }

    /// Waits until it is so many, and a little longer for one too many.
    fn wait_for(&self, expected: usize) {
        let start = Instant::now();
        while self.get() < expected && start.elapsed() < common::BOUND {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(self.get(), expected);
    }
}

/// Sends a message, or searches with it.
fn exchange(
    channel: &Channel,
    message: &Message,
    search: bool,
    on_response: impl FnOnce(Result<Response<'_>>) + Send + 'static,
) {
    if search {
        channel.search_message(message, on_response);
    } else {
        channel.exchange(message, on_response);
    }
}
