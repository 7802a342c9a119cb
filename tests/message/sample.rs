//! A record of each type that c-ares takes apart, and of one that it does not.

use c_ares::{
    A, Aaaa, Caa, Cname, EdnsOption, Hinfo, Https, Mx, Naptr, Ns, Opt, Other, Ptr, RData, Record,
    RecordType, Sig, Soa, Srv, SvcKey, SvcParam, Svcb, Tlsa, Txt, Uri,
};

pub(crate) fn all() -> Vec<Record<RData>> {
    let data: [RData; 19] = [
        A {
            address: [192, 0, 2, 1].into(),
        }
        .into(),
        Ns {
            server: "ns.example.net".into(),
        }
        .into(),
        Cname {
            canonical: "www.example.com".into(),
        }
        .into(),
        Soa {
            mname: "ns.example.net".into(),
            rname: r"first\.last.example.net".into(),
            serial: u32::MAX,
            refresh: 1,
            retry: 2,
            expire: 3,
            minimum: 4,
        }
        .into(),
        Ptr { target: "".into() }.into(),
        Hinfo {
            cpu: "a \"b\"".into(),
            os: String::new(),
        }
        .into(),
        Mx {
            preference: 10,
            exchange: "mail.example.com".into(),
        }
        .into(),
        Txt {
            strings: vec![vec![0xff; 255], Vec::new(), b"v=spf1 -all".to_vec()],
        }
        .into(),
        Sig {
            type_covered: RecordType(0),
            algorithm: 13,
            labels: 2,
            original_ttl: 60,
            expiration: 1_700_000_000,
            inception: 1_600_000_000,
            key_tag: 1,
            signer: "example.com".into(),
            signature: vec![0, 1, 0xfe].into(),
        }
        .into(),
        Aaaa {
            address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
        }
        .into(),
        Srv {
            priority: 1,
            weight: 2,
            port: 53,
            target: "host.example.com".into(),
        }
        .into(),
        Naptr {
            order: 1,
            preference: 2,
            flags: "U".into(),
            services: "E2U+sip".into(),
            regexp: "!^.*$!sip:info@example.com!".into(),
            replacement: "".into(),
        }
        .into(),
        Opt {
            udp_size: 4096,
            version: 0,
            flags: Opt::DNSSEC_OK,
            options: vec![EdnsOption::Padding(3)],
        }
        .into(),
        Tlsa {
            usage: 3,
            selector: 1,
            matching: 1,
            data: vec![0xab; 32].into(),
        }
        .into(),
        Svcb {
            priority: 0,
            target: "svc.example.com".into(),
            params: Vec::new(),
        }
        .into(),
        Https {
            priority: 1,
            target: "".into(),
            params: vec![
                SvcParam::Mandatory(vec![SvcKey::ALPN, SvcKey::PORT]),
                SvcParam::Alpn(vec![b"h2".to_vec(), vec![0xff; 255]]),
                SvcParam::NoDefaultAlpn,
                SvcParam::Port(8443),
                SvcParam::Ipv4Hint(vec![[192, 0, 2, 1].into()]),
                SvcParam::Ech(vec![1]),
                SvcParam::Ipv6Hint(vec![[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()]),
                SvcParam::Other {
                    key: SvcKey(65_000),
                    value: Vec::new(),
                },
            ],
        }
        .into(),
        Uri {
            priority: 1,
            weight: 2,
            target: "https://example.com/".to_owned().into(),
        }
        .into(),
        Caa {
            flags: 128,
            tag: "issue".to_owned().into(),
            value: b"ca.example.net".to_vec().into(),
        }
        .into(),
        RData::Other(Other {
            record_type: RecordType::SSHFP,
            data: vec![1, 2, 3],
        }),
    ];
    data.map(|data| match data {
        // These have no class and no TTL of their own.
        RData::Opt(_) => Record::new("", 0, data),
        data => Record::new("owner.example.com", 300, data),
    })
    .into()
}
