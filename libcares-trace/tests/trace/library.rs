//! The libraries that the programs run on.

use crate::harness::{build_dir, compiler, finish};
use c_ares_src::Build;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A `libcares.so.2`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Library {
    /// The system's: Debian 12's is 1.18.1, which calls its own public functions as programs do.
    System,
    /// The tree that is vendored here, as one unit: it calls itself directly.
    Unit,
    /// The same tree, file by file as upstream builds it: it calls itself as programs do.
    Apart,
}

pub(crate) const ALL: [Library; 3] = [Library::System, Library::Unit, Library::Apart];
/// Those with everything that 1.34 has.
pub(crate) const NEW: [Library; 2] = [Library::Unit, Library::Apart];

/// Names a prefix with another release, to be tried instead of the system's. Where the tests say
/// what 1.18 does, they fail on others; those of `same.rs` do not.
const OTHER: &str = "C_ARES_TRACE_PREFIX";

impl Library {
    /// What the compiler has to be told to link with it.
    pub(crate) fn flags(self) -> Vec<String> {
        match self {
            Library::System if std::env::var_os(OTHER).is_some() => {
                let prefix = std::env::var(OTHER).unwrap();
                vec![
                    format!("-I{prefix}/include"),
                    format!("-L{prefix}/lib"),
                    format!("-Wl,-rpath,{prefix}/lib"),
                    "-lcares".into(),
                ]
            }
            Library::System => {
                let header = Path::new("/usr/include/ares.h");
                assert!(
                    header.exists(),
                    "there is no {}: apt-get install libc-ares-dev",
                    header.display()
                );
                vec!["-lcares".into()]
            }
            Library::Unit | Library::Apart => {
                let dir = self.dir();
                let dir = dir.display();
                vec![
                    format!("-I{dir}/include"),
                    format!("-L{dir}"),
                    format!("-Wl,-rpath,{dir}"),
                    "-lcares".into(),
                ]
            }
        }
    }

    /// Where it lies; built when it is first asked for.
    fn dir(self) -> PathBuf {
        static UNIT: OnceLock<PathBuf> = OnceLock::new();
        static APART: OnceLock<PathBuf> = OnceLock::new();
        match self {
            Library::System => PathBuf::from("/usr/lib"),
            Library::Unit => UNIT.get_or_init(|| shared(true)).clone(),
            Library::Apart => APART.get_or_init(|| shared(false)).clone(),
        }
    }
}

/// Makes a shared library of the tree.
fn shared(one_unit: bool) -> PathBuf {
    let dir = build_dir().join(if one_unit { "unit" } else { "apart" });
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = Build::new();
    build
        .target(&*target)
        .host(&*target)
        .out_dir(&dir)
        .cargo_metadata(false)
        .one_unit(one_unit);
    if !one_unit {
        build.flag("-O2").flag("-fsemantic-interposition");
    }
    let artifacts = build.compile();
    let library = dir.join("libcares.so.2");
    let mut linker = compiler("cc");
    linker.args([
        "-shared",
        "-Wl,-soname,libcares.so.2",
        "-Wl,--whole-archive",
    ]);
    linker
        .arg(artifacts.lib_dir().join("libcares.a"))
        .arg("-Wl,--no-whole-archive");
    finish(linker.arg("-o").arg(&library));
    let plain = dir.join("libcares.so");
    let _ = std::fs::remove_file(&plain);
    std::os::unix::fs::symlink("libcares.so.2", plain).unwrap();
    let include = dir.join("include");
    if artifacts.include_dir() != include {
        let _ = std::fs::remove_file(&include);
        if !include.exists() {
            std::os::unix::fs::symlink(artifacts.include_dir(), include).unwrap();
        }
    }
    dir
}
