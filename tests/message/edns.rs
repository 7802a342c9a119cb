//! The OPT record and its options.

use c_ares::{
    EdnsOption, ExtendedErrorCode, Message, Opt, OptionCode, RData, Record, RecordType, Section,
};

fn query() -> Message {
    Message::query("www.example.com", RecordType::A).unwrap()
}

/// The options after a way over the wire.
fn over_the_wire(options: Vec<EdnsOption>) -> Vec<EdnsOption> {
    let mut message = query();
    message
        .set_edns(Some(&Opt {
            options,
            ..Opt::default()
        }))
        .unwrap();
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    parsed.edns().unwrap().unwrap().options
}

#[test]
fn typed_options_are_written_and_read_back() {
    let subnet = |text: &str, scope| EdnsOption::ClientSubnet {
        subnet: text.parse().unwrap(),
        scope,
    };
    let cookie = |server: &[u8]| EdnsOption::Cookie {
        client: *b"8 bytes!",
        server: server.to_vec(),
    };
    let error = |code, text: &str| EdnsOption::ExtendedError {
        code,
        text: text.to_owned(),
    };
    for option in [
        EdnsOption::Nsid(Vec::new()),
        EdnsOption::Nsid(b"fra\xff".to_vec()),
        subnet("0.0.0.0/0", 0),
        subnet("192.0.2.0/24", 24),
        subnet("192.0.2.128/25", 0),
        subnet("192.0.2.255/32", 32),
        subnet("2001:db8:ff00::/41", 0),
        subnet("::/0", 0),
        cookie(b""),
        cookie(b"8 bytes."),
        cookie(&[0xff; 32]),
        EdnsOption::TcpKeepalive(None),
        EdnsOption::TcpKeepalive(Some(u16::MAX)),
        EdnsOption::Padding(0),
        EdnsOption::Padding(468),
        error(ExtendedErrorCode::BLOCKED, ""),
        error(ExtendedErrorCode(60_000), "weil és so is"),
    ] {
        assert_eq!(over_the_wire(vec![option.clone()]), [option]);
    }
}

#[test]
fn bits_behind_the_prefix_are_not_sent() {
    let subnet = "192.0.2.255/25".parse().unwrap();
    let sent = over_the_wire(vec![EdnsOption::ClientSubnet { subnet, scope: 0 }]);
    assert_eq!(
        sent,
        [EdnsOption::ClientSubnet {
            subnet: "192.0.2.128/25".parse().unwrap(),
            scope: 0
        }]
    );
}

#[test]
fn a_value_that_does_not_fit_its_code_is_kept_as_bytes() {
    for (code, data) in [
        (OptionCode::ECS, &b""[..]),
        (OptionCode::ECS, b"\0\x01\x18\0\xc0\0"),
        (OptionCode::ECS, b"\0\x01\x18\0\xc0\0\x02\0"),
        (OptionCode::ECS, b"\0\x01\x17\0\xc0\0\x03"),
        (OptionCode::ECS, b"\0\x01\x21\0\xc0\0\x02\x01"),
        (OptionCode::ECS, b"\0\x03\0\0"),
        (OptionCode::ECS, b"\x01\x01\0\0"),
        (OptionCode::COOKIE, b"7 bytes"),
        (OptionCode::COOKIE, b"8 bytes and"),
        (OptionCode::COOKIE, &[0; 41]),
        (OptionCode::TCP_KEEPALIVE, b"\x01"),
        (OptionCode::TCP_KEEPALIVE, b"\x01\x02\x03"),
        (OptionCode::PADDING, b"\0\x01"),
        (OptionCode::EDE, b"\x01"),
        (OptionCode::EDE, b"\0\x01\xff"),
        (OptionCode::LLQ, b"anything"),
        (OptionCode(65_001), b""),
    ] {
        let option = EdnsOption::Other {
            code,
            data: data.to_vec(),
        };
        let read = over_the_wire(vec![option.clone()]);
        assert_eq!(read, std::slice::from_ref(&option));
        assert_eq!(option.code(), code);
        assert!(option.to_string().starts_with(&format!("; OPT={}", code.0)));
    }
}

#[test]
fn a_message_has_one_opt_record_or_none() {
    let mut message = query();
    assert_eq!(message.edns().unwrap(), Some(Opt::default()));
    assert_eq!(Opt::default().udp_size, 1232);
    let opt = Opt {
        udp_size: 512,
        version: 1,
        flags: 0x8001,
        options: vec![EdnsOption::Nsid(Vec::new())],
    };
    message.set_edns(Some(&opt)).unwrap();
    message.set_edns(Some(&opt)).unwrap();
    assert_eq!(message.record_count(Section::Additional), 1);
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    assert_eq!(parsed.edns().unwrap(), Some(opt.clone()));
    let records = parsed.records::<RData>(Section::Additional).unwrap();
    assert_eq!(records, [Record::new("", 0, RData::Opt(opt))]);
    message.set_edns(None).unwrap();
    assert_eq!(message.edns().unwrap(), None);
    assert_eq!(message.record_count(Section::Additional), 0);
}

#[test]
fn an_option_that_is_refused_leaves_the_old_record() {
    let mut message = query();
    let cookie = |length| EdnsOption::Cookie {
        client: *b"8 bytes!",
        server: vec![0; length],
    };
    for (options, reason) in [
        (
            vec![EdnsOption::Padding(1), EdnsOption::Padding(2)],
            "twice",
        ),
        (vec![cookie(1)], "8 to 32 bytes"),
        (vec![cookie(7)], "8 to 32 bytes"),
        (vec![cookie(33)], "8 to 32 bytes"),
    ] {
        let refused = message.set_edns(Some(&Opt {
            options,
            ..Opt::default()
        }));
        assert!(refused.unwrap_err().to_string().contains(reason));
        assert_eq!(message.edns().unwrap(), Some(Opt::default()));
    }
}

/// The purposes as the registry of the IANA has them.
#[test]
fn extended_errors_have_their_purposes() {
    for (code, purpose) in [
        (0, Some("Other")),
        (6, Some("DNSSEC Bogus")),
        (22, Some("No Reachable Authority")),
        (29, Some("Synthesized")),
        (60_000, None),
    ] {
        assert_eq!(ExtendedErrorCode::from(code).purpose(), purpose);
    }
    for (code, text) in [(22, "22 (No Reachable Authority)"), (60_000, "60000")] {
        assert_eq!(ExtendedErrorCode(code).to_string(), text);
    }
}
