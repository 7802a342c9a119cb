//! What a shared library says of itself, read with binutils.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What one of the tools of binutils prints about a file.
pub(super) fn printed(tool: &str, arguments: &[&str], file: &Path) -> Result<String> {
    let output = Command::new(tool)
        .args(arguments)
        .arg(file)
        .env("LC_ALL", "C")
        .output()
        .with_context(|| format!("could not start {tool}"))?;
    ensure!(
        output.status.success(),
        "{tool} failed on {}:\n{}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The symbols that other files can use: kind, binding, name, and the size of what is data.
pub(super) fn exports(library: &Path) -> Result<BTreeSet<String>> {
    let table = printed("readelf", &["--dyn-syms", "-W"], library)?;
    let mut exports = BTreeSet::new();
    for line in table.lines() {
        // Num: Value Size Type Bind Vis Ndx Name
        let words: Vec<_> = line.split_whitespace().collect();
        let [number, _, size, kind, bind, _, section, name] = words[..] else {
            continue;
        };
        let is_symbol = number.trim_end_matches(':').parse::<u32>().is_ok();
        if !is_symbol || section == "UND" || bind == "LOCAL" {
            continue;
        }
        // A program that was linked before has room for data of that size.
        let size = if kind == "OBJECT" { size } else { "" };
        exports.insert(format!("{kind} {bind} {name} {size}").trim_end().to_owned());
    }
    ensure!(!exports.is_empty(), "{} exports nothing", library.display());
    Ok(exports)
}

/// The symbols that a library wants from others, without their versions.
pub(super) fn imports(library: &Path) -> Result<BTreeSet<String>> {
    let table = printed("nm", &["-D", "--undefined-only", "-P"], library)?;
    let names = table
        .lines()
        .filter_map(|line| line.split([' ', '@']).next());
    Ok(names.map(str::to_owned).collect())
}

/// The dynamic section and the program headers, as far as they matter here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) soname: String,
    pub(super) needed: Vec<String>,
    /// Everything is looked up at the start.
    pub(super) bind_now: bool,
    pub(super) relro: bool,
    pub(super) executable_stack: bool,
}

pub(super) fn header(library: &Path) -> Result<Header> {
    let dynamic = printed("readelf", &["-d", "-W"], library)?;
    let segments = printed("readelf", &["-l", "-W"], library)?;
    let values = |tag: &str| {
        let lines = dynamic.lines().filter(|line| line.contains(tag));
        let value = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
        lines.filter_map(value).collect::<Vec<_>>()
    };
    let stack = segments.lines().find(|line| line.contains("GNU_STACK"));
    Ok(Header {
        soname: values("(SONAME)").concat(),
        needed: values("(NEEDED)"),
        bind_now: dynamic.contains("BIND_NOW"),
        relro: segments.contains("GNU_RELRO"),
        // Without the line the kernel gives an executable one.
        executable_stack: stack.is_none_or(|line| line.contains("RWE")),
    })
}

/// The symbols, of those that are not exported too, that come from Rust.
pub(super) fn rust_symbols(library: &Path) -> Result<Vec<String>> {
    let names = printed("nm", &[], library)?;
    let names = names
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    let rust =
        |name: &&str| name.starts_with("_R") || name.starts_with("_ZN") || name.contains("rust_");
    Ok(names.filter(rust).map(str::to_owned).collect())
}

/// The size in bytes without symbols and debug information, as it is shipped.
pub(super) fn stripped_size(library: &Path, dir: &Path) -> Result<u64> {
    let stripped = dir.join("stripped");
    let stripped_name = stripped.display().to_string();
    printed("strip", &["-o", &stripped_name], library)?;
    Ok(std::fs::metadata(&stripped)?.len())
}

/// The file that a program would load for `soname`; `None`: it loads none.
pub(super) fn loads(
    program: &Path,
    soname: &str,
    library_path: Option<&Path>,
) -> Result<Option<String>> {
    let mut command = Command::new(program);
    command
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .env_remove("LD_LIBRARY_PATH");
    if let Some(path) = library_path {
        command.env("LD_LIBRARY_PATH", path);
    }
    let output = command
        .output()
        .with_context(|| format!("could not start {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        text.contains("libc.so.6"),
        "{} does not say what it loads",
        program.display()
    );
    let found = text.lines().find_map(|line| {
        let (name, file) = line.split_once(" => ")?;
        (name.trim() == soname).then(|| file.split(" (").next().unwrap_or(file).to_owned())
    });
    Ok(found)
}
