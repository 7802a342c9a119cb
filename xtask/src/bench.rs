//! `cargo xtask bench`: what compiling as one unit saves, in instructions.
//!
//! A small C program is linked with the library compiled as one unit; file by
//! file with the same flags; and file by file with the flags that upstream's
//! own build uses by default. Callgrind counts the instructions of the calls
//! into c-ares in each.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use c_ares_src::{Artifacts, Build};

use crate::callgrind::count;
use crate::{bindings::host, root, run as run_command};

/// The C program's name for it, how often it does it, and ours.
const CASES: [(&str, u64, &str); 4] = [
    ("query", 500, "one query over UDP, and its answer"),
    ("parse", 200, "parse an answer of 20 addresses"),
    ("mixed", 200, "parse an answer of 7 types"),
    ("write", 200, "write that answer"),
];

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let dir = tempfile::tempdir()?;
    let mut programs = Vec::new();
    for way in &WAYS {
        programs.push(program(dir.path(), way)?);
    }

    print!("{:<36}", "instructions for");
    WAYS.iter().for_each(|way| print!("{:>14}", way.name));
    println!("{:>8}{:>8}", "ratios", "");
    let mut slower = Vec::new();
    for (case, times, name) in CASES {
        let mut counts = Vec::new();
        for program in &programs {
            counts.push(count(program, case, times, |_| ())?.instructions);
        }
        print!("{name:<36}");
        counts.iter().for_each(|count| print!("{count:>14}"));
        let [upstream, apart, together] = counts[..] else {
            unreachable!("there are three ways");
        };
        let ratio = |before: u64| together as f64 / before as f64;
        println!("{:>8.2}{:>8.2}", ratio(upstream), ratio(apart));
        if together >= apart.min(upstream) {
            slower.push(name);
        }
    }
    println!("(ratios: one unit to upstream's flags, one unit to file by file)");
    ensure!(
        slower.is_empty(),
        "compiled as one unit the library does not gain in: {}",
        slower.join(", ")
    );
    Ok(())
}

/// How the library is compiled.
struct Way {
    name: &'static str,
    one_unit: bool,
    flags: &'static [&'static str],
}

const WAYS: [Way; 3] = [
    Way {
        name: "-O2 -fPIC",
        one_unit: false,
        flags: &["-O2", "-fsemantic-interposition"],
    },
    Way {
        name: "file by file",
        one_unit: false,
        flags: &[],
    },
    Way {
        name: "one unit",
        one_unit: true,
        flags: &[],
    },
];

/// The benchmark, linked with the library.
fn program(dir: &Path, way: &Way) -> Result<PathBuf> {
    let out = dir.join(way.name.replace(' ', "-"));
    let host = host()?;
    let mut build = Build::new();
    build
        .target(&*host)
        .host(&*host)
        .out_dir(&out)
        .cargo_metadata(false)
        .one_unit(way.one_unit);
    for flag in way.flags {
        build.flag(flag);
    }
    let artifacts = build.try_compile()?;
    for warning in artifacts.warnings() {
        eprintln!("warning: {warning}");
    }
    ensure!(
        artifacts.compiled_alone().is_some() == way.one_unit,
        "the library was not compiled in the way that was asked for"
    );
    let program = out.join("unit");
    link(&artifacts, &program)?;
    Ok(program)
}

fn link(artifacts: &Artifacts, program: &Path) -> Result<()> {
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler
        .arg("-O2")
        .arg(root().join("c-ares/benches/unit.c"))
        .arg("-I")
        .arg(artifacts.include_dir())
        .arg("-L")
        .arg(artifacts.lib_dir())
        .arg("-lcares");
    for lib in artifacts.system_libs() {
        compiler.arg(format!("-l{lib}"));
    }
    run_command(compiler.arg("-o").arg(program))
}
