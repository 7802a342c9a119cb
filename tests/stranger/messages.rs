//! Messages that are changed, sent and taken away at the wrong time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use c_ares::{
    A, Channel, EdnsOption, ErrorKind, Header, HeaderFlags, Message, Opcode, Opt, OptionCode,
    RData, Rcode, Record, RecordType, Section, Server,
};

use crate::common::{BOUND, builder, channel, server};
use crate::{Count, exchange};

fn a(name: &str) -> Message {
    Message::query(name, RecordType::A).unwrap()
}

fn with_addresses(count: u8) -> Message {
    let mut message = a("www.example.com");
    for last in 0..count {
        let address = [192, 0, 2, last].into();
        let record = Record::new("www.example.com", u32::from(last), A { address });
        message.add_record(Section::Answer, &record).unwrap();
    }
    message
}

#[test]
fn a_panic_while_records_are_removed_leaves_them_all() {
    for at in 0..20 {
        let mut message = with_addresses(20);
        let before = message.try_clone().unwrap();
        let mut asked = 0;
        catch_unwind(AssertUnwindSafe(|| {
            message.retain_records(Section::Answer, |_| {
                asked += 1;
                assert!(asked <= at, "in the middle");
                asked % 2 == 0
            })
        }))
        .unwrap_err();
        assert_eq!(message, before);
    }
}

#[test]
fn records_of_another_message_may_be_removed_meanwhile() {
    let [mut outer, mut inner] = [with_addresses(20), with_addresses(20)];
    let mut least = 0;
    let keep_none = |_: &Record<RData>| {
        least += 1;
        inner
            .retain_records(Section::Answer, |record| record.ttl >= least)
            .unwrap();
        false
    };
    outer.retain_records(Section::Answer, keep_none).unwrap();
    assert_eq!(outer.record_count(Section::Answer), 0);
    assert_eq!(inner.record_count(Section::Answer), 0);
}

#[test]
fn many_threads_may_send_search_and_read_one_message() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 30;
    let server = server();
    let builder = || builder(&server).query_cache(Duration::ZERO).ndots(5);
    let channels = [(); 2].map(|()| {
        let domains = ["nowhere.example.com", "example.com"];
        builder().domains(domains).build_threaded().unwrap()
    });
    let mut message = a("www");
    message.set_edns(Some(&Opt::default())).unwrap();
    let before = message.try_clone().unwrap();
    let told = Count::default();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (channels, message, before, told) = (&channels, &message, &before, &told);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let channel = &channels[(thread + round) % 2];
                    let told = told.clone();
                    if round % 3 == 0 {
                        channel.search_message(message, move |response| {
                            let records = response.unwrap().message.records::<A>(Section::Answer);
                            assert_eq!(records.unwrap().len(), 2);
                            told.add();
                        });
                    } else {
                        channel.exchange(message, move |response| {
                            response.unwrap();
                            told.add();
                        });
                    }
                    assert_eq!(message, before);
                    assert_eq!(Message::parse(&message.write().unwrap()).unwrap(), *before);
                }
            });
        }
    });
    told.wait_for(THREADS * ROUNDS);
}

/// What a closure does while it has the response.
const TAKEN_AWAY: [fn(&Channel, &Message); 6] = [
    |channel, _| {
        channel
            .set_servers(["127.0.0.9".parse::<Server>().unwrap()])
            .unwrap();
    },
    |channel, _| channel.set_servers([] as [Server; 0]).unwrap(),
    |channel, _| {
        channel.reload().unwrap();
        thread::sleep(Duration::from_millis(20));
    },
    |channel, _| channel.cancel_all().unwrap(),
    |channel, response| {
        for _ in 0..20 {
            channel.exchange(response, |_| ());
            channel.search_message(response, |_| ());
        }
    },
    |channel, response| {
        // Past what is cached for a second.
        thread::sleep(Duration::from_millis(2_100));
        channel.exchange(response, |_| ());
        channel.exchange(&a("www.example.com"), |_| ());
    },
];

#[test]
fn a_response_stays_whatever_its_closure_takes_away() {
    let server = testserver::Server::start(
        "$ORIGIN example.com.\n@ 1 SOA ns1 hostmaster 1 2 3 4 1\nwww 1 A 192.0.2.1\n",
    )
    .unwrap();
    thread::scope(|scope| {
        for take_away in TAKEN_AWAY {
            for cached in [false, true] {
                for search in [false, true] {
                    let server = &server;
                    scope.spawn(move || response_stays(server, take_away, cached, search));
                }
            }
        }
    });
}

fn response_stays(
    server: &testserver::Server,
    take_away: fn(&Channel, &Message),
    cached: bool,
    search: bool,
) {
    let channel = Arc::new(channel(server));
    let (sender, receiver) = mpsc::channel();
    if cached {
        let sender = sender.clone();
        channel.exchange(&a("www.example.com"), move |_| sender.send(()).unwrap());
        receiver.recv_timeout(BOUND).unwrap();
    }
    // The closure has the last of the channel.
    let owner = Arc::new(Mutex::new(None));
    let on_response = {
        let owner = Arc::clone(&owner);
        move |response: c_ares::Result<c_ares::Response<'_>>| {
            let message = response.unwrap().message;
            let before = message.to_string();
            let channel: Arc<Channel> = owner.lock().unwrap().take().unwrap();
            take_away(&channel, message);
            drop(channel);
            assert_eq!(message.to_string(), before);
            assert_eq!(message.try_clone().unwrap(), *message);
            sender.send(()).unwrap();
        }
    };
    *owner.lock().unwrap() = Some(Arc::clone(&channel));
    let name = if search { "www" } else { "www.example.com" };
    exchange(&channel, &a(name), search, on_response);
    drop(channel);
    receiver.recv_timeout(BOUND).unwrap();
}

#[test]
fn messages_that_no_client_sends_are_told_once() {
    let server = server();
    let channel = builder(&server)
        .timeout(Duration::from_millis(250))
        .tries(1)
        .query_cache(Duration::ZERO)
        .build_threaded()
        .unwrap();
    let mut messages = vec![Message::new(Header::default()).unwrap(), a(""), a("a..b")];
    for opcode in [0, 1, 2, 4, 5].map(Opcode) {
        for rcode in [0, 11, 16, 23].map(Rcode) {
            let header = Header {
                opcode,
                rcode,
                flags: HeaderFlags::QR | HeaderFlags::TC | HeaderFlags::AA,
                ..Header::default()
            };
            let mut message = with_addresses(3);
            message.set_header(header).unwrap();
            messages.push(message);
        }
    }
    for record_type in [0, 41, 252, 255, 65_535].map(RecordType) {
        messages.push(Message::query("www.example.com", record_type).unwrap());
    }
    let told = Count::default();
    for message in &messages {
        for search in [false, true] {
            let told = told.clone();
            let tell = move |_: c_ares::Result<c_ares::Response<'_>>| told.add();
            exchange(&channel, message, search, tell);
        }
    }
    assert!(channel.wait_idle(BOUND).unwrap());
    assert_eq!(told.get(), 2 * messages.len());
}

#[test]
fn a_message_that_is_too_long_to_send_is_told_so() {
    let server = server();
    let channel = builder(&server).query_cache(Duration::ZERO);
    let channel = channel.build_threaded().unwrap();
    let mut message = with_addresses(255);
    for record in message.records::<A>(Section::Answer).unwrap() {
        for _ in 0..20 {
            message.add_record(Section::Additional, &record).unwrap();
        }
    }
    let (sender, receiver) = mpsc::channel();
    for search in [false, true] {
        let sender = sender.clone();
        let tell = move |response: c_ares::Result<c_ares::Response<'_>>| {
            sender.send(response.unwrap_err()).unwrap();
        };
        exchange(&channel, &message, search, tell);
        assert_eq!(receiver.recv_timeout(BOUND).unwrap(), ErrorKind::BadQuery);
    }
}

#[test]
fn as_many_options_as_fit_are_taken() {
    let option = |number: u16| EdnsOption::Other {
        code: OptionCode(20_000 + number),
        data: Vec::new(),
    };
    let mut message = a("www.example.com");
    let options: Vec<_> = (0..16_000).map(option).collect();
    let edns = Opt {
        options,
        ..Opt::default()
    };
    message.set_edns(Some(&edns)).unwrap();
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    assert_eq!(parsed.edns().unwrap(), Some(edns));
}
