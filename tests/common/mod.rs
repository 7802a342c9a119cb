//! What the tests share: a server with the example zone, and channels on it.

#![allow(dead_code, unreachable_pub)] // each test file uses its part

use std::collections::HashMap;
use std::process::{Command, Output};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use c_ares::{
    A, Answer, Builder, Channel, ErrorKind, Hints, Interest, RData, RawSocket, Ready, RecordType,
    Result, TypedData,
};
use testserver::Server;

/// Longer than anything takes unless it hangs.
pub const BOUND: Duration = Duration::from_secs(60);

pub const ZONE: &str = include_str!("../../testserver/zones/example.zone");

pub fn server() -> Server {
    Server::start(ZONE).expect("the local server starts")
}

/// A configuration that asks `server` and nothing of this machine.
pub fn builder(server: &Server) -> Builder {
    Channel::builder()
        .servers([server.address()])
        .resolv_conf("/dev/null")
        .hosts_file("/dev/null")
        .domains(["example.com"])
        // Datagrams are lost when a burst meets a busy machine.
        .timeout(Duration::from_secs(1))
        .tries(10)
}

/// A channel and what drives it.
pub struct Driven {
    pub channel: Arc<Channel>,
    pub watched: Watched,
}

/// The sockets that a driven channel wants watched.
pub type Watched = Arc<Mutex<HashMap<RawSocket, Interest>>>;

impl Driven {
    pub fn new(server: &Server) -> Driven {
        Driven::from(builder(server))
    }

    pub fn from(builder: Builder) -> Driven {
        Driven::with(builder, |builder| builder)
    }

    /// With options that only a driven channel has.
    pub fn with(
        builder: Builder,
        more: impl FnOnce(Builder<c_ares::Driven>) -> Builder<c_ares::Driven>,
    ) -> Driven {
        let watched = Watched::default();
        let builder = builder.on_socket_state({
            let watched = Arc::clone(&watched);
            move |socket, interest| {
                let mut watched = watched.lock().unwrap();
                if interest.is_none() {
                    watched.remove(&socket.raw());
                } else {
                    watched.insert(socket.raw(), interest);
                }
            }
        });
        let channel = more(builder).build().expect("the channel is built");
        Driven {
            channel: Arc::new(channel),
            watched,
        }
    }

    /// Every watched socket, as if it were ready: sockets do not block.
    pub fn ready(&self) -> Vec<Ready> {
        let watched = self.watched.lock().unwrap();
        watched
            .iter()
            .map(|(socket, interest)| Ready::new(*socket, *interest))
            .collect()
    }

    pub fn step(&self) {
        self.channel
            .process(&self.ready())
            .expect("process succeeds");
        std::thread::sleep(Duration::from_millis(1));
    }

    pub fn run_until(&self, mut done: impl FnMut() -> bool) {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < BOUND, "nothing happens any more");
            self.step();
        }
    }

    /// Runs until something is received.
    pub fn receive<T>(&self, receiver: &Receiver<T>) -> T {
        let mut received = None;
        self.run_until(|| {
            received = receiver.try_recv().ok();
            received.is_some()
        });
        received.unwrap()
    }
}

/// Asks, and waits for what the closure sends.
pub fn wait<T>(ask: impl FnOnce(Sender<T>)) -> T {
    let (sender, receiver) = mpsc::channel();
    ask(sender);
    receiver.recv_timeout(BOUND).expect("the closure runs")
}

/// A closure that sends what it is told.
pub fn send<T: Send + 'static>(sender: Sender<T>) -> impl FnOnce(T) + Send + 'static {
    move |value| sender.send(value).expect("somebody waits")
}

/// Where c-ares is in the middle of things: puts a query off, and is refused all else.
pub fn use_inside(channel: &Channel, sender: &Sender<Result<Answer<A>>>) {
    channel.query::<A>("mail.example.com", send(sender.clone()));
    channel.addrinfo("www.example.com", &Hints::new(), |_| ());
    for refused in [
        channel.cancel_all(),
        channel.reload(),
        channel.process(&[]),
        channel.write_pending(),
        channel.set_servers([std::net::Ipv4Addr::LOCALHOST]),
        channel.servers().map(drop),
        channel.timeout().map(drop),
        channel.active_queries().map(drop),
    ] {
        let error = refused.unwrap_err();
        let inside = matches!(error.kind(), ErrorKind::InCallback { .. });
        assert!(inside, "{error}");
    }
}

const CHILD: &str = "C_ARES_TEST_CHILD";

/// Whether this process is the child that [`in_child`] started for `test`.
pub fn is_child(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|value| value == test)
}

/// Runs the test of this name again, in a process of its own, where [`is_child`] holds.
pub fn in_child(test: &str) -> Output {
    child(test).output().expect("the child starts")
}

/// As [`in_child`], but not started yet.
pub fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test knows its file"));
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, test);
    command
}

/// Runs the child, and asserts that its test passes.
pub fn assert_child_passes(child: &mut Command) {
    let output = child.output().expect("the child starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
}

/// Asserts that the child was aborted, and said why.
pub fn assert_aborted(output: &Output, why: &str) {
    use std::os::unix::process::ExitStatusExt;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{errors}");
    assert!(errors.contains(why), "{errors}");
}

/// A threaded channel on `server`.
pub fn channel(server: &Server) -> Channel {
    builder(server).build_threaded().unwrap()
}

pub fn query<T: TypedData>(channel: &Channel, name: &str) -> Result<Answer<T>> {
    wait(|sender| channel.query::<T>(name, send(sender)))
}

pub fn search<T: TypedData>(channel: &Channel, name: &str) -> Result<Answer<T>> {
    wait(|sender| channel.search::<T>(name, send(sender)))
}

pub fn query_type(channel: &Channel, name: &str, record_type: RecordType) -> Result<Answer<RData>> {
    wait(|sender| channel.query_type(name, record_type, send(sender)))
}

/// The lines of an answer, in an order of their own.
pub fn lines<T: c_ares::RecordData>(answer: Result<Answer<T>>) -> Vec<String> {
    let mut lines: Vec<String> = answer
        .unwrap()
        .records
        .iter()
        .map(ToString::to_string)
        .collect();
    lines.sort();
    lines
}

/// Numbers that look random, the same in every run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
