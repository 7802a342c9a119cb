//! The calls that may read the hosts file.

use std::ffi::CStr;
use std::net::SocketAddr;
use std::ptr;

use c_ares_sys as sys;

use super::addr::SockAddr;
use super::callback;
use super::context;
use super::handle::Handle;
use super::host::OwnedHost;
use crate::addrinfo::{AddrInfo, Family, Hints, HostsEntry};
use crate::error::{Error, ErrorKind, Result};
use crate::flags::NameInfoFlags;
use crate::nameinfo::NameInfo;

impl Handle {
    /// Asks for the addresses of a host, or without a name for those of this machine.
    pub(crate) fn addrinfo<F>(
        &self,
        name: Option<&CStr>,
        service: Option<&CStr>,
        hints: &Hints,
        closure: F,
    ) where
        F: FnOnce(Result<AddrInfo>) + Send + 'static,
    {
        // One query for IPv4 and one for IPv6 can be under way at once.
        let ids = if name.is_some() { 2 } else { 0 };
        let Some(arg) = self.start(ids, closure, |closure, error| closure(Err(error))) else {
            return;
        };
        let hints = sys::ares_addrinfo_hints {
            ai_flags: hints.flags_to_c(),
            ai_family: hints.family.to_c(),
            ai_socktype: hints.socket_type.0,
            ai_protocol: hints.protocol.0,
        };
        // SAFETY: ares_getaddrinfo(3): the channel is live; name and service are
        // null or NUL-terminated, and they and the hints are copied. `arg` is handed over
        // to the one callback, which comes also where both are null
        // (`ares_getaddrinfo.c`).
        context::call(|| unsafe {
            sys::ares_getaddrinfo(
                self.raw(),
                name.map_or(ptr::null(), CStr::as_ptr),
                service.map_or(ptr::null(), CStr::as_ptr),
                &raw const hints,
                Some(callback::on_addrinfo::<F>),
                arg,
            );
        });
    }

    /// Asks for the names of an address and a port.
    pub(crate) fn nameinfo<F>(&self, address: SocketAddr, flags: NameInfoFlags, closure: F)
    where
        F: FnOnce(Result<NameInfo>) + Send + 'static,
    {
        let Some(arg) = self.start(1, closure, |closure, error| closure(Err(error))) else {
            return;
        };
        let address = SockAddr::from(address);
        let (raw, length) = address.as_raw();
        // SAFETY: ares_getnameinfo(3): the channel is live, the address has that length
        // and is copied, and `arg` is handed over to the one callback.
        context::call(|| unsafe {
            sys::ares_getnameinfo(
                self.raw(),
                raw,
                length,
                flags.to_c(),
                Some(callback::on_nameinfo::<F>),
                arg,
            );
        });
    }

    /// Looks a name up in the hosts file.
    pub(crate) fn hosts_file(&self, name: &CStr, family: Family) -> Result<HostsEntry> {
        self.check("Channel::hosts_file")?;
        // A `hostent` has one family only.
        match family {
            Family::V4 | Family::V6 => self.hosts_file_of_one(name, family),
            Family::Any => {
                let v4 = self.hosts_file_of_one(name, Family::V4);
                let v6 = self.hosts_file_of_one(name, Family::V6);
                match (v4, v6) {
                    (Ok(mut both), Ok(v6)) => {
                        both.addresses.extend(v6.addresses);
                        Ok(both)
                    }
                    (Err(error), other) | (other, Err(error)) if error == ErrorKind::NotFound => {
                        other
                    }
                    (Err(error), _) | (_, Err(error)) => Err(error),
                }
            }
        }
    }

    fn hosts_file_of_one(&self, name: &CStr, family: Family) -> Result<HostsEntry> {
        let mut host = ptr::null_mut();
        // SAFETY: ares_gethostbyname_file(3): the channel is live, the name is
        // NUL-terminated, and the pointer is written: what it is then is ours.
        let (status, host) = unsafe {
            let status = sys::ares_gethostbyname_file(
                self.raw(),
                name.as_ptr(),
                family.to_c(),
                &raw mut host,
            );
            (status, OwnedHost::new(host, family))
        };
        Error::check(status)?;
        host.read()
    }
}
