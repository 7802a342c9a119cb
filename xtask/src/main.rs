//! The chores of this repository: `cargo xtask VERB`.
//!
//! No verb is needed to build, run or test. Each lives in a module of its own;
//! a new one is a row in [`VERBS`].

mod bench;
mod bindings;
mod callgrind;
mod config;
mod cross;
mod fidelity;
mod fuzz;
mod install_c;
mod package;
mod sanitize;
mod system;
mod trace;
mod upstream;
mod vendor;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

/// A chore: its name on the command line, what it does, and the function that does it.
struct Verb {
    name: &'static str,
    summary: &'static str,
    run: fn(lexopt::Parser) -> Result<()>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "bench",
        summary: "count the instructions that compiling as one unit saves",
        run: bench::run,
    },
    Verb {
        name: "bindings",
        summary: "write the bindings of c-ares-sys anew; --check only compares",
        run: bindings::run,
    },
    Verb {
        name: "config",
        summary: "compare our configuration with what upstream's cmake writes here",
        run: config::run,
    },
    Verb {
        name: "cross",
        summary: "compile the C tree for other targets with zig, and link it with lld",
        run: cross::run,
    },
    Verb {
        name: "fidelity",
        summary: "compare our shared library with upstream's: symbols, tests, tools, programs, speed",
        run: fidelity::run,
    },
    Verb {
        name: "fuzz",
        summary: "run cargo fuzz, with AddressSanitizer and coverage in C too: run TARGET, cmin TARGET, …",
        run: fuzz::run,
    },
    Verb {
        name: "install-c",
        summary: "install the C library for C programs: --prefix DIR [--libdir L] [--destdir D]",
        run: install_c::run,
    },
    Verb {
        name: "package",
        summary: "lay down the C tree, package the crates, and build a program with them",
        run: package::run,
    },
    Verb {
        name: "sanitize",
        summary: "run cargo with a sanitizer in Rust and C: address|thread, then test … or --planted",
        run: sanitize::run,
    },
    Verb {
        name: "system",
        summary: "check the crates on an installed c-ares: a good one, an old one, and liars",
        run: system::run,
    },
    Verb {
        name: "trace",
        summary: "run upstream's tests with libcares_trace.so, and measure what it costs",
        run: trace::run,
    },
    Verb {
        name: "uninstall-c",
        summary: "take back what install-c installed, given the same arguments",
        run: install_c::run_uninstall,
    },
    Verb {
        name: "upstream",
        summary: "build and run the programs in C that show limits of c-ares",
        run: upstream::run,
    },
    Verb {
        name: "vendor",
        summary: "lay the C tree down in c-ares/vendor/",
        run: vendor::run,
    },
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let verb = match arguments.next()? {
        Some(lexopt::Arg::Value(verb)) => verb,
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) => {
            print!("{}", usage());
            return Ok(());
        }
        Some(other) => return Err(other.unexpected().into()),
        None => bail!("a verb is missing\n\n{}", usage()),
    };
    let verb = verb.to_string_lossy();
    match VERBS.iter().find(|known| known.name == verb) {
        Some(known) => (known.run)(arguments).with_context(|| format!("{verb} failed")),
        None => bail!("there is no verb {verb:?}\n\n{}", usage()),
    }
}

fn usage() -> String {
    let mut text = String::from("Usage: cargo xtask VERB\n\n");
    for verb in VERBS {
        text += &format!("  {:<11} {}\n", verb.name, verb.summary);
    }
    text
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the xtask package lies inside the workspace")
        .to_path_buf()
}

/// Runs a command and fails, naming it, unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("could not start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
