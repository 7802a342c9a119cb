//! The types of `ares.h`, as far as they are read or written here.
//!
//! Enums of C are plain integers: a newer library may say what we do not know. Their
//! layout is that of every release from 1.18 on; a test compares them with the
//! bindings that are generated from the headers.

use libc::{c_char, c_int, c_uchar, c_uint, c_ushort, c_void, hostent, in_addr, sockaddr};

/// `ares_channel_t`, of which nothing is known.
pub(crate) type Channel = c_void;
/// `ares_dns_record_t`.
pub(crate) type Record = c_void;
/// `ares_dns_rr_t`.
pub(crate) type Rr = c_void;

pub(crate) type MessageCallback =
    unsafe extern "C-unwind" fn(*mut c_void, c_int, c_int, *mut c_uchar, c_int);
pub(crate) type RecordCallback =
    unsafe extern "C-unwind" fn(*mut c_void, c_int, usize, *const Record);
pub(crate) type HostCallback = unsafe extern "C-unwind" fn(*mut c_void, c_int, c_int, *mut hostent);
pub(crate) type NameinfoCallback =
    unsafe extern "C-unwind" fn(*mut c_void, c_int, c_int, *mut c_char, *mut c_char);
pub(crate) type AddrinfoCallback =
    unsafe extern "C-unwind" fn(*mut c_void, c_int, c_int, *mut AddrInfo);

pub(crate) type SockStateCallback = unsafe extern "C-unwind" fn(*mut c_void, c_int, c_int, c_int);
/// Of a socket that was created, or is to be configured.
pub(crate) type SocketCallback = unsafe extern "C-unwind" fn(c_int, c_int, *mut c_void) -> c_int;
pub(crate) type ServerStateCallback =
    unsafe extern "C-unwind" fn(*const c_char, c_int, c_int, *mut c_void);
pub(crate) type PendingWriteCallback = unsafe extern "C-unwind" fn(*mut c_void);

#[repr(C)]
pub(crate) struct Options {
    pub(crate) flags: c_int,
    pub(crate) timeout: c_int,
    pub(crate) tries: c_int,
    pub(crate) ndots: c_int,
    pub(crate) udp_port: c_ushort,
    pub(crate) tcp_port: c_ushort,
    pub(crate) socket_send_buffer_size: c_int,
    pub(crate) socket_receive_buffer_size: c_int,
    pub(crate) servers: *mut in_addr,
    pub(crate) nservers: c_int,
    pub(crate) domains: *mut *mut c_char,
    pub(crate) ndomains: c_int,
    pub(crate) lookups: *mut c_char,
    pub(crate) sock_state_cb: Option<SockStateCallback>,
    pub(crate) sock_state_cb_data: *mut c_void,
    pub(crate) sortlist: *mut c_void,
    pub(crate) nsort: c_int,
    pub(crate) ednspsz: c_int,
    // 1.18 ends with the next one; programs built for it have no more.
    pub(crate) resolvconf_path: *mut c_char,
    pub(crate) hosts_path: *mut c_char,
    pub(crate) udp_max_queries: c_int,
    pub(crate) maxtimeout: c_int,
    pub(crate) qcache_max_ttl: c_uint,
    pub(crate) evsys: c_uint,
    pub(crate) server_failover_opts: ServerFailover,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ServerFailover {
    pub(crate) retry_chance: c_ushort,
    pub(crate) retry_delay: usize,
}

/// The bits of an option mask.
pub(crate) mod opt {
    use libc::c_int;

    pub(crate) const FLAGS: c_int = 1 << 0;
    pub(crate) const TIMEOUT: c_int = 1 << 1;
    pub(crate) const TRIES: c_int = 1 << 2;
    pub(crate) const NDOTS: c_int = 1 << 3;
    pub(crate) const UDP_PORT: c_int = 1 << 4;
    pub(crate) const TCP_PORT: c_int = 1 << 5;
    pub(crate) const SERVERS: c_int = 1 << 6;
    pub(crate) const DOMAINS: c_int = 1 << 7;
    pub(crate) const LOOKUPS: c_int = 1 << 8;
    pub(crate) const SOCK_STATE_CB: c_int = 1 << 9;
    pub(crate) const SORTLIST: c_int = 1 << 10;
    pub(crate) const SOCK_SNDBUF: c_int = 1 << 11;
    pub(crate) const SOCK_RCVBUF: c_int = 1 << 12;
    pub(crate) const TIMEOUTMS: c_int = 1 << 13;
    pub(crate) const ROTATE: c_int = 1 << 14;
    pub(crate) const EDNSPSZ: c_int = 1 << 15;
    pub(crate) const RESOLVCONF: c_int = 1 << 17;
    pub(crate) const HOSTS_FILE: c_int = 1 << 18;
    pub(crate) const UDP_MAX_QUERIES: c_int = 1 << 19;
    pub(crate) const MAXTIMEOUTMS: c_int = 1 << 20;
    pub(crate) const QUERY_CACHE: c_int = 1 << 21;
    pub(crate) const EVENT_THREAD: c_int = 1 << 22;
    pub(crate) const SERVER_FAILOVER: c_int = 1 << 23;
    /// All that 1.34 knows.
    pub(crate) const KNOWN: c_int = (1 << 24) - 1;
}

#[repr(C)]
pub(crate) struct AddrInfo {
    pub(crate) cnames: *mut AddrInfoCname,
    pub(crate) nodes: *mut AddrInfoNode,
    pub(crate) name: *mut c_char,
}

#[repr(C)]
pub(crate) struct AddrInfoCname {
    pub(crate) ttl: c_int,
    pub(crate) alias: *mut c_char,
    pub(crate) name: *mut c_char,
    pub(crate) next: *mut AddrInfoCname,
}

#[repr(C)]
pub(crate) struct AddrInfoNode {
    pub(crate) ttl: c_int,
    pub(crate) flags: c_int,
    pub(crate) family: c_int,
    pub(crate) socktype: c_int,
    pub(crate) protocol: c_int,
    pub(crate) addrlen: libc::socklen_t,
    pub(crate) addr: *mut sockaddr,
    pub(crate) next: *mut AddrInfoNode,
}

#[repr(C)]
pub(crate) struct AddrInfoHints {
    pub(crate) flags: c_int,
    pub(crate) family: c_int,
    pub(crate) socktype: c_int,
    pub(crate) protocol: c_int,
}

/// `ares_addr_node`; the address is an `in_addr` or an `in6_addr`, by the family.
#[repr(C)]
pub(crate) struct AddrNode {
    pub(crate) next: *mut AddrNode,
    pub(crate) family: c_int,
    pub(crate) addr: [u32; 4],
}

/// `ares_addr_port_node`.
#[repr(C)]
pub(crate) struct AddrPortNode {
    pub(crate) next: *mut AddrPortNode,
    pub(crate) family: c_int,
    pub(crate) addr: [u32; 4],
    pub(crate) udp_port: c_int,
    pub(crate) tcp_port: c_int,
}

pub(crate) const SUCCESS: c_int = 0;
/// What a function says here that the library lacks.
pub(crate) const ENOTIMP: c_int = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    /// Compares sizes and places of members.
    macro_rules! same {
        ($ours:ty, $theirs:ty, $($member:ident = $their_member:ident),*) => {
            assert_eq!(size_of::<$ours>(), size_of::<$theirs>(), stringify!($ours));
            $(assert_eq!(
                offset_of!($ours, $member),
                offset_of!($theirs, $their_member),
                concat!(stringify!($ours), ".", stringify!($member))
            );)*
        };
    }

    #[test]
    fn structures_are_those_of_the_headers() {
        use c_ares_sys as c;
        same!(
            Options,
            c::ares_options,
            flags = flags,
            timeout = timeout,
            tries = tries,
            ndots = ndots,
            udp_port = udp_port,
            tcp_port = tcp_port,
            socket_send_buffer_size = socket_send_buffer_size,
            socket_receive_buffer_size = socket_receive_buffer_size,
            servers = servers,
            nservers = nservers,
            domains = domains,
            ndomains = ndomains,
            lookups = lookups,
            sock_state_cb = sock_state_cb,
            sock_state_cb_data = sock_state_cb_data,
            sortlist = sortlist,
            nsort = nsort,
            ednspsz = ednspsz,
            resolvconf_path = resolvconf_path,
            hosts_path = hosts_path,
            udp_max_queries = udp_max_queries,
            maxtimeout = maxtimeout,
            qcache_max_ttl = qcache_max_ttl,
            evsys = evsys,
            server_failover_opts = server_failover_opts
        );
        same!(
            ServerFailover,
            c::ares_server_failover_options,
            retry_chance = retry_chance,
            retry_delay = retry_delay
        );
        same!(
            AddrInfo,
            c::ares_addrinfo,
            cnames = cnames,
            nodes = nodes,
            name = name
        );
        same!(
            AddrInfoCname,
            c::ares_addrinfo_cname,
            ttl = ttl,
            alias = alias,
            name = name,
            next = next
        );
        same!(
            AddrInfoNode,
            c::ares_addrinfo_node,
            ttl = ai_ttl,
            flags = ai_flags,
            family = ai_family,
            socktype = ai_socktype,
            protocol = ai_protocol,
            addrlen = ai_addrlen,
            addr = ai_addr,
            next = ai_next
        );
        same!(
            AddrInfoHints,
            c::ares_addrinfo_hints,
            flags = ai_flags,
            family = ai_family,
            socktype = ai_socktype,
            protocol = ai_protocol
        );
        same!(
            AddrNode,
            c::ares_addr_node,
            next = next,
            family = family,
            addr = addr
        );
        same!(
            AddrPortNode,
            c::ares_addr_port_node,
            next = next,
            family = family,
            addr = addr,
            udp_port = udp_port,
            tcp_port = tcp_port
        );
    }

    #[test]
    fn option_bits_are_those_of_the_headers() {
        let theirs = [
            (opt::FLAGS, c_ares_sys::ARES_OPT_FLAGS),
            (opt::TIMEOUT, c_ares_sys::ARES_OPT_TIMEOUT),
            (opt::TRIES, c_ares_sys::ARES_OPT_TRIES),
            (opt::NDOTS, c_ares_sys::ARES_OPT_NDOTS),
            (opt::UDP_PORT, c_ares_sys::ARES_OPT_UDP_PORT),
            (opt::TCP_PORT, c_ares_sys::ARES_OPT_TCP_PORT),
            (opt::SERVERS, c_ares_sys::ARES_OPT_SERVERS),
            (opt::DOMAINS, c_ares_sys::ARES_OPT_DOMAINS),
            (opt::LOOKUPS, c_ares_sys::ARES_OPT_LOOKUPS),
            (opt::SOCK_STATE_CB, c_ares_sys::ARES_OPT_SOCK_STATE_CB),
            (opt::SORTLIST, c_ares_sys::ARES_OPT_SORTLIST),
            (opt::SOCK_SNDBUF, c_ares_sys::ARES_OPT_SOCK_SNDBUF),
            (opt::SOCK_RCVBUF, c_ares_sys::ARES_OPT_SOCK_RCVBUF),
            (opt::TIMEOUTMS, c_ares_sys::ARES_OPT_TIMEOUTMS),
            (opt::ROTATE, c_ares_sys::ARES_OPT_ROTATE),
            (opt::EDNSPSZ, c_ares_sys::ARES_OPT_EDNSPSZ),
            (opt::RESOLVCONF, c_ares_sys::ARES_OPT_RESOLVCONF),
            (opt::HOSTS_FILE, c_ares_sys::ARES_OPT_HOSTS_FILE),
            (opt::UDP_MAX_QUERIES, c_ares_sys::ARES_OPT_UDP_MAX_QUERIES),
            (opt::MAXTIMEOUTMS, c_ares_sys::ARES_OPT_MAXTIMEOUTMS),
            (opt::QUERY_CACHE, c_ares_sys::ARES_OPT_QUERY_CACHE),
            (opt::EVENT_THREAD, c_ares_sys::ARES_OPT_EVENT_THREAD),
            (opt::SERVER_FAILOVER, c_ares_sys::ARES_OPT_SERVER_FAILOVER),
        ];
        for (ours, theirs) in theirs {
            assert_eq!(ours as i64, i64::from(theirs));
        }
    }
}
