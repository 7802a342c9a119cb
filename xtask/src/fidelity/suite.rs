//! Upstream's own tests: what passes with upstream's library passes with ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::elf::loads;
use super::{Ground, bounded, build_upstream};
use crate::system::quietly;

/// What is left out, and why. gtest's patterns.
const LEFT_OUT: &[(&str, &str)] = &[(
    "*.Live*",
    "asks servers of the Internet, or what this machine's configuration names",
)];

/// Fewer would mean that something left them out without being asked.
const AT_LEAST: usize = 1100;

/// Some tests measure time: on a busy machine they may fail with any library.
const ATTEMPTS: usize = 3;

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("suite")?;
    build_upstream(&ground.upstream, &["arestest", "aresfuzz", "aresfuzzname"])?;
    corpora(ground, &dir)?;
    let theirs = Program {
        path: ground.upstream.join("bin/arestest"),
        dir: dir.join("theirs"),
    };
    let ours = Program {
        path: dir.join("arestest"),
        dir: dir.join("ours"),
    };
    link(ground, "arestest", &ours.path)?;
    let soname = &ground.ours.names.soname;
    for (program, library) in [
        (&theirs, ground.upstream_dir().join(&ground.ours.names.file)),
        (&ours, ground.our_library()),
    ] {
        fs::create_dir(&program.dir)?;
        let loaded = loads(&program.path, soname, None)?.context("no c-ares is loaded")?;
        ensure!(
            fs::canonicalize(&loaded)? == fs::canonicalize(&library)?,
            "{} loads {loaded}, not {}",
            program.path.display(),
            library.display()
        );
    }

    let expected = theirs.passed(&filter(), ATTEMPTS)?;
    ensure!(
        expected.len() >= AT_LEAST,
        "only {} of upstream's tests pass with upstream's own library",
        expected.len()
    );
    let mut passed = ours.passed(&filter(), 1)?;
    for _ in 1..ATTEMPTS {
        let missing: Vec<_> = expected.difference(&passed).cloned().collect();
        if missing.is_empty() {
            break;
        }
        println!("once more: {}", missing.join(" "));
        passed.extend(ours.passed(&missing.join(":"), 1)?);
    }
    let missing: Vec<_> = expected.difference(&passed).collect();
    ensure!(
        missing.is_empty(),
        "{} tests pass with upstream's library and not with ours: {missing:?}",
        missing.len()
    );
    println!(
        "{} tests of upstream's pass with upstream's library, and all of them with ours",
        expected.len()
    );
    let without_memory = expected.iter().filter(|name| name.contains("AllocFail"));
    let without_memory = without_memory.count();
    ensure!(
        without_memory > 20,
        "the tests without memory have another name"
    );
    println!("among them {without_memory} that have one allocation after the other fail");
    for (pattern, reason) in LEFT_OUT {
        println!("left out: {pattern}: {reason}");
    }
    Ok(())
}

/// The inputs that upstream's fuzzers found, put through both libraries.
fn corpora(ground: &Ground, dir: &Path) -> Result<()> {
    for (name, inputs) in [("aresfuzz", "fuzzinput"), ("aresfuzzname", "fuzznames")] {
        let ours = dir.join(name);
        link(ground, name, &ours)?;
        let inputs = fs::read_dir(ground.tree().join("test").join(inputs))?;
        let inputs = inputs.map(|entry| Ok(entry?.path()));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        ensure!(inputs.len() > 10, "{name} has only {} inputs", inputs.len());
        for program in [ground.upstream.join("bin").join(name), ours] {
            let (success, said) = bounded(Command::new(&program).args(&inputs), 120, dir)?;
            ensure!(success, "{} failed:\n{}", program.display(), tail(&said));
        }
        println!("{name}: {} inputs", inputs.len());
    }
    Ok(())
}

/// Links a compiled program with our library, as it was with upstream's.
fn link(ground: &Ground, name: &str, program: &Path) -> Result<()> {
    let objects = ground.upstream.join(format!("test/CMakeFiles/{name}.dir"));
    let mut link = Command::new(std::env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    for entry in fs::read_dir(&objects)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "o") {
            link.arg(path);
        }
    }
    quietly(
        link.args(["-lgmock", "-lgtest", "-L"])
            .arg(ground.our_dir())
            .arg("-lcares")
            .arg(format!("-Wl,-rpath,{}", ground.our_dir().display()))
            .arg("-o")
            .arg(program),
    )
}

fn filter() -> String {
    let patterns: Vec<_> = LEFT_OUT.iter().map(|(pattern, _)| *pattern).collect();
    format!("-{}", patterns.join(":"))
}

struct Program {
    path: PathBuf,
    dir: PathBuf,
}

impl Program {
    /// The tests that pass, in one of so many attempts at those that a filter lets through.
    fn passed(&self, filter: &str, attempts: usize) -> Result<BTreeSet<String>> {
        let mut passed = BTreeSet::new();
        let mut filter = filter.to_owned();
        for _ in 0..attempts {
            let (good, bad) = self.shards(&filter)?;
            passed.extend(good);
            if bad.is_empty() {
                break;
            }
            filter = bad.into_iter().collect::<Vec<_>>().join(":");
        }
        Ok(passed)
    }

    /// Runs the tests, shared out to as many processes as there are processors:
    /// what passed, and what failed.
    fn shards(&self, filter: &str) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let shard = |index: usize| -> Result<String> {
            let dir = self.dir.join(index.to_string());
            fs::create_dir_all(&dir)?;
            let mut command = Command::new(&self.path);
            command
                .arg(format!("--gtest_filter={filter}"))
                .env("GTEST_TOTAL_SHARDS", shards.to_string())
                .env("GTEST_SHARD_INDEX", index.to_string())
                // Some tests write files.
                .current_dir(&dir);
            let (_, text) = bounded(&mut command, 600, &dir)?;
            // A crash in the middle would look like tests that did not run.
            ensure!(
                text.contains("Global test environment tear-down")
                    || text.contains("Running 0 tests"),
                "{} ended before its tests did:\n{}",
                self.path.display(),
                tail(&text)
            );
            Ok(text)
        };
        let texts = std::thread::scope(|scope| {
            let running: Vec<_> = (0..shards).map(|i| scope.spawn(move || shard(i))).collect();
            let texts = running
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            texts.collect::<Result<Vec<_>>>()
        })?;
        let of = |mark: &str| {
            let lines = texts.iter().flat_map(|text| text.lines());
            let names = lines.filter_map(|line| name(line.strip_prefix(mark)?));
            names.collect::<BTreeSet<_>>()
        };
        Ok((of("[       OK ]"), of("[  FAILED  ]")))
    }
}

/// The name in a line about one test: ` Suite.Test/1, where … (3 ms)`.
fn name(rest: &str) -> Option<String> {
    let name = rest.trim().split([',', ' ']).next()?;
    name.contains('.').then(|| name.to_owned())
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_of_tests_are_read_as_gtest_prints_them() {
        for line in [" A.B (3 ms)", " A.B, where GetParam() = 4 (3 ms)", " A.B"] {
            assert_eq!(name(line).as_deref(), Some("A.B"));
        }
        assert_eq!(name(" T/A.B/0 (0 ms)").as_deref(), Some("T/A.B/0"));
        assert_eq!(name(" 2 tests, listed below:"), None);
    }
}
