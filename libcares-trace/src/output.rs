//! Where the lines go.

use crate::event::{Event, Line};
use crate::ffi::system::{self, Descriptor};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::SystemTime;

/// A pipe takes so many bytes in one piece, whoever else writes to it.
const LONGEST: usize = 4096;

static OUTPUT: OnceLock<Output> = OnceLock::new();

struct Output {
    descriptor: Descriptor,
    json: bool,
}

/// What `C_ARES_TRACE` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// None is standard error.
    path: Option<PathBuf>,
    json: bool,
}

impl Wanted {
    /// Reads the variable's value; nothing is asked for where it is empty.
    pub(crate) fn parse(value: &[u8]) -> Option<Wanted> {
        use std::os::unix::ffi::OsStrExt;
        let (place, json) = match value.strip_suffix(b":json") {
            Some(place) => (place, true),
            None => (value, false),
        };
        let path = match place {
            b"" => return None,
            b"stderr" => None,
            path => Some(PathBuf::from(std::ffi::OsStr::from_bytes(path))),
        };
        Some(Wanted { path, json })
    }

    /// Opens the place; an error is one for the user to read.
    pub(crate) fn open(self) -> Result<(), String> {
        let descriptor = match self.path {
            None => Descriptor::stderr(),
            Some(path) => {
                // The program may change its folder before the file has to be opened again.
                let path = std::path::absolute(&path).unwrap_or(path);
                let shown = path.display().to_string();
                Descriptor::file(path).map_err(|error| format!("{shown}: {error}"))?
            }
        };
        let output = Output {
            descriptor,
            json: self.json,
        };
        OUTPUT.set(output).map_err(|_| String::from("opened twice"))
    }
}

/// Tells something, now.
pub(crate) fn tell(channel: Option<u64>, event: Event) {
    let time = SystemTime::now();
    let pid = std::process::id();
    write(Line {
        pid,
        time,
        channel,
        event,
    });
}

fn write(mut line: Line) {
    if let Some(output) = OUTPUT.get() {
        let text = fit(&mut line, output.json);
        system::write(&output.descriptor, text.as_bytes());
    }
}

/// The line, shortened until it fits.
fn fit(line: &mut Line, json: bool) -> String {
    loop {
        let text = match json {
            true => serde_json::to_string(line).unwrap_or_default(),
            false => line.to_string(),
        };
        if text.len() < LONGEST || !line.shorten() {
            return text + "\n";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Asked, Outcome};
    use crate::message::Answer;
    use std::time::Instant;

    #[test]
    fn the_variable_says_where_and_how() {
        let wanted = |path: Option<&str>, json| {
            Some(Wanted {
                path: path.map(PathBuf::from),
                json,
            })
        };
        assert_eq!(Wanted::parse(b""), None);
        assert_eq!(Wanted::parse(b":json"), None);
        assert_eq!(Wanted::parse(b"stderr"), wanted(None, false));
        assert_eq!(Wanted::parse(b"stderr:json"), wanted(None, true));
        assert_eq!(Wanted::parse(b"/tmp/x"), wanted(Some("/tmp/x"), false));
        assert_eq!(Wanted::parse(b"a:b:json"), wanted(Some("a:b"), true));
    }

    #[test]
    fn long_lines_are_shortened_until_a_pipe_takes_them_in_one_piece() {
        let answer = Answer {
            name: "n".repeat(200),
            ttl: Some(60),
            kind: String::from("TXT"),
            data: "\u{1}\"".repeat(50),
        };
        for json in [false, true] {
            for (count, name) in [(1000, 10), (0, 100_000), (1, 100_000)] {
                let asked = Asked {
                    call: "ares_query",
                    channel: Some(1),
                    address: 0,
                    name: "\"".repeat(name),
                    kind: String::from("A"),
                    class: String::from("IN"),
                    detail: Some("d".repeat(10_000)),
                    start: SystemTime::UNIX_EPOCH,
                    clock: Instant::now(),
                    pid: 1,
                };
                let query = asked.query(Outcome {
                    answers: vec![answer.clone(); count],
                    ..Outcome::default()
                });
                let mut line = Line {
                    pid: 1,
                    time: SystemTime::UNIX_EPOCH,
                    channel: Some(1),
                    event: Event::Query(Box::new(query)),
                };
                let text = fit(&mut line, json);
                assert!(
                    text.len() <= LONGEST && text.ends_with('\n'),
                    "{}",
                    text.len()
                );
                assert_eq!(text.lines().count(), 1);
                if json {
                    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                    let kept = value["answers"].as_array().unwrap().len();
                    let left_out = value["answers_left_out"].as_u64().unwrap_or(0);
                    assert_eq!(kept as u64 + left_out, count as u64);
                }
            }
        }
    }
}
