//! What the targets have in common: what must hold of every message, and values to build some from.

pub mod check;
pub mod wire;
