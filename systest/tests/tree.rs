//! The C tree is never committed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use c_ares_src::source;

/// The files of C below a folder, but for what git ignores.
fn c_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ignored = ["target", "vendor", ".git"];
        if path.is_dir() && !ignored.iter().any(|name| path.ends_with(name)) {
            c_files(&path, files);
        } else if path.extension().is_some_and(|end| end == "c" || end == "h") {
            files.push(path);
        }
    }
}

/// Nor is anything here called by the name of one of its files, and taken for that.
#[test]
fn no_file_is_called_as_one_of_the_tree() {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    c_files(&source::locate().unwrap().root().join("src"), &mut theirs);
    c_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut ours);
    let name = |path: &PathBuf| path.file_name().unwrap().to_owned();
    let theirs: BTreeSet<OsString> = theirs.iter().map(name).collect();
    assert!(theirs.len() > 100 && ours.len() > 20);
    ours.retain(|path| theirs.contains(&name(path)));
    assert_eq!(ours, [] as [PathBuf; 0]);
}
