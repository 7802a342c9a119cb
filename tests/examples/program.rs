//! Runs an example as a program, for as long as it may take and no longer.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any of the examples takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// An example as `cargo test` has built it, with nothing that changes how c-ares asks.
pub(crate) fn example(name: &str) -> Command {
    // This test is …/deps/examples-HASH, in whatever target folder and profile.
    let test = std::env::current_exe().expect("the test knows where it is");
    let profile = test.ancestors().nth(2).expect("the test is in a folder");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program: PathBuf = profile.join("examples").join(file);
    assert!(
        program.is_file(),
        "{} is missing: `cargo test` builds it, `cargo test --test examples` does not; \
         run `cargo build --examples` with the same options first",
        program.display()
    );
    let mut command = Command::new(program);
    for variable in ["RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) struct Finished {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn complaints(&self) -> Vec<&str> {
        self.stderr.lines().collect()
    }

    /// The number that stands between `before` and `after` in the output.
    pub(crate) fn number(&self, before: &str, after: &str) -> u64 {
        let tail = self.stdout.split_once(before).map(|(_, tail)| tail);
        let digits = tail
            .and_then(|tail| tail.split_once(after))
            .map(|(head, _)| head);
        let number = digits.and_then(|digits| digits.parse().ok());
        number.unwrap_or_else(|| panic!("no number after {before:?} in:\n{}", self.stdout))
    }

    pub(crate) fn assert_line(&self, line: &str) {
        let found = self.stdout.lines().any(|one| one.trim_end() == line);
        assert!(found, "{line:?} is not in:\n{}{}", self.stdout, self.stderr);
    }
}

pub(crate) fn finish(mut command: Command) -> Finished {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let stdout = drain(child.stdout.take().expect("stdout is piped"));
    let stderr = drain(child.stderr.take().expect("stderr is piped"));
    let status = wait(&mut child);
    let text = |reader: thread::JoinHandle<String>| reader.join().expect("a reader panicked");
    Finished {
        status,
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

pub(crate) fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("the output is UTF-8");
        text
    })
}

/// The exit status; a program that does not end in time is ended.
pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("the example can be waited for") {
            return status.code();
        }
        if Instant::now() > deadline {
            child.kill().expect("the example can be ended");
            panic!("the example did not end in {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}
