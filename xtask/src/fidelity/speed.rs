//! What one C program, built once, costs on each library: instructions of the
//! calls into c-ares, counted by callgrind.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use super::{DEBIAN, Ground};
use crate::callgrind::count;
use crate::system::quietly;

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
            let counted = count(&program, case, TIMES, |command| {
                command.env("LD_LIBRARY_PATH", folder);
            })?;
            counts.push(counted.instructions);
            // The program writes the release of its library.
            versions += &format!("{:>15}", counted.stdout);
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
