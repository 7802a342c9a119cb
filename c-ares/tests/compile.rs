//! What is compiled, how, and what is said when it is not.

#![allow(missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use c_ares_src::{Artifacts, Build, Version};
use tempfile::{TempDir, tempdir};

mod common;
use common::{FILES, host, tree, write};

const SUPPORTED: [u32; 3] = [1, 34, 9];

/// A build outside of cargo, below `out`.
fn build(out: &Path) -> Build {
    let mut build = Build::new();
    build
        .target(host())
        .host(host())
        .out_dir(out)
        .cargo_metadata(false);
    build
}

/// Compiles a tree made of these files.
fn compile(
    files: &[(&str, &str)],
    set: impl FnOnce(&mut Build),
) -> (TempDir, Result<Artifacts, String>) {
    let dir = tempdir().unwrap();
    let root = dir.path().join("tree");
    tree(&root, SUPPORTED, files);
    let mut build = build(&dir.path().join("out"));
    build.source_dir(&root);
    set(&mut build);
    let result = build.try_compile().map_err(|e| e.to_string());
    (dir, result)
}

/// The real library, compiled once for the tests that look at it.
fn library() -> &'static Artifacts {
    static LIBRARY: OnceLock<Artifacts> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library");
        build(&out).try_compile().unwrap()
    })
}

/// As the Rust crates have it, and file by file.
fn mended() -> &'static Artifacts {
    static LIBRARY: OnceLock<Artifacts> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mended");
        let mut build = build(&out);
        build.one_unit(false).mended(true).try_compile().unwrap()
    })
}

/// A command of the C compiler that the build uses.
fn c_compiler(out: &Path) -> Command {
    let mut cc = cc::Build::new();
    cc.target(&host()).host(&host()).out_dir(out).opt_level(0);
    cc.cargo_metadata(false).debug(false);
    cc.get_compiler().to_command()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_c_program_runs_with_the_library() {
    let out = tempdir().unwrap();
    let artifacts = library();
    assert!(
        artifacts.warnings().is_empty(),
        "{:?}",
        artifacts.warnings()
    );
    assert_eq!(artifacts.version(), Version::SUPPORTED);
    let source = out.path().join("program.c");
    write(
        &source,
        r#"
        #include <ares.h>
        #include <ares_dns.h>
        #include <stdio.h>
        int main(void) {
            ares_channel_t *channel = NULL;
            struct ares_options options = { 0 };
            options.evsys = ARES_EVSYS_DEFAULT;
            if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) return 1;
            if (ares_init_options(&channel, &options, ARES_OPT_EVENT_THREAD) != ARES_SUCCESS) return 2;
            ares_destroy(channel);
            printf("%s %s %d", ARES_VERSION_STR, ares_version(NULL), ares_threadsafety());
            return 0;
        }
        "#,
    );
    let mut program = program(&source, artifacts, out.path());
    assert_eq!(run(&mut program), "1.34.9 1.34.9 1");
}

/// A program with the library.
fn program(source: &Path, artifacts: &Artifacts, out: &Path) -> Command {
    let program = out.join("program");
    let mut compiler = c_compiler(out);
    compiler
        .arg(source)
        .arg("-I")
        .arg(artifacts.include_dir())
        .arg("-L")
        .arg(artifacts.lib_dir())
        .arg("-lcares");
    for lib in artifacts.system_libs() {
        compiler.arg(format!("-l{lib}"));
    }
    run(compiler.arg("-o").arg(&program));
    Command::new(program)
}

/// The programs that show what is mended end with 1 where it is not, and with 0 where it is.
#[cfg(target_os = "linux")]
#[test]
fn what_is_mended_is_so() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/upstream");
    for name in ["search_twice.c", "hosts_no_memory.c", "sent_pointers.c"] {
        for (artifacts, status) in [(library(), 1), (mended(), 0)] {
            let out = tempdir().unwrap();
            let output = program(&programs.join(name), artifacts, out.path())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(status), "{name}: {output:?}");
        }
    }
}

/// The dynamic symbols of a shared library made of the static one.
#[cfg(target_os = "linux")]
fn exports(artifacts: &Artifacts, out: &Path) -> Vec<String> {
    let shared = out.join("libcares.so");
    run(c_compiler(out)
        .args(["-shared", "-Wl,--whole-archive"])
        .arg(artifacts.lib_dir().join("libcares.a"))
        .arg("-Wl,--no-whole-archive")
        .arg("-o")
        .arg(&shared));
    let symbols = run(Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(&shared));
    let mut names: Vec<_> = symbols
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Whether the static library calls a function of the system.
#[cfg(target_os = "linux")]
fn imports(artifacts: &Artifacts, name: &str) -> bool {
    let library = artifacts.lib_dir().join("libcares.a");
    let symbols = run(Command::new("nm").arg("--undefined-only").arg(library));
    symbols.lines().any(|line| line.ends_with(name))
}

#[test]
fn what_has_moved_cannot_be_mended() {
    const MONITOR: &str = "int ares_event_configchg_init(void) { return 0; }\n";
    const SEARCH: &str = "int ares_send_nolock(int);\nint ares_search(void);\n\
                          int ares_search(void) { return ares_send_nolock(1); }\n";
    let monitor = ("event/ares_event_configchg.c", MONITOR);
    let search = ("ares_search.c", SEARCH);
    let hosts = ("ares_hosts_file.c", "int ares_htable_strvp_insert(int);\n");
    let write = (
        "record/ares_dns_write.c",
        "int ares_dns_write_buf_tcp(int);\n",
    );
    for (files, parts) in [
        (FILES, ["event/ares_event_configchg.c", "watches"]),
        (
            &[("event/ares_event_configchg.c", "")],
            ["ares_event_configchg_init", "watches"],
        ),
        (&[monitor], ["ares_search.c", "the search"]),
        (
            &[monitor, ("ares_search.c", "int x;\n")],
            ["ares_send_nolock", "the search"],
        ),
        (&[monitor, search], ["ares_hosts_file.c", "the hosts file"]),
        (
            &[monitor, search, hosts],
            ["ares_dns_write.c", "how messages are written"],
        ),
        // A tree that has all, but nothing of what our files need besides.
        (
            &[monitor, search, hosts, write],
            ["do not compile", "ares_private.h"],
        ),
    ] {
        let (_dir, result) = compile(files, |build| {
            build.mended(true);
        });
        let error = result.unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn one_unit_exports_what_the_files_one_by_one_export() {
    let out = tempdir().unwrap();
    assert!(library().compiled_alone().is_some());
    // Mended as well: what is mended is no part of the interface.
    let apart = mended();
    assert!(apart.compiled_alone().is_none());
    assert!(imports(library(), "inotify_init1"));
    assert!(!imports(apart, "inotify_init1"));
    let together = exports(library(), out.path());
    assert_eq!(together, exports(apart, out.path()));
    // As many as upstream's own shared library with hidden symbols.
    assert_eq!(together.len(), 311);
    assert!(together.iter().any(|name| name == "ares_init_options"));
    assert!(!together.iter().any(|name| name == "ares_send_nolock"));
}

#[test]
fn the_include_folder_holds_the_public_headers_and_no_others() {
    let mut names: Vec<_> = fs::read_dir(library().include_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "ares.h",
            "ares_build.h",
            "ares_dns.h",
            "ares_dns_record.h",
            "ares_nameser.h",
            "ares_version.h"
        ]
    );
}

#[test]
fn the_code_is_optimised_and_position_independent() {
    let check = "#include \"ares.h\"\n#ifndef __OPTIMIZE__\n#error slow\n#endif\n\
                 #ifndef __PIC__\n#error fixed\n#endif\nint x;\n";
    let (_dir, result) = compile(&[("check.c", check)], |build| {
        build.debug(true);
    });
    result.unwrap();
}

#[test]
fn debug_information_is_written_when_asked_for() {
    for debug in [true, false] {
        let (_dir, result) = compile(FILES, |build| {
            build.debug(debug);
        });
        let archive = fs::read(result.unwrap().lib_dir().join("libcares.a")).unwrap();
        let name = b".debug_info";
        let found = archive.windows(name.len()).any(|window| window == name);
        assert_eq!(found, debug);
    }
}

#[test]
fn what_does_not_compile_as_one_unit_is_compiled_one_by_one_with_a_warning() {
    // No reader of declarations sees these two clash.
    let files = [
        (
            "one.c",
            "#include \"ares.h\"\n#define ONE(name) int name##_hidden\nstatic int x;\n\
             ONE(f) = 1;\nint one(void) { return x + f_hidden; }\n",
        ),
        (
            "two.c",
            "#include \"ares.h\"\n#define TWO(name) long name##_hidden(void)\n\
             static TWO(f) { return 2; }\nint two(void) { return (int)f_hidden(); }\n",
        ),
    ];
    let (_dir, result) = compile(&files, |_| {});
    let artifacts = result.unwrap();
    assert!(artifacts.compiled_alone().is_none());
    let [warning] = artifacts.warnings() else {
        panic!("{:?}", artifacts.warnings());
    };
    assert!(warning.contains("do not compile as one unit"), "{warning}");
    assert!(warning.contains("f_hidden"), "{warning}");
    assert!(warning.contains("one by one"), "{warning}");
}

#[test]
fn a_file_that_clashes_stands_alone_without_a_warning() {
    let files = [
        (
            "a.c",
            "#include \"ares.h\"\nstatic int f = 1;\nint a(void) { return f; }\n",
        ),
        (
            "dsa/b.c",
            "#include \"ares.h\"\nstatic int f = 2;\nint b(void) { return f; }\n",
        ),
    ];
    let (_dir, result) = compile(&files, |_| {});
    let artifacts = result.unwrap();
    assert!(
        artifacts.warnings().is_empty(),
        "{:?}",
        artifacts.warnings()
    );
    let [alone] = artifacts.compiled_alone().unwrap() else {
        panic!("{:?}", artifacts.compiled_alone());
    };
    assert!(alone.ends_with("dsa/b.c"));
}

#[test]
fn a_later_version_is_built_with_a_warning() {
    let dir = tempdir().unwrap();
    let root = dir.path().join("tree");
    tree(&root, [1, 35, 0], FILES);
    let artifacts = build(&dir.path().join("out"))
        .source_dir(&root)
        .try_compile()
        .unwrap();
    let [warning] = artifacts.warnings() else {
        panic!("{:?}", artifacts.warnings());
    };
    assert!(warning.contains("building c-ares 1.35.0 from"), "{warning}");
    assert!(warning.contains("1.34.9"), "{warning}");
}

#[test]
fn the_header_of_an_earlier_configuration_is_not_used() {
    let dir = tempdir().unwrap();
    let root = dir.path().join("tree");
    tree(&root, SUPPORTED, FILES);
    write(&root.join("include/ares_build.h"), "#error stale\n");
    build(&dir.path().join("out"))
        .source_dir(&root)
        .try_compile()
        .unwrap();
}

#[test]
fn without_a_c_compiler_the_error_says_what_to_install() {
    let (_dir, result) = compile(FILES, |build| {
        build.compiler("/nowhere/cc");
    });
    let error = result.unwrap_err();
    for part in [
        "no C compiler",
        "/nowhere/cc",
        "Install one",
        "environment variable CC",
    ] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn a_file_that_does_not_compile_is_shown() {
    let files = [
        FILES[0],
        (
            "bad.c",
            "#include \"ares.h\"\nint bad(void) { return nonsense; }\n",
        ),
    ];
    let (dir, result) = compile(&files, |_| {});
    let error = result.unwrap_err();
    for part in [
        "the C files of c-ares 1.34.9 in",
        &dir.path().join("tree").display().to_string(),
        "bad.c",
        "nonsense",
        "If CC or CFLAGS are set",
    ] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn a_missing_system_header_is_told_from_bad_code() {
    let (_dir, result) = compile(&[("a.c", "#include <nowhere/stdio.h>\n")], |_| {});
    let error = result.unwrap_err();
    for part in ["nowhere/stdio.h", "development files of the C library"] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[test]
fn an_incomplete_tree_is_refused() {
    let dir = tempdir().unwrap();
    let root = dir.path().join("tree");
    tree(&root, SUPPORTED, FILES);
    let mut build = build(&dir.path().join("out"));
    build.source_dir(&root);
    fs::remove_file(root.join("src/lib/dsa/two.c")).unwrap();
    let error = build.try_compile().unwrap_err().to_string();
    assert!(error.contains("two.c, which is missing"), "{error}");
    write(&root.join("src/lib/Makefile.inc"), "SOURCES = one.c\n");
    let error = build.try_compile().unwrap_err().to_string();
    assert!(error.contains("lists no CSOURCES"), "{error}");
}

#[test]
fn outside_of_a_build_script_the_settings_are_asked_for() {
    let error = Build::new()
        .cargo_metadata(false)
        .try_compile()
        .unwrap_err();
    assert!(error.to_string().contains("TARGET is not set"), "{error}");
}
