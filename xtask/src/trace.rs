//! `cargo xtask trace`: upstream's own tests with `libcares_trace.so` preloaded, and what it costs.
//!
//! The tests of the C tree are built as upstream builds them, and run without the library and
//! with it, twice: as it is installed; and from a debug build which sets its own callbacks although
//! the tests bring an allocator. What passes without has to pass with it. Then callgrind counts the instructions of one query
//! without the library, with it and nothing to tell, and with it telling.
//!
//! Wants cmake, a C++ compiler, `libgtest-dev`, `libgmock-dev` and valgrind. `--cost` leaves the tests out.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use c_ares_src::Build;

use crate::callgrind::count;
use crate::{bindings::host, fidelity, root, run as run_command};

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let mut cost_alone = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("cost") => cost_alone = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let dir = tempfile::tempdir()?;
    if !cost_alone {
        suite(dir.path())?;
    }
    cost(&library(true)?, dir.path())
}

/// The library under test: as it is to be installed, or with what is there for tests.
fn library(release: bool) -> Result<PathBuf> {
    let target = root().join("target/xtask-trace");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root())
        .args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "libcares-trace",
        ])
        .args(release.then_some("--release"))
        .env("CARGO_TARGET_DIR", &target);
    run_command(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    let library = target.join(profile).join("libcares_trace.so");
    ensure!(
        library.exists(),
        "cargo has not built {}",
        library.display()
    );
    Ok(library)
}

/// Preloads the library into a command.
fn preload(command: &mut Command, library: &Path, place: &str) {
    command
        .env("LD_PRELOAD", library)
        .env("C_ARES_TRACE", place);
}

// The tests.

/// In how many parts they run side by side: most of the time they wait for timeouts.
const SHARDS: u32 = 2;
/// No test of upstream's takes longer than this, all of them together.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many tests there are at least: fewer mean that the build left some out.
const AT_LEAST: usize = 1000;

/// How the library is tried: from which build, and with what its tests may ask for.
struct Trial {
    name: &'static str,
    release: bool,
    test: &'static str,
}

const TRIALS: [Trial; 2] = [
    Trial {
        name: "as installed",
        release: true,
        test: "",
    },
    Trial {
        name: "with all its callbacks",
        release: false,
        test: "allocate",
    },
];

/// The library in a run of the tests.
struct Traced<'a> {
    library: PathBuf,
    test: &'static str,
    told: &'a Path,
}

fn suite(dir: &Path) -> Result<()> {
    let program = fidelity::upstream_tests()?;
    let plain = passed(start(&program, dir, None)?)?;
    ensure!(
        plain.len() >= AT_LEAST,
        "only {} tests passed without the library",
        plain.len()
    );
    for trial in &TRIALS {
        let told = dir.join("told");
        let traced = Traced {
            library: library(trial.release)?,
            test: trial.test,
            told: &told,
        };
        compare(&program, dir, &plain, &traced).context(trial.name)?;
        let lines = fs::read_to_string(&told).context("nothing was told of the tests")?;
        let of = |event: &str| {
            let mark = format!("\"event\":\"{event}\"");
            lines.lines().filter(|line| line.contains(&mark)).count()
        };
        let (queries, sockets) = (of("query"), of("socket"));
        ensure!(
            queries > 1000,
            "only {queries} queries were told of: was the library preloaded?"
        );
        println!(
            "trace: {} of upstream's tests pass without the library, and with it, {}: {queries} queries \
             and {sockets} changes of sockets were told",
            plain.len(),
            trial.name
        );
        fs::remove_file(&told)?;
    }
    Ok(())
}

/// Fails unless everything passes that passed without.
fn compare(program: &Path, dir: &Path, plain: &BTreeSet<String>, traced: &Traced) -> Result<()> {
    let with = passed(start(program, dir, Some(traced))?)?;
    let mut lost = Vec::new();
    for name in plain.difference(&with) {
        // Some tests count on being fast: once more, on its own.
        let log = dir.join("alone");
        let mut command = test(program, name, &log, Some(traced))?;
        let child = command
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        if !passed(vec![(child, log)])?.contains(name) {
            lost.push(&**name);
        }
    }
    ensure!(
        lost.is_empty(),
        "{} of upstream's tests pass without the library and fail with it: {}",
        lost.len(),
        lost.join(" ")
    );
    Ok(())
}

/// Starts the tests in parts; those that ask servers of the Internet are left out.
fn start(program: &Path, dir: &Path, traced: Option<&Traced>) -> Result<Vec<(Child, PathBuf)>> {
    let mut parts = Vec::new();
    for shard in 0..SHARDS {
        let log = dir.join(format!("log-{shard}"));
        let mut command = test(program, "-*Live*", &log, traced)?;
        command
            .env("GTEST_TOTAL_SHARDS", SHARDS.to_string())
            .env("GTEST_SHARD_INDEX", shard.to_string());
        let child = command
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        parts.push((child, log));
    }
    Ok(parts)
}

fn test(program: &Path, filter: &str, log: &Path, traced: Option<&Traced>) -> Result<Command> {
    let output = File::create(log)?;
    let mut command = Command::new(program);
    command
        .arg(format!("--gtest_filter={filter}"))
        .stdout(output.try_clone()?)
        .stderr(output)
        .env_remove("LD_PRELOAD")
        .env_remove("C_ARES_TRACE");
    if let Some(traced) = traced {
        let place = format!("{}:json", traced.told.display());
        preload(&mut command, &traced.library, &place);
        command.env("C_ARES_TRACE_TEST", traced.test);
    }
    Ok(command)
}

/// The names of the tests that passed.
fn passed(parts: Vec<(Child, PathBuf)>) -> Result<BTreeSet<String>> {
    let deadline = Instant::now() + PATIENCE;
    let mut names = BTreeSet::new();
    for (mut child, log) in parts {
        while child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                child.kill()?;
                bail!("upstream's tests hang: {}", log.display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let mark = "[       OK ] ";
        let ok = text
            .lines()
            .filter_map(|line| line.strip_prefix(mark)?.split(' ').next());
        names.extend(ok.map(str::to_owned));
    }
    Ok(names)
}

// The cost.

/// How a query is made, and how many instructions for each that takes without the library it may take.
const WAYS: [(&str, Option<&str>, f64); 4] = [
    ("without the library", None, 1.0),
    ("nothing to tell", Some(""), 1.01),
    ("text", Some("/dev/null"), 2.0),
    ("JSON", Some("/dev/null:json"), 2.0),
];

/// How many queries are counted.
const TIMES: u64 = 500;

fn cost(library: &Path, dir: &Path) -> Result<()> {
    let program = measured(&dir.join("cost"))?;
    println!(
        "{:<24}{:>14}{:>8}{:>16}",
        "one query", "instructions", "ratio", "microseconds"
    );
    let mut base = None;
    let mut dear = Vec::new();
    for (name, place, limit) in WAYS {
        let counted = count(&program, "query", TIMES, |command| {
            if let Some(place) = place {
                preload(command, library, place);
            }
        })?;
        let count = counted.instructions;
        let time = microseconds(&program, library, place)?;
        let ratio = count as f64 / *base.get_or_insert(count) as f64;
        println!("{name:<24}{count:>14}{ratio:>8.2}{time:>16.1}");
        if ratio > limit {
            dear.push(name);
        }
    }
    ensure!(
        dear.is_empty(),
        "a query costs more than it may: {}",
        dear.join(", ")
    );
    Ok(())
}

/// The benchmark of `cargo xtask bench`, on the vendored library as a shared one.
fn measured(dir: &Path) -> Result<PathBuf> {
    let host = host()?;
    let mut build = Build::new();
    build
        .target(&*host)
        .host(&*host)
        .out_dir(dir)
        .cargo_metadata(false);
    let artifacts = build.try_compile()?;
    let compiler = || Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    let shared = dir.join("libcares.so.2");
    run_command(
        compiler()
            .args([
                "-shared",
                "-Wl,-soname,libcares.so.2",
                "-Wl,--whole-archive",
            ])
            .arg(artifacts.lib_dir().join("libcares.a"))
            .args(["-Wl,--no-whole-archive", "-o"])
            .arg(&shared),
    )?;
    let program = dir.join("unit");
    run_command(
        compiler()
            .arg("-O2")
            .arg(root().join("c-ares/benches/unit.c"))
            .arg("-I")
            .arg(artifacts.include_dir())
            .arg(&shared)
            .arg(format!("-Wl,-rpath,{}", dir.display()))
            .arg("-o")
            .arg(&program),
    )?;
    Ok(program)
}

/// How long one query takes, its answer and what the kernel does included; the best of five.
fn microseconds(program: &Path, library: &Path, place: Option<&str>) -> Result<f64> {
    const TIMES: u32 = 5000;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let mut command = Command::new(program);
        command.args(["query", &TIMES.to_string()]);
        if let Some(place) = place {
            preload(&mut command, library, place);
        }
        let before = Instant::now();
        run_command(&mut command)?;
        best = best.min(before.elapsed());
    }
    Ok(best.as_secs_f64() * 1e6 / f64::from(TIMES))
}
