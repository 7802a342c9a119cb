//! What is told is so.

use crate::harness::{Ran, Run, run, server};
use crate::library::{ALL, Library, NEW};
use serde_json::{Value, json};

pub(crate) fn traced(source: &str, library: Library, scenario: &str, word: &str) -> Ran {
    let server = server();
    Run::scenario(source, library, scenario, server.address(), word).traced()
}

/// The one question of that call and name.
pub(crate) fn query<'a>(ran: &'a Ran, call: &str, name: &str, kind: &str) -> &'a Value {
    let mut found = ran.events("query");
    found.retain(|line| line["call"] == call && line["name"] == name && line["type"] == kind);
    assert_eq!(found.len(), 1, "{call} {name} {kind}: {found:?}");
    found[0]
}

/// `name ttl type data` of each answer.
fn answers(query: &Value) -> Vec<String> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let answers = query["answers"].as_array().unwrap().iter();
    answers
        .map(|one| {
            format!(
                "{} {} {} {}",
                text(&one["name"]),
                text(&one["ttl"]),
                text(&one["type"]),
                text(&one["data"])
            )
        })
        .collect()
}

/// One question of the program is one line, however the library goes about it.
#[test]
fn one_line_for_one_question() {
    for library in ALL {
        let ran = traced("asks.c", library, "families", "");
        // Each call and its place in the program; one has no channel, and nobody to tell of.
        let count = if library == Library::System { 19 } else { 20 };
        assert_eq!(
            ran.events("query").len(),
            count,
            "{library:?}: {:#?}",
            ran.events("query")
        );
        let mx = query(&ran, "ares_query", "example.com", "MX");
        assert_eq!(mx["class"], "IN");
        assert_eq!(mx["status"], 0);
        assert_eq!(mx["result"], "success");
        assert_eq!(mx["timeouts"], 0);
        assert_eq!(mx["inside_call"], false);
        let mut found = answers(mx);
        found.sort();
        let trim = |text: &str| text.replace("example.com. ", "example.com ");
        let found: Vec<_> = found.iter().map(|line| trim(line)).collect();
        assert_eq!(
            found,
            [
                "example.com 300 MX 10 mail.example.com.",
                "example.com 300 MX 20 mail.example.net."
            ]
        );
        let time = |value: &Value| value.as_f64().unwrap();
        let (start, end, took) = (
            time(&mx["start"]),
            time(&mx["time"]),
            time(&mx["duration_ms"]),
        );
        assert!(
            start <= end && took > 0.0 && took / 1000.0 <= end - start + 0.001,
            "{mx}"
        );

        assert_eq!(
            query(&ran, "ares_query", "nowhere.example.com", "A")["result"],
            "not found"
        );
        assert_eq!(
            query(&ran, "ares_query", "v4only.example.com", "AAAA")["result"],
            "no data"
        );
        assert_eq!(
            query(&ran, "ares_search", "www", "A")["answers"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        let onion = query(&ran, "ares_search", "no.such.onion", "A");
        assert_eq!(
            (&onion["result"], &onion["inside_call"]),
            (&json!("not found"), &json!(true))
        );
        let host = query(&ran, "ares_gethostbyname", "shop.example.com", "A");
        assert!(
            answers(host)
                .iter()
                .any(|line| line.ends_with("A 192.0.2.80")),
            "{host}"
        );
        assert!(
            answers(host)
                .iter()
                .any(|line| line.contains("shop.example.com null alias of ")),
            "{host}"
        );
        let literal = query(&ran, "ares_gethostbyname", "192.0.2.99", "A");
        assert_eq!(literal["inside_call"], true);
        let address = query(&ran, "ares_gethostbyaddr", "192.0.2.10", "PTR");
        assert!(address["result"] == "success", "{address}");
        let name = query(&ran, "ares_getnameinfo", "192.0.2.10:80", "PTR");
        assert_eq!(
            name["answers"],
            json!([{"type": "node", "data": "example.com"}, {"type": "service", "data": "80"}])
        );
        let both = query(&ran, "ares_getaddrinfo", "shop.example.com", "A+AAAA");
        assert_eq!(both["detail"], "service 443 flags 0x80");
        assert!(
            answers(both)
                .iter()
                .any(|line| line.ends_with("AAAA 2001:db8::80")),
            "{both}"
        );
        assert!(
            answers(both)
                .iter()
                .any(|line| line.contains("CNAME www.example.com")),
            "{both}"
        );
        assert_eq!(
            query(&ran, "ares_send", "www.example.com", "A")["result"],
            "success"
        );
        assert_eq!(
            query(&ran, "ares_send", "(unreadable)", "?")["result"],
            "bad query"
        );
        assert_eq!(
            query(&ran, "ares_gethostbyname_file", "no-such-name.example", "A")["result"],
            "not found"
        );
        assert_eq!(ran.events("setting")[0]["call"], "ares_cancel");
    }
}

/// What the program asks inside a callback is its own question too.
#[test]
fn questions_inside_callbacks() {
    for library in ALL {
        let ran = traced("asks.c", library, "nested", "");
        // Three of the callbacks ask two questions each; see the program.
        let told = ran.stdout().matches("deep ").count();
        assert_eq!(told, 7, "{}", ran.stdout());
        assert_eq!(ran.events("query").len(), told, "{library:?}");
    }
}

#[test]
fn questions_with_records() {
    for library in NEW {
        let ran = traced("asks.c", library, "records", "");
        assert_eq!(ran.events("query").len(), 4, "{:#?}", ran.events("query"));
        let mut found = answers(query(&ran, "ares_query_dnsrec", "example.com", "MX"));
        found.sort();
        assert_eq!(
            found,
            [
                "example.com 300 MX 10 mail.example.com.",
                "example.com 300 MX 20 mail.example.net."
            ]
        );
        assert_eq!(
            query(&ran, "ares_query_dnsrec", "no.onion.", "A")["status"],
            4
        );
        assert_eq!(
            answers(query(&ran, "ares_search_dnsrec", "www", "A")).len(),
            2
        );
        let text = answers(query(&ran, "ares_send_dnsrec", "example.com", "TXT"));
        assert!(
            text.iter()
                .any(|line| line.contains("\"two strings, \" \"one record\"")),
            "{text:?}"
        );
    }
}

/// What is read from a message on the wire, and what is read through the library's getters,
/// reads the same: for every type that the library takes apart, and one that it does not.
#[test]
fn every_type_reads_the_same_from_bytes_and_from_records() {
    for library in NEW {
        let ran = traced("asks.c", library, "types", "");
        let lines = ran.events("query");
        assert_eq!(lines.len(), 32);
        let mut with_answers = 0;
        for pair in lines.chunks(2) {
            assert_eq!(
                (&pair[0]["call"], &pair[1]["call"]),
                (&json!("ares_query"), &json!("ares_query_dnsrec"))
            );
            assert_eq!(pair[0]["type"], pair[1]["type"]);
            let strip = |line: &Value| {
                answers(line)
                    .iter()
                    .map(|one| one.replace("all.example.com. ", "all.example.com "))
                    .collect::<Vec<_>>()
            };
            assert_eq!(strip(pair[0]), strip(pair[1]), "{}", pair[0]["type"]);
            assert!(!pair[0].to_string().contains("(malformed)"), "{}", pair[0]);
            with_answers += usize::from(!answers(pair[0]).is_empty());
        }
        assert_eq!(with_answers, 14, "types with an answer");
        let data = |kind: &str| {
            let line = lines.iter().find(|line| line["type"] == kind).unwrap();
            line["answers"][0]["data"].as_str().unwrap().to_owned()
        };
        assert_eq!(data("TXT"), "\"one\" \"two three\"");
        assert_eq!(data("SRV"), "1 2 3 sip.example.com");
        assert_eq!(
            data("SOA"),
            "ns1.example.com. hostmaster.example.com. 1 2 3 4 5"
        );
        assert_eq!(data("TYPE65280"), "\\# 3 01 02 ff");
    }
}

/// Latency goes to the one server there is, or to the one that is said to have answered.
#[test]
fn latency_is_told_for_each_server_that_is_known() {
    for library in ALL {
        let server = server();
        server.rule(
            "www.example.com.",
            testserver::Rule::delay(std::time::Duration::from_millis(20)),
        );
        let ran = Run::scenario("asks.c", library, "many", server.address(), "3").traced();
        let summary = ran.events("summary")[0];
        let rows = summary["servers"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{summary}");
        assert_eq!(rows[0]["server"], server.address().to_string());
        assert_eq!(rows[0]["lookups"], 3, "{summary}");
        assert!(rows[0]["mean_ms"].as_f64().unwrap() >= 20.0, "{summary}");
        assert_eq!(summary["queries"], 3);
        assert_eq!(summary["inside_call"], 0);
        assert_eq!(summary["outcomes"], json!({"success": 3}));
        assert_eq!(summary["slowest"][0]["name"], "www.example.com");
        assert_eq!(summary["slowest"][0]["asked"], 3);
    }
}

#[test]
fn questions_in_flight_are_told_at_the_end() {
    for library in ALL {
        let ran = traced("asks.c", library, "leave", "exit");
        let line = query(&ran, "ares_query", "silent.example.com", "A");
        assert_eq!(
            (&line["status"], &line["result"]),
            (&Value::Null, &json!("in flight at exit"))
        );
        assert_eq!(ran.events("summary")[0]["in_flight"], 1);
        // Who leaves without its handlers gets no summary.
        assert!(
            traced("asks.c", library, "leave", "_exit")
                .events("summary")
                .is_empty()
        );
        assert_eq!(
            traced("asks.c", library, "leave_inside", "")
                .events("summary")
                .len(),
            1
        );
    }
}

/// The text for people: one line for each, and a table.
#[test]
fn the_text_and_the_table() {
    let server = server();
    let command = Run::scenario("asks.c", Library::System, "families", server.address(), "")
        .telling("stderr");
    let output = run(command);
    let text = String::from_utf8(output.stderr).unwrap();
    let line = |part: &str| {
        text.lines()
            .find(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part:?} in\n{text}"))
    };
    assert!(line("ares_init_options: success, c-ares 1.18").contains(" timeout ms 3000, tries 2"));
    assert!(
        line("#1 ares_query example.com IN MX: success").contains(" 300 MX 10 mail.example.com.")
    );
    assert!(line("ares_search no.such.onion").ends_with(", inside the call"));
    assert!(line("#1 channel closed").starts_with("c-ares["));
    let table: Vec<_> = text
        .lines()
        .skip_while(|line| !line.ends_with("summary"))
        .collect();
    assert!(
        table[1].starts_with("  queries 19  inside the call "),
        "{text}"
    );
    assert!(
        table
            .iter()
            .any(|line| line.split_whitespace().eq(["success", "11"])),
        "{text}"
    );
    assert!(
        table
            .iter()
            .any(|line| line.starts_with(&format!("  {}", server.address()))),
        "{text}"
    );
}

/// Without the variable, or with an empty one, nothing is told and nothing is done.
#[test]
fn nothing_is_told_unless_asked_for() {
    let server = server();
    let run_of = Run::scenario("asks.c", Library::System, "families", server.address(), "");
    let plain = run_of.plain();
    let mut unset = run_of.telling("");
    unset.env_remove("C_ARES_TRACE");
    for command in [unset, run_of.telling("")] {
        let output = run(command);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(String::from_utf8_lossy(&output.stdout), plain.stdout());
    }
    let output = run(run_of.telling("/nonexistent/folder/file"));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        error.contains("nothing is traced: /nonexistent/folder/file"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
    assert_eq!(String::from_utf8_lossy(&output.stdout), plain.stdout());
}
