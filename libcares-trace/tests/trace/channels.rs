//! What is told of channels, servers and sockets is so.

use crate::harness::{Run, server};
use crate::library::{ALL, Library, NEW};
use crate::told::{query, traced};
use serde_json::{Value, json};
use std::net::UdpSocket;

#[test]
fn channels_and_their_configuration() {
    for library in ALL {
        let ran = traced("channels.c", library, "options", "");
        let first = ran.events("channel-open")[0];
        assert_eq!(first["channel"], 1);
        assert_eq!(first["call"], "ares_init_options");
        assert_eq!(first["flags"], json!(["NOALIASES"]));
        assert_eq!(first["timeout_ms"], 3000);
        assert_eq!(first["tries"], 2);
        assert_eq!(first["lookups"], "b");
        assert_eq!(first["domains"], json!(["example.com"]));
        let version = if library == Library::System {
            "1.18."
        } else {
            "1.34."
        };
        assert!(
            first["version"].as_str().unwrap().starts_with(version),
            "{first}"
        );
        assert!(
            first["library"].as_str().unwrap().contains("libcares.so"),
            "{first}"
        );
        let opened = ran.events("channel-open");
        let refused = opened.iter().find(|line| line["status"] != 0);
        assert_eq!(
            refused.is_some(),
            library != Library::System,
            "1.18 forgives what 1.34 refuses"
        );
        assert!(opened.iter().any(|line| line["call"] == "ares_init"));
        let made = opened.iter().filter(|line| line["status"] == 0).count();
        assert_eq!(made, ran.events("channel-close").len());
        let ids: Vec<_> = opened
            .iter()
            .filter_map(|line| line["channel"].as_u64())
            .collect();
        assert_eq!(ids, (1..=made as u64).collect::<Vec<_>>());
    }
}

#[test]
fn copies_say_what_they_are_copies_of() {
    for library in ALL {
        let ran = traced("channels.c", library, "copies", "");
        let opened = ran.events("channel-open");
        let copies: Vec<_> = opened
            .iter()
            .filter(|line| line["call"] == "ares_dup")
            .collect();
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0]["copy_of"], 1);
        assert_eq!(copies[1]["copy_of"], copies[0]["channel"]);
        // The sockets of a copy are its own, whosever the functions are.
        let of = |channel: &Value| {
            ran.events("socket")
                .iter()
                .filter(|line| line["channel"] == *channel)
                .count()
        };
        assert_eq!(of(&json!(1)), 0, "{:#?}", ran.events("socket"));
        assert!(of(&copies[0]["channel"]) >= 2);
        assert!(of(&copies[1]["channel"]) >= 2);
    }
}

#[test]
fn servers_are_told_as_given_and_as_they_are() {
    for library in ALL {
        let ran = traced("channels.c", library, "servers", "");
        let told = |given: &str| {
            let lines = ran.events("servers");
            let line = lines.into_iter().find(|line| line["given"] == given);
            line.unwrap_or_else(|| panic!("{given}: {:#?}", ran.events("servers")))
                .clone()
        };
        assert_eq!(
            told("2001:db8::1,192.0.2.1")["servers"],
            json!(["[2001:db8::1]:53", "192.0.2.1:53"])
        );
        assert_eq!(told("192.0.2.7:5353")["call"], "ares_set_servers_ports");
        assert_eq!(
            told("192.0.2.3,192.0.2.4")["servers"],
            json!(["192.0.2.3:53", "192.0.2.4:53"])
        );
        assert_ne!(told("no address")["status"], 0);
        let setting = |call: &str| {
            ran.events("setting")
                .iter()
                .find(|line| line["call"] == call)
                .unwrap()["value"]
                .clone()
        };
        assert_eq!(setting("ares_set_local_ip4"), "127.0.0.1");
        assert_eq!(setting("ares_set_local_ip6"), "::1");
        assert_eq!(setting("ares_set_sortlist"), "192.0.2.0/255.255.255.0");
    }
}

#[test]
fn sockets_are_told_once_when_they_open_and_once_when_they_close() {
    for library in ALL {
        let server = server();
        let ran = Run::scenario("asks.c", library, "timeouts", server.address(), "").traced();
        let lines = ran.events("socket");
        let open = lines.iter().filter(|line| line["open"] == true);
        let peers: Vec<_> = open
            .clone()
            .map(|line| (&line["transport"], &line["peer"]))
            .collect();
        assert!(!peers.is_empty());
        for peer in peers {
            assert_eq!(peer, (&json!("UDP"), &json!(server.address().to_string())));
        }
        assert_eq!(open.count() * 2, lines.len(), "{lines:#?}");
        let late = query(&ran, "ares_query", "late.example.com", "A");
        assert!(late["timeouts"].as_u64().unwrap() >= 1, "{late}");
        assert!(late["duration_ms"].as_f64().unwrap() >= 250.0, "{late}");
    }
}

#[test]
fn servers_go_down_and_come_back() {
    for library in NEW {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let word = silent.local_addr().unwrap().to_string();
        let server = server();
        let ran = Run::scenario("channels.c", library, "states", server.address(), &word).traced();
        let states = ran.events("server-state");
        assert!(
            states.iter().any(|line| line["server"] == *word
                && line["up"] == false
                && line["transport"] == "UDP"),
            "{:#?}",
            ran.told
        );
        let summary = ran.events("summary")[0];
        let row = |name: &str| {
            summary["servers"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["server"] == *name)
                .cloned()
        };
        assert!(
            row(&word).unwrap()["failures"].as_u64() >= Some(1),
            "{summary}"
        );
        let good = row(&server.address().to_string()).unwrap();
        assert!(good["answers"].as_u64() >= Some(1), "{summary}");
        // The second question had no timeout, and of two servers it was this one that answered.
        assert_eq!(good["lookups"], 1, "{summary}");
    }
}

/// On an event thread of the library's own, where nobody calls from outside.
#[test]
fn event_threads_are_followed() {
    for library in NEW {
        let ran = traced("channels.c", library, "event_thread", "");
        assert_eq!(
            ran.events("query").len(),
            4,
            "{library:?}: {:#?}",
            ran.events("query")
        );
        let opened = ran.events("channel-open")[0];
        assert_eq!(opened["event_thread"], "default");
        assert!(
            ran.events("socket")
                .iter()
                .any(|line| line["open"] == true && line["transport"] == "UDP"),
            "{:#?}",
            ran.told
        );
    }
}
