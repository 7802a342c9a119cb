//! One translation unit out of the tree's unmodified files.
//!
//! `CARES_EXTERN` gives nearly every internal helper default visibility; so a
//! compiler inlines across files only what it sees in one unit. Files whose
//! names clash with those of a file already in the unit are compiled on their
//! own.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::scan::Scan;

/// Which files share a translation unit, and which stand alone.
#[derive(Debug)]
pub(crate) struct Plan {
    /// In the order of the makefile.
    pub(crate) together: Vec<PathBuf>,
    /// Each with the reason.
    pub(crate) alone: Vec<(PathBuf, String)>,
}

impl Plan {
    /// Puts every file that clashes with none before it into the unit.
    pub(crate) fn new(files: &[PathBuf]) -> Result<Self, Error> {
        let mut plan = Self {
            together: Vec::new(),
            alone: Vec::new(),
        };
        let mut scans: Vec<Scan> = Vec::new();
        for file in files {
            let bytes = std::fs::read(file).map_err(|e| Error::io("read", file, &e))?;
            let scan = Scan::of(&String::from_utf8_lossy(&bytes));
            let clash = plan
                .together
                .iter()
                .zip(&scans)
                .find_map(|(earlier, earlier_scan)| {
                    let name = clash(earlier_scan, &scan)?;
                    Some(format!("{name} is also in {}", name_of(earlier)))
                });
            if scan.configures_headers {
                let reason = "defines a macro before the first header".to_owned();
                plan.alone.push((file.clone(), reason));
            } else if let Some(reason) = clash {
                plan.alone.push((file.clone(), reason));
            } else {
                plan.together.push(file.clone());
                scans.push(scan);
            }
        }
        Ok(plan)
    }

    /// The text of the unit: each file, by its path from `lib_dir`.
    pub(crate) fn text(&self, lib_dir: &Path) -> String {
        let mut text = String::from("/* The files of the library that can share a unit. */\n");
        for file in &self.together {
            let name = file.strip_prefix(lib_dir).unwrap_or(file);
            let name = name.to_string_lossy().replace('\\', "/");
            text += &format!("#include \"{name}\"\n");
        }
        text
    }
}

/// A name for which `later` cannot follow `earlier` in one unit.
fn clash<'a>(earlier: &'a Scan, later: &'a Scan) -> Option<&'a str> {
    let own = earlier.own.intersection(&later.own).next();
    // A macro reaches into the later file, unless that one says the same itself.
    let leaked = || {
        earlier.macros.iter().find_map(|(name, directives)| {
            let harmless = !later.words.contains(name) || later.macros.get(name) == Some(directives);
            (!harmless).then_some(name)
        })
    };
    own.or_else(leaked).map(String::as_str)
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
