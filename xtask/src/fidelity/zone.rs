//! The local server that everything here asks.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use std::process::{Command, Stdio};
use testserver::{Builder, Server};

/// Starts a server with the zones of the tests, on a free port.
pub(super) fn server() -> Result<Server> {
    builder()
        .start()
        .context("could not start the local DNS server")
}

/// Starts one on the port of DNS, for programs that cannot be told another. The
/// address, of the 16 million of loopback, is for this process.
pub(super) fn server_on_port_53() -> Result<Server> {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let address = (Ipv4Addr::new(127, 53, high, low.max(1)), 53);
    let server = builder().listen(address.into()).start();
    server.with_context(|| format!("could not listen on {}:53, which takes root", address.0))
}

fn builder() -> Builder {
    let zones = crate::root().join("testserver/zones/example.zone");
    let extra = "$TTL 60\n$ORIGIN files.test.\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n\
                 download A 127.0.0.1\n";
    Server::builder().zone_file(zones).zone(extra)
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
