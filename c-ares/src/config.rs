//! `ares_config.h` and `ares_build.h` for the target.
//!
//! Upstream finds out with cmake or autotools, in some hundred compiles. The
//! answers are known for each system: they stand in [`table`], and only what
//! varies inside a system is asked of the compiler, in one or two compiles.

use std::fs;
use std::io;
use std::path::Path;

mod probe;
mod table;

use probe::Probe;
use table::{BUILD, CONFIG, Row, Systems, Value};

/// The macros that choose what the system headers declare. The C files and the
/// questions must be compiled with the same ones.
pub(crate) fn definitions(target: &str) -> &'static [(&'static str, Option<&'static str>)] {
    match system(target) {
        Some(system) if system & table::LINUX != 0 => &[
            ("_GNU_SOURCE", None),
            ("_POSIX_C_SOURCE", Some("200809L")),
            ("_XOPEN_SOURCE", Some("700")),
        ],
        Some(system) if system & table::APPLE != 0 => &[("_DARWIN_C_SOURCE", None)],
        Some(system) if system & table::WINDOWS != 0 => &[
            ("WIN32_LEAN_AND_MEAN", None),
            ("_CRT_SECURE_NO_DEPRECATE", None),
            ("_CRT_NONSTDC_NO_DEPRECATE", None),
        ],
        // On FreeBSD such macros hide declarations rather than add them.
        _ => &[],
    }
}

/// Writes `ares_config.h` and `ares_build.h` for `target` into `dir`.
///
/// `compiler` is a build for the target; it answers what varies inside one
/// system.
///
/// # Errors
///
/// When there is no configuration for the target ([`io::ErrorKind::Unsupported`]),
/// when the compiler does not work, and when a file cannot be written.
pub(crate) fn write(target: &str, compiler: &cc::Build, dir: &Path) -> io::Result<()> {
    let system = system(target).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::Unsupported,
            format!(
                "there is no c-ares configuration for the target {target}: it is written for \
                 Linux (glibc, musl), Android, Apple systems, FreeBSD and Windows (GNU, MSVC)"
            ),
        )
    })?;
    let mut compiler = compiler.clone();
    for (name, value) in definitions(target) {
        compiler.define(name, *value);
    }
    let mut probe = Probe::new(compiler, dir);
    let mut declares = |header: &str, name: Option<&str>| probe.declares(header, name);
    let config = evaluate(CONFIG, system, &mut declares)?;
    let build = evaluate(BUILD, system, &mut declares)?;
    fs::write(dir.join("ares_config.h"), config_header(system, &config))?;
    fs::write(dir.join("ares_build.h"), build_header(&build))
}

/// The system that a target runs, as a set of one.
fn system(target: &str) -> Option<Systems> {
    let parts: Vec<&str> = target.split('-').collect();
    let (architecture, rest) = parts.split_first()?;
    let has = |name: &str| rest.iter().any(|part| part.starts_with(name));
    // The order matters: Android's triples also say linux.
    let system = if has("android") {
        table::ANDROID
    } else if has("linux") && has("gnu") {
        table::GLIBC
    } else if has("linux") && (has("musl") || has("ohos")) {
        table::MUSL
    } else if has("apple") && (has("darwin") || has("macos")) {
        table::MACOS
    } else if has("apple") {
        table::IOS
    } else if has("freebsd") {
        table::FREEBSD
    } else if has("windows") && has("gnu") {
        table::MINGW
    } else if has("windows") && has("msvc") {
        match *architecture {
            "x86_64" | "aarch64" | "arm64ec" => table::MSVC64,
            _ => table::MSVC32,
        }
    } else {
        return None;
    };
    Some(system)
}

/// A define and its value.
type Defined = (&'static str, &'static str);

/// The rows that hold on a system, with the questions answered.
fn evaluate(
    rows: &[Row],
    system: Systems,
    declares: &mut dyn FnMut(&str, Option<&str>) -> io::Result<bool>,
) -> io::Result<Vec<Defined>> {
    let mut defined = Vec::new();
    for Row(name, systems, value) in rows {
        if systems & system == 0 {
            continue;
        }
        let text = match *value {
            Value::Is(text) => Some(text),
            Value::Header(header) => declares(header, None)?.then_some("1"),
            Value::Declared(header, name) => declares(header, Some(name))?.then_some("1"),
        };
        defined.extend(text.map(|text| (*name, text)));
    }
    Ok(defined)
}

/// The text of `ares_config.h`, which every C file includes before any other.
fn config_header(system: Systems, defined: &[Defined]) -> String {
    let mut text = String::from("/* Written by c-ares-src for this target. */\n");
    for (name, value) in defined {
        text += format!("#define {name} {value}").trim_end();
        text.push('\n');
    }
    if system & table::WINDOWS != 0 {
        // Windows 8, as upstream. On the command line it would clash with the
        // user's own choice, or with the compiler's.
        text += "#ifndef _WIN32_WINNT\n#define _WIN32_WINNT 0x0602\n#endif\n";
    }
    text
}

fn build_header(defined: &[Defined]) -> String {
    // Unlike ares_config.h it is included by the public headers, often twice.
    let mut text = String::from(
        "/* Written by c-ares-src for this target. */\n\
         #ifndef __CARES_BUILD_H\n#define __CARES_BUILD_H\n\n",
    );
    for (name, value) in defined {
        text += format!("#define {name} {value}").trim_end();
        text.push('\n');
    }
    text.push('\n');
    for (name, _) in defined {
        if let Some(header) = included(name) {
            text += &format!("#include <{header}>\n");
        }
    }
    text + "\n#endif /* __CARES_BUILD_H */\n"
}

/// The header that `ares_build.h` includes where a define of it holds. The two
/// of `arpa/` are left to `ares_nameser.h`.
fn included(define: &str) -> Option<&'static str> {
    Some(match define {
        "CARES_HAVE_SYS_TYPES_H" => "sys/types.h",
        "CARES_HAVE_SYS_SOCKET_H" => "sys/socket.h",
        "CARES_HAVE_SYS_SELECT_H" => "sys/select.h",
        "CARES_HAVE_WINSOCK2_H" => "winsock2.h",
        "CARES_HAVE_WS2TCPIP_H" => "ws2tcpip.h",
        "CARES_HAVE_WINDOWS_H" => "windows.h",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
