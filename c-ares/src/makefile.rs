//! The list of C files, from upstream's own list.

use std::path::{Path, PathBuf};

use crate::Error;

/// The C files of the library in `lib_dir`, as its `Makefile.inc` lists them.
pub(crate) fn sources(lib_dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let path = lib_dir.join("Makefile.inc");
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io("read", &path, &e))?;
    let names = variable(&text, "CSOURCES")
        .filter(|names| !names.is_empty())
        .ok_or_else(|| Error::new(format!("{} lists no CSOURCES", path.display())))?;
    let files: Vec<_> = names.iter().map(|name| lib_dir.join(name)).collect();
    match files.iter().find(|file| !file.is_file()) {
        Some(missing) => Err(Error::new(format!(
            "{} lists {}, which is missing: the tree is incomplete",
            path.display(),
            missing.display()
        ))),
        None => Ok(files),
    }
}

/// The words assigned to `name` in a makefile, over continued lines.
fn variable<'a>(makefile: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let mut lines = makefile.lines();
    let (_, first) = lines.by_ref().find_map(|line| {
        let (left, right) = line.split_once('=')?;
        (left.trim() == name).then_some((left, right))
    })?;
    let mut words = Vec::new();
    let mut line = first;
    loop {
        let (text, continued) = match line.trim_end().strip_suffix('\\') {
            Some(text) => (text, true),
            None => (line, false),
        };
        words.extend(text.split_whitespace());
        if !continued {
            return Some(words);
        }
        line = lines.next().unwrap_or("");
    }
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn a_list_ends_where_the_continuation_ends() {
        let text = "# SPDX\n\nCSOURCES = a.c\t\\\n  dsa/b.c \\\n  c.c\n\nHHEADERS = d.h \\\n e.h";
        assert_eq!(
            variable(text, "CSOURCES").unwrap(),
            ["a.c", "dsa/b.c", "c.c"]
        );
        assert_eq!(variable(text, "HHEADERS").unwrap(), ["d.h", "e.h"]);
        assert!(variable(text, "SOURCES").is_none());
    }
}
