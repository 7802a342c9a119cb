//! Values in JSON, as people write them, and in a binary format.

mod common;

#[path = "zone_file/ask.rs"]
mod ask;
#[allow(dead_code)] // the other test of records uses the rest
#[path = "zone_file/corpus.rs"]
mod corpus;

#[path = "message/sample.rs"]
mod sample;

use std::fmt::Debug;

use c_ares::{
    A, AddrInfo, Answer, Base64, Class, EdnsOption, ExtendedErrorCode, Header, HeaderFlags, Hex,
    HostsEntry, Message, Mx, Name, NameInfo, Opt, OptionCode, Other, Protocol, RData, Rcode,
    Record, RecordType, Section, Server, ServerState, SocketType, Subnet, SvcKey, SvcParam, Text,
    Txt, Uri, UriText, Word,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Asserts that both formats give the value back, and returns its JSON.
#[track_caller]
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&read, value, "{text}");
    let bytes = postcard::to_allocvec(value).unwrap();
    let (read, rest) = postcard::take_from_bytes::<T>(&bytes).unwrap();
    assert_eq!((&read, rest), (value, &[][..]), "{bytes:?}");
    for length in 0..bytes.len() {
        assert!(postcard::from_bytes::<T>(&bytes[..length]).is_err());
    }
    text
}

/// Asserts that this JSON is a value, which has this JSON.
#[track_caller]
fn json<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) -> T {
    let value: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(round_trip(&value), text);
    value
}

#[test]
fn records_of_each_type_come_back() {
    let mut records = corpus::hard();
    records.extend(corpus::generated(300, 9460));
    let mut types = std::collections::BTreeSet::new();
    for answer in ask::answers(&records) {
        let answer = answer.unwrap();
        let text = round_trip(&answer);
        let read: Answer<RData> = serde_json::from_str(&text).unwrap();
        // Names compare without regard to case; their text is the same, too.
        assert_eq!(read.records[0].to_string(), answer.records[0].to_string());
        types.insert(c_ares::RecordData::record_type(&answer.records[0].data));
    }
    assert_eq!(types.len(), 17 + 3, "{types:?}");
}

#[test]
fn an_answer_looks_as_people_write_it() {
    let answer: Answer<RData> = json(
        r#"{"records":[{"name":"example.com.","class":"IN","ttl":300,"data":{"MX":{"preference":10,"exchange":"mail.example.com."}}}],"timeouts":1,"authenticated":true,"id":34}"#,
    );
    assert_eq!(answer.timeouts, 1);
    let line = "example.com. 300 IN MX 10 mail.example.com.";
    assert_eq!(answer.records[0].to_string(), line);
    // Of a type that is known, the type is not told.
    let record: Record<Mx> = json(
        r#"{"name":".","class":"CLASS42","ttl":4294967295,"data":{"preference":0,"exchange":"a\\.b."}}"#,
    );
    assert_eq!(record.to_string(), r". 4294967295 CLASS42 MX 0 a\.b.");
}

#[test]
fn data_looks_as_people_write_it() {
    let data = [
        r#"{"A":{"address":"192.0.2.1"}}"#,
        r#"{"AAAA":{"address":"2001:db8::1"}}"#,
        r#"{"TXT":{"strings":["YSAiYiI=","","gP8="]}}"#,
        r#"{"HINFO":{"cpu":"a \\ b","os":"\""}}"#,
        r#"{"SIG":{"type_covered":"TYPE0","algorithm":5,"labels":2,"original_ttl":1,"expiration":2,"inception":3,"key_tag":4,"signer":"\\255.","signature":"+/8="}}"#,
        r#"{"TLSA":{"usage":3,"selector":1,"matching":1,"data":"q80="}}"#,
        r#"{"URI":{"priority":1,"weight":2,"target":"https://example.com/\"ü\""}}"#,
        r#"{"CAA":{"flags":128,"tag":"issue","value":"AP8="}}"#,
        r#"{"HTTPS":{"priority":1,"target":".","params":[{"mandatory":["alpn","key667"]},{"alpn":["aDI=","XCw="]},"no-default-alpn",{"port":443},{"ipv4hint":["192.0.2.1"]},{"ech":"AAE="},{"ipv6hint":["::1"]},{"other":{"key":"key667","value":""}},{"other":{"key":"port","value":"AQ=="}}]}}"#,
        r#"{"OPT":{"udp_size":1232,"version":0,"flags":32768,"options":[{"nsid":""},{"client-subnet":{"subnet":"192.0.2.0/24","scope":0}},{"cookie":{"client":"AAECAwQFBgc=","server":""}},{"tcp-keepalive":null},{"padding":5},{"extended-error":{"code":22,"text":"why"}},{"other":{"code":"CHAIN","data":"/w=="}}]}}"#,
        r#"{"SSHFP":"BAKr"}"#,
        r#"{"TYPE65280":""}"#,
    ];
    for text in data {
        json::<RData>(text);
    }
}

#[test]
fn in_a_binary_format_data_has_numbers_and_bytes() {
    let data: RData = json(r#"{"A":{"address":"192.0.2.1"}}"#);
    assert_eq!(postcard::to_allocvec(&data).unwrap(), [1, 192, 0, 2, 1]);
    let data: RData = json(r#"{"TYPE65280":"/w=="}"#);
    assert_eq!(
        postcard::to_allocvec(&data).unwrap(),
        [0x80, 0xfe, 3, 1, 255]
    );
    assert_eq!(postcard::to_allocvec(&Class::CH).unwrap(), [3]);
    assert_eq!(
        postcard::to_allocvec(&Base64(vec![0xff])).unwrap(),
        [1, 255]
    );
}

#[test]
fn what_channels_tell_besides_comes_back() {
    let info: AddrInfo = json(
        r#"{"name":"www.example.","addresses":[{"address":"[2001:db8::1]:443","socket_type":"STREAM","protocol":"TCP","ttl":60},{"address":"192.0.2.1:0","socket_type":"ANY","protocol":"200","ttl":0}],"aliases":[{"alias":"a.example.","canonical":"www.example.","ttl":5}],"timeouts":0}"#,
    );
    assert_eq!(info.addresses[0].protocol, Protocol::TCP);
    json::<AddrInfo>(r#"{"name":null,"addresses":[],"aliases":[],"timeouts":7}"#);
    json::<HostsEntry>(r#"{"name":"a.","aliases":["b.","c.d."],"addresses":["::1","127.0.0.1"]}"#);
    json::<NameInfo>(r#"{"host":"mail.example.com","service":null,"timeouts":0}"#);
    json::<ServerState>(r#"{"server":"192.0.2.1:53","success":true,"tcp":false}"#);
}

#[test]
fn servers_and_networks_are_text() {
    for server in [
        "192.0.2.1",
        "[2001:db8::1]:5353",
        "fe80::1%eth0",
        "dns://[fe80::1%eth0]:53?tcpport=5353",
        "dns://192.0.2.1:53?tcpport=0",
    ] {
        let value: Server = json(&format!("{server:?}"));
        assert_eq!(value.to_string(), server);
    }
    for subnet in ["192.0.2.0/24", "::/0"] {
        json::<Subnet>(&format!("{subnet:?}"));
    }
}

#[test]
fn small_values_have_the_form_that_they_have_inside() {
    assert_eq!(round_trip(&Hex(vec![0xab])), r#""qw==""#);
    assert_eq!(round_trip(&Base64(Vec::new())), r#""""#);
    assert_eq!(round_trip(&Text(vec![0, 255])), r#""AP8=""#);
    assert_eq!(round_trip(&Word::from("issue".to_owned())), r#""issue""#);
    assert_eq!(round_trip(&UriText::from("x:\n".to_owned())), r#""x:\n""#);
    assert_eq!(round_trip(&SvcKey(7)), r#""key7""#);
    assert_eq!(round_trip(&SvcKey::IPV4HINT), r#""ipv4hint""#);
    assert_eq!(round_trip(&SvcParam::NoDefaultAlpn), r#""no-default-alpn""#);
    assert_eq!(round_trip(&SocketType(-7)), r#""-7""#);
    assert_eq!(round_trip(&Class(65535)), r#""CLASS65535""#);
    for name in ["", "a", r"a\.b.\255\000", "A b"] {
        round_trip(&Name::from(name));
    }
    json::<Other>(r#"{"record_type":"LOC","data":"AA=="}"#);
    for number in 0..=u16::MAX {
        let text = serde_json::to_string(&RecordType(number)).unwrap();
        let read: RecordType = serde_json::from_str(&text).unwrap();
        assert_eq!(read, RecordType(number));
    }
}

#[test]
fn what_people_write_otherwise_is_read() {
    let record: Record<A> = serde_json::from_str(
        r#"{"ttl":1,"data":{"address":"192.0.2.1"},"class":"in","name":"Example.COM"}"#,
    )
    .unwrap();
    assert_eq!(record.to_string(), "Example.COM. 1 IN A 192.0.2.1");
    let key: SvcKey = serde_json::from_str(r#""KEY3""#).unwrap();
    assert_eq!(key, SvcKey::PORT);
    // From a value in memory, too, whose texts are not borrowed.
    let value = serde_json::json!({"mx": {"preference": 1, "exchange": ""}});
    let data: RData = serde_json::from_value(value).unwrap();
    assert_eq!(data.to_string(), "1 .");
}

#[track_caller]
fn assert_refused<T: DeserializeOwned + Debug>(text: &str, parts: &[&str]) {
    let error = serde_json::from_str::<T>(text).unwrap_err().to_string();
    for part in parts {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_value() {
    assert_refused::<RecordType>(r#""MXX""#, &["record type", "MXX", "TYPE and its number"]);
    assert_refused::<RecordType>("15", &["15", "string"]);
    assert_refused::<Class>(r#""CLASS65536""#, &["CLASS65536"]);
    assert_refused::<SvcKey>(r#""key+1""#, &["SVCB key", "key+1"]);
    assert_refused::<Protocol>(r#""TPC""#, &["protocol", "TPC", "or its number"]);
    assert_refused::<Name>(r#""a\\256.example""#, &["escape", r"a\\256.example"]);
    assert_refused::<Name>(r#""a\\""#, &["escape"]);
    assert_refused::<Name>(r#""a..""#, &["a..", "a label is empty"]);
    assert_refused::<Server>(r#""192.0.2.1:port""#, &["192.0.2.1:port"]);
    assert_refused::<Subnet>(r#""192.0.2.0/33""#, &["192.0.2.0/33"]);
    assert_refused::<Text>(r#""A""#, &["base 64", r#""A""#]);
    assert_refused::<Txt>(r#"{"strings":["QQ==","é"]}"#, &["base 64", "é"]);
    assert_refused::<Mx>(r#"{"preference":65536,"exchange":"a"}"#, &["65536"]);
    assert_refused::<Mx>(r#"{"preference":1}"#, &["exchange"]);
    assert_refused::<A>(r#"{"address":"192.0.2"}"#, &["IPv4"]);
    assert_refused::<Uri>(r#"{"priority":1,"weight":1,"target":1}"#, &["string"]);
    assert_refused::<SvcParam>(r#"{"prot":1}"#, &["prot"]);
    assert_refused::<c_ares::EdnsOption>(
        r#"{"cookie":{"client":"AA==","server":""}}"#,
        &["1 bytes in place of 8"],
    );
    assert_refused::<RData>("{}", &["a record type and the data"]);
    assert_refused::<RData>("[]", &["a record type and the data"]);
    assert_refused::<RData>(r#"{"MXX":1}"#, &["MXX"]);
    assert_refused::<RData>(r#"{"A":"wAACAQ=="}"#, &["wAACAQ=="]);
    assert_refused::<RData>(r#"{"TYPE7":"","LOC":""}"#, &["TYPE7", "LOC"]);
}

/// Somebody may have put them there, and they need not be what the type calls for.
#[test]
fn bytes_of_a_type_with_a_structure_stay_bytes() {
    let data: RData = json(r#"{"TYPE15":"AA=="}"#);
    assert!(matches!(&data, RData::Other(other) if other.record_type == RecordType::MX));
    assert_eq!(postcard::to_allocvec(&data).unwrap(), [0x8f, 0x80, 4, 1, 0]);
    // A type without one has one spelling.
    let data: RData = serde_json::from_str(r#"{"type44":"AA=="}"#).unwrap();
    assert_eq!(round_trip(&data), r#"{"SSHFP":"AA=="}"#);
    let error = postcard::from_bytes::<RData>(&[0x80, 0x80, 8, 1, 0]).unwrap_err();
    assert_eq!(error, postcard::Error::SerdeDeCustom);
}

/// Bytes that are no value, or another one, are never worse than that.
#[test]
fn spoilt_bytes_do_no_harm() {
    let records: Vec<_> = corpus::hard().into_iter().step_by(5).collect();
    let mut refused = 0;
    for answer in ask::answers(&records) {
        let good = postcard::to_allocvec(&answer.unwrap()).unwrap();
        for at in 0..good.len() {
            for bit in [1, 0x80] {
                let mut bytes = good.clone();
                bytes[at] ^= bit;
                match postcard::from_bytes::<Answer<RData>>(&bytes) {
                    Ok(answer) => {
                        let again = postcard::to_allocvec(&answer).unwrap();
                        assert_eq!(postcard::from_bytes(&again), Ok(answer));
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_message_looks_as_people_write_it() {
    let message: Message = json(concat!(
        r#"{"header":{"id":4711,"flags":"qr rd","opcode":"QUERY","rcode":"NXDOMAIN"},"#,
        r#""questions":[{"name":"example.com.","record_type":"MX","class":"IN"}],"#,
        r#""answer":[],"#,
        r#""authority":[{"name":"example.com.","class":"IN","ttl":60,"data":{"TYPE65280":"AQI="}}],"#,
        r#""additional":[{"name":".","class":"IN","ttl":0,"data":{"OPT":{"udp_size":1232,"#,
        r#""version":0,"flags":32768,"options":[{"padding":2}]}}}]}"#,
    ));
    assert_eq!(message.header().rcode, Rcode::NXDOMAIN);
    assert!(message.header().flags.contains(HeaderFlags::QR));
    assert_eq!(message.edns().unwrap().unwrap().flags, Opt::DNSSEC_OK);
}

#[test]
fn a_message_with_everything_comes_back() {
    let mut message = Message::new(Header {
        id: u16::MAX,
        flags: "qr aa tc rd ra ad cd".parse().unwrap(),
        rcode: Rcode::BADCOOKIE,
        ..Header::default()
    })
    .unwrap();
    message
        .add_question(r"a\.b.example", RecordType(65_280), Class::ANY)
        .unwrap();
    for section in Section::ALL {
        for record in sample::all() {
            message.add_record(section, &record).unwrap();
        }
    }
    let options = vec![
        EdnsOption::Nsid(vec![0xff]),
        EdnsOption::ClientSubnet {
            subnet: "2001:db8::/32".parse().unwrap(),
            scope: 1,
        },
        EdnsOption::Cookie {
            client: [0xff; 8],
            server: vec![1; 8],
        },
        EdnsOption::TcpKeepalive(None),
        EdnsOption::ExtendedError {
            code: ExtendedErrorCode(60_000),
            text: "\"".to_owned(),
        },
        EdnsOption::Other {
            code: OptionCode(65_001),
            data: Vec::new(),
        },
    ];
    message
        .set_edns(Some(&Opt {
            options,
            ..Opt::default()
        }))
        .unwrap();
    round_trip(&message);
}

#[test]
fn what_is_no_message_is_refused_with_a_reason() {
    let with = |header: &str, answer: &str| {
        let text = format!(
            r#"{{"header":{header},"questions":[],"answer":[{answer}],"authority":[],"additional":[]}}"#
        );
        serde_json::from_str::<Message>(&text)
            .unwrap_err()
            .to_string()
    };
    let header = |flags: &str, opcode: &str| {
        format!(r#"{{"id":1,"flags":"{flags}","opcode":"{opcode}","rcode":"NOERROR"}}"#)
    };
    let error = with(&header("qr zz", "QUERY"), "");
    assert!(error.contains(r#"flag of a header "zz""#), "{error}");
    let error = with(&header("", "OPCODE3"), "");
    assert!(error.contains("OPCODE3"), "{error}");
    let txt = r#"{"name":"a.","class":"IN","ttl":0,"data":{"TXT":{"strings":[]}}}"#;
    let error = with(&header("", "QUERY"), txt);
    assert!(
        error.contains("a. TXT: there is no string in it"),
        "{error}"
    );
}
