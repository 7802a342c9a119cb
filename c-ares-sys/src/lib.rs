#![doc = include_str!("../README.md")]
#![no_std]
// The names are those of the C headers.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

#[cfg(any(target_os = "android", c_ares_android))]
mod android;
#[cfg_attr(feature = "bindgen", path = "generated.rs")]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks, missing_docs, rustdoc::all)]
#[rustfmt::skip]
mod bindings;
mod platform;

#[cfg(any(target_os = "android", c_ares_android))]
pub use android::*;
pub use bindings::*;
pub use platform::*;
