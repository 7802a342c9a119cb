//! Answers to queries, good and bad.

/// The most bytes of an answer that the fuzzer makes up.
const LONGEST: u8 = 200;

/// An answer of some kind; `next` gives the bytes that it is made of. `None` is silence.
pub fn answer(kind: u8, query: &[u8], next: &mut dyn FnMut() -> u8) -> Option<Vec<u8>> {
    let end = question_end(query)?;
    let (id, question) = (&query[..2], &query[12..end]);
    let message = |flags: [u8; 2], counts: [u8; 6], records: &[u8]| {
        [id, &flags, &[0, 1], &counts, question, records].concat()
    };
    Some(match kind {
        0 => match records(question) {
            Some(records) => message([0x81, 0x80], [0, 1, 0, 0, 0, 0], &records),
            None => message([0x81, 0x83], [0; 6], &[]),
        },
        1 => return None,
        // Records of its own.
        2 => {
            let counts = [0, next() % 4, 0, next() % 3, 0, next() % 3];
            message([0x81, 0x80], counts, &some(next))
        }
        // Anything, with the right id or without.
        3 => [id, &some(next)].concat(),
        4 => some(next),
        // Truncated.
        5 => message([0x83, 0x80], [0; 6], &[]),
        // An rcode.
        6 => message([0x81, 0x80 | next() & 0xf], [0; 6], &[]),
        // An rcode with the bits of EDNS.
        7 => {
            let opt = [0, 0, 41, 4, 0xd0, next(), 0, 0, 0, 0, 0];
            message([0x81, 0x80 | next() & 0xf], [0, 0, 0, 0, 0, 1], &opt)
        }
        // The wrong id, the wrong case.
        8 => flipped(&message([0x81, 0x80], [0; 6], &[]), 0),
        9 => flipped(&message([0x81, 0x80], [0; 6], &[]), 13),
        // An alias of itself, or of something else.
        10 => {
            let alias = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, next(), 0, 2, 0xc0, 12];
            message([0x81, 0x80], [0, 1, 0, 0, 0, 0], &alias)
        }
        11 => {
            let alias = [
                0xc0,
                12,
                0,
                5,
                0,
                1,
                0,
                0,
                0,
                next(),
                0,
                4,
                1,
                b'x',
                0xc0,
                12,
            ];
            message([0x81, 0x80], [0, 1, 0, 0, 0, 0], &alias)
        }
        // The query itself, and with the flag of a response, its cookie included.
        12 => query.to_vec(),
        13 => flipped(query, 2),
        // With a cookie of the server.
        14 => with_cookie(query, end, next),
        // Nothing in it.
        _ => Vec::new(),
    })
}

fn some(next: &mut dyn FnMut() -> u8) -> Vec<u8> {
    let length = next() % LONGEST;
    (0..length).map(|_| next()).collect()
}

fn flipped(message: &[u8], index: usize) -> Vec<u8> {
    let mut message = message.to_vec();
    let bit = if index == 13 { 0x20 } else { 0x80 };
    message
        .get_mut(index)
        .into_iter()
        .for_each(|byte| *byte ^= bit);
    message
}

fn question_end(query: &[u8]) -> Option<usize> {
    let mut at = 12;
    loop {
        match *query.get(at)? {
            0 => break,
            length => at += 1 + usize::from(length),
        }
    }
    (at + 5 <= query.len()).then_some(at + 5)
}

/// A good answer, for the types that are asked for most.
fn records(question: &[u8]) -> Option<Vec<u8>> {
    let (_, &[high, low, class_high, class_low]) = question.split_last_chunk()?;
    let data: &[u8] = match u16::from_be_bytes([high, low]) {
        1 => &[192, 0, 2, 1],
        28 => &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        2 | 5 | 12 => b"\x04host\x07example\0",
        15 => b"\0\x0a\x04mail\xc0\x0c",
        16 => b"\x02hi",
        64 | 65 => b"\0\x01\0\0\x03\0\x02\x01\xbb",
        _ => return None,
    };
    let length = u8::try_from(data.len()).ok()?;
    let head = [
        0xc0, 12, high, low, class_high, class_low, 0, 0, 0, 60, 0, length,
    ];
    Some([&head[..], data].concat())
}

/// The cookie of the client comes back with one of the server, good or too short.
fn with_cookie(query: &[u8], end: usize, next: &mut dyn FnMut() -> u8) -> Vec<u8> {
    let mut answer = flipped(query, 2);
    let code = [0, 10, 0, 8];
    let at = query[end..].windows(4).position(|bytes| bytes == code);
    // Behind the option the query ends.
    if let (Some(at), Some(length)) = (at, answer.get(end + 9..end + 11)) {
        let more = next() % 40;
        let length = u16::from_be_bytes([length[0], length[1]]) + u16::from(more);
        answer[end + 9..end + 11].copy_from_slice(&length.to_be_bytes());
        answer[end + at + 3] += more;
        answer.resize(answer.len() + usize::from(more), 0xcc);
    }
    answer
}
