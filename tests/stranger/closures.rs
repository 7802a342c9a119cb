//! Closures that hold odd things.

use std::sync::{Arc, Weak};

use c_ares::{A, Answer, Channel, Result};

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
        let large = [7_u8; 16 << 10];
        let sum = wait(|sender| {
            channel.query::<A>(name, move |_| {
                sender
                    .send(large.iter().map(|byte| usize::from(*byte)).sum::<usize>())
                    .unwrap();
            });
        });
        assert_eq!(sum, 7 * (16 << 10));
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
