//! A shared library that is not what its `libcares.pc` says.
//!
//! The build cannot notice: the safe layer has to, at its first use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{GOOD, output, said, target_dir, write};

/// A stub and what becomes of a program that is started on it.
struct Stub {
    name: &'static str,
    /// What `ares_version` gives.
    version: [u32; 3],
    /// What `ares_threadsafety` gives.
    threads: bool,
    /// What the program prints; `None`: it gets past the check, and aborts in
    /// the stub when it makes a channel.
    printed: Option<&'static [&'static str]>,
}

const STUBS: &[Stub] = &[
    Stub {
        name: "old",
        version: [1, 18, 1],
        threads: true,
        printed: Some(&["refused:", "1.18.1", GOOD]),
    },
    Stub {
        name: "unthreaded",
        version: [1, 34, 9],
        threads: false,
        printed: Some(&["refused:", "thread"]),
    },
    // Without this one the others would prove nothing: the check has to let
    // through what is good.
    Stub {
        name: "honest",
        version: [1, 34, 9],
        threads: true,
        printed: None,
    },
];

/// Runs one program on every stub.
pub(super) fn all(dir: &Path) -> Result<()> {
    let dir = dir.join("liar");
    let libraries = STUBS
        .iter()
        .map(|stub| Ok((stub, build(stub, &dir)?)))
        .collect::<Result<Vec<_>>>()?;
    // One program is linked once, as it would be on somebody's machine; the
    // library under it is exchanged.
    let (_, first) = &libraries[0];
    let program = program(&dir, first)?;
    for (stub, library) in &libraries {
        let ran = output(Command::new(&program).env("LD_LIBRARY_PATH", library))?;
        let text = said(&ran);
        let name = stub.name;
        match stub.printed {
            Some(parts) => {
                ensure!(
                    ran.status.success(),
                    "on the {name} stub: {}\n{text}",
                    ran.status
                );
                for part in parts {
                    ensure!(
                        text.contains(part),
                        "on the {name} stub {part:?} is not said:\n{text}"
                    );
                }
                println!("system: on the {name} stub: {}", text.trim());
            }
            None => {
                ensure!(
                    !ran.status.success() && text.contains("stub: ares_init_options"),
                    "on the {name} stub the check was to let the program through: {}\n{text}",
                    ran.status
                );
                println!("system: on the {name} stub: let through");
            }
        }
    }
    Ok(())
}

/// Builds a stub; gives the folder of the library.
fn build(stub: &Stub, dir: &Path) -> Result<PathBuf> {
    let dir = dir.join(stub.name);
    fs::create_dir_all(&dir)?;
    let source = dir.join("stub.c");
    write(&source, &code(stub)?)?;
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    crate::run(
        Command::new(compiler)
            .args(["-shared", "-fPIC", "-Wl,-soname,libcares.so.2", "-o"])
            .arg(dir.join("libcares.so.2"))
            .arg(&source),
    )?;
    // The name that the linker looks for.
    fs::copy(dir.join("libcares.so.2"), dir.join("libcares.so"))?;
    let dir_text = dir.display();
    write(
        &dir.join("libcares.pc"),
        &format!(
            "prefix={dir_text}\nincludedir={dir_text}\n\nName: c-ares\nDescription: a stub\n\
             Version: {GOOD}\nLibs: -L{dir_text} -lcares\n"
        ),
    )?;
    Ok(dir)
}

/// The C source of a stub: every function that is bound, and all but the
/// harmless abort.
fn code(stub: &Stub) -> Result<String> {
    let bindings = crate::root().join("c-ares-sys/src/bindings.rs");
    let bindings = fs::read_to_string(&bindings)
        .with_context(|| format!("could not read {}", bindings.display()))?;
    let [major, minor, patch] = stub.version;
    let mut code = format!(
        "#include <stdio.h>\n#include <stdlib.h>\n\
         static void never(const char *name) {{ fprintf(stderr, \"stub: %s\\n\", name); abort(); }}\n\
         const char *ares_version(int *number)\n{{\n  \
         if (number) *number = {major} << 16 | {minor} << 8 | {patch};\n  \
         return \"{major}.{minor}.{patch}\";\n}}\n\
         int ares_threadsafety(void) {{ return {}; }}\n\
         int ares_library_init(int flags) {{ (void)flags; return 0; }}\n\
         const char *ares_strerror(int code) {{ (void)code; return \"stub\"; }}\n",
        u8::from(stub.threads)
    );
    const HARMLESS: [&str; 4] = [
        "ares_version",
        "ares_threadsafety",
        "ares_library_init",
        "ares_strerror",
    ];
    let names = bindings
        .split("pub fn ")
        .skip(1)
        .filter_map(|rest| rest.split('(').next());
    let mut count = 0;
    for name in names {
        count += 1;
        if !HARMLESS.contains(&name) {
            code += &format!("void {name}(void) {{ never(\"{name}\"); }}\n");
        }
    }
    ensure!(count > 100, "only {count} functions in the bindings");
    Ok(code)
}

/// Builds the program against the library in that folder.
fn program(dir: &Path, library: &Path) -> Result<PathBuf> {
    let root = crate::root();
    let package = dir.join("program");
    fs::create_dir_all(package.join("src"))?;
    write(
        &package.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"on-a-stub\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nc-ares = {{ path = {:?}, default-features = false }}\n\n[workspace]\n",
            root.display().to_string()
        ),
    )?;
    write(
        &package.join("src/main.rs"),
        include_str!("liar/program.rs"),
    )?;
    // The same versions as everywhere, and no network for them.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))?;
    crate::run(
        Command::new(env!("CARGO"))
            .current_dir(&package)
            .args(["build", "--quiet"])
            .env("CARGO_TARGET_DIR", target_dir())
            .env("PKG_CONFIG_LIBDIR", library)
            .env_remove("PKG_CONFIG_PATH"),
    )?;
    Ok(target_dir().join("debug/on-a-stub"))
}
