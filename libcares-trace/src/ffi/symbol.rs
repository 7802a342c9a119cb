//! The library's own functions.

use libc::{c_char, c_int, c_void};
use std::ffi::{CStr, CString};
use std::mem::transmute_copy;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A function of the library, looked for when it is first called.
pub(super) struct Symbol {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

/// Where a library has its functions, or lacks one.
static ABSENT: u8 = 0;

impl Symbol {
    pub(super) const fn new(name: &'static CStr) -> Symbol {
        Symbol {
            name,
            found: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// The function; `None` where no library is loaded that has it.
    ///
    /// # Safety
    ///
    /// `F` is the type of a pointer to the function of that name.
    pub(super) unsafe fn get<F: Copy>(&self) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        let mut found = self.found.load(Ordering::Acquire);
        if found.is_null() {
            found = self.look();
        }
        if found.is_null() || found.cast_const() == (&raw const ABSENT).cast() {
            return None;
        }
        // SAFETY: the caller says that `F` is a pointer to this function; sizes are compared above.
        Some(unsafe { transmute_copy(&found) })
    }

    #[cold]
    fn look(&self) -> *mut c_void {
        super::guard::ours(ptr::null_mut(), || {
            let Some(target) = target() else {
                // A library may still come; what is not there yet is not absent.
                return ptr::null_mut();
            };
            let found = lookup(target.handle, self.name);
            let known = match found.is_null() {
                true => (&raw const ABSENT).cast_mut().cast(),
                false => found,
            };
            self.found.store(known, Ordering::Release);
            known
        })
    }
}

/// The library whose functions are called.
pub(super) struct Target {
    handle: *mut c_void,
    /// The addresses of its code and data.
    start: usize,
    end: usize,
    path: String,
}

// SAFETY: dlopen(3): a handle belongs to the process; dlsym is MT-safe.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    /// Its file.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// Whether a function is the library's own: it then calls itself.
pub(super) fn is_internal(function: *const c_void) -> bool {
    target().is_some_and(|target| (target.start..target.end).contains(&function.addr()))
}

/// A function that every c-ares has.
const ANCHOR: &CStr = c"ares_init_options";

/// Looks for the library once it is loaded, and holds on to it: what is found in it
/// stays valid.
pub(super) fn target() -> Option<&'static Target> {
    static TARGET: OnceLock<Target> = OnceLock::new();
    if let Some(target) = TARGET.get() {
        return Some(target);
    }
    let found = find()?;
    Some(TARGET.get_or_init(|| found))
}

fn find() -> Option<Target> {
    // The next one in the order in which the program's symbols are looked for.
    let next = lookup(libc::RTLD_NEXT, ANCHOR);
    if !next.is_null() {
        return of_address(next);
    }
    // Loaded for a module alone, as Python's are: then no order leads there from here.
    let mut names = vec![c"libcares.so.2".to_owned()];
    names.extend(loaded().into_iter().filter(|name| named_so(name)));
    names.iter().find_map(|name| {
        let anchor = lookup(open_loaded(name)?, ANCHOR);
        if anchor.is_null() {
            None
        } else {
            of_address(anchor)
        }
    })
}

/// Whether a file is called like a c-ares: wheels bundle `libcares-0123abcd.so.2`.
fn named_so(path: &CStr) -> bool {
    let path = path.to_string_lossy();
    path.rsplit('/')
        .next()
        .is_some_and(|file| file.starts_with("libcares") && !file.contains("trace"))
}

/// The library that holds an address.
fn of_address(address: *mut c_void) -> Option<Target> {
    // SAFETY: Dl_info is plain data, for which zero is a value.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr(3): any address; `info` is filled when it says so.
    if unsafe { libc::dladdr(address, &raw mut info) } == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: dladdr(3): the name of a loaded object, NUL-terminated, which lives as long
    // as the object is loaded; it is copied here.
    let name = unsafe { CStr::from_ptr(info.dli_fname) }.to_owned();
    // One more reference, so that it is never unloaded. Without a handle the order of
    // symbols leads to the same object.
    let handle = open_loaded(&name).unwrap_or(libc::RTLD_NEXT);
    let (start, end) = extent(info.dli_fbase.addr());
    Some(Target {
        handle,
        start,
        end,
        path: name.to_string_lossy().into_owned(),
    })
}

fn lookup(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: dlsym(3): a handle that is open or RTLD_NEXT, and a string. dlerror(3) is called
    // to take back an error that is not the program's.
    unsafe {
        let found = libc::dlsym(handle, name.as_ptr());
        if found.is_null() {
            libc::dlerror();
        }
        found
    }
}

/// A handle for a library that is loaded already.
fn open_loaded(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: dlopen(3): RTLD_NOLOAD runs nothing and loads nothing. dlerror as above.
    unsafe {
        let handle = libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if handle.is_null() {
            libc::dlerror();
            return None;
        }
        Some(handle)
    }
}

/// The names of all loaded objects.
fn loaded() -> Vec<CString> {
    let mut names: Vec<CString> = Vec::new();
    walk(&mut |info| {
        if !info.dlpi_name.is_null() {
            // SAFETY: dl_iterate_phdr(3): a string, valid during the call.
            names.push(unsafe { CStr::from_ptr(info.dlpi_name) }.to_owned());
        }
    });
    names
}

/// From where to where the object at this base reaches.
fn extent(base: usize) -> (usize, usize) {
    let mut end = base;
    walk(&mut |info| {
        for index in 0..usize::from(info.dlpi_phnum) {
            // SAFETY: dl_iterate_phdr(3): `dlpi_phdr` points at `dlpi_phnum` headers.
            let header = unsafe { &*info.dlpi_phdr.add(index) };
            if header.p_type != libc::PT_LOAD {
                continue;
            }
            let start = (info.dlpi_addr + header.p_vaddr) as usize;
            let stop = start + header.p_memsz as usize;
            if info.dlpi_addr as usize == base {
                end = end.max(stop);
            }
        }
    });
    (base, end)
}

/// Calls something for every loaded object.
fn walk(visit: &mut dyn FnMut(&libc::dl_phdr_info)) {
    type Visit<'a, 'b> = &'a mut (dyn FnMut(&libc::dl_phdr_info) + 'b);
    unsafe extern "C" fn each(info: *mut libc::dl_phdr_info, _: usize, data: *mut c_void) -> c_int {
        // SAFETY: dl_iterate_phdr(3): `info` is valid during the call, and `data` is what
        // was given, the reference below.
        unsafe { (*data.cast::<Visit>())(&*info) };
        0
    }
    let mut visit: Visit = visit;
    // SAFETY: dl_iterate_phdr(3) calls `each` before it returns, and `each` does not panic but
    // for want of memory, where the process ends.
    unsafe { libc::dl_iterate_phdr(Some(each), (&raw mut visit).cast()) };
}

/// What the library calls itself, as `1.18.1`.
pub(super) fn version() -> String {
    static VERSION: Symbol = Symbol::new(c"ares_version");
    // SAFETY: ares_version(3): `const char *ares_version(int *)`, where NULL is allowed; the
    // string is static.
    unsafe {
        let version = VERSION.get::<unsafe extern "C" fn(*mut c_int) -> *const c_char>();
        match version.map(|version| version(ptr::null_mut())) {
            Some(text) if !text.is_null() => CStr::from_ptr(text).to_string_lossy().into_owned(),
            _ => String::from("unknown"),
        }
    }
}
