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
    pub(crate) together: Vec<PathBuf>,
    /// Each with the reason.
    pub(crate) alone: Vec<(PathBuf, String)>,
}

impl Plan {
    /// Puts every file that clashes with none before it into the unit.
    ///
    /// Files whose macros would reach into others come last.
    pub(crate) fn new(files: &[PathBuf]) -> Result<Self, Error> {
        let mut scans = Vec::new();
        for file in files {
            let bytes = std::fs::read(file).map_err(|e| Error::io("read", file, &e))?;
            scans.push((file, Scan::of(&String::from_utf8_lossy(&bytes))));
        }
        let (leaky, tidy): (Vec<_>, Vec<_>) = scans.iter().partition(|(file, scan)| {
            scans
                .iter()
                .any(|(other, later)| file != other && leak(scan, later).is_some())
        });
        let mut together: Vec<&(&PathBuf, Scan)> = Vec::new();
        let mut alone = Vec::new();
        for candidate in tidy.into_iter().chain(leaky) {
            let (file, scan) = candidate;
            let reason = if scan.configures_headers {
                Some("it defines a macro before the first header".to_owned())
            } else {
                together.iter().find_map(|(earlier, before)| {
                    let name = shared(before, scan).or_else(|| leak(before, scan))?;
                    let earlier = earlier.file_name().unwrap_or_default();
                    Some(format!("{name} is also in {}", earlier.display()))
                })
            };
            match reason {
                Some(reason) => alone.push(((*file).clone(), reason)),
                None => together.push(candidate),
            }
        }
        Ok(Self {
            together: together.iter().map(|(file, _)| (*file).clone()).collect(),
            alone,
        })
    }

    /// The text of the unit: each file, by its path from `lib_dir`.
    pub(crate) fn text(&self, lib_dir: &Path) -> String {
        let name = |file: &Path| {
            let name = file.strip_prefix(lib_dir).unwrap_or(file);
            name.to_string_lossy().replace('\\', "/")
        };
        let mut text = String::new();
        for (file, reason) in &self.alone {
            text += &format!("/* {} is not here: {reason}. */\n", name(file));
        }
        for file in &self.together {
            text += &format!("#include \"{}\"\n", name(file));
        }
        text
    }
}

/// A name of file scope that both files define for themselves.
fn shared<'a>(earlier: &'a Scan, later: &Scan) -> Option<&'a str> {
    let mut names = earlier.own.iter();
    names
        .find(|name| later.own.contains(*name))
        .map(String::as_str)
}

/// A macro of the earlier file that the later one would see, unless it says the same itself.
fn leak<'a>(earlier: &'a Scan, later: &Scan) -> Option<&'a str> {
    let mut macros = earlier.macros.iter();
    macros.find_map(|(name, directives)| {
        let reaches = later.words.contains(name) && later.macros.get(name) != Some(directives);
        reaches.then_some(name.as_str())
    })
}

#[cfg(test)]
#[path = "unit_tests.rs"]
mod tests;
