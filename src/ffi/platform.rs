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

/// Whether the system has a network interface of this name.
#[cfg(unix)]
pub(crate) fn names_interface(name: &std::ffi::CStr) -> bool {
    // SAFETY: if_nametoindex(3) reads a NUL-terminated string.
    unsafe { libc::if_nametoindex(name.as_ptr()) != 0 }
}

/// Not asked on Windows: c-ares looks it up itself.
#[cfg(windows)]
pub(crate) fn has_interface(_interface: &str) -> bool {
    true
}

/// Not asked on Windows: sockets cannot be bound to devices there.
#[cfg(windows)]
pub(crate) fn names_interface(_name: &std::ffi::CStr) -> bool {
    true
}
