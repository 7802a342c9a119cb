//! Panics inside of a transport, and what may be called from there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use c_ares::{A, Channel, ErrorKind};
use testserver::{Reply, Rule};

use crate::common::{send, use_inside};
use crate::faults::faulty;
use crate::faulty::{CALLS, Call};
use crate::flow::{ask, network, told};
use crate::memory::InMemory;

/// Runs until nothing happens any more. Counts the panics that came out.
fn run_through_panics(driven: &InMemory) -> usize {
    let mut panics = 0;
    for _ in 0..200 {
        match catch_unwind(AssertUnwindSafe(|| driven.step())) {
            Ok(false) => break,
            Ok(true) => {}
            Err(payload) => {
                assert_eq!(payload.downcast_ref(), Some(&"from the transport"));
                panics += 1;
            }
        }
    }
    panics
}

#[test]
fn a_panic_in_each_call_goes_on_and_the_next_try_works() {
    for tcp in [false, true] {
        for call in CALLS {
            let network = network();
            let armed = AtomicBool::new(true);
            let (driven, _) = faulty(&network, tcp, move |this| {
                let now = this == call && armed.swap(false, Ordering::Relaxed);
                assert!(!now, "from the transport");
                Ok(())
            });
            let (sender, answer) = mpsc::channel();
            let asked = catch_unwind(AssertUnwindSafe(|| {
                driven.channel.query::<A>("www.example.com", send(sender));
            }));
            let panics = run_through_panics(&driven) + usize::from(asked.is_err());
            assert_eq!(panics, 1, "{call:?} of {tcp}");
            told(&answer).unwrap_or_else(|error| panic!("{call:?} of {tcp}: {error}"));
            // And all is well.
            let again = ask(&driven.channel, "mail.example.com");
            driven.run();
            told(&again).unwrap();
            drop(driven);
            assert_eq!(network.keys(), []);
        }
    }
}

/// c-ares keeps the connection, as after its end.
#[test]
fn a_stream_that_panics_within_a_message_is_read_no_more() {
    let network = network();
    network.rule(
        "*",
        Rule::script(|_| {
            let part = Reply::unframed([0, 200, 1]);
            part.then(Reply::wait(Duration::from_secs(1)))
                .then(Reply::unframed([2, 3]))
        }),
    );
    let receptions = AtomicUsize::new(0);
    let (driven, _) = faulty(&network, true, move |call| {
        let fails = call == Call::Receive && receptions.fetch_add(1, Ordering::Relaxed) > 0;
        assert!(!fails, "from the transport");
        Ok(())
    });
    let answer = ask(&driven.channel, "www.example.com");
    assert_eq!(run_through_panics(&driven), 1);
    assert!(driven.watched.lock().unwrap().is_empty());
    drop(driven);
    assert_eq!(told(&answer).unwrap_err(), ErrorKind::Destruction);
}

#[test]
fn a_transport_that_always_panics_is_told_as_a_failure() {
    for tcp in [false, true] {
        for call in CALLS {
            let network = network();
            let (driven, _) = faulty(&network, tcp, move |this| {
                assert!(this != call, "from the transport");
                Ok(())
            });
            let (sender, answer) = mpsc::channel();
            let asked = catch_unwind(AssertUnwindSafe(|| {
                driven.channel.query::<A>("www.example.com", send(sender));
            }));
            let panics = run_through_panics(&driven) + usize::from(asked.is_err());
            assert!(panics > 0, "{call:?} of {tcp}");
            let outcome = told(&answer);
            match call {
                Call::Close => drop(outcome.unwrap()),
                _ => assert_eq!(outcome.unwrap_err(), ErrorKind::ConnectionRefused),
            }
            assert_eq!(network.keys(), []);
        }
    }
}

#[test]
fn a_panic_while_the_channel_is_dropped_goes_on_from_there() {
    let network = network();
    let (driven, _) = faulty(&network, false, |call| {
        assert!(call != Call::Close, "from the transport");
        Ok(())
    });
    let answer = ask(&driven.channel, "www.example.com");
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(driven)));
    assert_eq!(
        dropped.unwrap_err().downcast_ref(),
        Some(&"from the transport")
    );
    assert_eq!(told(&answer).unwrap_err(), ErrorKind::Destruction);
    assert_eq!(network.keys(), []);
}

type Slot = Arc<Mutex<Option<Arc<Channel>>>>;

#[test]
fn inside_of_each_call_queries_are_put_off_and_all_else_is_refused() {
    for tcp in [false, true] {
        for call in CALLS {
            let network = network();
            let slot = Slot::default();
            let (sender, receiver) = mpsc::channel();
            let used = Arc::clone(&slot);
            let (driven, _) = faulty(&network, tcp, move |this| {
                if this == call {
                    let channel = used.lock().unwrap().take();
                    if let Some(channel) = channel {
                        use_inside(&channel, &sender);
                    }
                }
                Ok(())
            });
            *slot.lock().unwrap() = Some(Arc::clone(&driven.channel));
            let answer = ask(&driven.channel, "www.example.com");
            driven.run();
            told(&answer).unwrap();
            assert!(slot.lock().unwrap().is_none(), "{call:?} of {tcp} was made");
            receiver.try_recv().unwrap().unwrap();
        }
    }
}

#[test]
fn a_channel_may_be_dropped_inside_of_each_call() {
    for tcp in [false, true] {
        for call in CALLS {
            let network = network();
            let slot = Slot::default();
            let dropped = Arc::clone(&slot);
            let (driven, _) = faulty(&network, tcp, move |this| {
                if this == call {
                    let channel = dropped.lock().unwrap().take();
                    drop(channel);
                }
                Ok(())
            });
            let InMemory { channel, .. } = driven;
            let elsewhere = crate::flow::network();
            let other = faulty(&elsewhere, tcp, |_| Ok(())).0;
            let InMemory {
                channel: victim, ..
            } = other;
            let pending = ask(&victim, "mail.example.com");
            *slot.lock().unwrap() = Some(victim);
            let answer = ask(&channel, "www.example.com");
            for _ in 0..20 {
                network.deliver();
                let ready: Vec<_> = network
                    .keys()
                    .into_iter()
                    .map(|key| c_ares::Ready::new(key.try_into().unwrap(), both()))
                    .collect();
                channel.process(&ready).unwrap();
            }
            drop(channel);
            assert_eq!(
                told(&pending).unwrap_err(),
                ErrorKind::Destruction,
                "{call:?} of {tcp}"
            );
            told(&answer).unwrap();
            assert_eq!((network.keys(), elsewhere.keys()), (vec![], vec![]));
        }
    }
}

fn both() -> c_ares::Interest {
    c_ares::Interest {
        readable: true,
        writable: true,
    }
}

#[test]
fn the_transport_is_dropped_after_the_last_socket() {
    struct Owner(crate::memory::Memory, Arc<Mutex<Vec<&'static str>>>);
    struct Owned(crate::memory::MemorySocket, Arc<Mutex<Vec<&'static str>>>);
    impl c_ares::Transport for Owner {
        type Socket = Owned;
        fn open(&mut self, opening: &c_ares::Opening) -> std::io::Result<Owned> {
            Ok(Owned(self.0.open(opening)?, Arc::clone(&self.1)))
        }
    }
    impl c_ares::TransportSocket for Owned {
        fn connect(&mut self, server: std::net::SocketAddr) -> std::io::Result<()> {
            self.0.connect(server)
        }
        fn send(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.send(bytes)
        }
        fn receive(&mut self, buffer: &mut [u8]) -> std::io::Result<(usize, std::net::SocketAddr)> {
            self.0.receive(buffer)
        }
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            self.1.lock().unwrap().push("transport");
        }
    }
    impl Drop for Owned {
        fn drop(&mut self) {
            self.1.lock().unwrap().push("socket");
        }
    }
    let network = network();
    let order = Arc::default();
    let owner = Owner(crate::memory::Memory(network.clone()), Arc::clone(&order));
    let channel = crate::memory::builder_over(owner).build().unwrap();
    let answer = ask(&channel, "www.example.com");
    drop(channel);
    told(&answer).unwrap_err();
    assert_eq!(*order.lock().unwrap(), ["socket", "transport"]);
}
