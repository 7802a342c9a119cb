//! The local server that everything here asks.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use std::process::{Command, Stdio};
use testserver::Server;

/// Starts a server with the zones of the tests.
pub(super) fn server() -> Result<Server> {
    let zones = crate::root().join("testserver/zones/example.zone");
    let extra = "$ORIGIN files.test.\n@ 60 SOA ns admin 1 2 3 4 5\n  60 NS ns\nns 60 A 127.0.0.1\n\
                 download 60 A 127.0.0.1\n";
    let server = Server::builder().zone_file(zones).zone(extra).start();
    server.context("could not start the local DNS server")
}

/// Fails unless the server was asked this name.
pub(super) fn was_asked(server: &Server, name: &str) -> Result<()> {
    let queries = server.queries();
    ensure!(
        queries
            .iter()
            .any(|query| query.name.to_string().eq_ignore_ascii_case(name)),
        "the local server was not asked for {name}, but {:?}",
        queries
            .iter()
            .map(|query| query.name.to_string())
            .collect::<Vec<_>>()
    );
    Ok(())
}

/// Runs a command to its end, at most so long: what it wrote to its outputs.
pub(super) fn bounded(command: &mut Command, seconds: u64, dir: &Path) -> Result<(bool, String)> {
    let path = dir.join("output");
    let file = std::fs::File::create(&path)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("could not start {command:?}"))?;
    let start = std::time::Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            let bytes = std::fs::read(&path)?;
            return Ok((
                status.success(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
        if start.elapsed() > Duration::from_secs(seconds) {
            child.kill()?;
            child.wait()?;
            bail!(
                "{command:?} did not end within {seconds} s:\n{}",
                std::fs::read_to_string(&path).unwrap_or_default()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
