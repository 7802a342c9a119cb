//! Where the C tree comes from.
//!
//! In this order: the folder named by the environment variable
//! `C_ARES_SOURCE_DIR`; `vendor/` in this package, when it is there; the
//! registry package pinned in `pin/`, which cargo fetches and checks. A
//! packaged copy of this crate has no `pin/`: there `vendor/` is always there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::pin::Pin;
use crate::{Error, Interface, Version};

/// The environment variable that names a c-ares tree to build instead of the usual one.
pub const SOURCE_DIR_VARIABLE: &str = "C_ARES_SOURCE_DIR";

/// Which of the three ways led to a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// `C_ARES_SOURCE_DIR`, or [`Search::source_dir`].
    SourceDir,
    /// The folder `vendor/` of this package.
    Vendor,
    /// The registry package that `pin/` names.
    Pin,
}

/// A c-ares source tree.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
    version: Version,
    origin: Origin,
    watched: Vec<PathBuf>,
}

impl Tree {
    /// The folder that holds `include/` and `src/lib/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The version that the tree's `ares_version.h` gives.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The numbers that name the tree's shared library.
    ///
    /// # Errors
    ///
    /// The tree's `CMakeLists.txt`, which has them, cannot be read.
    pub fn interface(&self) -> Result<Interface, Error> {
        Interface::of_tree(&self.root)
    }

    /// How the tree was found.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The folder of the library's C files.
    pub(crate) fn lib_dir(&self) -> PathBuf {
        self.root.join("src/lib")
    }

    /// What cargo has to watch, so that a changed tree is compiled again.
    pub(crate) fn watched(&self) -> &[PathBuf] {
        &self.watched
    }
}

/// Finds the tree as [`Search::new`] does without any setting.
///
/// # Errors
///
/// None of the ways led to a tree. The text says why, and what to do.
pub fn locate() -> Result<Tree, Error> {
    Search::new().locate()
}

/// A search for the tree, with the places to look in.
#[derive(Clone, Debug)]
pub struct Search {
    source_dir: Option<PathBuf>,
    package: PathBuf,
    cargo: OsString,
    cargo_env: Vec<(OsString, OsString)>,
}

impl Search {
    /// A search that looks where the environment says, then in this package.
    #[allow(clippy::new_without_default, reason = "it reads the environment")]
    pub fn new() -> Self {
        Self {
            source_dir: std::env::var_os(SOURCE_DIR_VARIABLE)
                .filter(|dir| !dir.is_empty())
                .map(PathBuf::from),
            package: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            cargo_env: Vec::new(),
        }
    }

    /// Takes the tree in this folder, whatever `C_ARES_SOURCE_DIR` says; `None`: looks elsewhere.
    pub fn source_dir(&mut self, dir: Option<PathBuf>) -> &mut Self {
        self.source_dir = dir;
        self
    }

    /// Looks for `vendor/` and `pin/` in this folder instead of this package's own.
    pub fn package_dir(&mut self, dir: impl Into<PathBuf>) -> &mut Self {
        self.package = dir.into();
        self
    }

    /// Asks this cargo for the pinned package, instead of the one that runs the build script.
    pub fn cargo(&mut self, program: impl Into<OsString>) -> &mut Self {
        self.cargo = program.into();
        self
    }

    /// Sets an environment variable for the cargo that fetches the pinned package.
    pub fn cargo_env(
        &mut self,
        name: impl Into<OsString>,
        value: impl Into<OsString>,
    ) -> &mut Self {
        self.cargo_env.push((name.into(), value.into()));
        self
    }

    /// Finds the tree.
    ///
    /// # Errors
    ///
    /// None of the ways led to a tree. The text says why, and what to do.
    pub fn locate(&self) -> Result<Tree, Error> {
        let vendor = self.package.join("vendor");
        let pin = Pin::new(&self.package.join("pin"));
        if let Some(dir) = &self.source_dir {
            return named_tree(dir).map_err(|e| {
                Error::new(format!(
                    "{SOURCE_DIR_VARIABLE} is set to {}, but {e}\n\
                     Set it to the folder of an unpacked c-ares {} (or a later 1.x), or unset it \
                     to build the c-ares that comes with this crate.",
                    dir.display(),
                    Version::SUPPORTED
                ))
            });
        }
        if vendor.exists() {
            return own_tree(&vendor, Origin::Vendor).map_err(|e| {
                let remedy = match &pin {
                    Some(_) => "Lay it down again with `cargo xtask vendor`, or remove it.",
                    None => "Most likely the package is damaged: remove it from cargo's cache and build again.",
                };
                Error::new(format!("the folder vendor/ of c-ares-src: {e}\n{remedy}"))
            });
        }
        let Some(pin) = pin else {
            return Err(Error::new(format!(
                "no c-ares source tree was found.\n\
                 - {SOURCE_DIR_VARIABLE} is not set.\n\
                 - {} is missing. It is part of the published package: either this package is \
                 damaged, or it is a copy of a git checkout, as `cargo vendor` makes of a git \
                 dependency.\n\
                 Remove the package from cargo's cache and build again, or set \
                 {SOURCE_DIR_VARIABLE} to the folder of an unpacked c-ares {}.",
                vendor.display(),
                Version::SUPPORTED
            )));
        };
        pinned_tree(&pin, &self.cargo, &self.cargo_env).map_err(|e| {
            Error::new(format!(
                "no c-ares source tree was found.\n\
                 - {SOURCE_DIR_VARIABLE} is not set.\n\
                 - {} is not there.\n\
                 - {e}\n\
                 Connect to the network once, so that cargo can fetch the pinned package (later \
                 builds find it in cargo's cache); or set {SOURCE_DIR_VARIABLE} to the folder of \
                 an unpacked c-ares {}; or run `cargo xtask vendor` where there is a network and \
                 copy {} here.",
                vendor.display(),
                Version::SUPPORTED,
                vendor.display(),
            ))
        })
    }

    /// The tree of the pinned package, whatever the other ways lead to.
    ///
    /// # Errors
    ///
    /// There is no `pin/`, or cargo cannot fetch what it names.
    pub fn pinned(&self) -> Result<Tree, Error> {
        let dir = self.package.join("pin");
        let pin = Pin::new(&dir)
            .ok_or_else(|| Error::new(format!("there is no pin in {}", dir.display())))?;
        pinned_tree(&pin, &self.cargo, &self.cargo_env)
    }
}

fn pinned_tree(pin: &Pin, cargo: &OsStr, env: &[(OsString, OsString)]) -> Result<Tree, Error> {
    let named = |e: Error| {
        Error::new(format!(
            "the package pinned in {}: {e}",
            pin.dir().display()
        ))
    };
    let folder = pin.folder(cargo, env).map_err(named)?;
    let mut tree = own_tree(&folder.join("c-ares"), Origin::Pin).map_err(named)?;
    tree.watched.extend(pin.files());
    Ok(tree)
}

/// The tree that the user named: any 1.x that is not too old.
fn named_tree(root: &Path) -> Result<Tree, Error> {
    if !root.is_absolute() {
        return Err(Error::new(
            "this is not an absolute path, and build scripts do not run in your folder.",
        ));
    }
    let tree = tree(root, Origin::SourceDir)?;
    let supported = Version::SUPPORTED;
    if tree.version < supported || tree.version.major != supported.major {
        return Err(Error::new(format!(
            "the tree there is c-ares {}, and {supported} or a later {}.x is wanted.",
            tree.version, supported.major
        )));
    }
    Ok(tree)
}

/// A tree that we laid down or pinned ourselves: exactly the supported version.
fn own_tree(root: &Path, origin: Origin) -> Result<Tree, Error> {
    let tree = tree(root, origin)?;
    if tree.version != Version::SUPPORTED {
        return Err(Error::new(format!(
            "the tree in {} is c-ares {}, not {}.",
            root.display(),
            tree.version,
            Version::SUPPORTED
        )));
    }
    Ok(tree)
}

fn tree(root: &Path, origin: Origin) -> Result<Tree, Error> {
    if !root.is_dir() {
        return Err(Error::new(format!(
            "there is no folder {}.",
            root.display()
        )));
    }
    for file in [
        "include/ares.h",
        "include/ares_version.h",
        "src/lib/Makefile.inc",
    ] {
        if !root.join(file).is_file() {
            return Err(Error::new(format!(
                "the folder {} is no c-ares source tree: it has no {file}.",
                root.display()
            )));
        }
    }
    // A header beside the C files wins over any include path, so the
    // configuration of an earlier build would silently take the place of ours.
    let configured = root.join("src/lib/ares_config.h");
    if configured.exists() {
        return Err(Error::new(format!(
            "the tree was configured in place: remove {} (or run `make distclean` there).",
            configured.display()
        )));
    }
    Ok(Tree {
        root: root.to_path_buf(),
        version: Version::of_tree(root)?,
        origin,
        watched: vec![root.join("include"), root.join("src/lib")],
    })
}
