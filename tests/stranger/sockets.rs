//! Sockets that are many, never end, or bring anything.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use c_ares::{
    A, Channel, Flags, Header, HeaderFlags, Hints, Interest, Message, Mx, NameInfoFlags, RData,
    Ready, Record, RecordType, Result, Section, Txt,
};
use testserver::Server;

use crate::common::{BOUND, Driven, Random, ZONE, server};
use crate::memory::InMemory;
use crate::odd_socket::{OddChannel, OddSocket};
use crate::{Count, exchange};

/// The bytes of an answer with an address, and more that the answer may have.
fn answer(query: &[u8], more: impl FnOnce(&mut Message, &str)) -> Vec<u8> {
    let mut message = Message::parse(query).unwrap();
    let name = message.questions().next().unwrap().name.to_string();
    let flags = HeaderFlags::QR | HeaderFlags::RD | HeaderFlags::RA;
    let header = message.header();
    message.set_header(Header { flags, ..header }).unwrap();
    let address = [192, 0, 2, 1].into();
    let record = Record::new(name.as_str(), 60, A { address });
    message.add_record(Section::Answer, &record).unwrap();
    more(&mut message, &name);
    message.write().unwrap()
}

/// Puts a message into the buffer, as a datagram or a frame.
fn put(socket: &OddSocket, message: &[u8], buffer: &mut [u8]) -> usize {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    let prefix: &[u8] = if socket.tcp { &length } else { &[] };
    let whole = [prefix, message].concat();
    buffer[..whole.len()].copy_from_slice(&whole);
    whole.len()
}

fn over(tcp: bool) -> Flags {
    if tcp { Flags::USEVC } else { Flags::NONE }
}

#[test]
fn what_never_runs_dry_comes_to_an_end() {
    let endless: [fn(&mut [u8]) -> usize; 5] = [
        |buffer| {
            buffer.fill(0);
            buffer.len()
        },
        |buffer| {
            buffer.fill(255);
            buffer.len()
        },
        |buffer| {
            buffer[0] = 0;
            1
        },
        |buffer| {
            buffer[0] = 255;
            1
        },
        |_| 0,
    ];
    for tcp in [false, true] {
        for receive in endless {
            let driven = OddChannel::new(
                move |_, buffer| Some(receive(buffer)),
                |builder| builder.flags(over(tcp)),
            );
            let told = Count::default();
            driven.channel.query::<A>("www.example.com", told.told());
            let start = Instant::now();
            while told.get() == 0 {
                assert!(start.elapsed() < BOUND);
                driven.step();
            }
        }
    }
}

#[test]
fn there_may_be_thousands_of_sockets() {
    const QUERIES: usize = 5_000;
    let driven = OddChannel::new(
        |socket, buffer| {
            let query = socket.sent.lock().unwrap().pop()?;
            Some(put(socket, &answer(&query, |_, _| ()), buffer))
        },
        |builder| builder.udp_max_queries(1),
    );
    let good = Count::default();
    for number in 0..QUERIES {
        let good = good.told();
        let name = format!("n{number}.example.com");
        driven
            .channel
            .query::<A>(name, move |answer| good(answer.unwrap()));
    }
    assert_eq!(driven.sockets(), QUERIES);
    driven.step();
    assert_eq!(good.get(), QUERIES);
}

#[test]
fn readiness_of_anything_is_passed_over() {
    let both = Interest {
        readable: true,
        writable: true,
    };
    let ends = [-1, i32::MIN, i32::MAX, 1 << 20];
    let nonsense: Vec<Ready> = ends
        .into_iter()
        .chain(0..200)
        .flat_map(|number| [Ready::new(number, both), Ready::new(number, Interest::NONE)])
        .collect();
    let server = server();
    // Nothing watches: that the sockets are among these numbers must do.
    let driven = Driven::new(&server);
    let told = Count::default();
    driven.channel.query::<A>("mail.example.com", told.told());
    let start = Instant::now();
    while told.get() == 0 {
        assert!(start.elapsed() < BOUND);
        driven.channel.process(&nonsense).unwrap();
    }
    let network = Server::builder().zone(ZONE).in_memory().unwrap();
    let in_memory = InMemory::new(&network);
    in_memory
        .channel
        .query::<A>("mail.example.com", told.told());
    in_memory.channel.process(&nonsense).unwrap();
    in_memory.run();
    assert_eq!(told.get(), 2);
}

#[test]
fn many_threads_may_drive_one_transport() {
    let driven = OddChannel::new(
        |socket, buffer| {
            let query = socket.sent.lock().unwrap().pop()?;
            Some(put(socket, &answer(&query, |_, _| ()), buffer))
        },
        |builder| builder,
    );
    let (asked, told) = (Count::default(), Count::default());
    thread::scope(|scope| {
        for thread in 0..8 {
            let (driven, asked, told) = (&driven, &asked, &told);
            scope.spawn(move || {
                for round in 0..100 {
                    match (round + thread) % 4 {
                        0 | 1 => {
                            asked.add();
                            let name = format!("{thread}.{round}.example.com");
                            driven.channel.query::<A>(name, told.told());
                        }
                        2 => driven.step(),
                        _ if round % 20 == 3 => driven.channel.cancel_all().unwrap(),
                        _ if round % 20 == 7 => driven.channel.reload().unwrap(),
                        _ => drop(driven.channel.timeout().unwrap()),
                    }
                }
            });
        }
    });
    drop(driven);
    assert_eq!(told.get(), asked.get());
}

/// Asks in one of all ways.
fn ask(channel: &Channel, way: u64, told: Count) {
    fn look<T: std::fmt::Debug>(told: Count) -> impl FnOnce(Result<T>) + Send + 'static {
        move |answer| {
            drop(format!("{answer:?}"));
            told.add();
        }
    }
    let name = format!("n{way}.example.com");
    match way % 8 {
        0 => channel.query::<Txt>(name, look(told)),
        1 => channel.query_type(name, RecordType::ANY, look(told)),
        2 => channel.search::<Mx>(name, look(told)),
        3 => channel.addrinfo(&name, &Hints::new(), look(told)),
        4 => {
            let address = "10.0.0.1:1".parse().unwrap();
            channel.nameinfo(address, NameInfoFlags::LOOKUPHOST, look(told));
        }
        5 => channel.reverse("2001:db8::1".parse().unwrap(), look(told)),
        way => {
            let message = Message::query(&name, RecordType::SVCB).unwrap();
            let on_response = move |response: Result<c_ares::Response<'_>>| {
                if let Ok(response) = response {
                    let message = response.message;
                    drop(message.to_string());
                    drop(message.write());
                    assert_eq!(message.try_clone().unwrap(), *message);
                }
                told.add();
            };
            exchange(channel, &message, way == 7, on_response);
        }
    }
}

/// Spoils the bytes behind the id.
fn spoil(message: &mut Vec<u8>, mut random: impl FnMut(usize) -> usize) {
    for _ in 0..random(5) {
        let at = 2 + random(message.len() - 2);
        let byte = random(256) as u8;
        match random(5) {
            0 => message[at] = byte,
            1 => message[at] ^= 1 << random(8),
            2 => message.truncate(at.max(12)),
            3 => message.insert(at, byte),
            _ => message[at] = [0, 63, 192, 255][random(4)],
        }
    }
}

#[test]
fn spoilt_answers_to_every_way_to_ask_are_told_once() {
    const CHANNELS: usize = 100;
    let state = Arc::new(Mutex::new(Random(88_172_645_463_325_252)));
    let random = move |bound: usize| state.lock().unwrap().below(bound as u64) as usize;
    let (asked, told) = (Count::default(), Count::default());
    for _ in 0..CHANNELS {
        let tcp = random(2) == 0;
        let dice = random.clone();
        let receive = move |socket: &OddSocket, buffer: &mut [u8]| {
            let query = socket.sent.lock().unwrap().pop()?;
            let mut bytes = answer(&query, |message, name| {
                let strings = vec![vec![b'x'; 200]; dice(3) + 1];
                let texts = Record::new(name, 1, RData::from(Txt { strings }));
                message.add_record(Section::Answer, &texts).unwrap();
                message.set_edns(Some(&c_ares::Opt::default())).unwrap();
            });
            spoil(&mut bytes, &dice);
            Some(put(socket, &bytes, buffer))
        };
        let driven = OddChannel::new(receive, |builder| {
            builder.flags(over(tcp)).domains(["example.net"])
        });
        for _ in 0..16 {
            asked.add();
            ask(&driven.channel, random(40) as u64, told.clone());
        }
        driven.step();
        driven.step();
    }
    assert_eq!(told.get(), asked.get());
}

#[test]
fn two_channels_may_share_what_their_transports_stand_on() {
    const QUERIES: usize = 200;
    let shared = Arc::new(Mutex::new(0));
    let driven = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        let receive = move |socket: &OddSocket, buffer: &mut [u8]| {
            let mut answers = shared.lock().unwrap();
            let query = socket.sent.lock().unwrap().pop()?;
            *answers += 1;
            Some(put(socket, &answer(&query, |_, _| ()), buffer))
        };
        OddChannel::new(receive, |builder| builder)
    });
    let told = Count::default();
    thread::scope(|scope| {
        for own in &driven {
            let told = &told;
            scope.spawn(move || {
                for number in 0..QUERIES {
                    let name = format!("n{number}.example.com");
                    own.channel.query::<A>(name, told.told());
                    own.step();
                }
            });
        }
    });
    assert_eq!(told.get(), 2 * QUERIES);
    assert_eq!(*shared.lock().unwrap(), 2 * QUERIES);
}
