//! The examples as their users see them: programs with output and an exit status.

mod event_loop;
mod lookup;
mod program;

use std::io;
use std::process::Stdio;

use program::{drain, example, wait};

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for (name, arguments) in [
        ("lookup", &[][..]),
        ("lookup", &["--help"]),
        ("event_loop", &[]),
    ] {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let mut command = example(name);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.stdout(writer).spawn().expect("the example starts");
        let stderr = drain(child.stderr.take().expect("stderr is piped"));
        let status = wait(&mut child);
        let said = stderr.join().expect("a reader panicked");
        assert_eq!(
            (status, said.as_str()),
            (Some(0), ""),
            "{name} {arguments:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_that_cannot_be_written_are_a_failure() {
    let full = std::fs::File::create("/dev/full").expect("Linux has /dev/full");
    let mut command = example("lookup");
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.stdout(full).spawn().expect("the example starts");
    let stderr = drain(child.stderr.take().expect("stderr is piped"));
    assert_eq!(wait(&mut child), Some(1));
    let said = stderr.join().expect("a reader panicked");
    assert!(
        said.starts_with("lookup: cannot write the answers: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
