//! `cargo xtask config`: our configuration against upstream's.
//!
//! Upstream's own cmake run is the measure on this machine, define by define.
//! For the targets of `cargo xtask cross` the measure is upstream's questions,
//! asked of the headers that zig has ([`questions`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

mod questions;

pub(crate) use questions::ask;

/// What can disagree with our configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Cmake,
    Questions,
}

/// A difference that is meant.
struct Difference {
    define: &'static str,
    by: Measure,
    /// Part of the triples of the targets that have it.
    targets: &'static str,
    reason: &'static str,
}

/// The differences, each with its reason. There is none to cmake's run on Linux.
const DIFFERENCES: &[Difference] = &[
    Difference {
        define: "HAVE_INET_NET_PTON",
        by: Measure::Questions,
        targets: "linux-gnu",
        reason: "it is declared, but lies in libresolv: upstream, which links its questions, also says no",
    },
    Difference {
        define: "HAVE_MALLOC_H",
        by: Measure::Questions,
        targets: "freebsd",
        reason: "older releases have the header and refuse to compile it; it declares nothing that is used",
    },
    Difference {
        define: "HAVE_INET_NTOP",
        by: Measure::Questions,
        targets: "windows",
        reason: "upstream does not ask this on Windows",
    },
    Difference {
        define: "HAVE_INET_PTON",
        by: Measure::Questions,
        targets: "windows",
        reason: "upstream does not ask this on Windows",
    },
    Difference {
        define: "HAVE_PTHREAD_H",
        by: Measure::Questions,
        targets: "windows",
        reason: "upstream does not ask this on Windows",
    },
];

/// The defines of a header: name and value.
pub(crate) type Defines = BTreeMap<String, String>;

/// Compares our configuration for this machine with the one cmake writes.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let host = crate::bindings::host()?;
    let tree = c_ares_src::source::locate()?;
    let dir = tempfile::tempdir()?;
    let ours = dir.path().join("ours");
    fs::create_dir(&ours)?;
    let artifacts = c_ares_src::Build::new()
        .target(&host)
        .host(&host)
        .out_dir(&ours)
        .debug(false)
        .cargo_metadata(false)
        .try_compile()?;
    let theirs = dir.path().join("theirs");
    cmake(tree.root(), &theirs)?;

    let mut differences = Vec::new();
    let mut count = 0;
    for (name, dir) in [
        ("ares_config.h", config_dir(artifacts.include_dir())),
        ("ares_build.h", artifacts.include_dir().to_path_buf()),
    ] {
        let ours = defines(&dir.join(name))?;
        let theirs = defines(&theirs.join(name))?;
        if ours.is_empty() || theirs.is_empty() {
            bail!("{name} defines nothing");
        }
        count += theirs.len();
        differences.extend(compare(&ours, &theirs));
    }
    let meant = settle(Measure::Cmake, &host, &differences)?;
    println!(
        "{host}: {count} defines of upstream's cmake compared, differences that are meant: {meant}"
    );
    Ok(())
}

/// Has upstream's cmake configure the tree in `build`.
fn cmake(tree: &Path, build: &Path) -> Result<()> {
    let output = Command::new("cmake")
        .arg("-S")
        .arg(tree)
        .arg("-B")
        .arg(build)
        .args([
            "-DCARES_STATIC=ON",
            "-DCARES_SHARED=OFF",
            "-DCARES_STATIC_PIC=ON",
            "-DCARES_SYMBOL_HIDING=ON",
            "-DCARES_THREADS=ON",
            "-DCARES_BUILD_TOOLS=OFF",
        ])
        .output()
        .context("cmake cannot be started: install it (Debian: `apt-get install cmake`)")?;
    if !output.status.success() {
        bail!(
            "cmake failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Where a build that puts the public headers there puts `ares_config.h`.
pub(crate) fn config_dir(include_dir: &Path) -> PathBuf {
    include_dir.with_file_name("config")
}

/// What a header defines: names and values.
pub(crate) fn defines(header: &Path) -> Result<Defines> {
    let text = fs::read_to_string(header)
        .with_context(|| format!("could not read {}", header.display()))?;
    Ok(text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#define "))
        .map(|rest| rest.split_once(' ').unwrap_or((rest, "")))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect())
}

/// A name, with our value and theirs.
pub(crate) type Found = (String, Option<String>, Option<String>);

/// The names that the two do not define alike.
fn compare(ours: &Defines, theirs: &Defines) -> Vec<Found> {
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    names
        .into_iter()
        .map(|name| {
            (
                name.clone(),
                ours.get(name).cloned(),
                theirs.get(name).cloned(),
            )
        })
        .filter(|(_, ours, theirs)| ours != theirs)
        .collect()
}

/// Fails unless the differences are just the ones in the list; says how many.
pub(crate) fn settle(by: Measure, target: &str, found: &[Found]) -> Result<usize> {
    let meant: Vec<_> = DIFFERENCES
        .iter()
        .filter(|known| known.by == by && target.contains(known.targets))
        .collect();
    let mut complaints = Vec::new();
    for (name, ours, theirs) in found {
        if !meant.iter().any(|known| known.define == *name) {
            let [ours, theirs] =
                [ours, theirs].map(|value| value.as_deref().unwrap_or("undefined"));
            complaints.push(format!(
                "{name}: ours {ours:?}, upstream {theirs:?}, and no reason is listed"
            ));
        }
    }
    for known in &meant {
        if !found.iter().any(|(name, ..)| name == known.define) {
            complaints.push(format!(
                "{}: listed as different because {:?}, but it is not",
                known.define, known.reason
            ));
        }
    }
    if complaints.is_empty() {
        return Ok(meant.len());
    }
    bail!(
        "the configuration for {target} differs from upstream's:\n{}",
        complaints.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Found {
        (name.to_owned(), Some("1".to_owned()), None)
    }

    #[test]
    fn a_difference_without_a_reason_fails_and_so_does_a_reason_without_a_difference() {
        let target = "x86_64-unknown-freebsd";
        let listed = found("HAVE_MALLOC_H");
        assert_eq!(
            settle(Measure::Questions, target, std::slice::from_ref(&listed)).unwrap(),
            1
        );
        let stale = settle(Measure::Questions, target, &[]).unwrap_err();
        assert!(stale.to_string().contains("HAVE_MALLOC_H"), "{stale}");
        let more = [listed.clone(), found("HAVE_PIPE")];
        let unlisted = settle(Measure::Questions, target, &more).unwrap_err();
        assert!(unlisted.to_string().contains("HAVE_PIPE"), "{unlisted}");
        assert!(
            !unlisted.to_string().contains("HAVE_MALLOC_H"),
            "{unlisted}"
        );
        assert!(settle(Measure::Cmake, target, &[listed]).is_err());
    }

    #[test]
    fn values_are_compared_too() {
        let header = |value: &str| Defines::from([("A".to_owned(), value.to_owned())]);
        assert_eq!(compare(&header("int"), &header("int")), []);
        assert_eq!(compare(&header("int"), &header("long")).len(), 1);
        assert_eq!(compare(&header("int"), &Defines::new()).len(), 1);
    }
}
