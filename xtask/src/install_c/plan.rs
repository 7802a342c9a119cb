//! Which files are installed, and what is in them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Library, Place};

/// A file to install, at the path where programs see it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Copy(PathBuf),
    /// A copy that may be executed, as upstream installs shared libraries.
    Executable(PathBuf),
    Text(String),
    /// A link to a file in the same folder.
    Link(String),
}

/// The list of what was installed.
pub(super) fn manifest(place: &Place) -> PathBuf {
    doc(place).join("installed-files.txt")
}

fn doc(place: &Place) -> PathBuf {
    place.prefix.join("share/doc/c-ares")
}

/// All files but the manifest.
pub(super) fn files(library: &Library, place: &Place) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut add = |path: PathBuf, what| files.push(File { path, what });
    let (artifacts, names, libdir) = (&library.artifacts, &library.names, &place.libdir);

    add(
        libdir.join(&names.file),
        What::Executable(library.shared.clone()),
    );
    add(libdir.join(&names.soname), What::Link(names.file.clone()));
    add(libdir.join(&names.plain), What::Link(names.soname.clone()));
    let archive = artifacts.lib_dir().join("libcares.a");
    add(libdir.join("libcares.a"), What::Copy(archive));

    let include = place.prefix.join("include");
    for header in with_extension(artifacts.include_dir(), "h")? {
        add(include.join(file_name(&header)?), What::Copy(header));
    }

    for (name, template) in TEXTS {
        let text = fill(template, library, place)?;
        add(libdir.join(name), What::Text(text));
    }

    let tree = artifacts.tree().root();
    let pages = with_extension(&tree.join("docs"), "3")?;
    for page in pages {
        let man = place.prefix.join("share/man/man3");
        add(man.join(file_name(&page)?), What::Copy(page));
    }
    for licence in ["LICENSE.md", "AUTHORS", "LICENSES/BSD-3-Clause.txt"] {
        add(doc(place).join(licence), What::Copy(tree.join(licence)));
    }
    Ok(files)
}

/// What pkg-config and cmake read.
const TEXTS: [(&str, &str); 4] = [
    ("pkgconfig/libcares.pc", include_str!("libcares.pc")),
    (
        "cmake/c-ares/c-ares-config.cmake",
        include_str!("c-ares-config.cmake"),
    ),
    (
        "cmake/c-ares/c-ares-config-version.cmake",
        include_str!("c-ares-config-version.cmake"),
    ),
    (
        "cmake/c-ares/c-ares-targets.cmake",
        include_str!("c-ares-targets.cmake"),
    ),
];

/// Puts the values into a template: `@NAME@`.
fn fill(template: &str, library: &Library, place: &Place) -> Result<String> {
    let libs = library.artifacts.system_libs();
    let flags: Vec<_> = libs.iter().map(|lib| format!("-l{lib}")).collect();
    let version = library.artifacts.version();
    let mut text = template.to_owned();
    for (name, value) in [
        ("PREFIX", place.prefix.display().to_string()),
        ("PC_LIBDIR", pc_libdir(place)),
        ("CMAKE_PREFIX", cmake_prefix(place)),
        ("CMAKE_LIBDIR", cmake_libdir(place)),
        ("VERSION", version.to_string()),
        ("MAJOR", version.major.to_string()),
        ("POINTER_SIZE", size_of::<usize>().to_string()),
        ("SHARED", library.names.file.clone()),
        ("SONAME", library.names.soname.clone()),
        ("SYSTEM_LIBS", libs.join(";")),
        ("SYSTEM_LIB_FLAGS", flags.join(" ")),
    ] {
        text = text.replace(&format!("@{name}@"), &value);
    }
    let left = text.split('@').nth(1);
    ensure!(left.is_none(), "a template has the unknown value {left:?}");
    Ok(text)
}

/// The folder for libraries, from the prefix where it lies there: then pkg-config can move both.
fn pc_libdir(place: &Place) -> String {
    match place.libdir.strip_prefix(&place.prefix) {
        Ok(below) => format!("${{prefix}}/{}", below.display()),
        Err(_) => place.libdir.display().to_string(),
    }
}

/// The prefix, from the folder of the cmake files where it is above: then both can be moved.
fn cmake_prefix(place: &Place) -> String {
    match place.libdir.strip_prefix(&place.prefix) {
        Ok(below) => {
            let up = "/..".repeat(below.components().count() + 2);
            format!("${{CMAKE_CURRENT_LIST_DIR}}{up}")
        }
        Err(_) => place.prefix.display().to_string(),
    }
}

fn cmake_libdir(place: &Place) -> String {
    match place.libdir.strip_prefix(&place.prefix) {
        Ok(_) => "${CMAKE_CURRENT_LIST_DIR}/../..".to_owned(),
        Err(_) => place.libdir.display().to_string(),
    }
}

/// The files of a folder with this extension, in order.
fn with_extension(dir: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    ensure!(
        !files.is_empty(),
        "{} has no file *.{extension}",
        dir.display()
    );
    files.sort();
    Ok(files)
}

fn file_name(path: &Path) -> Result<&std::ffi::OsStr> {
    path.file_name().context("a path without a file name")
}
