//! What c-ares does not take, or does not keep; it is documented at `Message`.

use c_ares::{
    A, Caa, Class, ErrorKind, Header, HeaderFlags, Hinfo, Message, Naptr, Ns, Opcode, Opt, Other,
    RData, Rcode, Record, RecordData, RecordType, Section, Srv, SvcKey, SvcParam, Svcb, Text, Tlsa,
    Txt, Uri, UriText, Word,
};

/// Of a message with the question `. A IN`: an id, the second half of the header, and records.
fn wire(flags: u16, counts: [u16; 4], records: &[u8]) -> Vec<u8> {
    let mut wire = vec![0x12, 0x34];
    wire.extend(flags.to_be_bytes());
    for count in counts {
        wire.extend(count.to_be_bytes());
    }
    for _ in 0..counts[0] {
        wire.extend([0, 0, 1, 0, 1]);
    }
    wire.extend(records);
    wire
}

fn again(wire: &[u8]) -> Vec<u8> {
    Message::parse(wire).unwrap().write().unwrap()
}

#[track_caller]
fn refused(wire: &[u8], reason: &str) {
    let error = Message::parse(wire).unwrap_err();
    let part = format!("{} bytes", wire.len());
    assert!(
        matches!(error.kind(), ErrorKind::BadMessage { part: found, .. } if *found == part),
        "{error:?}"
    );
    assert!(error.to_string().contains(reason), "{error}");
}

#[test]
fn what_is_no_message_is_refused_with_a_reason() {
    refused(&[], "no bytes");
    refused(&[0; 65_536], "more than 65,535");
    refused(&[0; 11], "not one message");
    refused(&wire(0, [0; 4], &[]), "one question");
    refused(&wire(0, [2, 0, 0, 0], &[]), "one question");
    refused(&wire(3 << 11, [1, 0, 0, 0], &[]), "opcode");
    refused(&wire(0, [1, 1, 0, 0], &[]), "not one message");
    let class = [0, 0, 1, 0, 42, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4];
    refused(&wire(0, [1, 1, 0, 0], &class), "class");
    let mut looped = wire(0, [1, 0, 0, 0], &[]);
    looped.truncate(12);
    looped.extend([0xc0, 12, 0, 1, 0, 1]);
    refused(&looped, "a name");
}

#[test]
fn the_bit_z_is_dropped() {
    assert_eq!(
        again(&wire(0x0140, [1, 0, 0, 0], &[])),
        wire(0x0100, [1, 0, 0, 0], &[])
    );
}

#[test]
fn an_rcode_that_is_not_known_becomes_servfail() {
    for rcode in 12..=15 {
        let message = Message::parse(&wire(rcode, [1, 0, 0, 0], &[])).unwrap();
        assert_eq!(message.header().rcode, Rcode::SERVFAIL);
    }
    let unknown_extended = [0, 0, 41, 4, 0xd0, 2, 0, 0, 0, 0, 0];
    let message = Message::parse(&wire(0, [1, 0, 0, 1], &unknown_extended)).unwrap();
    assert_eq!(message.header().rcode, Rcode::SERVFAIL);
    let badvers = [0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0];
    let message = Message::parse(&wire(0, [1, 0, 0, 1], &badvers)).unwrap();
    assert_eq!(message.header().rcode, Rcode::BADVERS);
}

#[test]
fn an_extended_rcode_needs_an_opt_record() {
    let mut message = Message::query("example.com", RecordType::A).unwrap();
    message.set_edns(None).unwrap();
    message
        .set_header(Header {
            rcode: Rcode::BADCOOKIE,
            ..message.header()
        })
        .unwrap();
    assert_eq!(message.header().rcode, Rcode::BADCOOKIE);
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    assert_eq!(parsed.header().rcode, Rcode::SERVFAIL);
}

#[test]
fn of_a_parameter_that_stands_twice_the_last_remains() {
    let svcb = [
        0, 0, 64, 0, 1, 0, 0, 0, 0, 0, 15, // owner, type, class, TTL, length
        0, 1, 0, // priority, target
        0, 3, 0, 2, 0, 80, // port=80
        0, 3, 0, 2, 1, 187, // port=443
    ];
    let message = Message::parse(&wire(0, [1, 1, 0, 0], &svcb)).unwrap();
    let records = message.records::<Svcb>(Section::Answer).unwrap();
    assert_eq!(records[0].data.params, [SvcParam::Port(443)]);
}

#[test]
fn unknown_data_of_no_bytes_is_parsed_and_copied_but_not_written() {
    let empty = [0, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let message = Message::parse(&wire(0, [1, 1, 0, 0], &empty)).unwrap();
    let expected = Record::new(
        "",
        0,
        RData::Other(Other {
            record_type: RecordType(0xff00),
            data: Vec::new(),
        }),
    );
    let records = message.records::<RData>(Section::Answer).unwrap();
    assert_eq!(records, [expected]);
    assert_eq!(message.write().unwrap_err(), ErrorKind::BadQuery);
    assert_eq!(message.try_clone().unwrap(), message);
    let mut built = Message::query("", RecordType::A).unwrap();
    for record in records {
        built.add_record(Section::Answer, &record).unwrap();
    }
    assert_eq!(built.write().unwrap_err(), ErrorKind::BadQuery);
}

/// Labels of 63 bytes that are written with four characters each.
fn escaped_name(labels: usize) -> Vec<u8> {
    let mut name = Vec::new();
    for _ in 0..labels {
        name.push(63);
        name.extend([0xff; 63]);
    }
    name.push(0);
    name
}

#[test]
fn a_name_of_more_than_511_characters_is_refused_rather_than_cut_off() {
    let target = escaped_name(3);
    let mut srv = vec![1, b' ', 0, 0, 33, 0, 1, 0, 0, 0, 0];
    srv.extend(u16::try_from(6 + target.len()).unwrap().to_be_bytes());
    srv.extend([0, 1, 0, 2, 0, 53]);
    srv.extend(target);
    let message = Message::parse(&wire(0, [1, 1, 0, 0], &srv)).unwrap();
    let records = message.records::<Srv>(Section::Answer).unwrap();
    assert!(records[0].data.target.len() > 511);
    assert_eq!(message.try_clone().unwrap(), message);
    let error = message.write().unwrap_err();
    assert!(error.to_string().contains("511"), "{error}");
    assert!(error.to_string().contains(r"\032. SRV"), "{error}");
}

#[test]
fn a_name_of_more_than_255_characters_is_not_written() {
    let exchange = escaped_name(2);
    let mut mx = vec![0, 0, 15, 0, 1, 0, 0, 0, 0];
    mx.extend(u16::try_from(2 + exchange.len()).unwrap().to_be_bytes());
    mx.extend([0, 1]);
    mx.extend(exchange);
    let message = Message::parse(&wire(0, [1, 1, 0, 0], &mx)).unwrap();
    assert_eq!(message.write().unwrap_err(), ErrorKind::BadQuery);
}

#[test]
fn names_that_are_none_are_seen_when_they_are_written() {
    for name in ["a..b", "with space", &"x".repeat(64), "ends.in\\"] {
        let message = Message::query(name, RecordType::A).unwrap();
        assert_eq!(message.write().unwrap_err(), ErrorKind::BadName, "{name}");
    }
    assert_eq!(
        Message::query("a\0b", RecordType::A).unwrap_err(),
        ErrorKind::BadName
    );
}

#[test]
fn a_name_with_an_empty_label_is_not_written_where_the_rest_is_compressed_either() {
    for name in [".example.com", "a..example.com", "..example.com"] {
        let mut message = Message::query("example.com", RecordType::A).unwrap();
        let ns = |server: &str| Ns {
            server: server.into(),
        };
        let by_owner = Record::new(name, 0, ns("example.com"));
        let by_data = Record::new("example.com", 0, ns(name));
        message.add_record(Section::Answer, &by_owner).unwrap();
        assert_eq!(message.write().unwrap_err(), ErrorKind::BadName, "{name}");
        message.retain_records(Section::Answer, |_| false).unwrap();
        message.add_record(Section::Answer, &by_data).unwrap();
        assert_eq!(message.write().unwrap_err(), ErrorKind::BadName, "{name}");
        message.retain_records(Section::Answer, |_| false).unwrap();
        message
            .add_question(name, RecordType::A, Class::IN)
            .unwrap();
        assert_eq!(message.write().unwrap_err(), ErrorKind::BadName, "{name}");
    }
    let mut message = Message::query(".", RecordType::A).unwrap();
    let ns = Ns {
        server: r"a\\.example\..".into(),
    };
    message
        .add_record(Section::Answer, &Record::new("", 0, ns))
        .unwrap();
    assert_eq!(again(&message.write().unwrap()), message.write().unwrap());
}

#[test]
fn an_escaped_dot_before_a_name_that_stands_already_is_not_written() {
    let mut message = Message::query("last.example.com", RecordType::NS).unwrap();
    for (target, writable) in [
        (r"first\.example.com", true),
        (r"first\.last.example.com", false),
    ] {
        let ns = Ns {
            server: target.into(),
        };
        message
            .add_record(Section::Answer, &Record::new("", 0, ns))
            .unwrap();
        assert_eq!(message.write().is_ok(), writable, "{target}");
    }
    assert_eq!(message.write().unwrap_err(), ErrorKind::BadName);
}

/// c-ares would put the bits of BADVERS into the record, and those of SERVFAIL into the header: BADTIME.
#[test]
fn an_extended_rcode_is_not_written_into_an_opt_record_of_another_section() {
    let badvers = [0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0];
    for counts in [[1, 1, 0, 0], [1, 0, 1, 0]] {
        let mut message = Message::parse(&wire(0, counts, &badvers)).unwrap();
        assert_eq!(message.header().rcode, Rcode::BADVERS);
        let error = message.write().unwrap_err();
        assert!(error.to_string().contains("BADVERS"), "{error}");
        message.set_edns(Some(&Opt::default())).unwrap();
        let read = Message::parse(&message.write().unwrap()).unwrap();
        assert_eq!(read.header().rcode, Rcode::BADVERS);
    }
}

#[test]
fn texts_of_other_bytes_than_ascii_are_written_and_refused() {
    let text = || "caf\u{e9}".to_owned();
    let records: [RData; 4] = [
        Hinfo {
            cpu: text(),
            os: String::new(),
        }
        .into(),
        Naptr {
            order: 1,
            preference: 1,
            flags: String::new(),
            services: String::new(),
            regexp: text(),
            replacement: ".".into(),
        }
        .into(),
        Uri {
            priority: 1,
            weight: 1,
            target: UriText(text()),
        }
        .into(),
        Caa {
            flags: 0,
            tag: Word(text()),
            value: Text(b"value".to_vec()),
        }
        .into(),
    ];
    for data in records {
        let mut message = Message::query("example.com", RecordType::ANY).unwrap();
        let record = Record::new("example.com", 60, data);
        message.add_record(Section::Answer, &record).unwrap();
        refused(&message.write().unwrap(), "a text in it");
    }
}

#[test]
fn a_message_that_is_too_long_is_not_written() {
    let mut message = Message::query("example.com", RecordType::TXT).unwrap();
    let strings = vec![vec![b'x'; 255]; 60];
    for _ in 0..5 {
        let record = Record::new(
            "example.com",
            0,
            Txt {
                strings: strings.clone(),
            },
        );
        message.add_record(Section::Answer, &record).unwrap();
    }
    assert_eq!(message.write().unwrap_err(), ErrorKind::BadQuery);
    let strings = vec![vec![b'x'; 255]; 300];
    let record = Record::new("example.com", 0, Txt { strings });
    message.retain_records(Section::Answer, |_| false).unwrap();
    message.add_record(Section::Answer, &record).unwrap();
    assert_eq!(message.write().unwrap_err(), ErrorKind::BadQuery);
}

#[track_caller]
fn not_added<T: RecordData>(data: T, reason: &str) {
    let mut message = Message::query("example.com", RecordType::A).unwrap();
    let record = Record::new("owner.example.com", 0, data);
    let error = message.add_record(Section::Answer, &record).unwrap_err();
    let text = error.to_string();
    let part = format!("owner.example.com. {}: ", record.data.record_type());
    assert!(text.starts_with(&part) && text.contains(reason), "{text}");
    assert_eq!(message.record_count(Section::Answer), 0);
}

#[test]
fn data_without_a_form_on_the_wire_is_refused_with_its_owner_type_and_a_reason() {
    let hinfo = |cpu: String| Hinfo {
        cpu,
        os: String::new(),
    };
    not_added(hinfo("x".repeat(256)), "longer than 255 bytes");
    not_added(hinfo("a\0b".to_owned()), "NUL");
    not_added(
        Txt {
            strings: Vec::new(),
        },
        "no string",
    );
    not_added(
        Tlsa {
            usage: 0,
            selector: 0,
            matching: 0,
            data: Vec::new().into(),
        },
        "missing",
    );
    not_added(
        Uri {
            priority: 0,
            weight: 0,
            target: String::new().into(),
        },
        "a URI is empty",
    );
    not_added(
        Caa {
            flags: 0,
            tag: String::new().into(),
            value: b"ca.example.net".to_vec().into(),
        },
        "a word in it is empty",
    );
    let svcb = |params| Svcb {
        priority: 1,
        target: "".into(),
        params,
    };
    not_added(
        svcb(vec![SvcParam::Port(1), SvcParam::Port(2)]),
        "stands in it twice",
    );
    for protocol in [vec![], vec![0; 256]] {
        let protocols = vec![b"h2".to_vec(), protocol];
        not_added(svcb(vec![SvcParam::Alpn(protocols)]), "1 to 255 bytes");
    }
    for nothing in [
        SvcParam::Mandatory(vec![]),
        SvcParam::Alpn(vec![]),
        SvcParam::Ipv4Hint(vec![]),
        SvcParam::Ech(vec![]),
        SvcParam::Ipv6Hint(vec![]),
    ] {
        not_added(svcb(vec![nothing]), "lacks its value");
    }
    let value = vec![0; 65_536];
    let key = SvcKey(7);
    not_added(svcb(vec![SvcParam::Other { key, value }]), "too long");
}

#[test]
fn what_c_ares_does_not_know_is_refused_with_its_number() {
    let address = [192, 0, 2, 1].into();
    let mut message = Message::query("example.com", RecordType::A).unwrap();
    for class in [Class::ANY, Class(42)] {
        let record = Record::new("example.com", 0, A { address }).with_class(class);
        let error = message.add_record(Section::Answer, &record).unwrap_err();
        assert!(error.to_string().contains("example.com. A"), "{error}");
    }
    let error = message
        .add_question("example.com", RecordType::A, Class(42))
        .unwrap_err();
    assert!(error.to_string().contains("CLASS42"), "{error}");
    for (opcode, rcode) in [
        (Opcode(3), Rcode::NOERROR),
        (Opcode(u16::MAX), Rcode::NOERROR),
        (Opcode::QUERY, Rcode(12)),
        (Opcode::QUERY, Rcode(24)),
    ] {
        let header = Header {
            opcode,
            rcode,
            flags: HeaderFlags::NONE,
            id: 0,
        };
        let error = Message::new(header).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&opcode.to_string()), "{text}");
        assert!(text.contains(&rcode.to_string()), "{text}");
        message.set_header(header).unwrap_err();
    }
    assert_eq!(message.header().flags, HeaderFlags::RD);
    assert_eq!(
        message.set_question_name(1, "x").unwrap_err(),
        ErrorKind::BadQuery
    );
    assert_eq!(
        message.set_question_type(1, RecordType::A).unwrap_err(),
        ErrorKind::BadQuery
    );
}
