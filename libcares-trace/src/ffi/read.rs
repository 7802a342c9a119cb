//! Values of C, copied into values of Rust.

use super::types::{AddrInfo, AddrNode, AddrPortNode, Options, opt};
use crate::event::Settings;
use crate::message::Answer;
use crate::names;
use crate::text::printable;
use libc::{c_char, c_int, c_uchar, c_void, hostent, sockaddr, sockaddr_in, sockaddr_in6};
use std::ffi::CStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// More than this of one list is not looked at: a list that C got wrong may be a ring.
const MANY: usize = 1000;

/// # Safety
///
/// A string, or NULL.
pub(super) unsafe fn string(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller says.
    Some(printable(unsafe { CStr::from_ptr(text) }.to_bytes()))
}

/// # Safety
///
/// So many bytes, which outlive `'a`, or NULL.
pub(super) unsafe fn bytes<'a>(data: *const c_uchar, len: c_int) -> &'a [u8] {
    match usize::try_from(len) {
        // SAFETY: as the caller says.
        Ok(len) if !data.is_null() => unsafe { std::slice::from_raw_parts(data, len) },
        _ => &[],
    }
}

/// # Safety
///
/// An address of that family, or NULL.
pub(super) unsafe fn ip(family: c_int, address: *const c_void) -> Option<IpAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: as the caller says: 4 or 16 bytes, of no alignment.
    unsafe {
        match family {
            libc::AF_INET => {
                Some(Ipv4Addr::from(address.cast::<[u8; 4]>().read_unaligned()).into())
            }
            libc::AF_INET6 => {
                Some(Ipv6Addr::from(address.cast::<[u8; 16]>().read_unaligned()).into())
            }
            _ => None,
        }
    }
}

/// # Safety
///
/// A socket address of that length, or NULL.
pub(super) unsafe fn socket_address(address: *const sockaddr, len: usize) -> Option<SocketAddr> {
    if address.is_null() || len < size_of::<libc::sa_family_t>() {
        return None;
    }
    // SAFETY: as the caller says; the length is compared with each type that is read.
    unsafe {
        match c_int::from((&raw const (*address).sa_family).read_unaligned()) {
            libc::AF_INET if len >= size_of::<sockaddr_in>() => {
                let v4 = address.cast::<sockaddr_in>().read_unaligned();
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddr::from((ip, u16::from_be(v4.sin_port))))
            }
            libc::AF_INET6 if len >= size_of::<sockaddr_in6>() => {
                let v6 = address.cast::<sockaddr_in6>().read_unaligned();
                let (ip, port) = (
                    Ipv6Addr::from(v6.sin6_addr.s6_addr),
                    u16::from_be(v6.sin6_port),
                );
                Some(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

/// # Safety
///
/// An array of strings that ends with NULL, or NULL.
unsafe fn strings(list: *mut *mut c_char) -> Vec<*mut c_char> {
    let mut found = Vec::new();
    while !list.is_null() && found.len() < MANY {
        // SAFETY: as the caller says; no further than the NULL.
        let one = unsafe { *list.add(found.len()) };
        if one.is_null() {
            break;
        }
        found.push(one);
    }
    found
}

/// # Safety
///
/// A `hostent`, or NULL.
pub(super) unsafe fn host(host: *const hostent) -> Vec<Answer> {
    // SAFETY: as the caller says; gethostbyname(3) says what the members are.
    unsafe {
        let Some(host) = host.as_ref() else {
            return Vec::new();
        };
        let name = string(host.h_name).unwrap_or_default();
        let mut answers = Vec::new();
        for alias in strings(host.h_aliases) {
            answers.push(Answer {
                name: string(alias).unwrap_or_default(),
                ttl: None,
                kind: String::from("alias of"),
                data: name.clone(),
            });
        }
        for address in strings(host.h_addr_list) {
            if let Some(ip) = ip(host.h_addrtype, address.cast()) {
                answers.push(of_ip(&name, None, ip));
            }
        }
        answers
    }
}

fn of_ip(name: &str, ttl: Option<u32>, ip: IpAddr) -> Answer {
    Answer {
        name: name.to_owned(),
        ttl,
        kind: String::from(if ip.is_ipv4() { "A" } else { "AAAA" }),
        data: ip.to_string(),
    }
}

/// # Safety
///
/// An `ares_addrinfo`, or NULL.
pub(super) unsafe fn addrinfo(result: *const AddrInfo) -> Vec<Answer> {
    // SAFETY: as the caller says; ares_getaddrinfo(3) says what the members are.
    unsafe {
        let Some(result) = result.as_ref() else {
            return Vec::new();
        };
        let name = string(result.name).unwrap_or_default();
        let mut answers = Vec::new();
        let mut cname = result.cnames;
        while let Some(one) = cname.as_ref() {
            answers.push(Answer {
                name: string(one.alias).unwrap_or_default(),
                ttl: u32::try_from(one.ttl).ok(),
                kind: String::from("CNAME"),
                data: string(one.name).unwrap_or_default(),
            });
            cname = if answers.len() < MANY {
                one.next
            } else {
                std::ptr::null_mut()
            };
        }
        let mut node = result.nodes;
        while let Some(one) = node.as_ref() {
            if let Some(address) = socket_address(one.addr, one.addrlen as usize) {
                answers.push(of_ip(&name, u32::try_from(one.ttl).ok(), address.ip()));
            }
            node = if answers.len() < MANY {
                one.next
            } else {
                std::ptr::null_mut()
            };
        }
        answers
    }
}

/// # Safety
///
/// A list of servers, or NULL.
pub(super) unsafe fn servers(mut node: *const AddrNode) -> Vec<String> {
    let mut servers = Vec::new();
    // SAFETY: ares_set_servers(3): a list that ends with NULL; the address is of the family.
    unsafe {
        while let Some(one) = node.as_ref() {
            let ip = ip(one.family, (&raw const one.addr).cast());
            servers.push(ip.map_or_else(|| String::from("?"), |ip| ip.to_string()));
            node = if servers.len() < MANY {
                one.next
            } else {
                std::ptr::null_mut()
            };
        }
    }
    servers
}

/// # Safety
///
/// A list of servers with ports, or NULL.
pub(super) unsafe fn servers_ports(mut node: *const AddrPortNode, port: u16) -> Vec<String> {
    let mut servers = Vec::new();
    // SAFETY: ares_set_servers_ports(3): as above.
    unsafe {
        while let Some(one) = node.as_ref() {
            let own = u16::try_from(one.udp_port).unwrap_or(0);
            let port = if own == 0 { port } else { own };
            let ip = ip(one.family, (&raw const one.addr).cast());
            let text = ip.map(|ip| SocketAddr::from((ip, port)).to_string());
            servers.push(text.unwrap_or_else(|| String::from("?")));
            node = if servers.len() < MANY {
                one.next
            } else {
                std::ptr::null_mut()
            };
        }
    }
    servers
}

/// # Safety
///
/// Options of which the members that the mask names are valid.
pub(super) unsafe fn settings(options: *const Options, mask: c_int) -> Settings {
    /// A member, if the mask has its bit.
    macro_rules! member {
        ($bit:ident, $member:ident) => {
            // SAFETY: as the caller says; where the program's structure ends before other
            // members, they are not touched.
            (mask & opt::$bit != 0).then(|| unsafe { (&raw const (*options).$member).read() })
        };
    }
    let timeout = match mask & opt::TIMEOUTMS != 0 {
        true => member!(TIMEOUTMS, timeout).map(i64::from),
        false => member!(TIMEOUT, timeout).map(|seconds| i64::from(seconds) * 1000),
    };
    let count = member!(DOMAINS, ndomains).and_then(|count| usize::try_from(count).ok());
    let domains = member!(DOMAINS, domains).map(|domains| {
        let count = if domains.is_null() {
            0
        } else {
            count.unwrap_or(0).min(MANY)
        };
        // SAFETY: ares_init_options(3): an array of so many strings.
        (0..count)
            .filter_map(|index| unsafe { string(*domains.add(index)) })
            .collect()
    });
    // SAFETY: ares_init_options(3): strings.
    let text = |text: Option<*mut c_char>| text.and_then(|text| unsafe { string(text) });
    let failover = member!(SERVER_FAILOVER, server_failover_opts);
    Settings {
        flags: member!(FLAGS, flags).map(names::flags),
        timeout_ms: timeout,
        max_timeout_ms: member!(MAXTIMEOUTMS, maxtimeout),
        tries: member!(TRIES, tries),
        ndots: member!(NDOTS, ndots),
        udp_port: member!(UDP_PORT, udp_port),
        tcp_port: member!(TCP_PORT, tcp_port),
        domains,
        lookups: text(member!(LOOKUPS, lookups)),
        rotate: (mask & opt::ROTATE != 0).then_some(true),
        sortlist: member!(SORTLIST, nsort),
        send_buffer: member!(SOCK_SNDBUF, socket_send_buffer_size),
        receive_buffer: member!(SOCK_RCVBUF, socket_receive_buffer_size),
        edns_size: member!(EDNSPSZ, ednspsz),
        resolvconf: text(member!(RESOLVCONF, resolvconf_path)),
        hosts: text(member!(HOSTS_FILE, hosts_path)),
        udp_max_queries: member!(UDP_MAX_QUERIES, udp_max_queries),
        cache_max_ttl: member!(QUERY_CACHE, qcache_max_ttl),
        event_thread: member!(EVENT_THREAD, evsys).map(names::event_system),
        failover_chance: failover.map(|failover| failover.retry_chance),
        failover_delay_ms: failover.map(|failover| failover.retry_delay),
    }
}
