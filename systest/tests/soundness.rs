//! `docs/soundness.md` against the repository: what it names exists. And what the safe layer
//! must not call, whatever else it does.

mod repository;

use std::path::Path;

use repository::{read, root, safe_layer, words};

/// What stands between backquotes in the page.
fn code(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// The text of the Rust file that `name` stands for: a file, or a folder's first one.
fn source(name: &str) -> Option<String> {
    ["", "/main", "/mod"]
        .map(|file| root().join(format!("{name}{file}.rs")))
        .iter()
        .find(|path| path.is_file())
        .map(read)
}

/// Whether a file has a test of that name, or a row of a table that makes one.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let head = format!("fn {name}() {{");
    let row = format!("{name} = ");
    let is_above = |line: &&&str| line.starts_with("#[") || line.starts_with("//");
    if lines.contains(&"fn $name() {") && lines.iter().any(|line| line.starts_with(&row)) {
        return true;
    }
    lines.iter().enumerate().any(|(at, line)| {
        *line == head
            && lines[..at]
                .iter()
                .rev()
                .take_while(is_above)
                .any(|above| *above == "#[test]")
    })
}

/// Whether `name` is the code of an error of the compiler's.
fn is_error_code(name: &str) -> bool {
    let digits = name.strip_prefix('E').unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// What is wrong with a test or a file that the page names, if it names one.
fn missing(name: &str) -> Option<String> {
    let ours = ["tests/", "src/", "systest/", "c-ares/", "xtask/"];
    if !ours.iter().any(|folder| name.starts_with(folder)) || name.contains("NAME") {
        return None;
    }
    let Some((file, test)) = name.split_once("::") else {
        return (!root().join(name).exists()).then(|| format!("no file {name}"));
    };
    let Some(text) = source(file) else {
        return Some(format!("no file for {name}"));
    };
    let found = match is_error_code(test) {
        true => text.contains(&format!("compile_fail,{test}")),
        false => has_test(&text, test),
    };
    (!found).then(|| format!("no test {name}"))
}

/// The part of the page under a heading.
fn part<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, part) = page.split_once(heading).expect("the heading is there");
    part.split("\n## ").next().unwrap_or_default()
}

#[test]
fn each_test_that_the_page_names_exists() {
    let page = read(root().join("docs/soundness.md"));
    let missing: Vec<String> = code(&page).filter_map(missing).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let named = code(&page).filter(|name| name.contains("::")).count();
    assert!(named > 100, "only {named} tests are read");
}

#[test]
fn each_promise_and_each_trap_names_a_test_or_says_why_not() {
    let page = read(root().join("docs/soundness.md"));
    let has_proof = |text: &str| {
        code(text).any(|name| name.contains('/') && name.contains("::"))
            || text.contains("cannot be reached")
    };
    let promises = part(&page, "\n## The promises\n")
        .split("\n\n")
        .filter(|promise| promise.starts_with("**"));
    let traps = part(&page, "\n## The traps of c-ares\n")
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|row| row.split(" | ").last().unwrap_or_default());
    let all: Vec<&str> = promises.chain(traps).collect();
    for text in &all {
        assert!(has_proof(text), "without a test: {text}");
    }
    assert!(all.len() > 50, "only {} are read", all.len());
}

#[test]
fn each_limit_that_stays_has_a_program() {
    let page = read(root().join("docs/soundness.md"));
    let limits = part(&page, "\n## Limits of C that stay\n");
    let rows: Vec<&str> = limits
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 10, "{rows:?}");
    for row in &rows[2..] {
        let program = code(row).find(|name| name.starts_with("tests/upstream/"));
        let program = program.unwrap_or_else(|| panic!("without a program: {row}"));
        assert!(Path::new(&root().join(program)).is_file(), "{program}");
    }
}

/// What no way of calling makes safe: two channels with one closure; members that are not
/// written; an `fd_set` written past its end; sixteen sockets; the allocator of live objects;
/// a pointer that is kept.
#[test]
fn functions_that_would_be_unsound_are_not_called() {
    let code = safe_layer();
    for name in [
        "ares_dup",
        "ares_save_options",
        "ares_fds",
        "ares_getsock",
        "ares_library_cleanup",
        "ares_set_socket_functions",
    ] {
        assert!(!words(&code).any(|word| word == name), "{name} is called");
    }
    // The tests that let allocations fail do that in a process of their own, before all else.
    let tests = read(root().join("src/ffi/allocation/allocator.rs"));
    let calls = |text: &str| {
        words(text)
            .filter(|word| *word == "ares_library_init_mem")
            .count()
    };
    assert!(read(root().join("src/ffi/mod.rs")).contains("cfg(all(test, "));
    assert_eq!(calls(&code), 1);
    assert!(calls(&tests) >= 1);
}

/// The body of the one function of that name in a file.
fn body<'a>(text: &'a str, name: &str) -> &'a str {
    let start = format!("fn {name}(");
    assert_eq!(text.matches(&start).count(), 1, "one function {name}");
    let (_, rest) = text.split_once(&start).expect("counted");
    let end = ["\n}\n", "\n    }\n"]
        .iter()
        .filter_map(|end| rest.find(end))
        .min();
    &rest[..end.expect("functions end")]
}

#[test]
fn setters_that_take_no_lock_are_called_before_a_channel_is_shared() {
    let code = safe_layer();
    let file = |name: &str| read(root().join("src/ffi").join(name));
    let (configure, install) = (file("handle/configure.rs"), file("transport.rs"));
    let (configure, install) = (body(&configure, "configure"), body(&install, "install"));
    for (setter, place) in [
        ("ares_set_server_state_callback", configure),
        ("ares_set_socket_callback", configure),
        ("ares_set_socket_configure_callback", configure),
        ("ares_set_pending_write_cb", configure),
        ("ares_set_socket_functions_ex", install),
    ] {
        let call = format!("sys::{setter}(");
        assert_eq!(code.matches(&call).count(), 1, "{setter} is called once");
        assert!(
            place.contains(&call),
            "{setter}: not where channels are made"
        );
    }
    let handle = file("handle.rs");
    let new = body(&handle, "new");
    for (call, place) in [(".configure(", new), ("transport::install(", configure)] {
        assert_eq!(code.matches(call).count(), 1, "{call} stands once");
        assert!(place.contains(call), "{call}: not where channels are made");
    }
}
