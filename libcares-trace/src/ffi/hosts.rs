//! What the program asks: hosts, addresses and their names.

#![expect(clippy::too_many_arguments, reason = "the C functions have as many")]

use super::callbacks::{self, Arg, Teller};
use super::calls::{Question, ask, asked};
use super::guard::ours;
use super::layer::inside;
use super::read;
use super::types::{
    AddrInfoHints, AddrinfoCallback, Channel, HostCallback, NameinfoCallback, SUCCESS,
};
use crate::event::{Event, Outcome};
use crate::{names, output, state};
use libc::{c_char, c_int, c_void, hostent, sockaddr, socklen_t};

// As in `calls.rs`: arguments are passed on as they came.

pub(super) type GethostbynameFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_char,
    c_int,
    Option<HostCallback>,
    *mut c_void,
);

pub(super) unsafe fn gethostbyname(
    call: &'static str,
    real: GethostbynameFn,
    channel: *mut Channel,
    name: *const c_char,
    family: c_int,
    callback: Option<HostCallback>,
    arg: *mut c_void,
) {
    let teller = callback.map(|callback| Teller::Host(callback, Arg(arg)));
    // SAFETY: ares_gethostbyname(3): a string.
    let question = || Question::addresses(unsafe { read::string(name) }, family);
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, name, family, Some(callbacks::host), number),
            None => real(channel, name, family, callback, arg),
        }
    });
}

pub(super) type GethostbyaddrFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_void,
    c_int,
    c_int,
    Option<HostCallback>,
    *mut c_void,
);

pub(super) unsafe fn gethostbyaddr(
    call: &'static str,
    real: GethostbyaddrFn,
    channel: *mut Channel,
    address: *const c_void,
    len: c_int,
    family: c_int,
    callback: Option<HostCallback>,
    arg: *mut c_void,
) {
    let teller = callback.map(|callback| Teller::Host(callback, Arg(arg)));
    let question = || {
        let whole = matches!((family, len), (libc::AF_INET, 4) | (libc::AF_INET6, 16));
        // SAFETY: ares_gethostbyaddr(3): `addrlen` bytes, compared with the family's.
        let ip = whole
            .then(|| unsafe { read::ip(family, address) })
            .flatten();
        reverse(ip.map(|ip| ip.to_string()))
    };
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(channel, address, len, family, Some(callbacks::host), number),
            None => real(channel, address, len, family, callback, arg),
        }
    });
}

fn reverse(address: Option<String>) -> Question {
    Question::new(address, String::from("PTR"), String::from("IN"))
}

pub(super) type GetnameinfoFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const sockaddr,
    socklen_t,
    c_int,
    Option<NameinfoCallback>,
    *mut c_void,
);

pub(super) unsafe fn getnameinfo(
    call: &'static str,
    real: GetnameinfoFn,
    channel: *mut Channel,
    address: *const sockaddr,
    len: socklen_t,
    flags: c_int,
    callback: Option<NameinfoCallback>,
    arg: *mut c_void,
) {
    let teller = callback.map(|callback| Teller::Nameinfo(callback, Arg(arg)));
    let question = || {
        // SAFETY: ares_getnameinfo(3): an address of `salen` bytes.
        let address = unsafe { read::socket_address(address, len as usize) };
        let mut question = reverse(address.map(|address| address.to_string()));
        question.detail = (flags != 0).then(|| format!("flags {flags:#x}"));
        question
    };
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(
                channel,
                address,
                len,
                flags,
                Some(callbacks::nameinfo),
                number,
            ),
            None => real(channel, address, len, flags, callback, arg),
        }
    });
}

pub(super) type GetaddrinfoFn = unsafe extern "C-unwind" fn(
    *mut Channel,
    *const c_char,
    *const c_char,
    *const AddrInfoHints,
    Option<AddrinfoCallback>,
    *mut c_void,
);

pub(super) unsafe fn getaddrinfo(
    call: &'static str,
    real: GetaddrinfoFn,
    channel: *mut Channel,
    node: *const c_char,
    service: *const c_char,
    hints: *const AddrInfoHints,
    callback: Option<AddrinfoCallback>,
    arg: *mut c_void,
) {
    let teller = callback.map(|callback| Teller::Addrinfo(callback, Arg(arg)));
    let question = || {
        // SAFETY: ares_getaddrinfo(3): strings and hints, or NULL.
        unsafe {
            let (flags, family) = hints
                .as_ref()
                .map_or((0, 0), |hints| (hints.flags, hints.family));
            let mut question = Question::addresses(read::string(node), family);
            let service = read::string(service).map(|service| format!("service {service}"));
            let flags = (flags != 0).then(|| format!("flags {flags:#x}"));
            let details: Vec<_> = [service, flags].into_iter().flatten().collect();
            question.detail = (!details.is_empty()).then(|| details.join(" "));
            question
        }
    };
    // SAFETY: as above.
    ask(call, channel, teller, question, |ours| unsafe {
        match ours {
            Some(number) => real(
                channel,
                node,
                service,
                hints,
                Some(callbacks::addrinfo),
                number,
            ),
            None => real(channel, node, service, hints, callback, arg),
        }
    });
}

pub(super) type GethostbynameFileFn =
    unsafe extern "C-unwind" fn(*mut Channel, *const c_char, c_int, *mut *mut hostent) -> c_int;

/// The one that answers at once.
pub(super) unsafe fn gethostbyname_file(
    call: &'static str,
    real: GethostbynameFileFn,
    channel: *mut Channel,
    name: *const c_char,
    family: c_int,
    result: *mut *mut hostent,
) -> c_int {
    let asked = ours(None, || {
        // SAFETY: ares_gethostbyname_file(3): a string.
        let question = Question::addresses(unsafe { read::string(name) }, family);
        (!channel.is_null()).then(|| asked(call, channel, question))
    });
    // SAFETY: the program's own call.
    let status = inside(channel, || unsafe { real(channel, name, family, result) });
    ours((), || {
        let Some(asked) = asked else { return };
        let channel = asked.channel;
        let answers = if status == SUCCESS {
            // SAFETY: ares_gethostbyname_file(3): on success there is a hostent.
            unsafe { read::host(*result) }
        } else {
            Vec::new()
        };
        let query = asked.query(Outcome {
            status: Some(status),
            result: names::status(status),
            timeouts: 0,
            inside_call: true,
            answers,
        });
        let mut state = state::lock();
        state
            .summary
            .told(&query.name, &query.kind, status, query.duration);
        state.summary.inside();
        drop(state);
        output::tell(channel, Event::Query(Box::new(query)));
    });
    status
}
