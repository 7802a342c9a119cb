//! `cargo xtask fuzz COMMAND…`: runs `cargo fuzz`, with AddressSanitizer in Rust and in C.
//!
//! `cargo fuzz` by itself compiles Rust with it. Here C has it too, and where there is clang, libFuzzer
//! also sees which branches of C an input takes, and what is compared there.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::{bindings::host, root, run as run_command};

/// In C: as rustc has it, and frames for the way to an allocation.
const SANITIZER: &str = "-fsanitize=address -fno-omit-frame-pointer -g";
/// Of clang alone: what libFuzzer reads.
const COVERAGE: &str = "-fsanitize=fuzzer-no-link";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let command: Vec<_> = arguments.raw_args()?.collect();
    ensure!(
        !command.is_empty(),
        "say what `cargo fuzz` is to do: `run message`"
    );
    let target = host()?.replace('-', "_");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root())
        .arg("fuzz")
        .args(command)
        // For `-Z`, which the stable compiler refuses otherwise.
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "ASAN_OPTIONS",
            "detect_leaks=1:detect_stack_use_after_return=1",
        )
        .env(format!("CFLAGS_{target}"), SANITIZER);
    if has_clang() {
        cargo.env(format!("CC_{target}"), "clang").env(
            format!("CFLAGS_{target}"),
            format!("{SANITIZER} {COVERAGE}"),
        );
    } else {
        eprintln!("xtask: there is no clang: libFuzzer will not see what happens in C");
    }
    run_command(&mut cargo)
}

fn has_clang() -> bool {
    let mut clang = Command::new("clang");
    clang
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    clang.status().is_ok_and(|status| status.success())
}
