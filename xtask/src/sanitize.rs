//! `cargo xtask sanitize SANITIZER COMMAND…`: runs a cargo command with a sanitizer in Rust and in C.
//!
//! `address` finds accesses to what is not there and leaks, `thread` finds data races.
//! `cargo xtask sanitize SANITIZER --planted` shows that it does: see [`planted`].

mod atomics;
mod planted;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use lexopt::ValueExt;

use crate::{bindings::host, root, run as run_command};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sanitizer {
    Address,
    Thread,
}

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let name = match arguments.next()? {
        Some(lexopt::Arg::Value(name)) => name.string()?,
        _ => bail!("say which: address or thread"),
    };
    let sanitizer = match name.as_str() {
        "address" => Sanitizer::Address,
        "thread" => Sanitizer::Thread,
        _ => bail!("there is no sanitizer {name:?}: address or thread"),
    };
    let environment = Environment::new(sanitizer)?;
    let command: Vec<OsString> = arguments.raw_args()?.collect();
    match command.first() {
        None => bail!("say what cargo is to do: `test -p c-ares`, or --planted"),
        Some(first) if first == "--planted" => {
            ensure!(command.len() == 1, "--planted takes nothing more");
            planted::run(&environment)
        }
        Some(verb) => run_command(environment.cargo(verb).args(&command[1..])),
    }
}

/// What cargo, the compilers and the programs are told.
struct Environment {
    sanitizer: Sanitizer,
    target: String,
    /// Where cargo builds, apart from everything else.
    dir: PathBuf,
    flags: Vec<String>,
}

impl Environment {
    fn new(sanitizer: Sanitizer) -> Result<Self> {
        let mut environment = Environment {
            sanitizer,
            target: host()?,
            dir: root().join("target").join(sanitizer.folder()),
            flags: vec![
                format!("-Zsanitizer={}", sanitizer.name()),
                // For the way to an allocation, which is found by them.
                "-Cforce-frame-pointers=yes".to_owned(),
            ],
        };
        fs::create_dir_all(&environment.dir)
            .with_context(|| format!("could not make {}", environment.dir.display()))?;
        if sanitizer == Sanitizer::Thread {
            // The standard library is not compiled anew: there is no way to on a stable toolchain.
            let flag = "-Cunsafe-allow-abi-mismatch=sanitizer";
            environment.flags.push(flag.to_owned());
            let more = atomics::link(&environment.dir, &environment.target)?;
            environment.flags.extend(more);
        }
        Ok(environment)
    }

    /// `cargo VERB`, for programs with the sanitizer in them.
    fn cargo(&self, verb: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let flags = self.flags.join("\u{1f}");
        cargo
            .arg(verb)
            .args(["--target", &self.target])
            .env("CARGO_TARGET_DIR", &self.dir)
            // For `-Z`, which the stable compiler refuses otherwise.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_ENCODED_RUSTFLAGS", &flags)
            .env("CARGO_ENCODED_RUSTDOCFLAGS", &flags)
            .env(
                format!("CFLAGS_{}", self.target.replace('-', "_")),
                format!(
                    "-fsanitize={} -fno-omit-frame-pointer -g",
                    self.sanitizer.name()
                ),
            );
        let (name, value) = self.sanitizer.options();
        cargo.env(name, value);
        cargo
    }
}

impl Sanitizer {
    /// As the compilers call it.
    fn name(self) -> &'static str {
        match self {
            Sanitizer::Address => "address",
            Sanitizer::Thread => "thread",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Sanitizer::Address => "asan",
            Sanitizer::Thread => "tsan",
        }
    }

    /// The variable that its run time library reads, and what is in it.
    fn options(self) -> (&'static str, &'static str) {
        match self {
            // What is freed is held back, so that uses of it are seen; by default so much that a test
            // which measures memory sees it grow. 16 MB are some hundred queries.
            Sanitizer::Address => (
                "ASAN_OPTIONS",
                "detect_leaks=1:detect_stack_use_after_return=1:quarantine_size_mb=16",
            ),
            // A child that a test forks may start threads. What is sent over a socket orders nothing:
            // otherwise each datagram would hide the races before it.
            Sanitizer::Thread => ("TSAN_OPTIONS", "die_after_fork=0:io_sync=0"),
        }
    }
}
