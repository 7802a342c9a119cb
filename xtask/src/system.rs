//! `cargo xtask system`: the crates on an installed c-ares, good and bad.
//!
//! Wants cmake, pkg-config and a C compiler; and Debian 12's `libc-ares-dev`,
//! which is old enough to be refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

mod liar;

/// The version that is built and installed, and the oldest that is linked.
const GOOD: &str = "1.34.9";

/// Runs every check.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let dir = tempfile::tempdir()?;
    no_pkg_config(dir.path())?;
    nothing_installed(dir.path())?;
    too_old()?;
    versions(dir.path())?;
    installed(dir.path())?;
    liar::all(dir.path())
}

/// Cargo on a package of the workspace without its default features, in a
/// target folder of its own: the one that `cargo test` uses stays warm.
fn cargo(verb: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(crate::root())
        .args([verb, "--no-default-features"])
        .env("CARGO_TARGET_DIR", target_dir());
    for name in ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

fn target_dir() -> PathBuf {
    crate::root().join("target/xtask-system")
}

/// Runs a command whose output is wanted.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .output()
        .with_context(|| format!("could not start {command:?}"))
}

/// Runs a command, and shows what it wrote only if it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<()> {
    let output = output(command)?;
    ensure!(
        output.status.success(),
        "{command:?} failed:\n{}",
        said(&output)
    );
    Ok(())
}

/// What a command wrote, as one text.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Fails unless a build fails and says all of these.
fn refused(command: &mut Command, wanted: &[&str]) -> Result<()> {
    let output = output(command)?;
    let said = said(&output);
    ensure!(
        !output.status.success(),
        "{command:?} was to fail, and did not:\n{said}"
    );
    for part in wanted {
        ensure!(
            said.contains(part),
            "{command:?} does not say {part:?}:\n{said}"
        );
    }
    Ok(())
}

/// Without the tool `pkg-config`.
fn no_pkg_config(dir: &Path) -> Result<()> {
    refused(
        cargo("check")
            .args(["-p", "c-ares-sys"])
            .env("PKG_CONFIG", dir.join("no-such-program")),
        &["pkg-config cannot be started", "PKG_CONFIG", "`vendored`"],
    )?;
    println!("system: no pkg-config is said to be that");
    Ok(())
}

/// Without any c-ares.
fn nothing_installed(dir: &Path) -> Result<()> {
    refused(
        cargo("check")
            .args(["-p", "c-ares-sys"])
            .env("PKG_CONFIG_LIBDIR", dir),
        &[
            "no installed c-ares was found",
            "libcares.pc",
            "PKG_CONFIG_PATH",
            "`vendored`",
        ],
    )?;
    println!("system: no installed library is said to be that");
    Ok(())
}

/// The library of this machine, which is too old.
fn too_old() -> Result<()> {
    let found = output(Command::new("pkg-config").args(["--modversion", "libcares"]))?;
    ensure!(
        found.status.success(),
        "no c-ares is installed that could be refused: `apt-get install libc-ares-dev` (Debian 12)"
    );
    let version = String::from_utf8(found.stdout)?.trim().to_owned();
    refused(
        cargo("check").args(["-p", "c-ares-sys"]),
        &[&format!("is version {version}"), GOOD, "`vendored`"],
    )
    .with_context(|| {
        format!("the installed c-ares {version} is not refused; is it older than {GOOD}?")
    })?;
    println!("system: the installed {version} is refused");
    Ok(())
}

/// What is told of a version by `libcares.pc` alone. Nothing is linked here.
fn versions(dir: &Path) -> Result<()> {
    let dir = dir.join("versions");
    let cases = [
        ("1.34.8", false),
        (GOOD, true),
        ("1.34.10", true),
        ("1.35.0", true),
        ("2.0.0", false),
        ("unknown", false),
    ];
    for (version, accepted) in cases {
        // A folder for each: a changed file alone is no reason for cargo to ask again.
        let dir = dir.join(version);
        fs::create_dir_all(&dir)?;
        write(
            &dir.join("libcares.pc"),
            &format!(
                "includedir={}\n\nName: c-ares\nDescription: only a version\nVersion: {version}\n",
                dir.display()
            ),
        )?;
        let mut check = cargo("check");
        check
            .args(["--quiet", "-p", "c-ares-sys"])
            .env("PKG_CONFIG_LIBDIR", &dir);
        if accepted {
            quietly(&mut check)?;
        } else {
            refused(&mut check, &[&format!("is version {version}"), GOOD])?;
        }
    }
    println!("system: 1.34.9 is the oldest that is taken, and 2 is another interface");
    Ok(())
}

/// A library that upstream's own build installed.
fn installed(dir: &Path) -> Result<()> {
    let tree = c_ares_src::source::locate()?;
    ensure!(
        tree.version().to_string() == GOOD,
        "the C tree is {}, not {GOOD}",
        tree.version()
    );
    let (build, prefix) = (dir.join("cmake"), dir.join("prefix"));
    quietly(
        Command::new("cmake")
            .arg("-S")
            .arg(tree.root())
            .arg("-B")
            .arg(&build)
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", prefix.display()))
            .args(["-DCMAKE_INSTALL_LIBDIR=lib", "-DCMAKE_BUILD_TYPE=Release"])
            .args([
                "-DCARES_SHARED=ON",
                "-DCARES_STATIC=OFF",
                "-DCARES_BUILD_TOOLS=OFF",
            ]),
    )?;
    quietly(
        Command::new("cmake")
            .arg("--build")
            .arg(&build)
            .arg("--parallel"),
    )?;
    quietly(Command::new("cmake").arg("--install").arg(&build))?;

    let library = prefix.join("lib");
    let on_it = |command: &mut Command| {
        command
            .env("PKG_CONFIG_PATH", library.join("pkgconfig"))
            .env("LD_LIBRARY_PATH", &library);
    };
    let mut raw = cargo("run");
    raw.args(["--quiet", "-p", "c-ares-sys", "--example", "version"]);
    on_it(&mut raw);
    let ran = output(&mut raw)?;
    let printed = said(&ran);
    ensure!(
        ran.status.success(),
        "the program on the installed library failed:\n{printed}"
    );
    ensure!(
        printed.contains(&format!("c-ares {GOOD} (0x12209), with thread safety")),
        "the program on the installed library says: {printed}"
    );
    uses(&target_dir().join("debug/examples/version"), &library)?;
    println!("system: on the installed library: {}", printed.trim());

    let mut safe = cargo("run");
    safe.args(["--quiet", "-p", "c-ares", "--example", "lookup"]);
    on_it(&mut safe);
    let ran = output(&mut safe)?;
    ensure!(
        ran.status.success(),
        "the example on the installed library failed:\n{}",
        said(&ran)
    );
    uses(&target_dir().join("debug/examples/lookup"), &library)?;
    println!("system: the example `lookup` runs on the installed library");
    Ok(())
}

/// Fails unless a program loads `libcares.so.2` from that folder.
fn uses(program: &Path, library: &Path) -> Result<()> {
    let loaded = output(
        Command::new("ldd")
            .arg(program)
            .env("LD_LIBRARY_PATH", library),
    )?;
    let text = said(&loaded);
    let wanted = library.join("libcares.so.2");
    if !text.contains(&wanted.display().to_string()) {
        bail!(
            "{} does not load {}:\n{text}",
            program.display(),
            wanted.display()
        );
    }
    Ok(())
}

/// Writes a file.
fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}
