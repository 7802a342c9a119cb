//! Records as they are on the wire: hard ones, written down, and many, made from a seed.

use testserver::name;

/// A record as it is on the wire, of class IN.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) owner: Vec<u8>,
    pub(crate) record_type: u16,
    pub(crate) rdata: Vec<u8>,
}

const A: u16 = 1;
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const PTR: u16 = 12;
const HINFO: u16 = 13;
const MX: u16 = 15;
const TXT: u16 = 16;
const SIG: u16 = 24;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const NAPTR: u16 = 35;
const SSHFP: u16 = 44;
const TLSA: u16 = 52;
const SVCB: u16 = 64;
const HTTPS: u16 = 65;
const URI: u16 = 256;
const CAA: u16 = 257;
const UNKNOWN: u16 = 65280;

/// Names with everything that a zone file gives a meaning to.
fn names() -> Vec<Vec<u8>> {
    let long = [b'x'; 63];
    vec![
        name(&[]),
        name(&[b"Mail", b"Example"]),
        name(&[b"a.b", b"c"]),
        name(&[b"say \"hi\"", b"back\\slash", b"a b"]),
        name(&[b"@"]),
        name(&[b"$ORIGIN", b"$"]),
        name(&[b"(", b")", b";comment"]),
        name(&[b"\x00\x7f\x80\xff", b"\n\r\t"]),
        name(&["grüezi".as_bytes(), b"*", b"_tcp"]),
        name(&[b"046", b"\\046", b"1.2"]),
        name(&[b"IN", b"A", b"300"]),
        name(&[&long, &long, &long, &long[..61]]),
        name(&[b"'", b"!#%&*+,-/:<=>?[]^_`{|}~"]),
    ]
}

/// Character strings that c-ares takes everywhere: of printable ASCII.
const PRINTABLE: &[&[u8]] = &[
    b"",
    b" ",
    b"Intel Core  2",
    b"\"",
    b"\\",
    b"\\065\\",
    br"!^(\+.*)$!sip:\\1@example.com;x=\(y\)!i",
    b"; no comment",
    b"@ ( $",
    b"!#$%&'()*+,-./0123456789:;<=>?@ABC[\\]^_`abc{|}~",
];

/// Each type with what is hard about it, and each hard name as owner and as data.
pub(crate) fn hard() -> Vec<Wire> {
    let mut all = Vec::new();
    for owner in names() {
        all.push(record(&owner, A, &[192, 0, 2, 1]));
    }
    let mut add = |record_type, parts: &[&[u8]]| {
        all.push(record(&name(&[b"a"]), record_type, &parts.concat()));
    };
    for target in names() {
        for record_type in [NS, CNAME, PTR] {
            add(record_type, &[&target]);
        }
        add(SOA, &[&target, &name(&[b"first.last", b"x"]), &[0xff; 20]]);
        add(MX, &[&[0, 0], &target]);
        add(SRV, &[&[0, 0, 255, 255, 0, 53], &target]);
        add(SVCB, &[&[0, 0], &target]);
        add(HTTPS, &[&[255, 255], &target, &param(3, b"\x01\xbb")]);
        let empty = string(b"");
        add(NAPTR, &[&[0, 1, 0, 2], &empty, &empty, &empty, &target]);
        add(SIG, &[&[0; 18], &target, b"\xfb\xff"]);
    }
    for text in PRINTABLE {
        let text = string(text);
        add(HINFO, &[&text, &string(b"x")]);
        add(HINFO, &[&string(b""), &text]);
        add(NAPTR, &[&[0; 4], &text, &text, &text, &name(&[])]);
    }
    for address in [
        [0; 16],
        [0xff; 16],
        *b"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01",
    ] {
        add(A, &[&address[12..]]);
        add(AAAA, &[&address]);
    }
    let every_byte: Vec<u8> = (0..=255).collect();
    add(
        TXT,
        &[&string(&every_byte[..128]), &string(&every_byte[128..])],
    );
    add(TXT, &[&string(b"")]);
    add(TXT, &[&string(b""), &string(b" "), &string(b"")]);
    add(TXT, &[&string(&[0xff; 255]), &string(&[b'"'; 255])]);
    add(TXT, &[&string(b"\\000"), &string("naïve\n".as_bytes())]);
    for target in [
        &b"https://example.com/a?b=\"c d\"#;(\\)"[..],
        b"x",
        &[b'\\'; 300],
    ] {
        add(URI, &[&[0, 1, 255, 255], target]);
    }
    for value in [
        &b";"[..],
        b"\"quoted\" \\ \x00\xff",
        b"a b; c=d",
        &every_byte,
        &[b'x'; 300],
    ] {
        add(CAA, &[&[128], &string(b"issue"), value]);
    }
    add(CAA, &[&[1], &string(b"Tag0"), b"x"]);
    add(TLSA, &[&[0, 0, 0, 0]]);
    add(TLSA, &[&[255, 255, 255], &every_byte]);
    add(
        SIG,
        &[&[0, 1, 5, 2], &[0xff; 14], &name(&[b"k"]), &every_byte],
    );
    add(SIG, &[&[0xff, 0, 5, 2], &[1; 14], &name(&[b"k"]), b"a"]);
    add(SSHFP, &[&[4, 2], &[0xab; 32]]);
    add(UNKNOWN, &[b"\x00"]);
    add(UNKNOWN, &[&every_byte]);
    add(1234, &[b"\\# 1"]);
    let hard_params: Vec<Vec<u8>> = vec![
        [
            param(0, b"\0\x01\0\x03"),
            param(1, b"\x02h2"),
            param(3, b"\0\0"),
        ]
        .concat(),
        [param(0, b"\x02\x9b"), param(667, b"")].concat(),
        param(1, b"\x02h2\x02h3"),
        param(1, b"\x08f\\oo,bar\x02h2"),
        param(1, b"\x03\",\\\x02\x00\xff\x01 "),
        [param(1, b"\x01x"), param(2, b"")].concat(),
        param(1, &string(&every_byte[..255])),
        param(4, &[192, 0, 2, 1, 255, 255, 255, 255]),
        param(5, &ech(&every_byte)),
        param(6, &[0; 32]),
        param(667, b""),
        param(667, b"hello \"you\"\xd2"),
        param(65534, &every_byte),
        (1000..1020)
            .flat_map(|key| param(key, &key.to_be_bytes()))
            .collect(),
    ];
    for params in &hard_params {
        add(SVCB, &[&[0, 1], &name(&[]), params]);
        add(HTTPS, &[&[0, 1], &name(&[b"a b"]), params]);
    }
    all
}

/// What c-ares itself refuses: the whole answer is then none.
pub(crate) fn refused() -> Vec<Wire> {
    let owner = name(&[b"a"]);
    [
        (HINFO, &b"\x01\x7f\x00"[..]),
        (HINFO, b"\x02\xc3\xbc\x00"),
        (NAPTR, b"\0\0\0\0\0\0\x01\n\0"),
        (URI, b"\0\0\0\0"),
        (URI, b"\0\0\0\0\xff"),
        (CAA, b"\0\x05issue"),
        (CAA, b"\0\x00x"),
        (TLSA, b"\0\0\0"),
        (TXT, b""),
    ]
    .map(|(record_type, rdata)| record(&owner, record_type, rdata))
    .into()
}

/// Records of all types in turn, the same ones for the same seed.
pub(crate) fn generated(count: usize, seed: u64) -> Vec<Wire> {
    let mut dice = Dice(seed);
    let types = [
        NS, SOA, HINFO, MX, TXT, SIG, AAAA, SRV, NAPTR, TLSA, SVCB, HTTPS, URI, CAA, UNKNOWN,
    ];
    (0..count)
        .map(|index| {
            let record_type = types[index % types.len()];
            let owner = dice.name();
            let rdata = dice.rdata(record_type);
            record(&owner, record_type, &rdata)
        })
        .collect()
}

fn record(owner: &[u8], record_type: u16, rdata: &[u8]) -> Wire {
    Wire {
        owner: owner.to_vec(),
        record_type,
        rdata: rdata.to_vec(),
    }
}

fn string(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a character string");
    [&[length], text].concat()
}

fn param(key: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("a value");
    [&key.to_be_bytes(), &length.to_be_bytes(), value].concat()
}

/// A list of one configuration of Encrypted ClientHello (RFC 9849), as a reader may insist on.
fn ech(contents: &[u8]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes(), bytes].concat();
    sized(&[&[0xfe, 0x0d], &sized(contents)[..]].concat())
}

/// A small generator of numbers (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below the bound.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, least: usize, most: usize) -> Vec<u8> {
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Bytes of printable ASCII, those that are special more often than the others.
    fn printable(&mut self, least: usize, most: usize) -> Vec<u8> {
        let mut text = self.bytes(least, most);
        for byte in &mut text {
            let special = b" \"\\.;()@$,=09";
            *byte = match usize::from(*byte) {
                index if index < 128 => special[index % special.len()],
                index => 0x20 + (index % 0x5f) as u8,
            };
        }
        text
    }

    fn alphanumeric(&mut self, least: usize, most: usize) -> Vec<u8> {
        let mut text = self.bytes(least, most);
        text.iter_mut()
            .for_each(|byte| *byte = b"abcXYZ019"[usize::from(*byte) % 9]);
        text
    }

    fn name(&mut self) -> Vec<u8> {
        let labels: Vec<Vec<u8>> = (0..self.below(5))
            .map(|_| match self.below(3) {
                0 => self.bytes(1, 40),
                1 => self.printable(1, 40),
                _ => self.alphanumeric(1, 40),
            })
            .collect();
        name(&labels.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn rdata(&mut self, record_type: u16) -> Vec<u8> {
        let mut numbers =
            |count: usize| -> Vec<u8> { (0..count).map(|_| self.next() as u8).collect() };
        let parts = match record_type {
            NS => vec![self.name()],
            SOA => vec![numbers(20)],
            MX => vec![numbers(2), self.name()],
            SRV => vec![numbers(6), self.name()],
            AAAA => vec![numbers(16)],
            SIG => vec![numbers(18), self.name(), self.bytes(1, 80)],
            // A reader may know how long SHA-256 (1) and SHA-512 (2) are.
            TLSA => match self.below(4) as u8 {
                matching @ 1..=2 => {
                    let length = 32 * usize::from(matching);
                    vec![vec![3, 1, matching], self.bytes(length, length)]
                }
                _ => vec![vec![self.next() as u8, 0, 0], self.bytes(1, 80)],
            },
            URI => vec![numbers(4), self.printable(1, 80)],
            CAA => vec![
                numbers(1),
                string(&self.alphanumeric(1, 15)),
                self.bytes(1, 80),
            ],
            HINFO => vec![self.text(), self.text()],
            NAPTR => vec![
                numbers(4),
                self.text(),
                self.text(),
                self.text(),
                self.name(),
            ],
            TXT => (0..=self.below(4))
                .map(|_| string(&self.bytes(0, 255)))
                .collect(),
            SVCB | HTTPS => vec![vec![1, self.next() as u8], self.name(), self.params()],
            _ => vec![self.bytes(1, 80)],
        };
        match record_type {
            SOA => [self.name(), self.name(), parts.concat()].concat(),
            _ => parts.concat(),
        }
    }

    fn text(&mut self) -> Vec<u8> {
        string(&self.printable(0, 60))
    }

    /// Parameters in order, as a zone has them.
    fn params(&mut self) -> Vec<u8> {
        let mut params = Vec::new();
        for key in [1, 3, 4, 5, 6] {
            if self.below(2) == 0 {
                continue;
            }
            let value = match key {
                1 => (0..=self.below(3))
                    .flat_map(|_| string(&self.bytes(1, 20)))
                    .collect(),
                3 => self.bytes(2, 2),
                4 => self.bytes(4, 4),
                5 => ech(&self.bytes(1, 60)),
                _ => self.bytes(32, 32),
            };
            params.extend(param(key, &value));
        }
        let mut key = 100;
        for _ in 0..self.below(4) {
            key += 1 + self.below(9000) as u16;
            params.extend(param(key, &self.bytes(0, 60)));
        }
        params
    }
}
