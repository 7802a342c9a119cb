//! `adig` and `ahost`, linked with our library and with upstream's, say the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::elf::loads;
use super::server::{server, was_asked};
use super::{Ground, bounded};
use crate::system::quietly;

/// The tool, and the objects that it is made of.
const TOOLS: [(&str, &[&str]); 2] = [
    ("adig", &["adig.dir/adig.c.o"]),
    (
        "ahost",
        &["ahost.dir/ahost.c.o", "ahost.dir/ares_getopt.c.o"],
    ),
];

/// What they are asked, `@` for the server, and something of the answer.
const QUESTIONS: [(&str, &[&str], &str); 15] = [
    ("adig", &["@", "www.example.com"], "192.0.2.81"),
    ("adig", &["@", "www.example.com", "AAAA"], "2001:db8::80"),
    ("adig", &["@", "example.com", "MX"], "mail.example.net"),
    ("adig", &["@", "example.com", "TXT"], "two strings, "),
    (
        "adig",
        &["@", "example.com", "SOA"],
        "hostmaster.example.com",
    ),
    ("adig", &["@", "example.com", "CAA"], "ca.example.net"),
    ("adig", &["@", "example.com", "HTTPS"], "h2,h3"),
    ("adig", &["@", "shop.example.com"], "store.example.com"),
    ("adig", &["@", "many.example.com", "AAAA"], "2001:db8:1::11"),
    ("adig", &["@", "+tcp", "www.example.com"], "192.0.2.80"),
    ("adig", &["@", "nowhere.example.com"], "NXDOMAIN"),
    ("ahost", &["-s", "@", "www.example.com"], "192.0.2.81"),
    (
        "ahost",
        &["-s", "@", "-t", "aaaa", "www.example.com"],
        "2001:db8::80",
    ),
    ("ahost", &["-s", "@", "shop.example.com"], "192.0.2.80"),
    (
        "ahost",
        &["-s", "@", "nowhere.example.com"],
        "Domain name not found",
    ),
];

pub(super) fn run(ground: &Ground) -> Result<()> {
    let dir = ground.folder("tools")?;
    for (tool, objects) in TOOLS {
        link(ground, objects, &dir.join(tool))?;
    }
    let server = server()?;
    let address = server.address().to_string();
    for (tool, question, part) in QUESTIONS {
        let said = |program: PathBuf| {
            let server = if tool == "adig" {
                format!("@{address}")
            } else {
                address.clone()
            };
            let mut command = Command::new(program);
            for word in question {
                command.arg(if *word == "@" { server.as_str() } else { word });
            }
            // No file of the user's changes what is asked or shown.
            command.env("HOME", &dir);
            let (success, text) = bounded(&mut command, 60, &dir)?;
            Ok::<_, anyhow::Error>((success, settled(&text)))
        };
        let ours = said(dir.join(tool))?;
        let theirs = said(ground.upstream.join("bin").join(tool))?;
        ensure!(
            ours == theirs,
            "{tool} {question:?} says with ours:\n{}\nand with upstream's:\n{}",
            ours.1,
            theirs.1
        );
        ensure!(
            ours.1.contains(part),
            "{tool} {question:?} does not say {part:?}:\n{}",
            ours.1
        );
        let name = question
            .iter()
            .find(|word| word.contains("example"))
            .context("a name")?;
        was_asked(&server, &format!("{name}."))?;
    }
    println!(
        "adig and ahost answer {} questions as with upstream's library",
        QUESTIONS.len()
    );
    Ok(())
}

/// Links the compiled tool with our library.
fn link(ground: &Ground, objects: &[&str], program: &Path) -> Result<()> {
    let folder = ground.upstream.join("src/tools/CMakeFiles");
    quietly(
        Command::new("cc")
            .args(objects.iter().map(|object| folder.join(object)))
            .arg("-L")
            .arg(ground.our_dir())
            .arg("-lcares")
            .arg(format!("-Wl,-rpath,{}", ground.our_dir().display()))
            .arg("-o")
            .arg(program),
    )?;
    let loaded = loads(program, &ground.ours.names.soname, None)?;
    ensure!(
        loaded.as_deref() == ground.our_library().to_str(),
        "{} loads {loaded:?}",
        program.display()
    );
    Ok(())
}

/// The text without what is never twice the same: ids, times, cookies.
fn settled(text: &str) -> String {
    let mut settled = String::new();
    for line in text.lines() {
        let line = match line {
            _ if line.contains("Query time:") || line.contains("WHEN:") => continue,
            _ if line.contains("COOKIE:") => continue,
            _ => match line.split_once(", id: ") {
                Some((before, _)) => before,
                None => line,
            },
        };
        settled += line;
        settled.push('\n');
    }
    settled
}
