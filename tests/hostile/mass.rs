//! Bad answers by the ten thousand.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use c_ares::{A, Flags};
use testserver::{Misbehaviour, Reply, Rule, Server};

use crate::common;
use crate::level::{Level, cpu};
use crate::outcome::{Outcome, outcome};

/// So many answers, unless this variable says how many.
const ANSWERS: usize = 20_000;
const VARIABLE: &str = "C_ARES_TEST_ANSWERS";
/// What the documentation promises to have been tried; fewer are said to be fewer.
const PROMISED: usize = 200_000;

/// Equal rounds. Some fill what is kept for later, the pools of the allocator and the
/// buffers of the server, and when they do so depends on what else the machine does: there
/// are at most twice as many.
const ROUNDS: usize = 8;
/// So many in a row must take no memory.
const SETTLED: usize = 5;
/// How far the memory of the process may be from where it was after these. A kilobyte lost
/// with each query would be more, and a hundred bytes where 200,000 are asked.
const SLACK: usize = 1 << 20;

/// How many queries are under way at once: so many that connections are shared, so few that
/// no datagrams are lost.
const WINDOW: usize = 64;
/// How often a loop may wake up for one query, and for none.
const WAKES: (usize, usize) = (20, 2_000);

/// What comes of an answer.
enum Fate {
    /// Nobody believes it, and the right one behind it is heard.
    PassedOver,
    /// This, and nothing is sent behind it.
    Ends(Outcome),
    /// The connection ends while others write to it: some are told so, and some wait.
    Breaks,
}

fn fate(how: Misbehaviour) -> Fate {
    use Misbehaviour::*;
    match how {
        Id | Port | Question | Case | ForeignCookie | LongCookie | BadCookieBare => {
            Fate::PassedOver
        }
        None | Oversized | Trailing | Nul | Dot | Empty | FullFrame | AliasChain(_) | Flood(_)
        | Cookie | BadCookieOnce | FormErr | FormErrOpt => Fate::Ends(Outcome::Right),
        // c-ares does not look at the QR bit.
        NotAnAnswer => Fate::Ends(Outcome::Wrong),
        // BADCOOKIE without a cookie is nobody's answer.
        Rcode(23) => Fate::Ends(Outcome::Timeout),
        HalfLength(_) | HalfFrame(_) => Fate::Breaks,
        _ => Fate::Ends(Outcome::Error),
    }
}

fn rule(how: Misbehaviour) -> Rule {
    match fate(how) {
        Fate::PassedOver => Rule::script(move |query| {
            let right: Reply = Misbehaviour::None.reply(query);
            how.reply(query).then(right)
        }),
        Fate::Ends(_) | Fate::Breaks => Rule::misbehave(how),
    }
}

/// Asks so often on a channel of its own, and says how often each outcome was told.
fn ask(server: &Server, how: Misbehaviour, queries: usize) -> HashMap<Outcome, usize> {
    server.rule("*", rule(how));
    let right = matches!(fate(how), Fate::PassedOver | Fate::Ends(Outcome::Right));
    let builder = common::builder(server)
        .flags(Flags::DNS0X20)
        .query_cache(Duration::ZERO)
        .timeout(Duration::from_millis(250))
        // A busy machine may be slow to answer rightly; what is not answered waits once.
        .tries(if right { 6 } else { 1 });
    let mut level = Level::new(builder);
    let (sender, receiver) = mpsc::channel();
    let mut outcomes = HashMap::new();
    let mut asked = 0;
    for told in 0..queries {
        while asked < queries && asked - told < WINDOW {
            let sender = sender.clone();
            let name = format!("name{asked}.example.com");
            level.channel.query::<A>(&name, move |answer| {
                // The answer goes with it, so that its memory is looked after too.
                sender.send((asked, outcome(&answer), answer)).unwrap();
            });
            asked += 1;
        }
        let (_, outcome, _) = level.receive(&receiver);
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    let wakes = level.wakes;
    drop(level);
    drop(sender);
    assert_eq!(
        receiver.iter().count(),
        0,
        "{how:?}: told more often than asked"
    );
    let most = (WAKES.0 + unasked(how)) * queries + WAKES.1;
    assert!(wakes < most, "{how:?}: {wakes} wakes for {queries} queries");
    outcomes
}

/// How many messages come for each query that nobody asked for. Each may wake the loop: how many
/// come at once is for the machine to say.
fn unasked(how: Misbehaviour) -> usize {
    match how {
        Misbehaviour::Flood(messages) => messages.into(),
        _ => 0,
    }
}

/// The bytes of memory that the process has.
fn memory() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages = statm.split(' ').nth(1).unwrap();
    pages.parse::<usize>().unwrap() * rustix::param::page_size()
}

/// Whether memory has grown in the last rounds.
fn grows(sizes: &[usize]) -> bool {
    sizes[sizes.len() - 1] >= sizes[sizes.len() - 1 - SETTLED] + SLACK
}

#[test]
fn queries_are_told_once_and_memory_returns_whatever_is_answered() {
    const NAME: &str = "mass::queries_are_told_once_and_memory_returns_whatever_is_answered";
    // In a process of its own, where no other test takes memory.
    if !common::is_child(NAME) {
        let output = common::in_child(NAME);
        println!("{}", String::from_utf8_lossy(&output.stdout));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    let wanted = std::env::var(VARIABLE).map_or(ANSWERS, |text| text.parse().unwrap());
    let kinds = Misbehaviour::all();
    let queries = wanted.div_ceil(ROUNDS * kinds.len());
    let server = Server::builder().count_only().start().unwrap();
    let (mut sizes, mut surprises) = (Vec::new(), Vec::new());
    let (start, computed) = (Instant::now(), cpu());
    while sizes.len() < ROUNDS || (grows(&sizes) && sizes.len() < 2 * ROUNDS) {
        for &how in &kinds {
            let outcomes = ask(&server, how, queries);
            let expected: &[Outcome] = match fate(how) {
                Fate::PassedOver => &[Outcome::Right],
                Fate::Ends(outcome) => &[outcome],
                Fate::Breaks => &[Outcome::Timeout, Outcome::Error],
            };
            if !outcomes.keys().all(|outcome| expected.contains(outcome)) {
                surprises.push(format!("{how:?}: {outcomes:?}, not {expected:?}"));
            }
        }
        sizes.push(memory());
    }
    let asked = sizes.len() * kinds.len() * queries;
    println!(
        "{asked} queries, {} seen by the server, in {:?} with {:?} of CPU; bytes: {sizes:?}",
        server.query_count(),
        start.elapsed(),
        cpu() - computed,
    );
    if asked < PROMISED {
        println!("fewer than {PROMISED}: {VARIABLE}={PROMISED} asks so many");
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    assert!(!grows(&sizes), "memory grows: {sizes:?}");
}
