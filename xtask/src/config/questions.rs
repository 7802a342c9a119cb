//! Upstream's questions to the compiler, asked again without cmake.
//!
//! `CMakeLists.txt` asks for headers, symbols and types in three simple forms.
//! Read from there and compiled, but not linked, they tell what the headers of
//! a target have, and so whether our tables are right about it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::{Defines, Found};

/// The questions, each with the define that it decides.
#[derive(Default)]
struct Questions {
    /// Headers that compile when they are included in this order.
    headers: Vec<(Vec<String>, String)>,
    symbols: Vec<(String, String)>,
    types: Vec<(String, String)>,
    /// Headers that are included for symbols and types, where this was answered with yes.
    included: Vec<(String, String)>,
    /// Macros for the command line, by the system as a condition names it.
    macros: Vec<(String, Vec<String>)>,
}

impl Questions {
    fn read(cmake: &str) -> Result<Self> {
        let mut questions = Self::default();
        let mut system = String::new();
        for line in cmake.lines() {
            let Some((command, rest)) = line.trim().split_once('(') else {
                continue;
            };
            let rest = rest.trim_end().trim_end_matches(')');
            let arguments = words(rest);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            match (command.trim(), &arguments[..]) {
                ("CHECK_INCLUDE_FILES", [headers, define]) => {
                    let headers = headers.split(';').map(str::to_owned).collect();
                    questions.headers.push((headers, (*define).to_owned()));
                }
                ("CHECK_SYMBOL_EXISTS", [symbol, _, define]) => questions
                    .symbols
                    .push(((*symbol).to_owned(), (*define).to_owned())),
                ("CARES_TYPE_EXISTS", [name, define]) => questions
                    .types
                    .push(((*name).to_owned(), (*define).to_owned())),
                ("CARES_EXTRAINCLUDE_IFSET", [define, header]) => questions
                    .included
                    .push(((*define).to_owned(), (*header).to_owned())),
                ("IF" | "ELSEIF", ["CMAKE_SYSTEM_NAME", ..] | ["WIN32"]) => {
                    system = rest.to_owned()
                }
                ("LIST", ["APPEND", "SYSFLAGS", macros @ ..]) => {
                    let macros = macros.iter().map(|word| (*word).to_owned()).collect();
                    questions.macros.push((system.clone(), macros));
                }
                _ => {}
            }
        }
        let lists = [
            questions.headers.len(),
            questions.symbols.len(),
            questions.types.len(),
            questions.included.len(),
            questions.macros.len(),
        ];
        ensure!(
            lists.iter().all(|length| *length > 5),
            "upstream's CMakeLists.txt asks its questions in a new way: found {lists:?}"
        );
        Ok(questions)
    }

    fn macros_for(&self, target: &str) -> Vec<&str> {
        let system = match target {
            _ if target.contains("linux") => "\"Linux\"",
            _ if target.contains("apple") => "\"Darwin\"",
            _ if target.contains("freebsd") => "\"FreeBSD\"",
            _ => "WIN32",
        };
        self.macros
            .iter()
            .filter(|(condition, _)| condition.contains(system))
            .flat_map(|(_, macros)| macros.iter().map(String::as_str))
            .collect()
    }
}

/// The words of a cmake command: separated by blanks, or quoted.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Asks the compiler, and returns where `ours` says otherwise.
pub(crate) fn ask(compiler: &Path, target: &str, ours: &Defines, dir: &Path) -> Result<Vec<Found>> {
    let tree = c_ares_src::source::locate()?;
    let path = tree.root().join("CMakeLists.txt");
    let cmake =
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let questions = Questions::read(&cmake)?;
    let mut flags = questions.macros_for(target);
    if target.contains("apple") {
        // What a newer release brings is no more than declared in an older one.
        flags.push("-Werror=partial-availability");
    }
    let asker = Asker {
        compiler,
        flags: &flags,
        dir,
    };

    let mut yes = BTreeSet::new();
    for (headers, define) in &questions.headers {
        let includes: String = headers.iter().map(|header| include(header)).collect();
        if asker.refused(&includes)?.is_none() {
            yes.insert(define.as_str());
        }
    }
    let mut text = include("stdio.h") + &include("stdlib.h");
    for (define, header) in &questions.included {
        if yes.contains(define.as_str()) {
            text += &include(header);
        }
    }
    // One line for each, so that the number of a refused line names the question.
    let mut asked = Vec::new();
    for (symbol, define) in &questions.symbols {
        text += &format!("#ifndef {symbol}\n");
        asked.push((text.lines().count() + 1, define));
        text += &format!("void is_{symbol}(void) {{ (void)({symbol}); }}\n#endif\n");
    }
    for (index, (name, define)) in questions.types.iter().enumerate() {
        asked.push((text.lines().count() + 1, define));
        text += &format!("void is_type_{index}(void) {{ {name} it; (void)it; }}\n");
    }
    let refused = asker.refused(&text)?.unwrap_or_default();
    let stray: Vec<_> = refused
        .iter()
        .filter(|line| !asked.iter().any(|(known, _)| known == *line))
        .collect();
    ensure!(
        stray.is_empty(),
        "the compiler refuses lines {stray:?} of\n{text}"
    );
    yes.extend(
        asked
            .iter()
            .filter(|(line, _)| !refused.contains(line))
            .map(|(_, define)| define.as_str()),
    );

    let asked = questions
        .headers
        .iter()
        .map(|(_, define)| define)
        .chain(asked.iter().map(|(_, define)| *define));
    let decided = fs::read_to_string(tree.root().join("src/lib/ares_config.h.cmake"))?;
    let decided: BTreeSet<&str> = decided.split_whitespace().collect();
    Ok(asked
        .filter(|define| decided.contains(define.as_str()))
        .filter(|define| yes.contains(define.as_str()) != ours.contains_key(*define))
        .map(|define| {
            let theirs = yes.contains(define.as_str()).then(|| "1".to_owned());
            (define.clone(), ours.get(define).cloned(), theirs)
        })
        .collect())
}

fn include(header: &str) -> String {
    format!("#include <{header}>\n")
}

struct Asker<'a> {
    compiler: &'a Path,
    flags: &'a [&'a str],
    dir: &'a Path,
}

impl Asker<'_> {
    /// The lines of the text that the compiler refuses; `None`: it compiles.
    fn refused(&self, text: &str) -> Result<Option<BTreeSet<usize>>> {
        let source = self.dir.join("question.c");
        fs::write(&source, text)?;
        let output = Command::new(self.compiler)
            .args(self.flags)
            .args(["-ferror-limit=0", "-c", "-o"])
            .arg(self.dir.join("question.o"))
            .arg(&source)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("could not start {}", self.compiler.display()))?;
        if output.status.success() {
            return Ok(None);
        }
        let messages = String::from_utf8_lossy(&output.stderr);
        let mut lines = BTreeSet::new();
        for message in messages.lines().filter(|line| line.contains("error: ")) {
            let place = message.split_once("question.c:").map(|(_, rest)| rest);
            let number = place.and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
            lines.extend(number);
        }
        // A missing header, or one that refuses to be included alone.
        if lines.is_empty() && !messages.contains("error: ") {
            bail!("the compiler failed:\n{messages}");
        }
        Ok(Some(lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_are_read_as_upstream_writes_them() {
        assert_eq!(words(r#"sys/types.h   HAVE"#), ["sys/types.h", "HAVE"]);
        assert_eq!(words(r#""struct a"  HAVE_A"#), ["struct a", "HAVE_A"]);
        assert!(Questions::read("CHECK_INCLUDE_FILES (a.h HAVE_A)").is_err());
        let tree = c_ares_src::source::locate().unwrap();
        let cmake = fs::read_to_string(tree.root().join("CMakeLists.txt")).unwrap();
        let questions = Questions::read(&cmake).unwrap();
        let of = |list: &[(String, String)], name: &str| {
            list.iter()
                .find(|(asked, _)| asked == name)
                .unwrap()
                .1
                .clone()
        };
        assert_eq!(of(&questions.symbols, "pipe2"), "HAVE_PIPE2");
        assert_eq!(
            of(&questions.types, "struct timeval"),
            "HAVE_STRUCT_TIMEVAL"
        );
        let macros = questions.macros_for("aarch64-unknown-linux-musl");
        assert!(macros.contains(&"-D_GNU_SOURCE"), "{macros:?}");
        assert!(questions.macros_for("x86_64-unknown-freebsd").is_empty());
        assert!(questions.headers.contains(&(
            vec!["sys/socket.h".to_owned(), "net/if.h".to_owned()],
            "HAVE_NET_IF_H".to_owned()
        )));
    }
}
