//! `cargo xtask cross [TARGET…]`: compiles the C tree for other targets.
//!
//! The compiler is `zig cc`, which brings the headers of many systems. What is
//! proved: the tree compiles with our configuration, as one unit, without a
//! warning of `-Wall -Wextra`; our tables agree with what the headers of
//! the target have; and it can be linked as a shared library ([`link`]). Nothing is run.

mod link;

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::config::{self, Measure};

/// The targets: for cargo, and for zig.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-unknown-linux-musl", "x86_64-linux-musl"),
    ("aarch64-unknown-linux-musl", "aarch64-linux-musl"),
    ("armv7-unknown-linux-musleabihf", "arm-linux-musleabihf"),
    // The oldest glibc that Rust supports, and two newer ones.
    ("x86_64-unknown-linux-gnu", "x86_64-linux-gnu.2.17"),
    ("i686-unknown-linux-gnu", "x86-linux-gnu.2.28"),
    ("aarch64-unknown-linux-gnu", "aarch64-linux-gnu.2.38"),
    ("riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu.2.38"),
    ("aarch64-apple-darwin", "aarch64-macos"),
    ("x86_64-apple-darwin", "x86_64-macos"),
    ("aarch64-apple-ios", "aarch64-ios"),
    ("x86_64-unknown-freebsd", "x86_64-freebsd"),
    ("x86_64-pc-windows-gnu", "x86_64-windows-gnu"),
    ("i686-pc-windows-gnu", "x86-windows-gnu"),
    ("aarch64-pc-windows-gnullvm", "aarch64-windows-gnu"),
];

/// Compiles the tree for the named targets, or for all.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let mut named = Vec::new();
    let mut into = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Value(target) => named.push(target.to_string_lossy().into_owned()),
            lexopt::Arg::Long("into") => into = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut rows = VecDeque::from(TARGETS.to_vec());
    if !named.is_empty() {
        rows.retain(|(target, _)| named.iter().any(|name| name == target));
        if let Some(unknown) = named
            .iter()
            .find(|name| !rows.iter().any(|row| row.0 == **name))
        {
            let known: Vec<_> = TARGETS.iter().map(|row| row.0).collect();
            bail!("{unknown} is not one of the targets: {}", known.join(" "));
        }
    }
    match (into, rows.front()) {
        (Some(dir), Some((target, _))) => compile(target, &dir),
        _ => compile_all(rows),
    }
}

/// Compiles for the targets, as many at a time as there are processors.
fn compile_all(rows: VecDeque<(&str, &str)>) -> Result<()> {
    let zig = zig()?;
    let dir = tempfile::tempdir()?;
    let rows = Mutex::new(rows);
    let failures = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let row = rows.lock().unwrap().pop_front();
                    let Some((target, zig_target)) = row else {
                        return;
                    };
                    let start = Instant::now();
                    match start_child(&zig, target, zig_target, &dir.path().join(target)) {
                        Ok(said) => {
                            let seconds = start.elapsed().as_secs_f32();
                            println!("{target:<32} {} ({seconds:.0} s)", said.trim());
                        }
                        Err(error) => {
                            println!("{target:<32} FAILED");
                            failures
                                .lock()
                                .unwrap()
                                .push(format!("{target}: {error:#}"));
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    if failures.is_empty() {
        return Ok(());
    }
    bail!(
        "failed for {} of the targets\n\n{}",
        failures.len(),
        failures.join("\n\n")
    )
}

/// Compiles for one target in a process of its own: `cc` reads what the tools
/// are from the environment, and prints what a build script would.
fn start_child(zig: &Path, target: &str, zig_target: &str, dir: &Path) -> Result<String> {
    fs::create_dir(dir)?;
    write_scripts(zig, zig_target, dir)?;
    let output = Command::new(std::env::current_exe()?)
        .args(["cross", target, "--into"])
        .arg(dir)
        // What a tool leaves behind does not land in the work tree.
        .current_dir(dir)
        .env("AR", dir.join("zig-ar"))
        // Where there is none, `cc` would look for Apple's tools.
        .env("SDKROOT", stand_ins())
        .env_remove("CFLAGS")
        .output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    bail!("{}", String::from_utf8_lossy(&output.stderr).trim())
}

/// Compiles the tree for one target with the scripts in `dir`.
fn compile(target: &str, dir: &Path) -> Result<()> {
    let compiler = dir.join("zig-cc");
    let mut build = c_ares_src::Build::new();
    build
        .target(target)
        .host(crate::bindings::host()?)
        .out_dir(dir)
        .compiler(&compiler)
        .debug(false)
        .cargo_metadata(false)
        .warnings(true);
    let mut flags = Vec::new();
    if target.contains("apple") {
        flags.push(format!("-I{}", stand_ins().display()));
        // As upstream does: nothing that the oldest supported release lacks.
        flags.push("-Werror=partial-availability".to_owned());
    }
    for flag in &flags {
        build.flag(flag);
    }
    let built = build.try_compile();
    let messages = fs::read_to_string(dir.join("messages")).unwrap_or_default();
    let artifacts = built.with_context(|| messages.clone())?;
    let Some(alone) = artifacts.compiled_alone() else {
        bail!("the files do not compile as one unit:\n{messages}");
    };
    if !messages.is_empty() {
        bail!("the tree does not compile in silence:\n{messages}");
    }
    let defines =
        config::defines(&config::config_dir(artifacts.include_dir()).join("ares_config.h"))?;
    let differences = config::ask(&compiler, target, &defines, dir)?;
    let meant = config::settle(Measure::Questions, target, &differences)?;
    let exports = link::shared(target, &build, &artifacts, dir)?;
    println!(
        "one unit and {} files, no warning, differences that are meant: {meant}; \
         a shared library with {exports} symbols",
        alone.len()
    );
    Ok(())
}

/// Headers of our own for the few things that zig lacks of Apple's.
fn stand_ins() -> PathBuf {
    crate::root().join("xtask/apple")
}

/// Scripts that compile and archive for one target with zig.
fn write_scripts(zig: &Path, zig_target: &str, dir: &Path) -> Result<()> {
    let tree = c_ares_src::source::locate()?;
    // Of Apple's systems zig has macOS alone, but its headers speak for all.
    let headers = match zig_target.ends_with("-ios") {
        true => format!(
            "-isystem '{}'",
            zig.with_file_name("lib/libc/include/any-darwin-any")
                .display()
        ),
        false => String::new(),
    };
    let (zig, tree, dir_name) = (zig.display(), tree.root().display(), dir.display());
    // A cached object comes without its warnings, so the cache is as
    // short-lived as the folder.
    let head = format!(
        "#!/bin/sh\n\
         export ZIG_GLOBAL_CACHE_DIR='{dir_name}/zig-cache' ZIG_LOCAL_CACHE_DIR='{dir_name}/zig-cache'\n"
    );
    // zig is told the target by its own name for it, and knows its own headers.
    // What is said of the tree's files is kept; the questions that `cc` and our
    // configuration ask may well be answered with an error.
    let compile = format!(
        "for argument; do\n\
         \x20 shift\n\
         \x20 case \"$argument\" in --target=* | -isysroot | '{stand_ins}') continue ;; esac\n\
         \x20 set -- \"$@\" \"$argument\"\n\
         done\n\
         said='{dir_name}/messages'.$$\n\
         '{zig}' cc -target {zig_target} {headers} \"$@\" 2>\"$said\"\n\
         status=$?\n\
         cat \"$said\" >&2\n\
         case \"$argument\" in */unit.c | '{tree}'/*) cat \"$said\" >>'{dir_name}/messages' ;; esac\n\
         exit $status\n",
        stand_ins = stand_ins().display(),
    );
    let archive = format!("exec '{zig}' ar \"$@\"\n");
    for (name, body) in [("zig-cc", compile), ("zig-ar", archive)] {
        let path = dir.join(name);
        fs::write(&path, head.clone() + &body)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// The program `zig` of the Python package `ziglang`.
fn zig() -> Result<PathBuf> {
    let question = "import os, ziglang; print(os.path.dirname(ziglang.__file__))";
    let output = Command::new("python3")
        .args(["-c", question])
        .output()
        .context("python3 cannot be started: it brings zig, in the package `ziglang`")?;
    if !output.status.success() {
        bail!("the Python package `ziglang` is missing: `python3 -m pip install ziglang`");
    }
    let folder = String::from_utf8(output.stdout)?;
    Ok(Path::new(folder.trim()).join("zig"))
}

#[cfg(test)]
mod tests {
    use super::TARGETS;

    #[test]
    fn the_table_of_targets_calls_compiled_what_is_compiled_here() {
        let table = std::fs::read_to_string(crate::root().join("docs/targets.md")).unwrap();
        let mut compiled: Vec<&str> = table
            .lines()
            .filter_map(|line| {
                let mut cells = line.split('|').map(str::trim).skip(1);
                let target = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
                matches!(cells.next()?, "compiled" | "tested").then_some(target)
            })
            .collect();
        let mut targets: Vec<&str> = TARGETS.iter().map(|row| row.0).collect();
        compiled.sort_unstable();
        targets.sort_unstable();
        assert_eq!(compiled, targets);
    }
}
