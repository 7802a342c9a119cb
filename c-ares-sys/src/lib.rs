#![doc = include_str!("../README.md")]
#![no_std]
// The names are those of the C headers.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

#[cfg(target_os = "android")]
mod android;
#[cfg_attr(feature = "bindgen", path = "generated.rs")]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks, missing_docs, rustdoc::all)]
#[rustfmt::skip]
mod bindings;
mod platform;

#[cfg(target_os = "android")]
pub use android::*;
pub use bindings::*;
pub use platform::*;
