//! Building and running the programs.

use crate::library::Library;
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use testserver::hickory::rr::rdata::NULL;
use testserver::{Name, RData, Record, RecordType, Reply, Rule, Server};

/// The library under test, beside this program's own file.
pub(crate) fn preload() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.with_file_name("libcares_trace.so");
    assert!(
        library.exists(),
        "cargo has not built {}",
        library.display()
    );
    library
}

/// A folder of this run.
pub(crate) fn build_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trace");
        std::fs::create_dir_all(&dir).unwrap();
        dir
    })
}

/// A compiler, `CC` or `CXX` if that is set.
pub(crate) fn compiler(name: &str) -> Command {
    let variable = if name == "cc" { "CC" } else { "CXX" };
    Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()))
}

/// Runs a command that must succeed.
pub(crate) fn finish(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{text}",
        output.status
    );
}

/// The program of that source, linked with that library.
pub(crate) fn program(source: &str, library: Library) -> PathBuf {
    build(source, library, &[])
}

/// The same as a module, to be loaded.
pub(crate) fn module(source: &str, library: Library) -> PathBuf {
    build(source, library, &["-shared", "-fPIC"])
}

fn build(source: &str, library: Library, more: &[&str]) -> PathBuf {
    type Built = Mutex<HashMap<(String, String), Arc<OnceLock<PathBuf>>>>;
    static BUILT: OnceLock<Built> = OnceLock::new();
    let name = format!("{source}-{library:?}").replace('.', "-");
    let key = (name.clone(), more.join(" "));
    let place = Arc::clone(
        BUILT
            .get_or_init(Built::default)
            .lock()
            .unwrap()
            .entry(key)
            .or_default(),
    );
    place
        .get_or_init(|| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/programs")
                .join(source);
            let program = build_dir().join(name);
            let mut command = compiler(if source.ends_with(".cc") { "c++" } else { "cc" });
            command.args([
                "-O1",
                "-g",
                "-Wall",
                "-Wno-unused-function",
                "-Wno-deprecated-declarations",
            ]);
            command
                .args(["-Wno-unused-result", "-pthread", "-Wl,--as-needed"])
                .args(more)
                .arg(file);
            finish(
                command
                    .args(library.flags())
                    .arg("-ldl")
                    .arg("-o")
                    .arg(&program),
            );
            program
        })
        .clone()
}

/// A server with the zone of the repository, and names for everything that can go wrong.
pub(crate) fn server() -> Server {
    let zone = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testserver/zones/example.zone"
    );
    let late = AtomicUsize::new(0);
    let unknown = |kind: u16, data: &[u8]| {
        let name = Name::from_ascii("all.example.com.").unwrap();
        let data = RData::Unknown {
            code: RecordType::from(kind),
            rdata: NULL::with(data.to_vec()),
        };
        Record::from_rdata(name, 77, data)
    };
    Server::builder()
        .zone_file(zone)
        .zone(ALL)
        .record(unknown(256, b"\0\x0a\0\x01https://example.com/"))
        .record(unknown(65280, b"\x01\x02\xff"))
        .rule("silent.example.com.", Rule::drop())
        .script("late.example.com.", move |query| {
            match late.fetch_add(1, Ordering::Relaxed) {
                0 => Reply::nothing(),
                _ => Reply::message(query.answer()),
            }
        })
        .start()
        .unwrap()
}

/// A name with a record of each kind; its own zone, for the SOA.
const ALL: &str = r#"
$ORIGIN all.example.com.
$TTL 77
@ SOA ns1.example.com. hostmaster.example.com. 1 2 3 4 5
  NS ns1.example.com.
  A 192.0.2.1
  AAAA 2001:db8::1
  HINFO "RISC-V" "Linux 6"
  MX 10 mail.example.com.
  TXT "one" "two three"
  SRV 1 2 3 sip.example.com.
  NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .
  TLSA 3 1 1 9f86d081
  SVCB 2 www.example.com. port=8443
  CAA 0 issue "ca.example.net"
"#;

/// What a run of a program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) output: Output,
    /// The lines that were told, where they went to a file as JSON.
    pub(crate) told: Vec<Value>,
}

impl Ran {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub(crate) fn status(&self) -> ExitStatus {
        self.output.status
    }

    /// The lines of one kind.
    pub(crate) fn events(&self, kind: &str) -> Vec<&Value> {
        self.told
            .iter()
            .filter(|line| line["event"] == kind)
            .collect()
    }
}

/// A program to be run.
pub(crate) struct Run {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
}

impl Run {
    /// A scenario of a program, against a server.
    pub(crate) fn scenario(
        source: &str,
        library: Library,
        scenario: &str,
        server: SocketAddr,
        word: &str,
    ) -> Run {
        Run {
            program: program(source, library),
            arguments: vec![scenario.into(), server.to_string(), word.into()],
            variables: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Run {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_remove("C_ARES_TRACE")
            .env_remove("LD_PRELOAD");
        command
            .env_remove("LOCALDOMAIN")
            .env_remove("RES_OPTIONS")
            .env_remove("HOSTALIASES");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        // Where a fault is asked for: a backtrace takes longer than all the rest.
        command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs it as it is.
    pub(crate) fn plain(&self) -> Ran {
        Ran {
            output: run(self.command()),
            told: Vec::new(),
        }
    }

    /// The command with the library, telling to a place.
    pub(crate) fn telling(&self, place: &str) -> Command {
        let mut command = self.command();
        command
            .env("LD_PRELOAD", preload())
            .env("C_ARES_TRACE", place);
        command
    }

    /// Runs it with the library, which tells to a file.
    pub(crate) fn traced(&self) -> Ran {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("told");
        let output = run(self.telling(&format!("{}:json", file.display())));
        let told = read(&file);
        Ran { output, told }
    }
}

/// Runs a command for no longer than a minute.
pub(crate) fn run(mut command: Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let id = libc::pid_t::try_from(child.id()).unwrap();
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if waits
            .recv_timeout(std::time::Duration::from_secs(60))
            .is_err()
        {
            // SAFETY: kill(2); the child is not waited for yet, so that the id is its own.
            unsafe { libc::kill(id, libc::SIGKILL) };
        }
    });
    let output = child.wait_with_output().unwrap();
    let _ = done.send(());
    watchdog.join().unwrap();
    output
}

/// Every line of a file as JSON: one that is torn is none.
pub(crate) fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let parse =
        |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
    text.lines().map(parse).collect()
}
