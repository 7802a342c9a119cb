//! What is configured by calls of its own rather than by `ares_options`.

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use c_ares_sys as sys;

use super::{Handle, Owned};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::options::Options;
use crate::ffi::socket::NewSocket;
use crate::ffi::{callback, context, platform, transport};
use crate::server::{Server, ServerState};
use crate::subnet::Subnet;

/// The closure of `on_server_state`. Counted, because a builder can be cloned.
pub(crate) type ServerStateClosure = Arc<dyn Fn(&ServerState) + Send + Sync>;

/// The closures of `on_socket_created` and `on_socket_configured`.
pub(crate) type NewSocketClosure = Arc<dyn Fn(&NewSocket<'_>) -> io::Result<()> + Send + Sync>;

/// The closure of `on_pending_write`.
pub(crate) type PendingWriteClosure = Arc<dyn Fn() + Send + Sync>;

/// The options without a member in `ares_options`.
#[derive(Clone, Default)]
pub(crate) struct Apart {
    pub(crate) rotate: Option<bool>,
    pub(crate) local_ipv4: Option<Ipv4Addr>,
    pub(crate) local_ipv6: Option<Ipv6Addr>,
    pub(crate) local_device: Option<String>,
    pub(crate) sortlist: Option<Vec<Subnet>>,
    pub(crate) closures: Closures,
}

/// What c-ares calls for the channel as a whole, but for the socket-state closure.
#[derive(Clone, Default)]
pub(crate) struct Closures {
    pub(crate) on_server_state: Option<ServerStateClosure>,
    pub(crate) on_socket_created: Option<NewSocketClosure>,
    /// c-ares ignores this one and the next on a channel with an event thread.
    pub(crate) on_socket_configured: Option<NewSocketClosure>,
    pub(crate) on_pending_write: Option<PendingWriteClosure>,
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apart")
            .field("rotate", &self.rotate)
            .field("local_ipv4", &self.local_ipv4)
            .field("local_ipv6", &self.local_ipv6)
            .field("local_device", &self.local_device)
            .field("sortlist", &self.sortlist)
            .finish_non_exhaustive()
    }
}

/// The same, as C wants it.
pub(super) struct Checked {
    local_ipv4: Option<Ipv4Addr>,
    local_ipv6: Option<Ipv6Addr>,
    local_device: Option<CString>,
    sortlist: Option<CString>,
}

impl Apart {
    /// Refuses what c-ares would ignore, and sets what goes with the options after all.
    pub(super) fn check(&self, options: &mut Options, carried: bool) -> Result<Checked> {
        // Nothing at all leaves it to `resolv.conf`.
        options.mask |= match self.rotate {
            None => 0,
            Some(true) => sys::ARES_OPT_ROTATE,
            Some(false) => sys::ARES_OPT_NOROTATE,
        };
        let bad = |option, value: &dyn fmt::Debug, expected| {
            Error::from(ErrorKind::BadOption {
                option,
                value: format!("{value:?}"),
                expected,
            })
        };
        if let Some(address) = self.local_ipv6.filter(Ipv6Addr::is_unicast_link_local) {
            // c-ares binds without the interface, which no system takes.
            return Err(bad(
                "local_ipv6",
                &address,
                "an address that is not link-local",
            ));
        }
        Ok(Checked {
            local_ipv4: self.local_ipv4,
            local_ipv6: self.local_ipv6,
            local_device: self
                .local_device
                .as_ref()
                .map(|name| {
                    device(name, carried).map_err(|expected| bad("local_device", name, expected))
                })
                .transpose()?,
            sortlist: self
                .sortlist
                .as_deref()
                .map(|subnets| sortlist("sortlist", subnets))
                .transpose()?,
        })
    }
}

/// The most bytes of a name that c-ares keeps, one of which is NUL (`local_dev_name`).
const DEVICE_SIZE: usize = 32;

/// `carried`: the name is for a transport, and nothing to the system.
fn device(name: &str, carried: bool) -> Result<CString, &'static str> {
    if !carried && !cfg!(any(target_os = "linux", target_os = "android")) {
        return Err("a system that binds sockets to devices: Linux or Android");
    }
    match CString::new(name) {
        Err(_) => Err("a name without NUL"),
        Ok(name) if name.as_bytes_with_nul().len() > DEVICE_SIZE => {
            Err("a name shorter than 32 bytes")
        }
        // c-ares does not mind when it cannot bind a socket to its device.
        Ok(name) if !carried && !platform::names_interface(&name) => {
            Err("the name of an interface of this system")
        }
        Ok(name) => Ok(name),
    }
}

fn sortlist(option: &'static str, subnets: &[Subnet]) -> Result<CString> {
    let text: Vec<String> = subnets.iter().map(Subnet::to_string).collect();
    // c-ares keeps the list that it has when it reads an empty one.
    CString::new(text.join(" "))
        .ok()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            ErrorKind::BadOption {
                option,
                value: format!("{subnets:?}"),
                expected: "at least one subnet",
            }
            .into()
        })
}

impl Owned {
    /// Makes the settings of a channel that is new.
    ///
    /// Nobody else may know the channel yet but its event thread.
    pub(super) fn configure(&self, checked: &Checked) -> Result<()> {
        let raw = self.raw.as_ptr();
        // SAFETY: no C guarantee is needed: it is freed after the channel.
        let closures = unsafe { &self.shared.as_ref().closures };
        let data = self.shared.as_ptr().cast();
        // SAFETY: as above.
        if unsafe { self.shared.as_ref() }.carrier.is_some() {
            // SAFETY: the channel is live, and known to no one; `Shared` outlives it.
            unsafe { transport::install(raw, self.shared.as_ptr())? };
        }
        if closures.on_server_state.is_some() {
            // SAFETY: `ares_update_servers.c`: this takes no lock, and no other thread may
            // read or write the callback meanwhile. The event thread reads it when a
            // server has answered or failed (`ares_process.c`), thus after the first
            // query, which is made when this has returned, and under the lock.
            // `data` outlives the channel.
            unsafe {
                sys::ares_set_server_state_callback(raw, Some(callback::on_server_state), data);
            }
        }
        // SAFETY: `ares_socket.c`: as above; these are read when a query makes a connection
        // or is written to one (`ares_conn.c`, `ares_process.c`).
        unsafe {
            if closures.on_socket_created.is_some() {
                sys::ares_set_socket_callback(raw, Some(callback::on_socket_created), data);
            }
            if closures.on_socket_configured.is_some() {
                let trampoline = Some(callback::on_socket_configured as _);
                sys::ares_set_socket_configure_callback(raw, trampoline, data);
            }
            if closures.on_pending_write.is_some() {
                sys::ares_set_pending_write_cb(raw, Some(callback::on_pending_write), data);
            }
        }
        if let Some(address) = checked.local_ipv4 {
            // SAFETY: ares_set_local_ip4(3): the channel is live; the address is in host
            // order.
            unsafe { sys::ares_set_local_ip4(raw, address.into()) };
        }
        if let Some(address) = checked.local_ipv6 {
            // SAFETY: ares_set_local_ip6(3): the channel is live; 16 bytes are copied.
            unsafe { sys::ares_set_local_ip6(raw, address.octets().as_ptr()) };
        }
        if let Some(name) = &checked.local_device {
            // SAFETY: ares_set_local_dev(3): the channel is live; the name ends in NUL, and
            // is copied.
            unsafe { sys::ares_set_local_dev(raw, name.as_ptr()) };
        }
        match &checked.sortlist {
            Some(text) => self.set_sortlist(text),
            None => Ok(()),
        }
    }

    fn set_sortlist(&self, text: &CStr) -> Result<()> {
        // SAFETY: ares_set_sortlist(3): the channel is live; the text ends in NUL, and is
        // read during the call.
        Error::check(unsafe { sys::ares_set_sortlist(self.raw.as_ptr(), text.as_ptr()) })
    }
}

impl Handle {
    pub(crate) fn set_sortlist(&self, subnets: &[Subnet]) -> Result<()> {
        self.check("Channel::set_sortlist")?;
        self.owned.set_sortlist(&sortlist("set_sortlist", subnets)?)
    }

    /// How many queries c-ares has under way.
    pub(crate) fn active_queries(&self) -> Result<usize> {
        self.check("Channel::active_queries")?;
        // SAFETY: ares_queue_active_queries(3): the channel is live.
        Ok(unsafe { sys::ares_queue_active_queries(self.raw()) })
    }

    /// Writes what `on_pending_write` has told of.
    pub(crate) fn write_pending(&self) -> Result<()> {
        const METHOD: &str = "Channel::write_pending";
        self.check_driven(METHOD)?;
        if context::in_callback() {
            return Err(ErrorKind::InCallback { method: METHOD }.into());
        }
        // SAFETY: ares_process_pending_write(3): the channel is live.
        context::call(|| unsafe { sys::ares_process_pending_write(self.raw()) });
        Ok(())
    }
}

/// Reads what c-ares says of a server.
///
/// # Safety
///
/// `server` ends in NUL.
pub(in crate::ffi) unsafe fn server_state(
    server: *const std::ffi::c_char,
    success: bool,
    flags: c_int,
) -> Option<ServerState> {
    // SAFETY: as this function asks.
    let server: Server = unsafe { CStr::from_ptr(server) }
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(ServerState {
        server,
        success,
        tcp: flags & sys::ARES_SERV_STATE_TCP != 0,
    })
}

#[cfg(test)]
mod tests {
    //! Here and not in `tests/`, because nothing of the safe layer goes by the sort list.

    use std::ffi::{c_int, c_void};
    use std::net::Ipv4Addr;

    use c_ares_sys as sys;

    use crate::Channel;

    unsafe extern "C" fn on_host(
        arg: *mut c_void,
        status: c_int,
        _timeouts: c_int,
        host: *mut sys::hostent,
    ) {
        assert_eq!(status, 0);
        // SAFETY: `arg` is the vector of `addresses`; ares_gethostbyname(3): with success
        // the host is valid during the callback, and its list of IPv4 addresses ends in
        // null.
        unsafe {
            let addresses = &mut *arg.cast::<Vec<Ipv4Addr>>();
            let mut list = (*host).h_addr_list;
            while !(*list).is_null() {
                addresses.push(Ipv4Addr::from((*list).cast::<[u8; 4]>().read_unaligned()));
                list = list.add(1);
            }
        }
    }

    /// The addresses of a name of the hosts file, in the order of `ares_gethostbyname`.
    fn addresses(channel: &Channel) -> Vec<Ipv4Addr> {
        let mut addresses: Vec<Ipv4Addr> = Vec::new();
        // SAFETY: ares_gethostbyname(3): the channel is live, and the callback runs during
        // the call, because only the hosts file is asked.
        unsafe {
            sys::ares_gethostbyname(
                channel.handle().raw(),
                c"host.example.com".as_ptr(),
                crate::ffi::platform::AF_INET,
                Some(on_host),
                (&raw mut addresses).cast(),
            );
        }
        addresses
    }

    #[test]
    fn the_sort_list_is_the_builders_then_the_channels() {
        let hosts = tempfile::NamedTempFile::new().unwrap();
        let text = "192.0.2.1 host.example.com\n198.51.100.1 host.example.com\n";
        std::fs::write(&hosts, text).unwrap();
        let builder = Channel::builder()
            .resolv_conf("/dev/null")
            .hosts_file(hosts.path())
            .lookups([crate::LookupSource::Hosts])
            .servers([Ipv4Addr::LOCALHOST]);
        let one = Ipv4Addr::new(192, 0, 2, 1);
        let two = Ipv4Addr::new(198, 51, 100, 1);

        let channel = builder.clone().build_threaded().unwrap();
        assert_eq!(addresses(&channel), [one, two]);
        let channel = builder
            .sortlist(["2001:db8::/32", "198.51.100.0/24"].map(|text| text.parse().unwrap()))
            .build_threaded()
            .unwrap();
        assert_eq!(addresses(&channel), [two, one]);
        channel
            .set_sortlist(["192.0.2.0/24".parse().unwrap()])
            .unwrap();
        assert_eq!(addresses(&channel), [one, two]);
    }
}
