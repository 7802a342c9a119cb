//! The three ways to the C tree, and what is said when they lead nowhere.

#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use c_ares_src::Version;
use c_ares_src::source::{Origin, Search, Tree};
use tempfile::{TempDir, tempdir};

mod common;
use common::{FILES, tree, write};

const SUPPORTED: [u32; 3] = [1, 34, 9];

/// A search that knows neither the environment nor this package.
fn search(package: &Path) -> Search {
    let mut search = Search::new();
    search.source_dir(None).package_dir(package);
    search
}

/// A package folder with our pin.
fn pinned_package() -> TempDir {
    let package = tempdir().unwrap();
    let pin = Path::new(env!("CARGO_MANIFEST_DIR")).join("pin");
    for file in ["Cargo.toml", "Cargo.lock", "lib.rs"] {
        let text = fs::read_to_string(pin.join(file)).unwrap();
        write(&package.path().join("pin").join(file), &text);
    }
    package
}

/// The result for a tree of this version that `C_ARES_SOURCE_DIR` names.
fn named(version: [u32; 3]) -> (TempDir, Result<Tree, String>) {
    let dir = tempdir().unwrap();
    tree(dir.path(), version, FILES);
    let result = search(Path::new("/nowhere"))
        .source_dir(Some(dir.path().to_path_buf()))
        .locate()
        .map_err(|e| e.to_string());
    (dir, result)
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn a_named_tree_goes_before_the_others() {
    let package = pinned_package();
    tree(&package.path().join("vendor"), SUPPORTED, FILES);
    let named = tempdir().unwrap();
    tree(named.path(), [1, 35, 0], FILES);
    let tree = search(package.path())
        .source_dir(Some(named.path().to_path_buf()))
        .locate()
        .unwrap();
    assert_eq!(tree.origin(), Origin::SourceDir);
    assert_eq!(tree.root(), named.path());
    assert_eq!(tree.version().to_string(), "1.35.0");
}

#[test]
fn the_vendored_tree_goes_before_the_pinned_package() {
    let package = pinned_package();
    tree(&package.path().join("vendor"), SUPPORTED, FILES);
    let tree = search(package.path()).locate().unwrap();
    assert_eq!(tree.origin(), Origin::Vendor);
    assert_eq!(tree.root(), package.path().join("vendor"));
}

#[test]
fn the_pinned_package_carries_the_supported_version() {
    let package = pinned_package();
    let tree = search(package.path()).locate().unwrap();
    assert_eq!(tree.origin(), Origin::Pin);
    assert_eq!(tree.version(), Version::SUPPORTED);
    assert!(tree.root().join("src/lib/ares_init.c").is_file());
    // It is in cargo's cache now, if it was not before.
    let offline = search(package.path())
        .cargo_env("CARGO_NET_OFFLINE", "true")
        .locate()
        .unwrap();
    assert_eq!(offline.root(), tree.root());
}

#[test]
fn a_later_version_of_the_same_major_is_taken() {
    for version in [SUPPORTED, [1, 34, 10], [1, 40, 0]] {
        let (_dir, result) = named(version);
        result.unwrap();
    }
}

#[test]
fn an_older_version_and_another_major_are_refused() {
    for version in [[1, 34, 8], [1, 18, 1], [0, 99, 99], [2, 0, 0]] {
        let (dir, result) = named(version);
        let found = version.map(|number| number.to_string()).join(".");
        assert_says(
            &result.unwrap_err(),
            &[
                "C_ARES_SOURCE_DIR is set to",
                &dir.path().display().to_string(),
                &format!("the tree there is c-ares {found}, and 1.34.9 or a later 1.x is wanted"),
                "or unset it",
            ],
        );
    }
}

#[test]
fn a_folder_that_is_no_tree_is_refused() {
    let dir = tempdir().unwrap();
    write(&dir.path().join("include/ares.h"), "");
    let fails = |path: &Path| {
        search(Path::new("/nowhere"))
            .source_dir(Some(path.to_path_buf()))
            .locate()
            .unwrap_err()
            .to_string()
    };
    assert_says(
        &fails(dir.path()),
        &[
            "C_ARES_SOURCE_DIR is set to",
            "is no c-ares source tree: it has no include/ares_version.h",
            "unpacked c-ares 1.34.9",
        ],
    );
    assert_says(
        &fails(&dir.path().join("missing")),
        &["C_ARES_SOURCE_DIR is set to", "there is no folder"],
    );
    assert_says(&fails(Path::new("c-ares")), &["not an absolute path"]);
    let header = dir.path().join("include/ares_version.h");
    write(&header, "#define ARES_VERSION_MAJOR one\n");
    write(&dir.path().join("src/lib/Makefile.inc"), "");
    assert_says(&fails(dir.path()), &["has no ARES_VERSION_MAJOR"]);
}

#[test]
fn a_tree_that_was_configured_in_place_is_refused() {
    let dir = tempdir().unwrap();
    tree(dir.path(), SUPPORTED, FILES);
    write(&dir.path().join("src/lib/ares_config.h"), "");
    let error = search(Path::new("/nowhere"))
        .source_dir(Some(dir.path().to_path_buf()))
        .locate()
        .unwrap_err();
    assert_says(
        &error.to_string(),
        &["configured in place", "ares_config.h", "make distclean"],
    );
}

#[test]
fn a_stale_vendored_tree_is_refused() {
    let package = pinned_package();
    tree(&package.path().join("vendor"), [1, 34, 8], FILES);
    let error = search(package.path()).locate().unwrap_err().to_string();
    assert_says(
        &error,
        &[
            "vendor",
            "is c-ares 1.34.8, not 1.34.9",
            "cargo xtask vendor",
        ],
    );
}

/// An empty cargo home: the package was never fetched.
fn without_network(name: &str, value: &str) -> String {
    let package = pinned_package();
    let home = tempdir().unwrap();
    search(package.path())
        .cargo_env("CARGO_HOME", home.path())
        .cargo_env("CARGO_NET_RETRY", "0")
        .cargo_env(name, value)
        .locate()
        .unwrap_err()
        .to_string()
}

#[test]
fn without_network_all_three_ways_are_named() {
    for (name, value, reason) in [
        ("CARGO_NET_OFFLINE", "true", "offline"),
        // Nobody listens on the discard port of the loopback.
        ("CARGO_HTTP_PROXY", "http://127.0.0.1:9", "127.0.0.1"),
    ] {
        assert_says(
            &without_network(name, value),
            &[
                "C_ARES_SOURCE_DIR is not set",
                "vendor is not there",
                "the package pinned in",
                "neither find it in its cache nor fetch it",
                "from its cache: no matching package named `c-ares-sys`",
                "from the network: ",
                reason,
                "Connect to the network once",
                "set C_ARES_SOURCE_DIR to the folder of an unpacked c-ares 1.34.9",
                "cargo xtask vendor",
            ],
        );
    }
}

#[test]
fn without_cargo_the_pinned_package_cannot_be_found() {
    let package = pinned_package();
    let error = search(package.path())
        .cargo("/nowhere/cargo")
        .locate()
        .unwrap_err()
        .to_string();
    assert_says(&error, &["could not start /nowhere/cargo"]);
}

#[test]
fn a_packaged_crate_names_only_the_ways_that_it_has() {
    let package = tempdir().unwrap();
    let missing = search(package.path()).locate().unwrap_err().to_string();
    tree(&package.path().join("vendor"), [1, 34, 8], FILES);
    let damaged = search(package.path()).locate().unwrap_err().to_string();
    for text in [&missing, &damaged] {
        assert_says(text, &["vendor", "is damaged", "cargo's cache"]);
        for absent in ["pin", "xtask", "network"] {
            assert!(!text.contains(absent), "{absent:?} is in:\n{text}");
        }
    }
    assert_says(&missing, &["C_ARES_SOURCE_DIR"]);
}
