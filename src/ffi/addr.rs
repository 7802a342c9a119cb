//! Addresses, to and fro: `in_addr`, `ares_in6_addr` and `sockaddr`.

use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;

use c_ares_sys as sys;

use super::platform::{self, AF_INET, AF_INET6, sockaddr_in, sockaddr_in6};

pub(crate) fn ipv4(address: &platform::in_addr) -> Ipv4Addr {
    // SAFETY: no C guarantee is needed: on every system `in_addr` is four bytes
    // in network order, and any four bytes are a value.
    Ipv4Addr::from(unsafe { mem::transmute_copy::<platform::in_addr, [u8; 4]>(address) })
}

pub(crate) fn in_addr(address: Ipv4Addr) -> platform::in_addr {
    // SAFETY: as in `ipv4`.
    unsafe { mem::transmute::<[u8; 4], platform::in_addr>(address.octets()) }
}

pub(crate) fn ipv6(address: &sys::ares_in6_addr) -> Ipv6Addr {
    // SAFETY: the union has one member, sixteen bytes in network order.
    Ipv6Addr::from(unsafe { address._S6_un._S6_u8 })
}

pub(crate) fn in6_addr(address: Ipv6Addr) -> sys::ares_in6_addr {
    sys::ares_in6_addr {
        _S6_un: sys::ares_in6_addr__bindgen_ty_1 {
            _S6_u8: address.octets(),
        },
    }
}

/// A socket address as C takes it.
pub(crate) enum SockAddr {
    V4(sockaddr_in),
    V6(sockaddr_in6),
}

impl SockAddr {
    /// A pointer to it, and its length.
    pub(crate) fn as_raw(&self) -> (*const sys::sockaddr, sys::ares_socklen_t) {
        match self {
            SockAddr::V4(address) => (
                ptr::from_ref(address).cast(),
                size_of::<sockaddr_in>() as sys::ares_socklen_t,
            ),
            SockAddr::V6(address) => (
                ptr::from_ref(address).cast(),
                size_of::<sockaddr_in6>() as sys::ares_socklen_t,
            ),
        }
    }
}

impl From<SocketAddr> for SockAddr {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(address) => {
                // SAFETY: all-zero is a value of this structure of numbers.
                let mut raw: sockaddr_in = unsafe { mem::zeroed() };
                raw.sin_family = AF_INET as _;
                raw.sin_port = address.port().to_be();
                raw.sin_addr = in_addr(*address.ip());
                SockAddr::V4(raw)
            }
            SocketAddr::V6(address) => {
                // SAFETY: all-zero is a value of this structure of numbers.
                let mut raw: sockaddr_in6 = unsafe { mem::zeroed() };
                raw.sin6_family = AF_INET6 as _;
                raw.sin6_port = address.port().to_be();
                raw.sin6_flowinfo = address.flowinfo();
                set_in6(&mut raw, &address);
                SockAddr::V6(raw)
            }
        }
    }
}

#[cfg(unix)]
fn set_in6(raw: &mut sockaddr_in6, address: &SocketAddrV6) {
    raw.sin6_addr.s6_addr = address.ip().octets();
    raw.sin6_scope_id = address.scope_id();
}

#[cfg(windows)]
fn set_in6(raw: &mut sockaddr_in6, address: &SocketAddrV6) {
    raw.sin6_addr.u.Byte = address.ip().octets();
    raw.Anonymous.sin6_scope_id = address.scope_id();
}

/// Reads an address of IPv4 or IPv6.
///
/// # Safety
///
/// `address` is null or points to `length` bytes, which have the form that its family says.
pub(super) unsafe fn socket_addr(
    address: *const sys::sockaddr,
    length: sys::ares_socklen_t,
) -> Option<SocketAddr> {
    let length = usize::try_from(length).ok()?;
    if address.is_null() || length < size_of::<sys::sockaddr>() {
        return None;
    }
    // SAFETY: as this function asks; the length is checked before it is read, and it is
    // read unaligned.
    unsafe {
        match address.read_unaligned().sa_family.into() {
            AF_INET if length >= size_of::<sockaddr_in>() => {
                let address = address.cast::<sockaddr_in>().read_unaligned();
                let port = u16::from_be(address.sin_port);
                Some(SocketAddrV4::new(ipv4(&address.sin_addr), port).into())
            }
            AF_INET6 if length >= size_of::<sockaddr_in6>() => {
                let address = address.cast::<sockaddr_in6>().read_unaligned();
                Some(in6(&address).into())
            }
            _ => None,
        }
    }
}

/// Writes an address where C wants one, and zeros behind it: of the local address of a socket for IPv6
/// c-ares reads as much as such a one has, whatever it was given (`ares_sortaddrinfo.c`, `rfc6724_compare`).
///
/// # Errors
///
/// Where there is room for less than the address has.
///
/// # Safety
///
/// `room` is null, or has room for `length` bytes.
pub(super) unsafe fn write(
    address: SocketAddr,
    room: *mut sys::sockaddr,
    length: *mut sys::ares_socklen_t,
) -> io::Result<()> {
    // SAFETY: as this function asks.
    let Some(length) = (unsafe { length.as_mut() }).filter(|_| !room.is_null()) else {
        return Ok(());
    };
    let address = SockAddr::from(address);
    let (raw, needed) = address.as_raw();
    if *length < needed {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let room = room.cast::<u8>();
    // SAFETY: the room was compared, and the two do not overlap.
    unsafe {
        room.write_bytes(0, *length as usize);
        ptr::copy_nonoverlapping(raw.cast::<u8>(), room, needed as usize);
    }
    *length = needed;
    Ok(())
}

#[cfg(unix)]
fn in6(address: &sockaddr_in6) -> SocketAddrV6 {
    SocketAddrV6::new(
        Ipv6Addr::from(address.sin6_addr.s6_addr),
        u16::from_be(address.sin6_port),
        address.sin6_flowinfo,
        address.sin6_scope_id,
    )
}

#[cfg(windows)]
fn in6(address: &sockaddr_in6) -> SocketAddrV6 {
    // SAFETY: every member of these unions is plain bytes.
    let (octets, scope) = unsafe { (address.sin6_addr.u.Byte, address.Anonymous.sin6_scope_id) };
    SocketAddrV6::new(
        Ipv6Addr::from(octets),
        u16::from_be(address.sin6_port),
        address.sin6_flowinfo,
        scope,
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::net::IpAddr;

    use super::*;
    use crate::ffi::library;
    use crate::name::Name;

    #[test]
    fn a_socket_address_goes_to_c_and_back() {
        for address in ["192.0.2.1:443", "[2001:db8::1]:53", "[fe80::1%7]:65535"] {
            let address: SocketAddr = address.parse().unwrap();
            let raw = SockAddr::from(address);
            let (pointer, length) = raw.as_raw();
            // SAFETY: `raw` is there, and is only read.
            assert_eq!(unsafe { socket_addr(pointer, length) }, Some(address));
        }
    }

    #[test]
    fn what_is_written_has_zeros_behind_it() {
        let write = |address: &str, room: &mut [u8]| {
            let mut length = room.len() as sys::ares_socklen_t;
            // SAFETY: the slice has that many bytes.
            let written = unsafe {
                let room = room.as_mut_ptr().cast();
                super::write(address.parse().unwrap(), room, &raw mut length)
            };
            written.map(|()| usize::try_from(length).unwrap())
        };
        let mut room = [0xff; size_of::<sockaddr_in6>()];
        let length = write("192.0.2.1:443", &mut room).unwrap();
        assert_eq!(length, size_of::<sockaddr_in>());
        assert_eq!(room[4..8], [192, 0, 2, 1]);
        assert!(room[length..].iter().all(|byte| *byte == 0));
        assert_eq!(write("[2001:db8::1]:53", &mut room).unwrap(), room.len());
        let little = &mut room[..size_of::<sockaddr_in>()];
        let kind = write("[2001:db8::1]:53", little).unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_reverse_name_is_the_one_that_c_ares_asks_for() {
        library::ready().unwrap();
        for address in ["192.0.2.80", "0.0.0.0", "2001:db8::80", "::ffff:192.0.2.1"] {
            let address: IpAddr = address.parse().unwrap();
            let raw = match address {
                IpAddr::V4(address) => sys::ares_addr {
                    family: AF_INET,
                    addr: sys::ares_addr__bindgen_ty_1 {
                        addr4: in_addr(address),
                    },
                },
                IpAddr::V6(address) => sys::ares_addr {
                    family: AF_INET6,
                    addr: sys::ares_addr__bindgen_ty_1 {
                        addr6: in6_addr(address),
                    },
                },
            };
            // SAFETY: `ares_dns_record.h`: the address is filled in; the result is a
            // string of ours, to be freed with ares_free_string(3).
            let theirs = unsafe {
                let string = sys::ares_dns_addr_to_ptr(&raw const raw);
                let copy = CStr::from_ptr(string).to_str().unwrap().to_owned();
                sys::ares_free_string(string.cast());
                copy
            };
            assert_eq!(Name::reverse(address).as_str(), theirs);
        }
    }
}
