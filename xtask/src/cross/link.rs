//! The shared library for a target, linked with the arguments of `install-c`.
//!
//! By the lld that comes with Rust, which links for every system, and without the
//! system's libraries, which are not here: that leaves open what they would have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use c_ares_src::{Artifacts, Build};
use object::{NameOrOrdinal, Object};

use crate::install_c::library::{self, Names};
use crate::system::{output, quietly};

/// Links it, and counts what it exports: functions of c-ares and nothing else.
pub(super) fn shared(
    target: &str,
    build: &Build,
    artifacts: &Artifacts,
    dir: &Path,
) -> Result<usize> {
    // The objects for a DLL are others than those for a program.
    let for_a_dll;
    let artifacts = if target.contains("windows") {
        let mut build = build.clone();
        for_a_dll = build.dll(true).out_dir(dir.join("dll")).try_compile()?;
        &for_a_dll
    } else {
        artifacts
    };
    let names = Names::new(artifacts.tree().interface()?, target);
    let file = dir.join(&names.file);
    // What the C compiler is told, as it would tell the linker.
    let mut compiler = Command::new("cc");
    library::link(&mut compiler, artifacts, &names, target)?;
    let mut lld = lld(target)?;
    for argument in compiler.get_args() {
        let argument = argument.to_str().context("a path that is not UTF-8")?;
        match argument.strip_prefix("-Wl,") {
            // This one wants the libraries that are not here.
            Some("-z,defs") => {}
            Some(arguments) => drop(lld.args(arguments.split(','))),
            None if argument == "-dynamiclib" => drop(lld.arg("-dylib")),
            None => drop(lld.arg(argument)),
        }
    }
    quietly(lld.arg("-o").arg(&file)).context("the shared library cannot be linked")?;

    let bytes = fs::read(&file)?;
    let library = object::File::parse(&*bytes)?;
    let mut names = BTreeSet::new();
    for export in library.exports()? {
        let export = export?;
        let NameOrOrdinal::Name(name) = export.name() else {
            bail!("it exports something without a name: {export:?}");
        };
        names.insert(String::from_utf8_lossy(name).into_owned());
    }
    let strange: Vec<_> = names
        .iter()
        .filter(|name| !name.trim_start_matches('_').starts_with("ares_"))
        .collect();
    ensure!(strange.is_empty(), "it exports {strange:?} too");
    for function in public_functions()? {
        let known = [function.clone(), format!("_{function}")];
        ensure!(
            known.iter().any(|name| names.contains(name)),
            "it does not export {function}"
        );
    }
    Ok(names.len())
}

/// The linker for a target.
fn lld(target: &str) -> Result<Command> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let folder = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim())
        .join("lib/rustlib")
        .join(crate::bindings::host()?)
        .join("bin/gcc-ld");
    let named = |name: &str| Command::new(folder.join(name));
    let architecture = target.split('-').next().unwrap_or(target);
    if target.contains("apple") {
        let mut lld = named("ld64.lld");
        lld.args([
            "-arch",
            if architecture == "aarch64" {
                "arm64"
            } else {
                architecture
            },
        ]);
        let system = if target.ends_with("ios") {
            "ios"
        } else {
            "macos"
        };
        lld.args(["-platform_version", system, "11.0", "11.0"]);
        lld.args(["-undefined", "dynamic_lookup"]);
        Ok(lld)
    } else if target.contains("windows") {
        let mut lld = named("ld.lld");
        lld.arg("-m").arg(match architecture {
            "x86_64" => "i386pep",
            "i686" => "i386pe",
            "aarch64" => "arm64pe",
            _ => bail!("there is no DLL for {architecture}"),
        });
        lld.args(["-Xlink=-noentry", "-Xlink=-force:unresolved"]);
        Ok(lld)
    } else {
        Ok(named("ld.lld"))
    }
}

/// The functions of the ledger, which has every one that the headers declare, but for those
/// that Android alone has.
fn public_functions() -> Result<Vec<String>> {
    let ledger = fs::read_to_string(crate::root().join("docs/ledger.md"))?;
    let names = ledger.lines().filter_map(|line| {
        let name = line.strip_prefix("| `")?.split('`').next()?;
        let android = name.contains("android") || name.contains("jvm");
        // Further down the ledger has places in files of C.
        let function = name.starts_with("ares_") && !name.contains(['.', ' ']);
        (function && !android).then(|| name.to_owned())
    });
    let names: Vec<_> = names.collect();
    ensure!(
        names.len() > 130,
        "the ledger has only {} functions",
        names.len()
    );
    Ok(names)
}
