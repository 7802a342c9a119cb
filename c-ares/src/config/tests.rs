use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::table::{ALL, BUILD, CONFIG, Row};
use super::{build_header, config_header, definitions, evaluate, included, system, write};
use crate::source;

const TARGETS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "armv7-unknown-linux-gnueabihf",
    "x86_64-unknown-linux-gnux32",
    "aarch64-unknown-linux-musl",
    "arm-unknown-linux-musleabihf",
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "aarch64-apple-darwin",
    "aarch64-apple-ios",
    "x86_64-apple-ios-macabi",
    "aarch64-apple-tvos",
    "x86_64-unknown-freebsd",
    "i686-unknown-freebsd",
    "x86_64-pc-windows-gnu",
    "i686-pc-windows-gnu",
    "aarch64-pc-windows-gnullvm",
    "x86_64-pc-windows-msvc",
    "i686-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
    "x86_64-win7-windows-msvc",
];

/// The text of a file of the tree.
fn upstream(file: &str) -> String {
    let tree = source::locate().unwrap();
    fs::read_to_string(tree.root().join(file)).unwrap()
}

/// The names that a template of upstream's defines, or names as undefined.
fn names(template: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in template.lines() {
        let mut words = line.split_whitespace();
        let directive = words.next();
        if matches!(
            directive,
            Some("#define" | "#undef" | "#cmakedefine" | "#cmakedefine01")
        ) {
            names.extend(words.next());
        }
    }
    names.remove("__CARES_BUILD_H");
    names
}

/// The header for a target whose questions are all answered in one way.
fn header(rows: &'static [Row], target: &str, answer: bool) -> String {
    let system = system(target).unwrap();
    config_header(
        system,
        &evaluate(rows, system, &mut |_, _| Ok(answer)).unwrap(),
    )
}

fn config(target: &str, answer: bool) -> BTreeSet<String> {
    let text = header(CONFIG, target, answer);
    text.lines().map(str::to_owned).collect()
}

fn has(target: &str, answer: bool, define: &str) -> bool {
    config(target, answer).contains(&format!("#define {define}"))
}

#[test]
fn the_tables_decide_exactly_the_defines_of_upstream() {
    for (rows, template) in [
        (CONFIG, "src/lib/ares_config.h.cmake"),
        (BUILD, "include/ares_build.h.cmake"),
    ] {
        let text = upstream(template);
        let theirs = names(&text);
        let ours: BTreeSet<&str> = rows.iter().map(|row| row.0).collect();
        assert!(theirs.len() >= 10, "{template} was not understood");
        let undecided: Vec<_> = theirs.difference(&ours).collect();
        assert!(undecided.is_empty(), "{template} has {undecided:?}");
        let gone: Vec<_> = ours.difference(&theirs).collect();
        assert!(gone.is_empty(), "{template} no longer has {gone:?}");
    }
}

#[test]
fn no_system_defines_a_name_twice() {
    for rows in [CONFIG, BUILD] {
        for (index, row) in rows.iter().enumerate() {
            for later in &rows[index + 1..] {
                assert!(row.0 != later.0 || row.1 & later.1 == 0, "{}", row.0);
            }
            assert_eq!(row.1 & !ALL, 0, "{}", row.0);
        }
    }
}

#[test]
fn ares_build_h_includes_what_upstreams_does() {
    let text = upstream("include/ares_build.h.cmake");
    let mut lines = text.lines();
    let mut theirs = Vec::new();
    while let Some(line) = lines.next() {
        let guard = line.strip_prefix("#ifdef ");
        if let Some(include) = guard.and_then(|_| lines.next()) {
            let header = include.split(['<', '>']).nth(1);
            theirs.push((guard.unwrap(), header.unwrap()));
        }
    }
    assert!(!theirs.is_empty());
    let ours: Vec<_> = BUILD
        .iter()
        .filter_map(|row| Some((row.0, included(row.0)?)))
        .collect();
    // In their order too: winsock2.h must come before windows.h.
    assert_eq!(ours, theirs);
}

#[test]
fn every_target_of_the_list_has_a_system_of_its_own() {
    for target in TARGETS {
        assert_eq!(system(target).unwrap().count_ones(), 1, "{target}");
    }
}

#[test]
fn an_unknown_system_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    for target in ["x86_64-unknown-redox", "wasm32-unknown-unknown", "linux"] {
        let error = write(target, &cc::Build::new(), dir.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains(target), "{error}");
        assert_eq!(definitions(target), []);
    }
}

#[test]
fn functions_that_came_late_are_asked_for_where_they_vary() {
    for (target, define, varies, otherwise) in [
        (
            "x86_64-unknown-linux-gnu",
            "HAVE_ARC4RANDOM_BUF 1",
            true,
            false,
        ),
        ("x86_64-unknown-linux-gnu", "HAVE_GETRANDOM 1", true, false),
        (
            "x86_64-unknown-linux-musl",
            "HAVE_ARC4RANDOM_BUF 1",
            false,
            false,
        ),
        ("x86_64-unknown-linux-musl", "HAVE_GETRANDOM 1", false, true),
        ("aarch64-linux-android", "HAVE_GETIFADDRS 1", true, false),
        (
            "aarch64-linux-android",
            "HAVE_ARC4RANDOM_BUF 1",
            false,
            true,
        ),
        (
            "aarch64-linux-android",
            "HAVE___SYSTEM_PROPERTY_GET 1",
            false,
            true,
        ),
        (
            "aarch64-linux-android",
            "HAVE_GETSERVBYPORT_R 1",
            false,
            false,
        ),
        ("aarch64-apple-darwin", "HAVE_ARC4RANDOM_BUF 1", false, true),
        ("aarch64-apple-darwin", "HAVE_GETRANDOM 1", false, false),
        (
            "x86_64-unknown-freebsd",
            "HAVE_ARC4RANDOM_BUF 1",
            false,
            true,
        ),
    ] {
        let answers = [has(target, true, define), has(target, false, define)];
        let expected = if varies {
            [true, false]
        } else {
            [otherwise; 2]
        };
        assert_eq!(answers, expected, "{target}: {define}");
    }
}

#[test]
fn each_system_has_its_own_event_system_and_no_other() {
    for target in TARGETS {
        let system = system(target).unwrap();
        let expected = [
            system & super::table::LINUX != 0,
            system & (super::table::APPLE | super::table::FREEBSD) != 0,
            system & super::table::WINDOWS != 0,
        ];
        let found = ["HAVE_EPOLL 1", "HAVE_KQUEUE 1", "HAVE_WINDOWS_H 1"]
            .map(|define| has(target, true, define));
        assert_eq!(found, expected, "{target}");
    }
}

#[test]
fn windows_has_winsock_and_none_of_the_unix_calls() {
    for target in ["x86_64-pc-windows-gnu", "i686-pc-windows-msvc"] {
        for define in [
            "HAVE_FCNTL 1",
            "HAVE_POLL 1",
            "HAVE_SYS_SOCKET_H 1",
            "HAVE_PTHREAD_H 1",
        ] {
            assert!(!has(target, true, define), "{target}: {define}");
        }
        for define in [
            "HAVE_IOCTLSOCKET_FIONBIO 1",
            "RECV_TYPE_ARG1 SOCKET",
            "CARES_THREADS 1",
        ] {
            assert!(has(target, false, define), "{target}: {define}");
        }
    }
    let windows_8 = "#ifndef _WIN32_WINNT\n#define _WIN32_WINNT 0x0602\n#endif\n";
    assert!(header(CONFIG, "x86_64-pc-windows-msvc", false).contains(windows_8));
    assert!(!header(CONFIG, "x86_64-unknown-linux-musl", false).contains("WIN32"));
    assert!(has("x86_64-pc-windows-gnu", false, "HAVE_UNISTD_H 1"));
    assert!(!has("x86_64-pc-windows-msvc", false, "HAVE_UNISTD_H 1"));
}

#[test]
fn ares_ssize_t_is_as_wide_as_a_pointer() {
    for (target, name) in [
        ("x86_64-unknown-linux-gnu", "ssize_t"),
        ("i686-pc-windows-gnu", "ssize_t"),
        ("x86_64-pc-windows-gnu", "ssize_t"),
        ("i686-pc-windows-msvc", "int"),
        ("thumbv7a-pc-windows-msvc", "int"),
        ("x86_64-pc-windows-msvc", "__int64"),
        ("aarch64-pc-windows-msvc", "__int64"),
        ("arm64ec-pc-windows-msvc", "__int64"),
    ] {
        let text = header(BUILD, target, false);
        let line = format!("#define CARES_TYPEOF_ARES_SSIZE_T {name}\n");
        assert!(text.contains(&line), "{target}: {text}");
    }
}

#[test]
fn a_header_is_guarded_and_a_name_without_value_has_no_blank_behind_it() {
    let text = build_header(&[("CARES_HAVE_SYS_TYPES_H", ""), ("A", "b")]);
    assert!(text.contains("#define CARES_HAVE_SYS_TYPES_H\n#define A b\n"));
    assert!(text.contains("\n#include <sys/types.h>\n"));
    let guard = text.find("#ifndef __CARES_BUILD_H\n#define __CARES_BUILD_H\n");
    assert!(guard < text.find("#include") && text.ends_with("#endif /* __CARES_BUILD_H */\n"));
}

#[cfg(unix)]
mod compiler {
    use super::super::probe::Probe;
    use super::*;

    fn compiler(program: &Path) -> cc::Build {
        let here = match std::env::consts::OS {
            "macos" => "apple-darwin",
            "freebsd" => "unknown-freebsd",
            _ => "unknown-linux-gnu",
        };
        let here = format!("{}-{here}", std::env::consts::ARCH);
        let mut build = cc::Build::new();
        build
            .target(&here)
            .host(&here)
            .opt_level(0)
            .cargo_metadata(false)
            .compiler(program);
        build
    }

    #[test]
    fn answers_what_its_headers_declare() {
        let dir = tempfile::tempdir().unwrap();
        let mut probe = Probe::new(compiler(Path::new("cc")), dir.path());
        assert!(probe.declares("stdlib.h", Some("malloc")).unwrap());
        assert!(probe.declares("errno.h", Some("EINTR")).unwrap());
        assert!(
            !probe
                .declares("stdlib.h", Some("a_function_of_the_next_release"))
                .unwrap()
        );
        assert!(probe.declares("stdlib.h", None).unwrap());
        assert!(!probe.declares("no/such/header.h", None).unwrap());
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            0,
            "left a file behind"
        );
    }

    /// Upstream has a header written by hand for Windows without cmake. It says
    /// less than cmake finds, but what it says holds.
    #[test]
    fn windows_has_all_that_upstreams_own_header_for_it_says() {
        let tree = source::locate().unwrap();
        for (target, macro_of_the_compiler) in [
            ("x86_64-pc-windows-msvc", "-D_MSC_VER=1930"),
            ("i686-pc-windows-msvc", "-D_MSC_VER=1930"),
            ("i686-pc-windows-gnu", "-D__MINGW32__"),
        ] {
            let output = std::process::Command::new("cc")
                .args(["-E", "-dM", "-D_WIN32_WINNT=0x0602", macro_of_the_compiler])
                .arg(tree.root().join("src/lib/config-win32.h"))
                .output()
                .unwrap();
            assert!(output.status.success());
            let text = String::from_utf8(output.stdout).unwrap();
            let theirs: BTreeSet<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix("#define "))
                .filter(|define| define.starts_with("HAVE_") || define.starts_with("CARES_"))
                // cmake's template has neither: nothing reads them.
                .filter(|define| !["HAVE_PROCESS_H 1", "HAVE_GETOPT_H 1"].contains(define))
                .collect();
            assert!(theirs.len() > 40, "{theirs:?}");
            for define in theirs {
                assert!(has(target, false, define), "{target}: {define}");
            }
        }
    }

    #[test]
    fn one_that_compiles_nothing_is_an_error_not_a_no() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("broken-cc");
        fs::write(&broken, "#!/bin/sh\necho 'out of order' >&2\nexit 1\n").unwrap();
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&broken, permissions).unwrap();
        let target = "x86_64-unknown-linux-gnu";
        let error = write(target, &compiler(&broken), dir.path()).unwrap_err();
        assert!(error.to_string().contains("out of order"), "{error}");
        assert!(!dir.path().join("ares_config.h").exists());
    }
}
