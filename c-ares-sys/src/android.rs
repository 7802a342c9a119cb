//! What c-ares has on Android alone.
//!
//! `jni.h` exists only there, so these three are written by hand. A `JavaVM *`
//! and a `jobject` are pointers, whatever crate declares what is behind them.

use core::ffi::{c_int, c_void};

unsafe extern "C" {
    /// Tells c-ares the Java virtual machine (`JavaVM *`), through which it asks for the DNS servers.
    pub fn ares_library_init_jvm(jvm: *mut c_void);
    /// Tells c-ares the `ConnectivityManager` (a `jobject`). Needs [`ares_library_init_jvm`] first.
    pub fn ares_library_init_android(connectivity_manager: *mut c_void) -> c_int;
    /// Whether [`ares_library_init_android`] succeeded.
    pub fn ares_library_android_initialized() -> c_int;
}
