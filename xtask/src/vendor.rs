//! `cargo xtask vendor`: lays the C tree down in `c-ares/vendor/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use c_ares_src::source::Search;

use crate::root;

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let version = lay_down()?;
    println!("c-ares {version} lies in c-ares/vendor/");
    Ok(())
}

/// Replaces `c-ares/vendor/` with the tree of the pinned package, and returns its version.
pub(crate) fn lay_down() -> Result<String> {
    let package = root().join("c-ares");
    // Whatever C_ARES_SOURCE_DIR says: what we publish is the pinned tree.
    let tree = Search::new().package_dir(&package).pinned()?;
    let vendor = package.join("vendor");
    // Complete or not there at all: a build takes whatever it finds in vendor/.
    let unfinished = package.join("vendor.new");
    remove(&unfinished)?;
    copy(tree.root(), &unfinished)?;
    remove(&vendor)?;
    fs::rename(&unfinished, &vendor).context("could not rename vendor.new")?;
    Ok(tree.version().to_string())
}

/// Puts the tree that a build would take into a folder of its own.
pub(crate) fn copy_tree(to: &Path) -> Result<()> {
    remove(to)?;
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    copy(c_ares_src::source::locate()?.root(), to)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("could not remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("could not create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))? {
        let entry = entry?;
        // The pinned package was made from a submodule, whose link leads nowhere.
        if entry.file_name() == ".git" {
            continue;
        }
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to).with_context(|| format!("could not copy {}", from.display()))?;
        }
    }
    Ok(())
}
