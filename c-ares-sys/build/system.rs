//! The installed library, found through pkg-config.

use crate::{Linked, MINIMUM};

/// What somebody can do who lacks a library that we link.
const WAY_OUT: &str = "Either install c-ares 1.34.9 or newer and let pkg-config find its libcares.pc \
     (PKG_CONFIG_PATH names further folders), or enable the feature `vendored`, which is on by \
     default and compiles c-ares from source with nothing but a C compiler.";

/// Finds the library and tells cargo to link it, dynamically unless
/// `LIBCARES_STATIC` or `PKG_CONFIG_ALL_STATIC` asks otherwise.
pub(crate) fn link() -> Result<Linked, String> {
    let library = pkg_config::Config::new()
        .print_system_cflags(true)
        .probe("libcares")
        .map_err(|error| format!("{}\n{WAY_OUT}", explain(&error)))?;
    if !is_supported(&library.version) {
        return Err(format!(
            "the installed c-ares is version {}, but 1.34.9 or a later 1.x is needed: older ones \
             have memory errors that safe code can reach.\n{WAY_OUT}",
            library.version
        ));
    }
    // The flags for the compiler know of a sysroot, the variable does not.
    let include = match library.include_paths.first() {
        Some(path) => path.clone(),
        None => pkg_config::get_variable("libcares", "includedir")
            .map_err(|error| format!("libcares.pc does not say where ares.h is: {error}"))?
            .into(),
    };
    Ok(Linked {
        root: include.parent().unwrap_or(&include).to_path_buf(),
        include,
        version: library.version,
    })
}

/// Says what went wrong in the words of somebody who wants to build.
fn explain(error: &pkg_config::Error) -> String {
    match error {
        pkg_config::Error::Command { cause, .. } => format!(
            "an installed c-ares is wanted, and found through pkg-config, but pkg-config cannot be \
             started: {cause}. Install it (Debian: `apt-get install pkg-config`), or name it in the \
             environment variable PKG_CONFIG."
        ),
        pkg_config::Error::ProbeFailure { output, .. }
        | pkg_config::Error::Failure { output, .. } => {
            format!(
                "no installed c-ares was found; pkg-config says: {}",
                String::from_utf8_lossy(&output.stderr)
                    .trim()
                    .replace('\n', " ")
            )
        }
        other => format!("pkg-config was not asked for an installed c-ares: {other}"),
    }
}

/// Whether a version is `MINIMUM` or a later one with the same first number;
/// what cannot be read is not.
fn is_supported(version: &str) -> bool {
    let mut parts = version
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    let version = [part(), part(), part()];
    version >= MINIMUM && version[0] == MINIMUM[0]
}
