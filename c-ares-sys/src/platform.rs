//! The types that differ by target, and what is built on them.

use core::ffi::c_int;

#[cfg(unix)]
use libc::ssize_t;
#[cfg(unix)]
pub use libc::{fd_set, hostent, in_addr, iovec, sockaddr, socklen_t, timeval};

#[cfg(windows)]
pub use self::windows::*;

/// The integer that stands for a C enum: every `typedef enum` of c-ares is
/// this type, and its values are constants.
///
/// GCC and clang choose `unsigned int` for an enum without negative values,
/// except where they follow Microsoft's compiler, which always chooses `int`.
#[cfg(not(target_env = "msvc"))]
pub type c_enum = core::ffi::c_uint;
/// The integer that stands for a C enum: every `typedef enum` of c-ares is
/// this type, and its values are constants.
///
/// GCC and clang choose `unsigned int` for an enum without negative values,
/// except where they follow Microsoft's compiler, which always chooses `int`.
#[cfg(target_env = "msvc")]
pub type c_enum = c_int;

/// A socket: a file descriptor, or a `SOCKET` on Windows.
#[cfg(unix)]
pub type ares_socket_t = c_int;
/// A socket: a file descriptor, or a `SOCKET` on Windows.
#[cfg(windows)]
pub type ares_socket_t = windows_sys::Win32::Networking::WinSock::SOCKET;

/// No socket.
#[cfg(unix)]
pub const ARES_SOCKET_BAD: ares_socket_t = -1;
/// No socket.
#[cfg(windows)]
pub const ARES_SOCKET_BAD: ares_socket_t = windows_sys::Win32::Networking::WinSock::INVALID_SOCKET;

/// The length of a socket address.
pub type ares_socklen_t = socklen_t;

/// A count of bytes, or -1.
#[cfg(unix)]
pub type ares_ssize_t = ssize_t;
/// A count of bytes, or -1.
#[cfg(windows)]
pub type ares_ssize_t = isize;

/// The names that Unix gives to what `windows-sys` calls otherwise.
#[cfg(windows)]
mod windows {
    pub use windows_sys::Win32::Networking::WinSock::{
        FD_SET as fd_set, HOSTENT as hostent, IN_ADDR as in_addr, SOCKADDR as sockaddr,
        TIMEVAL as timeval,
    };

    /// The length of a socket address.
    pub type socklen_t = core::ffi::c_int;

    /// A piece of a message to send. Windows has no such type; c-ares declares
    /// this one for [`ares_socket_functions::asendv`](crate::ares_socket_functions).
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct iovec {
        /// The first byte.
        pub iov_base: *mut core::ffi::c_void,
        /// How many bytes.
        pub iov_len: usize,
    }
}

/// Whether the `num`-th socket of [`ares_getsock`](crate::ares_getsock) is to
/// be watched for reading, given what that function returned: non-zero if so.
///
/// `num` is below [`ARES_GETSOCK_MAXNUM`](crate::ARES_GETSOCK_MAXNUM).
pub const fn ARES_GETSOCK_READABLE(bits: c_int, num: c_int) -> c_int {
    bits & (1 << num)
}

/// Whether the `num`-th socket of [`ares_getsock`](crate::ares_getsock) is to
/// be watched for writing, given what that function returned: non-zero if so.
///
/// `num` is below [`ARES_GETSOCK_MAXNUM`](crate::ARES_GETSOCK_MAXNUM).
pub const fn ARES_GETSOCK_WRITABLE(bits: c_int, num: c_int) -> c_int {
    bits & (1 << (num + crate::ARES_GETSOCK_MAXNUM))
}
