//! What the machine says of itself, told to c-ares by the test instead: the functions of
//! the C library that it asks are defined here, and the linker takes these. So the tests do
//! not depend on `/etc/services` and on the name of the machine.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// Name, port, protocol. One name is a number, and one is Latin-1.
const SERVICES: &[(&CStr, u16, &CStr)] = &[
    (c"https", 443, c"tcp"),
    (c"quic", 443, c"udp"),
    (c"signalling", 443, c"sctp"),
    (c"datagrams", 443, c"dccp"),
    (c"1234", 4321, c"tcp"),
    (c"caf\xe9", 7777, c"tcp"),
];

/// The domain of this is what `NOFQDN` leaves out.
const HOSTNAME: &CStr = c"box.example.com";

/// # Safety
///
/// As in C: `name` has room for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn gethostname(name: *mut c_char, length: usize) -> c_int {
    let bytes = HOSTNAME.to_bytes_with_nul();
    if bytes.len() > length {
        return -1;
    }
    // SAFETY: as this function asks, and there is room.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), name, bytes.len()) };
    0
}

/// # Safety
///
/// As in C: the texts are NUL-terminated, and the places can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn getservbyname_r(
    name: *const c_char,
    protocol: *const c_char,
    place: *mut libc::servent,
    _buffer: *mut c_char,
    _length: usize,
    result: *mut *mut libc::servent,
) -> c_int {
    // SAFETY: as this function asks.
    unsafe {
        let (name, protocol) = (CStr::from_ptr(name), CStr::from_ptr(protocol));
        answer(place, result, |service| {
            service.0 == name && service.2 == protocol
        })
    }
}

/// # Safety
///
/// As in C: the text is NUL-terminated, and the places can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn getservbyport_r(
    port: c_int,
    protocol: *const c_char,
    place: *mut libc::servent,
    _buffer: *mut c_char,
    _length: usize,
    result: *mut *mut libc::servent,
) -> c_int {
    // SAFETY: as this function asks.
    unsafe {
        let protocol = CStr::from_ptr(protocol);
        answer(place, result, |service| {
            c_int::from(service.1.to_be()) == port && service.2 == protocol
        })
    }
}

/// # Safety
///
/// The places can be written.
unsafe fn answer(
    place: *mut libc::servent,
    result: *mut *mut libc::servent,
    is_it: impl Fn(&(&CStr, u16, &CStr)) -> bool,
) -> c_int {
    let Some((name, port, protocol)) = SERVICES.iter().find(|service| is_it(service)) else {
        // SAFETY: as this function asks.
        unsafe { *result = ptr::null_mut() };
        return 0;
    };
    // SAFETY: as this function asks; nobody writes to the texts.
    unsafe {
        *place = libc::servent {
            s_name: name.as_ptr().cast_mut(),
            s_aliases: ptr::null_mut(),
            s_port: c_int::from(port.to_be()),
            s_proto: protocol.as_ptr().cast_mut(),
        };
        *result = place;
    }
    0
}
