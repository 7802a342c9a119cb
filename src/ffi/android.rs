//! What c-ares needs of Java on Android.
//!
//! c-ares keeps what it is given in globals that it reads and writes without a lock (`ares_android.c`). So they are written once,
//! while the library is made ready, and read only afterwards: by [`is_initialized`], and by every
//! channel that reads the system's configuration.

use std::ffi::c_void;
use std::ptr::NonNull;

use c_ares_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::library;

/// Gives c-ares the Java virtual machine and the `ConnectivityManager`, which alone tells the
/// DNS servers from Android 8 (API level 26) on.
///
/// Call it once, before the first [`Channel`](crate::Channel). Without it channels find no servers of
/// the system's there, and need [`Builder::servers`](crate::Builder::servers). The app needs the permission
/// `ACCESS_NETWORK_STATE`.
///
/// `jvm` is a `JavaVM *` and `connectivity_manager` a `jobject`, whatever crate declares
/// them; c-ares makes a global reference of its own of the latter. A success says that c-ares has both. If the
/// system is too old to be asked (before API level 23), that is a success as well, and channels go by system properties.
///
/// ```no_run
/// use std::ffi::c_void;
/// use std::ptr::NonNull;
///
/// /// A native method: `native void initialize(ConnectivityManager manager)`.
/// ///
/// /// # Safety
/// ///
/// /// Only Java calls it.
/// unsafe fn initialize(jvm: NonNull<c_void>, manager: NonNull<c_void>) -> c_ares::Result<()> {
///     // SAFETY: the machine is the one that called, and lends the manager for the call.
///     unsafe { c_ares::android::initialize(jvm, manager) }
/// }
/// ```
///
/// # Safety
///
/// * `jvm` is the Java virtual machine of this process.
/// * `connectivity_manager` is a reference, local to this thread or global, to an
///   `android.net.ConnectivityManager`. It is valid during the call.
/// * No Java exception is pending on this thread.
/// * Nothing else in this process calls C's functions of the same purpose.
///
/// # Errors
///
/// [`ErrorKind::TooLate`] if there was a channel already, or another call of this;
/// [`ErrorKind::NotInitialized`] if the machine does not let this thread in, or has no memory for the
/// reference (channels then do without); [`ErrorKind::UnsuitableLibrary`] if the c-ares that is loaded cannot be used.
#[doc(alias = "ares_library_init_jvm")]
#[doc(alias = "ares_library_init_android")]
pub unsafe fn initialize(
    jvm: NonNull<c_void>,
    connectivity_manager: NonNull<c_void>,
) -> Result<()> {
    let mut status = None;
    library::ready_with(|| {
        // SAFETY: ares_library_init_android(3): both pointers are what this function asks for,
        // and the machine comes first. Neither function may run on two threads at once, or beside a
        // channel: the library is being made ready, and every channel waits for that.
        status = Some(unsafe {
            sys::ares_library_init_jvm(jvm.as_ptr());
            sys::ares_library_init_android(connectivity_manager.as_ptr())
        });
    })?;
    match status {
        Some(status) => Error::check(status),
        None => Err(ErrorKind::TooLate {
            function: "android::initialize",
        }
        .into()),
    }
}

/// Whether c-ares has what [`initialize`] gives it.
#[doc(alias = "ares_library_android_initialized")]
pub fn is_initialized() -> bool {
    // SAFETY: ares_library_init_android(3): it reads two globals (`ares_android.c`), which nothing
    // writes any more once the library is ready.
    library::is_ready()
        && unsafe { sys::ares_library_android_initialized() } == sys::ARES_SUCCESS as i32
}

/// With stand-ins for the functions that the C library has on Android alone.
#[cfg(all(test, not(target_os = "android")))]
mod tests {
    use std::ffi::c_int;
    use std::process::Command;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Channel;

    static JVM: AtomicUsize = AtomicUsize::new(0);
    static MANAGER: AtomicUsize = AtomicUsize::new(0);

    #[unsafe(no_mangle)]
    extern "C" fn ares_library_init_jvm(jvm: *mut c_void) {
        JVM.store(jvm.addr(), Ordering::SeqCst);
    }

    /// Fails, as c-ares does, without the machine; and for the manager 13.
    #[unsafe(no_mangle)]
    extern "C" fn ares_library_init_android(manager: *mut c_void) -> c_int {
        if JVM.load(Ordering::SeqCst) == 0 || manager.addr() == 13 {
            return sys::ARES_ENOTINITIALIZED as c_int;
        }
        MANAGER.store(manager.addr(), Ordering::SeqCst);
        sys::ARES_SUCCESS as c_int
    }

    #[unsafe(no_mangle)]
    extern "C" fn ares_library_android_initialized() -> c_int {
        match MANAGER.load(Ordering::SeqCst) {
            0 => sys::ARES_ENOTINITIALIZED as c_int,
            _ => sys::ARES_SUCCESS as c_int,
        }
    }

    fn give(manager: usize) -> Result<()> {
        let pointer = |address| NonNull::new(std::ptr::without_provenance_mut(address)).unwrap();
        // SAFETY: the stand-ins only keep the numbers.
        unsafe { initialize(pointer(7), pointer(manager)) }
    }

    fn is_too_late(outcome: Result<()>) -> bool {
        matches!(outcome.unwrap_err().kind(), ErrorKind::TooLate { .. })
    }

    /// Runs a test again, in a process of its own: the library is made ready once in each.
    fn alone(test: &str, body: fn()) {
        if std::env::var("C_ARES_TEST_CHILD").is_ok_and(|child| child == test) {
            return body();
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("ffi::android::tests::{test}")])
            .env("C_ARES_TEST_CHILD", test)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    }

    #[test]
    fn what_is_given_comes_first_and_once() {
        alone("what_is_given_comes_first_and_once", || {
            assert!(!is_initialized());
            give(8).unwrap();
            assert!(is_initialized());
            let given = [&JVM, &MANAGER].map(|number| number.load(Ordering::SeqCst));
            assert_eq!(given, [7, 8]);
            assert!(is_too_late(give(9)));
            assert_eq!(MANAGER.load(Ordering::SeqCst), 8);
        });
    }

    #[test]
    fn after_a_channel_it_is_too_late() {
        alone("after_a_channel_it_is_too_late", || {
            drop(
                Channel::builder()
                    .resolv_conf("/dev/null")
                    .build_threaded()
                    .unwrap(),
            );
            assert!(is_too_late(give(8)));
            assert_eq!(JVM.load(Ordering::SeqCst), 0);
            assert!(!is_initialized());
        });
    }

    #[test]
    fn without_it_channels_can_be_made_all_the_same() {
        alone("without_it_channels_can_be_made_all_the_same", || {
            let error = give(13).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::NotInitialized));
            assert!(!is_initialized());
            Channel::builder().build_threaded().unwrap();
        });
    }
}
