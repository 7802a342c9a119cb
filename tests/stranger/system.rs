//! An environment and files that somebody wrote who is careless or worse.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use c_ares::{A, Channel, ErrorKind, Family, Hints, NameInfoFlags};

use crate::Count;
use crate::common::{BOUND, builder, child, is_child, query, server};

const RESOLV_CONF: &str = "C_ARES_TEST_RESOLV_CONF";
const HOSTS: &str = "C_ARES_TEST_HOSTS";

/// Looks everything up that goes by files and the environment, and reads them again.
fn look_up() {
    let server = server();
    let path = |variable| std::env::var_os(variable).unwrap_or("/dev/null".into());
    let channel = Channel::builder()
        .servers([server.address()])
        .resolv_conf(PathBuf::from(path(RESOLV_CONF)))
        .hosts_file(PathBuf::from(path(HOSTS)))
        .build_threaded()
        .unwrap();
    let (mut asked, told) = (0, Count::default());
    for name in ["mail.example.com", "mail", "host", "evil", ""] {
        channel.search::<A>(name, told.told());
        channel.addrinfo(name, &Hints::new(), told.told());
        drop(channel.hosts_file(name, Family::Any));
        asked += 2;
    }
    let address = "10.0.0.1:80".parse().unwrap();
    channel.nameinfo(address, NameInfoFlags::LOOKUPHOST, told.told());
    channel.reload().unwrap();
    assert!(channel.wait_idle(BOUND).unwrap());
    assert_eq!(told.get(), asked + 1);
}

/// Looks up in a process of its own, with these variables.
fn with(test: &str, variables: &[(&str, &OsStr)]) {
    let mut child = child(test);
    for variable in ["LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES", "CARES_HOSTS"] {
        child.env_remove(variable);
    }
    assert_passed(child.envs(variables.iter().copied()));
}

fn assert_passed(child: &mut Command) {
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let well = output.status.success() && text.contains("1 passed");
    assert!(well, "{child:?}: {output:?}");
}

#[test]
fn variables_may_say_anything() {
    let test = "system::variables_may_say_anything";
    if is_child(test) {
        return look_up();
    }
    let domains = [
        "",
        " ",
        "..",
        "\\",
        "é",
        "a\tb\n",
        &"a".repeat(60_000),
        &"d.e ".repeat(9_000),
    ];
    let options = [
        "ndots:",
        "ndots:-1 timeout:0 attempts:0",
        "ndots:99999999999999999999",
        "timeout:4294967295 attempts:2147483647",
        ":::: rotate: use-vc",
        &"ndots:1 ".repeat(9_000),
    ];
    for (at, domain) in domains.into_iter().enumerate() {
        let option = options[at % options.len()];
        let variables = [("LOCALDOMAIN", domain), ("RES_OPTIONS", option)];
        with(test, &variables.map(|(name, value)| (name, value.as_ref())));
    }
}

#[test]
fn files_may_hold_anything() {
    let test = "system::files_may_hold_anything";
    if is_child(test) {
        return look_up();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    // No folder: c-ares asks for 2^63 bytes to read one, which a sanitizer does not bear.
    let every_byte: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let files = [
        file("bytes", &every_byte),
        file("nul", b"10.0.0.1\0 host\n10.0.0.2 ho\0st host\nevil \0\nnameserver ::1\0\n"),
        file("long", format!("10.0.0.1 {} host\nevil {}", "x".repeat(70_000), "a.".repeat(400)).as_bytes()),
        file("aliases", format!("10.0.0.1 {}\n", "host ".repeat(3_000)).as_bytes()),
        file("domains", format!("search {}\nsortlist {}\n", "a.b ".repeat(9_000), "10/8 ".repeat(9_000)).as_bytes()),
        file("odd", b"999.1.1.1 host\n::g host\nnameserver fe80::1%nosuch\nnameserver [::1]:99999\noptions \nevil evil\\"),
        "/dev/zero".into(),
        "/nonexistent/file".into(),
    ];
    for path in &files {
        let path: &Path = path;
        let all = [RESOLV_CONF, HOSTS, "HOSTALIASES", "CARES_HOSTS"];
        with(test, &all.map(|variable| (variable, path.as_os_str())));
    }
}

/// Makes channels until there are no descriptors, and uses them.
fn use_up_descriptors() {
    let server = server();
    let mut channels = Vec::new();
    let error = loop {
        match builder(&server).build_threaded() {
            Ok(channel) => channels.push(channel),
            Err(error) => break error,
        }
        assert!(channels.len() < 100);
    };
    assert_eq!(error, ErrorKind::ServFail);
    for channel in &channels {
        if let Err(error) = query::<A>(channel, "mail.example.com") {
            assert_eq!(error, ErrorKind::ConnectionRefused);
        }
        drop(channel.reload());
        drop(channel.hosts_file("localhost", Family::V4));
    }
    channels.truncate(channels.len() / 2);
    let channel = builder(&server).build_threaded().unwrap();
    query::<A>(&channel, "mail.example.com").unwrap();
}

#[test]
fn without_descriptors_channels_say_so_and_work_again_later() {
    let test = "system::without_descriptors_channels_say_so_and_work_again_later";
    if is_child(test) {
        return use_up_descriptors();
    }
    let inner = child(test);
    let variables = inner.get_envs();
    assert_passed(
        Command::new("sh")
            .args(["-c", r#"ulimit -n 64 && exec "$0" "$@""#])
            .arg(inner.get_program())
            .args(inner.get_args())
            .envs(variables.filter_map(|(name, value)| Some((name, value?)))),
    );
}
