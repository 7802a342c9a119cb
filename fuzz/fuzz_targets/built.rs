//! Messages put together of records of every type, with any names and texts in them.

#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use c_ares::{
    A, Aaaa, Caa, Class, ErrorKind, Header, HeaderFlags, Hinfo, Https, Message, Mx, Naptr, Ns,
    Opcode, Opt, Other, RData, Rcode, Record, RecordType, Section, Sig, Soa, Srv, SvcParam, Tlsa,
    Txt, Uri,
};
use c_ares_fuzz::check;
use c_ares_fuzz::name::{Text, chosen};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    id: u16,
    flags: u8,
    opcode: u8,
    rcode: u8,
    questions: [Option<(Text, u16)>; 2],
    records: Vec<(u8, Text, u32, Data)>,
}

#[derive(Arbitrary, Debug)]
enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(Text),
    Soa(Text, Text, u32),
    Hinfo(Text, String),
    Mx(u16, Text),
    Txt(Vec<Vec<u8>>),
    Sig(u16, Text, Vec<u8>),
    Srv(u16, Text),
    Naptr(Text, String, String, Text),
    Tlsa(u8, Vec<u8>),
    Https(u16, Text, u16),
    Uri(u16, Text),
    Caa(u8, Text, Vec<u8>),
    Opt(u16, u8, u16),
    Other(u16, Vec<u8>),
}

impl From<Data> for RData {
    fn from(data: Data) -> Self {
        match data {
            Data::A(address) => A { address }.into(),
            Data::Aaaa(address) => Aaaa { address }.into(),
            Data::Ns(server) => Ns {
                server: name(&server),
            }
            .into(),
            Data::Soa(mname, rname, serial) => Soa {
                mname: name(&mname),
                rname: name(&rname),
                serial,
                refresh: !serial,
                retry: 2,
                expire: 3,
                minimum: 4,
            }
            .into(),
            Data::Hinfo(cpu, os) => Hinfo {
                cpu: cpu.text(),
                os,
            }
            .into(),
            Data::Mx(preference, exchange) => Mx {
                preference,
                exchange: name(&exchange),
            }
            .into(),
            Data::Txt(strings) => Txt { strings }.into(),
            Data::Sig(key_tag, signer, signature) => Sig {
                type_covered: RecordType(key_tag),
                algorithm: 13,
                labels: 2,
                original_ttl: 1,
                expiration: 2,
                inception: 3,
                key_tag,
                signer: name(&signer),
                signature: signature.into(),
            }
            .into(),
            Data::Srv(port, target) => Srv {
                priority: 1,
                weight: 2,
                port,
                target: name(&target),
            }
            .into(),
            Data::Naptr(flags, services, regexp, replacement) => Naptr {
                order: 1,
                preference: 2,
                flags: flags.text(),
                services,
                regexp,
                replacement: name(&replacement),
            }
            .into(),
            Data::Tlsa(usage, data) => Tlsa {
                usage,
                selector: !usage,
                matching: 1,
                data: data.into(),
            }
            .into(),
            Data::Https(priority, target, port) => Https {
                priority,
                target: name(&target),
                params: vec![SvcParam::Port(port)],
            }
            .into(),
            Data::Uri(priority, target) => Uri {
                priority,
                weight: 2,
                target: target.text().into(),
            }
            .into(),
            Data::Caa(flags, tag, value) => Caa {
                flags,
                tag: tag.text().into(),
                value: value.into(),
            }
            .into(),
            Data::Opt(udp_size, version, flags) => Opt {
                udp_size,
                version,
                flags,
                options: Vec::new(),
            }
            .into(),
            Data::Other(record_type, data) => RData::Other(Other {
                record_type: RecordType(record_type),
                data,
            }),
        }
    }
}

fn name(text: &Text) -> c_ares::Name {
    text.text().as_str().into()
}

fuzz_target!(|input: Input| {
    let flags = [
        HeaderFlags::QR,
        HeaderFlags::AA,
        HeaderFlags::TC,
        HeaderFlags::RD,
        HeaderFlags::RA,
        HeaderFlags::AD,
        HeaderFlags::CD,
    ];
    let header = Header {
        id: input.id,
        flags: chosen(HeaderFlags::NONE, &flags, input.flags.into()),
        opcode: Opcode(u16::from(input.opcode % 8)),
        rcode: Rcode(u16::from(input.rcode % 32)),
    };
    let Ok(mut message) = Message::new(header) else {
        return assert!(header.opcode.name().is_none() || header.rcode.name().is_none());
    };
    for (question, record_type) in input.questions.iter().flatten() {
        let result = message.add_question(&question.text(), RecordType(*record_type), Class::IN);
        assert!(result.is_ok() || refused(result.unwrap_err().kind()));
    }
    for (section, owner, ttl, data) in input.records {
        let section = Section::ALL[usize::from(section % 3)];
        let (before, data) = (message.record_count(section), RData::from(data));
        let record = match data {
            RData::Opt(_) => Record::new("", 0, data),
            data => Record::new(name(&owner), ttl, data),
        };
        match message.add_record(section, &record) {
            Ok(()) => {
                let records = message
                    .records::<RData>(section)
                    .expect("a record is unreadable");
                assert_eq!(records.last(), Some(&record));
                assert_eq!(records.len(), before + 1);
            }
            Err(error) => {
                assert!(refused(error.kind()), "{error}");
                assert_eq!(message.record_count(section), before);
            }
        }
    }
    check::shown(&message);
    let copy = message.try_clone().expect("not copied");
    assert_eq!(copy, message);
    if let Ok(wire) = message.write() {
        written(&message, &wire);
    }
});

/// What a call may say of what it was given.
fn refused(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BadMessage { .. } | ErrorKind::BadName | ErrorKind::BadString
    )
}

/// What is written is what was built, if it is a message that c-ares reads.
fn written(message: &Message, wire: &[u8]) {
    let records = check::records(message);
    let untyped = records.iter().all(|record| match &record.data {
        RData::Other(other) => !check::is_typed(other.record_type),
        _ => true,
    });
    let opts = message.records::<Opt>(Section::Additional).unwrap().len();
    let texts = records
        .iter()
        .all(|record| has_readable_texts(&record.data));
    let whole = message.questions().count() == 1 && opts < 2 && untyped && texts;
    match Message::parse(wire) {
        Ok(read) if whole => {
            assert!(
                read.questions().eq(message.questions()),
                "{message:?} became {read:?}"
            );
            assert_eq!(check::records(&read), records);
            check::parsed(&read);
        }
        Ok(read) => check::parsed(&read),
        Err(error) => assert!(!whole, "{error}: {message:?}"),
    }
}

/// Whether c-ares reads what it writes of the texts in a record: see the documentation of `Message`.
fn has_readable_texts(data: &RData) -> bool {
    let readable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match data {
        RData::Hinfo(hinfo) => readable(&hinfo.cpu) && readable(&hinfo.os),
        RData::Naptr(naptr) => [&naptr.flags, &naptr.services, &naptr.regexp]
            .into_iter()
            .all(|text| readable(text)),
        RData::Uri(uri) => readable(&uri.target),
        RData::Caa(caa) => readable(&caa.tag),
        _ => true,
    }
}
