//! What is told at the end.

use crate::event::ServerRow;
use crate::names;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many names are told as the slowest.
const SLOWEST: usize = 10;
/// How many servers are told apart.
const SERVERS: usize = 32;

/// Counts that grow with nothing: a daemon may run for a year.
pub(crate) struct Summary {
    pub(crate) channels: u64,
    pub(crate) sockets: u64,
    /// Answered inside the call that asked: by the cache, the hosts file, or not at all.
    inside: u64,
    outcomes: BTreeMap<i32, u64>,
    slowest: Vec<Slow>,
    servers: Vec<ServerStats>,
    unattributed: Latency,
    timeouts: u64,
}

/// A name that took long.
#[derive(Clone, Serialize)]
pub(crate) struct Slow {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// How often it was asked while it stood here.
    pub(crate) asked: u64,
    #[serde(rename = "slowest_ms", serialize_with = "milliseconds")]
    pub(crate) slowest: Duration,
}

struct ServerStats {
    server: String,
    answers: u64,
    failures: u64,
    latency: Latency,
}

/// How long some lookups took.
#[derive(Clone, Copy)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    sum: Duration,
    most: Duration,
}

impl Latency {
    pub(crate) const NONE: Latency = Latency {
        count: 0,
        sum: Duration::ZERO,
        most: Duration::ZERO,
    };

    pub(crate) fn add(&mut self, took: Duration) {
        self.merge(Latency {
            count: 1,
            sum: took,
            most: took,
        });
    }

    fn merge(&mut self, other: Latency) {
        self.count += other.count;
        self.sum += other.sum;
        self.most = self.most.max(other.most);
    }

    fn mean(&self) -> Duration {
        let nanos = self.sum.as_nanos().checked_div(u128::from(self.count));
        Duration::from_nanos(nanos.unwrap_or(0).try_into().unwrap_or(u64::MAX))
    }
}

impl Summary {
    pub(crate) const fn new() -> Summary {
        Summary {
            channels: 0,
            sockets: 0,
            inside: 0,
            outcomes: BTreeMap::new(),
            slowest: Vec::new(),
            servers: Vec::new(),
            unattributed: Latency::NONE,
            timeouts: 0,
        }
    }

    /// Whether there is anything to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels == 0 && self.outcomes.is_empty()
    }

    /// A question was answered.
    pub(crate) fn told(&mut self, name: &str, kind: &str, status: i32, took: Duration) {
        *self.outcomes.entry(status).or_default() += 1;
        let same = |slow: &&mut Slow| slow.name == name && slow.kind == kind;
        if let Some(slow) = self.slowest.iter_mut().find(same) {
            slow.asked += 1;
            slow.slowest = slow.slowest.max(took);
        } else if self.slowest.len() < SLOWEST
            || self.slowest.last().is_some_and(|last| last.slowest < took)
        {
            self.slowest.truncate(SLOWEST - 1);
            self.slowest.push(Slow {
                name: name.to_owned(),
                kind: kind.to_owned(),
                asked: 1,
                slowest: took,
            });
        } else {
            return;
        }
        self.slowest
            .sort_by_key(|slow| std::cmp::Reverse(slow.slowest));
    }

    pub(crate) fn timeouts(&mut self, timeouts: u64) {
        self.timeouts += timeouts;
    }

    pub(crate) fn inside(&mut self) {
        self.inside += 1;
    }

    /// The number under which a server is counted; none when there are too many.
    pub(crate) fn server(&mut self, server: &str) -> Option<usize> {
        let known = self.servers.iter().position(|known| known.server == server);
        if known.is_none() && self.servers.len() < SERVERS {
            self.servers.push(ServerStats {
                server: server.to_owned(),
                answers: 0,
                failures: 0,
                latency: Latency::NONE,
            });
            return Some(self.servers.len() - 1);
        }
        known
    }

    /// A server was told to have answered, or to have failed.
    pub(crate) fn state(&mut self, server: usize, up: bool) {
        if let Some(stats) = self.servers.get_mut(server) {
            match up {
                true => stats.answers += 1,
                false => stats.failures += 1,
            }
        }
    }

    /// Lookups took so long, and it was this server that answered.
    pub(crate) fn latency(&mut self, server: Option<usize>, lookups: Latency) {
        match server.and_then(|server| self.servers.get_mut(server)) {
            Some(stats) => stats.latency.merge(lookups),
            None => self.unattributed.merge(lookups),
        }
    }

    /// One lookup took so long.
    pub(crate) fn lookup(&mut self, server: Option<usize>, took: Duration) {
        let mut lookups = Latency::NONE;
        lookups.add(took);
        self.latency(server, lookups);
    }

    /// All of it, to be told.
    pub(crate) fn report(&self, in_flight: usize) -> Report {
        let row = |server: Option<String>, answers, failures, latency: &Latency| ServerRow {
            server,
            answers,
            failures,
            lookups: latency.count,
            mean: latency.mean(),
            slowest: latency.most,
        };
        let mut servers: Vec<_> = self
            .servers
            .iter()
            .map(|stats| {
                row(
                    Some(stats.server.clone()),
                    stats.answers,
                    stats.failures,
                    &stats.latency,
                )
            })
            .collect();
        if self.unattributed.count > 0 {
            servers.push(row(None, 0, 0, &self.unattributed));
        }
        let mut outcomes: Vec<_> = self
            .outcomes
            .iter()
            .map(|(status, count)| (names::status(*status), *count))
            .collect();
        outcomes.sort_by(|(_, one), (_, other)| other.cmp(one));
        Report {
            queries: self.outcomes.values().sum(),
            in_flight,
            inside_call: self.inside,
            timeouts: self.timeouts,
            channels: self.channels,
            sockets: self.sockets,
            outcomes,
            slowest: self.slowest.clone(),
            servers,
        }
    }
}

/// The summary, as it is told.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) queries: u64,
    pub(crate) in_flight: usize,
    pub(crate) inside_call: u64,
    pub(crate) timeouts: u64,
    pub(crate) channels: u64,
    pub(crate) sockets: u64,
    #[serde(serialize_with = "as_map")]
    pub(crate) outcomes: Vec<(String, u64)>,
    pub(crate) slowest: Vec<Slow>,
    pub(crate) servers: Vec<ServerRow>,
}

/// Milliseconds with three places, which is as fine as it makes sense.
pub(crate) fn milliseconds<S: serde::Serializer>(
    time: &Duration,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_micros() as f64 / 1000.0)
}

fn as_map<S: serde::Serializer>(pairs: &[(String, u64)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, count)| (name, count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_names_are_kept_and_no_more() {
        let mut summary = Summary::new();
        for number in 0..100u64 {
            let took = Duration::from_millis(number * 7 % 100);
            summary.told(&format!("n{number}"), "A", 0, took);
        }
        summary.told("n1", "A", 0, Duration::from_millis(5000));
        summary.told("n1", "AAAA", 1, Duration::from_millis(1));
        let report = summary.report(0);
        assert_eq!(report.queries, 102);
        let times: Vec<_> = report
            .slowest
            .iter()
            .map(|slow| slow.slowest.as_millis())
            .collect();
        assert_eq!(times, [5000, 99, 98, 97, 96, 95, 94, 93, 92, 91]);
        assert_eq!(report.slowest[0].name, "n1");
        assert_eq!(
            report.outcomes,
            [("success".to_owned(), 101), ("no data".to_owned(), 1)]
        );
    }

    #[test]
    fn servers_are_told_apart_up_to_a_limit() {
        let mut summary = Summary::new();
        for number in 0..100 {
            let index = summary.server(&format!("192.0.2.{number}:53"));
            assert_eq!(index.is_some(), number < SERVERS);
        }
        assert_eq!(summary.server("192.0.2.3:53"), Some(3));
        let mut lookups = Latency::NONE;
        lookups.add(Duration::from_millis(10));
        lookups.add(Duration::from_millis(20));
        summary.latency(Some(3), lookups);
        summary.latency(None, lookups);
        let report = summary.report(0);
        assert_eq!(report.servers.len(), SERVERS + 1);
        assert_eq!(report.servers[3].lookups, 2);
        assert_eq!(report.servers[3].mean, Duration::from_millis(15));
        assert_eq!(report.servers[SERVERS].server, None);
    }
}
