//! What is installed where, and taken back, without building anything.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use c_ares_src::Interface;

use super::disk::{install, uninstall};
use super::library::Names;
use super::plan::{File, What};
use super::*;

fn file(path: &str, what: What) -> File {
    let path = path.into();
    File { path, what }
}

fn text(path: &str) -> File {
    file(path, What::Text(path.to_owned()))
}

/// Everything below a folder.
fn below(dir: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            all.extend(below(&path));
        }
        all.insert(path);
    }
    all
}

fn staged(destdir: &Path) -> Place {
    Place::of("/opt/ares".into(), None, destdir.into()).unwrap()
}

#[test]
fn what_is_installed_is_taken_back_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let place = staged(dir.path());
    fs::create_dir_all(dir.path().join("opt/ares/include")).unwrap();
    let before = below(dir.path());

    let files = [
        text("/opt/ares/lib/libcares.so.2.1.0"),
        file(
            "/opt/ares/lib/libcares.so.2",
            What::Link("libcares.so.2.1.0".into()),
        ),
        text("/opt/ares/include/ares.h"),
    ];
    install(&files, &place).unwrap();
    let link = dir.path().join("opt/ares/lib/libcares.so.2");
    assert_eq!(
        fs::read_to_string(&link).unwrap(),
        "/opt/ares/lib/libcares.so.2.1.0"
    );
    uninstall(&place).unwrap();
    assert_eq!(below(dir.path()), before);

    let error = uninstall(&place).unwrap_err().to_string();
    assert!(error.contains("nothing was installed"), "{error}");
}

#[test]
fn what_others_put_beside_it_stays() {
    let dir = tempfile::tempdir().unwrap();
    let place = staged(dir.path());
    install(&[text("/opt/ares/lib/libcares.so.2.1.0")], &place).unwrap();
    let other = dir.path().join("opt/ares/lib/libother.so");
    fs::write(&other, "").unwrap();
    uninstall(&place).unwrap();
    assert_eq!(fs::read_dir(other.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_file_of_somebody_else_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let place = staged(dir.path());
    let theirs = dir.path().join("opt/ares/lib/libcares.so.2");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    // Where the distribution's link leads nowhere, it is there all the same.
    std::os::unix::fs::symlink("libcares.so.2.5.1", &theirs).unwrap();
    let before = below(dir.path());
    let files = [
        text("/opt/ares/include/ares.h"),
        text("/opt/ares/lib/libcares.so.2"),
    ];
    let error = install(&files, &place).unwrap_err().to_string();
    assert!(error.contains("is not of an earlier install-c"), "{error}");
    assert_eq!(below(dir.path()), before);
}

#[test]
fn a_newer_release_takes_the_place_of_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let place = staged(dir.path());
    let old = [
        text("/opt/ares/lib/libcares.so.2.1.0"),
        text("/opt/ares/include/ares.h"),
    ];
    let new = [
        text("/opt/ares/lib/libcares.so.2.2.0"),
        text("/opt/ares/include/ares.h"),
    ];
    install(&old, &place).unwrap();
    install(&new, &place).unwrap();
    let lib = dir.path().join("opt/ares/lib");
    let names: Vec<_> = below(&lib).into_iter().collect();
    assert_eq!(names, [lib.join("libcares.so.2.2.0")]);
    uninstall(&place).unwrap();
    assert_eq!(below(dir.path()), BTreeSet::new());
}

#[test]
fn a_list_that_names_what_lies_elsewhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let place = staged(dir.path());
    install(&[text("/opt/ares/lib/libcares.so.2.1.0")], &place).unwrap();
    let list = place.on_disk(&super::plan::manifest(&place));
    for stray in ["/etc/passwd", "/opt/ares/lib/../../../etc/passwd"] {
        fs::write(&list, format!("{stray}\n")).unwrap();
        let error = uninstall(&place).unwrap_err().to_string();
        assert!(error.contains("lies elsewhere"), "{error}");
    }
}

#[test]
fn places_are_absolute_and_without_blanks() {
    let of = |prefix: &str, libdir: Option<&str>| {
        Place::of(prefix.into(), libdir.map(Into::into), PathBuf::new())
    };
    for (prefix, libdir) in [
        ("usr", None),
        ("/usr/../etc", None),
        ("/opt/a b", None),
        ("/usr", Some("../etc")),
    ] {
        assert!(of(prefix, libdir).is_err(), "{prefix} {libdir:?}");
    }
    let place = of("/usr", Some("lib/x86_64-linux-gnu")).unwrap();
    assert_eq!(place.libdir(), Path::new("/usr/lib/x86_64-linux-gnu"));
    assert_eq!(
        of("/usr", Some("/lib64")).unwrap().libdir(),
        Path::new("/lib64")
    );
}

#[test]
fn the_names_come_from_the_tree() {
    let interface = Interface {
        current: 21,
        revision: 8,
        age: 19,
    };
    let linux = Names::new(interface, "x86_64-unknown-linux-gnu");
    assert_eq!(linux.file, "libcares.so.2.19.8");
    assert_eq!(linux.soname, "libcares.so.2");
    let apple = Names::new(interface, "aarch64-apple-darwin");
    assert_eq!(apple.file, "libcares.2.19.8.dylib");
}
