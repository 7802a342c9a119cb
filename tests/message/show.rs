//! Messages as `dig` writes them.

use c_ares::{
    A, EdnsOption, ExtendedErrorCode, Header, HeaderFlags, Message, Ns, Opt, Rcode, Record,
    RecordType, Section,
};

#[test]
fn a_message_is_written_as_dig_writes_it() {
    let mut message = Message::query("example.com", RecordType::A).unwrap();
    message
        .set_header(Header {
            id: 4711,
            flags: HeaderFlags::QR | HeaderFlags::RD | HeaderFlags::RA,
            rcode: Rcode::NXDOMAIN,
            ..Header::default()
        })
        .unwrap();
    let address = [192, 0, 2, 1].into();
    message
        .add_record(
            Section::Answer,
            &Record::new("example.com", 60, A { address }),
        )
        .unwrap();
    let server = "ns.example.com".into();
    message
        .add_record(
            Section::Authority,
            &Record::new("example.com", 60, Ns { server }),
        )
        .unwrap();
    assert_eq!(
        message.to_string(),
        "\
;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 4711
;; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232

;; QUESTION SECTION:
;example.com. IN A

;; ANSWER SECTION:
example.com. 60 IN A 192.0.2.1

;; AUTHORITY SECTION:
example.com. 60 IN NS ns.example.com.
"
    );
    let debug = format!("{message:?}");
    assert!(
        debug.contains("4711") && debug.contains("192.0.2.1"),
        "{debug}"
    );
}

/// Seen from the `dig` of BIND 9.18, which was sent the same options.
#[test]
fn options_are_written_as_dig_writes_them() {
    let opt = Opt {
        udp_size: 4096,
        version: 0,
        flags: Opt::DNSSEC_OK | 1,
        options: vec![
            EdnsOption::Nsid(b"fra1\xff".to_vec()),
            EdnsOption::ClientSubnet {
                subnet: "192.0.2.0/24".parse().unwrap(),
                scope: 16,
            },
            EdnsOption::Cookie {
                client: *b"\x01\x23\x45\x67\x89\xab\xcd\xef",
                server: vec![0xff; 8],
            },
            EdnsOption::TcpKeepalive(Some(105)),
            EdnsOption::Padding(20),
            EdnsOption::ExtendedError {
                code: ExtendedErrorCode::NO_REACHABLE_AUTHORITY,
                text: "no\nway".to_owned(),
            },
            EdnsOption::ExtendedError {
                code: ExtendedErrorCode(60_000),
                text: String::new(),
            },
            EdnsOption::TcpKeepalive(None),
            EdnsOption::Other {
                code: c_ares::OptionCode(65_001),
                data: b"hi".to_vec(),
            },
        ],
    };
    let expected = "\
; EDNS: version: 0, flags: do; MBZ: 0x0001, udp: 4096
; NSID: 66 72 61 31 ff (\"fra1.\")
; CLIENT-SUBNET: 192.0.2.0/24/16
; COOKIE: 0123456789abcdefffffffffffffffff
; TCP KEEPALIVE: 10.5 secs
; PAD: (20 bytes)
; EDE: 22 (No Reachable Authority): (no.way)
; EDE: 60000
; TCP KEEPALIVE:
; OPT=65001: 68 69 (\"hi\")";
    assert_eq!(opt.to_string(), expected);
    assert_eq!(Record::new("", 0, opt).to_string(), expected);
}
