//! A c-ares tree of a few lines, which compiles at once.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The triple that the tests run on.
pub fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

pub fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes a tree of the given version, with the library's files `files`.
pub fn tree(root: &Path, version: [u32; 3], files: &[(&str, &str)]) {
    let [major, minor, patch] = version;
    write(
        &root.join("include/ares_version.h"),
        &format!(
            "#define ARES_VERSION_MAJOR {major}\n#define ARES_VERSION_MINOR {minor}\n\
             #define ARES_VERSION_PATCH {patch}\n#define ARES_VERSION_STR \"unused\"\n"
        ),
    );
    write(
        &root.join("include/ares.h"),
        "#include \"ares_version.h\"\n#include \"ares_build.h\"\n",
    );
    let mut list = String::from("CSOURCES =");
    for (name, text) in files {
        list += &format!(" \\\n  {name}");
        write(&root.join("src/lib").join(name), text);
    }
    write(&root.join("src/lib/Makefile.inc"), &format!("{list}\n"));
}

/// Two files that share a unit.
pub const FILES: &[(&str, &str)] = &[
    (
        "one.c",
        "#include \"ares.h\"\nint one(void);\nint one(void) { return 1; }\n",
    ),
    (
        "dsa/two.c",
        "#include \"ares.h\"\nint two(void);\nint two(void) { return 2; }\n",
    ),
];
