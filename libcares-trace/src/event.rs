//! What can be told. Each kind is one line, as text (`text.rs`) or as JSON (here).

use crate::message::Answer;
use crate::summary::{Report, milliseconds};
use serde::Serialize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One line.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) pid: u32,
    #[serde(serialize_with = "unix")]
    pub(crate) time: SystemTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<u64>,
    #[serde(flatten)]
    pub(crate) event: Event,
}

/// What a line tells.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    ChannelOpen(Box<Opened>),
    ChannelClose(Closed),
    Query(Box<Query>),
    Servers(Servers),
    ServerState(Server),
    Socket(Socket),
    Setting(Setting),
    Summary(Report),
}

/// A channel was made, or was not.
#[derive(Serialize, Default)]
pub(crate) struct Opened {
    pub(crate) call: &'static str,
    pub(crate) library: String,
    pub(crate) version: String,
    pub(crate) status: i32,
    pub(crate) result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copy_of: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) servers: Option<Vec<String>>,
    #[serde(flatten)]
    pub(crate) options: Settings,
}

/// The options of a channel that were given, or found in the system's configuration.
#[derive(Serialize, Default)]
#[serde(default)]
pub(crate) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_timeout_ms: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tries: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ndots: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) udp_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tcp_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domains: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lookups: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotate: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sortlist: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) send_buffer: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receive_buffer: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edns_size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolvconf: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hosts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) udp_max_queries: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_max_ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_thread: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failover_chance: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failover_delay_ms: Option<usize>,
}

/// A channel was destroyed.
#[derive(Serialize)]
pub(crate) struct Closed {
    /// Questions whose callback the library never called.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) never_told: usize,
}

/// What the program asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) call: &'static str,
    pub(crate) channel: Option<u64>,
    /// Where the channel is.
    pub(crate) address: usize,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) class: String,
    pub(crate) detail: Option<String>,
    pub(crate) start: SystemTime,
    pub(crate) clock: Instant,
    pub(crate) pid: u32,
}

/// A question, and what became of it.
#[derive(Serialize)]
pub(crate) struct Query {
    pub(crate) call: &'static str,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) class: String,
    /// What else was asked: a service, flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(serialize_with = "unix")]
    pub(crate) start: SystemTime,
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub(crate) duration: Duration,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    /// What had to be left out, for the line is written in one piece.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) answers_left_out: usize,
}

/// What a question came to.
#[derive(Serialize, Default)]
pub(crate) struct Outcome {
    /// None while it is in flight.
    pub(crate) status: Option<i32>,
    pub(crate) result: String,
    pub(crate) timeouts: u64,
    pub(crate) inside_call: bool,
    pub(crate) answers: Vec<Answer>,
}

/// Servers were set.
#[derive(Serialize)]
pub(crate) struct Servers {
    pub(crate) call: &'static str,
    pub(crate) status: i32,
    pub(crate) result: String,
    /// What the program gave.
    pub(crate) given: String,
    /// What the channel has now, where that may be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) servers: Option<Vec<String>>,
}

/// A server went down, or came back.
#[derive(Serialize)]
pub(crate) struct Server {
    pub(crate) server: String,
    pub(crate) up: bool,
    pub(crate) transport: &'static str,
}

/// A socket was opened or closed.
#[derive(Serialize)]
pub(crate) struct Socket {
    pub(crate) fd: i32,
    pub(crate) open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peer: Option<String>,
}

/// Anything else that was done to a channel.
#[derive(Serialize)]
pub(crate) struct Setting {
    pub(crate) call: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<String>,
}

/// How a server did. Without a name: lookups of which nobody says who answered them.
#[derive(Serialize)]
pub(crate) struct ServerRow {
    pub(crate) server: Option<String>,
    pub(crate) answers: u64,
    pub(crate) failures: u64,
    pub(crate) lookups: u64,
    #[serde(rename = "mean_ms", serialize_with = "milliseconds")]
    pub(crate) mean: Duration,
    #[serde(rename = "slowest_ms", serialize_with = "milliseconds")]
    pub(crate) slowest: Duration,
}

impl Asked {
    /// What became of it.
    pub(crate) fn query(self, outcome: Outcome) -> Query {
        Query {
            duration: self.clock.elapsed(),
            call: self.call,
            name: self.name,
            kind: self.kind,
            class: self.class,
            detail: self.detail,
            start: self.start,
            outcome,
            answers_left_out: 0,
        }
    }
}

impl Line {
    /// Makes a line that is too long shorter; false when there is nothing left to leave out.
    pub(crate) fn shorten(&mut self) -> bool {
        match &mut self.event {
            Event::Query(query) => {
                let answers = &mut query.outcome.answers;
                let keep = answers.len() / 2;
                let left_out = answers.len() - keep;
                query.answers_left_out += left_out;
                answers.truncate(keep);
                let detail = query.detail.as_mut();
                left_out > 0 || detail.is_some_and(halve) || halve(&mut query.name)
            }
            Event::ChannelOpen(opened) => {
                let lists = [&mut opened.servers, &mut opened.options.domains];
                let longest = lists.into_iter().flatten().max_by_key(|list| list.len());
                match longest {
                    Some(list) if !list.is_empty() => {
                        list.truncate(list.len() / 2);
                        true
                    }
                    _ => halve(&mut opened.library),
                }
            }
            Event::Servers(servers) => match &mut servers.servers {
                Some(list) if !list.is_empty() => {
                    list.truncate(list.len() / 2);
                    true
                }
                _ => halve(&mut servers.given),
            },
            Event::Summary(report) => {
                report.servers.pop().is_some() || report.slowest.pop().is_some()
            }
            Event::Setting(setting) => setting.value.as_mut().is_some_and(halve),
            Event::ServerState(server) => halve(&mut server.server),
            Event::ChannelClose(_) | Event::Socket(_) => false,
        }
    }
}

/// Leaves out the second half of a text.
fn halve(text: &mut String) -> bool {
    let kept: String = text.chars().take(text.chars().count() / 2).collect();
    let shorter = kept.len() < text.len();
    *text = kept;
    shorter
}

/// Seconds since 1970, to the microsecond.
fn unix<S: serde::Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    to.serialize_f64(since.as_micros() as f64 / 1e6)
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}
