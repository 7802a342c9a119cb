//! Stored values that were spoilt: what is read of them is used like any other.

use c_ares::{ErrorKind, Message, Name, RData, Record, RecordType, Section};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::common::Random;
use crate::sample;

const ROUNDS: usize = 300;

/// What is done with a value that was read.
type Use<T> = fn(&T);

/// Spoils bytes here and there, and puts lengths that nothing has in between.
fn spoil(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        let byte = [
            0,
            1,
            0x7f,
            0x80,
            0xff,
            b'"',
            b'{',
            b'\\',
            random.next() as u8,
        ];
        let byte = byte[random.below(9) as usize];
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, byte),
            // The largest length there is, and one that is too long a number.
            2 => drop(bytes.splice(at..at, [[0xff; 9].as_slice(), &[1]].concat())),
            3 => drop(bytes.splice(at..at, [0xff; 12])),
            4 => {
                let tail = bytes[at..].to_vec();
                bytes.extend(tail);
            }
            _ => {
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
        }
    }
}

/// Reads spoilt copies, in both kinds of format. Says how many could be read.
fn read<T: Serialize + DeserializeOwned>(value: &T, random: &mut Random, use_it: Use<T>) -> usize {
    let binary = postcard::to_allocvec(value).unwrap();
    let text = serde_json::to_vec(value).unwrap();
    let mut taken = 0;
    for _ in 0..ROUNDS {
        let mut spoilt = binary.clone();
        spoil(&mut spoilt, random);
        let one = postcard::from_bytes::<T>(&spoilt).ok();
        let mut spoilt = text.clone();
        spoil(&mut spoilt, random);
        let other = serde_json::from_slice::<T>(&spoilt).ok();
        for value in [one, other].into_iter().flatten() {
            taken += 1;
            use_it(&value);
        }
    }
    taken
}

fn use_message(message: &Message) {
    drop(message.to_string());
    let mut copy = message.try_clone().unwrap();
    copy.set_question_name(0, "a").ok();
    copy.retain_records(Section::Answer, |record| record.ttl != 1)
        .unwrap();
    copy.set_edns(None).unwrap();
    if let Ok(wire) = message.write() {
        // c-ares reads less than it writes, as `Message` says.
        match Message::parse(&wire) {
            Ok(parsed) => drop(parsed.to_string()),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::BadMessage { .. })),
        }
    }
}

fn use_record(record: &Record<RData>) {
    drop(record.to_string());
    let mut message = Message::query("www.example.com", RecordType::A).unwrap();
    for section in Section::ALL {
        let before = message.record_count(section);
        let added = message.add_record(section, record).is_ok();
        assert_eq!(message.record_count(section), before + usize::from(added));
    }
    use_message(&message);
}

fn use_name(name: &Name) {
    drop(name.to_string());
    if let Ok(message) = Message::query(name, RecordType::A) {
        use_message(&message);
    }
}

#[test]
fn what_is_left_of_a_spoilt_value_may_be_used() {
    let mut random = Random(88_172_645_463_325_252);
    let random = &mut random;
    let records = sample::all();
    let mut message = Message::query("www.example.com", RecordType::A).unwrap();
    for record in &records {
        message.add_record(Section::Answer, record).unwrap();
    }
    let mut taken = read(&message, random, use_message);
    for record in &records {
        taken += read(record, random, use_record);
        taken += read(&record.name, random, use_name);
    }
    assert!(taken > ROUNDS, "{taken}");
}
