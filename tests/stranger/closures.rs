//! Closures that hold odd things.

use std::sync::{Arc, Weak, mpsc};

use c_ares::{A, Answer, Channel, Hints, Message, NameInfoFlags, RecordType, Result};

use crate::Count;
use crate::common::{channel, send, server, wait};

/// Asks once more when it is dropped.
struct Asks {
    channel: Weak<Channel>,
    dropped: Count,
    left: usize,
}

impl Drop for Asks {
    fn drop(&mut self) {
        self.dropped.add();
        let Some(channel) = self.channel.upgrade() else {
            return;
        };
        if self.left > 0 {
            let next = Asks {
                channel: self.channel.clone(),
                dropped: self.dropped.clone(),
                left: self.left - 1,
            };
            let name = ["mail.example.com", "a..b"][self.left % 2];
            channel.query::<A>(name, move |_| drop(next));
        }
    }
}

#[test]
fn what_a_closure_holds_may_ask_when_it_is_dropped() {
    const LINKS: usize = 2_000;
    let server = server();
    let channel = Arc::new(channel(&server));
    let dropped = Count::default();
    let first = Asks {
        channel: Arc::downgrade(&channel),
        dropped: dropped.clone(),
        left: LINKS,
    };
    channel.query::<A>("mail.example.com", move |_| {
        let _dropped_with_the_closure = &first;
    });
    dropped.wait_for(LINKS + 1);
}

/// A closure that holds much, and sends what it adds up to.
fn large<T>(sender: mpsc::Sender<usize>) -> impl FnOnce(T) + Send + 'static {
    let large = [7_u8; SIZE];
    move |_| {
        let sum = large.iter().map(|byte| usize::from(*byte)).sum();
        sender.send(sum).unwrap();
    }
}

/// Were it moved through the layer as it is, it would take more stack than a thread has.
const SIZE: usize = 128 << 10;

#[test]
fn closures_may_hold_much() {
    let asks: [fn(&Channel, mpsc::Sender<usize>); 7] = [
        |channel, sender| channel.query::<A>("mail.example.com", large(sender)),
        |channel, sender| channel.query::<A>("a..b", large(sender)),
        |channel, sender| channel.query::<A>("nu\0l", large(sender)),
        |channel, sender| channel.addrinfo("mail.example.com", &Hints::new(), large(sender)),
        |channel, sender| {
            let address = "127.0.0.1:1".parse().unwrap();
            channel.nameinfo(address, NameInfoFlags::LOOKUPHOST, large(sender));
        },
        |channel, sender| {
            let message = Message::query("mail.example.com", RecordType::A).unwrap();
            let tell = large(sender);
            channel.exchange(&message, move |response| tell(response.map(drop)));
        },
        // Put off, on a channel whose last owner drops it.
        |channel, sender| {
            let other = crate::common::channel(&server());
            channel.query::<A>("mail.example.com", move |_| {
                other.query::<A>("mail.example.com", large(sender));
            });
        },
    ];
    let server = server();
    let channel = channel(&server);
    for ask in asks {
        assert_eq!(wait(|sender| ask(&channel, sender)), 7 * SIZE);
    }
}

#[test]
fn closures_may_be_of_any_size() {
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    fn nothing(_: Result<Answer<A>>) {}

    let server = server();
    let channel = channel(&server);
    for name in ["mail.example.com", "a..b"] {
        let page = Page([7; 4096]);
        let aligned = wait(|sender| {
            channel.query::<A>(name, move |_| {
                let page = &page;
                let aligned = std::ptr::from_ref(page).addr().is_multiple_of(4096);
                sender.send(aligned && page.0[4095] == 7).unwrap();
            });
        });
        assert!(aligned);
        let dynamic = wait(|sender| {
            let closure: Box<dyn FnOnce(Result<Answer<A>>) + Send> = Box::new(send(sender));
            channel.query::<A>(name, closure);
        });
        assert_eq!(dynamic.is_ok(), name != "a..b");
        channel.query::<A>(name, nothing);
        channel.query::<A>(name, drop);
    }
    assert!(channel.wait_idle(crate::common::BOUND).unwrap());
}
