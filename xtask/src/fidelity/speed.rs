//! What one C program, built once, costs on each library: instructions of the
//! calls into c-ares, counted by callgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::{DEBIAN, Ground};
use crate::system::{output, quietly, said};

/// The program's name for it, and ours.
const CASES: [(&str, &str); 3] = [
    ("query", "ares_query over UDP, and its answer parsed"),
    ("addrinfo", "ares_getaddrinfo over UDP"),
    ("parse", "ares_parse_a_reply of 20 addresses"),
];

const TIMES: u64 = 500;

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("speed")?;
    let program = dir.join("client");
    quietly(
        Command::new("cc")
            .args(["-O2", "-Wno-deprecated-declarations", "-I"])
            .arg(ground.place.prefix().join("include"))
            .arg(crate::root().join("xtask/src/fidelity/client.c"))
            .arg("-L")
            .arg(ground.our_dir())
            .arg("-lcares")
            .arg("-o")
            .arg(&program),
    )?;
    // Nothing but the library is in a folder for the dynamic linker to look in.
    let debian = dir.join("debian");
    std::fs::create_dir(&debian)?;
    if Path::new(DEBIAN).exists() {
        std::os::unix::fs::symlink(DEBIAN, debian.join(&ground.ours.names.soname))?;
    }
    let libraries = [
        ("upstream, -O2", ground.upstream_dir()),
        ("ours", ground.our_dir().to_path_buf()),
        ("Debian's", debian),
    ];
    print!("{:<44}", "instructions for");
    libraries.iter().for_each(|(name, _)| print!("{name:>15}"));
    println!("{:>16}", "ours/upstream");
    let mut slower = Vec::new();
    let mut versions = String::new();
    for (case, name) in CASES {
        let mut counts = Vec::new();
        versions.clear();
        for (_, folder) in &libraries {
            let (count, version) = count(&program, folder, case)?;
            counts.push(count);
            versions += &format!("{version:>15}");
        }
        let [upstream, ours, _] = counts[..] else {
            bail!("there are three libraries");
        };
        print!("{name:<44}");
        counts.iter().for_each(|count| print!("{count:>15}"));
        println!("{:>16.2}", ours as f64 / upstream as f64);
        if ours >= upstream {
            slower.push(name);
        }
    }
    println!("{:<44}{versions}", "(release)");
    ensure!(
        slower.is_empty(),
        "ours costs no less than upstream's build of the same release in: {}",
        slower.join(", ")
    );
    Ok(())
}

/// The instructions for doing it once, and the release of the library.
fn count(program: &Path, folder: &PathBuf, case: &str) -> Result<(u64, String)> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=measured_*")
        .arg(program)
        .args([case, &TIMES.to_string()])
        // Looking up a symbol at its first call is no work of c-ares.
        .env("LD_BIND_NOW", "1")
        .env("LD_LIBRARY_PATH", folder);
    let output = output(&mut valgrind)?;
    let text = said(&output);
    ensure!(output.status.success(), "{valgrind:?} failed:\n{text}");
    let collected = text
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.trim().parse::<u64>().ok());
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let instructions = collected.context("callgrind counted nothing")?;
    ensure!(instructions > TIMES, "callgrind counted nothing:\n{text}");
    Ok((instructions / TIMES, version))
}
