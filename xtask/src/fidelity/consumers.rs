//! C programs that find the installed library: by pkg-config and by cmake, shared and static.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::elf::loads;
use super::server::{server, was_asked};
use super::{Ground, bounded};
use crate::system::{output, quietly};

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("consumers")?;
    let source = crate::root().join("xtask/src/fidelity/consumer");
    pkg_config(ground, &source, &dir)?;
    cmake(ground, &source, &dir)?;
    let shared = ["pkg-config-shared", "cmake/plain", "cmake/shared"];
    let linked_statically = ["pkg-config-static", "cmake/static"];
    for name in shared {
        works(ground, &dir.join(name), true)?;
    }
    for name in linked_statically {
        works(ground, &dir.join(name), false)?;
    }
    println!(
        "C programs build with pkg-config and cmake, and run: {}, {}",
        shared.join(", "),
        linked_statically.join(", ")
    );
    gone(ground)
}

/// pkg-config, that knows of nothing but what we installed.
fn asked(ground: &Ground, arguments: &[&str]) -> Result<Vec<String>> {
    let output = output(
        Command::new("pkg-config")
            .args(arguments)
            .arg("libcares")
            .env("PKG_CONFIG_LIBDIR", ground.our_dir().join("pkgconfig")),
    )?;
    ensure!(
        output.status.success(),
        "pkg-config {arguments:?}:\n{}",
        crate::system::said(&output)
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn pkg_config(ground: &Ground, source: &Path, dir: &Path) -> Result<()> {
    let version = ground.ours.artifacts.version().to_string();
    ensure!(
        asked(ground, &["--modversion"])? == [version],
        "libcares.pc has another version"
    );
    let cc = || {
        let mut cc = Command::new("cc");
        cc.args(["-Wall", "-Werror", "-o"]);
        cc
    };
    quietly(
        cc().arg(dir.join("pkg-config-shared"))
            .arg(source.join("main.c"))
            .args(asked(ground, &["--cflags", "--libs"])?)
            .arg(format!("-Wl,-rpath,{}", ground.our_dir().display())),
    )?;
    quietly(
        cc().arg(dir.join("pkg-config-static"))
            .arg(source.join("main.c"))
            .arg("-Wl,-Bstatic")
            .args(asked(ground, &["--static", "--cflags", "--libs"])?)
            .arg("-Wl,-Bdynamic"),
    )
}

fn cmake(ground: &Ground, source: &Path, dir: &Path) -> Result<()> {
    let configure = |build: &Path, wanted: &str| {
        let mut cmake = Command::new("cmake");
        cmake
            .arg("-S")
            .arg(source)
            .arg("-B")
            .arg(build)
            .arg(format!("-DWANTED={wanted}"))
            .arg(format!(
                "-DCMAKE_PREFIX_PATH={}",
                ground.place.prefix().display()
            ));
        cmake
    };
    let version = ground.ours.artifacts.version().to_string();
    let build = dir.join("cmake");
    for (wanted, exact) in [("1.20", ""), (&*version, ";EXACT")] {
        let found = output(&mut configure(&build, &format!("{wanted}{exact}")))?;
        let said = crate::system::said(&found);
        ensure!(
            found.status.success() && said.contains(&format!("found c-ares {version}")),
            "cmake does not find it:\n{said}"
        );
    }
    for unwanted in ["2.0", "1.99", "1.20;EXACT", "0.9"] {
        let refused = output(&mut configure(&dir.join("refused"), unwanted))?;
        let said = crate::system::said(&refused);
        ensure!(
            !refused.status.success() && said.contains("considered but not accepted"),
            "cmake takes {version} for {unwanted}, or refuses it for another reason:\n{said}"
        );
    }
    quietly(Command::new("cmake").arg("--build").arg(&build))
}

/// The program asks the local server, and runs on what it was linked with.
fn works(ground: &Ground, program: &Path, shared: bool) -> Result<()> {
    let server = server()?;
    let mut command = Command::new(program);
    command
        .env_remove("LD_LIBRARY_PATH")
        .arg(server.address().to_string())
        .arg("www.example.com");
    let (success, said) = bounded(&mut command, 30, &ground.dir.path().join("consumers"))?;
    let version = ground.ours.artifacts.version();
    let mut lines: Vec<_> = said.lines().collect();
    lines.sort_unstable();
    let first = format!("built with {version}, runs on {version}");
    ensure!(
        success && lines == ["192.0.2.80", "192.0.2.81", "2001:db8::80", &first],
        "{} says {said:?}",
        program.display()
    );
    was_asked(&server, "www.example.com.")?;
    let loaded = loads(program, &ground.ours.names.soname, None)?;
    let ours = match &loaded {
        Some(file) => fs::canonicalize(file)? == fs::canonicalize(ground.our_library())?,
        None => false,
    };
    ensure!(
        if shared { ours } else { loaded.is_none() },
        "{} loads {loaded:?}",
        program.display()
    );
    Ok(())
}

/// Installed and taken back, a folder has nothing left in it.
fn gone(ground: &Ground) -> Result<()> {
    let dir = ground.folder("gone")?;
    let place = crate::install_c::Place::new(&dir.join("prefix"))?;
    crate::install_c::install(&ground.ours, &place)?;
    let man = dir.join("prefix/share/man/man3/ares_query.3");
    ensure!(man.exists(), "{} was not installed", man.display());
    crate::install_c::uninstall(&place)?;
    let left = fs::read_dir(&dir)?.next().transpose()?;
    ensure!(left.is_none(), "uninstall-c left {left:?}");
    Ok(())
}
