//! `docs/ledger.md` against the headers, the bindings and the safe layer.

mod repository;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use repository::{read, root, safe_layer, source, words};

/// One line of the ledger.
struct Entry {
    status: String,
    note: String,
}

/// The ledger, by function. A function that stands there twice is a failure.
fn ledger() -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    for line in read(root().join("docs/ledger.md")).lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", name, status, note, ""] = cells[..] else {
            continue;
        };
        let Some(name) = name
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix('`'))
        else {
            continue;
        };
        let entry = Entry {
            status: status.trim_matches('`').to_owned(),
            note: note.to_owned(),
        };
        assert!(
            entries.insert(name.to_owned(), entry).is_none(),
            "{name} stands there twice"
        );
    }
    entries
}

/// What the headers declare, on all systems together: every `CARES_EXTERN` up
/// to its semicolon.
fn declared() -> BTreeSet<String> {
    let include = Path::new(env!("C_ARES_INCLUDE"));
    let mut names = BTreeSet::new();
    for header in ["ares.h", "ares_dns_record.h"] {
        let text = without_comments(&read(include.join(header)));
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .collect();
        for declaration in code.join("\n").split("CARES_EXTERN").skip(1) {
            let declaration = declaration.split(';').next().unwrap_or_default();
            let name = declaration
                .split_inclusive('(')
                .filter_map(|piece| piece.strip_suffix('('))
                .filter_map(|piece| words(piece).last())
                .find(|word| word.starts_with("ares_"))
                .unwrap_or_else(|| panic!("{header}: no function in {declaration:?}"));
            assert!(
                names.insert(name.to_owned()),
                "{header} declares {name} twice"
            );
        }
    }
    names
}

fn without_comments(text: &str) -> String {
    let mut pieces = text.split("/*");
    let mut code = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        code += piece.split_once("*/").expect("comments end").1;
    }
    code
}

/// The functions that a file of `c-ares-sys` declares.
fn bound(file: &str) -> BTreeSet<String> {
    read(root().join("c-ares-sys/src").join(file))
        .split("pub fn ")
        .skip(1)
        .filter_map(|rest| words(rest).next().map(str::to_owned))
        .collect()
}

#[test]
fn every_function_of_the_headers_is_in_the_ledger_and_no_other() {
    let declared = declared();
    let listed: BTreeSet<String> = ledger().into_keys().collect();
    let missing: Vec<_> = declared.difference(&listed).collect();
    let strange: Vec<_> = listed.difference(&declared).collect();
    assert!(missing.is_empty(), "not in the ledger: {missing:?}");
    assert!(
        strange.is_empty(),
        "in the ledger, but not in the headers: {strange:?}"
    );
    assert_eq!(declared.len(), 139);
}

#[test]
fn every_function_of_the_headers_is_bound() {
    let (everywhere, android) = (bound("bindings.rs"), bound("android.rs"));
    assert_eq!((everywhere.len(), android.len()), (136, 3));
    let all: BTreeSet<String> = everywhere.union(&android).cloned().collect();
    assert_eq!(all, declared());
}

#[test]
fn the_statuses_are_those_that_the_page_explains_and_each_has_a_note() {
    for (name, entry) in ledger() {
        let known = ["safe", "inside", "raw"].contains(&entry.status.as_str());
        assert!(known, "{name}: no such status: {}", entry.status);
        assert!(!entry.note.is_empty(), "{name} has no note");
    }
}

#[test]
fn the_safe_layer_calls_exactly_what_the_ledger_says() {
    let code = safe_layer();
    let called: BTreeSet<&str> = words(&code).collect();
    for (name, entry) in ledger() {
        let expected = ["safe", "inside"].contains(&entry.status.as_str());
        assert_eq!(
            called.contains(name.as_str()),
            expected,
            "{name} is `{}` in the ledger: does src/ call it?",
            entry.status
        );
    }
}

/// Who knows the name of C finds what is here instead of it; for options the name of their bit.
#[test]
fn the_documentation_is_found_by_the_names_of_c() {
    let source = source();
    let ledger = ledger();
    let safe = ledger.iter().filter(|(_, entry)| entry.status == "safe");
    let header = read(Path::new(env!("C_ARES_INCLUDE")).join("ares.h"));
    let options = words(&header).filter(|word| word.starts_with("ARES_OPT_"));
    for name in safe.map(|(name, _)| name.as_str()).chain(options) {
        let alias = format!("#[doc(alias = \"{name}\")]");
        assert!(source.contains(&alias), "{name}: nothing has {alias}");
    }
}

#[test]
fn the_safe_equivalents_exist() {
    let code = safe_layer();
    for (name, entry) in ledger()
        .into_iter()
        .filter(|(_, entry)| entry.status == "safe")
    {
        let item = entry
            .note
            .split('`')
            .nth(1)
            .unwrap_or_else(|| panic!("{name} names no item"));
        for part in item.split("::") {
            let defined = ["fn", "unsafe fn", "struct", "enum", "trait", "mod"]
                .iter()
                .any(|kind| {
                    let start = format!("pub {kind} {part}");
                    code.match_indices(&start).any(|(at, _)| {
                        !code[at + start.len()..]
                            .starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    })
                });
            assert!(defined, "{name}: the safe layer has no {part}");
        }
    }
}
