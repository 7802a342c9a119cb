//! What a program sees is the same with the library and without.

use crate::harness::{Run, server};
use crate::library::{ALL, Library, NEW};

/// Runs a scenario without and with the library, each against a server of its own: the same
/// output, and the same end. Ports are all that may differ.
fn same(source: &str, library: Library, scenario: &str, word: &str) {
    same_with(source, library, scenario, word, &[]);
}

fn same_with(
    source: &str,
    library: Library,
    scenario: &str,
    word: &str,
    variables: &[(&str, &str)],
) {
    let (mut plain_run, mut traced_run) = (server(), server());
    let make = |server: &mut testserver::Server| {
        let run = Run::scenario(source, library, scenario, server.address(), word);
        variables
            .iter()
            .fold(run, |run, (name, value)| run.with(name, value))
    };
    let plain = make(&mut plain_run).plain();
    let traced = make(&mut traced_run).traced();
    assert_eq!(
        plain.stdout(),
        traced.stdout(),
        "{source} {scenario} on {library:?}"
    );
    assert_eq!(
        plain.status(),
        traced.status(),
        "{source} {scenario} on {library:?}"
    );
    assert!(
        plain.stdout().ends_with("end\n") || plain.status().code() != Some(0),
        "{plain:?}"
    );
    let error = String::from_utf8_lossy(&traced.output.stderr).into_owned();
    let plain_error = String::from_utf8_lossy(&plain.output.stderr).into_owned();
    if variables.is_empty() {
        assert_eq!(plain_error, error, "{source} {scenario} on {library:?}");
        assert!(
            !traced.told.is_empty(),
            "nothing was told: was it preloaded?"
        );
    }
}

#[test]
fn every_way_to_ask() {
    for library in ALL {
        same("asks.c", library, "families", "");
        same("asks.c", library, "types", "");
    }
    for library in NEW {
        same("asks.c", library, "records", "");
    }
}

#[test]
fn callbacks_that_ask_and_cancel() {
    for library in ALL {
        same("asks.c", library, "nested", "");
        same("asks.c", library, "destroy", "");
        same("asks.c", library, "timeouts", "");
    }
}

#[test]
fn leaving_with_questions_in_flight() {
    for library in ALL {
        same("asks.c", library, "leave", "exit");
        same("asks.c", library, "leave", "_exit");
        same("asks.c", library, "leave_inside", "");
    }
}

#[test]
fn options_are_saved_as_they_were_given() {
    for library in ALL {
        same("channels.c", library, "options", "");
    }
}

#[test]
fn copies_of_channels_have_the_callbacks_of_their_source() {
    for library in ALL {
        same("channels.c", library, "copies", "");
    }
}

#[test]
fn servers_and_other_settings() {
    for library in ALL {
        same("channels.c", library, "servers", "");
    }
    for library in NEW {
        let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        same(
            "channels.c",
            library,
            "states",
            &silent.local_addr().unwrap().to_string(),
        );
    }
}

#[test]
fn channels_with_an_event_thread() {
    for library in NEW {
        same("channels.c", library, "event_thread", "");
    }
}

/// A program that counts what the library allocates counts the same, and each failure
/// comes where it came.
#[test]
fn allocations_are_not_changed() {
    for library in ALL {
        same("channels.c", library, "allocator", "");
    }
}

/// Whatever of ours panics, and wherever: the program's callbacks are called, once, as
/// they would have been.
#[cfg(debug_assertions)]
#[test]
fn panics_of_ours_are_not_seen() {
    for place in [
        "ask",
        "tell",
        "init",
        "keep",
        "sock_state",
        "created",
        "server_state",
    ] {
        let variables = [("C_ARES_TRACE_TEST", place)];
        for library in [Library::System, Library::Apart] {
            same_with("asks.c", library, "families", "", &variables);
            same_with("asks.c", library, "nested", "", &variables);
            same_with("channels.c", library, "copies", "", &variables);
        }
        same_with("channels.c", Library::Unit, "event_thread", "", &variables);
    }
}

/// An exception goes on through us as it went through the library, and so does a jump.
#[test]
fn callbacks_that_throw_and_jump() {
    for library in ALL {
        same("throws.cc", library, "-", "");
    }
}
