//! What is sent in each way to answer badly.

use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};

use super::{BADCOOKIE, Misbehaviour, RIGHT, WRONG};
use crate::wire::{ASKED_NAME, Section, Wire, name, question_of};
use crate::{Query, Reply, Transport};

const TYPE_A: u16 = 1;
const TYPE_CNAME: u16 = 5;
/// For private use: nobody looks into its data.
const TYPE_PADDING: u16 = 65_280;
const OPTION_COOKIE: u16 = 10;
const CLIENT_COOKIE: usize = 8;
const SERVER_COOKIE: &[u8] = b"16 bytes of ours";
const FORMERR: u8 = 1;
const TTL: u32 = 60;
/// A client announces how large a datagram it takes; nobody announces this.
const OVERSIZED: usize = 9_000;
const LARGEST: usize = 65_535;

impl Misbehaviour {
    /// What is sent to a query.
    pub fn reply(self, query: &Query) -> Reply {
        use Misbehaviour::*;
        match self {
            None | Oversized | FullFrame | Trailing | Empty | Flood(_) | AliasChain(_) | Nul
            | Dot => self.right(query),
            Port => match query.transport {
                Transport::Udp => Reply::elsewhere(address(query, WRONG)),
                Transport::Tcp => Reply::nothing(),
            },
            HalfLength(end) => over_tcp(query, Reply::unframed([0]).then(end.reply())),
            HalfFrame(end) => over_tcp(query, half_frame(query).then(end.reply())),
            AtOnce(end) => over_tcp(query, end.reply()),
            Cookie | ForeignCookie | LongCookie | BadCookie | BadCookieOnce | BadCookieBare => {
                self.cookie(query)
            }
            FormErr if query.edns().is_some() => Reply::raw(Wire::answering(query).rcode(FORMERR)),
            FormErrOpt if query.cookie().is_some() => {
                Reply::raw(Wire::answering(query).rcode(FORMERR).opt(0, &[]))
            }
            FormErr | FormErrOpt => right(query),
            Rcode(code) => rcode(query, code),
            _ => Reply::raw(self.broken(query)),
        }
    }

    /// Those whose answer is to be believed in the end.
    fn right(self, query: &Query) -> Reply {
        use Misbehaviour::*;
        let padded = |length| {
            let wire = address(query, RIGHT);
            // Type, class, TTL and length, and the root as the owner, come before the data.
            let padding = vec![0; length - wire.len() - 11];
            Reply::raw(wire.record(Section::Additional, &[0], TYPE_PADDING, TTL, &padding))
        };
        match self {
            Oversized => padded(OVERSIZED),
            FullFrame => over_tcp(query, padded(LARGEST)),
            Trailing => Reply::raw(address(query, RIGHT).append(b"and more")),
            Empty => Reply::raw([]).then(right(query)),
            Flood(count) => (1..=count)
                .map(|n| {
                    // Another id, or another question with the id of the query.
                    let wire = match n % 2 {
                        0 => address(query, WRONG).id(query.id.wrapping_add(n)),
                        _ => other_question(query),
                    };
                    Reply::raw(wire)
                })
                .fold(Reply::nothing(), Reply::then)
                .then(right(query)),
            AliasChain(length) => {
                let link = |n: u8| name(&[format!("link{n}").as_bytes(), b"example"]);
                let owners = (0..length).map(|n| match n {
                    0 => ASKED_NAME.to_vec(),
                    n => link(n),
                });
                aliases(query, owners.zip((1..=length).map(link)).collect())
            }
            Nul => aliases(
                query,
                vec![(ASKED_NAME.into(), name(&[b"nu\0l", b"example"]))],
            ),
            Dot => aliases(
                query,
                vec![(ASKED_NAME.into(), name(&[b"do.t", b"example"]))],
            ),
            _ => right(query),
        }
    }

    fn cookie(self, query: &Query) -> Reply {
        use Misbehaviour::*;
        let Some(sent) = query.cookie() else {
            // Over TCP a client needs none, nor on a server that has sent none.
            return match self {
                BadCookie => rcode(query, BADCOOKIE),
                _ => right(query),
            };
        };
        let client = &sent[..CLIENT_COOKIE.min(sent.len())];
        let good = [client, SERVER_COOKIE].concat();
        let foreign: Vec<u8> = good.iter().map(|byte| !byte).collect();
        let long = [client, &[7; 33]].concat();
        let with = |address_: [u8; 4], cookie: &[u8]| {
            Reply::raw(address(query, address_).opt(0, &[(OPTION_COOKIE, cookie)]))
        };
        let bad = |options: &[(u16, &[u8])]| {
            let [high, low] = extended(BADCOOKIE);
            Reply::raw(Wire::answering(query).rcode(low).opt(high, options))
        };
        match self {
            ForeignCookie => with(WRONG, &foreign),
            LongCookie => with(WRONG, &long),
            BadCookie => bad(&[(OPTION_COOKIE, &good)]),
            BadCookieOnce if sent != good => bad(&[(OPTION_COOKIE, &good)]),
            BadCookieBare => bad(&[]),
            _ => with(RIGHT, &good),
        }
    }

    /// One message that is not as it should be.
    fn broken(self, query: &Query) -> Wire {
        use Misbehaviour::*;
        let empty = Wire::answering(query);
        let wrong = address(query, WRONG);
        // Where the first record starts.
        let end = u16::try_from(empty.len()).expect("a question is short");
        let pointing = |to: u16| (0xC000 | to).to_be_bytes();
        let owned = |owner: &[u8]| {
            let wire = Wire::answering(query);
            wire.record(Section::Answer, owner, TYPE_A, TTL, &WRONG)
        };
        match self {
            Id => wrong.id(!query.id),
            Question => other_question(query),
            Case => {
                let mut question = question_of(&query.wire).to_vec();
                let letters = question.len() - 4;
                for byte in &mut question[..letters] {
                    // A length of a label is no letter: it is below 64.
                    if byte.is_ascii_alphabetic() {
                        *byte ^= 0x20;
                    }
                }
                let wire = empty.question(&question);
                wire.record(Section::Answer, ASKED_NAME, TYPE_A, TTL, &WRONG)
            }
            NotAnAnswer => wrong.unanswered(),
            Truncated => empty.truncated(),
            CutOff(length) => wrong.cut(length.into()),
            PointerLoop => owned(&pointing(end)),
            PointerCircle => {
                // The owner of the first record points at that of the second, and back.
                let second = end + 2 + 10 + 4;
                owned(&pointing(second)).record(
                    Section::Answer,
                    &pointing(end),
                    TYPE_A,
                    TTL,
                    &WRONG,
                )
            }
            ForwardPointer => owned(&pointing(end + 2)),
            TooFewRecords => wrong.count(Section::Answer, 2),
            CountsOfRecords => [Section::Answer, Section::Authority, Section::Additional]
                .into_iter()
                .fold(empty, |wire, section| wire.count(section, u16::MAX)),
            CountOfQuestions => wrong.count(Section::Question, 2),
            NoQuestion => empty.question(&[]).count(Section::Question, 0),
            DataTooLong => {
                empty.lying_record(Section::Answer, ASKED_NAME, TYPE_A, TTL, 400, &WRONG)
            }
            DataTooShort => empty.record(Section::Answer, ASKED_NAME, TYPE_A, TTL, &WRONG[..3]),
            AliasLoop => {
                let other = name(&[b"loop", b"example"]);
                let asked = question_of(&query.wire);
                empty
                    .record(Section::Answer, ASKED_NAME, TYPE_CNAME, TTL, &other)
                    .record(
                        Section::Answer,
                        &other,
                        TYPE_CNAME,
                        TTL,
                        &asked[..asked.len() - 4],
                    )
            }
            whole => unreachable!("{whole:?} is no message of its own"),
        }
    }
}

impl Query {
    /// The DNS cookie of the query: the client's eight bytes, and the server's if the
    /// client knows it.
    pub fn cookie(&self) -> Option<&[u8]> {
        match self.edns()?.option(EdnsCode::Cookie)? {
            EdnsOption::Unknown(_, bytes) => Some(bytes),
            _ => None,
        }
    }
}

fn address(query: &Query, address: [u8; 4]) -> Wire {
    let wire = Wire::answering(query);
    wire.record(Section::Answer, ASKED_NAME, TYPE_A, TTL, &address)
}

fn right(query: &Query) -> Reply {
    Reply::raw(address(query, RIGHT))
}

fn other_question(query: &Query) -> Wire {
    let mut question = name(&[b"elsewhere", b"example"]);
    question.extend([0, 1, 0, 1]);
    let wire = Wire::answering(query).question(&question);
    wire.record(Section::Answer, ASKED_NAME, TYPE_A, TTL, &WRONG)
}

/// Aliases, from owner to target, and the address at the last.
fn aliases(query: &Query, links: Vec<(Vec<u8>, Vec<u8>)>) -> Reply {
    let mut wire = Wire::answering(query);
    let mut last = ASKED_NAME.to_vec();
    for (owner, target) in links {
        wire = wire.record(Section::Answer, &owner, TYPE_CNAME, TTL, &target);
        last = target;
    }
    Reply::raw(wire.record(Section::Answer, &last, TYPE_A, TTL, &RIGHT))
}

fn rcode(query: &Query, code: u16) -> Reply {
    let [high, low] = extended(code);
    let wire = Wire::answering(query).rcode(low);
    Reply::raw(match query.edns().is_some() || high > 0 {
        true => wire.opt(high, &[]),
        false => wire,
    })
}

/// The upper eight and the lower four bits of a response code.
fn extended(code: u16) -> [u8; 2] {
    [(code >> 4) as u8, (code & 0xF) as u8]
}

/// A length that says more than follows.
fn half_frame(query: &Query) -> Reply {
    let bytes: Vec<u8> = address(query, RIGHT).into();
    let length = u16::try_from(bytes.len()).expect("a short message");
    let half = &bytes[..bytes.len() / 2];
    Reply::unframed([&length.to_be_bytes(), half].concat())
}

fn over_tcp(query: &Query, reply: Reply) -> Reply {
    match query.transport {
        Transport::Tcp => reply,
        Transport::Udp => Reply::raw(Wire::answering(query).truncated()),
    }
}
