//! Android: how c-ares gets at the system's DNS servers.
//!
//! Only Java knows them there, so [`initialize`] takes pointers of the Java Native Interface. Nothing can
//! be found out about such a pointer, which makes it the one function of this crate that is `unsafe`.

pub use crate::ffi::android::{initialize, is_initialized};
