//! Programs of the distribution, as they are, on our library: they ask the local
//! server, and the dynamic linker says which library they run on.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use testserver::Server;

use super::server::{server, server_on_port_53, was_asked};
use super::{Ground, bounded};

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("programs")?;
    aria2(ground, &dir)?;
    println!("aria2c downloads by a name that only the local server knows");
    pycares(ground, &dir)?;
    println!("pycares, in Python, gets addresses, mail exchangers and texts");
    gevent(ground, &dir)?;
    println!("gevent, in Python, resolves names through c-ares");
    println!("each of them ran on our library, and without being told runs on Debian's");
    Ok(())
}

/// Runs a program on our library: what it printed.
fn on_ours(ground: &Ground, dir: &Path, command: impl Fn() -> Command) -> Result<String> {
    let (success, said) = loading(ground, dir, &command, Some(ground.our_dir()))?;
    ensure!(success, "{:?} failed:\n{said}", command());
    Ok(said)
}

/// Runs a program with or without our folder for libraries, and fails unless it
/// initialises that c-ares and no other.
fn loading(
    ground: &Ground,
    dir: &Path,
    command: &impl Fn() -> Command,
    folder: Option<&Path>,
) -> Result<(bool, String)> {
    let soname = &ground.ours.names.soname;
    let logs = dir.join("logs");
    if logs.exists() {
        fs::remove_dir_all(&logs)?;
    }
    fs::create_dir(&logs)?;
    let mut command = command();
    command
        .env_remove("LD_LIBRARY_PATH")
        .env("LD_DEBUG", "libs")
        .env("LD_DEBUG_OUTPUT", logs.join("log"));
    if let Some(folder) = folder {
        command.env("LD_LIBRARY_PATH", folder);
    }
    let result = bounded(&mut command, 60, dir)?;
    let mut initialised = Vec::new();
    for entry in fs::read_dir(&logs)? {
        let text = fs::read_to_string(entry?.path())?;
        let lines = text
            .lines()
            .filter_map(|line| line.split_once("calling init: "));
        let files = lines.map(|(_, file)| file.trim().to_owned());
        initialised.extend(files.filter(|file| file.contains("libcares")));
    }
    let wanted = match folder {
        Some(folder) => vec![folder.join(soname).display().to_string()],
        None => initialised
            .iter()
            .filter(|file| file.starts_with("/lib") || file.starts_with("/usr/lib"))
            .take(1)
            .cloned()
            .collect(),
    };
    ensure!(
        initialised == wanted && wanted.len() == 1,
        "{command:?} initialised {initialised:?}; it said:\n{}",
        result.1
    );
    Ok(result)
}

fn aria2(ground: &Ground, dir: &Path) -> Result<()> {
    const CONTENT: &str = "what aria2 was to download\n";
    let server = server_on_port_53()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || serve_http(&listener, CONTENT));
    let command = || {
        let mut aria2 = Command::new("aria2c");
        aria2
            .args(["--no-conf", "--async-dns=true", "--allow-overwrite=true"])
            .args(["--max-tries=1", "--connect-timeout=10", "--all-proxy="])
            .arg(format!("--async-dns-server={}", server.address().ip()))
            .arg("--dir")
            .arg(dir)
            .arg(format!("http://download.files.test:{port}/file"))
            .env_remove("http_proxy");
        aria2
    };
    on_ours(ground, dir, command)?;
    was_asked(&server, "download.files.test.")?;
    let downloaded = fs::read_to_string(dir.join("file"))?;
    ensure!(downloaded == CONTENT, "aria2c downloaded {downloaded:?}");
    on_debians(ground, dir, "aria2c")
}

/// Answers each request with the same content.
fn serve_http(listener: &TcpListener, content: &str) {
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { return };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(read @ 1..) => request.extend(&buffer[..read]),
                _ => break,
            }
        }
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
            content.len()
        );
    }
}

/// The program by itself: that it is no build with another library inside.
fn on_debians(ground: &Ground, dir: &Path, program: &str) -> Result<()> {
    let command = || {
        let mut command = Command::new(program);
        command.arg("--version");
        command
    };
    loading(ground, dir, &command, None).map(drop)
}

const PYCARES: &str = r#"
import select, sys
import pycares

host, port = sys.argv[1], int(sys.argv[2])
channel = pycares.Channel(servers=[host], udp_port=port, tcp_port=port, timeout=5)

def ask(name, kind):
    got = []
    channel.query(name, kind, lambda result, error: got.append((result, error)))
    while not got:
        readers, writers = channel.getsock()
        ready = select.select(readers, writers, [], channel.timeout())
        for fd in ready[0]:
            channel.process_fd(fd, pycares.ARES_SOCKET_BAD)
        for fd in ready[1]:
            channel.process_fd(pycares.ARES_SOCKET_BAD, fd)
        if not ready[0] and not ready[1]:
            channel.process_fd(pycares.ARES_SOCKET_BAD, pycares.ARES_SOCKET_BAD)
    result, error = got[0]
    if error is not None:
        return pycares.errno.errorcode[error]
    return result

print(sorted(a.host for a in ask("www.example.com", pycares.QUERY_TYPE_A)))
print(sorted((m.priority, m.host) for m in ask("example.com", pycares.QUERY_TYPE_MX)))
print(ask("example.com", pycares.QUERY_TYPE_SOA).hostmaster)
print(ask("nowhere.example.com", pycares.QUERY_TYPE_A))
"#;

fn pycares(ground: &Ground, dir: &Path) -> Result<()> {
    let server = server()?;
    let said = on_ours(ground, dir, || python(PYCARES, &server))?;
    let wanted = "['192.0.2.80', '192.0.2.81']\n\
                  [(10, 'mail.example.com'), (20, 'mail.example.net')]\n\
                  hostmaster.example.com\nARES_ENOTFOUND\n";
    ensure!(said == wanted, "pycares says\n{said}and not\n{wanted}");
    was_asked(&server, "www.example.com.")?;
    loading(ground, dir, &|| python("import pycares", &server), None).map(drop)
}

const GEVENT: &str = r#"
import sys
from gevent.resolver.ares import Resolver

resolver = Resolver(servers=[sys.argv[1]], udp_port=int(sys.argv[2]), tcp_port=int(sys.argv[2]))
print(sorted(resolver.gethostbyname_ex("shop.example.com")[2]))
print(sorted({i[4][0] for i in resolver.getaddrinfo("www.example.com", 80)}))
"#;

fn gevent(ground: &Ground, dir: &Path) -> Result<()> {
    let server = server()?;
    let said = on_ours(ground, dir, || python(GEVENT, &server))?;
    let wanted = "['192.0.2.80', '192.0.2.81']\n['192.0.2.80', '192.0.2.81', '2001:db8::80']\n";
    ensure!(said == wanted, "gevent says\n{said}and not\n{wanted}");
    was_asked(&server, "shop.example.com.")?;
    let import = "from gevent.resolver.ares import Resolver";
    loading(ground, dir, &|| python(import, &server), None).map(drop)
}

/// Debian's Python, whose packages are linked with Debian's library.
fn python(script: &str, server: &Server) -> Command {
    let SocketAddr::V4(address) = server.address() else {
        unreachable!("the first address is of IPv4");
    };
    let mut python = Command::new("/usr/bin/python3");
    python
        .args(["-I", "-c", script])
        .arg(address.ip().to_string())
        .arg(address.port().to_string());
    python
}
