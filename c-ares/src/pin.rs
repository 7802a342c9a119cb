//! The registry package that carries the C tree, fetched and checked by cargo.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use tinyjson::JsonValue;

use crate::Error;

const PACKAGE: &str = "c-ares-sys";

/// Of the pinned package's own dependencies, cargo fetches those of this one
/// platform, wherever we are: few, and the same ones on every machine.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The manifest in `pin/`.
pub(crate) struct Pin {
    dir: PathBuf,
}

impl Pin {
    /// The pin in `dir`, if there is one: a packaged crate has none.
    pub(crate) fn new(dir: &Path) -> Option<Self> {
        dir.join("Cargo.toml").is_file().then(|| Self {
            dir: dir.to_path_buf(),
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The files that say what is pinned.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        [self.dir.join("Cargo.toml"), self.dir.join("Cargo.lock")]
    }

    /// The folder into which cargo unpacked the package: from its cache, else
    /// from the network.
    pub(crate) fn folder(
        &self,
        cargo: &OsStr,
        env: &[(OsString, OsString)],
    ) -> Result<PathBuf, Error> {
        match self.metadata(cargo, env, &["--offline"]) {
            Ok(folder) => Ok(folder),
            Err(offline) => self.metadata(cargo, env, &[]).map_err(|online| {
                Error::new(format!(
                    "cargo could neither find it in its cache nor fetch it.\n\
                     \x20 from its cache: {offline}\n\
                     \x20 from the network: {online}"
                ))
            }),
        }
    }

    fn metadata(
        &self,
        cargo: &OsStr,
        env: &[(OsString, OsString)],
        more: &[&str],
    ) -> Result<PathBuf, Error> {
        let mut command = Command::new(cargo);
        command
            .args(["metadata", "--locked", "--format-version", "1"])
            .args(["--filter-platform", PLATFORM, "--manifest-path"])
            .arg(self.dir.join("Cargo.toml"))
            .args(more)
            .current_dir(&self.dir)
            .envs(env.iter().map(|(name, value)| (name, value)));
        let output = command
            .output()
            .map_err(|e| Error::new(format!("could not start {}: {e}", cargo.to_string_lossy())))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            // From the error on: before it, cargo tells of its progress.
            let error = text.find("error: ").map_or(0, |at| at + "error: ".len());
            let lines: Vec<_> = text[error..]
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && *line != "Caused by:")
                .map(|line| match line {
                    _ if line.contains("you're using offline mode") => "cargo works offline",
                    line => line,
                })
                .collect();
            return Err(Error::new(lines.join("; ")));
        }
        folder_in(&String::from_utf8_lossy(&output.stdout))
            .ok_or_else(|| Error::new(format!("`cargo metadata` does not name {PACKAGE}")))
    }
}

/// The package's folder, from the output of `cargo metadata`.
fn folder_in(json: &str) -> Option<PathBuf> {
    let json: JsonValue = json.parse().ok()?;
    let root: &std::collections::HashMap<String, JsonValue> = json.get()?;
    let packages: &Vec<JsonValue> = root.get("packages")?.get()?;
    packages.iter().find_map(|package| {
        let package: &std::collections::HashMap<String, JsonValue> = package.get()?;
        let name: &String = package.get("name")?.get()?;
        let manifest: &String = package.get("manifest_path")?.get()?;
        (name == PACKAGE).then(|| Path::new(manifest).parent().map(Path::to_path_buf))?
    })
}
