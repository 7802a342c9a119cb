//! What is known of a host: `ares_addrinfo` and `hostent`, copied into Rust values.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, c_char};
use std::net::IpAddr;

use c_ares_sys as sys;

use super::addr::socket_addr;
use crate::addrinfo::{AddrInfo, Address, Alias, Family, HostsEntry, Protocol, SocketType};
use crate::error::{ErrorKind, Result};
use crate::name::Name;

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
        // lists, addresses and strings belong to it until ares_freeaddrinfo(3).
        unsafe {
            let info = self.0.as_ref().ok_or(ErrorKind::BadResponse)?;
            let mut addresses = Vec::new();
            let mut node = info.nodes;
            while let Some(here) = node.as_ref() {
                if let Some(address) = socket_addr(here.ai_addr, here.ai_addrlen) {
                    addresses.push(Address {
                        address,
                        socket_type: SocketType(here.ai_socktype),
                        protocol: Protocol(here.ai_protocol),
                        ttl: seconds(here.ai_ttl),
                    });
                }
                node = here.ai_next;
            }
            let mut canonical = name(info.name)?;
            let mut aliases = Aliases::default();
            let mut cname = info.cnames;
            while let Some(here) = cname.as_ref() {
                let target = name(here.name)?;
                if let (Some(alias), Some(target)) = (name(here.alias)?, &target) {
                    aliases.add(alias, target.clone(), seconds(here.ttl));
                }
                // Without an alias it tells the canonical name and nothing else.
                canonical = target.or(canonical);
                cname = here.next;
            }
            Ok(AddrInfo {
                name: canonical,
                addresses,
                aliases: aliases.list,
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

/// Aliases, each once: the answers for IPv4 and for IPv6 both tell them.
#[derive(Default)]
struct Aliases {
    list: Vec<Alias>,
    known: HashMap<(Name, Name), usize>,
}

impl Aliases {
    fn add(&mut self, alias: Name, canonical: Name, ttl: u32) {
        match self.known.entry((alias.clone(), canonical.clone())) {
            Entry::Occupied(known) => {
                let known = &mut self.list[*known.get()];
                known.ttl = known.ttl.min(ttl);
            }
            Entry::Vacant(place) => {
                place.insert(self.list.len());
                self.list.push(Alias {
                    alias,
                    canonical,
                    ttl,
                });
            }
        }
    }
}

/// A `hostent` that c-ares handed over: ours to free.
pub(crate) struct OwnedHost {
    raw: *mut sys::hostent,
    family: Family,
}

impl OwnedHost {
    /// # Safety
    ///
    /// `raw` is null or what c-ares gave for this one family, and nobody else frees it.
    pub(crate) unsafe fn new(raw: *mut sys::hostent, family: Family) -> Self {
        OwnedHost { raw, family }
    }

    /// Copies name, aliases and addresses into Rust.
    pub(crate) fn read(&self) -> Result<HostsEntry> {
        // SAFETY: `ares_addrinfo2hostent.c`: a `hostent` of one family; its lists
        // end in null, and may be null themselves; each address has the length of its
        // family. All of it lives until ares_free_hostent(3).
        unsafe {
            let host = self.raw.as_ref().ok_or(ErrorKind::NotFound)?;
            let mut aliases = Vec::new();
            for alias in pointers(host.h_aliases.cast()) {
                aliases.extend(name(alias)?);
            }
            // For localhost c-ares adds the loopback address to those of the file, though it be there.
            let mut seen = HashSet::new();
            let addresses = pointers(host.h_addr_list.cast())
                .map(|bytes| match self.family {
                    Family::V6 => IpAddr::from(bytes.cast::<[u8; 16]>().read()),
                    _ => IpAddr::from(bytes.cast::<[u8; 4]>().read()),
                })
                .filter(|address| seen.insert(*address))
                .collect();
            Ok(HostsEntry {
                name: name(host.h_name.cast())?.ok_or(ErrorKind::NotFound)?,
                aliases,
                addresses,
            })
        }
    }
}

impl Drop for OwnedHost {
    fn drop(&mut self) {
        // SAFETY: ares_gethostbyname_file(3): the result is the caller's to free, once;
        // `ares_free_hostent.c` takes null as well.
        unsafe { sys::ares_free_hostent(self.raw) };
    }
}

/// The members of a list that ends in null.
///
/// # Safety
///
/// `list` is null or such a list, and outlives the iterator.
unsafe fn pointers(mut list: *const *const c_char) -> impl Iterator<Item = *const c_char> {
    std::iter::from_fn(move || {
        // SAFETY: as this function asks: nothing is read behind the null.
        unsafe {
            let item = list.as_ref().copied().filter(|item| !item.is_null())?;
            list = list.add(1);
            Some(item)
        }
    })
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
    let text = text.to_str().map_err(|_| ErrorKind::BadResponse)?;
    Ok(Some(Name::from(text)))
}

/// Copies a text that need not be UTF-8.
///
/// # Safety
///
/// `text` is null or a NUL-terminated string.
pub(super) unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as this function asks.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::mem;
    use std::ptr;

    use super::*;

    #[test]
    fn an_addrinfo_may_have_no_addresses() {
        // SAFETY: all-zero is a value of this structure of pointers.
        let mut raw: sys::ares_addrinfo = unsafe { mem::zeroed() };
        // SAFETY: it is there, and nobody frees it.
        let info = mem::ManuallyDrop::new(unsafe { OwnedAddrInfo::new(&raw mut raw) });
        let info = info.read(0).unwrap();
        assert_eq!(
            (info.name, info.addresses, info.aliases.len()),
            (None, vec![], 0)
        );
        // SAFETY: null is what it may be.
        let none = unsafe { OwnedAddrInfo::new(ptr::null_mut()) };
        assert_eq!(none.read(0).unwrap_err(), ErrorKind::BadResponse);
    }

    #[test]
    fn the_lists_of_a_hostent_may_be_null() {
        // SAFETY: all-zero is a value of this structure of pointers and numbers.
        let mut raw: sys::hostent = unsafe { mem::zeroed() };
        raw.h_name = c"host.example.com".as_ptr().cast_mut().cast();
        // SAFETY: it is there, and nobody frees it.
        let host = mem::ManuallyDrop::new(unsafe { OwnedHost::new(&raw mut raw, Family::V4) });
        let host = host.read().unwrap();
        assert_eq!(host.name, Name::from("host.example.com"));
        assert_eq!((host.aliases, host.addresses), (vec![], vec![]));
    }

    #[test]
    fn of_an_alias_told_twice_the_shorter_ttl_counts() {
        for (first, second) in [(60, 300), (300, 60)] {
            let mut aliases = Aliases::default();
            aliases.add("a.example".into(), "b.example".into(), first);
            aliases.add("A.example".into(), "b.example".into(), second);
            aliases.add("a.example".into(), "c.example".into(), 1);
            let ttls: Vec<u32> = aliases.list.iter().map(|alias| alias.ttl).collect();
            assert_eq!(ttls, [60, 1]);
        }
    }
}
