//! `abidiff` finds no difference between our library and upstream's build of
//! the same release, and nothing but additions to Debian's older one.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::elf::printed;
use super::{DEBIAN, Ground};
use crate::install_c;
use crate::system::{output, said};

pub(super) fn run(ground: &Ground) -> Result<()> {
    // Types are compared by debug information, which what is installed has not.
    let ours = install_c::build(&ground.folder("abi")?, true)?;
    let upstream = ground.upstream_library();
    for library in [&ours.shared, &upstream] {
        let sections = printed("readelf", &["-S", "-W"], library)?;
        ensure!(
            sections.contains(".debug_info"),
            "{} has no debug information: nothing would be compared",
            library.display()
        );
    }
    // What it filters out by itself: types that the debug information of one
    // translation unit defines, where that of many small ones only declares them.
    same(&upstream, &ours.shared, &[])?;
    println!("abidiff: no difference to upstream's build of the same release");

    let debian = Path::new(DEBIAN);
    ensure!(
        debian.exists(),
        "there is no {DEBIAN} to compare with: `apt-get install libc-ares2`"
    );
    same(debian, &ours.shared, &["--no-added-syms"])?;
    let (identical, counts) = abidiff(debian, &ours.shared, &["--stat"])?;
    ensure!(!identical, "Debian's library is no older one");
    println!("abidiff: nothing but additions to Debian's:");
    counts.lines().for_each(|line| println!("    {line}"));
    Ok(())
}

/// Fails unless `abidiff` finds the same interface.
fn same(old: &Path, new: &Path, arguments: &[&str]) -> Result<()> {
    let (same, said) = abidiff(old, new, arguments)?;
    ensure!(
        same && !said.contains("[C]"),
        "abidiff {} {}:\n{said}",
        old.display(),
        new.display()
    );
    Ok(())
}

/// Whether `abidiff` finds no difference (it ends with a sum of the kinds), and what it said.
fn abidiff(old: &Path, new: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let output = output(Command::new("abidiff").args(arguments).arg(old).arg(new))?;
    Ok((output.status.success(), said(&output)))
}
