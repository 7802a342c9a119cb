//! The local server that everything here asks.

use std::net::Ipv4Addr;

use anyhow::{Context, Result, ensure};
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
