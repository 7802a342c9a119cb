//! The two libraries, static and shared.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use c_ares_src::{Artifacts, Build, Interface};

use crate::{bindings::host, run as run_command};

/// A library that was built, and not yet installed.
pub(crate) struct Library {
    /// The static library, and the headers.
    pub(crate) artifacts: Artifacts,
    /// The shared library.
    pub(crate) shared: PathBuf,
    pub(crate) names: Names,
}

/// What the shared library is called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// The file.
    pub(crate) file: String,
    /// What programs look for when they start.
    pub(crate) soname: String,
    /// What the linker looks for.
    pub(crate) plain: String,
}

impl Names {
    pub(crate) fn new(interface: Interface, target: &str) -> Self {
        let oldest = interface.oldest();
        if target.contains("windows") {
            let file = format!("libcares-{oldest}.dll");
            Self {
                soname: file.clone(),
                plain: file.clone(),
                file,
            }
        } else if target.contains("apple") {
            Self {
                file: format!("libcares.{interface}.dylib"),
                soname: format!("libcares.{oldest}.dylib"),
                plain: "libcares.dylib".into(),
            }
        } else {
            Self {
                file: format!("libcares.so.{interface}"),
                soname: format!("libcares.so.{oldest}"),
                plain: "libcares.so".into(),
            }
        }
    }
}

/// Builds both libraries below `dir`. The C library is upstream's in all that it does.
pub(crate) fn build(dir: &Path, debug: bool) -> Result<Library> {
    build_tree(dir, debug, None)
}

/// Builds both from another tree than the usual one.
pub(crate) fn build_tree(dir: &Path, debug: bool, tree: Option<&Path>) -> Result<Library> {
    let host = host()?;
    let mut build = Build::new();
    if let Some(tree) = tree {
        build.source_dir(tree);
    }
    let artifacts = build
        .target(&*host)
        .host(&*host)
        .out_dir(dir)
        .debug(debug)
        .cargo_metadata(false)
        .try_compile()?;
    for warning in artifacts.warnings() {
        eprintln!("warning: {warning}");
    }
    let interface = artifacts.tree().interface()?;
    let names = Names::new(interface, &host);
    let shared = dir.join(&names.file);
    let mut command = c_compiler(&host, dir)?;
    link(&mut command, &artifacts, &names, &host)?;
    for lib in artifacts.system_libs() {
        command.arg(format!("-l{lib}"));
    }
    if let Some(flags) = std::env::var_os("LDFLAGS") {
        command.args(flags.to_string_lossy().split_whitespace());
    }
    run_command(command.arg("-o").arg(&shared))?;
    Ok(Library {
        artifacts,
        shared,
        names,
    })
}

/// Has the C compiler link the shared library for a target; the system's libraries and the
/// name of the file are to be added.
pub(crate) fn link(
    command: &mut Command,
    artifacts: &Artifacts,
    names: &Names,
    target: &str,
) -> Result<()> {
    if target.contains("windows") {
        dll(command, artifacts);
    } else if target.contains("apple") {
        apple(command, artifacts, names)?;
    } else {
        elf(command, artifacts, names);
    }
    Ok(())
}

/// The C compiler that the objects were made with: `CC` and `CFLAGS` hold.
pub(crate) fn c_compiler(host: &str, dir: &Path) -> Result<Command> {
    let mut compiler = cc::Build::new();
    compiler
        .target(host)
        .host(host)
        .out_dir(dir)
        .opt_level(2)
        .debug(false)
        .cargo_metadata(false);
    Ok(compiler.try_get_compiler()?.to_command())
}

fn elf(link: &mut Command, artifacts: &Artifacts, names: &Names) {
    link.arg("-shared")
        .arg(format!("-Wl,-soname,{}", names.soname))
        // What is looked up is looked up at the start, and then read-only.
        .args(["-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"])
        // Calls inside of the library stay there, across its objects too.
        .arg("-Wl,-Bsymbolic-functions")
        // Nothing is missing, and nothing is in it or needed that is not used.
        .args(["-Wl,-z,defs", "-Wl,--gc-sections", "-Wl,--as-needed"])
        // Each object was compiled so that it shows what upstream shows.
        .arg("-Wl,--whole-archive")
        .arg(artifacts.lib_dir().join("libcares.a"))
        .arg("-Wl,--no-whole-archive");
}

/// Linked by `cargo xtask cross`, and never run.
fn apple(link: &mut Command, artifacts: &Artifacts, names: &Names) -> Result<()> {
    let interface = artifacts.tree().interface()?;
    link.arg("-dynamiclib")
        .arg(format!("-Wl,-install_name,@rpath/{}", names.soname))
        .arg(format!(
            "-Wl,-compatibility_version,{}.0.0",
            interface.oldest()
        ))
        .arg(format!("-Wl,-current_version,{interface}"))
        .arg("-Wl,-force_load")
        .arg(artifacts.lib_dir().join("libcares.a"));
    Ok(())
}

/// Linked by `cargo xtask cross`, and never run. The objects say what it exports (`Build::dll`).
fn dll(link: &mut Command, artifacts: &Artifacts) {
    link.args(["-shared", "-Wl,--whole-archive"])
        .arg(artifacts.lib_dir().join("libcares.a"))
        .arg("-Wl,--no-whole-archive");
}
