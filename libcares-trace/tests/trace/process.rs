//! The process around it: threads, forks, descriptors, signals, rights, loading.

use crate::harness::{Run, compiler, finish, module, preload, read, run, server};
use crate::library::{ALL, Library};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

/// Eight threads tell to one place, and each line is whole.
#[test]
fn lines_of_threads_are_not_torn() {
    for library in ALL {
        let server = server();
        let ran = Run::scenario("process.c", library, "threads", server.address(), "50").traced();
        assert_eq!(ran.stdout(), "answered 50\n".repeat(8) + "end\n");
        assert_eq!(ran.events("query").len(), 400);
        assert_eq!(ran.events("summary")[0]["queries"], 400);
        assert_eq!(ran.events("channel-close").len(), 8);
    }
}

/// The same for a pipe, where lines are torn that are longer than it takes at once.
#[test]
fn lines_in_a_pipe_are_not_torn() {
    let server = server();
    let mut command = Run::scenario(
        "process.c",
        Library::System,
        "threads",
        server.address(),
        "50",
    )
    .telling("stderr:json");
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut queries = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        assert!(line.len() < 4096, "{line}");
        let line: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        queries += usize::from(line["event"] == "query");
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(queries, 400);
}

/// Forks in the middle of the work of other threads: no child hangs, and each tells for itself.
#[test]
fn children_tell_for_themselves() {
    for library in [Library::System, Library::Unit] {
        let server = server();
        let run = Run::scenario("process.c", library, "forks", server.address(), "40");
        let ran = run.traced();
        assert_eq!(ran.stdout(), "child 1 6\n".repeat(40) + "end\n");
        let mut queries: BTreeMap<u64, u64> = BTreeMap::new();
        for line in ran.events("query") {
            *queries.entry(line["pid"].as_u64().unwrap()).or_default() += 1;
        }
        let summaries = ran.events("summary");
        assert_eq!(summaries.len(), 41, "one of each process");
        // It leaves last.
        let parent = summaries[40]["pid"].as_u64().unwrap();
        for summary in summaries {
            let pid = summary["pid"].as_u64().unwrap();
            assert_eq!(summary["queries"], queries[&pid], "{summary}");
            assert_eq!(summary["in_flight"], 0, "{summary}");
            if pid != parent {
                assert_eq!(queries[&pid], 6);
            }
        }
    }
}

#[test]
fn leaving_while_threads_are_at_work() {
    for library in ALL {
        for _ in 0..5 {
            let server = server();
            let ran = Run::scenario("process.c", library, "leave", server.address(), "").traced();
            assert_eq!(ran.status().code(), Some(5), "{ran:?}");
            assert_eq!(ran.events("summary").len(), 1);
        }
    }
}

/// A program that closes what is not its own, and then has our numbers: what it writes there
/// stays alone, and what we tell still comes to where it belongs.
#[test]
fn files_of_the_program_stay_its_own() {
    let server = server();
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("mine");
    let word = mine.to_str().unwrap();
    let run = Run::scenario(
        "process.c",
        Library::System,
        "closes",
        server.address(),
        word,
    );
    let ran = run.traced();
    assert_eq!(ran.stdout(), run.plain().stdout());
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine\n");
    assert_eq!(ran.events("query").len(), 6, "{:#?}", ran.told);

    let run_of = Run::scenario(
        "process.c",
        Library::System,
        "takes_stderr",
        server.address(),
        word,
    );
    let output = crate::harness::run(run_of.telling("stderr"));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        run_of.plain().stdout()
    );
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine\n");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        told.matches(": success, ").count() - told.matches("c-ares 1.18").count(),
        2 + 1,
        "{told}"
    );
}

#[test]
fn the_lowest_descriptor_is_the_programs() {
    let server = server();
    let run = Run::scenario("process.c", Library::System, "lowest", server.address(), "");
    assert_eq!(run.traced().stdout(), run.plain().stdout());
}

/// Nobody reads the pipe: the program is not killed, and finds neither a signal nor our errno.
#[test]
fn a_broken_pipe_is_not_the_programs() {
    for (source, scenario) in [("process.c", "pipes"), ("asks.c", "families")] {
        let server = server();
        let run = Run::scenario(source, Library::System, scenario, server.address(), "");
        let mut command = run.telling("stderr");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = command
            .stdout(Stdio::piped())
            .stderr(writer)
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let plain = run.plain().stdout();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            plain,
            "{scenario}"
        );
        assert!(output.status.success(), "{:?}", output.status);
    }
}

/// The file may not grow any more: the program is not killed.
#[test]
fn a_full_file_is_not_the_programs() {
    let server = server();
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("told");
    let run_of = Run::scenario("process.c", Library::System, "limits", server.address(), "");
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -f 4; export LD_PRELOAD=$1; shift; exec \"$@\"",
        "sh",
    ]);
    command
        .arg(preload())
        .arg(&run_of.program)
        .args(&run_of.arguments)
        .env("C_ARES_TRACE", &place);
    let output = run(command);
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "answered 50\nend\n"
    );
    let size = std::fs::metadata(&place).unwrap().len();
    assert!(
        (1024..=4096).contains(&size),
        "{size}: the limit was not reached, or not there"
    );
}

/// A module that brings the library along for itself, as Python's do.
#[test]
fn a_library_that_came_with_a_module_is_found() {
    for library in ALL {
        let server = server();
        let module = module("module.c", library);
        let word = module.to_str().unwrap();
        let run = Run::scenario("loader.c", library, "-", server.address(), word);
        let ran = run.traced();
        assert_eq!(run.plain().stdout(), "module 1\nerror none\nend\n");
        assert_eq!(ran.stdout(), "module 1\nerror none\nend\n", "{ran:?}");
        assert_eq!(ran.events("query").len(), 1);
    }
}

/// What the library lacks is found by a program that looks for it everywhere: it says so when
/// it is called, and nothing worse happens.
#[test]
fn functions_that_the_library_lacks_say_so() {
    let server = server();
    let run = Run::scenario("process.c", Library::System, "lacks", server.address(), "");
    assert_eq!(run.plain().stdout(), "reinit absent\ndnsrec absent\nend\n");
    let ran = run.traced();
    assert!(ran.status().success(), "{ran:?}");
    assert_eq!(ran.stdout(), "reinit there 5\ndnsrec there\nend\n");
    let run = Run::scenario("process.c", Library::Apart, "lacks", server.address(), "");
    assert_eq!(run.plain().stdout(), "reinit there 0\ndnsrec there\nend\n");
    let ran = run.traced();
    assert_eq!(ran.stdout(), "reinit there 0\ndnsrec there\nend\n");
    assert_eq!(ran.events("setting")[0]["call"], "ares_reinit");
}

/// What the library asks itself is no question of the program, on whatever thread: its callback is in
/// the library.
#[test]
fn the_librarys_own_questions_are_not_told() {
    for library in ALL {
        let server = server();
        let run = Run::scenario("process.c", library, "internal", server.address(), "");
        let ran = run.traced();
        assert_eq!(ran.stdout(), "answered 1\nend\n");
        assert_eq!(ran.stdout(), run.plain().stdout());
        let names: Vec<_> = ran
            .events("query")
            .iter()
            .map(|line| line["name"].clone())
            .collect();
        assert_eq!(names, ["www.example.com"]);
    }
}

/// Writing is a point of cancellation; the call that the program made was none.
#[test]
fn threads_are_not_cancelled_by_us() {
    for library in ALL {
        let server = server();
        let run = Run::scenario("process.c", library, "cancels", server.address(), "");
        assert_eq!(run.plain().stdout(), "reached 1 cancelled 1\nend\n");
        let ran = run.traced();
        assert_eq!(ran.stdout(), "reached 1 cancelled 1\nend\n");
        assert_eq!(ran.events("query").len(), 1);
    }
}

/// A program with rights that who runs it may lack tells nothing. The dynamic linker would not
/// preload us there, so the program is linked with us.
#[test]
fn programs_with_other_rights_tell_nothing() {
    // SAFETY: geteuid(2) takes nothing and cannot fail.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("only root can give a program other rights: not tried");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap()
    };
    open(dir.path(), 0o777);
    let library = dir.path().join("libcares_trace.so");
    std::fs::copy(preload(), &library).unwrap();
    let program = dir.path().join("program");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/process.c");
    let mut cc = compiler("cc");
    cc.args(["-w", "-pthread", "-Wl,--no-as-needed", source, "-o"])
        .arg(&program)
        .arg(&library);
    finish(cc.args(["-lcares", "-ldl"]));
    let server = server();
    let told_by = |mode| {
        let place = dir.path().join(format!("told-{mode:o}"));
        chown(&program, Some(65534), Some(65534)).unwrap();
        open(&program, mode);
        let mut command = Command::new(&program);
        command.args(["rights", &server.address().to_string()]);
        command.env("C_ARES_TRACE", format!("{}:json", place.display()));
        let output = run(command);
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "answered 2\nend\n"
        );
        assert!(output.status.success() && output.stderr.is_empty());
        read(&place).len()
    };
    assert!(
        told_by(0o755) > 2,
        "the program was not traced without them"
    );
    assert_eq!(told_by(0o4755), 0);
}
