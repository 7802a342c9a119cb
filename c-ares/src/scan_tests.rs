use super::Scan;

fn own(text: &str) -> Vec<String> {
    Scan::of(text).own.into_iter().collect()
}

#[test]
fn static_functions_and_objects_are_own_names() {
    assert_eq!(
        own("static int f(int a, char *b) { int c; return 0; }"),
        ["f"]
    );
    assert_eq!(own("static const char *f(void);"), ["f"]);
    assert_eq!(own("static int a, *b = 0, c[3];"), ["a", "b", "c"]);
    assert_eq!(own("static const struct s x[] = { { 1 }, { 2 } };"), ["x"]);
    assert_eq!(
        own("static size_t counter;\nint g(void) { return 1; }"),
        ["counter"]
    );
}

#[test]
fn what_other_files_may_see_is_not_an_own_name() {
    assert!(own("int f(void) { static int inner; return 0; }").is_empty());
    assert!(own("extern int g(int); CARES_EXTERN void *h(void) { return 0; }").is_empty());
    assert!(own("struct forward; int f(struct forward *x) { return 0; }").is_empty());
}

#[test]
fn types_tags_and_enumerators_are_own_names() {
    assert_eq!(own("typedef struct { int a; } t;"), ["t"]);
    assert_eq!(
        own("typedef struct tag { int a; struct inner { int b; } c; } t;"),
        ["inner", "t", "tag"]
    );
    assert_eq!(
        own("typedef int (*callback)(void *arg, int status);"),
        ["callback"]
    );
    assert_eq!(own("typedef unsigned char block[16];"), ["block"]);
    assert_eq!(
        own("enum e { A = 1 << 3, B = (2, 4), C };"),
        ["A", "B", "C", "e"]
    );
    assert_eq!(
        own("typedef enum { ONE, TWO } numbers;"),
        ["ONE", "TWO", "numbers"]
    );
}

#[test]
fn a_function_that_returns_a_structure_ends_at_its_body() {
    assert_eq!(
        own("static struct s *f(void) { if (x) { y(); } }\nstatic int g(void) { }"),
        ["f", "g"]
    );
}

#[test]
fn branches_of_a_conditional_may_each_open_a_bracket() {
    let text = "static int f(int a)\n{\n#ifdef X\n  if (a) {\n#elif defined(Y)\n  while (a) {\n#else\n  {\n#endif\n    b();\n  }\n}\nstatic int g;";
    assert_eq!(own(text), ["f", "g"]);
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = "/* static int a; */ // static int b;\nstatic const char *c = \"} static int d; \\\" {\";\nstatic char e = '{'; static char f = '\\'';static int g;";
    assert_eq!(own(text), ["c", "e", "f", "g"]);
    assert!(!Scan::of(text).words.contains("d"));
}

#[test]
fn macros_are_kept_with_all_their_directives() {
    let scan = Scan::of(
        "#include <a.h>\n#if X\n# undef M\n# define M(a) \\\n  (a + 1)\n#else\n# define M(a) 2\n#endif\n",
    );
    assert_eq!(
        scan.macros["M"],
        ["undef", "define ( a ) ( a + 1 )", "define ( a ) 2"]
    );
    assert!(scan.words.contains("X"));
    assert!(!scan.configures_headers);
}

#[test]
fn a_macro_before_the_first_header_configures_it() {
    assert!(
        Scan::of("/* select */\n#define FD_SETSIZE 4096\n#include \"a.h\"\n").configures_headers
    );
    assert!(
        !Scan::of("#include \"a.h\"\n#define FD_SETSIZE 4096\n#include <b.h>").configures_headers
    );
}
