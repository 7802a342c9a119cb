//! Reads a C file for what it leaves behind in a translation unit.
//!
//! Not a parser: it knows comments, literals, directives, brackets, and the
//! shape of a declaration. Every branch of a conditional counts, because which
//! of them is compiled differs by target. Where the shape is in doubt it
//! reports a name too many: that costs a little speed, never correctness.

use std::collections::{BTreeMap, BTreeSet};

/// What a C file means to the files that share its translation unit.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Names of file scope that only this file may define: static functions
    /// and objects, types, tags, enumerators.
    pub(crate) own: BTreeSet<String>,
    /// Each macro that the file defines or undefines, with the directives.
    pub(crate) macros: BTreeMap<String, Vec<String>>,
    /// Every identifier that occurs.
    pub(crate) words: BTreeSet<String>,
    /// A macro is defined before the first header is included: it changes what
    /// the headers declare, and works only when the file is compiled alone.
    pub(crate) configures_headers: bool,
}

impl Scan {
    pub(crate) fn of(text: &str) -> Self {
        let mut scan = Self::default();
        let mut code = Vec::new();
        let mut included = false;
        for line in plain(text).lines() {
            let Some(directive) = line.trim_start().strip_prefix('#') else {
                code.extend(tokens(line).map(str::to_owned));
                continue;
            };
            let directive = directive.trim();
            let (verb, rest) = directive
                .split_once(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or((directive, ""));
            match verb {
                "include" => included = true,
                "define" | "undef" => {
                    let mut words = tokens(rest);
                    if let Some(name) = words.next() {
                        let text: Vec<_> = std::iter::once(verb).chain(words).collect();
                        scan.macros
                            .entry(name.to_owned())
                            .or_default()
                            .push(text.join(" "));
                        scan.configures_headers |= !included;
                    }
                }
                "if" | "ifdef" | "ifndef" | "elif" | "else" | "endif" => {
                    code.push(format!("#{verb}"));
                }
                _ => {}
            }
            if verb != "include" {
                scan.words
                    .extend(tokens(rest).filter(|t| is_word(t)).map(str::to_owned));
            }
        }
        scan.words
            .extend(code.iter().filter(|t| is_word(t)).cloned());
        scan.own = own_names(&code);
        scan
    }
}

/// The text without comments and literals, with continued lines joined.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace("\\\n", " ");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('/', Some('*')) => {
                let mut last = ' ';
                rest.next();
                for c in rest.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
                out.push(' ');
            }
            ('/', Some('/')) => while rest.next_if(|&c| c != '\n').is_some() {},
            ('"' | '\'', _) => {
                out.push('0');
                while let Some(inner) = rest.next_if(|&inner| inner != '\n') {
                    if inner == '\\' {
                        rest.next();
                    } else if inner == c {
                        break;
                    }
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// Identifiers and numbers, and every other character on its own.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let length = if is_word_char(first) {
            rest.find(|c| !is_word_char(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(length);
        rest = tail;
        Some(token)
    })
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// The names that the declarations of file scope in `code` introduce.
fn own_names(code: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0_usize;
    // Branches of one conditional start at the same depth, although each may
    // open a bracket of its own.
    let mut conditionals = Vec::new();
    // The declaration so far, with what is in its braces, which only those of
    // an enumeration need.
    let mut declaration: Vec<(&str, usize)> = Vec::new();
    for token in code {
        match token.as_str() {
            "#if" | "#ifdef" | "#ifndef" => conditionals.push(depth),
            "#else" | "#elif" => depth = conditionals.last().copied().unwrap_or(depth),
            "#endif" => {
                conditionals.pop();
            }
            ";" if depth == 0 => {
                introduced(&declaration, &mut names);
                declaration.clear();
            }
            token => {
                if token == "}" {
                    depth = depth.saturating_sub(1);
                }
                declaration.push((token, depth));
                if token == "{" {
                    depth += 1;
                }
                // The end of a function: nothing follows its body.
                if token == "}" && depth == 0 && has_parameters(&declaration) {
                    introduced(&declaration, &mut names);
                    declaration.clear();
                }
            }
        }
    }
    names
}

/// Whether the declaration is a function: its body comes right after `)`.
fn has_parameters(declaration: &[(&str, usize)]) -> bool {
    declaration
        .windows(2)
        .any(|pair| matches!(pair, [(")", 0), ("{", 0)]))
}

/// Adds the names that one declaration of file scope introduces.
fn introduced(declaration: &[(&str, usize)], names: &mut BTreeSet<String>) {
    let outer: Vec<&str> = declaration
        .iter()
        .filter(|(_, depth)| *depth == 0)
        .map(|(token, _)| *token)
        .collect();
    tags_and_enumerators(declaration, names);
    if outer.contains(&"typedef") {
        // `typedef … name`, `typedef … (*name)(…)`, `typedef … name[4]`.
        let pointer = outer
            .windows(3)
            .find(|w| w[0] == "(" && w[1] == "*" && is_word(w[2]))
            .map(|w| w[2]);
        let end = outer.iter().position(|t| *t == "[").unwrap_or(outer.len());
        let name = pointer.or_else(|| outer[..end].iter().rev().copied().find(|t| is_word(t)));
        names.extend(name.map(str::to_owned));
    } else if outer.contains(&"static") {
        // What a bracket, an initialiser, a comma or the end follows is a
        // declarator, or a macro that looks like one.
        let mut parentheses = 0_usize;
        for (index, token) in outer.iter().enumerate() {
            match *token {
                "(" => parentheses += 1,
                ")" => parentheses = parentheses.saturating_sub(1),
                word if parentheses == 0 && is_word(word) => {
                    if matches!(outer.get(index + 1), None | Some(&("(" | "=" | "[" | ","))) {
                        names.insert(word.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
}

fn tags_and_enumerators(declaration: &[(&str, usize)], names: &mut BTreeSet<String>) {
    for (index, pair) in declaration.windows(2).enumerate() {
        let [(kind, _), (next, depth)] = pair else {
            continue;
        };
        if !matches!(*kind, "struct" | "union" | "enum") {
            continue;
        }
        let open = index + if is_word(next) { 2 } else { 1 };
        if declaration.get(open).map(|(token, _)| *token) != Some("{") {
            continue;
        }
        if is_word(next) {
            names.insert((*next).to_owned());
        }
        if *kind == "enum" {
            let body = declaration[open..]
                .windows(2)
                .take_while(|w| !(w[0].0 == "}" && w[0].1 == *depth));
            for pair in body {
                if matches!(pair[0].0, "{" | ",") && is_word(pair[1].0) {
                    names.insert(pair[1].0.to_owned());
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
