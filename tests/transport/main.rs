//! Channels over sockets that are not the system's.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/memory.rs"]
mod memory;

mod callbacks;
mod faults;
mod faulty;
mod flow;
mod sorting;
mod told;
