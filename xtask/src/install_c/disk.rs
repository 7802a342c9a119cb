//! Writing the files, and taking them back.
//!
//! A list of what was installed lies among it: files, and the folders that were
//! made, each of these with a `/` at its end. By it a second installation knows
//! which files are its own, and `uninstall-c` which to remove.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::Place;
use super::plan::{File, What, manifest};

/// What was installed, as programs see the paths.
#[derive(Default)]
struct Installed {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Installed {
    /// Reads the list, if there is one.
    fn read(place: &Place) -> Result<Option<Self>> {
        let path = place.on_disk(&manifest(place));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e).with_context(|| format!("could not read {}", path.display())),
        };
        let mut installed = Self::default();
        for line in text.lines() {
            // Whoever changed the list does not have us remove something else.
            let below = |dir: &Path| Path::new(line).starts_with(dir) && !line.contains("/../");
            ensure!(
                below(&place.prefix) || below(&place.libdir) || line.ends_with('/'),
                "{} names {line}, which lies elsewhere",
                path.display()
            );
            match line.strip_suffix('/') {
                Some(folder) => installed.folders.insert(folder.into()),
                None => installed.files.insert(line.into()),
            };
        }
        Ok(Some(installed))
    }

    fn write(&self, place: &Place) -> Result<()> {
        let mut text = String::new();
        for file in &self.files {
            text += &format!("{}\n", file.display());
        }
        for folder in &self.folders {
            text += &format!("{}/\n", folder.display());
        }
        put(&place.on_disk(&manifest(place)), &What::Text(text))
    }
}

pub(super) fn install(files: &[File], place: &Place) -> Result<()> {
    let before = Installed::read(place)?.unwrap_or_default();
    for File { path, .. } in files {
        let there = place.on_disk(path);
        ensure!(
            before.files.contains(path) || there.symlink_metadata().is_err(),
            "{} is there, and is not of an earlier install-c; another --prefix keeps clear of it",
            there.display()
        );
    }
    let mut now = Installed {
        files: files.iter().map(|file| file.path.clone()).collect(),
        folders: before.folders,
    };
    now.files.insert(manifest(place));
    let mut folders = BTreeSet::new();
    for path in &now.files {
        folders.extend(path.parent());
    }
    for folder in folders {
        make(folder, place, &mut now.folders)?;
    }
    // First the list: what is interrupted can be taken back as well.
    let all = before.files.union(&now.files).cloned().collect();
    let files_now = std::mem::replace(&mut now.files, all);
    now.write(place)?;
    for File { path, what } in files {
        put(&place.on_disk(path), what)?;
    }
    for old in before.files.difference(&files_now) {
        remove(&place.on_disk(old))?;
    }
    now.files = files_now;
    now.write(place)
}

/// Makes a folder and those above it, and notes which were not there.
fn make(folder: &Path, place: &Place, made: &mut BTreeSet<PathBuf>) -> Result<()> {
    for ancestor in folder.ancestors().collect::<Vec<_>>().into_iter().rev() {
        let there = place.on_disk(ancestor);
        if there.is_dir() {
            continue;
        }
        fs::create_dir_all(&there)
            .with_context(|| format!("could not create {}", there.display()))?;
        made.insert(ancestor.to_owned());
    }
    Ok(())
}

/// Puts a file in place at once: a program that runs on the old one keeps it.
fn put(path: &Path, what: &What) -> Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let written = || -> io::Result<()> {
        remove_if_there(&new)?;
        match what {
            What::Copy(from) | What::Executable(from) => fs::write(&new, fs::read(from)?)?,
            What::Text(text) => fs::write(&new, text)?,
            What::Link(to) => link(to, &new)?,
        }
        match what {
            What::Link(_) => {}
            What::Executable(_) => set_mode(&new, 0o755)?,
            _ => set_mode(&new, 0o644)?,
        }
        fs::rename(&new, path)
    };
    written().with_context(|| format!("could not install {}", path.display()))
}

pub(super) fn uninstall(place: &Place) -> Result<()> {
    let Some(installed) = Installed::read(place)? else {
        bail!(
            "{} is not there: nothing was installed by install-c with this --prefix and --destdir",
            place.on_disk(&manifest(place)).display()
        );
    };
    // The list itself goes last: what is interrupted can be done again.
    let list = manifest(place);
    for file in installed.files.iter().filter(|file| **file != list) {
        remove(&place.on_disk(file))?;
    }
    remove(&place.on_disk(&list))?;
    // Those below come before those above.
    for folder in installed.folders.iter().rev() {
        match fs::remove_dir(place.on_disk(folder)) {
            Ok(()) => {}
            // Somebody else has put something there since.
            Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e).with_context(|| format!("could not remove {folder:?}")),
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    remove_if_there(path).with_context(|| format!("could not remove {}", path.display()))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn link(to: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, path)
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}
