//! Values that come from JSON or bytes: what is taken is a value like any other.

use std::fmt::Debug;

use c_ares::{
    A, AddrInfo, Answer, Channel, EdnsOption, Header, HostsEntry, Message, Name, NameInfo, Opt,
    RData, Record, RecordType, Server, ServerState, Subnet, SvcParam, Svcb,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Count;
use crate::common::{BOUND, channel, server};

/// Reads a text as a value; what is taken is written, and read back the same.
fn read<T: Serialize + DeserializeOwned + Debug>(text: &str, taken: &Count) {
    let Ok(value) = serde_json::from_str::<T>(text) else {
        return;
    };
    taken.add();
    let form = format!("{value:?}");
    let again: T = serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap();
    assert_eq!(format!("{again:?}"), form);
    let again: T = postcard::from_bytes(&postcard::to_allocvec(&value).unwrap()).unwrap();
    assert_eq!(format!("{again:?}"), form);
}

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "null",
        "0",
        "-1",
        "1e999",
        "65535",
        "65536",
        "4294967296",
        "18446744073709551616",
        "true",
        "[]",
        "{}",
        "[0]",
        "[65535]",
        r#""""#,
        r#"".""#,
        r#""..""#,
        r#""\u0000""#,
        r#""\\""#,
        r#""a\\256.b""#,
        r#""TYPE0""#,
        r#""TYPE65536""#,
        r#""CLASS99999999""#,
        r#""=""#,
        r#""AA==""#,
        r#""1.2.3.4/33""#,
        r#""1.2.3.4/-0""#,
        r#""::/129""#,
        r#""dns://[::1]:0?tcpport=99999""#,
        r#""fe80::1%\u0000""#,
        r#""1.1.1.1:65536""#,
        r#""key65536""#,
        r#"{"Padding":65535}"#,
        r#"{"Port":65536}"#,
        r#"{"Mandatory":[0]}"#,
    ]
    .map(str::to_owned)
    .into();
    texts.push("[".repeat(100_000));
    texts.push(r#"{"a":"#.repeat(100_000));
    texts.push(format!("{:?}", "a".repeat(1 << 16)));
    let data = [
        "{}",
        "null",
        r#"{"address":"::1"}"#,
        r#"{"address":"192.0.2.1"}"#,
        r#"{"strings":[]}"#,
        r#"{"strings":["AA=="],"strings":[]}"#,
        r#"{"udp_size":1,"version":255,"flags":65535,"options":[{"Padding":1},{"Padding":1}]}"#,
        r#"{"record_type":"A","data":"AA=="}"#,
        r#"{"record_type":"OPT","data":"AA=="}"#,
        r#"{"priority":1,"target":"\\","params":[{"Port":1},{"Port":2}]}"#,
    ];
    for data in data {
        texts.push(data.to_owned());
        for variant in [
            "A", "Aaaa", "Txt", "Opt", "Svcb", "Https", "Other", "Nothing",
        ] {
            texts.push(format!(r#"{{"{variant}":{data}}}"#));
            let record = r#"{"name":"x","class":"IN","ttl":1,"data":"#;
            texts.push(format!(r#"{record}{{"{variant}":{data}}}}}"#));
        }
    }
    texts
}

#[test]
fn what_is_taken_of_any_text_comes_back() {
    let taken = Count::default();
    for text in texts() {
        read::<Answer<A>>(&text, &taken);
        read::<Answer<RData>>(&text, &taken);
        read::<AddrInfo>(&text, &taken);
        read::<NameInfo>(&text, &taken);
        read::<HostsEntry>(&text, &taken);
        read::<ServerState>(&text, &taken);
        read::<Record<RData>>(&text, &taken);
        read::<RData>(&text, &taken);
        read::<Opt>(&text, &taken);
        read::<EdnsOption>(&text, &taken);
        read::<Svcb>(&text, &taken);
        read::<SvcParam>(&text, &taken);
        read::<Name>(&text, &taken);
        read::<RecordType>(&text, &taken);
        read::<Server>(&text, &taken);
        read::<Subnet>(&text, &taken);
        read::<Header>(&text, &taken);
        read::<Message>(&text, &taken);
    }
    assert!(taken.get() >= 20, "{}", taken.get());
}

fn parsed<T: DeserializeOwned>(texts: &[&str]) -> Vec<T> {
    let values = texts.iter().map(|text| serde_json::from_str(text));
    values.filter_map(std::result::Result::ok).collect()
}

fn ask_for_names(channel: &Channel, told: &Count) -> usize {
    let names: Vec<Name> = parsed(&[
        r#""""#,
        r#"".""#,
        r#""a..b""#,
        r#""a\u0000b""#,
        r#""www.example.com.""#,
        r#""é""#,
    ]);
    let types: Vec<RecordType> = parsed(&[r#""TYPE0""#, r#""OPT""#, r#""ANY""#, r#""TYPE65535""#]);
    for name in &names {
        for record_type in &types {
            channel.query_type(name, *record_type, told.told());
            channel.search_type(name, *record_type, told.told());
        }
    }
    2 * names.len() * types.len()
}

#[test]
fn what_is_taken_may_be_asked_for_and_set() {
    let server = server();
    let channel = channel(&server);
    let told = Count::default();
    let asked = ask_for_names(&channel, &told);
    assert!(channel.wait_idle(BOUND).unwrap());
    assert_eq!(told.get(), asked);
    let servers: Vec<Server> = parsed(&[
        r#""fe80::1%lo""#,
        r#""fe80::1%nosuch0""#,
        r#""fe80::1%4294967295""#,
        r#""[::]:65535""#,
        r#""dns://192.0.2.1:5?tcpport=6""#,
    ]);
    for one in servers {
        let before = channel.servers().unwrap();
        match channel.set_servers([one.clone()]) {
            Ok(()) => assert_eq!(channel.servers().unwrap()[0].address(), one.address()),
            Err(_) => assert_eq!(channel.servers().unwrap(), before),
        }
    }
}
