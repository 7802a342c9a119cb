//! The lists of servers: built for one call, handed to it, and freed after it.
//!
//! c-ares copies what it is given (`ares_update_servers.c`), whether the call
//! succeeds or not, so the nodes live in vectors that are dropped here. Which
//! form a list takes depends on what its servers carry:
//!
//! | the servers have        | form                         | call                      |
//! |-------------------------|------------------------------|---------------------------|
//! | an interface (any one)  | text                         | `ares_set_servers_csv`    |
//! | else a port (any one)   | list of `ares_addr_port_node`| `ares_set_servers_ports`  |
//! | addresses alone         | list of `ares_addr_node`     | `ares_set_servers`        |

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_int, c_uint};
use std::net::IpAddr;
use std::ptr;

use c_ares_sys as sys;

use super::addr;
use super::platform::{AF_INET, AF_INET6, has_interface, interface_number};
use crate::error::{Error, ErrorKind, Result};
use crate::server::Server;

/// The ports of servers that name none, for UDP and TCP.
#[derive(Clone, Copy)]
pub(crate) struct Ports(pub(crate) u16, pub(crate) u16);

/// Hands `servers` to c-ares in the form that carries them.
///
/// # Safety
///
/// `channel` is a live channel.
pub(crate) unsafe fn set(
    channel: *mut sys::ares_channel_t,
    servers: &[Server],
    ports: Ports,
) -> Result<()> {
    servers.iter().try_for_each(check)?;
    check_apart(servers, ports)?;
    // SAFETY: the channel is live, as this function asks; the lists are alive
    // during the call and end in null (ares_set_servers(3)), the text in NUL
    // (ares_set_servers_csv(3)).
    let status = unsafe {
        if servers.iter().any(|server| server.interface().is_some()) {
            let text = csv(servers)?;
            sys::ares_set_servers_csv(channel, text.as_ptr())
        } else if servers.iter().any(Server::has_ports) {
            let nodes = linked::<sys::ares_addr_port_node>(servers);
            sys::ares_set_servers_ports(channel, first(&nodes))
        } else {
            let nodes = linked::<sys::ares_addr_node>(servers);
            sys::ares_set_servers(channel, first(&nodes))
        }
    };
    Error::check(status)
}

/// Refuses two servers that c-ares takes for one, though they are reached through different interfaces: it
/// would leave the second out without a word (`ares_update_servers.c`, `ares_server_isdup`).
fn check_apart(servers: &[Server], Ports(udp, tcp): Ports) -> Result<()> {
    let mut seen = HashMap::new();
    for server in servers {
        let Some(interface) = server.interface().and_then(number) else {
            continue;
        };
        let ports = (
            server.udp_port().unwrap_or(udp),
            server.tcp_port().unwrap_or(tcp),
        );
        let place = (server.address(), ports);
        if *seen.entry(place).or_insert(interface) != interface {
            return refuse(
                server,
                "c-ares takes it for the one before with the same address and ports, whose \
                 interface is another",
            );
        }
    }
    Ok(())
}

/// The number of an interface that is written as a name or as a number.
fn number(interface: &str) -> Option<c_uint> {
    let by_name = || CString::new(interface).map(|name| interface_number(&name));
    let number = interface.parse().or_else(|_| by_name()).ok();
    number.filter(|number| *number != 0)
}

fn refuse(server: &Server, reason: &'static str) -> Result<()> {
    Err(ErrorKind::BadServer {
        server: server.to_string(),
        reason,
    }
    .into())
}

/// Refuses what c-ares would leave out without a word, or fail to reach.
fn check(server: &Server) -> Result<()> {
    let refuse = |reason| refuse(server, reason);
    match server.interface() {
        _ if server.is_site_local() => {
            refuse("site-local addresses (fec0::/10) are deprecated, and c-ares leaves them out")
        }
        None if server.is_link_local() => {
            refuse("a link-local address needs its interface, as in fe80::1%eth0")
        }
        Some(interface) if !has_interface(interface) => refuse("this system has no such interface"),
        _ => Ok(()),
    }
}

fn csv(servers: &[Server]) -> Result<CString> {
    let texts: Vec<String> = servers.iter().map(Server::to_string).collect();
    CString::new(texts.join(",")).map_err(|_| ErrorKind::BadString.into())
}

/// One of the two structures that c-ares has for a server.
trait Node: Sized {
    fn new(server: &Server) -> Self;
    fn set_next(&mut self, next: *mut Self);
}

/// The nodes of a list, each pointing to the one behind it.
fn linked<N: Node>(servers: &[Server]) -> Vec<N> {
    let mut nodes: Vec<N> = servers.iter().map(N::new).collect();
    let base = nodes.as_mut_ptr();
    for index in 1..nodes.len() {
        // SAFETY: no C guarantee is needed: both indices are below the length,
        // and the vector does not grow or move any more.
        unsafe { (*base.add(index - 1)).set_next(base.add(index)) };
    }
    nodes
}

fn first<N>(nodes: &[N]) -> *const N {
    if nodes.is_empty() {
        ptr::null()
    } else {
        nodes.as_ptr()
    }
}

impl Node for sys::ares_addr_node {
    fn new(server: &Server) -> Self {
        let (family, addr) = match server.address() {
            IpAddr::V4(v4) => (
                AF_INET,
                sys::ares_addr_node__bindgen_ty_1 {
                    addr4: addr::in_addr(v4),
                },
            ),
            IpAddr::V6(v6) => (
                AF_INET6,
                sys::ares_addr_node__bindgen_ty_1 {
                    addr6: addr::in6_addr(v6),
                },
            ),
        };
        sys::ares_addr_node {
            next: ptr::null_mut(),
            family,
            addr,
        }
    }

    fn set_next(&mut self, next: *mut Self) {
        self.next = next;
    }
}

impl Node for sys::ares_addr_port_node {
    fn new(server: &Server) -> Self {
        let (family, addr) = match server.address() {
            IpAddr::V4(v4) => (
                AF_INET,
                sys::ares_addr_port_node__bindgen_ty_1 {
                    addr4: addr::in_addr(v4),
                },
            ),
            IpAddr::V6(v6) => (
                AF_INET6,
                sys::ares_addr_port_node__bindgen_ty_1 {
                    addr6: addr::in6_addr(v6),
                },
            ),
        };
        // 0 stands for the channel's port.
        let port = |port: Option<u16>| c_int::from(port.unwrap_or(0));
        sys::ares_addr_port_node {
            next: ptr::null_mut(),
            family,
            addr,
            udp_port: port(server.udp_port()),
            tcp_port: port(server.tcp_port()),
        }
    }

    fn set_next(&mut self, next: *mut Self) {
        self.next = next;
    }
}

/// Reads the servers of a channel. Only the text form has everything.
///
/// # Safety
///
/// `channel` is a live channel.
pub(crate) unsafe fn get(channel: *const sys::ares_channel_t) -> Result<Vec<Server>> {
    // SAFETY: as this function asks.
    let text = unsafe { text(channel) }?;
    text.split(',')
        .filter(|server| !server.is_empty())
        .map(str::parse)
        .collect()
}

/// Reads the servers of a channel, with commas between them.
///
/// # Safety
///
/// `channel` is a live channel.
pub(crate) unsafe fn text(channel: *const sys::ares_channel_t) -> Result<String> {
    // SAFETY: the channel is live, as this function asks. The string is ours to
    // free (ares_get_servers_csv(3)), and NULL where there was no memory.
    let text = unsafe { sys::ares_get_servers_csv(channel) };
    if text.is_null() {
        return Err(ErrorKind::NoMemory.into());
    }
    // SAFETY: not null, so NUL-terminated; read before it is freed, and freed
    // once with the function that ares_get_servers_csv(3) names.
    unsafe {
        let servers = CStr::from_ptr(text).to_str().map(str::to_owned);
        sys::ares_free_string(text.cast());
        servers.map_err(|_| ErrorKind::BadString.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_on_two_interfaces_is_refused() {
        for (first, second, apart) in [
            ("fe80::1%1", "fe80::1%2", false),
            ("fe80::1%1", "[fe80::1]:53%2", false),
            ("fe80::1%1", "fe80::1%1", true),
            ("fe80::1%1", "fe80::2%2", true),
            ("[fe80::1]:53%1", "[fe80::1]:54%2", true),
            ("fe80::1%1", "dns://[fe80::1%2]?tcpport=54", true),
        ] {
            let servers = [first, second].map(|text| text.parse::<Server>().unwrap());
            let checked = check_apart(&servers, Ports(53, 53));
            assert_eq!(checked.is_ok(), apart, "{first} {second}");
            if let Err(error) = checked {
                assert!(error.to_string().contains(second), "{error}");
            }
        }
        // By its name and by its number an interface is one.
        #[cfg(target_os = "linux")]
        {
            let servers = ["fe80::1%1", "fe80::1%lo"].map(|text| text.parse().unwrap());
            check_apart(&servers, Ports(53, 53)).unwrap();
        }
    }
}
