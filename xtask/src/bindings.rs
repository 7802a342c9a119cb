//! `cargo xtask bindings [--check]`: the committed bindings of `c-ares-sys`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

#[path = "../../c-ares-sys/build/bindgen.rs"]
mod config;

/// Writes the bindings, or with `--check` fails where they differ.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let mut check = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let path = crate::root().join("c-ares-sys/src/bindings.rs");
    let fresh = generate()?;
    if !check {
        fs::write(&path, fresh).with_context(|| format!("could not write {}", path.display()))?;
        println!("wrote {}", path.display());
        return Ok(());
    }
    let committed =
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    if let Some((number, committed, fresh)) = difference(&committed, &fresh) {
        bail!(
            "{} is out of date, from line {number} on:\n  committed: {committed}\n  generated: \
             {fresh}\n`cargo xtask bindings` writes it anew",
            path.display()
        );
    }
    println!("{} is up to date", path.display());
    Ok(())
}

/// Generates the bindings from the headers of the pinned tree.
fn generate() -> Result<String> {
    let dir = tempfile::tempdir()?;
    let host = host()?;
    // The headers lie ready only after a build: `ares_build.h` is made for the target.
    let artifacts = c_ares_src::Build::new()
        .target(&host)
        .host(&host)
        .out_dir(dir.path())
        .debug(false)
        .cargo_metadata(false)
        .try_compile()?;
    let include = PathBuf::from(artifacts.include_dir());
    config::generate(&[include]).map_err(anyhow::Error::msg)
}

/// The target triple of this machine.
pub(crate) fn host() -> Result<String> {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("-vV")
        .output()
        .context("could not start rustc")?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc does not say what it runs on")
}

/// The number of the first line that differs, and both versions of it.
fn difference<'a>(committed: &'a str, fresh: &'a str) -> Option<(usize, &'a str, &'a str)> {
    const END: &str = "(the end)";
    if committed == fresh {
        return None;
    }
    let (mut left, mut right) = (committed.lines(), fresh.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => {}
            (None, None) => return Some((number, "other line ends", END)),
            (a, b) => return Some((number, a.unwrap_or(END), b.unwrap_or(END))),
        }
    }
}
