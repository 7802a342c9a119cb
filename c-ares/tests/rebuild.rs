//! When cargo runs a build script with this crate again, and when it does not.

#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

mod common;
use common::{FILES, tree, write};

/// A package whose build script compiles the library.
struct Package {
    name: &'static str,
    dir: PathBuf,
}

impl Package {
    fn new(name: &'static str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
        write(
            &dir.join("Cargo.toml"),
            &format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                 [workspace]\n[build-dependencies]\nc-ares-src = {{ path = {:?} }}\n",
                ours.display().to_string()
            ),
        );
        write(
            &dir.join("build.rs"),
            "fn main() { c_ares_src::Build::new().compile().print_cargo_metadata(); }",
        );
        write(&dir.join("src/lib.rs"), "");
        // The same dependencies as here, so that none has to be fetched.
        let lock = ours.parent().unwrap().join("Cargo.lock");
        if lock.is_file() {
            fs::copy(lock, dir.join("Cargo.lock")).unwrap();
        }
        Self { name, dir }
    }

    /// The packages share what they depend on.
    fn target_dir(&self) -> PathBuf {
        self.dir.with_file_name("rebuild-target")
    }

    /// Runs cargo with these variables: what it wrote to standard error.
    fn build(&self, env: &[(&str, &Path)]) -> Result<String, String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--offline"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", self.target_dir())
            .env("CARGO_TERM_COLOR", "never");
        for name in ["C_ARES_SOURCE_DIR", "CC", "CFLAGS"] {
            cargo.env_remove(name);
        }
        cargo.envs(env.iter().copied());
        let output = cargo.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            Ok(text)
        } else {
            Err(text)
        }
    }

    /// The library that was written last, and when.
    fn library(&self) -> (SystemTime, PathBuf) {
        fs::read_dir(self.target_dir().join("debug/build"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(self.name))
            .map(|entry| entry.path().join("out/c-ares/lib/libcares.a"))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().unwrap(), path)))
            .max()
            .unwrap()
    }

    /// Builds, and says whether the library was compiled.
    fn recompiles(&self, env: &[(&str, &Path)]) -> bool {
        let before = self.library();
        // File times are coarse.
        std::thread::sleep(Duration::from_millis(20));
        self.build(env).unwrap();
        self.library() != before
    }
}

#[test]
fn the_library_is_compiled_again_when_what_it_depends_on_changes_and_only_then() {
    let package = Package::new("rebuild-changes");
    let first = package.dir.join("first");
    let second = package.dir.join("second");
    tree(&first, [1, 34, 9], FILES);
    tree(&second, [1, 34, 9], FILES);

    package.build(&[]).unwrap();
    assert!(!package.recompiles(&[]), "nothing changed");

    let source = ("C_ARES_SOURCE_DIR", &*first);
    assert!(package.recompiles(&[source]), "C_ARES_SOURCE_DIR was set");
    assert!(!package.recompiles(&[source]), "nothing changed");
    assert!(
        package.recompiles(&[("C_ARES_SOURCE_DIR", &second)]),
        "another folder"
    );
    assert!(package.recompiles(&[source]), "the first folder again");

    // Cargo compares with the time at which the build script started.
    std::thread::sleep(Duration::from_millis(1100));
    write(
        &first.join("src/lib/dsa/two.c"),
        "#include \"ares.h\"\nint two(void);\nint two(void) { return 22; }\n",
    );
    assert!(package.recompiles(&[source]), "a C file was edited");
    assert!(!package.recompiles(&[source]), "nothing changed");
    std::thread::sleep(Duration::from_millis(1100));
    write(&first.join("include/ares_more.h"), "");
    assert!(package.recompiles(&[source]), "a header was added");

    let flags = ("CFLAGS", Path::new("-DSOMETHING"));
    assert!(package.recompiles(&[source, flags]), "CFLAGS was set");
    assert!(!package.recompiles(&[source, flags]), "nothing changed");
    assert!(package.recompiles(&[source]), "CFLAGS was unset");
    let host = format!("CFLAGS_{}", common::host().replace('-', "_"));
    let host = (&*host, Path::new("-DSOMETHING"));
    assert!(package.recompiles(&[source, host]), "CFLAGS of the target");
    assert!(package.recompiles(&[source]), "CFLAGS of the target unset");

    let compiler = ("CC", Path::new("gcc"));
    assert!(package.recompiles(&[source, compiler]), "CC was set");
    assert!(!package.recompiles(&[source, compiler]), "nothing changed");
    let archiver = ("AR", Path::new("gcc-ar"));
    assert!(package.recompiles(&[source, compiler, archiver]), "AR");
}

#[test]
fn c_debug_information_follows_the_profile() {
    let package = Package::new("rebuild-debug");
    let root = package.dir.join("tree");
    tree(&root, [1, 34, 9], FILES);
    for (debug, expected) in [("false", false), ("true", true)] {
        package
            .build(&[
                ("C_ARES_SOURCE_DIR", &root),
                ("CARGO_PROFILE_DEV_DEBUG", Path::new(debug)),
            ])
            .unwrap();
        let library = fs::read(package.library().1).unwrap();
        let name = b".debug_info";
        let found = library.windows(name.len()).any(|window| window == name);
        assert_eq!(found, expected, "debug = {debug}");
    }
}

#[test]
fn cargo_shows_why_a_build_failed() {
    let package = Package::new("rebuild-fails");
    let error = package
        .build(&[("C_ARES_SOURCE_DIR", Path::new("/nowhere"))])
        .unwrap_err();
    for part in [
        "error: rebuild-fails@0.0.0: C_ARES_SOURCE_DIR is set to /nowhere, but there is no folder /nowhere.",
        "error: rebuild-fails@0.0.0: Set it to the folder of an unpacked c-ares 1.34.9",
    ] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
    assert!(!error.contains("panicked"), "{error}");

    let error = package
        .build(&[("CC", Path::new("/nowhere/cc"))])
        .unwrap_err();
    for part in ["no C compiler: /nowhere/cc", "Install one"] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn cargo_shows_the_warnings() {
    let package = Package::new("rebuild-warns");
    let root = package.dir.join("tree");
    tree(&root, [1, 35, 0], FILES);
    let text = package.build(&[("C_ARES_SOURCE_DIR", &root)]).unwrap();
    assert!(
        text.contains("warning: rebuild-warns@0.0.0: building c-ares 1.35.0"),
        "{text}"
    );
}
