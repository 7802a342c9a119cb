//! What the layer itself looks at of the options: c-ares would take it without a word.

use std::fmt::Debug;
use std::time::Duration;

use super::{Builder, LookupSource};
use crate::error::{ErrorKind, Result};
use crate::ffi::handle::Settings;
use crate::ffi::servers::Ports;
use crate::flags::Flags;
use crate::query::Usual;
use crate::record::table::Opt;

/// The port of servers, unless told otherwise.
const DEFAULT_PORT: u16 = 53;
/// How many query ids a channel may have in use, unless told otherwise.
const DEFAULT_MAX_QUERIES: usize = 16_384;
/// Beyond this c-ares takes long to find a free one among the 65,536.
const MOST_MAX_QUERIES: usize = 32_768;

impl<D> Builder<D> {
    /// What the layer looks at itself, checked.
    pub(super) fn layer_settings(&self) -> Result<Settings> {
        let bad = |option, value: String, expected| ErrorKind::BadOption {
            option,
            value,
            expected,
        };
        let max_queries = self.max_queries.unwrap_or(DEFAULT_MAX_QUERIES);
        if !(2..=MOST_MAX_QUERIES).contains(&max_queries) {
            let expected = "a number from 2 to 32,768";
            return Err(bad("max_queries", max_queries.to_string(), expected).into());
        }
        let flags = self.settings.flags.unwrap_or_default();
        for (option, value, flag, expected) in self.without_effect() {
            if let (Some(value), true) = (value, flags.contains(flag)) {
                return Err(bad(option, format!("{value:?}"), expected).into());
            }
        }
        let edns = !flags.contains(Flags::NOEDNS);
        let size = self.settings.edns_size;
        let lookups = self.settings.lookups.as_deref();
        Ok(Settings {
            max_queries,
            ports: Ports(
                self.settings.udp_port.unwrap_or(DEFAULT_PORT),
                self.settings.tcp_port.unwrap_or(DEFAULT_PORT),
            ),
            cached: self.settings.query_cache != Some(Duration::ZERO),
            hosts_file_alone: lookups.is_some_and(|all| !all.contains(&LookupSource::Dns)),
            usual: Usual {
                recursion: !flags.contains(Flags::NORECURSE),
                edns: edns.then(|| size.unwrap_or(Opt::default().udp_size)),
            },
        })
    }

    /// The options, what they were set to, the flags that leave them without effect, of which c-ares
    /// would not say a word, and what is expected instead.
    fn without_effect(&self) -> [(&'static str, Option<&dyn Debug>, Flags, &'static str); 6] {
        fn set<T: Debug>(value: Option<&T>) -> Option<&dyn Debug> {
            value.map(|value| value as &dyn Debug)
        }
        const NO_EDNS: &str = "no Flags::NOEDNS beside it: without EDNS there is no such size";
        const NO_UDP: &str = "no Flags::USEVC beside it: no query goes over UDP";
        const NO_SEARCH: &str = "no Flags::NOSEARCH beside it: names are tried as they are";
        const ONE_SERVER: &str = "no Flags::PRIMARY beside it: one server is left";
        let edns_size = set(self.settings.edns_size.as_ref());
        let udp_max_queries = set(self.settings.udp_max_queries.as_ref());
        let domains = set(self.settings.domains.as_ref());
        let ndots = set(self.settings.ndots.as_ref());
        let rotate = set(self.apart.rotate.as_ref().filter(|rotate| **rotate));
        let failover = self.settings.server_failover.as_ref();
        let failover = set(failover.filter(|(chance, _)| *chance > 0));
        [
            ("edns_size", edns_size, Flags::NOEDNS, NO_EDNS),
            ("udp_max_queries", udp_max_queries, Flags::USEVC, NO_UDP),
            ("domains", domains, Flags::NOSEARCH, NO_SEARCH),
            ("ndots", ndots, Flags::NOSEARCH, NO_SEARCH),
            ("rotate", rotate, Flags::PRIMARY, ONE_SERVER),
            ("server_failover", failover, Flags::PRIMARY, ONE_SERVER),
        ]
    }
}
