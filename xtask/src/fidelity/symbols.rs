//! The same symbols, name, needs and protections as upstream's; from either
//! linker; nothing of Rust; and the same bytes each time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::elf::{exports, header, imports, printed, rust_symbols, stripped_size};
use super::{DEBIAN, Ground};
use crate::install_c;
use crate::system::quietly;

/// What one of the two wants from the C library and the other not, and why.
const IMPORTS: [(&str, &str); 4] = [
    (
        "__assert_fail",
        "ours has the assertions, which upstream's build type leaves out",
    ),
    (
        "freeifaddrs",
        "on Linux nothing calls what calls it, and the linker left that out",
    ),
    ("getifaddrs", "as freeifaddrs"),
    ("pthread_cond_signal", "as freeifaddrs"),
];

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("symbols")?;
    let upstream = ground.upstream_library();
    let theirs = exports(&upstream)?;
    let their_header = header(&upstream)?;

    let named = fs::canonicalize(&upstream)?;
    let file = named.file_name().context("a library without a name")?;
    ensure!(
        fs::canonicalize(ground.our_library())?.file_name() == Some(file),
        "upstream calls the library {file:?}, not {}",
        ground.ours.names.file
    );

    let ours = [
        ("install-c", ground.our_library()),
        ("cargo build --profile capi", cargo(&dir, "capi")?),
        ("cargo build", cargo(&dir, "dev")?),
    ];
    println!("{} symbols, as upstream's own build exports", theirs.len());
    for (name, library) in &ours {
        compare(name, library, &theirs)?;
        let header = header(library)?;
        let [installed, debug] = [*name == "install-c", *name == "cargo build"];
        ensure!(
            header.soname == their_header.soname,
            "{name}: the soname is {header:?}"
        );
        ensure!(
            header.relro && header.bind_now && !header.executable_stack,
            "{name} is not protected: {header:?}"
        );
        // rustc links its standard library where a panic may unwind. That it
        // is found there shows that it would be found elsewhere.
        let rust = rust_symbols(library)?;
        ensure!(
            rust.is_empty() != debug,
            "{name} has {} symbols of Rust, such as {:?}",
            rust.len(),
            rust.first()
        );
        ensure!(
            debug || header.needed == their_header.needed,
            "{name} needs {:?}, upstream's {:?}",
            header.needed,
            their_header.needed
        );
        let linker = printed("readelf", &["-p", ".comment"], library)?;
        let lld = linker.contains("Linker: LLD");
        ensure!(
            lld != installed,
            "{name} was {}linked by lld: the two ways would test one linker",
            if lld { "" } else { "not " }
        );
    }

    same_calls(&ground.our_library(), &upstream)?;

    println!("\n{:<28}{:>16}   needs", "", "bytes, stripped");
    let others = [("upstream", upstream), ("Debian", DEBIAN.into())];
    for (name, library) in ours.iter().chain(&others).filter(|(_, path)| path.exists()) {
        let size = stripped_size(library, &dir)?;
        println!(
            "{name:<28}{size:>16}   {}",
            header(library)?.needed.join(" ")
        );
    }
    reproducible(ground, &dir)
}

/// What the library calls says what it does: without the watch over the
/// configuration, for one, there would be no inotify, and no other sign of it here.
fn same_calls(ours: &Path, theirs: &Path) -> Result<()> {
    let (ours, theirs) = (imports(ours)?, imports(theirs)?);
    ensure!(ours.len() > 50, "only {} functions are called", ours.len());
    let expected = IMPORTS.map(|(name, _)| name.to_owned());
    let found: Vec<_> = ours.symmetric_difference(&theirs).cloned().collect();
    ensure!(
        found == expected,
        "ours and upstream's differ in the functions that they call by {found:?}, not {expected:?}"
    );
    println!(
        "{} functions of the C library are called by both, and these by one:",
        ours.intersection(&theirs).count()
    );
    for (name, reason) in IMPORTS {
        println!("    {name}: {reason}");
    }
    Ok(())
}

fn compare(name: &str, library: &Path, theirs: &std::collections::BTreeSet<String>) -> Result<()> {
    let ours = exports(library)?;
    let more: Vec<_> = ours.difference(theirs).collect();
    let fewer: Vec<_> = theirs.difference(&ours).collect();
    ensure!(
        more.is_empty() && fewer.is_empty(),
        "{name} has other symbols than upstream's: more {more:?}, fewer {fewer:?}"
    );
    Ok(())
}

/// The cdylib that cargo builds, with the linker that it has it linked by.
fn cargo(dir: &Path, profile: &str) -> Result<PathBuf> {
    let target = dir.join("cargo");
    quietly(
        Command::new(env!("CARGO"))
            .current_dir(crate::root())
            .args([
                "build",
                "--locked",
                "--package",
                "libcares",
                "--profile",
                profile,
            ])
            .env("CARGO_TARGET_DIR", &target),
    )?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target.join(folder).join("libcares.so"))
}

/// A build in another folder, of a tree in another folder, gives the same bytes.
fn reproducible(ground: &Ground, dir: &Path) -> Result<()> {
    let tree = dir.join("another/tree");
    fs::create_dir_all(&tree)?;
    quietly(
        Command::new("cp")
            .arg("-r")
            .arg(ground.tree().join("."))
            .arg(&tree),
    )?;
    let again = install_c::build_tree(&dir.join("again"), false, Some(&tree))?;
    let archive = |library: &install_c::Library| library.artifacts.lib_dir().join("libcares.a");
    for (first, second) in [
        (ground.ours.shared.clone(), again.shared.clone()),
        (archive(&ground.ours), archive(&again)),
    ] {
        ensure!(
            fs::read(&first)? == fs::read(&second)?,
            "{} and {} differ",
            first.display(),
            second.display()
        );
    }
    println!("\nboth libraries are the same bytes when built elsewhere");
    Ok(())
}
