//! What the systems call by different names.

#[cfg(unix)]
pub(crate) use libc::{
    AF_INET, AF_INET6, AF_UNSPEC, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, in_addr,
    sockaddr_in, sockaddr_in6, timeval,
};

#[cfg(windows)]
pub(crate) use self::windows::*;

#[cfg(windows)]
mod windows {
    pub(crate) use WinSock::{
        IN_ADDR as in_addr, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
        SOCKADDR_IN as sockaddr_in, SOCKADDR_IN6 as sockaddr_in6, TIMEVAL as timeval,
    };
    use std::ffi::c_int;
    use windows_sys::Win32::Networking::WinSock;

    pub(crate) const AF_UNSPEC: c_int = WinSock::AF_UNSPEC as c_int;
    pub(crate) const AF_INET: c_int = WinSock::AF_INET as c_int;
    pub(crate) const AF_INET6: c_int = WinSock::AF_INET6 as c_int;
}

/// Keeps the code of a socket function's failure, for C to read.
#[cfg(unix)]
pub(crate) fn set_socket_error(code: std::ffi::c_int) {
    #[cfg(any(target_os = "solaris", target_os = "illumos"))]
    use libc::___errno as errno;
    #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
    use libc::__errno as errno;
    #[cfg(any(target_os = "linux", target_os = "dragonfly"))]
    use libc::__errno_location as errno;
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    use libc::__error as errno;
    // SAFETY: errno(3): the address of this thread's own.
    unsafe { *errno() = code };
}

/// Keeps the code of a socket function's failure, for C to read.
#[cfg(windows)]
pub(crate) fn set_socket_error(code: std::ffi::c_int) {
    // SAFETY: WSASetLastError sets a value of this thread's own.
    unsafe { windows_sys::Win32::Networking::WinSock::WSASetLastError(code) };
}

/// The codes that `ares_socket.c` tells apart, by their names on Unix.
#[cfg(unix)]
pub(crate) mod code {
    pub(crate) use libc::{
        EADDRNOTAVAIL, EAFNOSUPPORT, ECONNABORTED, ECONNREFUSED, ECONNRESET, EHOSTUNREACH,
        EINPROGRESS, EINVAL, EIO, ENETDOWN, ENETUNREACH, ENOSYS, ETIMEDOUT, EWOULDBLOCK,
    };
}

/// The codes that `ares_socket.c` tells apart, by their names on Unix. `ares_socket.h` gives
/// them these values.
#[cfg(windows)]
pub(crate) mod code {
    pub(crate) use windows_sys::Win32::Networking::WinSock::{
        WSAEADDRNOTAVAIL as EADDRNOTAVAIL, WSAEAFNOSUPPORT as EAFNOSUPPORT,
        WSAECONNABORTED as ECONNABORTED, WSAECONNREFUSED as ECONNREFUSED,
        WSAECONNRESET as ECONNRESET, WSAEFAULT as EIO, WSAEHOSTUNREACH as EHOSTUNREACH,
        WSAEINPROGRESS as EINPROGRESS, WSAEINVAL as EINVAL, WSAENETDOWN as ENETDOWN,
        WSAENETUNREACH as ENETUNREACH, WSAEOPNOTSUPP as ENOSYS, WSAETIMEDOUT as ETIMEDOUT,
        WSAEWOULDBLOCK as EWOULDBLOCK,
    };
}

/// Looks whether there is a byte to be read from a socket, and leaves it there.
#[cfg(unix)]
pub(crate) fn peek(socket: c_ares_sys::ares_socket_t) -> std::io::Result<usize> {
    let mut byte = 0_u8;
    // Not blocking even where the user has made the socket so.
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: recv(2) writes one byte at most.
    let length = unsafe { libc::recv(socket, (&raw mut byte).cast(), 1, flags) };
    usize::try_from(length).map_err(|_| std::io::Error::last_os_error())
}

/// Looks whether there is a byte to be read from a socket, and leaves it there.
#[cfg(windows)]
pub(crate) fn peek(socket: c_ares_sys::ares_socket_t) -> std::io::Result<usize> {
    use windows_sys::Win32::Networking::WinSock;
    let mut byte = 0_u8;
    // SAFETY: recv writes one byte at most; the sockets of c-ares do not block.
    let length = unsafe { WinSock::recv(socket, &raw mut byte, 1, WinSock::MSG_PEEK) };
    usize::try_from(length).map_err(|_| std::io::Error::last_os_error())
}

/// Whether a socket is for TCP.
#[cfg(unix)]
pub(crate) fn is_stream(socket: c_ares_sys::ares_socket_t) -> bool {
    let mut kind: libc::c_int = 0;
    let mut size = size_of_val(&kind) as libc::socklen_t;
    // SAFETY: getsockopt(2) writes an integer of this size.
    let status = unsafe {
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            libc::SO_TYPE,
            (&raw mut kind).cast(),
            &raw mut size,
        )
    };
    status == 0 && kind == SOCK_STREAM
}

/// Whether a socket is for TCP.
#[cfg(windows)]
pub(crate) fn is_stream(socket: c_ares_sys::ares_socket_t) -> bool {
    use windows_sys::Win32::Networking::WinSock;
    let mut kind: i32 = 0;
    let mut size = size_of_val(&kind) as i32;
    // SAFETY: getsockopt writes an integer of this size.
    let status = unsafe {
        WinSock::getsockopt(
            socket,
            WinSock::SOL_SOCKET,
            WinSock::SO_TYPE,
            (&raw mut kind).cast(),
            &raw mut size,
        )
    };
    status == 0 && kind == SOCK_STREAM
}

/// Makes sockets usable in this process. They always are.
#[cfg(unix)]
pub(crate) fn start_sockets() -> bool {
    true
}

/// Makes sockets usable in this process, which ares_library_init(3) leaves to its
/// caller. It is never undone, and may have been done before.
#[cfg(windows)]
pub(crate) fn start_sockets() -> bool {
    use windows_sys::Win32::Networking::WinSock::{WSADATA, WSAStartup};
    const VERSION_2_2: u16 = 0x0202;
    // SAFETY: all-zero is a value of this structure of numbers and pointers.
    let mut data: WSADATA = unsafe { std::mem::zeroed() };
    // SAFETY: WSAStartup writes the structure, and may be called at any time.
    unsafe { WSAStartup(VERSION_2_2, &raw mut data) == 0 }
}

/// Whether the system has a network interface of this name, or of this number.
#[cfg(unix)]
pub(crate) fn has_interface(interface: &str) -> bool {
    if let Ok(index) = interface.parse() {
        let mut name = [0; libc::IF_NAMESIZE];
        // SAFETY: if_indextoname(3) writes up to IF_NAMESIZE bytes.
        return !unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null();
    }
    std::ffi::CString::new(interface).is_ok_and(|name| names_interface(&name))
}

/// The number of a network interface, or 0.
#[cfg(unix)]
pub(crate) fn interface_number(name: &std::ffi::CStr) -> std::ffi::c_uint {
    // SAFETY: if_nametoindex(3) reads a NUL-terminated string.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// Writes the name of a network interface, or gives null.
///
/// # Safety
///
/// `buffer` has room for `size` bytes.
#[cfg(unix)]
pub(crate) unsafe fn interface_name(
    number: std::ffi::c_uint,
    buffer: *mut std::ffi::c_char,
    size: usize,
) -> *const std::ffi::c_char {
    if size < libc::IF_NAMESIZE {
        return std::ptr::null();
    }
    // SAFETY: if_indextoname(3) writes up to IF_NAMESIZE bytes.
    unsafe { libc::if_indextoname(number, buffer) }
}

/// Whether the system has a network interface of this name.
#[cfg(unix)]
pub(crate) fn names_interface(name: &std::ffi::CStr) -> bool {
    interface_number(name) != 0
}

/// Not asked on Windows: c-ares looks it up itself.
#[cfg(windows)]
pub(crate) fn has_interface(_interface: &str) -> bool {
    true
}

/// Not asked on Windows, where `windows-sys` has it in a part of its own: with a
/// transport no interface has a number.
#[cfg(windows)]
pub(crate) fn interface_number(_name: &std::ffi::CStr) -> std::ffi::c_uint {
    0
}

/// As [`interface_number`].
///
/// # Safety
///
/// None is needed: the function is unsafe because it is elsewhere.
#[cfg(windows)]
pub(crate) unsafe fn interface_name(
    _number: std::ffi::c_uint,
    _buffer: *mut std::ffi::c_char,
    _size: usize,
) -> *const std::ffi::c_char {
    std::ptr::null()
}

/// Not asked on Windows: sockets cannot be bound to devices there.
#[cfg(windows)]
pub(crate) fn names_interface(_name: &std::ffi::CStr) -> bool {
    true
}
