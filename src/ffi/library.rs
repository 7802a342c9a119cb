//! The first use of the library: is what was loaded what we were built for?

use std::ffi::{CStr, c_int};
use std::sync::OnceLock;

use c_ares_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::message::RawMessage;
use crate::ffi::{fork, platform};
use crate::linked::{Linkage, Version, linked};

/// The oldest c-ares that this crate may run on: before 1.34.9 a callback that
/// calls back into its channel can corrupt memory.
pub(crate) const OLDEST: Version = Version::new(1, 34, 9);

static READY: OnceLock<Result<()>> = OnceLock::new();

/// The version of the library that is loaded, which may differ from the one
/// this crate was linked against.
pub(crate) fn version() -> Version {
    let mut number: c_int = 0;
    // SAFETY: ares_version(3) writes the version through the pointer and may be
    // called at any time, from any thread.
    unsafe { sys::ares_version(&raw mut number) };
    let part = |shift| u16::try_from((number >> shift) & 0xff).unwrap_or(0);
    Version::new(part(16), part(8), part(0))
}

/// Checks and initialises the library, once in the life of the process.
///
/// It is never cleaned up: ares_library_cleanup(3) pulls the allocator from
/// under objects that are still alive, and nothing would be gained.
pub(crate) fn ready() -> Result<()> {
    READY.get_or_init(start).clone()
}

/// As [`ready`], and calls the closure when the library has been initialised, before anybody else
/// uses it. If it was ready already, the closure is not called.
#[cfg(any(target_os = "android", c_ares_android))]
pub(crate) fn ready_with(then: impl FnOnce()) -> Result<()> {
    READY.get_or_init(|| start().map(|()| then())).clone()
}

/// Whether the library has been made ready.
#[cfg(any(target_os = "android", c_ares_android))]
pub(crate) fn is_ready() -> bool {
    READY.get().is_some_and(Result::is_ok)
}

fn start() -> Result<()> {
    let found = version();
    if found.major != OLDEST.major {
        return Err(ErrorKind::UnsuitableLibrary {
            found,
            reason: "its interface is another one than that of 1.x; \
                     install a 1.x or enable the feature `vendored`",
        }
        .into());
    }
    if found < OLDEST {
        return Err(ErrorKind::UnsuitableLibrary {
            found,
            reason: "it is older than 1.34.9 and not safe to call from a callback; \
                     install a newer one or enable the feature `vendored`",
        }
        .into());
    }
    // SAFETY: ares_threadsafety(3) reads a constant of the build.
    if unsafe { sys::ares_threadsafety() } == sys::ARES_FALSE {
        return Err(ErrorKind::UnsuitableLibrary {
            found,
            reason: "it was built without thread safety; \
                     install one that has it or enable the feature `vendored`",
        }
        .into());
    }
    if !platform::start_sockets() {
        return Err(ErrorKind::NotInitialized.into());
    }
    fork::watch().map_err(|_| ErrorKind::NoMemory)?;
    // SAFETY: ares_library_init(3) must not run on two threads at once; the
    // OnceLock sees to that, and nothing else in this crate calls it.
    let status = unsafe { sys::ares_library_init(sys::ARES_LIB_INIT_ALL) };
    Error::check(status)
}

/// Refuses a search that a system's library could free twice.
///
/// 1.34.9 does where a name with a search domain is legal, but has more than 255 characters as
/// it is written (`ares_search.c`, `ares_search_next`; `ares_dns_name.c`, `ares_nameoffset_create`):
/// with escapes in the name or the domain, or with a dot behind the domain. The vendored library is
/// mended. The domains are known here only if the program has given them; then they have neither
/// (`options::domains`).
pub(super) fn check_search(message: &RawMessage) -> Result<()> {
    let escaped = |index| {
        let name = message.question(index).map(|(name, ..)| name.to_bytes());
        name.is_ok_and(|name| name.contains(&b'\\'))
    };
    if (0..message.question_count()).any(escaped) {
        return mended_only(
            "it can free a search for a name with a backslash twice; enable the feature `vendored`",
        );
    }
    Ok(())
}

/// Refuses a message that a system's library would not send as it is.
///
/// Where there is more than one name, 1.34.9 may write a pointer in place of the second, and
/// counts it from two bytes before the message, or from further ahead (`ares_dns_write.c`,
/// `ares_dns_write_buf_tcp`).
pub(super) fn check_sent(message: &RawMessage) -> Result<()> {
    if message.names() > 1 {
        return mended_only(
            "it sends messages of more than one name with wrong pointers; enable the feature \
             `vendored`",
        );
    }
    Ok(())
}

/// Refuses with a system's library.
fn mended_only(reason: &'static str) -> Result<()> {
    match linked().linkage {
        Linkage::Vendored => Ok(()),
        Linkage::System => Err(ErrorKind::UnsuitableLibrary {
            found: version(),
            reason,
        }
        .into()),
    }
}

/// c-ares' own one-line text for a status code.
pub(crate) fn status_text(status: c_int) -> &'static str {
    // SAFETY: ares_strerror(3) gives a static, NUL-terminated string for every
    // number, known or not.
    let text = unsafe { CStr::from_ptr(sys::ares_strerror(status)) };
    text.to_str().unwrap_or("unknown")
}
