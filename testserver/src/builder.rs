//! How a server is set up.

use crate::responder::Responder;
use crate::rule::Rules;
use crate::server::Shared;
use crate::sockets::Sockets;
use crate::zone::Zone;
use crate::{Network, Query, Record, Reply, Rule, Server};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Sets up a [`Server`].
#[derive(Debug, Default)]
#[must_use = "a server runs once it is started"]
pub struct Builder {
    sources: Vec<Source>,
    rules: Rules,
    addresses: Vec<SocketAddr>,
    count_only: bool,
}

#[derive(Debug)]
enum Source {
    Text(String),
    File(PathBuf),
    Record(Box<Record>),
}

impl Builder {
    /// Adds the records of a zone file's text. Names are relative to the root until
    /// an `$ORIGIN`; a text can hold several zones, each with its SOA; without `$TTL`
    /// it is 300. Names are ASCII, texts UTF-8. For what hickory's parser does not read,
    /// like `\DDD` and types without a name, there is [`record`](Self::record).
    pub fn zone(mut self, text: impl Into<String>) -> Builder {
        self.sources.push(Source::Text(text.into()));
        self
    }

    /// Adds the records of a zone file.
    pub fn zone_file(mut self, path: impl Into<PathBuf>) -> Builder {
        self.sources.push(Source::File(path.into()));
        self
    }

    /// Adds one record, which may be of a type or have bytes that a zone file cannot say.
    pub fn record(mut self, record: Record) -> Builder {
        self.sources.push(Source::Record(Box::new(record)));
        self
    }

    /// Sets a rule for the names of a pattern, see [patterns](crate#patterns).
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn rule(mut self, pattern: &str, rule: Rule) -> Builder {
        self.rules.set(pattern, rule);
        self
    }

    /// Delays each answer for the names of a pattern: [`Rule::delay`].
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn delay(self, pattern: &str, delay: Duration) -> Builder {
        self.rule(pattern, Rule::delay(delay))
    }

    /// Answers for the names of a pattern with what a closure says: [`Rule::script`].
    ///
    /// # Panics
    ///
    /// When the pattern is no name.
    pub fn script(
        self,
        pattern: &str,
        script: impl Fn(&Query) -> Reply + Send + Sync + 'static,
    ) -> Builder {
        self.rule(pattern, Rule::script(script))
    }

    /// Listens on this address, UDP and TCP, port 0 for any that is free. It can be given
    /// several times. Without it: `127.0.0.1:0`, and `[::1]:0` where the machine has it.
    pub fn listen(mut self, address: SocketAddr) -> Builder {
        self.addresses.push(address);
        self
    }

    /// Counts the queries without keeping them, for benchmarks that send millions.
    pub fn count_only(mut self) -> Builder {
        self.count_only = true;
        self
    }

    /// Starts the server; when this returns it can be asked.
    ///
    /// # Errors
    ///
    /// When a zone cannot be read, or no port can be had.
    pub fn start(self) -> io::Result<Server> {
        let zone = read(self.sources)?;
        let sockets = if self.addresses.is_empty() {
            let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
            let mut sockets = vec![Sockets::bind(v4)?];
            // A machine may do without IPv6: `address_v6` says so.
            sockets.extend(Sockets::bind(v6).ok());
            sockets
        } else {
            let bound = self.addresses.into_iter().map(Sockets::bind);
            bound.collect::<io::Result<_>>()?
        };
        Server::run(zone, Shared::new(self.rules, self.count_only), sockets)
    }

    /// Makes a network without sockets, on which the server is, at every address. See
    /// [`Network`].
    ///
    /// # Errors
    ///
    /// When a zone cannot be read.
    pub fn in_memory(self) -> io::Result<Network> {
        let zone = read(self.sources)?;
        let shared = Shared::new(self.rules, self.count_only);
        Ok(Network::new(Responder::new(zone, shared)))
    }
}

fn read(sources: Vec<Source>) -> io::Result<Zone> {
    let mut zone = Zone::default();
    for source in sources {
        match source {
            Source::Text(text) => zone.add_text(&text, None)?,
            Source::File(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                })?;
                zone.add_text(&text, Some(&path))?;
            }
            Source::Record(record) => zone.add(*record)?,
        }
    }
    Ok(zone)
}
