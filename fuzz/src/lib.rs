//! What the targets have in common: what must hold of every message, values to build some from, and
//! for channels a network and calls at random.

pub mod answer;
pub mod call;
pub mod check;
pub mod name;
pub mod network;
pub mod setup;
pub mod wire;
pub mod world;
