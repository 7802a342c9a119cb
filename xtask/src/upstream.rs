//! `cargo xtask upstream`: are the limits of c-ares that `tests/upstream/` shows still there?
//!
//! Each program is built as a c-ares maintainer would, and run. One that does not show its
//! limit any more fails the chore: then a newer c-ares has mended it, and the layer, the
//! documents and the program may go.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use c_ares_src::{Artifacts, Build};

use crate::bindings::host;
use crate::{root, run as run_command};

/// How the library and the program are built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Plain,
    ThreadSanitizer,
    /// With the configuration monitor in.
    AddressSanitizer,
}

/// A program, how it is built, and what it or its sanitizer says when the limit is there.
struct Program {
    name: &'static str,
    how: How,
    says: &'static str,
}

const fn program(name: &'static str, how: How, says: &'static str) -> Program {
    Program { name, how, says }
}

const PROGRAMS: &[Program] = &[
    program("partial_frame", How::Plain, "the event thread spins"),
    program("qr_bit", How::Plain, "a query was taken for an answer"),
    program("set_servers_time", How::Plain, "times as long"),
    program("no_memory", How::Plain, "not every query ended well"),
    program("ask_while_destroyed", How::Plain, "is never told"),
    program("wait_in_callback", How::Plain, "waits for itself"),
    program("refused_functions", How::Plain, "called nothing"),
    program("round_trips", How::Plain, "is not what was read"),
    program("sortlist", How::Plain, "does not go by it"),
    program("hosts_merged", How::Plain, "first has 2"),
    program("family", How::Plain, "is told for IPv6"),
    program(
        "query_cache",
        How::Plain,
        "of 2 updates 1 came; of 2 questions whose answer holds for a second, 1",
    ),
    program("forked", How::Plain, "the child is never told"),
    program("search_twice", How::Plain, "told 2 times"),
    program("hosts_no_memory", How::Plain, "twice"),
    program("cancel_no_memory", How::Plain, "nothing is cancelled"),
    program("written_otherwise", How::Plain, "was written as"),
    program("sent_pointers", How::Plain, "c-ares reads what c-ares sent"),
    program(
        "destroy_in_callback",
        How::AddressSanitizer,
        "heap-use-after-free",
    ),
    program("reinit_twice", How::ThreadSanitizer, "data race"),
    // Used after it was freed, or the thread of `ares_reinit` leaked: it was missed in either case.
    program("config_monitor", How::AddressSanitizer, "ares_reinit"),
];

/// The longest that a program may take, in seconds; and how often one is run that shows a
/// race, which may not come every time.
const BOUND: &str = "120";
const TIMES: usize = 100;

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let dir = tempfile::tempdir()?;
    let sources = root().join("tests/upstream");
    for file in std::fs::read_dir(&sources)? {
        let path = file?.path();
        let listed = |program: &Program| path.file_stem().is_some_and(|stem| stem == program.name);
        ensure!(
            path.extension().is_none_or(|extension| extension != "c")
                || PROGRAMS.iter().any(listed),
            "{} is in no row of PROGRAMS",
            path.display()
        );
    }
    let mut gone = Vec::new();
    for how in [How::Plain, How::ThreadSanitizer, How::AddressSanitizer] {
        let library = library(dir.path(), how)?;
        for program in PROGRAMS.iter().filter(|program| program.how == how) {
            let built = build(&library, &sources, program)?;
            let start = Instant::now();
            let seen = is_seen(program, &built)?;
            let word = if seen { "seen" } else { "not seen" };
            println!(
                "{:<20} {word:<8} {:>6.1} s",
                program.name,
                start.elapsed().as_secs_f64()
            );
            if !seen {
                gone.push(program.name);
            }
        }
    }
    ensure!(gone.is_empty(), "limits that are gone: {}", gone.join(", "));
    Ok(())
}

fn flags(how: How) -> &'static [&'static str] {
    match how {
        How::Plain => &[],
        How::ThreadSanitizer => &["-g", "-fsanitize=thread"],
        How::AddressSanitizer => &["-g", "-fsanitize=address", "-DNDEBUG"],
    }
}

fn library(dir: &Path, how: How) -> Result<Artifacts> {
    let host = host()?;
    let mut build = Build::new();
    build
        .target(&*host)
        .host(&*host)
        .out_dir(dir.join(format!("{how:?}")))
        .cargo_metadata(false)
        // The race is shown without that of the configuration monitor.
        .mended(how == How::ThreadSanitizer);
    for flag in flags(how) {
        build.flag(*flag);
    }
    Ok(build.try_compile()?)
}

fn build(library: &Artifacts, sources: &Path, program: &Program) -> Result<PathBuf> {
    let built = library.lib_dir().join(program.name);
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler
        .args(["-Wall", "-Wextra", "-Werror", "-pthread"])
        .args(flags(program.how))
        .arg(sources.join(program.name).with_extension("c"))
        .arg("-I")
        .arg(library.include_dir())
        .arg("-L")
        .arg(library.lib_dir())
        .arg("-lcares");
    for lib in library.system_libs() {
        compiler.arg(format!("-l{lib}"));
    }
    run_command(compiler.arg("-o").arg(&built))?;
    Ok(built)
}

/// Runs a program. What it says counts together with its status: 1 is the limit, or the
/// sanitizer's own, and 0 is none.
fn is_seen(program: &Program, built: &Path) -> Result<bool> {
    let times = if program.how == How::Plain { 1 } else { TIMES };
    for _ in 0..times {
        let output = output(program, built)?;
        let said = [&*output.stdout, &*output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        match output.status.code() {
            Some(0) => (),
            Some(1 | 66) if said.contains(program.says) => return Ok(true),
            _ => bail!("{} ended with {}: {said}", program.name, output.status),
        }
    }
    Ok(false)
}

fn output(program: &Program, built: &Path) -> Result<Output> {
    let mut command = Command::new("timeout");
    command.arg(BOUND);
    if program.name == "config_monitor" {
        // It writes to an /etc of its own.
        command
            .args(["unshare", "--map-root-user", "--mount", "sh", "-c"])
            .arg("mount -t tmpfs none /etc && exec \"$0\"");
    }
    command
        .arg(built)
        .output()
        .with_context(|| format!("could not start {command:?}"))
}
