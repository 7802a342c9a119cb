//! What a person gets to read.

use std::fmt::Write;
use std::time::Duration;

use c_ares::{Answer, Channel, Error, ErrorKind, Name, RData, Record, Soa};

use crate::{Outcome, Question};

/// Where the time of a name stands, unless the name is longer.
const TIME_COLUMN: usize = 48;

/// The answers, in groups by name, their columns aligned.
pub(crate) fn answers(outcomes: &[Outcome]) -> String {
    let groups: Vec<(&[Outcome], Vec<[String; 3]>)> = outcomes
        .chunk_by(|a, b| a.question.name == b.question.name)
        .map(|group| {
            (
                group,
                group.iter().flat_map(|one| lines(one, group)).collect(),
            )
        })
        .filter(|(_, lines): &(_, Vec<_>)| !lines.is_empty())
        .collect();
    let [kinds, ttls] = [0, 1].map(|column| {
        let lines = groups.iter().flat_map(|(_, lines)| lines);
        lines.map(|line| line[column].len()).max().unwrap_or(0)
    });

    let mut text = String::new();
    for (group, lines) in &groups {
        let slowest = group.iter().map(|outcome| outcome.elapsed).max();
        let elapsed = slowest.unwrap_or_default().as_millis();
        let head = head(group);
        put(
            &mut text,
            format_args!("{head:<TIME_COLUMN$} {elapsed:>5} ms\n"),
        );
        for [kind, ttl, data] in lines {
            put(
                &mut text,
                format_args!("  {kind:<kinds$}  {ttl:>ttls$}  {data}\n"),
            );
        }
        text.push('\n');
    }
    text
}

/// The name that was asked for, and the one that it is an alias of.
fn head(group: &[Outcome]) -> String {
    let asked = &group[0].question.name;
    let owner = group
        .iter()
        .filter_map(|outcome| outcome.result.as_ref().ok())
        .flatten()
        .map(|record| &record.name)
        .find(|owner| **owner != asked.as_str());
    match owner {
        Some(owner) => format!("{}, an alias of {}", printable(asked), host(owner)),
        None => printable(asked),
    }
}

/// Type, time to live and data of each record.
fn lines(outcome: &Outcome, group: &[Outcome]) -> Vec<[String; 3]> {
    match &outcome.result {
        Ok(answer) => in_order(answer)
            .into_iter()
            .map(|record| {
                let kind = c_ares::RecordData::record_type(&record.data);
                [kind.to_string(), ttl(record.ttl), data(&record.data)]
            })
            .collect(),
        Err(_) if failed(outcome, group).is_none() => {
            let kind = outcome.question.record_type.to_string();
            vec![[kind, String::new(), "none".to_owned()]]
        }
        // That goes to stderr.
        Err(_) => Vec::new(),
    }
}

/// The records, those first that are to be tried first.
fn in_order(answer: &Answer<RData>) -> Vec<&Record<RData>> {
    let mut records: Vec<_> = answer.records.iter().collect();
    records.sort_by_key(|record| match &record.data {
        RData::Mx(mx) => mx.preference,
        RData::Srv(srv) => srv.priority,
        _ => 0,
    });
    records
}

fn data(data: &RData) -> String {
    match data {
        RData::Ns(ns) => host(&ns.server).to_owned(),
        RData::Cname(cname) => host(&cname.canonical).to_owned(),
        RData::Ptr(ptr) => host(&ptr.target).to_owned(),
        RData::Mx(mx) => format!("{} (preference {})", host(&mx.exchange), mx.preference),
        RData::Srv(srv) => format!(
            "{}, port {} (priority {}, weight {})",
            host(&srv.target),
            srv.port,
            srv.priority,
            srv.weight
        ),
        RData::Soa(soa) => start_of_authority(soa),
        RData::Txt(txt) => {
            // Bytes by the standard, but nearly always UTF-8. `{:?}` keeps control
            // characters away from the terminal.
            let strings = txt.strings.iter();
            let quoted = strings.map(|bytes| format!("{:?}", String::from_utf8_lossy(bytes)));
            quoted.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn start_of_authority(soa: &Soa) -> String {
    format!(
        "{}, {}, serial {}, refresh {}, retry {}, expire {}, minimum {}",
        host(&soa.mname),
        mailbox(&soa.rname),
        soa.serial,
        ttl(soa.refresh),
        ttl(soa.retry),
        ttl(soa.expire),
        ttl(soa.minimum)
    )
}

/// A mailbox as people write it: `a\.b.example` is `a.b@example`.
fn mailbox(name: &Name) -> String {
    let mut after = None;
    let mut escaped = false;
    for (position, byte) in name.bytes().enumerate() {
        if byte == b'.' && !escaped {
            after = Some(position);
            break;
        }
        escaped = byte == b'\\' && !escaped;
    }
    match after {
        Some(dot) => format!("{}@{}", name[..dot].replace(r"\.", "."), &name[dot + 1..]),
        None => host(name).to_owned(),
    }
}

/// A name without the final dot, which people do not write; the root is nothing else.
fn host(name: &Name) -> &str {
    if name.is_root() { "." } else { name.as_str() }
}

/// Seconds in the largest unit that says them exactly.
fn ttl(seconds: u32) -> String {
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("min", 60)] {
        if seconds > 0 && seconds.is_multiple_of(size) {
            return format!("{} {unit}", seconds / size);
        }
    }
    format!("{seconds} s")
}

/// How many were answered, by whom, and how fast.
pub(crate) fn summary(outcomes: &[Outcome], servers: &str, elapsed: Duration) -> String {
    let all = outcomes.len();
    let answered = outcomes.iter().filter(|outcome| outcome.result.is_ok());
    format!(
        "{} of {all} questions answered in {} ms; servers: {servers}\n",
        answered.count(),
        elapsed.as_millis()
    )
}

/// Why a question failed. Of the types that nobody named one is enough.
pub(crate) fn failed<'a>(outcome: &'a Outcome, all: &[Outcome]) -> Option<&'a Error> {
    let error = outcome.result.as_ref().err()?;
    let Question { name, required, .. } = &outcome.question;
    let other = |other: &Outcome| other.question.name == *name && other.result.is_ok();
    if *error == ErrorKind::NoData && !required && all.iter().any(other) {
        return None;
    }
    Some(error)
}

/// A failure in one line.
pub(crate) fn failure(question: &Question, error: &Error) -> String {
    let Question {
        name, record_type, ..
    } = question;
    let hint = match error.kind() {
        ErrorKind::BadName if !name.is_ascii() => ", write it in ASCII (xn--)",
        _ => "",
    };
    match error.question() {
        Some(_) => format!("{error}{hint}"),
        None => format!("{name} {record_type}: {error}{hint}"),
    }
}

/// The servers of a channel, as c-ares has them.
pub(crate) fn servers(channel: &Channel) -> String {
    match channel.servers() {
        Ok(servers) if servers.is_empty() => "none".to_owned(),
        Ok(servers) => {
            let servers = servers.iter().map(ToString::to_string);
            servers.collect::<Vec<_>>().join(", ")
        }
        Err(error) => format!("unknown: {error}"),
    }
}

/// The text with its control characters escaped, so that it is one line and does nothing
/// to a terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::new();
    for character in text.chars() {
        if character.is_control() {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a String takes everything");
}
