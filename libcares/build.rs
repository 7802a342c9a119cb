//! Links all of the C library into the cdylib, under its own name.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use c_ares_src::{Build, Interface};

fn main() {
    let artifacts = Build::new().dll(true).compile();
    let interface = artifacts.tree().interface().unwrap_or_else(|error| {
        println!("cargo::error={error}");
        std::process::exit(1)
    });
    println!(
        "cargo::rustc-link-search=native={}",
        artifacts.lib_dir().display()
    );
    println!("cargo::rustc-link-lib=static:+whole-archive=cares");
    for lib in artifacts.system_libs() {
        println!("cargo::rustc-link-lib={lib}");
    }

    let target = env::var("TARGET").expect("cargo names the target");
    if target.contains("apple") {
        apple(interface);
    } else if !target.contains("windows") {
        elf(interface);
    }
    // On Windows the objects say themselves what the DLL exports (`Build::dll`).
}

fn elf(interface: Interface) {
    // rustc gives the linker a version script that hides everything of C. A
    // second one shows what is not hidden by its own visibility; of the
    // linkers, lld takes two.
    let exports = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    let exports = exports.join("exports.map");
    std::fs::write(&exports, "{ global: ares_*; };\n").expect("OUT_DIR can be written to");
    if let Some(lld) = rust_lld() {
        argument(format_args!("-B{}", lld.display()));
    }
    argument(format_args!("-fuse-ld=lld"));
    argument(format_args!("-Wl,--version-script={}", exports.display()));
    argument(format_args!(
        "-Wl,-soname,libcares.so.{}",
        interface.oldest()
    ));
    // Calls inside of the library stay there, across its objects too.
    argument(format_args!("-Wl,-Bsymbolic-functions"));
    // Without its standard library, rustc does not name it.
    argument(format_args!("-lc"));
}

/// Written, and not checked: there was no such system to link for.
fn apple(interface: Interface) {
    let oldest = interface.oldest();
    argument(format_args!(
        "-Wl,-install_name,@rpath/libcares.{oldest}.dylib"
    ));
    argument(format_args!("-Wl,-compatibility_version,{oldest}.0.0"));
    argument(format_args!("-Wl,-current_version,{interface}"));
    argument(format_args!("-Wl,-exported_symbol,_ares_*"));
}

/// The folder of the lld that came with the Rust toolchain. Newer ones use it by
/// themselves.
fn rust_lld() -> Option<PathBuf> {
    let output = Command::new(env::var_os("RUSTC")?)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let sysroot = String::from_utf8(output.stdout).ok()?;
    let lld = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(env::var_os("HOST")?)
        .join("bin/gcc-ld");
    lld.join("ld.lld").exists().then_some(lld)
}

fn argument(argument: std::fmt::Arguments<'_>) {
    println!("cargo::rustc-cdylib-link-arg={argument}");
}
