//! Whole messages: built, written, parsed, changed, shown.

mod build;
mod edns;
mod limits;
mod sample;
mod show;
