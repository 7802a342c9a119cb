//! Transports that fail and lie: each query is told once, and nothing hangs.

use std::io::{self, ErrorKind as Io};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use c_ares::{A, Answer, Builder, Carried, ErrorKind, Flags, Result};
use testserver::Network;

use crate::faulty::{CALLS, Call, Calls, Fault, Faulty};
use crate::flow::{ask, network, told};
use crate::memory::{InMemory, builder_over};

/// A driven channel whose transport has a fault, in a configuration that makes every call.
pub(crate) fn faulty(network: &Network, tcp: bool, fault: impl Fault) -> (InMemory, Calls) {
    let transport = Faulty::new(network, fault);
    let calls = Arc::clone(&transport.calls);
    let driven = InMemory::from(every_call(builder_over(transport), tcp), network);
    (driven, calls)
}

fn every_call(builder: Builder<Carried>, tcp: bool) -> Builder<Carried> {
    builder
        .flags(if tcp { Flags::USEVC } else { Flags::default() })
        .send_buffer_size(8192)
        .local_ipv4(Ipv4Addr::new(198, 51, 100, 1))
}

/// What becomes of a query in a number of steps, and when the channel is dropped at last.
fn outcome(driven: InMemory) -> Result<Answer<A>> {
    let answer = ask(&driven.channel, "www.example.com");
    for _ in 0..100 {
        driven.step();
    }
    drop(driven);
    told(&answer)
}

#[test]
fn every_function_of_the_table_is_there_and_called() {
    for tcp in [false, true] {
        let network = network();
        let (driven, calls) = faulty(&network, tcp, |_| Ok(()));
        outcome(driven).unwrap();
        let calls = calls.lock().unwrap();
        for call in CALLS {
            assert!(calls.contains(&call), "{call:?}");
        }
        assert_eq!(network.keys(), []);
    }
}

fn errors() -> Vec<fn() -> io::Error> {
    vec![
        || Io::WouldBlock.into(),
        || Io::Interrupted.into(),
        || Io::Unsupported.into(),
        || Io::ConnectionRefused.into(),
        || Io::ConnectionReset.into(),
        || Io::ConnectionAborted.into(),
        || Io::HostUnreachable.into(),
        || Io::NetworkUnreachable.into(),
        || Io::NetworkDown.into(),
        || Io::TimedOut.into(),
        || Io::AddrNotAvailable.into(),
        || Io::InvalidInput.into(),
        || Io::UnexpectedEof.into(),
        || io::Error::other("of its own"),
        || io::Error::from_raw_os_error(libc::EINTR),
        || io::Error::from_raw_os_error(libc::EINPROGRESS),
        || io::Error::from_raw_os_error(libc::ECONNRESET),
        || io::Error::from_raw_os_error(0),
        || io::Error::from_raw_os_error(i32::MIN),
        || io::Error::from_raw_os_error(i32::MAX),
    ]
}

/// What c-ares makes of a call that fails again and again, but for what waits or is left out.
fn expected(tcp: bool, call: Call, error: &io::Error) -> Option<ErrorKind> {
    let waits = matches!(error.kind(), Io::WouldBlock | Io::Interrupted)
        || error.raw_os_error() == Some(libc::EINPROGRESS);
    match (call, error.kind()) {
        (Call::Close, _) | (Call::SetOption, Io::Unsupported) => None,
        // Datagrams are sent at once, and the network knows of no connection.
        (Call::Connect, _) if waits && tcp => Some(ErrorKind::Destruction),
        (Call::Send | Call::Receive, _) if waits => Some(ErrorKind::Destruction),
        _ => Some(ErrorKind::ConnectionRefused),
    }
}

#[test]
fn every_call_may_fail_with_every_error() {
    for tcp in [false, true] {
        for call in CALLS {
            for error in errors() {
                let network = network();
                let fail = move |this| if this == call { Err(error()) } else { Ok(()) };
                let (driven, _) = faulty(&network, tcp, fail);
                let outcome = outcome(driven);
                let what = format!("{call:?} of {tcp} fails with {:?}: {outcome:?}", error());
                match expected(tcp, call, &error()) {
                    None => assert!(outcome.is_ok(), "{what}"),
                    Some(kind) => assert_eq!(outcome.unwrap_err(), kind, "{what}"),
                }
                assert_eq!(network.keys(), [], "{what}");
            }
        }
    }
}

#[test]
fn what_fails_once_is_tried_again() {
    for tcp in [false, true] {
        for call in CALLS {
            let network = network();
            let failures = AtomicUsize::new(1);
            let (driven, _) = faulty(&network, tcp, move |this| {
                let fails = this == call && failures.swap(0, Ordering::Relaxed) == 1;
                if fails {
                    Err(Io::TimedOut.into())
                } else {
                    Ok(())
                }
            });
            outcome(driven).unwrap_or_else(|error| panic!("{call:?} of {tcp}: {error}"));
        }
    }
}

/// c-ares itself calls an interrupted `connect` again at once, for ever.
#[test]
fn an_interrupted_connection_is_one_that_is_being_made() {
    let network = network();
    let (driven, calls) = faulty(&network, false, |call| match call {
        Call::Connect => Err(Io::Interrupted.into()),
        _ => Ok(()),
    });
    let answer = ask(&driven.channel, "www.example.com");
    drop(driven);
    told(&answer).unwrap_err();
    let connects = |call: &&Call| **call == Call::Connect;
    assert!(calls.lock().unwrap().iter().filter(connects).count() <= 3);
}

struct Sends(fn(usize) -> usize);

impl Fault for Sends {
    fn send(&self, bytes: &[u8]) -> Option<usize> {
        Some(self.0(bytes.len()))
    }
}

#[test]
fn more_bytes_sent_than_there_were_end_the_connection() {
    let lies: [fn(usize) -> usize; 4] = [
        |length| length + 1,
        |_| usize::MAX,
        |_| isize::MAX as usize,
        |_| isize::MAX as usize + 1,
    ];
    for lie in lies {
        for tcp in [false, true] {
            let (driven, _) = faulty(&network(), tcp, Sends(lie));
            assert_eq!(outcome(driven).unwrap_err(), ErrorKind::ConnectionRefused);
        }
    }
}

#[test]
fn half_a_datagram_ends_the_connection_and_none_waits() {
    let (driven, _) = faulty(&network(), false, Sends(|length| length / 2));
    assert_eq!(outcome(driven).unwrap_err(), ErrorKind::ConnectionRefused);
    for tcp in [false, true] {
        let (driven, _) = faulty(&network(), tcp, Sends(|_| 0));
        assert_eq!(outcome(driven).unwrap_err(), ErrorKind::Destruction);
    }
}

type Reception = fn(&mut [u8]) -> (usize, SocketAddr);

struct Receives(Reception);

impl Fault for Receives {
    fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        Some(self.0(buffer))
    }
}

fn server() -> SocketAddr {
    "192.0.2.53:53".parse().unwrap()
}

fn elsewhere() -> SocketAddr {
    "[2001:db8::53]:53".parse().unwrap()
}

#[test]
fn more_bytes_received_than_there_is_room_for_end_the_connection() {
    let lies: [Reception; 3] = [
        |buffer| (buffer.len() + 1, server()),
        |_| (usize::MAX, server()),
        |_| (isize::MAX as usize + 1, elsewhere()),
    ];
    for lie in lies {
        for tcp in [false, true] {
            let (driven, _) = faulty(&network(), tcp, Receives(lie));
            assert_eq!(outcome(driven).unwrap_err(), ErrorKind::ConnectionRefused);
        }
    }
}

/// Whatever never stops coming, c-ares reads it under the lock until it stops.
#[test]
fn a_socket_that_never_runs_dry_is_left_after_a_while() {
    let floods: [Reception; 5] = [
        |_| (0, server()),
        |buffer| (buffer.len(), server()),
        |buffer| (buffer.len().min(65_535), server()),
        |_| (100, elsewhere()),
        |_| (1, server()),
    ];
    for flood in floods {
        for tcp in [false, true] {
            let (driven, calls) = faulty(&network(), tcp, Receives(flood));
            let answer = ask(&driven.channel, "www.example.com");
            let mut most = 0;
            for _ in 0..4 {
                let before = calls.lock().unwrap().len();
                driven.step();
                most = most.max(calls.lock().unwrap().len() - before);
            }
            assert!(most <= 600, "{most} calls in one step");
            drop(driven);
            told(&answer).unwrap_err();
        }
    }
}

#[test]
fn an_answer_from_another_family_is_not_believed() {
    struct Other(Network);
    impl Fault for Other {
        fn before(&self, call: Call) -> io::Result<()> {
            // The network has it, and so it is readable.
            match call {
                Call::Receive if self.0.query_count() == 0 => Err(Io::WouldBlock.into()),
                _ => Ok(()),
            }
        }
        fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
            buffer[..100].fill(1);
            Some((100, elsewhere()))
        }
    }
    let network = network();
    let (driven, _) = faulty(&network, false, Other(network.clone()));
    assert_eq!(outcome(driven).unwrap_err(), ErrorKind::Destruction);
}

#[test]
fn a_local_address_may_be_of_any_family() {
    struct Local(&'static str);
    impl Fault for Local {
        fn local_address(&self) -> Option<SocketAddr> {
            Some(self.0.parse().unwrap())
        }
    }
    for address in ["[::1]:0", "0.0.0.0:0", "[fe80::1%4294967295]:65535"] {
        for tcp in [false, true] {
            let (driven, _) = faulty(&network(), tcp, Local(address));
            outcome(driven).unwrap();
        }
    }
}

#[test]
fn what_is_called_follows_an_order() {
    let network = network();
    let (driven, calls) = faulty(&network, false, |_| Ok(()));
    outcome(driven).unwrap();
    let calls = calls.lock().unwrap();
    use Call::*;
    let order = [
        Open,
        SetOption,
        Bind,
        Connect,
        LocalAddress,
        Send,
        Receive,
        Receive,
        Close,
    ];
    assert_eq!(*calls, order);
}

#[test]
fn many_queries_survive_a_transport_that_fails_now_and_then() {
    let network = network();
    let turn = AtomicUsize::new(0);
    let fault = move |call| {
        // Every 11th call, whichever that is.
        let fails = turn.fetch_add(1, Ordering::Relaxed) % 11 == 10;
        match (fails, call) {
            (true, Call::Send | Call::Receive | Call::Connect | Call::Open) => {
                Err(Io::ConnectionReset.into())
            }
            _ => Ok(()),
        }
    };
    let transport = Faulty::new(&network, fault);
    let builder = every_call(builder_over(transport), false)
        .udp_max_queries(2)
        .timeout(Duration::from_secs(60))
        .max_timeout(Duration::from_secs(60))
        .tries(1);
    let driven = InMemory::from(builder, &network);
    let answers: Vec<_> = (0..500)
        .map(|_| ask(&driven.channel, "www.example.com"))
        .collect();
    driven.run();
    drop(driven);
    let good = answers.iter().filter(|answer| told(answer).is_ok()).count();
    assert!(good > 0 && good < 500, "{good} of 500");
    assert_eq!(network.keys(), []);
}
