//! The closures that tell of new sockets, and of queries that wait to be written.

mod common;

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use c_ares::{A, Channel, ErrorKind, Flags, Interest};
use common::{BOUND, Driven, builder, send, server, use_inside, wait};
use socket2::SockRef;

/// A closure's notes, and how to take them out.
type Notes<T> = Arc<Mutex<Vec<T>>>;

fn peer(socket: SockRef<'_>) -> Option<SocketAddr> {
    socket.peer_addr().ok()?.as_socket()
}

#[test]
fn a_socket_is_configured_then_connected_then_watched() {
    const TOS: u32 = 0x10;
    let server = server();
    for tcp in [false, true] {
        let notes: Notes<(&str, Option<SocketAddr>, u32)> = Notes::default();
        let note = |what| {
            let notes = Arc::clone(&notes);
            move |socket: SockRef<'_>| {
                let tos = socket.tos_v4().unwrap();
                let peer = peer(socket);
                notes.lock().unwrap().push((what, peer, tos));
            }
        };
        let (configured, created, watched) = (note("configured"), note("created"), note("watched"));
        let channel = builder(&server)
            .flags(if tcp { Flags::USEVC } else { Flags::default() })
            .on_socket_created(move |socket| {
                assert_eq!(socket.is_tcp(), tcp);
                created(SockRef::from(socket));
                Ok(())
            })
            .on_socket_state(move |socket, interest| {
                if interest != Interest::NONE {
                    watched(SockRef::from(&socket));
                }
            })
            .on_socket_configured(move |socket| {
                assert_eq!(socket.is_tcp(), tcp);
                configured(SockRef::from(socket));
                SockRef::from(socket).set_tos_v4(TOS)
            })
            .build()
            .unwrap();
        channel.query::<A>("www.example.com", |_| ());
        drop(channel);
        let notes = notes.lock().unwrap();
        let names: Vec<_> = notes.iter().map(|(what, ..)| *what).collect();
        assert_eq!(names[..3], ["configured", "created", "watched"]);
        assert_eq!(notes[0], ("configured", None, 0), "not connected yet");
        if !tcp {
            assert_eq!(notes[1], ("created", Some(server.address()), TOS));
        }
        assert_eq!(notes[1].2, TOS);
    }
}

#[test]
fn sockets_of_the_event_thread_are_told_of_as_well() {
    let server = server();
    let (sender, sockets) = mpsc::channel();
    let channel = builder(&server)
        .on_socket_created(move |socket| {
            sender.send(peer(SockRef::from(socket))).unwrap();
            Ok(())
        })
        .build_threaded()
        .unwrap();
    wait(|sender| channel.query::<A>("www.example.com", send(sender))).unwrap();
    assert_eq!(sockets.try_recv(), Ok(Some(server.address())));
}

#[test]
fn an_error_refuses_the_connection() {
    let server = server();
    let refuse = || Err(io::Error::other("not this one"));
    let created = builder(&server).on_socket_created(move |_| refuse());
    let created = created.on_socket_state(|_, _| ()).build().unwrap();
    let configured = builder(&server).on_socket_state(|_, _| ());
    let configured = configured.on_socket_configured(move |_| refuse());
    for channel in [created, configured.build().unwrap()] {
        let error = wait(|sender| channel.query::<A>("www.example.com", send(sender)));
        assert_eq!(error.unwrap_err(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(server.query_count(), 0);
}

/// A slot for the channel that a closure works on, once.
type Slot = Arc<Mutex<Option<Arc<Channel>>>>;

#[test]
fn inside_queries_are_put_off_and_all_else_is_refused() {
    let server = server();
    for configured in [false, true] {
        let slot = Slot::default();
        let (sender, receiver) = mpsc::channel();
        let closure = {
            let slot = Arc::clone(&slot);
            move |_: &c_ares::NewSocket<'_>| {
                let channel = slot.lock().unwrap().take();
                if let Some(channel) = channel {
                    use_inside(&channel, &sender);
                }
                Ok(())
            }
        };
        // Each query takes a new socket.
        let builder = builder(&server).udp_max_queries(1);
        let driven = if configured {
            Driven::with(builder, |builder| builder.on_socket_configured(closure))
        } else {
            Driven::from(builder.on_socket_created(closure))
        };
        *slot.lock().unwrap() = Some(Arc::clone(&driven.channel));
        driven.channel.query::<A>("www.example.com", |_| ());
        assert!(slot.lock().unwrap().is_none(), "the closure ran");
        driven.receive(&receiver).unwrap();
    }
}

/// So too where c-ares tells of a query that waits to be written.
#[test]
fn inside_of_a_pending_write_queries_are_put_off_and_all_else_is_refused() {
    let server = server();
    let slot = Slot::default();
    let (sender, receiver) = mpsc::channel();
    let builder = builder(&server).flags(Flags::USEVC);
    let driven = Driven::with(builder, |builder| {
        let slot = Arc::clone(&slot);
        builder.on_pending_write(move || {
            let channel = slot.lock().unwrap().take();
            if let Some(channel) = channel {
                use_inside(&channel, &sender);
            }
        })
    });
    *slot.lock().unwrap() = Some(Arc::clone(&driven.channel));
    driven.channel.query::<A>("www.example.com", |_| ());
    assert!(slot.lock().unwrap().is_none(), "the closure ran");
    driven.channel.write_pending().unwrap();
    driven.receive(&receiver).unwrap();
}

#[test]
fn a_channel_may_be_dropped_inside() {
    let server = server();
    let slot: Arc<Mutex<Option<Channel>>> = Arc::default();
    let (sender, receiver) = mpsc::channel();
    let builder = builder(&server)
        .on_socket_created({
            let slot = Arc::clone(&slot);
            move |_| {
                drop(slot.lock().unwrap().take());
                Ok(())
            }
        })
        .on_socket_state(|_, _| ());
    let other = common::builder(&server)
        .on_socket_state(|_, _| ())
        .build()
        .unwrap();
    other.query::<A>("www.example.com", send(sender));
    *slot.lock().unwrap() = Some(other);
    let channel = builder.build().unwrap();
    channel.query::<A>("www.example.com", |_| ());
    let error = receiver.recv_timeout(BOUND).unwrap().unwrap_err();
    assert_eq!(error, ErrorKind::Destruction);
}

#[test]
fn a_panic_goes_on_from_the_call_that_asks() {
    let server = server();
    let channel = builder(&server)
        .tries(1)
        .on_socket_created(|_| panic!("from the closure"))
        .on_socket_state(|_, _| ())
        .build()
        .unwrap();
    let (sender, receiver) = mpsc::channel();
    let ask = AssertUnwindSafe(|| channel.query::<A>("www.example.com", send(sender)));
    let payload = catch_unwind(ask).unwrap_err();
    assert_eq!(
        payload.downcast_ref::<&str>().copied(),
        Some("from the closure")
    );
    let error = receiver.try_recv().unwrap().unwrap_err();
    assert_eq!(error, ErrorKind::ConnectionRefused);
}

#[test]
fn a_query_over_tcp_waits_to_be_written() {
    let server = server();
    let calls = Arc::new(AtomicUsize::new(0));
    let builder = builder(&server).flags(Flags::USEVC | Flags::STAYOPEN);
    let driven = Driven::with(builder, |builder| {
        let calls = Arc::clone(&calls);
        builder.on_pending_write(move || {
            calls.fetch_add(1, Ordering::Relaxed);
        })
    });
    let (sender, receiver) = mpsc::channel();
    driven
        .channel
        .query::<A>("www.example.com", send(sender.clone()));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(server.query_count(), 0);
    driven.channel.write_pending().unwrap();
    driven.receive(&receiver).unwrap();
    // On a connection that stands.
    driven
        .channel
        .query::<A>("mail.example.com", send(sender.clone()));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let held_back = !server.wait_for_queries(2, Duration::from_millis(100));
    assert!(held_back);
    driven.channel.write_pending().unwrap();
    assert!(server.wait_for_queries(2, BOUND), "written by this alone");
    driven.receive(&receiver).unwrap();
    assert_eq!(server.connection_count(), 1);
}

#[test]
fn a_threaded_channel_writes_by_itself() {
    let channel = builder(&server()).build_threaded().unwrap();
    let error = channel.write_pending().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotDriven { .. }),
        "{error}"
    );
}
