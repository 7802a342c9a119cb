//! Calls in any order on two channels, over networks in memory that answer anything.

#![no_main]

use c_ares_fuzz::world::{self, Input};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: Input| world::run(input));
