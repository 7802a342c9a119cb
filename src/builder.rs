//! How a channel is configured: one table of options.

use std::path::PathBuf;
use std::time::Duration;

use c_ares_sys as sys;

use crate::channel::Channel;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::ffi::handle::configure::Apart;
use crate::ffi::handle::{Driver, Handle};
use crate::ffi::options::{self, Options};
use crate::flags::Flags;
use crate::server::Server;

mod apart;
mod check;
mod driver;

pub use driver::{Carried, Driven, EventSystem, SystemSockets, Threaded, Undriven};

/// A place where [`Channel::addrinfo`] looks a name up, and [`Channel::nameinfo`] an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LookupSource {
    /// The hosts file.
    Hosts,
    /// The DNS.
    Dns,
}

impl LookupSource {
    pub(crate) fn letter(self) -> u8 {
        match self {
            LookupSource::Hosts => b'f',
            LookupSource::Dns => b'b',
        }
    }
}

/// The configuration of a channel to be.
///
/// What is not set comes from the system: servers, search domains and most
/// others from `resolv.conf`, `nsswitch.conf`, `LOCALDOMAIN` and `RES_OPTIONS`,
/// or what stands for them on other systems. Values are checked when the channel
/// is built.
///
/// c-ares reads these environment variables when a channel is built or
/// [reloads](Channel::reload), and `HOSTALIASES` and `CARES_HOSTS` when it asks. It takes no lock for that, so
/// a program must not change its environment meanwhile: that is why
/// [`set_var`](std::env::set_var) is unsafe.
///
/// The type parameter says who drives the channel; closures and event systems that c-ares would
/// ignore there do not compile. An option that a [flag](Builder::flags) leaves without effect is
/// refused with [`ErrorKind::BadOption`] when the channel is built.
///
/// ```
/// use c_ares::{Channel, Flags, Server};
/// use std::time::Duration;
///
/// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
/// # let address = server.address();
/// let channel = Channel::builder()
///     .servers([address])
///     .timeout(Duration::from_secs(2))
///     .tries(2)
///     .flags(Flags::USEVC)
///     .build_threaded()?;
/// assert_eq!(channel.servers()?, [Server::from(address)]);
///
/// let refused = Channel::builder().timeout(Duration::ZERO).build_threaded();
/// assert_eq!(
///     refused.unwrap_err().to_string(),
///     "timeout(0ns): expected more than nothing, and less than 25 days",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A channel is driven by its user or by its own thread, not by both:
///
/// ```compile_fail,E0599
/// c_ares::Channel::builder().on_socket_state(|_, _| ()).build_threaded();
/// ```
///
/// What c-ares ignores on a channel with a thread of its own is not there:
///
/// ```compile_fail,E0599
/// c_ares::Channel::builder().on_socket_configured(|_| Ok(())).build_threaded();
/// ```
///
/// ```compile_fail,E0599
/// c_ares::Channel::builder().on_pending_write(|| ()).build_threaded();
/// ```
///
/// The event system is that of the channel's own thread, and of no other:
///
/// ```compile_fail,E0599
/// # use c_ares::{Channel, EventSystem};
/// Channel::builder().event_system(EventSystem::Poll).on_socket_state(|_, _| ());
/// ```
///
/// ```compile_fail,E0599
/// # use c_ares::{Channel, EventSystem};
/// Channel::builder().on_socket_state(|_, _| ()).event_system(EventSystem::Poll);
/// ```
///
/// Sockets that a program brings itself are none of the system's, to be lent to a closure, and
/// no event thread could wait for them:
///
/// ```compile_fail,E0599
/// fn refused(transport: impl c_ares::Transport) {
///     let _ = c_ares::Channel::builder_over(transport).on_socket_created(|_| Ok(()));
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn refused(transport: impl c_ares::Transport) {
///     let _ = c_ares::Channel::builder_over(transport).build_threaded();
/// }
/// ```
///
/// Socket-state closures may run on several threads at once:
///
/// ```compile_fail,E0277
/// let seen = std::cell::Cell::new(0);
/// c_ares::Channel::builder().on_socket_state(move |_, _| seen.set(1));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing happens until the channel is built"]
pub struct Builder<D = Undriven> {
    settings: Values,
    apart: Apart,
    servers: Option<Vec<Server>>,
    max_queries: Option<usize>,
    driver: D,
}

macro_rules! options {
    ($(
        $(#[$doc:meta])+
        $name:ident($($argument:tt)+) -> $type:ty = $value:expr,
        $mask:ident: |$raw:ident, $c:ident| $member:expr, $convert:ident;
    )+) => {
        /// The options that were set.
        #[derive(Clone, Debug, Default)]
        struct Values {
            $($name: Option<$type>,)+
        }

        impl<D> Builder<D> {
            $(
                $(#[$doc])+
                #[doc = concat!("\n\nC: `", stringify!($mask), "` of ")]
                #[doc = "[`ares_init_options`](https://c-ares.org/docs/ares_init_options.html)."]
                pub fn $name(mut self, $($argument)+) -> Self {
                    self.settings.$name = Some($value);
                    self
                }
            )+
        }

        impl Values {
            fn to_c(&self) -> Result<Options> {
                let mut options = Options::default();
                $(
                    if let Some(value) = &self.$name {
                        options.set(
                            stringify!($name),
                            sys::$mask,
                            value,
                            |value, storage| options::$convert(value, storage),
                            |$raw, $c| $member,
                        )?;
                    }
                )+
                Ok(options)
            }
        }
    };
}

options! {
    /// Flags that change how the channel asks. Replaces those set before.
    ///
    /// Default: none, with EDNS and cookies on. Where the system's configuration says `use-vc`,
    /// [`Flags::USEVC`] is set besides.
    #[doc(alias = "ARES_OPT_FLAGS")]
    flags(flags: Flags) -> Flags = flags,
        ARES_OPT_FLAGS: |raw, value| raw.flags = value, bits;
    /// How long the first try waits for an answer; later tries wait longer.
    ///
    /// Whole milliseconds, rounded up. c-ares takes at least 250 milliseconds and,
    /// without [`max_timeout`](Builder::max_timeout), at most 5 seconds; after a few
    /// answers it goes by how fast the server was. Default: the system's (`options timeout` in
    /// `resolv.conf`), or 2 seconds.
    #[doc(alias = "ARES_OPT_TIMEOUTMS")]
    #[doc(alias = "ARES_OPT_TIMEOUT")]
    timeout(timeout: Duration) -> Duration = timeout,
        ARES_OPT_TIMEOUTMS: |raw, value| raw.timeout = value, milliseconds;
    /// The longest that any try waits, in whole milliseconds, rounded up. It may be
    /// shorter than what [`timeout`](Builder::timeout) takes at least.
    ///
    /// Default: 5 seconds for the first try, none for the later ones.
    #[doc(alias = "ARES_OPT_MAXTIMEOUTMS")]
    max_timeout(timeout: Duration) -> Duration = timeout,
        ARES_OPT_MAXTIMEOUTMS: |raw, value| raw.maxtimeout = value, milliseconds;
    /// How often each server is asked before the query fails, at most 255 times.
    ///
    /// Each round waits twice as long as the one before, up to
    /// [`max_timeout`](Builder::max_timeout); of the later ones chance takes away up to half, but no
    /// round is shorter than the first. Without `max_timeout`, c-ares' time overflows after some fifty
    /// rounds, and the tries after those end at once. Default: the system's (`options attempts`), or 3.
    #[doc(alias = "ARES_OPT_TRIES")]
    tries(tries: u32) -> u32 = tries,
        ARES_OPT_TRIES: |raw, value| raw.tries = value, tries;
    /// How many dots a name must have to be tried as it is before the search
    /// domains. Not together with [`Flags::NOSEARCH`]. Default: the system's (`options ndots`), or 1.
    #[doc(alias = "ARES_OPT_NDOTS")]
    ndots(ndots: u32) -> u32 = ndots,
        ARES_OPT_NDOTS: |raw, value| raw.ndots = value, natural;
    /// The UDP port of servers that name none, in host order, and not 0. Default: 53.
    #[doc(alias = "ARES_OPT_UDP_PORT")]
    udp_port(port: u16) -> u16 = port,
        ARES_OPT_UDP_PORT: |raw, value| raw.udp_port = value, port;
    /// The TCP port of servers that name none, in host order, and not 0. Default: 53.
    #[doc(alias = "ARES_OPT_TCP_PORT")]
    tcp_port(port: u16) -> u16 = port,
        ARES_OPT_TCP_PORT: |raw, value| raw.tcp_port = value, port;
    /// The search domains, in order, from 1 to 128. For none there is [`Flags::NOSEARCH`], with which
    /// these are refused.
    ///
    /// Default: the system's, or the domain of the host's own name.
    ///
    /// A dot at the end makes no difference; `.` alone is the root. One that is no name fails each
    /// search that comes to it with [`ErrorKind::BadName`]. A system's library is given
    /// none with a backslash: see [`Channel::search`].
    #[doc(alias = "ARES_OPT_DOMAINS")]
    domains(domains: impl IntoIterator<Item = impl Into<String>>) -> Vec<String>
        = domains.into_iter().map(Into::into).collect(),
        ARES_OPT_DOMAINS: |raw, value| (raw.domains, raw.ndomains) = value, domains;
    /// Where [`Channel::addrinfo`] looks names up, and [`Channel::nameinfo`] addresses, in order.
    ///
    /// Default: the system's, or the hosts file and then the DNS.
    #[doc(alias = "ARES_OPT_LOOKUPS")]
    lookups(sources: impl IntoIterator<Item = LookupSource>) -> Vec<LookupSource>
        = sources.into_iter().collect(),
        ARES_OPT_LOOKUPS: |raw, value| raw.lookups = value, lookups;
    /// How many queries a UDP socket carries before c-ares takes a new one, with a new
    /// source port, which makes answers harder to forge.
    ///
    /// Not together with [`Flags::USEVC`]. Default: no limit.
    #[doc(alias = "ARES_OPT_UDP_MAX_QUERIES")]
    udp_max_queries(queries: u32) -> u32 = queries,
        ARES_OPT_UDP_MAX_QUERIES: |raw, value| raw.udp_max_queries = value, positive;
    /// When a server that failed is asked again: each query sends a copy of itself there
    /// with a chance of one in `retry_chance`, once `retry_delay` has passed since the
    /// failure, and no other copy is under way. A chance of 0 means that no copies are sent.
    ///
    /// The delay is taken in whole milliseconds, rounded up. Failed servers stand behind
    /// the others, and are asked anyway where those fail too. Without a chance of 0 it is not for
    /// [`Flags::PRIMARY`], which leaves one server. Default: a chance of one in 10, after 5 seconds.
    #[doc(alias = "ARES_OPT_SERVER_FAILOVER")]
    server_failover(retry_chance: u16, retry_delay: Duration) -> (u16, Duration)
        = (retry_chance, retry_delay),
        ARES_OPT_SERVER_FAILOVER: |raw, value| raw.server_failover_opts = value, failover;
    /// The size of each socket's send buffer, in bytes. Systems round it, and have limits.
    ///
    /// Default: the system's.
    #[doc(alias = "ARES_OPT_SOCK_SNDBUF")]
    send_buffer_size(bytes: u32) -> u32 = bytes,
        ARES_OPT_SOCK_SNDBUF: |raw, value| raw.socket_send_buffer_size = value, positive;
    /// The size of each socket's receive buffer, in bytes. Systems round it, and have
    /// limits.
    ///
    /// Default: the system's.
    #[doc(alias = "ARES_OPT_SOCK_RCVBUF")]
    receive_buffer_size(bytes: u32) -> u32 = bytes,
        ARES_OPT_SOCK_RCVBUF: |raw, value| raw.socket_receive_buffer_size = value, positive;
    /// The size of UDP answers that the server is told to be welcome, in bytes.
    ///
    /// From 512 on, and not together with [`Flags::NOEDNS`]. Default: 1232, which passes nearly
    /// every network unfragmented.
    #[doc(alias = "ARES_OPT_EDNSPSZ")]
    edns_size(size: u16) -> u16 = size,
        ARES_OPT_EDNSPSZ: |raw, value| raw.ednspsz = value, message_size;
    /// The file to read in place of `/etc/resolv.conf`. Windows, macOS, iOS and Android keep
    /// elsewhere what stands there, and c-ares reads no such file there.
    ///
    /// One that is not there is empty to c-ares. One that cannot be read is so, too, and with
    /// it c-ares passes over `nsswitch.conf`, `LOCALDOMAIN` and `RES_OPTIONS`. Without
    /// [`servers`](Builder::servers) it then asks 127.0.0.1.
    #[doc(alias = "ARES_OPT_RESOLVCONF")]
    resolv_conf(path: impl Into<PathBuf>) -> PathBuf = path.into(),
        ARES_OPT_RESOLVCONF: |raw, value| raw.resolvconf_path = value, path;
    /// The file to read in place of the system's hosts file.
    ///
    /// Default: `/etc/hosts`, or what stands for it on the system.
    ///
    /// It is read under the channel's lock: one that makes its readers wait, such as a FIFO, makes
    /// all calls on the channel wait.
    #[doc(alias = "ARES_OPT_HOSTS_FILE")]
    hosts_file(path: impl Into<PathBuf>) -> PathBuf = path.into(),
        ARES_OPT_HOSTS_FILE: |raw, value| raw.hosts_path = value, path;
    /// The longest that an answer is kept in the query cache, in whole seconds,
    /// rounded up. Zero turns the cache off.
    ///
    /// An answer is kept for the shortest TTL in it, without those of SOA, SIG and OPT records, which c-ares passes over.
    /// NXDOMAIN is kept for as long as the SOA record beside it says (RFC 2308), and not at all without one. NOERROR
    /// without records has no other TTL, so that it is kept for as long as is said here: c-ares 1.34.9 does not
    /// look at its SOA record (`ares_qcache.c:464`). What is truncated is not kept.
    ///
    /// Default: 1 hour. The cache has no limit of size.
    #[doc(alias = "ARES_OPT_QUERY_CACHE")]
    query_cache(max_ttl: Duration) -> Duration = max_ttl,
        ARES_OPT_QUERY_CACHE: |raw, value| raw.qcache_max_ttl = value, seconds;
}

impl<D> Builder<D> {
    /// The servers to ask, instead of the system's.
    ///
    /// See [`Channel::set_servers`] for what c-ares makes of them. Checked when
    /// the channel is built.
    #[doc(alias = "ARES_OPT_SERVERS")]
    pub fn servers<S: Into<Server>>(mut self, servers: impl IntoIterator<Item = S>) -> Self {
        self.servers = Some(servers.into_iter().map(Into::into).collect());
        self
    }

    /// How many query ids may be in use at once; past it a query fails with
    /// [`ErrorKind::TooManyQueries`].
    ///
    /// A query counts as one, [`Channel::addrinfo`] as two. From 2 to 32,768:
    /// ids have 16 bits, and c-ares looks for a free one by trying.
    /// Default: 16,384.
    pub fn max_queries(mut self, max_queries: usize) -> Self {
        self.max_queries = Some(max_queries);
        self
    }

    fn finish(mut self, to_driver: impl FnOnce(D) -> Driver) -> Result<Channel> {
        let settings = self.layer_settings()?;
        // Where no flags are set, c-ares takes `use-vc` of the system's configuration back when a channel
        // is made (`ares_init.c:147`), and heeds it when one reloads.
        self.settings.flags.get_or_insert_default();
        let options = self.settings.to_c()?;
        let driver = to_driver(self.driver);
        let servers = self.servers.as_deref();
        Handle::new(options, driver, settings, self.apart, servers).map(Channel::new)
    }
}
