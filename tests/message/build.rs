//! Messages from parts, and parts from messages.

use c_ares::{
    A, Class, Header, HeaderFlags, Message, Mx, Opcode, Question, RData, Rcode, Record, RecordType,
    Section, Txt,
};

use crate::sample;

fn a(last: u8) -> Record<A> {
    let address = [192, 0, 2, last].into();
    Record::new("www.example.com", 60, A { address })
}

fn query() -> Message {
    Message::query("www.example.com", RecordType::A).unwrap()
}

#[test]
fn a_record_of_every_type_is_written_and_read_back() {
    for section in Section::ALL {
        let mut message = Message::new(Header::default()).unwrap();
        message
            .add_question("www.example.com", RecordType::ANY, Class::IN)
            .unwrap();
        let records = sample::all();
        for record in &records {
            message.add_record(section, record).unwrap();
        }
        assert_eq!(message.records::<RData>(section).unwrap(), records);
        let parsed = Message::parse(&message.write().unwrap()).unwrap();
        assert_eq!(parsed.records::<RData>(section).unwrap(), records);
        assert_eq!(parsed, message);
        assert_eq!(parsed.try_clone().unwrap(), message);
        assert_eq!(message.record_count(section), records.len());
    }
}

#[test]
fn each_type_is_read_alone() {
    let mut message = query();
    for record in sample::all() {
        message.add_record(Section::Answer, &record).unwrap();
    }
    let mx = message.records::<Mx>(Section::Answer).unwrap();
    assert_eq!(mx.len(), 1);
    assert_eq!(mx[0].data.exchange, "mail.example.com");
    assert!(
        message
            .records::<Mx>(Section::Authority)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn equal_owner_names_share_their_storage() {
    let mut message = query();
    message.add_record(Section::Answer, &a(1)).unwrap();
    message.add_record(Section::Answer, &a(2)).unwrap();
    let records = message.records::<A>(Section::Answer).unwrap();
    assert_eq!(
        records[0].name.as_str().as_ptr(),
        records[1].name.as_str().as_ptr()
    );
}

#[test]
fn the_header_is_kept_and_can_be_changed() {
    let flags = [
        HeaderFlags::QR,
        HeaderFlags::AA,
        HeaderFlags::TC,
        HeaderFlags::RD,
        HeaderFlags::RA,
        HeaderFlags::AD,
        HeaderFlags::CD,
    ];
    let opcodes = [
        Opcode::QUERY,
        Opcode::IQUERY,
        Opcode::STATUS,
        Opcode::NOTIFY,
        Opcode::UPDATE,
    ];
    let mut message = query();
    message.add_record(Section::Answer, &a(1)).unwrap();
    for (number, flag) in (0..).zip(flags) {
        for opcode in opcodes {
            let header = Header {
                id: 0xff00 + number,
                flags: flag,
                opcode,
                rcode: Rcode::BADCOOKIE,
            };
            message.set_header(header).unwrap();
            assert_eq!(message.header(), header);
            let parsed = Message::parse(&message.write().unwrap()).unwrap();
            assert_eq!(parsed.header(), header);
            assert_eq!(parsed, message);
        }
    }
    assert_eq!(message.records::<A>(Section::Answer).unwrap(), [a(1)]);
    message.set_id(7);
    assert_eq!(message.header().id, 7);
}

#[test]
fn the_question_can_be_changed() {
    let mut message = query();
    message.set_question_name(0, "example.net").unwrap();
    message.set_question_type(0, RecordType(65_280)).unwrap();
    let question = Question {
        name: "example.net".into(),
        record_type: RecordType(65_280),
        class: Class::IN,
    };
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    for message in [message, parsed] {
        let questions: Vec<Question> = message.questions().collect();
        assert_eq!(questions, std::slice::from_ref(&question));
    }
}

#[test]
fn several_questions_are_written() {
    let mut message = query();
    message
        .add_question("example.net", RecordType::MX, Class::CH)
        .unwrap();
    assert_eq!(message.questions().count(), 2);
    let wire = message.write().unwrap();
    assert_eq!(wire[4..6], [0, 2]);
}

#[test]
fn records_are_removed() {
    let mut message = query();
    for last in 0..6 {
        message.add_record(Section::Answer, &a(last)).unwrap();
    }
    let mut seen = Vec::new();
    message
        .retain_records(Section::Answer, |record| {
            let RData::A(a) = &record.data else {
                panic!("{record} is no A");
            };
            let last = a.address.octets()[3];
            seen.push(last);
            last % 3 != 0
        })
        .unwrap();
    assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
    let left = message.records::<A>(Section::Answer).unwrap();
    assert_eq!(left, [a(1), a(2), a(4), a(5)]);
    message.add_record(Section::Answer, &a(6)).unwrap();
    message.retain_records(Section::Answer, |_| false).unwrap();
    assert_eq!(message.record_count(Section::Answer), 0);
    assert!(
        message.edns().unwrap().is_some(),
        "another section is left alone"
    );
}

#[test]
fn a_record_that_is_refused_leaves_the_message_as_it_was() {
    let mut message = query();
    message.add_record(Section::Answer, &a(1)).unwrap();
    let strings = vec![b"good".to_vec(), vec![0; 256]];
    let bad = Record::new("www.example.com", 60, Txt { strings });
    message.add_record(Section::Answer, &bad).unwrap_err();
    assert_eq!(message.records::<RData>(Section::Answer).unwrap().len(), 1);
    assert_eq!(message.record_count(Section::Answer), 1);
}

#[test]
fn classes_are_kept() {
    let mut message = Message::new(Header::default()).unwrap();
    message
        .add_question("version.bind", RecordType::TXT, Class::CH)
        .unwrap();
    let strings = vec![b"9".to_vec()];
    let record = Record::new("version.bind", 0, Txt { strings }).with_class(Class::CH);
    message.add_record(Section::Answer, &record).unwrap();
    let parsed = Message::parse(&message.write().unwrap()).unwrap();
    assert_eq!(parsed.questions().next().unwrap().class, Class::CH);
    let records = parsed.records::<Txt>(Section::Answer).unwrap();
    assert_eq!(records[0].to_string(), r#"version.bind. 0 CH TXT "9""#);
}

#[test]
fn messages_may_be_used_on_any_thread() {
    fn check<T: Send + Sync>() {}
    check::<Message>();
    let message = query();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(message.try_clone().unwrap(), message));
        }
    });
}
