//! Failure of allocation: whatever fails, there is an error or an answer, and never a
//! crash, a leak or a closure that is not told.
//!
//! Here and not in `tests/`, because an allocator is unsafe. c-ares takes one for the whole
//! process and before anything else, so each test runs again in a child process, which forks
//! once more for each allocation: the first one fails, or the second, and so on until there
//! are no more; alone, and with all that follow.
//!
//! A new operation is one row of the table at the end.

mod allocator;
mod carried;
mod fork;
mod known;
mod run;
mod trace;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use allocator::Failing;
use run::{Drive, Operation, Run};
use trace::Names;

/// The address of the server and the folder of files, for the child.
const CHILD: &str = "C_ARES_TEST_ALLOCATION";

/// If it is set, every allocation is tried in every way. Otherwise all of them alone on a
/// driven channel, and some of them in the other ways.
const EVERY: &str = "C_ARES_TEST_EVERY_ALLOCATION";

/// Runs the test once more in a child that has the allocator.
fn attack(name: &str, operation: Operation) {
    if let Some(told) = std::env::var_os(CHILD) {
        let told = told.into_string().unwrap();
        let (server, folder) = told.split_once(' ').unwrap();
        return attack_all(operation, server.parse().unwrap(), Path::new(folder));
    }
    let server = testserver::Server::builder()
        .zone(include_str!("../../../testserver/zones/example.zone"))
        .rule("silent.example.com", testserver::Rule::drop())
        .rule("mail.example.com", testserver::Rule::truncate())
        .start()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name, text| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "hosts",
        "192.0.2.7 known.example.com known\n2001:db8::7 known.example.com\n",
    );
    file(
        "resolv.conf",
        "search example.org example.net\noptions ndots:2 timeout:1\nsortlist 192.0.2.0/24\n",
    );
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--test-threads=1", "--nocapture"])
        .arg(format!("ffi::allocation::{name}"))
        // Naming the functions of a panic takes seconds, in each process anew.
        .env("RUST_BACKTRACE", "0")
        .env(
            CHILD,
            format!("{} {}", server.address(), folder.path().display()),
        )
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

/// Runs the operation in all ways, with each allocation failing in turn.
fn attack_all(operation: Operation, server: SocketAddr, folder: &Path) {
    allocator::install();
    let every = std::env::var_os(EVERY).is_some();
    let mut names = Names::default();
    let mut bad = Vec::new();
    for drive in [Drive::Us, Drive::EventThread] {
        for failing in [Failing::Once, Failing::FromThenOn] {
            let attempt = |nth| {
                let run = Run::new(server, folder.to_owned(), drive);
                run::attempt(run, operation, nth, failing)
            };
            let step = if every || (drive, failing) == (Drive::Us, Failing::Once) {
                1
            } else {
                29
            };
            let outcomes = fork::in_forks(step, attempt, |nth, outcome, trace| {
                let functions = trace.functions(&mut names);
                if !known::is_known(outcome, &functions) {
                    let functions: Vec<_> = functions
                        .into_iter()
                        .filter(|name| name.starts_with("ares"))
                        .collect();
                    bad.push(format!(
                        "{drive:?} {failing:?} {nth}: {outcome:?} {functions:?}"
                    ));
                }
            });
            eprintln!("{drive:?}, {failing:?}: {outcomes:?}");
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// One test for each row.
macro_rules! operations {
    ($($name:ident = $kind:ident: $operation:expr;)+) => {
        $(
            #[test]
            fn $name() {
                attack(stringify!($name), Operation::$kind($operation));
            }
        )+
    };
}

use crate::{
    A, EdnsOption, Flags, Header, Hints, LookupSource, Message, NameInfoFlags, Opt, Query, RData,
    Record, RecordType, Section, Txt,
};

/// A message built, written, parsed and changed.
fn message_and_back() -> crate::Result<()> {
    let mut message = Message::query("www.example.com", RecordType::TXT)?;
    let strings = vec![b"one".to_vec(), Vec::new()];
    message.add_record(
        Section::Answer,
        &Record::new("www.example.com", 1, Txt { strings }),
    )?;
    message.set_edns(Some(&Opt {
        options: vec![EdnsOption::Padding(8)],
        ..Opt::default()
    }))?;
    let mut parsed = Message::parse(&message.write()?)?;
    parsed.set_question_name(0, "example.com")?;
    parsed.set_header(Header {
        flags: crate::HeaderFlags::QR,
        ..parsed.header()
    })?;
    assert_eq!(parsed.records::<RData>(Section::Answer)?.len(), 1);
    parsed.retain_records(Section::Answer, |_| false)
}

operations! {
    building = Builds: |builder| builder;
    building_with_everything = Builds: |builder| builder
        .flags(Flags::USEVC)
        .lookups([LookupSource::Dns])
        .sortlist(["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()])
        .local_ipv4(std::net::Ipv4Addr::LOCALHOST)
        .local_ipv6(std::net::Ipv6Addr::LOCALHOST)
        .local_device("lo")
        .server_failover(1, std::time::Duration::ZERO)
        .rotate(true)
        .on_server_state(|_| ())
        .on_socket_created(|_| Ok(()));
    building_for_an_interface = Builds: |builder| builder
        .servers(["[fe80::1%lo]:53".parse::<crate::Server>().unwrap()]);
    query = Uses: |run| run.channel().query::<A>("www.example.com", run.told());
    query_over_tcp = Uses: |run| run.channel().query::<A>("mail.example.com", run.told());
    query_from_the_cache = Uses: |run| {
        run.channel().query::<A>("www.example.com", run.told());
        let _ = run.drive();
        run.channel().query::<A>("www.example.com", run.told());
    };
    search = Uses: |run| run.channel().search::<A>("www", run.told());
    addrinfo = Uses: |run| run.channel().addrinfo("shop", &Hints::new().service("80"), run.told());
    addrinfo_of_the_hosts_file = Uses: |run| run.channel().addrinfo("known", &Hints::new(), run.told());
    addrinfo_of_localhost = Uses: |run| run.channel().addrinfo("localhost", &Hints::new(), run.told());
    addrinfo_of_an_address = Uses: |run| run.channel().addrinfo("192.0.2.1", &Hints::new(), run.told());
    addrinfo_local = Uses: |run| run.channel().addrinfo_local(&Hints::new().port(80), run.told());
    nameinfo = Uses: |run| run.channel().nameinfo(
        "192.0.2.80:80".parse().unwrap(),
        NameInfoFlags::LOOKUPHOST | NameInfoFlags::LOOKUPSERVICE,
        run.told(),
    );
    nameinfo_of_the_hosts_file = Uses: |run| run.channel().nameinfo(
        "192.0.2.7:80".parse().unwrap(),
        NameInfoFlags::LOOKUPHOST,
        run.told(),
    );
    reverse = Uses: |run| run.channel().reverse("192.0.2.80".parse().unwrap(), run.told());
    exchange = Uses: |run| match Message::query("www.example.com", RecordType::A) {
        Ok(message) => {
            let told = run.told();
            run.channel().exchange(&message, move |response| {
                told(response.and_then(|response| response.message.try_clone()));
            });
        }
        Err(error) => run.keep(Err::<(), _>(error)),
    };
    search_message = Uses: |run| match Message::query("www", RecordType::A) {
        Ok(message) => {
            let told = run.told();
            run.channel().search_message(&message, move |response| told(response.map(drop)));
        }
        Err(error) => run.keep(Err::<(), _>(error)),
    };
    query_in_another_manner = Uses: |run| {
        let query = Query::new("www.example.com").dnssec_ok(true);
        run.channel().query_type(query, RecordType::A, run.told());
    };
    query_over_a_transport = Uses: |run| {
        run.build_over_transport();
        if let Some(channel) = &run.channel {
            channel.query::<A>("www.example.com", run.told());
        }
    };
    message = Uses: |run| run.keep(message_and_back());
    hosts_file = Uses: |run| run.keep(run.channel().hosts_file("known", crate::Family::Any));
    set_servers = Uses: |run| {
        run.keep(run.channel().set_servers(["127.0.0.1:5301", "[::1]:5302"].map(|text| text.parse::<crate::Server>().unwrap())));
    };
    set_servers_under_way = Uses: |run| {
        run.channel().query::<A>("silent.example.com", run.told());
        run.keep(run.channel().set_servers([run.server, "127.0.0.1:9".parse().unwrap()]));
        run.keep(run.channel().set_servers([run.server]));
        run.keep(run.channel().cancel_all());
    };
    servers = Uses: |run| run.keep(run.channel().servers());
    reload = Uses: |run| {
        run.channel().query::<A>("www.example.com", run.told());
        run.keep(run.channel().reload());
    };
    cancel = Uses: |run| {
        run.channel().query::<A>("silent.example.com", run.told());
        run.channel().search::<A>("silent", run.told());
        run.channel().addrinfo("silent", &Hints::new(), run.told());
        run.keep(run.channel().cancel_all());
    };
    drop_under_way = Uses: |run| {
        run.channel().query::<A>("silent.example.com", run.told());
        run.channel().query::<A>("mail.example.com", run.told());
        run.channel().addrinfo("silent", &Hints::new(), run.told());
        run.channel().nameinfo("192.0.2.80:80".parse().unwrap(), NameInfoFlags::LOOKUPHOST, run.told());
        run.channel = None;
    };
}
