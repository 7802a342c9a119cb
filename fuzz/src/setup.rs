//! How a channel is configured: every option, at its edges and beyond.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use arbitrary::Arbitrary;
use c_ares::{Builder, Flags, LookupSource, Server, Subnet};

use crate::name::Text;

/// What is set, one after the other; of most channels little.
#[derive(Arbitrary, Debug)]
pub enum Setting {
    Flags(u16),
    Timeout(u32),
    MaxTimeout(u32),
    Tries(u8),
    Ndots(u32),
    UdpPort(u16),
    TcpPort(u16),
    Domains([Option<Text>; 2]),
    Lookups([Option<bool>; 3]),
    UdpMaxQueries(u32),
    Failover(u16, u32),
    SendBuffer(u32),
    ReceiveBuffer(u32),
    EdnsSize(u16),
    OwnFiles,
    NoFiles,
    QueryCache(u64),
    Servers(ServerList),
    MaxQueries(u16),
    Rotate(bool),
    LocalIpv4(Ipv4Addr),
    LocalIpv6(Ipv6Addr),
    LocalDevice(Text),
    Sortlist([Option<(IpAddr, u8)>; 2]),
}

/// Some servers: that are well, and as anybody writes them.
#[derive(Arbitrary, Debug, Clone)]
pub struct ServerList([Option<ServerText>; 3]);

#[derive(Arbitrary, Debug, Clone)]
enum ServerText {
    Usual(u8),
    LinkLocal,
    Address(IpAddr, u16, u16),
}

impl ServerList {
    pub fn servers(&self) -> Vec<Server> {
        let server = |text: &ServerText| match text {
            ServerText::Usual(last) => Server::from(IpAddr::from([192, 0, 2, *last])),
            ServerText::LinkLocal => "fe80::1%lo".parse().unwrap(),
            ServerText::Address(address, udp, tcp) => Server::from(*address)
                .with_udp_port(*udp)
                .with_tcp_port(*tcp),
        };
        self.0.iter().flatten().map(server).collect()
    }
}

/// Networks, with as many bits as their addresses have at most.
pub fn subnets(of: &[Option<(IpAddr, u8)>]) -> Vec<Subnet> {
    of.iter()
        .flatten()
        .filter_map(|(address, prefix)| Subnet::new(*address, *prefix).ok())
        .collect()
}

fn data(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data", file].iter().collect()
}

impl Setting {
    pub fn set<D>(&self, builder: Builder<D>) -> Builder<D> {
        let milliseconds = |some: u32| Duration::from_millis(some.into());
        match self {
            Setting::Flags(bits) => builder.flags(flags(*bits)),
            Setting::Timeout(time) => builder.timeout(milliseconds(*time)),
            Setting::MaxTimeout(time) => builder.max_timeout(milliseconds(*time % 4)),
            Setting::Tries(tries) => builder.tries(u32::from(*tries % 5)),
            Setting::Ndots(dots) => builder.ndots(*dots),
            Setting::UdpPort(port) => builder.udp_port(*port),
            Setting::TcpPort(port) => builder.tcp_port(*port),
            Setting::Domains(domains) => builder.domains(domains.iter().flatten().map(Text::text)),
            Setting::Lookups(sources) => {
                builder.lookups(sources.iter().flatten().map(|dns| match dns {
                    true => LookupSource::Dns,
                    false => LookupSource::Hosts,
                }))
            }
            Setting::UdpMaxQueries(queries) => builder.udp_max_queries(*queries),
            Setting::Failover(chance, delay) => {
                builder.server_failover(*chance, milliseconds(*delay))
            }
            Setting::SendBuffer(bytes) => builder.send_buffer_size(*bytes),
            Setting::ReceiveBuffer(bytes) => builder.receive_buffer_size(*bytes),
            Setting::EdnsSize(size) => builder.edns_size(*size),
            Setting::OwnFiles => builder
                .resolv_conf(data("resolv.conf"))
                .hosts_file(data("hosts")),
            Setting::NoFiles => builder.resolv_conf("/nowhere").hosts_file("/nowhere"),
            Setting::QueryCache(time) => builder.query_cache(Duration::from_secs(*time)),
            Setting::Servers(list) => builder.servers(list.servers()),
            Setting::MaxQueries(queries) => builder.max_queries((*queries).into()),
            Setting::Rotate(rotate) => builder.rotate(*rotate),
            Setting::LocalIpv4(address) => builder.local_ipv4(*address),
            Setting::LocalIpv6(address) => builder.local_ipv6(*address),
            Setting::LocalDevice(text) => builder.local_device(text.text()),
            Setting::Sortlist(networks) => builder.sortlist(subnets(networks)),
        }
    }
}

fn flags(bits: u16) -> Flags {
    let all = [
        Flags::USEVC,
        Flags::PRIMARY,
        Flags::IGNTC,
        Flags::NORECURSE,
        Flags::STAYOPEN,
        Flags::NOSEARCH,
        Flags::NOALIASES,
        Flags::NOCHECKRESP,
        Flags::NOEDNS,
        Flags::NO_DFLT_SVR,
        Flags::DNS0X20,
    ];
    crate::name::chosen(Flags::NONE, &all, bits.into())
}
