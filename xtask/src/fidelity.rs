//! `cargo xtask fidelity [PART…]`: is our shared library what upstream's is?
//!
//! Upstream's own build of the same tree, with symbol hiding, is the measure. It
//! stays in `target/fidelity/`, because its tests take minutes to compile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use c_ares_src::source::{self, Tree};
use tempfile::TempDir;

use crate::install_c::{self, Library, Place};
use crate::system::quietly;

mod abi;
mod consumers;
mod elf;
mod programs;
mod server;
mod speed;
mod suite;
mod symbols;
mod tools;

/// A part of the comparison. Each is a row here.
struct Part {
    name: &'static str,
    run: fn(&Ground) -> Result<()>,
}

const PARTS: &[Part] = &[
    Part {
        name: "symbols",
        run: symbols::run,
    },
    Part {
        name: "consumers",
        run: consumers::run,
    },
    Part {
        name: "tools",
        run: tools::run,
    },
    Part {
        name: "abi",
        run: abi::run,
    },
    Part {
        name: "programs",
        run: programs::run,
    },
    Part {
        name: "speed",
        run: speed::run,
    },
    Part {
        name: "suite",
        run: suite::run,
    },
];

/// What the parts stand on.
pub(crate) struct Ground {
    /// For whatever a part writes.
    dir: TempDir,
    /// Our libraries, and where they are installed.
    ours: Library,
    place: Place,
    /// The folder that upstream was built in.
    upstream: PathBuf,
}

impl Ground {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let ours = install_c::build(&dir.path().join("ours"), false)?;
        let place = Place::new(&dir.path().join("prefix"))?;
        install_c::install(&ours, &place)?;
        let upstream = upstream(ours.artifacts.tree())?;
        build_upstream(&upstream, &["c-ares", "adig", "ahost"])?;
        Ok(Self {
            dir,
            ours,
            place,
            upstream,
        })
    }

    /// A new folder for a part.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.dir.path().join(name);
        fs::create_dir(&path)?;
        Ok(path)
    }

    /// The folder of our installed libraries.
    fn our_dir(&self) -> &Path {
        self.place.libdir()
    }

    fn our_library(&self) -> PathBuf {
        self.our_dir().join(&self.ours.names.soname)
    }

    /// The folder of upstream's shared library.
    fn upstream_dir(&self) -> PathBuf {
        self.upstream.join("lib")
    }

    fn upstream_library(&self) -> PathBuf {
        self.upstream_dir().join(&self.ours.names.soname)
    }

    /// The C tree that both were built from.
    fn tree(&self) -> &Path {
        self.ours.artifacts.tree().root()
    }
}

/// Debian's library, of another release.
const DEBIAN: &str = "/usr/lib/x86_64-linux-gnu/libcares.so.2";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let mut named = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Value(name) => named.push(name.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
    if let Some(unknown) = named.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("{unknown} is not one of the parts: {}", known.join(" "));
    }
    let ground = Ground::new()?;
    for part in PARTS {
        if named.is_empty() || named.iter().any(|name| name == part.name) {
            let start = Instant::now();
            (part.run)(&ground).with_context(|| format!("the part {:?}", part.name))?;
            println!("({}: {:.0} s)\n", part.name, start.elapsed().as_secs_f32());
        }
    }
    Ok(())
}

/// Has upstream's cmake configure its tree, unless it did so before.
fn upstream(tree: &Tree) -> Result<PathBuf> {
    let version = tree.version();
    let build = crate::root().join(format!("target/fidelity/upstream-{version}"));
    let cache = fs::read_to_string(build.join("CMakeCache.txt")).unwrap_or_default();
    let home = format!("CMAKE_HOME_DIRECTORY:INTERNAL={}\n", tree.root().display());
    if !cache.contains(&home) && build.exists() {
        fs::remove_dir_all(&build)?;
    }
    quietly(
        Command::new("cmake")
            .arg("-S")
            .arg(tree.root())
            .arg("-B")
            .arg(&build)
            // As distributions build: -O2, and what a debugger wants beside it.
            .arg("-DCMAKE_BUILD_TYPE=RelWithDebInfo")
            .arg("-DCMAKE_INSTALL_LIBDIR=lib")
            .args(["-DCARES_SHARED=ON", "-DCARES_STATIC=OFF"])
            .arg("-DCARES_SYMBOL_HIDING=ON")
            .args(["-DCARES_BUILD_TESTS=ON", "-DCARES_BUILD_CONTAINER_TESTS=ON"])
            // The tests are C++, and much of it; it is not their speed that counts.
            .arg("-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0"),
    )
    .context("upstream's build wants cmake, make, g++, libgtest-dev and libgmock-dev")?;
    Ok(build)
}

/// Builds upstream's tests on upstream's library, unless they are there: the program.
pub(crate) fn upstream_tests() -> Result<PathBuf> {
    let build = upstream(&source::locate()?)?;
    build_upstream(&build, &["arestest"])?;
    Ok(build.join("bin/arestest"))
}

fn build_upstream(build: &Path, targets: &[&str]) -> Result<()> {
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    quietly(
        Command::new("cmake")
            .arg("--build")
            .arg(build)
            .arg("--parallel")
            .arg(jobs.to_string())
            .arg("--target")
            .args(targets),
    )
}

/// Runs a command to its end, at most so long: what it wrote to its outputs.
fn bounded(command: &mut Command, seconds: u64, dir: &Path) -> Result<(bool, String)> {
    let path = dir.join("output");
    let file = fs::File::create(&path)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("could not start {command:?}"))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            let bytes = fs::read(&path)?;
            return Ok((
                status.success(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
        if start.elapsed() > Duration::from_secs(seconds) {
            child.kill()?;
            child.wait()?;
            bail!(
                "{command:?} did not end within {seconds} s:\n{}",
                fs::read_to_string(&path).unwrap_or_default()
            );
        }
        thread::sleep(Duration::from_millis(20));
    }
}
