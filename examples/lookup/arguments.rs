//! The command line.

use std::error::Error;
use std::time::Duration;

use c_ares::{RecordType, Server};
use lexopt::prelude::*;

use crate::Question;

pub(crate) const USAGE: &str = "\
Looks names up with c-ares, all at once.

usage: lookup [OPTION]... NAME...
       lookup                       a demonstration with a server of its own

  --server ADDR[:PORT]   ask this server instead of the system's; may be repeated
  --tcp                  ask over TCP
  --timeout MS           how long the first of three tries waits, in milliseconds;
                         c-ares waits 250 at least, and longer in later tries
  --type TYPE            a record type, such as MX or TYPE65280; may be repeated.
                         Without it A and AAAA, of which a name needs one
  --                     what follows is a name, even if it begins with a dash
  -h, --help             print this

An IPv6 address with a port is written [ADDR]:PORT.

Exit status: 0 if everything was found, 1 if something was not, 2 for a mistake
in the arguments.
";

pub(crate) enum Command {
    Help,
    Demo,
    Lookup(Options),
}

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) servers: Vec<Server>,
    pub(crate) tcp: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) questions: Vec<Question>,
}

pub(crate) fn read(mut parser: lexopt::Parser) -> Result<Command, Box<dyn Error>> {
    if parser.raw_args()?.peek().is_none() {
        return Ok(Command::Demo);
    }
    let mut options = Options::default();
    let mut types: Vec<RecordType> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("server") => options.servers.push(parser.value()?.string()?.parse()?),
            Long("tcp") => options.tcp = true,
            Long("timeout") => options.timeout = Some(timeout(&parser.value()?.string()?)?),
            Long("type") => types.push(parser.value()?.string()?.parse()?),
            Value(name) if name.is_empty() => return Err("an empty NAME; the root is .".into()),
            Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if names.is_empty() {
        return Err("a NAME is missing".into());
    }
    let required = !types.is_empty();
    if !required {
        types = vec![RecordType::A, RecordType::AAAA];
    }
    for name in names {
        options
            .questions
            .extend(types.iter().map(|&record_type| Question {
                name: name.clone(),
                record_type,
                required,
            }));
    }
    Ok(Command::Lookup(options))
}

fn timeout(text: &str) -> Result<Duration, String> {
    // The longest that c-ares takes is what a C `int` holds.
    match text.parse() {
        Ok(milliseconds @ 1..=0x7fff_ffff) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!(
            "bad timeout {text:?}: give milliseconds, 1 to {}",
            i32::MAX
        )),
    }
}
