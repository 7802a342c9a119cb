//! Who asked for the memory that was refused: noted in the forked process, read in its
//! parent, which names each place in the code once.

use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

/// Return addresses, as many as there is room for.
pub(super) struct Trace {
    used: AtomicUsize,
    addresses: [AtomicUsize; 4000],
}

/// Where this process notes them.
static CURRENT: AtomicPtr<Trace> = AtomicPtr::new(ptr::null_mut());

impl Trace {
    /// An empty one, shared with the processes that are forked from here on.
    pub(super) fn shared() -> &'static Trace {
        // SAFETY: mmap(2): new memory, all zero, which is a value of atomic integers. It is
        // never unmapped.
        unsafe {
            let memory = libc::mmap(
                ptr::null_mut(),
                size_of::<Trace>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            assert_ne!(memory, libc::MAP_FAILED);
            &*memory.cast::<Trace>()
        }
    }

    /// Makes it empty, and the one that is noted to.
    pub(super) fn start(&'static self) {
        self.used.store(0, SeqCst);
        CURRENT.store(ptr::from_ref(self).cast_mut(), SeqCst);
    }

    /// The functions that are in it, also those that were inlined.
    pub(super) fn functions(&self, names: &mut Names) -> Vec<String> {
        let used = self.used.load(SeqCst).min(self.addresses.len());
        let addresses = self.addresses[..used].iter();
        addresses
            .flat_map(|address| names.of(address.load(SeqCst)).to_vec())
            .collect()
    }
}

/// Notes the callers.
pub(super) fn note() {
    // SAFETY: no C guarantee is needed: it is null or points to memory that is never unmapped.
    let Some(trace) = (unsafe { CURRENT.load(SeqCst).as_ref() }) else {
        return;
    };
    backtrace::trace(|frame| {
        let place = trace.used.fetch_add(1, SeqCst);
        let Some(place) = trace.addresses.get(place) else {
            return false;
        };
        place.store(frame.ip().addr(), SeqCst);
        true
    });
}

/// The names of the functions at an address, each looked up once.
#[derive(Default)]
pub(super) struct Names(HashMap<usize, Vec<String>>);

impl Names {
    fn of(&mut self, address: usize) -> &[String] {
        self.0.entry(address).or_insert_with(|| {
            let mut names = Vec::new();
            // A return address: the call is in front of it.
            backtrace::resolve(
                ptr::without_provenance_mut(address.saturating_sub(1)),
                |symbol| {
                    names.extend(symbol.name().map(|name| name.to_string()));
                },
            );
            names
        })
    }
}
