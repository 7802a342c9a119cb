//! The files of this repository, and the source of the safe layer.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// The source of the safe layer, without comments and attributes.
pub(crate) fn safe_layer() -> String {
    let mut code = String::new();
    for line in source().lines() {
        let line = line.split("//").next().unwrap_or_default();
        if !line.trim_start().starts_with('#') {
            code += line;
            code.push('\n');
        }
    }
    code
}

/// The source of the safe layer.
pub(crate) fn source() -> String {
    fn visit(folder: &Path, source: &mut String) {
        for entry in fs::read_dir(folder).expect("src is there") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                visit(&path, source);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *source += &read(&path);
            }
        }
    }
    let mut source = String::new();
    visit(&root().join("src"), &mut source);
    source
}
