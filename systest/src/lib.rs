//! Checks the declarations of `c-ares-sys` against the C headers: sizes,
//! offsets, signedness, constants and signatures. It has tests and nothing else.
#![cfg(test)]

use std::ffi::{CStr, c_char, c_int};

/// What `ctest` generated, see `build.rs`.
#[allow(
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    missing_docs,
    nonstandard_style,
    unused
)]
#[allow(unpredictable_function_pointer_comparisons, unreachable_pub)]
mod abi {
    use c_ares_sys::*;

    include!(concat!(env!("OUT_DIR"), "/signatures.rs"));
    include!(concat!(env!("OUT_DIR"), "/abi.rs"));

    pub(crate) fn check() {
        main();
    }
}

unsafe extern "C" {
    safe fn systest_copyright() -> *const c_char;
    safe fn systest_version_str() -> *const c_char;
    safe fn systest_getsock_readable(bits: c_int, num: c_int) -> c_int;
    safe fn systest_getsock_writable(bits: c_int, num: c_int) -> c_int;
}

#[test]
fn the_bindings_agree_with_the_headers() {
    abi::check();
}

#[test]
fn the_string_constants_agree_with_the_headers() {
    // SAFETY: macros.c returns string literals.
    let (copyright, version) = unsafe {
        (
            CStr::from_ptr(systest_copyright()),
            CStr::from_ptr(systest_version_str()),
        )
    };
    assert_eq!(c_ares_sys::ARES_COPYRIGHT, copyright);
    assert_eq!(c_ares_sys::ARES_VERSION_STR, version);
}

#[test]
fn the_getsock_macros_agree_with_the_headers() {
    for bits in (0..32).map(|bit| 1 << bit).chain([0, -1, 0x0001_0001]) {
        // The sixteenth would shift into the sign bit, which C leaves undefined.
        for num in 0..c_ares_sys::ARES_GETSOCK_MAXNUM - 1 {
            assert_eq!(
                c_ares_sys::ARES_GETSOCK_READABLE(bits, num),
                systest_getsock_readable(bits, num)
            );
            assert_eq!(
                c_ares_sys::ARES_GETSOCK_WRITABLE(bits, num),
                systest_getsock_writable(bits, num)
            );
        }
    }
}

#[test]
fn what_c_ares_sys_exports_leads_to_the_library() {
    let root = std::path::Path::new(env!("C_ARES_ROOT"));
    let include = std::path::Path::new(env!("C_ARES_INCLUDE"));
    assert!(include.join("ares.h").is_file());
    assert_eq!(include, root.join("include"));
    let library = if cfg!(target_env = "msvc") {
        "cares.lib"
    } else {
        "libcares.a"
    };
    assert!(root.join("lib").join(library).is_file());
    assert_eq!(env!("C_ARES_LINKAGE"), "vendored");
    // SAFETY: ares_version(3) takes NULL and returns a static string.
    let linked = unsafe { CStr::from_ptr(c_ares_sys::ares_version(std::ptr::null_mut())) };
    assert_eq!(linked.to_str(), Ok(env!("C_ARES_VERSION")));
}
