//! What the layer itself looks at of the options: c-ares would take it without a word.

use std::fmt::Debug;

use super::{Builder, LookupSource};
use crate::error::{ErrorKind, Result};
use crate::ffi::handle::Settings;
use crate::flags::Flags;
use crate::query::Usual;
use crate::record::table::Opt;

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
                return Err(bad(option, value, expected).into());
            }
        }
        let edns = !flags.contains(Flags::NOEDNS);
        let lookups = self.settings.lookups.as_deref();
        Ok(Settings {
            max_queries,
            hosts_file_alone: lookups.is_some_and(|all| !all.contains(&LookupSource::Dns)),
            usual: Usual {
                recursion: !flags.contains(Flags::NORECURSE),
                edns: edns.then(|| {
                    let size = self.settings.edns_size;
                    size.unwrap_or(Opt::default().udp_size)
                }),
            },
        })
    }

    /// The options, what they were set to, the flags that leave them without effect, of which c-ares
    /// would not say a word, and what is expected instead.
    fn without_effect(&self) -> [(&'static str, Option<String>, Flags, &'static str); 6] {
        fn set<T: Debug>(value: Option<T>) -> Option<String> {
            value.map(|value| format!("{value:?}"))
        }
        let no_search = "no Flags::NOSEARCH beside it: names are tried as they are";
        let one_server = "no Flags::PRIMARY beside it: one server is left";
        let settings = &self.settings;
        let domains = settings.domains.as_ref().filter(|all| !all.is_empty());
        let failover = settings.server_failover.filter(|(chance, _)| *chance > 0);
        [
            (
                "edns_size",
                set(settings.edns_size),
                Flags::NOEDNS,
                "no Flags::NOEDNS beside it: without EDNS there is no such size",
            ),
            (
                "udp_max_queries",
                set(settings.udp_max_queries),
                Flags::USEVC,
                "no Flags::USEVC beside it: no query goes over UDP",
            ),
            ("domains", set(domains), Flags::NOSEARCH, no_search),
            ("ndots", set(settings.ndots), Flags::NOSEARCH, no_search),
            (
                "rotate",
                set(self.apart.rotate.filter(|on| *on)),
                Flags::PRIMARY,
                one_server,
            ),
            ("server_failover", set(failover), Flags::PRIMARY, one_server),
        ]
    }
}
