//! Numbers of c-ares, in words.

/// What a status means, in words; the names are those of `ares.h`, without `ARES_E`.
const STATUSES: [(&str, &str); 27] = [
    ("ARES_SUCCESS", "success"),
    ("ARES_ENODATA", "no data"),
    ("ARES_EFORMERR", "format error"),
    ("ARES_ESERVFAIL", "server failure"),
    ("ARES_ENOTFOUND", "not found"),
    ("ARES_ENOTIMP", "not implemented"),
    ("ARES_EREFUSED", "refused"),
    ("ARES_EBADQUERY", "bad query"),
    ("ARES_EBADNAME", "bad name"),
    ("ARES_EBADFAMILY", "bad family"),
    ("ARES_EBADRESP", "bad response"),
    ("ARES_ECONNREFUSED", "connection refused"),
    ("ARES_ETIMEOUT", "timeout"),
    ("ARES_EOF", "end of file"),
    ("ARES_EFILE", "file error"),
    ("ARES_ENOMEM", "out of memory"),
    ("ARES_EDESTRUCTION", "channel destroyed"),
    ("ARES_EBADSTR", "bad string"),
    ("ARES_EBADFLAGS", "bad flags"),
    ("ARES_ENONAME", "no name"),
    ("ARES_EBADHINTS", "bad hints"),
    ("ARES_ENOTINITIALIZED", "not initialised"),
    ("ARES_ELOADIPHLPAPI", "iphlpapi missing"),
    ("ARES_EADDRGETNETWORKPARAMS", "no network parameters"),
    ("ARES_ECANCELLED", "cancelled"),
    ("ARES_ESERVICE", "bad service"),
    ("ARES_ENOSERVER", "no server"),
];

/// A status in words.
pub(crate) fn status(status: i32) -> String {
    let known = usize::try_from(status)
        .ok()
        .and_then(|index| STATUSES.get(index));
    known.map_or_else(
        || format!("status {status}"),
        |(_, words)| (*words).to_owned(),
    )
}

/// Whether a status is what a server said: it was reached, and answered.
pub(crate) fn is_servers(status: i32) -> bool {
    (0..=6).contains(&status)
}

const FLAGS: [&str; 11] = [
    "USEVC",
    "PRIMARY",
    "IGNTC",
    "NORECURSE",
    "STAYOPEN",
    "NOSEARCH",
    "NOALIASES",
    "NOCHECKRESP",
    "EDNS",
    "NO_DFLT_SVR",
    "DNS0x20",
];

/// The flags of a channel.
pub(crate) fn flags(flags: i32) -> Vec<String> {
    let bit = |bit: u32| match FLAGS.get(bit as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("1<<{bit}"),
    };
    (0..31)
        .filter(|number| flags & (1 << number) != 0)
        .map(bit)
        .collect()
}

/// The event system of a channel.
pub(crate) fn event_system(number: u32) -> String {
    let names = ["default", "win32", "epoll", "kqueue", "poll", "select"];
    names
        .get(number as usize)
        .map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_flags_are_those_of_the_headers() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/../c-ares-sys/src/bindings.rs");
        let header = std::fs::read_to_string(header).unwrap();
        for (number, (name, _)) in STATUSES.iter().enumerate() {
            let line = format!("pub const {name}: ares_status_t = {number};");
            assert!(header.contains(&line), "{line}");
        }
        let count = header.matches(": ares_status_t = ").count();
        assert_eq!(count, STATUSES.len(), "a status has no words");
        for (bit, name) in FLAGS.iter().enumerate() {
            let line = format!(
                "pub const ARES_FLAG_{name}: ::core::ffi::c_int = {};",
                1 << bit
            );
            assert!(header.contains(&line), "{line}");
        }
    }

    #[test]
    fn unknown_numbers_are_shown() {
        assert_eq!(status(99), "status 99");
        assert_eq!(status(-1), "status -1");
        assert_eq!(flags((1 << 8) | (1 << 20)), ["EDNS", "1<<20"]);
    }
}
