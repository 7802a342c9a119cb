//! The source of the c-ares C library, and how it is compiled.
//!
//! For build scripts. A C compiler is all that is needed:
//!
//! ```no_run
//! // build.rs
//! let artifacts = c_ares_src::Build::new().compile();
//! artifacts.print_cargo_metadata();
//! println!("cargo::metadata=include={}", artifacts.include_dir().display());
//! ```
//!
//! [`source`] says where the C files come from. They are compiled as one
//! translation unit where the compiler takes it, with optimisation in debug
//! builds too; C debug information follows cargo's profile.
//!
//! # Environment
//!
//! - `C_ARES_SOURCE_DIR`: build the c-ares tree in this folder, 1.34.9 or a later 1.x.
//! - `CC`, `CFLAGS`, `AR` and their variants for one target, as the crate `cc` reads them.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

mod compile;
mod config;
mod error;
mod interface;
mod makefile;
mod mend;
mod pin;
mod scan;
pub mod source;
mod unit;
mod version;

pub use error::Error;
pub use interface::Interface;
pub use version::Version;

/// A build of the C library, for the target that cargo builds for unless told otherwise.
#[derive(Clone, Debug)]
pub struct Build {
    target: Option<String>,
    host: Option<String>,
    out_dir: Option<PathBuf>,
    debug: Option<bool>,
    compiler: Option<PathBuf>,
    flags: Vec<OsString>,
    one_unit: bool,
    mended: bool,
    dll: bool,
    warnings: bool,
    cargo_metadata: bool,
    search: source::Search,
}

impl Build {
    /// A build as cargo's environment for build scripts asks for.
    #[allow(clippy::new_without_default, reason = "it reads the environment")]
    pub fn new() -> Self {
        let variable = |name| std::env::var(name).ok();
        Self {
            target: variable("TARGET"),
            host: variable("HOST"),
            out_dir: std::env::var_os("OUT_DIR").map(PathBuf::from),
            debug: None,
            compiler: None,
            flags: Vec::new(),
            one_unit: true,
            mended: false,
            dll: false,
            warnings: false,
            cargo_metadata: true,
            search: source::Search::new(),
        }
    }

    /// Compiles for this target triple instead of `TARGET`.
    pub fn target(&mut self, triple: impl Into<String>) -> &mut Self {
        self.target = Some(triple.into());
        self
    }

    /// Compiles on this host triple instead of `HOST`.
    pub fn host(&mut self, triple: impl Into<String>) -> &mut Self {
        self.host = Some(triple.into());
        self
    }

    /// Writes below this folder instead of `OUT_DIR`.
    pub fn out_dir(&mut self, dir: impl Into<PathBuf>) -> &mut Self {
        self.out_dir = Some(dir.into());
        self
    }

    /// Compiles the c-ares tree in this folder, as `C_ARES_SOURCE_DIR` does.
    pub fn source_dir(&mut self, dir: impl Into<PathBuf>) -> &mut Self {
        self.search.source_dir(Some(dir.into()));
        self
    }

    /// Looks for the C tree in this way instead of the usual one.
    pub fn search(&mut self, search: source::Search) -> &mut Self {
        self.search = search;
        self
    }

    /// Compiles with this C compiler instead of the one that `cc` chooses.
    pub fn compiler(&mut self, program: impl Into<PathBuf>) -> &mut Self {
        self.compiler = Some(program.into());
        self
    }

    /// Adds a flag for the C compiler.
    pub fn flag(&mut self, flag: impl Into<OsString>) -> &mut Self {
        self.flags.push(flag.into());
        self
    }

    /// Whether C debug information is written, whatever cargo's profile says.
    pub fn debug(&mut self, debug: bool) -> &mut Self {
        self.debug = Some(debug);
        self
    }

    /// Whether the files are compiled as one translation unit (the default) or one by one.
    pub fn one_unit(&mut self, one_unit: bool) -> &mut Self {
        self.one_unit = one_unit;
        self
    }

    /// Whether the library is built without what c-ares 1.34.9 cannot do safely, and no
    /// caller can protect itself from (by default it is as upstream's). Four files of our own
    /// take the place of the tree's.
    ///
    /// - *The configuration monitor is left out*: the event thread does not watch the system's
    ///   configuration, to read it again when it changes. `ares_destroy`, when it comes just
    ///   while a change is noticed, frees the channel under the thread that reads the
    ///   configuration (`ares_init.c`, `ares_reinit`, stores that thread without the
    ///   lock; `ares_destroy.c` then does not see it, and does not wait). Without the
    ///   monitor only the program itself starts that thread.
    /// - *A search ends once*: where a name with a search domain is legal, but has more than 255
    ///   characters as it is written (escapes, or a final dot), and where the message has a record of
    ///   an unknown type without data, `ares_send_nolock` tells the callback
    ///   and returns `ARES_EFORMERR`, which `ares_search.c` takes to mean that nobody was
    ///   told: it frees the search twice, and calls the callback twice.
    /// - *A message is sent as it is*: in one of more than one name the pointers of compressed
    ///   names are counted from two bytes before the message, or from further ahead
    ///   (`ares_dns_write_buf_tcp`, `ares_dns_write.c`).
    /// - *An entry of the hosts file is freed once*: `ares_hosts_file_add` (`ares_hosts_file.c`)
    ///   frees one that its table has, where there is no memory for another address of it.
    pub fn mended(&mut self, mended: bool) -> &mut Self {
        self.mended = mended;
        self
    }

    /// Whether the objects are made for a DLL (by default not): on Windows they then say
    /// themselves what it exports. Elsewhere nothing changes, because a shared library is linked from
    /// the same objects.
    pub fn dll(&mut self, dll: bool) -> &mut Self {
        self.dll = dll;
        self
    }

    /// Whether the compiler's warnings about the C files are wanted (by default not).
    pub fn warnings(&mut self, warnings: bool) -> &mut Self {
        self.warnings = warnings;
        self
    }

    /// Whether instructions for cargo are printed (the default); outside of a build script, say no.
    pub fn cargo_metadata(&mut self, cargo_metadata: bool) -> &mut Self {
        self.cargo_metadata = cargo_metadata;
        self
    }

    /// Compiles the library; where this fails, says why and ends the build script.
    pub fn compile(&self) -> Artifacts {
        self.try_compile().unwrap_or_else(|error| {
            // cargo shows each of these lines by itself, even where it hides
            // what a failed build script wrote.
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            std::process::exit(1)
        })
    }

    /// Compiles the library.
    ///
    /// # Errors
    ///
    /// No C tree was found, the target is not known, there is no C compiler, or
    /// it failed. The text says what was tried and what to do.
    pub fn try_compile(&self) -> Result<Artifacts, Error> {
        compile::compile(self)
    }

    /// Prints an instruction for cargo.
    fn tell_cargo(&self, instruction: std::fmt::Arguments<'_>) {
        if self.cargo_metadata {
            println!("cargo::{instruction}");
        }
    }
}

/// A compiled library.
#[derive(Clone, Debug)]
pub struct Artifacts {
    tree: source::Tree,
    include_dir: PathBuf,
    lib_dir: PathBuf,
    system_libs: &'static [&'static str],
    alone: Option<Vec<PathBuf>>,
    warnings: Vec<String>,
}

impl Artifacts {
    /// The folder of the public headers.
    pub fn include_dir(&self) -> &Path {
        &self.include_dir
    }

    /// The folder of the static library `cares`.
    pub fn lib_dir(&self) -> &Path {
        &self.lib_dir
    }

    /// The version of the library.
    pub fn version(&self) -> Version {
        self.tree.version()
    }

    /// The tree that was compiled.
    pub fn tree(&self) -> &source::Tree {
        &self.tree
    }

    /// The libraries of the target's system that must be linked too.
    pub fn system_libs(&self) -> &[&'static str] {
        self.system_libs
    }

    /// The C files that could not share the translation unit; `None`: all were compiled one by one.
    pub fn compiled_alone(&self) -> Option<&[PathBuf]> {
        self.alone.as_deref()
    }

    /// What the user was warned of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Has cargo link the library, and the libraries of the system that it needs.
    pub fn print_cargo_metadata(&self) {
        println!("cargo::rustc-link-search=native={}", self.lib_dir.display());
        println!("cargo::rustc-link-lib=static=cares");
        for lib in self.system_libs {
            println!("cargo::rustc-link-lib={lib}");
        }
    }
}
