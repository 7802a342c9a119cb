//! Programs that were not made for this: aria2, and Python with pycares, as Debian has them.

use crate::harness::{preload, read, run};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use testserver::Server;

/// What no other server knows.
const NAME: &str = "download.trace.test";

fn dns(address: SocketAddr) -> std::io::Result<Server> {
    let zone = "$ORIGIN trace.test.\n$TTL 60\n@ SOA ns admin 1 2 3 4 5\n\
        download A 127.0.0.1\n@ MX 10 mail\nmail A 192.0.2.25\n@ TXT \"for pycares\"\n";
    Server::builder().zone(zone).listen(address).start()
}

/// aria2 asks port 53 and no other, so the server takes an address of its own on the loopback.
fn dns_on_port_53() -> (Server, Ipv4Addr) {
    let id = std::process::id();
    let mut last = None;
    for attempt in 0..20u8 {
        let address = Ipv4Addr::new(127, (id >> 8) as u8, id as u8, 10 + attempt);
        match dns((address, 53).into()) {
            Ok(server) => return (server, address),
            Err(error) => last = Some(error),
        }
    }
    panic!("no address of the loopback has port 53 to give, which wants root: {last:?}");
}

/// Serves one file over HTTP, to whoever comes, until the program ends.
fn http(body: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body);
        }
    });
    port
}

fn need(file: &str, package: &str) {
    assert!(
        Path::new(file).exists(),
        "there is no {file}: apt-get install {package}"
    );
}

#[test]
fn aria2_downloads_by_a_name_and_tells_how_it_found_it() {
    need("/usr/bin/aria2c", "aria2");
    let (server, address) = dns_on_port_53();
    let port = http(b"the file\n");
    let download = |told: Option<&Path>| {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("/usr/bin/aria2c");
        command.args([
            "--no-conf",
            "--async-dns=true",
            "--disable-ipv6=true",
            "--enable-dht=false",
            "--max-tries=1",
        ]);
        command
            .arg(format!("--async-dns-server={address}"))
            .arg("-d")
            .arg(dir.path())
            .args(["-o", "file"]);
        command.arg(format!("http://{NAME}:{port}/file"));
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        if let Some(told) = told {
            command
                .env("LD_PRELOAD", preload())
                .env("C_ARES_TRACE", format!("{}:json", told.display()));
        }
        let output = run(command);
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert_eq!(
            std::fs::read_to_string(dir.path().join("file")).unwrap(),
            "the file\n",
            "{text}"
        );
    };
    download(None);
    assert!(
        server
            .take_queries()
            .iter()
            .any(|query| query.name.to_string().starts_with(NAME))
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("told");
    download(Some(&file));
    let told = read(&file);
    let of = |kind: &str| {
        told.iter()
            .filter(|line| line["event"] == kind)
            .collect::<Vec<&Value>>()
    };
    let queries = of("query");
    assert_eq!(queries.len(), 1, "{told:#?}");
    assert_eq!(
        (&queries[0]["name"], &queries[0]["type"]),
        (&Value::from(NAME), &Value::from("A"))
    );
    assert_eq!(queries[0]["result"], "success");
    assert!(
        queries[0]["answers"].to_string().contains("\"127.0.0.1\""),
        "{}",
        queries[0]
    );
    assert_eq!(of("servers")[0]["servers"][0], format!("{address}:53"));
    assert_eq!(of("socket")[0]["peer"], format!("{address}:53"));
    let summary = of("summary")[0];
    assert_eq!(
        summary["servers"][0]["server"],
        format!("{address}:53"),
        "{summary}"
    );
    assert_eq!(summary["servers"][0]["lookups"], 1);
}

/// What the Python program asks, on a loop of its own.
const PYTHON: &str = r#"
import pycares, select, sys
channel = pycares.Channel(timeout=5.0, tries=1, udp_port=int(sys.argv[2]))
channel.servers = [sys.argv[1]]
def told(what):
    return lambda result, error: print(what, result, error)
channel.query("trace.test", pycares.QUERY_TYPE_MX, told("mx"))
channel.query("nowhere.trace.test", pycares.QUERY_TYPE_A, told("none"))
channel.getaddrinfo("download.trace.test", 80, told("addrinfo"), family=2)
while True:
    reads, writes = channel.getsock()
    if not reads and not writes:
        break
    ready, writable, _ = select.select(reads, writes, [], channel.timeout())
    for fd in ready:
        channel.process_fd(fd, pycares.ARES_SOCKET_BAD)
    for fd in writable:
        channel.process_fd(pycares.ARES_SOCKET_BAD, fd)
    if not ready and not writable:
        channel.process_fd(pycares.ARES_SOCKET_BAD, pycares.ARES_SOCKET_BAD)
"#;

#[test]
fn pycares_tells_what_python_asks() {
    need(
        "/usr/lib/python3/dist-packages/pycares/__init__.py",
        "python3-pycares",
    );
    let server = dns("127.0.0.1:0".parse().unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("told");
    let ask = |traced: bool| {
        // The system's Python, whose module is linked with the system's library.
        let mut command = Command::new("/usr/bin/python3");
        command.args([
            "-c",
            PYTHON,
            "127.0.0.1",
            &server.address().port().to_string(),
        ]);
        if traced {
            command
                .env("LD_PRELOAD", preload())
                .env("C_ARES_TRACE", format!("{}:json", file.display()));
        }
        let output = run(command);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = ask(false);
    assert!(
        plain.contains("mx [<ares_query_mx_result> host=mail.trace.test"),
        "{plain}"
    );
    assert_eq!(plain, ask(true));
    let told = read(&file);
    let names: Vec<_> = told
        .iter()
        .filter(|line| line["event"] == "query")
        .collect();
    assert_eq!(names.len(), 3, "{told:#?}");
    let one = |name: &str| names.iter().find(|line| line["name"] == name).unwrap();
    assert!(
        one("trace.test")["answers"]
            .to_string()
            .contains("10 mail.trace.test.")
    );
    assert_eq!(one("nowhere.trace.test")["result"], "not found");
    assert!(
        one("download.trace.test")["answers"]
            .to_string()
            .contains("127.0.0.1")
    );
    let opened = told
        .iter()
        .find(|line| line["event"] == "channel-open")
        .unwrap();
    assert!(
        opened["library"]
            .as_str()
            .unwrap()
            .contains("libcares.so.2"),
        "{opened}"
    );
}
