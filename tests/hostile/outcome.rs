//! What a query was told, in terms of its own: the one place here that takes errors apart.

use c_ares::{A, Answer, ErrorKind, Result};
use std::net::Ipv4Addr;

/// What a query for an address was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// The address that is right.
    Right,
    /// Another address: somebody was believed who must not be.
    Wrong,
    /// Nobody answered in time.
    Timeout,
    /// Any other error.
    Error,
}

pub(crate) fn outcome(answer: &Result<Answer<A>>) -> Outcome {
    match answer {
        Ok(answer) => {
            let right = Ipv4Addr::from(testserver::RIGHT);
            let mut addresses = answer.records.iter().map(|record| record.data.address);
            match addresses.all(|address| address == right) {
                true => Outcome::Right,
                false => Outcome::Wrong,
            }
        }
        Err(error) if *error == ErrorKind::Timeout => Outcome::Timeout,
        Err(_) => Outcome::Error,
    }
}
