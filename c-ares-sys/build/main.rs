//! Links the C library, and says in `DEP_CARES_*` which one.
//!
//! The feature `vendored` compiles it from source. Without the feature an
//! installed library is found through pkg-config.

use std::path::PathBuf;

#[cfg(feature = "bindgen")]
mod bindgen;
#[cfg(not(feature = "vendored"))]
mod system;

/// The oldest release that is linked. Those before it have memory errors that
/// safe code can reach by calling c-ares from a callback.
const MINIMUM: [u32; 3] = [1, 34, 9];

/// A library that was found and linked.
struct Linked {
    /// The folder of its headers.
    include: PathBuf,
    /// The folder above its headers and its library.
    root: PathBuf,
    version: String,
}

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    let linkage = if cfg!(feature = "vendored") {
        "vendored"
    } else {
        "system"
    };
    println!("cargo::metadata=linkage={linkage}");
    if std::env::var_os("DOCS_RS").is_some() {
        return without_a_library();
    }
    let linked = link().unwrap_or_else(|error| fail(&error));
    println!("cargo::metadata=include={}", linked.include.display());
    println!("cargo::metadata=root={}", linked.root.display());
    println!("cargo::metadata=version={}", linked.version);
    #[cfg(feature = "bindgen")]
    {
        let bindings = bindgen::generate(&[linked.include])
            .unwrap_or_else(|error| fail(&format!("the bindings cannot be generated: {error}")));
        std::fs::write(generated(), bindings).expect("OUT_DIR is writable");
    }
}

/// Compiles the library, and links it statically.
#[cfg(feature = "vendored")]
fn link() -> Result<Linked, String> {
    // See `mended`: without that, dropping a channel with an event thread can free it
    // under a thread that still uses it, and a search can be freed twice.
    let artifacts = c_ares_src::Build::new().mended(true).compile();
    artifacts.print_cargo_metadata();
    let include = artifacts.include_dir().to_path_buf();
    let root = include
        .parent()
        .expect("it lies below OUT_DIR")
        .to_path_buf();
    let version = artifacts.version().to_string();
    Ok(Linked {
        include,
        root,
        version,
    })
}

/// Finds the installed library.
#[cfg(not(feature = "vendored"))]
fn link() -> Result<Linked, String> {
    system::link()
}

/// The documentation needs no library; the machine that builds it for all
/// targets has no compiler for most.
fn without_a_library() {
    println!(
        "cargo::metadata=version={}",
        MINIMUM.map(|part| part.to_string()).join(".")
    );
    #[cfg(feature = "bindgen")]
    std::fs::copy("src/bindings.rs", generated()).expect("OUT_DIR is writable");
}

/// Where `src/generated.rs` looks.
#[cfg(feature = "bindgen")]
fn generated() -> PathBuf {
    PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("bindings.rs")
}

/// Ends the build; cargo shows each line.
fn fail(message: &str) -> ! {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1)
}
