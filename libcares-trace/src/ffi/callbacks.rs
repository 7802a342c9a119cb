//! What the library calls, and what then is called of the program.

use super::guard::{fault, ours};
use super::layer;
use super::read;
use super::record;
use super::types::{
    AddrInfo, AddrinfoCallback, HostCallback, MessageCallback, NameinfoCallback, Record,
    RecordCallback,
};
use crate::event::{Asked, Event, Outcome};
use crate::message::{self, Answer};
use crate::state::{self, Pending};
use crate::{names, output};
use libc::{c_char, c_int, c_uchar, c_void, hostent};

/// A pointer of the program's, which is passed on and nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arg(pub(super) *mut c_void);

// SAFETY: it is never read here; the program gave it to the library, which may
// pass it to a callback on any thread.
unsafe impl Send for Arg {}

/// The program's callback of a question.
#[derive(Clone, Copy)]
pub(crate) enum Teller {
    Message(MessageCallback, Arg),
    Record(RecordCallback, Arg),
    Host(HostCallback, Arg),
    Nameinfo(NameinfoCallback, Arg),
    Addrinfo(AddrinfoCallback, Arg),
}

impl Teller {
    /// The address of the function.
    pub(super) fn address(&self) -> *const c_void {
        match self {
            Teller::Message(callback, _) => *callback as *const c_void,
            Teller::Record(callback, _) => *callback as *const c_void,
            Teller::Host(callback, _) => *callback as *const c_void,
            Teller::Nameinfo(callback, _) => *callback as *const c_void,
            Teller::Addrinfo(callback, _) => *callback as *const c_void,
        }
    }
}

/// The number that stands where the program's argument was.
pub(super) fn as_arg(number: u64) -> *mut c_void {
    std::ptr::without_provenance_mut(number as usize)
}

pub(super) fn number(arg: *const c_void) -> u64 {
    arg.addr() as u64
}

/// What was asked under this number, and who is to be told. Where it is unknown the library
/// has called before, and that call has returned: there is no telling whom.
fn pending(arg: *mut c_void) -> Option<Pending> {
    ours(None, || state::lock().telling(number(arg)))
}

/// The program's callback has returned.
fn told(arg: *mut c_void) {
    ours((), || state::lock().told(number(arg)));
}

/// Tells of an answer, before the program is told: what it gets may be its own from then on.
fn tell(
    arg: *mut c_void,
    asked: Asked,
    status: c_int,
    timeouts: u64,
    answers: impl FnOnce() -> Vec<Answer>,
) {
    ours((), || {
        fault("tell");
        let inside_call = layer::is_asking(number(arg));
        let (channel, address) = (asked.channel, asked.address);
        let query = asked.query(Outcome {
            status: Some(status),
            result: names::status(status),
            timeouts,
            inside_call,
            answers: answers(),
        });
        let mut state = state::lock();
        state
            .summary
            .told(&query.name, &query.kind, status, query.duration);
        state.summary.timeouts(timeouts);
        if inside_call {
            state.summary.inside();
        } else if timeouts == 0 && names::is_servers(status) {
            let known = state
                .known_channel(address)
                .filter(|known| Some(known.id) == channel);
            let only = known.and_then(|known| match &*known.servers {
                [server] => Some(server.clone()),
                _ => None,
            });
            match only {
                Some(server) => {
                    let server = state.summary.server(&server);
                    state.summary.lookup(server, query.duration);
                }
                None if layer::in_program() => state.summary.lookup(None, query.duration),
                None => layer::batch(|batch| batch.lookup(query.duration)),
            }
        }
        drop(state);
        output::tell(channel, Event::Query(Box::new(query)));
    });
}

// What follows is called by the library with what its man pages say of ares_callback,
// ares_callback_dnsrec, ares_host_callback, ares_nameinfo_callback and
// ares_addrinfo_callback: pointers are NULL or valid during the call, and `arg` is what was
// given. All of it is passed on as it came. `extern "C-unwind"`, since what the program's
// function throws goes on through here as it went through the library.

pub(super) unsafe extern "C-unwind" fn message(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    abuf: *mut c_uchar,
    alen: c_int,
) {
    let Some(Pending {
        teller: Teller::Message(callback, theirs),
        asked,
        ..
    }) = pending(arg)
    else {
        return;
    };
    tell(arg, asked, status, timeouts.try_into().unwrap_or(0), || {
        // SAFETY: ares_query(3): `abuf` holds `alen` bytes, or is NULL.
        message::answers(unsafe { read::bytes(abuf, alen) })
    });
    // SAFETY: the program gave this function to be called like this.
    layer::outside(|| unsafe { callback(theirs.0, status, timeouts, abuf, alen) });
    told(arg);
}

pub(super) unsafe extern "C-unwind" fn record(
    arg: *mut c_void,
    status: c_int,
    timeouts: usize,
    record: *const Record,
) {
    let Some(Pending {
        teller: Teller::Record(callback, theirs),
        asked,
        ..
    }) = pending(arg)
    else {
        return;
    };
    tell(arg, asked, status, timeouts as u64, || {
        // SAFETY: ares_query_dnsrec(3): `dnsrec` is valid during the call, or NULL.
        unsafe { record::answers(record) }
    });
    // SAFETY: as above.
    layer::outside(|| unsafe { callback(theirs.0, status, timeouts, record) });
    told(arg);
}

pub(super) unsafe extern "C-unwind" fn host(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    host: *mut hostent,
) {
    let Some(Pending {
        teller: Teller::Host(callback, theirs),
        asked,
        ..
    }) = pending(arg)
    else {
        return;
    };
    tell(arg, asked, status, timeouts.try_into().unwrap_or(0), || {
        // SAFETY: ares_gethostbyname(3): `hostent` is valid during the call, or NULL.
        unsafe { read::host(host) }
    });
    // SAFETY: as above.
    layer::outside(|| unsafe { callback(theirs.0, status, timeouts, host) });
    told(arg);
}

pub(super) unsafe extern "C-unwind" fn nameinfo(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    node: *mut c_char,
    service: *mut c_char,
) {
    let Some(Pending {
        teller: Teller::Nameinfo(callback, theirs),
        asked,
        ..
    }) = pending(arg)
    else {
        return;
    };
    tell(arg, asked, status, timeouts.try_into().unwrap_or(0), || {
        let answer = |kind: &str, text: *const c_char| {
            // SAFETY: ares_getnameinfo(3): each is a string, valid during the call, or NULL.
            let data = unsafe { read::string(text) }?;
            Some(Answer {
                name: String::new(),
                ttl: None,
                kind: kind.to_owned(),
                data,
            })
        };
        [answer("node", node), answer("service", service)]
            .into_iter()
            .flatten()
            .collect()
    });
    // SAFETY: as above.
    layer::outside(|| unsafe { callback(theirs.0, status, timeouts, node, service) });
    told(arg);
}

pub(super) unsafe extern "C-unwind" fn addrinfo(
    arg: *mut c_void,
    status: c_int,
    timeouts: c_int,
    result: *mut AddrInfo,
) {
    let Some(Pending {
        teller: Teller::Addrinfo(callback, theirs),
        asked,
        ..
    }) = pending(arg)
    else {
        return;
    };
    tell(arg, asked, status, timeouts.try_into().unwrap_or(0), || {
        // SAFETY: ares_getaddrinfo(3): `result` is valid, or NULL. It is the program's, which
        // is not told yet, so that it cannot have freed it.
        unsafe { read::addrinfo(result) }
    });
    // SAFETY: as above.
    layer::outside(|| unsafe { callback(theirs.0, status, timeouts, result) });
    told(arg);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Asked;
    use std::cell::Cell;
    use std::time::{Instant, SystemTime};

    thread_local! {
        static CALLS: Cell<u32> = const { Cell::new(0) };
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }

    /// Is called again inside of itself, as c-ares 1.18 does when it cancels everything there.
    unsafe extern "C-unwind" fn again(
        arg: *mut c_void,
        _: c_int,
        _: c_int,
        _: *mut c_uchar,
        _: c_int,
    ) {
        assert_eq!(arg.addr(), 77, "the program's own argument");
        CALLS.set(CALLS.get() + 1);
        if CALLS.get() == 1 {
            call();
        }
    }

    fn call() {
        // SAFETY: no answer comes with it.
        unsafe { message(as_arg(NUMBER.get()), 24, 0, std::ptr::null_mut(), 0) };
    }

    #[test]
    fn a_callback_that_is_called_inside_of_itself_is_passed_on_and_one_after_it_is_not() {
        let asked = Asked {
            call: "ares_query",
            channel: None,
            address: 0,
            name: String::from("name"),
            kind: String::from("A"),
            class: String::from("IN"),
            detail: None,
            start: SystemTime::now(),
            clock: Instant::now(),
            pid: 1,
        };
        let arg = Arg(std::ptr::without_provenance_mut(77));
        NUMBER.set(state::lock().ask(Pending::new(Teller::Message(again, arg), asked)));
        assert_eq!(state::lock().in_flight(1).len(), 1);
        call();
        assert_eq!(CALLS.get(), 2);
        assert_eq!(state::lock().in_flight(1).len(), 0);
        call();
        assert_eq!(CALLS.get(), 2, "nobody knows any more whom to tell");
    }
}
