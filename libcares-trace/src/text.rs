//! Lines as text, for people.

use crate::event::{Event, Line, Opened, Query, ServerRow, Settings, Socket};
use crate::summary::Report;
use std::fmt::{self, Display, Formatter, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How wide a name may be in the table.
const NAME: usize = 40;

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Event::Summary(report) = &self.event {
            return table(f, self.pid, report);
        }
        write!(f, "c-ares[{}] {}", self.pid, Clock(self.time))?;
        if let Some(channel) = self.channel {
            write!(f, " #{channel}")?;
        }
        f.write_char(' ')?;
        match &self.event {
            Event::ChannelOpen(opened) => open(f, opened),
            Event::ChannelClose(closed) => {
                f.write_str("channel closed")?;
                match closed.never_told {
                    0 => Ok(()),
                    count => write!(f, ", {count} never told"),
                }
            }
            Event::Query(asked) => query(f, asked),
            Event::Servers(set) => {
                write!(f, "{}({}): {}", set.call, set.given, set.result)?;
                list(f, ", now ", set.servers.as_deref())
            }
            Event::ServerState(server) => {
                let state = if server.up { "is back" } else { "is down" };
                write!(f, "server {} {state}", server.server)?;
                prefixed(f, ", over ", Some(server.transport))
            }
            Event::Socket(told) => socket(f, told),
            Event::Setting(setting) => {
                write!(f, "{}", setting.call)?;
                if let Some(value) = &setting.value {
                    write!(f, "({value})")?;
                }
                prefixed(f, ": ", setting.result.as_deref())
            }
            Event::Summary(_) => Ok(()),
        }
    }
}

fn open(f: &mut Formatter<'_>, opened: &Opened) -> fmt::Result {
    write!(f, "{}: {}", opened.call, opened.result)?;
    if let Some(source) = opened.copy_of {
        write!(f, ", copy of #{source}")?;
    }
    write!(f, ", c-ares {} in {}", opened.version, opened.library)?;
    list(f, ", servers ", opened.servers.as_deref())?;
    let Settings {
        flags,
        timeout_ms,
        max_timeout_ms,
        tries,
        ndots,
        udp_port,
        tcp_port,
        domains,
        lookups,
        rotate,
        sortlist,
        send_buffer,
        receive_buffer,
        edns_size,
        resolvconf,
        hosts,
        udp_max_queries,
        cache_max_ttl,
        event_thread,
        failover_chance,
        failover_delay_ms,
    } = &opened.options;
    list(f, ", flags ", flags.as_deref())?;
    prefixed(f, ", timeout ms ", *timeout_ms)?;
    prefixed(f, ", max timeout ms ", *max_timeout_ms)?;
    prefixed(f, ", tries ", *tries)?;
    prefixed(f, ", ndots ", *ndots)?;
    prefixed(f, ", UDP port ", *udp_port)?;
    prefixed(f, ", TCP port ", *tcp_port)?;
    list(f, ", domains ", domains.as_deref())?;
    prefixed(f, ", lookups ", lookups.as_deref())?;
    prefixed(f, ", rotate ", *rotate)?;
    prefixed(f, ", sort list entries ", *sortlist)?;
    prefixed(f, ", send buffer ", *send_buffer)?;
    prefixed(f, ", receive buffer ", *receive_buffer)?;
    prefixed(f, ", EDNS size ", *edns_size)?;
    prefixed(f, ", resolv.conf ", resolvconf.as_deref())?;
    prefixed(f, ", hosts ", hosts.as_deref())?;
    prefixed(f, ", queries per UDP socket ", *udp_max_queries)?;
    prefixed(f, ", cache s ", *cache_max_ttl)?;
    prefixed(f, ", event thread ", event_thread.as_deref())?;
    prefixed(f, ", failover chance 1/", *failover_chance)?;
    prefixed(f, ", failover delay ms ", *failover_delay_ms)
}

fn query(f: &mut Formatter<'_>, query: &Query) -> fmt::Result {
    let outcome = &query.outcome;
    write!(
        f,
        "{} {} {} {}",
        query.call, query.name, query.class, query.kind
    )?;
    prefixed(f, " ", query.detail.as_deref())?;
    let took = Milliseconds(query.duration);
    write!(
        f,
        ": {}, {took} ms since {}",
        outcome.result,
        Clock(query.start)
    )?;
    match outcome.timeouts {
        0 => {}
        1 => f.write_str(", 1 timeout")?,
        count => write!(f, ", {count} timeouts")?,
    }
    if outcome.inside_call {
        f.write_str(", inside the call")?;
    }
    for (index, answer) in outcome.answers.iter().enumerate() {
        write!(f, "{}{answer}", if index == 0 { ": " } else { "; " })?;
    }
    match query.answers_left_out {
        0 => Ok(()),
        count => write!(f, "; and {count} more"),
    }
}

fn socket(f: &mut Formatter<'_>, socket: &Socket) -> fmt::Result {
    let state = if socket.open { "opened" } else { "closed" };
    write!(f, "socket {} {state}", socket.fd)?;
    prefixed(f, ", ", socket.transport)?;
    prefixed(f, " to ", socket.peer.as_deref())
}

fn prefixed(f: &mut Formatter<'_>, what: &str, value: Option<impl Display>) -> fmt::Result {
    match value {
        Some(value) => write!(f, "{what}{value}"),
        None => Ok(()),
    }
}

fn list(f: &mut Formatter<'_>, what: &str, values: Option<&[String]>) -> fmt::Result {
    match values {
        Some([]) => write!(f, "{what}none"),
        Some(values) => write!(f, "{what}{}", values.join(" ")),
        None => Ok(()),
    }
}

/// The table at the end, in one piece.
fn table(f: &mut Formatter<'_>, pid: u32, report: &Report) -> fmt::Result {
    let Report {
        queries,
        in_flight,
        inside_call,
        timeouts,
        channels,
        sockets,
        ..
    } = report;
    writeln!(f, "c-ares[{pid}] summary")?;
    writeln!(
        f,
        "  queries {queries}  inside the call {inside_call}  timeouts {timeouts}  in flight {in_flight}"
    )?;
    write!(f, "  channels {channels}  sockets {sockets}")?;
    if !report.outcomes.is_empty() {
        write!(f, "\n  {:<NAME$} {:>9}", "outcome", "queries")?;
    }
    for (outcome, count) in &report.outcomes {
        write!(f, "\n  {outcome:<NAME$} {count:>9}")?;
    }
    if !report.slowest.is_empty() {
        write!(
            f,
            "\n  {:<NAME$} {:>9} {:>12}  type",
            "slowest", "queries", "most ms"
        )?;
    }
    for slow in &report.slowest {
        let name: String = slow.name.chars().take(NAME).collect();
        let most = Milliseconds(slow.slowest).to_string();
        write!(
            f,
            "\n  {name:<NAME$} {:>9} {most:>12}  {}",
            slow.asked, slow.kind
        )?;
    }
    if !report.servers.is_empty() {
        write!(
            f,
            "\n  {:<NAME$} {:>9} {:>12} {:>12} {:>8} {:>8}",
            "server", "lookups", "mean ms", "most ms", "answers", "failed"
        )?;
    }
    for ServerRow {
        server,
        answers,
        failures,
        lookups,
        mean,
        slowest,
    } in &report.servers
    {
        let server = server.as_deref().unwrap_or("(not known which)");
        let (mean, most) = (
            Milliseconds(*mean).to_string(),
            Milliseconds(*slowest).to_string(),
        );
        write!(
            f,
            "\n  {server:<NAME$} {lookups:>9} {mean:>12} {most:>12} {answers:>8} {failures:>8}"
        )?;
    }
    Ok(())
}

/// The time of day, UTC.
struct Clock(SystemTime);

impl Display for Clock {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, micros) = (since.as_secs() % 86_400, since.subsec_micros());
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(
            f,
            "{hours:02}:{minutes:02}:{:02}.{micros:06}Z",
            seconds % 60
        )
    }
}

struct Milliseconds(Duration);

impl Display for Milliseconds {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:03}",
            self.0.as_millis(),
            self.0.subsec_micros() % 1000
        )
    }
}

/// Bytes that a person can read: what is not UTF-8 is replaced, and what would move the
/// terminal's cursor is written as in zone files.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(bytes).chars() {
        match c.is_control() {
            true => {
                let _ = write!(text, "\\{:03}", u32::from(c));
            }
            false => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_of_the_day_in_utc() {
        let time = UNIX_EPOCH + Duration::from_micros(86_400_000_000 * 3 + 3_723_000_042);
        assert_eq!(Clock(time).to_string(), "01:02:03.000042Z");
        assert_eq!(
            Milliseconds(Duration::from_micros(12_045)).to_string(),
            "12.045"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable(b"a\x1b[2Jb\n\xff"), "a\\027[2Jb\\010\u{fffd}");
    }
}
