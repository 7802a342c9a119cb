//! Lets ThreadSanitizer see what the standard library does with atomics.
//!
//! The library comes compiled without the sanitizer, which therefore would not see how a contended
//! `Mutex`, a `Condvar`, a `Once`, a channel or a parked thread order things, and would report races where
//! none are. But its objects carry their bitcode. From that, the linker that comes with rustc makes them
//! once more, with ThreadSanitizer's pass: in functions that were not compiled for it that
//! instruments the atomic operations, and leaves plain accesses alone.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection, ObjectSymbol};

use crate::system::{output, quietly};

/// The crates that have atomic operations compiled into them.
const CRATES: [&str; 2] = ["std", "test"];

/// The functions that `model.c` stands in for.
const WRAPPED: [&str; 3] = [
    "__tsan_atomic64_fetch_sub",
    "__tsan_atomic_thread_fence",
    "epoll_ctl",
];

/// Makes the objects in `dir`, and returns the flags of rustc that link with them.
pub(super) fn link(dir: &Path, target: &str) -> Result<Vec<String>> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let libraries = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim())
        .join("lib/rustlib")
        .join(target);
    let mut objects = vec![model(dir)?];
    for name in CRATES {
        objects.push(instrumented(dir, &libraries, name)?);
    }
    // Before everything else: who defines a symbol first is taken.
    let mut flags: Vec<_> = objects
        .iter()
        .map(|object| format!("-Zpre-link-args={}", object.display()))
        .collect();
    flags.extend(WRAPPED.map(|name| format!("-Clink-arg=-Wl,--wrap={name}")));
    Ok(flags)
}

fn model(dir: &Path) -> Result<PathBuf> {
    const TEXT: &str = include_str!("model.c");
    // Cargo links again where the flags are others, not where the files are.
    let mut hasher = DefaultHasher::new();
    TEXT.hash(&mut hasher);
    let object = dir.join(format!("model-{:016x}.o", hasher.finish()));
    let source = dir.join("model.c");
    fs::write(&source, TEXT)?;
    quietly(
        Command::new("cc")
            .args(["-O2", "-fPIC", "-Wall", "-Werror", "-c"])
            .arg(&source)
            .arg("-o")
            .arg(&object),
    )?;
    Ok(object)
}

/// The object of a crate of the standard library, with its atomic operations instrumented.
fn instrumented(dir: &Path, libraries: &Path, name: &str) -> Result<PathBuf> {
    let library = library(&libraries.join("lib"), name)?;
    // The library's name has a hash of the release in it, and so have these.
    let at = |ending| {
        dir.join(
            library
                .with_extension(ending)
                .file_name()
                .unwrap_or_default(),
        )
    };
    let (bitcode, made) = (at("bc"), at("o"));
    fs::write(&bitcode, bitcode_of(&library)?)?;
    quietly(
        Command::new(libraries.join("bin/rust-lld"))
            .args(["-flavor", "gnu", "--relocatable"])
            .arg("--lto-newpm-passes=tsan-module,function(tsan)")
            .arg(&bitcode)
            .arg("-o")
            .arg(&made),
    )?;
    let bytes = fs::read(&made)?;
    let file = object::File::parse(&*bytes)?;
    let calls = |symbol: object::Symbol<'_, '_>| {
        let name = symbol.name();
        name.is_ok_and(|name| name.starts_with("__tsan_atomic"))
    };
    ensure!(
        file.symbols().any(calls),
        "{} has no atomic operation that ThreadSanitizer would see",
        made.display()
    );
    Ok(made)
}

/// The file of a crate of the standard library.
fn library(libraries: &Path, name: &str) -> Result<PathBuf> {
    let prefix = format!("lib{name}-");
    fs::read_dir(libraries)
        .with_context(|| format!("could not read {}", libraries.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(".rlib")
        })
        .with_context(|| format!("{} has no {prefix}*.rlib", libraries.display()))
}

/// The bitcode in the one object of a library.
fn bitcode_of(library: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(library)?;
    let archive = object::read::archive::ArchiveFile::parse(&*bytes)?;
    let mut found = Vec::new();
    for member in archive.members() {
        let member = member?;
        let file = object::File::parse(member.data(&*bytes)?)?;
        if let Some(section) = file.section_by_name(".llvmbc") {
            found.push(section.data()?.to_vec());
        }
    }
    ensure!(
        found.len() == 1,
        "{} has {} objects with bitcode, and one was expected",
        library.display(),
        found.len()
    );
    Ok(found.remove(0))
}
