//! What the program asks: messages. `hosts.rs` has the rest.

#![expect(clippy::too_many_arguments, reason = "the C functions have as many")]

use super::callbacks::{self, Arg, Teller, as_arg};
use super::guard::{fault, ours};
use super::layer::{asking, inside};
use super::types::{Channel, MessageCallback, Record, RecordCallback};
use super::{read, record, symbol};
use crate::event::Asked;
use crate::message;
use crate::state::{self, Pending};
use libc::{c_char, c_int, c_uchar, c_ushort, c_void};
use std::time::{Instant, SystemTime};

/// What a question is about.
pub(super) struct Question {
    name: String,
    kind: String,
    class: String,
    pub(super) detail: Option<String>,
}

impl Question {
    pub(super) fn new(name: Option<String>, kind: String, class: String) -> Question {
        let name = name.unwrap_or_else(|| String::from("(none)"));
        Question {
            name,
            kind,
            class,
            detail: None,
        }
    }

    /// For addresses of a family.
    pub(super) fn addresses(name: Option<String>, family: c_int) -> Question {
        let kind = match family {
            libc::AF_INET => String::from("A"),
            libc::AF_INET6 => String::from("AAAA"),
            libc::AF_UNSPEC => String::from("A+AAAA"),
            other => format!("family {other}"),
        };
        Question::new(name, kind, String::from("IN"))
    }
}

pub(super) fn asked(call: &'static str, channel: *const Channel, question: Question) -> Asked {
    Asked {
        call,
        channel: Some(state::lock().channel(channel.addr()).id),
        address: channel.addr(),
        name: question.name,
        kind: question.kind,
        class: question.class,
        detail: question.detail,
        start: SystemTime::now(),
        clock: Instant::now(),
        pid: std::process::id(),
    }
}

/// Asks, with our callback and a number in place of the program's callback and argument; or
/// with what the program gave, where the library would call nobody, or asks itself.
pub(super) fn ask<R>(
    call: &'static str,
    channel: *const Channel,
    teller: Option<Teller>,
    question: impl FnOnce() -> Question,
    go: impl FnOnce(Option<*mut c_void>) -> R,
) -> R {
    let (false, Some(teller)) = (channel.is_null(), teller) else {
        return inside(channel, || go(None));
    };
    let number = ours(None, || {
        if symbol::is_internal(teller.address()) {
            return Some(None);
        }
        fault("ask");
        let asked = asked(call, channel, question());
        Some(Some(state::lock().ask(Pending::new(teller, asked))))
    });
    match number {
        Some(Some(number)) => asking(channel, number, || go(Some(as_arg(number)))),
        // The library asks, on a thread of its own.
        Some(None) => go(None),
        None => inside(channel, || go(None)),
    }
}

// Each of these has the arguments of the function of that name, after the library's own. They are
// passed on as they came; what is read before is valid, since the library would read it.

pub(super) type QueryFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_char,
    c_int,
    c_int,
    Option<MessageCallback>,
    *mut c_void,
);

pub(super) unsafe fn query(
    call: &'static str,
    real: QueryFn,
    channel: *mut Channel,
    name: *const c_char,
    class: c_int,
    kind: c_int,
    callback: Option<MessageCallback>,
    arg: *mut c_void,
) {
    // Without a name nobody is called.
    let teller = callback
        .filter(|_| !name.is_null())
        .map(|callback| Teller::Message(callback, Arg(arg)));
    let question = || {
        // SAFETY: ares_query(3): a string.
        let name = unsafe { read::string(name) };
        Question::new(name, message::kind(kind), message::class(class))
    };
    // SAFETY: the program's own call, with a callback that stands for the program's.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, name, class, kind, Some(callbacks::message), number),
            None => real(channel, name, class, kind, callback, arg),
        }
    });
}

pub(super) type SendFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_uchar,
    c_int,
    Option<MessageCallback>,
    *mut c_void,
);

pub(super) unsafe fn send(
    call: &'static str,
    real: SendFn,
    channel: *mut Channel,
    qbuf: *const c_uchar,
    qlen: c_int,
    callback: Option<MessageCallback>,
    arg: *mut c_void,
) {
    let teller = callback.map(|callback| Teller::Message(callback, Arg(arg)));
    // SAFETY: ares_send(3): `qbuf` holds `qlen` bytes.
    let question = || of_message(message::question(unsafe { read::bytes(qbuf, qlen) }));
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, qbuf, qlen, Some(callbacks::message), number),
            None => real(channel, qbuf, qlen, callback, arg),
        }
    });
}

/// The question of a message that the program made.
fn of_message(question: Option<(String, String, String)>) -> Question {
    match question {
        Some((name, kind, class)) => Question::new(Some(name), kind, class),
        None => Question::new(
            Some(String::from("(unreadable)")),
            String::from("?"),
            String::from("?"),
        ),
    }
}

pub(super) type QueryDnsrecFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_char,
    c_int,
    c_int,
    Option<RecordCallback>,
    *mut c_void,
    *mut c_ushort,
) -> c_int;

pub(super) unsafe fn query_dnsrec(
    call: &'static str,
    real: QueryDnsrecFn,
    channel: *mut Channel,
    name: *const c_char,
    class: c_int,
    kind: c_int,
    callback: Option<RecordCallback>,
    arg: *mut c_void,
    qid: *mut c_ushort,
) -> c_int {
    let teller = callback.map(|callback| Teller::Record(callback, Arg(arg)));
    let question = || {
        // SAFETY: ares_query_dnsrec(3): a string.
        let name = unsafe { read::string(name) };
        Question::new(name, message::kind(kind), message::class(class))
    };
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(
                channel,
                name,
                class,
                kind,
                Some(callbacks::record),
                number,
                qid,
            ),
            None => real(channel, name, class, kind, callback, arg, qid),
        }
    })
}

pub(super) type SearchDnsrecFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const Record,
    Option<RecordCallback>,
    *mut c_void,
) -> c_int;

pub(super) unsafe fn search_dnsrec(
    call: &'static str,
    real: SearchDnsrecFn,
    channel: *mut Channel,
    record: *const Record,
    callback: Option<RecordCallback>,
    arg: *mut c_void,
) -> c_int {
    // Without a message nobody is called.
    let teller = callback
        .filter(|_| !record.is_null())
        .map(|callback| Teller::Record(callback, Arg(arg)));
    // SAFETY: ares_search_dnsrec(3): a message of the library.
    let question = || of_message(unsafe { record::question(record) });
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, record, Some(callbacks::record), number),
            None => real(channel, record, callback, arg),
        }
    })
}

pub(super) type SendDnsrecFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const Record,
    Option<RecordCallback>,
    *mut c_void,
    *mut c_ushort,
) -> c_int;

pub(super) unsafe fn send_dnsrec(
    call: &'static str,
    real: SendDnsrecFn,
    channel: *mut Channel,
    record: *const Record,
    callback: Option<RecordCallback>,
    arg: *mut c_void,
    qid: *mut c_ushort,
) -> c_int {
    let teller = callback
        .filter(|_| !record.is_null())
        .map(|callback| Teller::Record(callback, Arg(arg)));
    // SAFETY: ares_send_dnsrec(3): a message of the library.
    let question = || of_message(unsafe { record::question(record) });
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, record, Some(callbacks::record), number, qid),
            None => real(channel, record, callback, arg, qid),
        }
    })
}
