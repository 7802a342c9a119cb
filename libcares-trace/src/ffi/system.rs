//! Descriptors: writing where the program does not notice.

use std::fs::{File, OpenOptions};
use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A descriptor that the program may close, and give another meaning.
pub(crate) struct Descriptor {
    /// To open it again; standard error is not.
    path: Option<PathBuf>,
    /// Never freed: another thread may be reading it. A new one comes only when the
    /// program has closed the descriptor.
    open: AtomicPtr<Open>,
}

/// A descriptor, and which file it was.
struct Open {
    fd: RawFd,
    file: (libc::dev_t, libc::ino_t),
}

impl Descriptor {
    /// Standard error, as it is now: where the program makes it something else, nothing is
    /// written to that.
    pub(crate) fn stderr() -> Descriptor {
        let open = identity(libc::STDERR_FILENO).map(|file| {
            leak(Open {
                fd: libc::STDERR_FILENO,
                file,
            })
        });
        Descriptor {
            path: None,
            open: AtomicPtr::new(open.unwrap_or(ptr::null_mut())),
        }
    }

    /// A file, to be appended to.
    pub(crate) fn file(path: PathBuf) -> io::Result<Descriptor> {
        let open = leak(open(&path)?);
        Ok(Descriptor {
            path: Some(path),
            open: AtomicPtr::new(open),
        })
    }

    /// The descriptor, if it still is what it was.
    fn current(&self) -> Option<RawFd> {
        let known = self.open.load(Ordering::Acquire);
        // SAFETY: what was stored was leaked, and is never freed but by the thread that
        // failed to store it.
        if let Some(open) = unsafe { known.as_ref() }
            && identity(open.fd) == Some(open.file)
        {
            return Some(open.fd);
        }
        let again = leak(open(self.path.as_ref()?).ok()?);
        // SAFETY: leaked just now.
        let fd = unsafe { (*again).fd };
        let stored = self
            .open
            .compare_exchange(known, again, Ordering::AcqRel, Ordering::Acquire);
        if stored.is_ok() {
            return Some(fd);
        }
        // Another thread was faster.
        // SAFETY: the descriptor was opened here, and nobody else knows it or the box.
        let (file, _open) = unsafe { (File::from_raw_fd(fd), Box::from_raw(again)) };
        drop(file);
        let winner = self.open.load(Ordering::Acquire);
        // SAFETY: as above.
        unsafe { winner.as_ref() }.map(|open| open.fd)
    }
}

fn leak(open: Open) -> *mut Open {
    Box::into_raw(Box::new(open))
}

/// Opens a file under a high number: the low ones are the program's, which may count on
/// getting the lowest that is free.
fn open(path: &PathBuf) -> io::Result<Open> {
    let mut options = OpenOptions::new();
    let file = options
        .append(true)
        .create(true)
        .custom_flags(libc::O_NOCTTY)
        .open(path)?;
    let fd = high(file);
    match identity(fd) {
        Some(file) => Ok(Open { fd, file }),
        None => Err(io::Error::last_os_error()),
    }
}

fn high(file: File) -> RawFd {
    for floor in [60_000, 1000, 200] {
        // SAFETY: fcntl(2) with F_DUPFD_CLOEXEC gives a new descriptor, or -1 where the number is
        // beyond the limit.
        let fd = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, floor) };
        if fd >= 0 {
            return fd;
        }
    }
    file.into_raw_fd()
}

fn identity(fd: RawFd) -> Option<(libc::dev_t, libc::ino_t)> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: fstat(2) fills the structure when it gives 0.
    unsafe {
        if libc::fstat(fd, stat.as_mut_ptr()) != 0 {
            return None;
        }
        let stat = stat.assume_init();
        Some((stat.st_dev, stat.st_ino))
    }
}

/// Writes a line in one piece. What cannot be written is lost: the program comes first.
pub(crate) fn write(to: &Descriptor, line: &[u8]) {
    let Some(fd) = to.current() else { return };
    // SAFETY: sigset_t is plain data; sigemptyset(3) makes it a set, and the others take sets. The
    // signals that a write can raise come to this thread (signal(7): they are its own
    // doing), so that they can be taken back here, unless one was there before.
    unsafe {
        let mut ours = MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigemptyset(ours.as_mut_ptr());
        libc::sigaddset(ours.as_mut_ptr(), libc::SIGPIPE);
        libc::sigaddset(ours.as_mut_ptr(), libc::SIGXFSZ);
        let mut theirs = MaybeUninit::<libc::sigset_t>::uninit();
        if libc::pthread_sigmask(libc::SIG_BLOCK, ours.as_ptr(), theirs.as_mut_ptr()) != 0 {
            return;
        }
        let failed = write_all(fd, line);
        if let Some(errno @ (libc::EPIPE | libc::EFBIG)) = failed {
            let signal = if errno == libc::EPIPE {
                libc::SIGPIPE
            } else {
                libc::SIGXFSZ
            };
            // Where the program blocks it, one may have been pending before: one is as good
            // as two, and stays.
            if libc::sigismember(theirs.as_ptr(), signal) == 0 {
                let mut one = MaybeUninit::<libc::sigset_t>::uninit();
                libc::sigemptyset(one.as_mut_ptr());
                libc::sigaddset(one.as_mut_ptr(), signal);
                let now = libc::timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                };
                libc::sigtimedwait(one.as_ptr(), ptr::null_mut(), &raw const now);
            }
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, theirs.as_ptr(), ptr::null_mut());
    }
}

/// Writes everything, in one piece unless the system takes less; gives the error.
fn write_all(fd: RawFd, mut line: &[u8]) -> Option<i32> {
    while !line.is_empty() {
        // SAFETY: write(2) reads so many bytes from there.
        let written = unsafe { libc::write(fd, line.as_ptr().cast(), line.len()) };
        match usize::try_from(written) {
            Ok(written) => line = &line[written.min(line.len())..],
            Err(_) => match io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                error => return error,
            },
        }
    }
    None
}

/// Where a socket leads to.
pub(super) fn peer(fd: RawFd) -> Option<SocketAddr> {
    if fd < 0 {
        return None;
    }
    // SAFETY: getpeername(2) on a number that is no socket fails; `ManuallyDrop` leaves it open.
    let socket = ManuallyDrop::new(unsafe { UdpSocket::from_raw_fd(fd) });
    socket.peer_addr().ok()
}

/// `SOCK_DGRAM` or `SOCK_STREAM`.
pub(super) fn transport(fd: RawFd) -> Option<&'static str> {
    let mut kind: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: getsockopt(2): SO_TYPE is an int, and `size` says so.
    let failed = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            libc::SO_TYPE,
            (&raw mut kind).cast(),
            &raw mut size,
        )
    };
    if failed == 0 { kind_of(kind) } else { None }
}

/// A type of sockets in words.
pub(super) fn kind_of(kind: libc::c_int) -> Option<&'static str> {
    match kind {
        libc::SOCK_DGRAM => Some("UDP"),
        libc::SOCK_STREAM => Some("TCP"),
        _ => None,
    }
}
