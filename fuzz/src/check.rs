//! What must hold of every message, wherever it came from.

use c_ares::{
    A, Aaaa, Caa, Cname, EdnsOption, Header, HeaderFlags, Hinfo, Https, Message, Mx, Name, Naptr,
    Ns, Opt, Ptr, RData, Rcode, Record, RecordType, Section, Sig, Soa, Srv, Svcb, Tlsa, Txt, Uri,
};

/// The most characters of a name that c-ares writes, its escapes included.
const LONGEST_NAME: usize = 255;

/// Everything that can be done with a message that was parsed.
pub fn parsed(message: &Message) {
    shown(message);
    records(message).iter().for_each(lined);
    typed(message);
    copied(message);
    changed(message);
    let written = written(message);
    let rebuilt = rebuilt(message);
    assert_eq!(rebuilt, *message, "rebuilt");
    if !has_long_spaces(message) {
        assert_eq!(rebuilt.write(), written, "rebuilt and written");
    }
}

/// Whether a name is too long to be written with its spaces escaped: c-ares does not escape them.
fn has_long_spaces(message: &Message) -> bool {
    let spaced = |name: &&Name| name.len() > LONGEST_NAME && name.contains(r"\032");
    records(message)
        .iter()
        .any(|record| names(&record.data).iter().any(spaced))
}

/// `Display` and `Debug` of it and of all that is in it.
pub fn shown(message: &Message) {
    assert!(message.to_string().starts_with(";; ->>HEADER<<- "));
    assert!(!format!("{message:?}{message:#?}").is_empty());
    for record in records(message) {
        assert!(!record.to_string().is_empty());
    }
}

/// A record is one line, and that of EDNS one and another for each option.
fn lined(record: &Record<RData>) {
    let options = match &record.data {
        RData::Opt(opt) => opt.options.len(),
        _ => 0,
    };
    assert_eq!(record.to_string().lines().count(), 1 + options, "{record}");
}

/// All records, in the order of the message.
pub fn records(message: &Message) -> Vec<Record<RData>> {
    let records = |section| {
        message
            .records::<RData>(section)
            .expect("a record is unreadable")
    };
    Section::ALL.into_iter().flat_map(records).collect()
}

/// Every record is of exactly one type, and reads alike as that type and as any.
fn typed(message: &Message) {
    for section in Section::ALL {
        let all = message.records::<RData>(section).unwrap();
        assert_eq!(all.len(), message.record_count(section));
        let mut count = all
            .iter()
            .filter(|record| matches!(record.data, RData::Other(_)))
            .count();
        macro_rules! each {
            ($($name:ident),+) => {
                $(
                    let of_type = message.records::<$name>(section).unwrap();
                    let same = all.iter().filter_map(|record| match &record.data {
                        RData::$name(data) => Some((record, data)),
                        _ => None,
                    });
                    count += of_type.len();
                    assert!(of_type.iter().zip(same).all(|(one, (record, data))| {
                        one.data == *data && one.name == record.name && one.ttl == record.ttl
                            && one.class == record.class
                    }));
                )+
            };
        }
        each!(
            A, Ns, Cname, Soa, Ptr, Hinfo, Mx, Txt, Sig, Aaaa, Srv, Naptr, Opt, Tlsa, Svcb, Https,
            Uri, Caa
        );
        assert_eq!(count, all.len(), "a record of no type, or of two");
    }
}

fn copied(message: &Message) {
    let copy = message.try_clone().expect("not copied");
    assert_eq!(copy, *message, "copied");
    assert_eq!(copy.write(), message.write(), "copied and written");
}

/// Each change does what it says, and nothing else.
fn changed(message: &Message) {
    let mut copy = message.try_clone().unwrap();
    let header = Header {
        id: !message.header().id,
        flags: message.header().flags | HeaderFlags::AD,
        rcode: Rcode::BADVERS,
        ..message.header()
    };
    copy.set_header(header).expect("header not set");
    assert_eq!(copy.header(), header);
    assert_eq!(records(&copy), records(message));
    assert!(copy.questions().eq(message.questions()));
    copy.set_header(message.header()).unwrap();
    assert_eq!(copy, *message);

    for section in Section::ALL {
        let before = copy.records::<RData>(section).unwrap();
        let mut index = 0;
        let keep = |record: &Record<RData>| {
            index += 1;
            (u64::from(record.ttl) + index) % 3 != 0
        };
        copy.retain_records(section, keep)
            .expect("records not removed");
        let expected: Vec<_> = (1..)
            .zip(before)
            .filter(|(index, record)| (u64::from(record.ttl) + index) % 3 != 0)
            .map(|(_, record)| record)
            .collect();
        assert_eq!(copy.records::<RData>(section).unwrap(), expected);
    }

    let others = |message: &Message| {
        let mut others = message.records::<RData>(Section::Additional).unwrap();
        others.retain(|record| !matches!(record.data, RData::Opt(_)));
        others
    };
    let opt = Opt {
        options: vec![EdnsOption::Padding(2)],
        ..Opt::default()
    };
    let before = others(&copy);
    copy.set_edns(Some(&opt)).expect("OPT not set");
    assert_eq!(copy.edns().unwrap().as_ref(), Some(&opt));
    assert_eq!(copy.record_count(Section::Additional), before.len() + 1);
    assert_eq!(others(&copy), before);
    copy.set_edns(None).unwrap();
    assert_eq!(copy.edns().unwrap(), None);
    assert_eq!(copy.records::<RData>(Section::Additional).unwrap(), before);
}

/// What is written is the same message, but for what the documentation of `Message` says.
pub fn written(message: &Message) -> c_ares::Result<Vec<u8>> {
    let written = message.write();
    match &written {
        Ok(wire) => {
            let again = Message::parse(wire).expect("what was written is no message");
            let expected = Header {
                rcode: kept(message),
                ..message.header()
            };
            assert_eq!(again.header(), expected, "header");
            assert!(again.questions().eq(message.questions()), "question");
            assert_eq!(records(&again), records(message), "records");
            assert_eq!(again.write().as_ref(), Ok(wire), "written once more");
        }
        Err(error) => assert!(may_be_refused(message), "{error}: {message:#?}"),
    }
    written
}

/// The rcode that is left of a message's: one above 15 needs an OPT record.
fn kept(message: &Message) -> Rcode {
    match message.header().rcode {
        rcode if rcode.0 > 15 && message.edns().unwrap().is_none() => Rcode::SERVFAIL,
        rcode => rcode,
    }
}

/// Whether there is a documented reason for c-ares not to write a message that it parsed.
fn may_be_refused(message: &Message) -> bool {
    let records = records(message);
    let empty = records
        .iter()
        .any(|record| matches!(&record.data, RData::Other(other) if other.data.is_empty()));
    let owners = records.iter().map(|record| &record.name);
    let is_host = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._*/".contains(&byte))
    };
    let questions: Vec<_> = message.questions().map(|question| question.name).collect();
    let mut hosts = questions.iter().chain(owners);
    let unwritable = hosts.any(|name| !is_host(name) || name.len() > LONGEST_NAME);
    let names: Vec<_> = records
        .iter()
        .flat_map(|record| names(&record.data))
        .collect();
    let long = names.iter().any(|name| name.len() > LONGEST_NAME);
    // A label that ends in an escaped dot may be cut through where the rest is compressed.
    let cut = names.iter().any(|name| name.contains(r"\."));
    let size = |record: &Record<RData>| 300 + names_length(&record.data);
    let large = records.iter().map(size).sum::<usize>() > 60_000;
    // An OPT record in a section where none belongs.
    let stray = message.header().rcode != kept(message)
        && records
            .iter()
            .any(|record| matches!(record.data, RData::Opt(_)));
    empty || unwritable || long || cut || large || stray
}

fn names_length(data: &RData) -> usize {
    names(data).iter().map(|name| name.len()).sum::<usize>() + data.to_string().len()
}

/// The names in a record's data.
fn names(data: &RData) -> Vec<&Name> {
    match data {
        RData::Ns(ns) => vec![&ns.server],
        RData::Cname(cname) => vec![&cname.canonical],
        RData::Soa(soa) => vec![&soa.mname, &soa.rname],
        RData::Ptr(ptr) => vec![&ptr.target],
        RData::Mx(mx) => vec![&mx.exchange],
        RData::Sig(sig) => vec![&sig.signer],
        RData::Srv(srv) => vec![&srv.target],
        RData::Naptr(naptr) => vec![&naptr.replacement],
        RData::Svcb(svcb) => vec![&svcb.target],
        RData::Https(https) => vec![&https.target],
        _ => Vec::new(),
    }
}

/// A new message with everything that was read from another one.
fn rebuilt(message: &Message) -> Message {
    let mut rebuilt = Message::new(message.header()).expect("header not taken");
    for question in message.questions() {
        rebuilt
            .add_question(&question.name, question.record_type, question.class)
            .expect("question not taken");
    }
    for section in Section::ALL {
        for record in message.records::<RData>(section).unwrap() {
            rebuilt
                .add_record(section, &record)
                .unwrap_or_else(|error| panic!("{error}: {record:?}"));
        }
    }
    rebuilt
}

/// Whether c-ares takes records of a type apart, or has none of it.
pub fn is_typed(record_type: RecordType) -> bool {
    let wire = crate::wire::response(0, record_type.0, 1, 0, &[0xff]);
    let read = Message::parse(&wire).and_then(|message| message.records(Section::Answer));
    !read.is_ok_and(|records: Vec<Record<RData>>| {
        matches!(
            records[..],
            [Record {
                data: RData::Other(_),
                ..
            }]
        )
    })
}
