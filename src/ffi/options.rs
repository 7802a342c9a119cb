//! `struct ares_options`, and the storage behind its pointers.
//!
//! One row of the table in [`builder`](crate::builder) sets one member, through
//! one of the conversions here. c-ares ignores a value that it does not like and
//! takes its default; a conversion refuses it instead, and says what it expected.

use std::ffi::{CString, c_char, c_int, c_uint, c_ushort};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use c_ares_sys as sys;

use super::addr;
use super::platform;
use crate::error::{ErrorKind, Result};
use crate::linked::{Linkage, linked};

/// A member's value, or what was expected instead of the one that was given.
pub(crate) type Converted<C> = std::result::Result<C, &'static str>;

/// The options as C wants them. They are copied by `ares_init_options(3)`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) raw: sys::ares_options,
    pub(crate) mask: c_int,
    storage: Storage,
}

/// What the pointers of `ares_options` point to.
#[derive(Default)]
pub(crate) struct Storage {
    // Vectors, because a box may not be moved while C has a pointer into it.
    strings: Vec<Vec<u8>>,
    pointers: Vec<*mut c_char>,
    placeholder: Vec<platform::in_addr>,
}

impl Options {
    /// Sets the member that `member` gives, by way of `convert`.
    pub(crate) fn set<V: std::fmt::Debug + ?Sized, C>(
        &mut self,
        option: &'static str,
        mask: c_int,
        value: &V,
        convert: fn(&V, &mut Storage) -> Converted<C>,
        member: impl FnOnce(&mut sys::ares_options, C),
    ) -> Result<()> {
        let converted =
            convert(value, &mut self.storage).map_err(|expected| ErrorKind::BadOption {
                option,
                value: format!("{value:?}"),
                expected,
            })?;
        member(&mut self.raw, converted);
        self.mask |= mask;
        Ok(())
    }

    /// Says that the servers will come from the program: c-ares then looks for none,
    /// and does not fail where the system has none. The real ones are set later,
    /// because this member takes neither IPv6 nor ports.
    pub(crate) fn expect_servers(&mut self) {
        self.storage.placeholder = vec![addr::in_addr(Ipv4Addr::LOCALHOST)];
        self.raw.servers = self.storage.placeholder.as_mut_ptr();
        self.raw.nservers = 1;
        self.mask |= sys::ARES_OPT_SERVERS;
    }
}

/// A number that may be 0.
pub(crate) fn natural(value: &u32, _: &mut Storage) -> Converted<c_int> {
    c_int::try_from(*value).map_err(|_| "a number below 2,147,483,648")
}

/// A number that may not be 0.
pub(crate) fn positive(value: &u32, _: &mut Storage) -> Converted<c_int> {
    match c_int::try_from(*value) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a number from 1 to 2,147,483,647"),
    }
}

/// How often to ask. c-ares takes any number from the program, and of `resolv.conf` no more
/// than this: where a server cannot even be sent to, it tries again at once, under the lock.
pub(crate) fn tries(value: &u32, _: &mut Storage) -> Converted<c_int> {
    match u8::try_from(*value) {
        Ok(number) if number > 0 => Ok(number.into()),
        _ => Err("a number from 1 to 255"),
    }
}

/// A time in milliseconds, rounded up.
pub(crate) fn milliseconds(value: &Duration, _: &mut Storage) -> Converted<c_int> {
    match c_int::try_from(value.as_nanos().div_ceil(1_000_000)) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("more than nothing, and less than 25 days"),
    }
}

/// The chance that a failed server is asked again, and after how many milliseconds, both
/// of which may be 0.
pub(crate) fn failover(
    (chance, delay): &(u16, Duration),
    _: &mut Storage,
) -> Converted<sys::ares_server_failover_options> {
    let delay = c_int::try_from(delay.as_nanos().div_ceil(1_000_000))
        .ok()
        .and_then(|delay| usize::try_from(delay).ok())
        .ok_or("a delay of less than 24 days")?;
    Ok(sys::ares_server_failover_options {
        retry_chance: *chance,
        retry_delay: delay,
    })
}

/// A time in seconds, rounded up, that may be 0.
pub(crate) fn seconds(value: &Duration, _: &mut Storage) -> Converted<c_uint> {
    c_uint::try_from(value.as_nanos().div_ceil(1_000_000_000)).map_err(|_| "less than 136 years")
}

/// A port in host order.
pub(crate) fn port(value: &u16, _: &mut Storage) -> Converted<c_ushort> {
    match *value {
        0 => Err("a port from 1 to 65535"),
        port => Ok(port),
    }
}

/// The size of a UDP message.
pub(crate) fn message_size(value: &u16, _: &mut Storage) -> Converted<c_int> {
    // RFC 6891, 6.2.3: smaller ones mean 512.
    match *value {
        size @ 512.. => Ok(size.into()),
        _ => Err("a size from 512 to 65535 bytes"),
    }
}

/// A set of bits.
pub(crate) fn bits(value: &crate::Flags, _: &mut Storage) -> Converted<c_int> {
    Ok(value.to_c())
}

/// A path in the form of the system.
pub(crate) fn path(value: &Path, storage: &mut Storage) -> Converted<*mut c_char> {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(value.as_os_str()).to_vec();
    #[cfg(not(unix))]
    let bytes = value.to_str().ok_or("a path in Unicode")?.into();
    storage.string(bytes).ok_or("a path without NUL")
}

/// Where names are looked up: `f` for the hosts file, `b` for DNS.
pub(crate) fn lookups(
    value: &[crate::LookupSource],
    storage: &mut Storage,
) -> Converted<*mut c_char> {
    if value.is_empty() {
        return Err("at least one source");
    }
    let letters = value.iter().map(|source| source.letter()).collect();
    storage.string(letters).ok_or("letters without NUL")
}

/// The most search domains. (Of `resolv.conf` c-ares takes 511 characters of a line, and each
/// domain once, which limits those.) Each one that it finds in its cache is a call inside of the one before
/// (`ares_search.c`, `ares_getaddrinfo.c`), of up to 300 bytes, and the stack has an end.
const MOST_DOMAINS: usize = 128;

/// The search domains.
pub(crate) fn domains(
    value: &[String],
    storage: &mut Storage,
) -> Converted<(*mut *mut c_char, c_int)> {
    // Of an empty list c-ares would make the domain of the host's name.
    if value.is_empty() {
        return Err("at least one domain: for none there is Flags::NOSEARCH");
    }
    if value.len() > MOST_DOMAINS {
        return Err("at most 128 domains");
    }
    // See `library::check_search`.
    if linked().linkage == Linkage::System && value.iter().any(|name| name.contains('\\')) {
        return Err("domains without a backslash, because this is a system's library");
    }
    let pointers = value
        .iter()
        .map(|name| storage.string(without_final_dot(name).into()))
        .collect::<Option<Vec<_>>>()
        .ok_or("names without NUL")?;
    let count = c_int::try_from(pointers.len()).map_err(|_| "fewer names")?;
    // The strings and the array stay where they are when their owners move.
    storage.pointers = pointers;
    Ok((storage.pointers.as_mut_ptr(), count))
}

/// A domain without the dot that may end it. The root has no other, a backslash takes the dot
/// into the label, and two are no name, which c-ares is to say.
fn without_final_dot(name: &str) -> &str {
    match name.strip_suffix('.') {
        Some(rest) if !rest.is_empty() && !rest.ends_with(['.', '\\']) => rest,
        _ => name,
    }
}

impl Storage {
    /// Keeps a string, unless it has a NUL inside.
    fn string(&mut self, bytes: Vec<u8>) -> Option<*mut c_char> {
        let mut string = CString::new(bytes).ok()?.into_bytes_with_nul();
        let pointer = string.as_mut_ptr().cast();
        self.strings.push(string);
        Some(pointer)
    }
}
