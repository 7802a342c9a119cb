//! Any bytes as a message: read, shown, changed, copied, written, and built anew.

#![no_main]

use c_ares::Message;
use c_ares_fuzz::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|wire: &[u8]| {
    match Message::parse(wire) {
        Ok(message) => check::parsed(&message),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
