//! What surrounds everything that is ours.

use libc::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

const PTHREAD_CANCEL_DISABLE: c_int = 1;

/// Runs what is ours so that the program sees nothing of it: errno is what it was, the
/// thread cannot be cancelled in it (writing is a point of cancellation, and the call that
/// the program made need not be one), and a panic ends here: then `otherwise` is the result.
pub(crate) fn ours<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    let mut cancel = 0;
    // SAFETY: pthread_setcancelstate(3): takes a state and a place for the old one;
    // __errno_location(3) gives the thread's own errno, valid as long as the thread is.
    let errno = unsafe {
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut cancel);
        *libc::__errno_location()
    };
    let result = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => {
            // Its destructor could panic again.
            std::mem::forget(payload);
            otherwise
        }
    };
    // SAFETY: as above; the state is the one that was there.
    unsafe {
        *libc::__errno_location() = errno;
        pthread_setcancelstate(cancel, std::ptr::null_mut());
    }
    result
}

/// For the tests, in debug builds: panics where `C_ARES_TRACE_TEST` says, to show that the
/// program does not notice.
pub(crate) fn fault(place: &str) {
    if is_tested(place) {
        panic!("a fault was asked for in {place:?}");
    }
}

/// Whether `C_ARES_TRACE_TEST` names this; never in release builds.
pub(crate) fn is_tested(what: &str) -> bool {
    #[cfg(debug_assertions)]
    {
        static WHAT: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
        let wanted = WHAT.get_or_init(|| std::env::var("C_ARES_TRACE_TEST").ok());
        wanted.as_deref() == Some(what)
    }
    #[cfg(not(debug_assertions))]
    {
        let _ = what;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errno_and_panics_stay_inside() {
        // SAFETY: __errno_location(3): the thread's own.
        unsafe { *libc::__errno_location() = 77 };
        let result = ours(3, || {
            // SAFETY: as above.
            unsafe { *libc::__errno_location() = 5 };
            panic!("is caught");
        });
        assert_eq!(result, 3);
        // SAFETY: as above.
        assert_eq!(unsafe { *libc::__errno_location() }, 77);
    }
}
