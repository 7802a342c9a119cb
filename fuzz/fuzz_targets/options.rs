//! Parameters of services and options of EDNS: any value on the wire, and any structure.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use c_ares::{
    EdnsOption, ErrorKind, ExtendedErrorCode, Https, Message, Opt, OptionCode, RData, Record,
    RecordType, Section, Subnet, SvcKey, SvcParam, Svcb,
};
use c_ares_fuzz::{check, wire};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input {
    Wire {
        section: u8,
        carrier: Carrier,
        values: Vec<(Number, Vec<u8>)>,
    },
    Params {
        https: bool,
        priority: u16,
        params: Vec<Param>,
    },
    Options {
        udp_size: u16,
        version: u8,
        flags: u16,
        options: Vec<EdnsValue>,
    },
}

/// What record the values stand in.
#[derive(Arbitrary, Debug, Clone, Copy)]
enum Carrier {
    Svcb { priority: u16 },
    Https { priority: u16 },
    Opt { udp_size: u16, ttl: u32 },
}

/// A number that is known, more often than not.
#[derive(Arbitrary, Debug, Clone, Copy)]
enum Number {
    Small(u8),
    Any(u16),
}

impl From<Number> for u16 {
    fn from(number: Number) -> u16 {
        match number {
            Number::Small(small) => (small % 16).into(),
            Number::Any(any) => any,
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Param {
    Mandatory(Vec<u16>),
    Alpn(Vec<Vec<u8>>),
    NoDefaultAlpn,
    Port(u16),
    Ipv4Hint(Vec<[u8; 4]>),
    Ech(Vec<u8>),
    Ipv6Hint(Vec<[u8; 16]>),
    Other(Number, Vec<u8>),
}

impl From<Param> for SvcParam {
    fn from(param: Param) -> Self {
        match param {
            Param::Mandatory(keys) => SvcParam::Mandatory(keys.into_iter().map(SvcKey).collect()),
            Param::Alpn(protocols) => SvcParam::Alpn(protocols),
            Param::NoDefaultAlpn => SvcParam::NoDefaultAlpn,
            Param::Port(port) => SvcParam::Port(port),
            Param::Ipv4Hint(hints) => {
                SvcParam::Ipv4Hint(hints.into_iter().map(Ipv4Addr::from).collect())
            }
            Param::Ech(config) => SvcParam::Ech(config),
            Param::Ipv6Hint(hints) => {
                SvcParam::Ipv6Hint(hints.into_iter().map(Ipv6Addr::from).collect())
            }
            Param::Other(key, value) => SvcParam::Other {
                key: SvcKey(key.into()),
                value,
            },
        }
    }
}

#[derive(Arbitrary, Debug)]
enum EdnsValue {
    Nsid(Vec<u8>),
    ClientSubnet {
        address: IpAddr,
        prefix: u8,
        scope: u8,
    },
    Cookie {
        client: [u8; 8],
        server: Vec<u8>,
    },
    TcpKeepalive(Option<u16>),
    Padding(u16),
    ExtendedError {
        code: u16,
        text: String,
    },
    Other(Number, Vec<u8>),
}

impl From<EdnsValue> for EdnsOption {
    fn from(value: EdnsValue) -> Self {
        match value {
            EdnsValue::Nsid(id) => EdnsOption::Nsid(id),
            EdnsValue::ClientSubnet {
                address,
                prefix,
                scope,
            } => {
                let most = if address.is_ipv4() { 33 } else { 129 };
                let subnet = Subnet::new(address, prefix % most).expect("few enough bits");
                EdnsOption::ClientSubnet { subnet, scope }
            }
            EdnsValue::Cookie { client, server } => EdnsOption::Cookie { client, server },
            EdnsValue::TcpKeepalive(time) => EdnsOption::TcpKeepalive(time),
            EdnsValue::Padding(length) => EdnsOption::Padding(length),
            EdnsValue::ExtendedError { code, text } => EdnsOption::ExtendedError {
                code: ExtendedErrorCode(code),
                text,
            },
            EdnsValue::Other(code, data) => EdnsOption::Other {
                code: OptionCode(code.into()),
                data,
            },
        }
    }
}

fuzz_target!(|input: Input| match input {
    Input::Wire {
        section,
        carrier,
        values,
    } => {
        let values: Vec<_> = values
            .into_iter()
            .map(|(number, value)| (number.into(), value))
            .collect();
        read(section.into(), carrier, &values);
    }
    Input::Params {
        https,
        priority,
        params,
    } => {
        let params: Vec<SvcParam> = params.into_iter().map(SvcParam::from).collect();
        let numbers: Vec<u16> = params.iter().map(|param| param.key().0).collect();
        let is_bad = params.iter().any(|param| match param {
            SvcParam::Mandatory(keys) => keys.is_empty(),
            SvcParam::Alpn(all) => {
                all.is_empty() || all.iter().any(|one| one.is_empty() || one.len() > 255)
            }
            SvcParam::Ipv4Hint(hints) => hints.is_empty(),
            SvcParam::Ipv6Hint(hints) => hints.is_empty(),
            SvcParam::Ech(config) => config.is_empty(),
            _ => false,
        });
        let target = "svc.example".into();
        let data = if https {
            RData::Https(Https {
                priority,
                target,
                params,
            })
        } else {
            RData::Svcb(Svcb {
                priority,
                target,
                params,
            })
        };
        build(
            Section::Answer,
            Record::new("example", 60, data),
            &numbers,
            is_bad,
        );
    }
    Input::Options {
        udp_size,
        version,
        flags,
        options,
    } => {
        let options: Vec<EdnsOption> = options.into_iter().map(EdnsOption::from).collect();
        let numbers: Vec<u16> = options.iter().map(|option| option.code().0).collect();
        let is_bad = options.iter().any(|option| {
            matches!(option, EdnsOption::Cookie { server, .. } if !matches!(server.len(), 0 | 8..=32))
        });
        let data = Opt {
            udp_size,
            version,
            flags,
            options,
        };
        build(
            Section::Additional,
            Record::new("", 0, data.into()),
            &numbers,
            is_bad,
        );
    }
});

/// What was on the wire is all there, and is written as it was.
fn read(section: usize, carrier: Carrier, values: &[(u16, Vec<u8>)]) {
    let list = wire::numbered(values);
    let (record_type, class, ttl, head) = match carrier {
        Carrier::Svcb { priority } => (RecordType::SVCB, 1, 7, Some(priority)),
        Carrier::Https { priority } => (RecordType::HTTPS, 1, 7, Some(priority)),
        Carrier::Opt { udp_size, ttl } => (RecordType::OPT, udp_size, ttl, None),
    };
    let head: Vec<u8> = head
        .iter()
        .flat_map(|head| [&head.to_be_bytes()[..], &[0]].concat())
        .collect();
    let bytes =
        |list: &[u8]| wire::response(section, record_type.0, class, ttl, &[&head, list].concat());
    if head.len() + list.len() > 65_000 {
        return;
    }
    let message = Message::parse(&bytes(&list)).expect("c-ares takes any value");
    let kept = wire::collapsed(values);
    let numbers: Vec<u16> = match &check::records(&message)[..] {
        [
            Record {
                data: RData::Svcb(svcb),
                ..
            },
        ] => svcb.params.iter().map(|param| param.key().0).collect(),
        [
            Record {
                data: RData::Https(https),
                ..
            },
        ] => https.params.iter().map(|param| param.key().0).collect(),
        [
            Record {
                data: RData::Opt(opt),
                ..
            },
        ] => opt.options.iter().map(|option| option.code().0).collect(),
        other => panic!("{other:?}"),
    };
    assert!(numbers.iter().eq(kept.iter().map(|(number, _)| number)));
    check::parsed(&message);
    // The bits of the rcode are kept elsewhere, and only where they mean something.
    if !matches!(carrier, Carrier::Opt { .. }) || ttl >> 24 == 0 {
        assert_eq!(message.write().unwrap(), bytes(&wire::numbered(&kept)));
    }
}

/// A structure is refused for a reason, or written and read back.
fn build(section: Section, record: Record<RData>, numbers: &[u16], is_bad: bool) {
    let mut message = Message::query("example", RecordType::SVCB).unwrap();
    message.set_edns(None).unwrap();
    let twice = (1..numbers.len()).any(|index| numbers[..index].contains(&numbers[index]));
    if let Err(error) = message.add_record(section, &record) {
        assert!(
            matches!(error.kind(), ErrorKind::BadMessage { .. }),
            "{error}"
        );
        assert!(twice || is_bad || length(&record.data) > 60_000, "{error}");
        return assert_eq!(message.record_count(section), 0);
    }
    assert!(!twice && !is_bad);
    check::shown(&message);
    // Bytes that are what their number calls for are read back as such a value, from then on the same.
    let Ok(written) = message.write() else {
        return assert!(length(&record.data) > 20_000);
    };
    let read = Message::parse(&written).expect("what was written is no message");
    assert_eq!(read.write().as_ref(), Ok(&written));
    check::parsed(&read);
    let [again] = &read.records::<RData>(section).unwrap()[..] else {
        panic!("{read:?}");
    };
    for (given, read) in pairs(&record.data, &again.data) {
        assert!(same(&given, &read), "{given:?} became {read:?}");
    }
}

/// About how many bytes it takes: not less than a fourth of it, nor more than four times as many.
fn length(data: &RData) -> usize {
    let padding = match data {
        RData::Opt(opt) => &opt.options[..],
        _ => &[],
    };
    let padding = padding.iter().map(|option| match option {
        EdnsOption::Padding(length) => usize::from(*length),
        _ => 0,
    });
    padding.sum::<usize>() + data.to_string().len()
}

#[derive(Debug, Clone)]
enum Value {
    Param(SvcParam),
    Option(EdnsOption),
}

fn pairs(given: &RData, read: &RData) -> Vec<(Value, Value)> {
    let params = |given: &[SvcParam], read: &[SvcParam]| {
        assert_eq!(given.len(), read.len());
        given
            .iter()
            .cloned()
            .map(Value::Param)
            .zip(read.iter().cloned().map(Value::Param))
            .collect()
    };
    match (given, read) {
        (RData::Svcb(given), RData::Svcb(read)) => {
            assert_eq!(
                (given.priority, &given.target),
                (read.priority, &read.target)
            );
            params(&given.params, &read.params)
        }
        (RData::Https(given), RData::Https(read)) => {
            assert_eq!(
                (given.priority, &given.target),
                (read.priority, &read.target)
            );
            params(&given.params, &read.params)
        }
        (RData::Opt(given), RData::Opt(read)) => {
            assert_eq!(
                (given.udp_size, given.version, given.flags),
                (read.udp_size, read.version, read.flags)
            );
            assert_eq!(given.options.len(), read.options.len());
            let options =
                |all: &[EdnsOption]| all.iter().cloned().map(Value::Option).collect::<Vec<_>>();
            options(&given.options)
                .into_iter()
                .zip(options(&read.options))
                .collect()
        }
        (given, read) => panic!("{given:?} became {read:?}"),
    }
}

/// Whether a value came back as itself, or as what bytes that are well formed stand for.
fn same(given: &Value, read: &Value) -> bool {
    match (given, read) {
        (Value::Param(given), Value::Param(read)) => {
            let known = matches!(given, SvcParam::Other { .. });
            given.key() == read.key() && (given == read || known)
        }
        (Value::Option(given), Value::Option(read)) => match (given, read) {
            (
                EdnsOption::ClientSubnet { subnet, scope },
                EdnsOption::ClientSubnet {
                    subnet: other,
                    scope: same,
                },
            ) => {
                scope == same
                    && subnet.prefix() == other.prefix()
                    && subnet.address().is_ipv4() == other.address().is_ipv4()
            }
            (EdnsOption::Other { code, .. }, read) => *code == read.code(),
            (given, read) => given == read,
        },
        _ => false,
    }
}
