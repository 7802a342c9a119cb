//! Shows that a sanitizer finds the bugs that it is there for, in C and in Rust, and nothing in what is right.
//!
//! A copy of the C tree gets a function with bugs, and is compiled and linked as every test is, through
//! `c-ares-sys`. The program in `planted/main.rs` calls it, and has bugs of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Environment, Sanitizer};
use crate::system::{output, said};
use crate::{root, run as run_command, vendor};

/// A language, a bug, and what is said of it.
type Case = [&'static str; 3];

const ADDRESS: [Case; 6] = [
    ["c", "use-after-free", "heap-use-after-free"],
    ["c", "overflow", "heap-buffer-overflow"],
    ["c", "leak", "detected memory leaks"],
    ["rust", "use-after-free", "heap-use-after-free"],
    ["rust", "overflow", "heap-buffer-overflow"],
    ["rust", "leak", "detected memory leaks"],
];

const THREAD: [Case; 7] = [
    ["c", "race", "data race"],
    ["c", "use-after-free", "heap-use-after-free"],
    ["rust", "race", "data race"],
    ["rust", "race-between-arcs", "data race"],
    ["rust", "race-past-a-flag", "data race"],
    ["rust", "race-for-a-descriptor", "data race"],
    ["rust", "use-after-free", "heap-use-after-free"],
];

pub(super) fn run(environment: &Environment) -> Result<()> {
    let dir = environment.dir.join("planted");
    let tree = dir.join("c-ares");
    vendor::copy_tree(&tree)?;
    let file = tree.join("src/lib/ares_version.c");
    let text = fs::read_to_string(&file)? + include_str!("planted/bugs.c");
    fs::write(&file, text)?;
    write_program(&dir)?;
    run_command(
        environment
            .cargo("build")
            .arg("--quiet")
            .current_dir(&dir)
            .env("C_ARES_SOURCE_DIR", &tree),
    )?;
    let program = environment
        .dir
        .join(&environment.target)
        .join("debug/planted");
    let cases: &[Case] = match environment.sanitizer {
        Sanitizer::Address => &ADDRESS,
        Sanitizer::Thread => &THREAD,
    };
    for &[language, bug, wanted] in cases {
        let mut program = Command::new(&program);
        program
            .args([language, bug])
            .envs([environment.sanitizer.options()]);
        let output = output(&mut program)?;
        let text = said(&output);
        // Where it was: in a function of ours, in the language that it was planted in.
        let place = match language {
            "c" => "ares_planted",
            _ => "planted::",
        };
        ensure!(
            !output.status.success() && text.contains(wanted) && text.contains(place),
            "a planted bug ({language}, {bug}) was to be found and called {wanted:?}:\n{text}"
        );
        println!("sanitize: {bug} in {language}: {wanted}");
    }
    let mut right = Command::new(&program);
    right
        .args(["no", "bug"])
        .envs([environment.sanitizer.options()]);
    let output = output(&mut right)?;
    ensure!(
        output.status.success(),
        "what is right was reported:\n{}",
        said(&output)
    );
    println!("sanitize: nothing in what is right");
    Ok(())
}

/// Writes the program's package.
fn write_program(dir: &Path) -> Result<()> {
    let manifest = format!(
        "[package]\nname = \"planted\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\nc-ares-sys = {{ path = {:?} }}\n",
        root().join("c-ares-sys").display().to_string()
    );
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("Cargo.toml"), manifest)?;
    fs::write(dir.join("src/main.rs"), include_str!("planted/main.rs"))?;
    fs::copy(root().join("Cargo.lock"), dir.join("Cargo.lock"))
        .context("could not copy Cargo.lock")?;
    Ok(())
}
