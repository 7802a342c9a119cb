//! Servers that lie, break off, flood and fall silent: each query is told once, and neither
//! time nor memory is lost.

#[path = "../common/mod.rs"]
mod common;
mod ends;
mod level;
mod mass;
mod outcome;
