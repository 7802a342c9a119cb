//! Calls on a channel.

use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::Duration;

use arbitrary::Arbitrary;
use c_ares::{
    A, Aaaa, AddrInfoFlags, Channel, Class, Family, Hints, Interest, Message, Mx, NameInfoFlags,
    Protocol, Query, RawSocket, Ready, RecordType, Soa, SocketType, Svcb, Txt,
};

use crate::name::{Text, chosen};
use crate::setup::{self, ServerList};

#[derive(Arbitrary, Debug, Clone)]
pub enum Call {
    Query {
        typed: u8,
        search: bool,
        name: Text,
    },
    QueryType {
        search: bool,
        name: Text,
        record_type: u16,
        manner: Manner,
    },
    Exchange {
        search: bool,
        message: Whole,
    },
    AddrInfo {
        name: Text,
        hints: Wanted,
    },
    AddrInfoLocal {
        hints: Wanted,
    },
    NameInfo {
        address: SocketAddr,
        flags: u16,
    },
    Reverse(IpAddr),
    HostsFile {
        name: Text,
        family: u8,
    },
    Cancel,
    SetServers(ServerList),
    Servers,
    SetSortlist([Option<(IpAddr, u8)>; 2]),
    Reload,
    /// What is ready, as the network says.
    Deliver,
    /// What is said to be ready, whether it is or not.
    Process([Option<(i8, bool, bool)>; 2]),
    WritePending,
    Timeout,
    ActiveQueries,
    WaitIdle,
    Sleep,
    Drop,
}

/// How one query is asked.
#[derive(Arbitrary, Debug, Clone)]
pub struct Manner {
    usual: bool,
    class: u8,
    flags: u8,
    recursion: Option<bool>,
    subnet: Option<(IpAddr, u8)>,
}

/// A message that is sent.
#[derive(Arbitrary, Debug, Clone)]
pub enum Whole {
    Wire(Vec<u8>),
    Query(Text, u16),
    Questions([Text; 2]),
}

/// What is wanted of addresses.
#[derive(Arbitrary, Debug, Clone)]
pub struct Wanted {
    family: u8,
    socket_type: u8,
    protocol: u8,
    service: Option<Text>,
    port: Option<u16>,
    flags: u8,
}

/// Who is told when a closure runs.
pub trait Teller {
    /// Counts a call that must be told once, and gives what tells it.
    fn expect(&self) -> impl FnOnce() + Send + 'static;
    /// What is ready on the channel, as the network says.
    fn ready(&self) -> Vec<Ready>;
    /// Drops the channel, but for who holds it meanwhile.
    fn drop_channel(&self);
}

impl Call {
    pub fn make(&self, channel: &Channel, teller: &impl Teller) {
        match self {
            Call::Query {
                typed,
                search,
                name,
            } => query(channel, teller, *typed, *search, &name.text()),
            Call::QueryType {
                search,
                name,
                record_type,
                manner,
            } => {
                let (told, query) = (teller.expect(), manner.query(name.text()));
                let told = move |answer: c_ares::Result<c_ares::Answer<c_ares::RData>>| {
                    let _ = format!("{answer:?}");
                    told();
                };
                match search {
                    true => channel.search_type(query, RecordType(*record_type), told),
                    false => channel.query_type(query, RecordType(*record_type), told),
                }
            }
            Call::Exchange { search, message } => {
                let Ok(message) = message.message() else {
                    return;
                };
                let told = teller.expect();
                let told = move |response: c_ares::Result<c_ares::Response<'_>>| {
                    if let Ok(response) = response {
                        crate::check::parsed(response.message);
                    }
                    told();
                };
                match search {
                    true => channel.search_message(&message, told),
                    false => channel.exchange(&message, told),
                }
            }
            Call::AddrInfo { name, hints } => {
                let told = teller.expect();
                channel.addrinfo(&name.text(), &hints.hints(), move |answer| {
                    let _ = format!("{answer:?}");
                    told();
                });
            }
            Call::AddrInfoLocal { hints } => {
                let told = teller.expect();
                channel.addrinfo_local(&hints.hints(), move |_| told());
            }
            Call::NameInfo { address, flags } => {
                let told = teller.expect();
                channel.nameinfo(*address, name_flags(*flags), move |answer| {
                    let _ = format!("{answer:?}");
                    told();
                });
            }
            Call::Reverse(address) => {
                let told = teller.expect();
                channel.reverse(*address, move |_| told());
            }
            Call::HostsFile { name, family } => {
                let _ = channel.hosts_file(&name.text(), to_family(*family));
            }
            other => other.manage(channel, teller),
        }
    }

    /// What is asked of no server.
    fn manage(&self, channel: &Channel, teller: &impl Teller) {
        let result = match self {
            Call::Cancel => channel.cancel_all(),
            Call::SetServers(list) => channel.set_servers(list.servers()),
            Call::Servers => channel.servers().map(drop),
            Call::SetSortlist(networks) => channel.set_sortlist(setup::subnets(networks)),
            Call::Reload => channel.reload(),
            Call::Deliver => channel.process(&teller.ready()),
            Call::Process(ready) => {
                let ready = ready.iter().flatten().map(|(number, readable, writable)| {
                    let interest = Interest {
                        readable: *readable,
                        writable: *writable,
                    };
                    Ready::new(RawSocket::from(*number), interest)
                });
                channel.process(&ready.collect::<Vec<_>>())
            }
            Call::WritePending => channel.write_pending(),
            Call::Timeout => channel.timeout().map(drop),
            Call::ActiveQueries => channel.active_queries().map(drop),
            Call::WaitIdle => channel.wait_idle(Duration::ZERO).map(drop),
            Call::Sleep => {
                thread::sleep(Duration::from_millis(1));
                Ok(())
            }
            _ => {
                teller.drop_channel();
                Ok(())
            }
        };
        if let Err(error) = result {
            assert!(!error.to_string().is_empty());
        }
    }
}

fn query(channel: &Channel, teller: &impl Teller, typed: u8, search: bool, name: &str) {
    macro_rules! ask {
        ($($index:literal $type:ty),+) => {
            match typed % 6 {
                $($index => {
                    let told = teller.expect();
                    let told = move |answer: c_ares::Result<c_ares::Answer<$type>>| {
                        let _ = format!("{answer:?}");
                        told();
                    };
                    match search {
                        true => channel.search::<$type>(name, told),
                        false => channel.query::<$type>(name, told),
                    }
                })+
                _ => unreachable!("there are six"),
            }
        };
    }
    ask!(0 A, 1 Aaaa, 2 Mx, 3 Soa, 4 Txt, 5 Svcb);
}

impl Manner {
    fn query(&self, name: String) -> Query<'static> {
        let query = Query::new(name);
        if self.usual {
            return query;
        }
        let class = [Class::IN, Class::CH, Class::ANY, Class(42)][usize::from(self.class % 4)];
        let mut query = query
            .class(class)
            .dnssec_ok(self.flags & 1 != 0)
            .checking_disabled(self.flags & 2 != 0)
            .authentic_data(self.flags & 4 != 0);
        if let Some(recursion) = self.recursion {
            query = query.recursion_desired(recursion);
        }
        for subnet in setup::subnets(&[self.subnet]) {
            query = query.client_subnet(subnet);
        }
        query
    }
}

impl Whole {
    fn message(&self) -> c_ares::Result<Message> {
        match self {
            Whole::Wire(wire) => Message::parse(wire),
            Whole::Query(name, record_type) => {
                Message::query(&name.text(), RecordType(*record_type))
            }
            Whole::Questions([first, second]) => {
                let mut message = Message::query(&first.text(), RecordType::A)?;
                message.add_question(&second.text(), RecordType::A, Class::IN)?;
                Ok(message)
            }
        }
    }
}

fn to_family(number: u8) -> Family {
    [Family::Any, Family::V4, Family::V6][usize::from(number % 3)]
}

impl Wanted {
    fn hints(&self) -> Hints {
        let all = [
            AddrInfoFlags::CANONNAME,
            AddrInfoFlags::PASSIVE,
            AddrInfoFlags::NUMERICSERV,
            AddrInfoFlags::NOSORT,
            AddrInfoFlags::ENVHOSTS,
        ];
        let mut hints = Hints::new()
            .family(to_family(self.family))
            .socket_type(SocketType(i32::from(self.socket_type % 8)))
            .protocol(Protocol([0, 6, 17, 132][usize::from(self.protocol % 4)]))
            .flags(chosen(AddrInfoFlags::NONE, &all, self.flags.into()));
        if let Some(service) = &self.service {
            hints = hints.service(service.text());
        }
        if let Some(port) = self.port {
            hints = hints.port(port);
        }
        hints
    }
}

fn name_flags(bits: u16) -> NameInfoFlags {
    let all = [
        NameInfoFlags::NOFQDN,
        NameInfoFlags::NUMERICHOST,
        NameInfoFlags::NAMEREQD,
        NameInfoFlags::NUMERICSERV,
        NameInfoFlags::UDP,
        NameInfoFlags::SCTP,
        NameInfoFlags::DCCP,
        NameInfoFlags::NUMERICSCOPE,
        NameInfoFlags::LOOKUPHOST,
        NameInfoFlags::LOOKUPSERVICE,
    ];
    chosen(NameInfoFlags::NONE, &all, bits.into())
}
