//! What holds where: one row for each define and group of systems.

/// A set of systems, one bit each.
pub(super) type Systems = u16;

pub(super) const GLIBC: Systems = 1 << 0;
pub(super) const MUSL: Systems = 1 << 1;
pub(super) const ANDROID: Systems = 1 << 2;
pub(super) const MACOS: Systems = 1 << 3;
/// iOS, and the other Apple systems that are made from it.
pub(super) const IOS: Systems = 1 << 4;
pub(super) const FREEBSD: Systems = 1 << 5;
/// Windows with the GNU tools.
pub(super) const MINGW: Systems = 1 << 6;
pub(super) const MSVC32: Systems = 1 << 7;
pub(super) const MSVC64: Systems = 1 << 8;

pub(super) const LINUX: Systems = GLIBC | MUSL | ANDROID;
pub(super) const APPLE: Systems = MACOS | IOS;
pub(super) const UNIX: Systems = LINUX | APPLE | FREEBSD;
pub(super) const WINDOWS: Systems = MINGW | MSVC32 | MSVC64;
pub(super) const ALL: Systems = UNIX | WINDOWS;
/// Where services are looked up by functions that take a buffer.
const SERVICES_R: Systems = GLIBC | MUSL | FREEBSD;
/// A define that upstream's template knows and that none of our systems has.
pub(super) const NOWHERE: Systems = 0;

/// What a define stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// This text.
    Is(&'static str),
    /// `1` where there is this header. It varies with the release of the C
    /// library, as the next one does.
    Header(&'static str),
    /// `1` where this header declares this name.
    Declared(&'static str, &'static str),
}
use Value::{Declared, Header, Is};

const YES: Value = Is("1");
/// Defined, and no more.
const SET: Value = Is("");
/// Apple's own kits have both; the headers that come with other compilers may not.
const NAMESER: Value = Header("arpa/nameser.h");
const NAMESER_COMPAT: Value = Header("arpa/nameser_compat.h");

/// A define, the systems where this row speaks for it, and its value there. A
/// system without a row leaves the name undefined.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) Systems,
    pub(super) Value,
);

/// `ares_build.h`: what the public headers need. A name that ends in `_H` also
/// makes `ares_build.h` include that header, where upstream's does.
pub(super) const BUILD: &[Row] = &[
    Row("CARES_TYPEOF_ARES_SOCKLEN_T", ALL, Is("socklen_t")),
    Row("CARES_TYPEOF_ARES_SSIZE_T", UNIX | MINGW, Is("ssize_t")),
    Row("CARES_TYPEOF_ARES_SSIZE_T", MSVC32, Is("int")),
    Row("CARES_TYPEOF_ARES_SSIZE_T", MSVC64, Is("__int64")),
    Row("CARES_HAVE_SYS_TYPES_H", ALL, SET),
    Row("CARES_HAVE_SYS_SOCKET_H", UNIX, SET),
    Row("CARES_HAVE_SYS_SELECT_H", UNIX, SET),
    Row("CARES_HAVE_WINSOCK2_H", WINDOWS, SET),
    Row("CARES_HAVE_WS2TCPIP_H", WINDOWS, SET),
    Row("CARES_HAVE_WINDOWS_H", WINDOWS, SET),
    Row("CARES_HAVE_ARPA_NAMESER_H", UNIX & !APPLE, SET),
    Row("CARES_HAVE_ARPA_NAMESER_H", APPLE, NAMESER),
    Row("CARES_HAVE_ARPA_NAMESER_COMPAT_H", UNIX & !APPLE, SET),
    Row("CARES_HAVE_ARPA_NAMESER_COMPAT_H", APPLE, NAMESER_COMPAT),
];

/// `ares_config.h`: what the C files need.
pub(super) const CONFIG: &[Row] = &[
    // How the library is built.
    Row("CARES_SYMBOL_HIDING", ALL, SET),
    Row("CARES_THREADS", ALL, YES),
    Row("CARES_RANDOM_FILE", ALL, Is("\"/dev/urandom\"")),
    Row("CARES_USE_LIBRESOLV", NOWHERE, SET),
    Row("AC_APPLE_UNIVERSAL_BUILD", NOWHERE, YES),
    Row("ETC_INET", NOWHERE, YES),
    Row("USE_BLOCKING_SOCKETS", NOWHERE, YES),
    // Given on the command line: see `definitions`.
    Row("WIN32_LEAN_AND_MEAN", NOWHERE, YES),
    Row("HAVE_CXX11", NOWHERE, YES),
    Row("HAVE_LIBRESOLV", APPLE, YES),
    // Headers.
    Row("HAVE_ARPA_INET_H", UNIX, YES),
    Row("HAVE_ARPA_NAMESER_COMPAT_H", UNIX & !APPLE, YES),
    Row("HAVE_ARPA_NAMESER_COMPAT_H", APPLE, NAMESER_COMPAT),
    Row("HAVE_ARPA_NAMESER_H", UNIX & !APPLE, YES),
    Row("HAVE_ARPA_NAMESER_H", APPLE, NAMESER),
    Row("HAVE_ASSERT_H", ALL, YES),
    Row("HAVE_AVAILABILITYMACROS_H", APPLE, YES),
    Row("HAVE_DLFCN_H", UNIX, YES),
    Row("HAVE_ERRNO_H", ALL, YES),
    Row("HAVE_FCNTL_H", ALL, YES),
    Row("HAVE_IFADDRS_H", UNIX, YES),
    Row("HAVE_INTTYPES_H", ALL, YES),
    Row("HAVE_IPHLPAPI_H", WINDOWS, YES),
    Row("HAVE_LIMITS_H", ALL, YES),
    Row("HAVE_MALLOC_H", LINUX | WINDOWS, YES),
    Row("HAVE_MEMORY_H", ALL, YES),
    Row("HAVE_MSWSOCK_H", WINDOWS, YES),
    Row("HAVE_NETDB_H", UNIX, YES),
    Row("HAVE_NETINET6_IN6_H", NOWHERE, YES),
    Row("HAVE_NETINET_IN_H", UNIX, YES),
    Row("HAVE_NETINET_TCP_H", UNIX, YES),
    Row("HAVE_NETIOAPI_H", WINDOWS, YES),
    Row("HAVE_NET_IF_H", UNIX, YES),
    Row("HAVE_NTDEF_H", MINGW, YES),
    Row("HAVE_NTSTATUS_H", MINGW, YES),
    Row("HAVE_POLL_H", UNIX, YES),
    Row("HAVE_PTHREAD_H", UNIX, YES),
    Row("HAVE_PTHREAD_NP_H", FREEBSD, YES),
    Row("HAVE_SIGNAL_H", ALL, YES),
    Row("HAVE_SOCKET_H", NOWHERE, YES),
    Row("HAVE_STDBOOL_H", ALL, YES),
    Row("HAVE_STDINT_H", ALL, YES),
    Row("HAVE_STDLIB_H", ALL, YES),
    Row("HAVE_STRINGS_H", UNIX | MINGW, YES),
    Row("HAVE_STRING_H", ALL, YES),
    Row("HAVE_STROPTS_H", MUSL, YES),
    Row("HAVE_SYS_EPOLL_H", LINUX, YES),
    Row("HAVE_SYS_EVENT_H", APPLE | FREEBSD, YES),
    Row("HAVE_SYS_IOCTL_H", UNIX, YES),
    Row("HAVE_SYS_PARAM_H", UNIX | MINGW, YES),
    Row("HAVE_SYS_RANDOM_H", MUSL | MACOS | FREEBSD, YES),
    // glibc has it since 2.25; the kits of Android and iOS, since some release.
    Row(
        "HAVE_SYS_RANDOM_H",
        GLIBC | ANDROID | IOS,
        Header("sys/random.h"),
    ),
    Row("HAVE_SYS_SELECT_H", UNIX, YES),
    Row("HAVE_SYS_SOCKET_H", UNIX, YES),
    Row("HAVE_SYS_STAT_H", ALL, YES),
    Row("HAVE_SYS_TIME_H", UNIX | MINGW, YES),
    Row("HAVE_SYS_TYPES_H", ALL, YES),
    Row("HAVE_SYS_UIO_H", UNIX, YES),
    Row("HAVE_TIME_H", ALL, YES),
    Row("HAVE_UNISTD_H", UNIX | MINGW, YES),
    Row("HAVE_WINDOWS_H", WINDOWS, YES),
    Row("HAVE_WINSOCK2_H", WINDOWS, YES),
    Row("HAVE_WINSOCK_H", WINDOWS, YES),
    Row("HAVE_WINTERNL_H", WINDOWS, YES),
    Row("HAVE_WS2TCPIP_H", WINDOWS, YES),
    // Types and constants.
    Row("HAVE_AF_INET6", ALL, YES),
    Row("HAVE_LONGLONG", ALL, YES),
    Row("HAVE_MSG_NOSIGNAL", UNIX, YES),
    Row("HAVE_PF_INET6", ALL, YES),
    Row("HAVE_STRUCT_ADDRINFO", ALL, YES),
    Row("HAVE_STRUCT_IN6_ADDR", ALL, YES),
    Row("HAVE_STRUCT_SOCKADDR_IN6", ALL, YES),
    Row("HAVE_STRUCT_SOCKADDR_IN6_SIN6_SCOPE_ID", ALL, YES),
    Row("HAVE_STRUCT_SOCKADDR_STORAGE", ALL, YES),
    Row("HAVE_STRUCT_TIMEVAL", ALL, YES),
    // Functions.
    Row("HAVE_ARC4RANDOM_BUF", ANDROID | APPLE | FREEBSD, YES),
    Row(
        "HAVE_ARC4RANDOM_BUF",
        GLIBC,
        Declared("stdlib.h", "arc4random_buf"),
    ),
    Row("HAVE_CLOCK_GETTIME_MONOTONIC", UNIX | MINGW, YES),
    Row("HAVE_CLOSESOCKET", WINDOWS, YES),
    Row("HAVE_CLOSESOCKET_CAMEL", NOWHERE, YES),
    Row("HAVE_CONNECT", ALL, YES),
    Row("HAVE_CONNECTX", APPLE, YES),
    Row("HAVE_CONVERTINTERFACEINDEXTOLUID", WINDOWS, YES),
    Row("HAVE_CONVERTINTERFACELUIDTONAMEA", WINDOWS, YES),
    Row("HAVE_EPOLL", LINUX, YES),
    Row("HAVE_FCNTL", UNIX, YES),
    Row("HAVE_FCNTL_O_NONBLOCK", UNIX, YES),
    Row("HAVE_FREEADDRINFO", ALL, YES),
    Row("HAVE_GETADDRINFO", ALL, YES),
    Row(
        "HAVE_GETADDRINFO_THREADSAFE",
        APPLE | FREEBSD | WINDOWS,
        YES,
    ),
    Row("HAVE_GETBESTROUTE2", WINDOWS, YES),
    Row("HAVE_GETENV", ALL, YES),
    Row("HAVE_GETHOSTNAME", ALL, YES),
    Row("HAVE_GETIFADDRS", UNIX & !ANDROID, YES),
    Row(
        "HAVE_GETIFADDRS",
        ANDROID,
        Declared("ifaddrs.h", "getifaddrs"),
    ),
    Row("HAVE_GETNAMEINFO", ALL, YES),
    Row("HAVE_GETRANDOM", MUSL | FREEBSD, YES),
    // glibc has it since 2.25, Android since API level 28.
    Row(
        "HAVE_GETRANDOM",
        GLIBC | ANDROID,
        Declared("sys/random.h", "getrandom"),
    ),
    Row("HAVE_GETSERVBYNAME_R", SERVICES_R, YES),
    Row("HAVE_GETSERVBYPORT_R", SERVICES_R, YES),
    Row("HAVE_GETTIMEOFDAY", UNIX | MINGW, YES),
    Row("HAVE_IF_INDEXTONAME", ALL, YES),
    Row("HAVE_IF_NAMETOINDEX", ALL, YES),
    Row("HAVE_INET_NET_PTON", APPLE | FREEBSD, YES),
    Row("HAVE_INET_NTOP", UNIX, YES),
    Row("HAVE_INET_PTON", UNIX, YES),
    Row("HAVE_IOCTL", UNIX, YES),
    Row("HAVE_IOCTLSOCKET", WINDOWS, YES),
    Row("HAVE_IOCTLSOCKET_CAMEL", NOWHERE, YES),
    Row("HAVE_IOCTLSOCKET_CAMEL_FIONBIO", NOWHERE, YES),
    Row("HAVE_IOCTLSOCKET_FIONBIO", WINDOWS, YES),
    Row("HAVE_IOCTL_FIONBIO", UNIX, YES),
    Row("HAVE_IOCTL_SIOCGIFADDR", UNIX, YES),
    Row("HAVE_KQUEUE", APPLE | FREEBSD, YES),
    Row("HAVE_MEMMEM", UNIX, YES),
    Row("HAVE_NOTIFYIPINTERFACECHANGE", WINDOWS, YES),
    Row("HAVE_PIPE", UNIX, YES),
    Row("HAVE_PIPE2", LINUX | FREEBSD, YES),
    Row("HAVE_POLL", UNIX, YES),
    Row("HAVE_PTHREAD_INIT", NOWHERE, YES),
    Row("HAVE_RECV", ALL, YES),
    Row("HAVE_RECVFROM", ALL, YES),
    Row("HAVE_REGISTERWAITFORSINGLEOBJECT", WINDOWS, YES),
    Row("HAVE_SEND", ALL, YES),
    Row("HAVE_SENDTO", ALL, YES),
    Row("HAVE_SETSOCKOPT", ALL, YES),
    Row("HAVE_SETSOCKOPT_SO_NONBLOCK", NOWHERE, YES),
    Row("HAVE_SOCKET", ALL, YES),
    Row("HAVE_STAT", ALL, YES),
    Row("HAVE_STRCASECMP", UNIX | MINGW, YES),
    Row("HAVE_STRCMPI", WINDOWS, YES),
    Row("HAVE_STRDUP", ALL, YES),
    Row("HAVE_STRICMP", WINDOWS, YES),
    Row("HAVE_STRNCASECMP", UNIX | MINGW, YES),
    Row("HAVE_STRNCMPI", NOWHERE, YES),
    Row("HAVE_STRNICMP", WINDOWS, YES),
    Row("HAVE_STRNLEN", ALL, YES),
    Row("HAVE_WRITEV", UNIX, YES),
    Row("HAVE___SYSTEM_PROPERTY_GET", ANDROID, YES),
    // How some functions are declared.
    Row("GETHOSTNAME_TYPE_ARG2", UNIX, Is("size_t")),
    Row("GETHOSTNAME_TYPE_ARG2", WINDOWS, Is("int")),
    Row("GETNAMEINFO_QUAL_ARG1", ALL, SET),
    Row("GETNAMEINFO_TYPE_ARG1", ALL, Is("struct sockaddr *")),
    Row("GETNAMEINFO_TYPE_ARG2", ALL, Is("socklen_t")),
    Row("GETNAMEINFO_TYPE_ARG46", ALL, Is("socklen_t")),
    Row("GETNAMEINFO_TYPE_ARG7", ALL, Is("int")),
    Row("GETSERVBYNAME_R_ARGS", SERVICES_R, Is("6")),
    Row("GETSERVBYNAME_R_ARGS", ALL & !SERVICES_R, SET),
    Row("GETSERVBYPORT_R_ARGS", SERVICES_R, Is("6")),
    Row("GETSERVBYPORT_R_ARGS", ALL & !SERVICES_R, SET),
    Row("RECVFROM_QUAL_ARG5", ALL, SET),
    Row("RECVFROM_TYPE_ARG1", UNIX, Is("int")),
    Row("RECVFROM_TYPE_ARG1", WINDOWS, Is("SOCKET")),
    Row("RECVFROM_TYPE_ARG2", UNIX, Is("void *")),
    Row("RECVFROM_TYPE_ARG2", WINDOWS, Is("char *")),
    Row("RECVFROM_TYPE_ARG2_IS_VOID", ALL, Is("0")),
    Row("RECVFROM_TYPE_ARG3", UNIX, Is("size_t")),
    Row("RECVFROM_TYPE_ARG3", WINDOWS, Is("int")),
    Row("RECVFROM_TYPE_ARG4", ALL, Is("int")),
    Row("RECVFROM_TYPE_ARG5", ALL, Is("struct sockaddr *")),
    Row("RECVFROM_TYPE_ARG5_IS_VOID", ALL, Is("0")),
    Row("RECVFROM_TYPE_ARG6", ALL, Is("socklen_t *")),
    Row("RECVFROM_TYPE_ARG6_IS_VOID", ALL, Is("0")),
    Row("RECVFROM_TYPE_RETV", UNIX, Is("ssize_t")),
    Row("RECVFROM_TYPE_RETV", WINDOWS, Is("int")),
    Row("RECV_TYPE_ARG1", UNIX, Is("int")),
    Row("RECV_TYPE_ARG1", WINDOWS, Is("SOCKET")),
    Row("RECV_TYPE_ARG2", UNIX, Is("void *")),
    Row("RECV_TYPE_ARG2", WINDOWS, Is("char *")),
    Row("RECV_TYPE_ARG3", UNIX, Is("size_t")),
    Row("RECV_TYPE_ARG3", WINDOWS, Is("int")),
    Row("RECV_TYPE_ARG4", ALL, Is("int")),
    Row("RECV_TYPE_RETV", UNIX, Is("ssize_t")),
    Row("RECV_TYPE_RETV", WINDOWS, Is("int")),
    Row("SEND_TYPE_ARG1", UNIX, Is("int")),
    Row("SEND_TYPE_ARG1", WINDOWS, Is("SOCKET")),
    Row("SEND_TYPE_ARG2", ALL, Is("const void *")),
    Row("SEND_TYPE_ARG3", UNIX, Is("size_t")),
    Row("SEND_TYPE_ARG3", WINDOWS, Is("int")),
    Row("SEND_TYPE_ARG4", ALL, Is("int")),
    Row("SEND_TYPE_RETV", UNIX, Is("ssize_t")),
    Row("SEND_TYPE_RETV", WINDOWS, Is("int")),
];
