//! The channel: everything that is asked and configured goes through it.

use std::ffi::CString;
use std::fmt;
use std::sync::Arc;

use crate::builder::Builder;
use crate::error::{ErrorKind, Result};
use crate::ffi::context;
use crate::ffi::handle::Handle;
use crate::server::Server;
use crate::subnet::Subnet;

mod ask;
mod drive;

/// A c-ares channel: its configuration, its sockets, and the queries under way.
///
/// Every method takes `&self`, and a channel may be used from many threads at
/// once; share it with [`Arc`]. c-ares locks it where that is needed.
///
/// # Two kinds
///
/// A *driven* channel ([`Builder::on_socket_state`]) does nothing by itself. Its
/// user watches the sockets that c-ares names, hands what is ready to
/// [`process`](Channel::process), and calls that at the latest when
/// [`timeout`](Channel::timeout) has passed. A *threaded* channel
/// ([`Builder::build_threaded`]) has a thread of c-ares' own that does all this. One over
/// sockets that the program brings itself ([`Channel::builder_over`]) is a driven one.
///
/// # Closures
///
/// The closure of a query runs exactly once: on the thread
/// that calls `process`, on the event thread, on a thread that changes or drops
/// the channel, on that of [`reload`](Channel::reload), or before the very call that asks returns (a bad name, an
/// address instead of a name, an answer from the cache). It should not block: the
/// channel is locked meanwhile. A lock of the program's own that a closure takes must
/// not be held by others while they call the channel, or the two wait for each other. A failure is told to the closure and nowhere else.
///
/// * From a closure the same channel may be asked, cancelled and configured.
///   Only `process`, `write_pending` and `wait_idle` are refused ([`ErrorKind::InCallback`]). Where
///   closures that are told at once ask again and again, the next query is put off
///   when 16 of them run inside of each other: stack is needed for these.
/// * Queries on *another* channel are put off until no channel is locked, because
///   two channels that wait for each other's lock would wait for ever. Its other
///   methods are refused ([`ErrorKind::InCallback`]).
/// * A channel may be dropped in a closure. It ends a little later.
/// * A panic goes on from the Rust call that was driving c-ares: `process`,
///   `query`, `drop`, …. On the event thread there is none, and neither on the short-lived
///   thread that does what was put off there; there the process aborts.
///
/// What a closure holds is moved on the stack a number of times until c-ares has it: put what
/// takes more than some kilobytes into a [`Box`].
///
/// A closure may run on another thread, and long after the function that made it, so it
/// can neither borrow what that function has, nor hold what belongs to one thread:
///
/// ```compile_fail,E0373
/// # use c_ares::{A, Channel};
/// # fn ask(channel: &Channel) {
/// let mut answers = 0;
/// channel.query::<A>("example.com", |_| answers += 1);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # use c_ares::{A, Channel};
/// # fn ask(channel: &Channel) {
/// let answers = std::rc::Rc::new(std::cell::Cell::new(0));
/// channel.query::<A>("example.com", move |_| answers.set(answers.get() + 1));
/// # }
/// ```
///
/// # Dropping
///
/// A channel that somebody still calls cannot be dropped:
///
/// ```compile_fail,E0505
/// # use c_ares::Channel;
/// # fn end(channel: Channel) {
/// let used = &channel;
/// std::thread::scope(|scope| {
///     scope.spawn(|| used.wait_idle(std::time::Duration::MAX));
///     drop(channel);
/// });
/// # }
/// ```
///
/// The closures of all queries under way are told [`ErrorKind::Destruction`] before
/// `drop` returns. If it is dropped inside a closure of a channel, they are told
/// soon after: at the end of the call that was driving c-ares, or, on an event
/// thread, from a short-lived thread. The end of the process may overtake that; and
/// if no such thread can be had, the channel is leaked with its queries, because it
/// cannot be ended there.
///
/// While a thread is unwinding, panics of closures that it runs are dropped.
///
/// After a `fork` the child cannot use the channel: every method gives
/// [`ErrorKind::Forked`], and dropping it there does nothing.
///
/// # Examples
///
/// ```
/// use c_ares::{A, Channel};
/// use std::sync::mpsc;
///
/// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
/// # let address = server.address();
/// let channel = Channel::builder().servers([address]).build_threaded()?;
///
/// let (sender, answers) = mpsc::channel();
/// channel.query::<A>("example.com", move |answer| sender.send(answer).unwrap());
///
/// let answer = answers.recv()??;
/// assert_eq!(answer.records[0].to_string(), "example.com. 3600 IN A 192.0.2.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "ares_channel_t")]
#[doc(alias = "ares_destroy")]
pub struct Channel {
    pub(crate) handle: Arc<Handle>,
}

impl Channel {
    /// Starts the configuration of a channel.
    #[doc(alias = "ares_init_options")]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(handle: Handle) -> Self {
        Channel {
            handle: Arc::new(handle),
        }
    }

    #[cfg(test)]
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn to_c(&self, name: &str) -> Result<CString> {
        self.handle.check_fork()?;
        CString::new(name).map_err(|_| ErrorKind::BadName.into())
    }

    /// Runs `job` now, or, in a callback of another channel, as soon as no lock is held.
    /// So too where closures run too deep inside of each other.
    pub(crate) fn submit(&self, job: impl FnOnce(Result<&Handle>) + Send + 'static) {
        if self.handle.must_defer() {
            let handle = Arc::clone(&self.handle);
            context::defer(Box::new(move |now| job(now.map(|()| &*handle))));
        } else {
            job(Ok(&self.handle));
        }
    }

    /// Cancels every query under way.
    ///
    /// Their closures are told [`ErrorKind::Cancelled`] before this returns. Queries
    /// that these closures make go on.
    ///
    /// C: [`ares_cancel`](https://c-ares.org/docs/ares_cancel.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`].
    #[doc(alias = "ares_cancel")]
    pub fn cancel_all(&self) -> Result<()> {
        self.handle.cancel_all()
    }

    /// Replaces the servers.
    ///
    /// A query under way whose server goes is sent to one of the new ones, which takes one of its
    /// [tries](Builder::tries); one that has none left is told [`ErrorKind::Timeout`] before this returns, without
    /// that any time has passed. c-ares drops duplicates. An empty
    /// list is accepted, and every query then fails with [`ErrorKind::NoServer`]; those under
    /// way are told [`ErrorKind::Timeout`] before this returns.
    /// Meant for lists of a few: c-ares compares each server with each, and
    /// replaces thousands by thousands in no bearable time.
    ///
    /// C: [`ares_set_servers`](https://c-ares.org/docs/ares_set_servers.html),
    /// [`ares_set_servers_ports`](https://c-ares.org/docs/ares_set_servers_ports.html)
    /// where a port is given, and
    /// [`ares_set_servers_csv`](https://c-ares.org/docs/ares_set_servers_csv.html)
    /// where an interface is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadServer`] for a link-local address without an interface, or with
    /// one that this system does not have; for two of one address and the same ports on two interfaces, which
    /// c-ares would take for one; and for a site-local address (`fec0::/10`). Then nothing has changed.
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`];
    /// [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_set_servers")]
    #[doc(alias = "ares_set_servers_ports")]
    #[doc(alias = "ares_set_servers_csv")]
    pub fn set_servers<S: Into<Server>>(&self, servers: impl IntoIterator<Item = S>) -> Result<()> {
        let servers: Vec<Server> = servers.into_iter().map(Into::into).collect();
        self.handle.set_servers(&servers)
    }

    /// The servers as c-ares has them now, the one it would ask first in front.
    ///
    /// They are those that were set, without duplicates, with their ports filled in,
    /// and with the names of interfaces instead of their numbers.
    ///
    /// C: [`ares_get_servers_csv`](https://c-ares.org/docs/ares_get_servers_csv.html),
    /// the one function that tells interfaces.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`];
    /// [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_get_servers_csv")]
    pub fn servers(&self) -> Result<Vec<Server>> {
        self.handle.servers()
    }

    /// Replaces the networks whose addresses are put in front.
    ///
    /// The list is c-ares' and set for its sake: 1.34.9 goes by it in `ares_gethostbyname`
    /// alone (`ares_gethostbyname.c:81`), and nothing that this crate asks is sorted by it.
    /// [`addrinfo`](Channel::addrinfo) sorts by RFC 6724.
    ///
    /// C: [`ares_set_sortlist`](https://c-ares.org/docs/ares_set_sortlist.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadOption`] for an empty list, which c-ares would ignore;
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`];
    /// [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_set_sortlist")]
    pub fn set_sortlist(&self, subnets: impl IntoIterator<Item = Subnet>) -> Result<()> {
        let subnets: Vec<Subnet> = subnets.into_iter().collect();
        self.handle.set_sortlist(&subnets)
    }

    /// Reads the system's configuration again, and empties the query cache.
    ///
    /// A thread of c-ares' own does it, and this returns before it is done. What was set
    /// in the [`Builder`] or on the channel stays. A configuration that cannot be
    /// read changes nothing, and nobody is told. A call while another one is at work
    /// does nothing more.
    ///
    /// What the configuration does not say any more stays as well: servers, search domains, lookups,
    /// sort list, timeout and attempts are replaced by something alone, and `use-vc` is not taken back;
    /// `ndots` and `rotate` go back to their defaults. Where it names servers of which c-ares can use none, the channel
    /// has none. What becomes of queries whose server goes, [`set_servers`](Channel::set_servers) says.
    ///
    /// Closures of such queries, of servers and of sockets can run on that thread: the one for sockets must wake
    /// a loop that sleeps, and a panic there aborts the process. The thread reads environment variables
    /// (`LOCALDOMAIN`, `RES_OPTIONS`): do not change any meanwhile.
    ///
    /// C: [`ares_reinit`](https://c-ares.org/docs/ares_reinit.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnsuitableLibrary`] for a threaded channel of a system's library, which
    /// reloads by itself when files change, and where c-ares 1.34.9 does not stand
    /// being told to at the same time; [`ErrorKind::InCallback`] in a callback of another
    /// channel, and in the destructor of a thread-local on a thread of c-ares'; [`ErrorKind::Forked`]; [`ErrorKind::NoMemory`] or [`ErrorKind::ServFail`] if no thread
    /// can be had.
    #[doc(alias = "ares_reinit")]
    pub fn reload(&self) -> Result<()> {
        self.handle.reload()
    }

    /// How many queries c-ares has under way.
    ///
    /// [`addrinfo`](Channel::addrinfo) makes up to two. The copies that
    /// [`Builder::server_failover`] sends count too. A query that is put off (see
    /// [Closures](Channel#closures)) does not count yet.
    ///
    /// C: [`ares_queue_active_queries`](https://c-ares.org/docs/ares_queue_active_queries.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`].
    #[doc(alias = "ares_queue_active_queries")]
    pub fn active_queries(&self) -> Result<usize> {
        self.handle.active_queries()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}
