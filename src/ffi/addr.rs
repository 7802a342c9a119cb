//! `ares_addrinfo` and `sockaddr`, copied into Rust values.

use std::ffi::{CStr, c_char};
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use c_ares_sys as sys;

use super::platform::{self, AF_INET, AF_INET6, sockaddr_in, sockaddr_in6};
use crate::addrinfo::{AddrInfo, Address, Alias};
use crate::error::{Error, Result};
use crate::name::Name;

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

/// An `ares_addrinfo` that c-ares handed over: ours to free.
pub(crate) struct OwnedAddrInfo(*mut sys::ares_addrinfo);

impl OwnedAddrInfo {
    /// # Safety
    ///
    /// `raw` is null or what an `ares_addrinfo_callback` was given, and nobody else frees it.
    pub(crate) unsafe fn new(raw: *mut sys::ares_addrinfo) -> Self {
        OwnedAddrInfo(raw)
    }

    /// Copies the lists into Rust.
    pub(crate) fn read(&self, timeouts: usize) -> Result<AddrInfo> {
        // SAFETY: ares_getaddrinfo(3): with success the pointer is valid, and its
        // lists and strings belong to it until ares_freeaddrinfo(3).
        unsafe {
            let info = self.0.as_ref().ok_or(Error::BadResponse)?;
            let mut addresses = Vec::new();
            let mut node = info.nodes;
            while let Some(here) = node.as_ref() {
                if let Some(address) = socket_addr(here) {
                    addresses.push(Address {
                        address,
                        ttl: seconds(here.ai_ttl),
                    });
                }
                node = here.ai_next;
            }
            let mut aliases = Vec::new();
            let mut cname = info.cnames;
            while let Some(here) = cname.as_ref() {
                aliases.push(Alias {
                    alias: name(here.alias)?.unwrap_or_else(|| Name::from("")),
                    canonical: name(here.name)?.unwrap_or_else(|| Name::from("")),
                    ttl: seconds(here.ttl),
                });
                cname = here.next;
            }
            Ok(AddrInfo {
                name: name(info.name)?,
                addresses,
                aliases,
                timeouts,
            })
        }
    }
}

impl Drop for OwnedAddrInfo {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: ares_getaddrinfo(3): the callback's result is the caller's
            // to free, once.
            unsafe { sys::ares_freeaddrinfo(self.0) };
        }
    }
}

/// A TTL that c-ares keeps in an `int`.
fn seconds(ttl: i32) -> u32 {
    u32::try_from(ttl).unwrap_or(0)
}

/// # Safety
///
/// `text` is null or a NUL-terminated string.
unsafe fn name(text: *const c_char) -> Result<Option<Name>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: as this function asks.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_str().map_err(|_| Error::BadResponse)?;
    Ok(Some(Name::from(text)))
}

/// # Safety
///
/// The node's `ai_addr` points to `ai_addrlen` bytes.
unsafe fn socket_addr(node: &sys::ares_addrinfo_node) -> Option<SocketAddr> {
    let length = usize::try_from(node.ai_addrlen).ok()?;
    // SAFETY: ares_getaddrinfo(3): the address has the form that `ai_family`
    // says; the length is checked before it is read, and it is read unaligned.
    unsafe {
        match node.ai_family {
            AF_INET if length >= size_of::<sockaddr_in>() => {
                let address = node.ai_addr.cast::<sockaddr_in>().read_unaligned();
                let port = u16::from_be(address.sin_port);
                Some(SocketAddrV4::new(ipv4(&address.sin_addr), port).into())
            }
            AF_INET6 if length >= size_of::<sockaddr_in6>() => {
                let address = node.ai_addr.cast::<sockaddr_in6>().read_unaligned();
                Some(in6(&address).into())
            }
            _ => None,
        }
    }
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
