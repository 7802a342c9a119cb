//! An allocator for c-ares that fails when it is told to, and knows what it has given.
//!
//! Each block has a header with its size and a mark. What is freed is overwritten, so that
//! a use after it does harm at once; what is freed twice, or was never given, aborts.

use std::ffi::c_void;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};

use c_ares_sys as sys;

use super::trace;

/// Which allocations fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Failing {
    /// One of them alone.
    Once,
    /// That one and all behind it.
    FromThenOn,
}

static LIVE: AtomicIsize = AtomicIsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);
/// The first call that fails, and the first that succeeds again.
static FAIL_FROM: AtomicUsize = AtomicUsize::new(usize::MAX);
static FAIL_UNTIL: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Makes it c-ares' allocator. Nothing of c-ares may have been called in this process.
pub(super) fn install() {
    // SAFETY: ares_library_init_mem(3): the three functions go together, and may be called
    // on any thread. `ares_library_init.c`: no object of the old allocator exists yet.
    let status = unsafe {
        sys::ares_library_init_mem(
            sys::ARES_LIB_INIT_ALL,
            Some(allocate),
            Some(free),
            Some(reallocate),
        )
    };
    assert_eq!(status, 0);
}

/// From here on the `nth` allocation fails, counted from 1.
pub(super) fn arm(nth: usize, failing: Failing) {
    let until = match failing {
        Failing::Once => nth + 1,
        Failing::FromThenOn => usize::MAX,
    };
    CALLS.store(0, SeqCst);
    FAIL_UNTIL.store(until, SeqCst);
    FAIL_FROM.store(nth, SeqCst);
}

/// From here on all succeed. How many there were since [`arm`].
pub(super) fn disarm() -> usize {
    FAIL_FROM.store(usize::MAX, SeqCst);
    CALLS.load(SeqCst)
}

/// How many blocks c-ares has.
pub(super) fn live() -> isize {
    LIVE.load(SeqCst)
}

fn fails() -> bool {
    let call = CALLS.fetch_add(1, SeqCst) + 1;
    let fails = call >= FAIL_FROM.load(SeqCst) && call < FAIL_UNTIL.load(SeqCst);
    if fails {
        trace::note();
    }
    fails
}

const HEADER: usize = 16;
const GIVEN: usize = 0x6e65_7669_6720_6c6f;
const FREED: usize = 0x6465_6572_6620_6c6f;

unsafe extern "C" fn allocate(size: usize) -> *mut c_void {
    if size == 0 || fails() {
        return std::ptr::null_mut();
    }
    // SAFETY: malloc(3), and a header of two numbers in front.
    unsafe {
        let block = libc::malloc(size + HEADER).cast::<usize>();
        assert!(!block.is_null(), "the machine itself has no memory");
        block.write(size);
        block.add(1).write(GIVEN);
        LIVE.fetch_add(1, SeqCst);
        block.cast::<u8>().add(HEADER).cast()
    }
}

/// # Safety
///
/// `pointer` is null, or came from one of the other two.
unsafe extern "C" fn free(pointer: *mut c_void) {
    if pointer.is_null() {
        return;
    }
    // SAFETY: as this function asks; the header tells when it is not so.
    unsafe {
        let block = pointer.cast::<u8>().sub(HEADER).cast::<usize>();
        if block.add(1).read() != GIVEN {
            eprintln!("c-ares frees what it does not have");
            std::process::abort();
        }
        block.add(1).write(FREED);
        pointer.cast::<u8>().write_bytes(0xa5, block.read());
        // The compiler would leave out what is written into a block that is freed.
        libc::free(std::hint::black_box(block).cast());
    }
    LIVE.fetch_sub(1, SeqCst);
}

/// # Safety
///
/// `pointer` is null, or came from one of the other two.
unsafe extern "C" fn reallocate(pointer: *mut c_void, size: usize) -> *mut c_void {
    // Always another block: whoever keeps the old pointer is caught.
    // SAFETY: as this function asks; both blocks have as many bytes as are copied.
    unsafe {
        let new = allocate(size);
        if !new.is_null() && !pointer.is_null() {
            let old = pointer.cast::<u8>().sub(HEADER).cast::<usize>().read();
            new.cast::<u8>()
                .copy_from_nonoverlapping(pointer.cast::<u8>(), old.min(size));
            free(pointer);
        }
        new
    }
}
