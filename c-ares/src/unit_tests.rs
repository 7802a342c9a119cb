use std::path::PathBuf;

use super::Plan;

/// The plan for files with these names and texts: (together, alone).
fn plan(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let plan = Plan::new(&paths).unwrap();
    (
        plan.together.iter().map(name).collect(),
        plan.alone.iter().map(|(path, _)| name(path)).collect(),
    )
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_second_of_two_files_with_the_same_static_name_stands_alone() {
    let (together, alone) = plan(&[
        ("a.c", "#include \"h.h\"\nstatic int f(void) { return 1; }"),
        (
            "b.c",
            "#include \"h.h\"\nint g(void) { int f = 2; return f; }",
        ),
        ("c.c", "#include \"h.h\"\nstatic int f(void) { return 3; }"),
    ]);
    assert_eq!(together, names(&["a.c", "b.c"]));
    assert_eq!(alone, names(&["c.c"]));
}

#[test]
fn a_file_whose_macro_reaches_into_another_comes_after_it() {
    let (together, alone) = plan(&[
        (
            "a.c",
            "#include \"h.h\"\n#undef ENOENT\n#define ENOENT 7\nint a = ENOENT;",
        ),
        ("b.c", "#include \"h.h\"\nint b = ENOENT;"),
    ]);
    assert_eq!(together, names(&["b.c", "a.c"]));
    assert!(alone.is_empty());
}

#[test]
fn macros_that_reach_into_each_other_keep_their_files_apart() {
    let (together, alone) = plan(&[
        ("a.c", "#include \"h.h\"\n#define M 1\nint a = M + N;"),
        ("b.c", "#include \"h.h\"\n#define N 1\nint b = M + N;"),
    ]);
    assert_eq!(together, names(&["a.c"]));
    assert_eq!(alone, names(&["b.c"]));
}

#[test]
fn the_same_macro_twice_is_no_clash() {
    let (together, alone) = plan(&[
        (
            "a.c",
            "#include \"h.h\"\n#ifdef X\n#  define M 8\n#endif\nint a = M;",
        ),
        (
            "b.c",
            "#include \"h.h\"\n#ifdef X\n# define M   8\n#endif\nint b = M;",
        ),
    ]);
    assert_eq!(together, names(&["a.c", "b.c"]));
    assert!(alone.is_empty());
}

#[test]
fn a_file_that_configures_its_headers_stands_alone() {
    let (together, alone) = plan(&[
        ("a.c", "#define FD_SETSIZE 4096\n#include \"h.h\"\n"),
        ("b.c", "#include \"h.h\"\n"),
    ]);
    assert_eq!(together, names(&["b.c"]));
    assert_eq!(alone, names(&["a.c"]));
}

/// The clashes of the tree that we build, as far as they are known: a change is
/// worth a look when upstream moves on.
#[test]
fn the_tree_keeps_nearly_everything_together() {
    let tree = crate::source::locate().unwrap();
    let files = crate::makefile::sources(&tree.lib_dir()).unwrap();
    let plan = Plan::new(&files).unwrap();
    let alone: Vec<_> = plan
        .alone
        .iter()
        .map(|(file, reason)| {
            format!(
                "{}: {reason}",
                file.strip_prefix(tree.lib_dir()).unwrap().display()
            )
        })
        .collect();
    assert_eq!(plan.together.len() + alone.len(), files.len());
    if tree.version() == crate::Version::SUPPORTED {
        assert_eq!(
            alone,
            [
                "ares_gethostbyaddr.c: file_lookup is also in ares_getaddrinfo.c",
                "ares_gethostbyname.c: host_query is also in ares_getaddrinfo.c",
                "ares_getnameinfo.c: lookup_service is also in ares_getaddrinfo.c",
                "dsa/ares_htable_dict.c: bucket_free is also in ares_htable_asvp.c",
                "dsa/ares_htable_strvp.c: bucket_free is also in ares_htable_asvp.c",
                "dsa/ares_htable_szvp.c: bucket_free is also in ares_htable_asvp.c",
                "dsa/ares_htable_vpstr.c: bucket_free is also in ares_htable_asvp.c",
                "dsa/ares_htable_vpvp.c: bucket_free is also in ares_htable_asvp.c",
                "event/ares_event_select.c: it defines a macro before the first header",
            ]
        );
    }
}
