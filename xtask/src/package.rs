//! `cargo xtask package`: the crates as they are published, and a proof that they work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{root, run as run_command, vendor};

/// In the order in which they have to be published.
const PACKAGES: [&str; 3] = ["c-ares-src", "c-ares-sys", "c-ares"];

/// What the package of the C tree must have: the licences, and something to compile.
const VENDORED: [&str; 7] = [
    "vendor/AUTHORS",
    "vendor/LICENSE.md",
    "vendor/LICENSES/MIT.txt",
    "vendor/include/ares.h",
    "vendor/src/lib/Makefile.inc",
    "vendor/CMakeLists.txt",
    "LICENSE.md",
];

/// What it must not have: the pin is for checkouts, the rest is dead weight.
const ABSENT: [&str; 4] = ["pin", "vendor/test", "vendor/docs", "vendor/.git"];

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    ensure_clean()?;
    let version = vendor::lay_down()?;
    let target = tempfile::tempdir()?;
    package(target.path())?;

    let unpacked = target.path().join("unpacked");
    fs::create_dir(&unpacked)?;
    let mut folders = Vec::new();
    for name in PACKAGES {
        folders.push(unpack(target.path(), name, &unpacked)?);
    }
    inspect(&folders[0])?;
    let found = throw_away_program(target.path(), &folders)?;
    ensure!(
        found == format!("{version} {version}"),
        "a program that uses the packages says {found:?}, not twice {version}"
    );

    let out = root().join("target/package");
    fs::create_dir_all(&out)?;
    for folder in &folders {
        let file = format!("{}.crate", file_name(folder));
        let from = target.path().join("package").join(&file);
        let size = fs::copy(&from, out.join(&file))?;
        println!("target/package/{file}: {} KiB", size / 1024);
    }
    println!("a program was built with them, offline, and runs c-ares {version}");
    Ok(())
}

/// `--allow-dirty` is for `vendor/`, which git ignores, and for nothing else.
fn ensure_clean() -> Result<()> {
    let output = Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(root())
        .output()
        .context("could not start git")?;
    ensure!(output.status.success(), "git status failed");
    let changes = String::from_utf8_lossy(&output.stdout);
    ensure!(
        changes.is_empty(),
        "these files are not committed, and would be published:\n{changes}"
    );
    Ok(())
}

fn package(target: &Path) -> Result<()> {
    let mut cargo = cargo();
    // Not verified by cargo: we build a program with the packages ourselves.
    cargo
        .args(["package", "--quiet", "--allow-dirty", "--no-verify"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(root());
    for name in PACKAGES {
        cargo.args(["--package", name]);
    }
    run_command(&mut cargo)
}

/// Unpacks a package into a folder of `to`, and returns that folder.
fn unpack(target: &Path, name: &str, to: &Path) -> Result<PathBuf> {
    let folder = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
    let archive = target.join("package").join(format!("{folder}.crate"));
    let mut tar = Command::new("tar");
    run_command(tar.arg("-xzf").arg(&archive).arg("-C").arg(to))?;
    Ok(to.join(folder))
}

fn inspect(folder: &Path) -> Result<()> {
    for file in VENDORED {
        ensure!(
            folder.join(file).is_file(),
            "{} has no {file}",
            file_name(folder)
        );
    }
    for path in ABSENT {
        ensure!(
            !folder.join(path).exists(),
            "{} has {path}",
            file_name(folder)
        );
    }
    Ok(())
}

/// Builds a program with the unpacked packages alone: what it prints.
fn throw_away_program(dir: &Path, folders: &[PathBuf]) -> Result<String> {
    let [src, sys, safe] = folders else {
        bail!("three packages were expected");
    };
    let program = dir.join("program");
    fs::create_dir_all(program.join("src"))?;
    fs::write(
        program.join("Cargo.toml"),
        format!(
            "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [workspace]\n[dependencies]\nc-ares = {{ path = {:?} }}\n\
             c-ares-sys = {{ path = {:?} }}\n\
             [patch.crates-io]\nc-ares-sys = {{ path = {:?} }}\nc-ares-src = {{ path = {:?} }}\n",
            safe.display().to_string(),
            sys.display().to_string(),
            sys.display().to_string(),
            src.display().to_string(),
        ),
    )?;
    fs::write(
        program.join("src/main.rs"),
        "fn main() {\n\
         \x20   let version = unsafe { c_ares_sys::ares_version(std::ptr::null_mut()) };\n\
         \x20   let version = unsafe { std::ffi::CStr::from_ptr(version) };\n\
         \x20   println!(\"{} {}\", version.to_str().unwrap(), c_ares::linked().loaded);\n}\n",
    )?;
    fs::copy(root().join("Cargo.lock"), program.join("Cargo.lock"))?;
    let output = cargo()
        .args(["run", "--quiet", "--offline"])
        .current_dir(&program)
        .env("CARGO_TARGET_DIR", dir.join("program-target"))
        .env_remove("C_ARES_SOURCE_DIR")
        .output()?;
    ensure!(
        output.status.success(),
        "a program does not build with the packages:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
