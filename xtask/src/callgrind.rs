//! Instructions, as valgrind's callgrind counts them: nearly the same each time, on a busy machine too.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::system::said;

/// What doing something once takes, and what the program wrote meanwhile.
pub(crate) struct Count {
    pub(crate) instructions: u64,
    pub(crate) stdout: String,
}

/// Counts the functions `measured_*` of a program that does `case` so many times.
pub(crate) fn count(
    program: &Path,
    case: &str,
    times: u64,
    set_up: impl FnOnce(&mut Command),
) -> Result<Count> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=measured_*")
        .arg(program)
        .args([case, &times.to_string()])
        // Looking up a symbol at its first call is no work of c-ares.
        .env("LD_BIND_NOW", "1");
    set_up(&mut command);
    let output = command
        .output()
        .context("could not start valgrind, which counts the instructions")?;
    let text = said(&output);
    ensure!(output.status.success(), "{command:?} failed:\n{text}");
    let collected = text
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.trim().parse::<u64>().ok());
    match collected {
        Some(instructions) if instructions > times => Ok(Count {
            instructions: instructions / times,
            stdout: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        }),
        _ => bail!("callgrind counted nothing:\n{text}"),
    }
}
