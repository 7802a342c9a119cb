//! `cargo xtask install-c --prefix DIR`: c-ares for C programs, and
//! `uninstall-c`, which takes it back.
//!
//! What it needs is what building needs: cargo and a C compiler. The shared
//! library is linked by the C compiler from the static one, whatever its linker is.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;

use crate::bindings::host;

mod disk;
pub(crate) mod library;
mod plan;

pub(crate) use library::{Library, build, build_tree};

/// Where to install.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder that programs find it in.
    prefix: PathBuf,
    /// The folder of the libraries, below `prefix` or elsewhere.
    libdir: PathBuf,
    /// What is put before every path when files are written: for packagers.
    destdir: PathBuf,
}

impl Place {
    /// `prefix`, with the usual folder for libraries.
    pub(crate) fn new(prefix: &Path) -> Result<Self> {
        Self::of(prefix.into(), None, PathBuf::new())
    }

    fn of(prefix: PathBuf, libdir: Option<PathBuf>, destdir: PathBuf) -> Result<Self> {
        let libdir = prefix.join(libdir.unwrap_or_else(|| "lib".into()));
        for (name, path) in [("--prefix", &prefix), ("--libdir", &libdir)] {
            ensure!(
                path.is_absolute() && !path.components().any(|part| part == Component::ParentDir),
                "{name} must be an absolute path without `..`, not {}",
                path.display()
            );
            ensure!(
                path.to_str()
                    .is_some_and(|text| !text.contains(char::is_whitespace)),
                "{name} {path:?}: neither pkg-config nor the list of installed files takes blanks, \
                 or what is not UTF-8"
            );
        }
        // A relative one is for where the command was given.
        let destdir = match destdir.as_os_str().is_empty() {
            true => destdir,
            false => std::path::absolute(destdir)?,
        };
        Ok(Self {
            prefix,
            libdir,
            destdir,
        })
    }

    fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let (mut prefix, mut libdir, mut destdir) = (None, None, PathBuf::new());
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("prefix") => prefix = Some(PathBuf::from(arguments.value()?)),
                Long("libdir") => libdir = Some(PathBuf::from(arguments.value()?)),
                Long("destdir") => destdir = PathBuf::from(arguments.value()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let prefix = prefix.context("--prefix DIR is missing, such as --prefix /usr/local")?;
        Self::of(prefix, libdir, destdir)
    }

    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// The folder for libraries, as programs see it.
    pub(crate) fn libdir(&self) -> &Path {
        &self.libdir
    }

    /// Where a file that programs see at `path` is written.
    fn on_disk(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/") {
            Ok(path) if !self.destdir.as_os_str().is_empty() => self.destdir.join(path),
            _ => path.to_owned(),
        }
    }
}

pub(crate) fn run(arguments: lexopt::Parser) -> Result<()> {
    let place = Place::parse(arguments)?;
    let host = host()?;
    if host.contains("windows") {
        bail!("install-c is for Unix; on Windows `cargo build -p libcares` makes a DLL");
    }
    let dir = tempfile::tempdir()?;
    let library = build(dir.path(), false)?;
    install(&library, &place)?;
    println!(
        "c-ares {} is installed in {}",
        library.artifacts.version(),
        place.on_disk(&place.prefix).display()
    );
    if host.contains("linux") && place.destdir.as_os_str().is_empty() {
        println!("for programs that look in the system's folders for libraries: run ldconfig");
    }
    Ok(())
}

/// Installs a library that was built.
pub(crate) fn install(library: &Library, place: &Place) -> Result<()> {
    disk::install(&plan::files(library, place)?, place)
}

pub(crate) fn run_uninstall(arguments: lexopt::Parser) -> Result<()> {
    let place = Place::parse(arguments)?;
    uninstall(&place)?;
    println!(
        "c-ares is gone from {}",
        place.on_disk(&place.prefix).display()
    );
    Ok(())
}

/// Takes back what was installed there.
pub(crate) fn uninstall(place: &Place) -> Result<()> {
    disk::uninstall(place)
}

#[cfg(test)]
mod tests;
