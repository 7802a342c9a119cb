//! Connections that end in the middle of things, and many threads that drive them.

use std::thread;
use std::time::{Duration, Instant};

use c_ares::{A, Flags};
use testserver::{End, Misbehaviour, Rule, Server};

use crate::Count;
use crate::common::{Driven, ZONE, builder};

const ENDS: [Misbehaviour; 4] = [
    Misbehaviour::HalfFrame(End::Fin),
    Misbehaviour::HalfFrame(End::Reset),
    Misbehaviour::HalfLength(End::Fin),
    Misbehaviour::AtOnce(End::Fin),
];

#[test]
fn many_threads_may_drive_connections_that_end() {
    const LONG: Duration = Duration::from_millis(500);
    let mut server = Server::builder().zone(ZONE);
    for (at, end) in ENDS.into_iter().enumerate() {
        server = server.rule(&format!("*.e{at}.example.com."), Rule::misbehave(end));
    }
    let server = server.start().unwrap();
    let driven = Driven::from(
        builder(&server)
            .flags(Flags::USEVC)
            .timeout(Duration::from_millis(250))
            .max_timeout(Duration::from_millis(50))
            .tries(2),
    );
    let (asked, told) = (Count::default(), Count::default());
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..6 {
            let (driven, server, asked, told) = (&driven, &server, &asked, &told);
            scope.spawn(move || {
                // What was ready a moment ago may be another socket's number by now.
                let mut stale = Vec::new();
                for round in 0.. {
                    if start.elapsed() > LONG {
                        return;
                    }
                    if round % 7 == 0 && asked.get() < 300 {
                        asked.add();
                        let name = format!("n{round}.e{}.example.com", round % 5);
                        driven.channel.query::<A>(name, told.told());
                    }
                    match (thread, round % 100) {
                        (0, 0) => driven.channel.cancel_all().unwrap(),
                        (1, 0) => driven.channel.set_servers([server.address()]).unwrap(),
                        _ => (),
                    }
                    let ready = driven.ready();
                    driven.channel.process(&ready).unwrap();
                    driven.channel.process(&stale).unwrap();
                    stale = ready;
                }
            });
        }
    });
    drop(driven);
    assert!(asked.get() > 0);
    assert_eq!(told.get(), asked.get());
}
