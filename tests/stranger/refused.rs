//! Queries that are refused before c-ares sees them, asked again by the closure that is told.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use c_ares::{A, Channel, Header, Hints, Message, RecordType};
use testserver::Rule;

use crate::Count;
use crate::common::{builder, channel, server};

/// So often is each asked, in the closure of the one before: more than any stack has room for.
const LINKS: usize = 20_000;

type Ask = fn(&Arc<Channel>, Box<dyn FnOnce() + Send>);

fn again(channel: &Arc<Channel>, ask: Ask, left: usize, told: Count) {
    let next = Arc::clone(channel);
    ask(
        channel,
        Box::new(move || {
            told.add();
            if left > 1 {
                again(&next, ask, left - 1, told);
            }
        }),
    );
}

#[test]
fn refused_queries_may_be_asked_again_for_ever() {
    let asks: [Ask; 7] = [
        |channel, told| channel.query::<A>("nu\0l", |_| told()),
        |channel, told| channel.search_type("nu\0l", RecordType::ANY, |_| told()),
        |channel, told| channel.addrinfo("nu\0l", &Hints::new(), |_| told()),
        |channel, told| channel.addrinfo("a", &Hints::new().service("nu\0l"), |_| told()),
        |channel, told| {
            let message = Message::query("a..b", RecordType::A).unwrap();
            channel.exchange(&message, |_| told());
        },
        |channel, told| {
            let message = Message::new(Header::default()).unwrap();
            channel.search_message(&message, |_| told());
        },
        // No id is left for these.
        |channel, told| channel.query::<A>("www.example.com", |_| told()),
    ];
    let server = server();
    server.rule("silent.example.com", Rule::drop());
    for ask in asks {
        let channel = builder(&server).max_queries(2).build_threaded();
        let channel = Arc::new(channel.unwrap());
        for _ in 0..2 {
            channel.query::<A>("silent.example.com", |_| ());
        }
        let told = Count::default();
        thread::scope(|scope| {
            scope.spawn(|| again(&channel, ask, LINKS, told.clone()));
        });
        told.wait_for(LINKS);
    }
}

/// Panics in the last of so many closures inside of each other.
fn panic_at_last(channel: &Arc<Channel>, left: usize) {
    let next = Arc::clone(channel);
    channel.query::<A>("nu\0l", move |_| match left {
        1 => resume_unwind(Box::new("at last")),
        _ => panic_at_last(&next, left - 1),
    });
}

#[test]
fn a_panic_of_a_refused_query_goes_on_from_its_call() {
    let channel = Arc::new(channel(&server()));
    for links in [1, 2, LINKS] {
        let call = AssertUnwindSafe(|| panic_at_last(&channel, links));
        let payload = catch_unwind(call).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"at last"));
    }
}
