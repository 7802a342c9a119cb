//! Who drives the channel to be: its user, or c-ares' event thread.

use c_ares_sys as sys;

use super::Builder;
use crate::channel::Channel;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::ffi::handle::{Driver, SocketStateClosure};
#[cfg(doc)]
use crate::flags::Flags;
use crate::socket::{Interest, RawSocket, Socket};
use crate::transport::table::Table;
use crate::transport::{Opener, Transport, opener};

/// What a [`Builder`] of a channel is whose sockets are the system's.
///
/// Only their closures can be lent a socket. Nobody else implements this.
pub trait SystemSockets: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Undriven {}
    impl Sealed for super::Driven {}
    impl Sealed for super::Threaded {}
}

impl SystemSockets for Undriven {}
impl SystemSockets for Driven {}
impl SystemSockets for Threaded {}

/// A [`Builder`] that was not told yet who drives the channel.
#[derive(Clone, Debug, Default)]
pub struct Undriven(());

/// A [`Builder`] of a channel that its user drives.
pub struct Driven(SocketStateClosure);

impl std::fmt::Debug for Driven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driven")
    }
}

/// A [`Builder`] of a channel over a [`Transport`], which its user drives.
pub struct Carried {
    opener: Opener,
    on_socket_state: Option<SocketStateClosure>,
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carried")
    }
}

/// A [`Builder`] of a channel that c-ares' event thread drives, in a certain way.
#[derive(Clone, Debug)]
pub struct Threaded(EventSystem);

macro_rules! event_systems {
    ($($(#[doc = $doc:literal])+ $name:ident = $c:ident;)+) => {
        /// By what c-ares' event thread waits for its sockets, for
        /// [`Builder::event_system`].
        #[doc(alias = "ares_evsys_t")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EventSystem {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nC: `", stringify!($c), "`.")]
                $name,
            )+
        }

        impl EventSystem {
            pub(crate) fn to_c(self) -> sys::ares_evsys_t {
                match self {
                    $(EventSystem::$name => sys::$c,)+
                }
            }
        }
    };
}

event_systems! {
    /// `AFD_POLL` of Windows.
    Win32 = ARES_EVSYS_WIN32;
    /// `epoll` of Linux.
    Epoll = ARES_EVSYS_EPOLL;
    /// `kqueue` of macOS and the BSDs.
    Kqueue = ARES_EVSYS_KQUEUE;
    /// `poll` of POSIX.
    Poll = ARES_EVSYS_POLL;
    /// `select` of POSIX. It takes no descriptor from `FD_SETSIZE` (1,024) on: a query whose
    /// socket has one times out, and a channel cannot be built ([`ErrorKind::ServFail`]).
    Select = ARES_EVSYS_SELECT;
}

impl Builder {
    /// Makes the channel one that its user drives, and says how the user learns
    /// which sockets to watch.
    ///
    /// The closure is called when a socket is to be watched, when it is to be watched
    /// for something else, and with [`Interest::NONE`] when it is not to be watched
    /// any more; it is closed just after that, or, if the server has ended a connection in
    /// the middle of a message, when its queries have timed out. It runs on whatever thread calls
    /// into the channel, also from [`Channel::query`] and while the channel is
    /// dropped, and may run after the closure of the query that it is about. A new
    /// query on a socket that is watched already does not call it. It has nobody to
    /// return an error to: what cannot be watched must be remembered and told
    /// where the loop runs. [`Channel::reload`] runs it on a thread of c-ares'.
    ///
    /// What [`Channel`] says of closures holds for it as well.
    ///
    /// ```
    /// use c_ares::{A, Channel, Interest, Ready};
    /// use std::collections::HashMap;
    /// use std::sync::{Arc, Mutex, mpsc};
    ///
    /// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
    /// # let address = server.address();
    /// let watched = Arc::new(Mutex::new(HashMap::new()));
    /// let channel = Channel::builder()
    ///     .servers([address])
    ///     .on_socket_state({
    ///         let watched = Arc::clone(&watched);
    ///         move |socket, interest| {
    ///             let mut watched = watched.lock().unwrap();
    ///             if interest.is_none() {
    ///                 watched.remove(&socket.raw());
    ///             } else {
    ///                 watched.insert(socket.raw(), interest);
    ///             }
    ///         }
    ///     })
    ///     .build()?;
    ///
    /// let (sender, answers) = mpsc::channel();
    /// channel.query::<A>("example.com", move |answer| sender.send(answer).unwrap());
    /// let answer = loop {
    ///     if let Ok(answer) = answers.try_recv() {
    ///         break answer?;
    ///     }
    ///     // An event loop would wait here for a socket, or for `channel.timeout()`.
    ///     let ready: Vec<Ready> = watched
    ///         .lock()
    ///         .unwrap()
    ///         .iter()
    ///         .map(|(socket, interest)| Ready::new(*socket, *interest))
    ///         .collect();
    ///     channel.process(&ready)?;
    /// };
    /// assert_eq!(answer.records.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// C: `ARES_OPT_SOCK_STATE_CB` of
    /// [`ares_init_options`](https://c-ares.org/docs/ares_init_options.html).
    #[doc(alias = "ARES_OPT_SOCK_STATE_CB")]
    #[doc(alias = "sock_state_cb")]
    pub fn on_socket_state(
        self,
        closure: impl Fn(Socket<'_>, Interest) + Send + Sync + 'static,
    ) -> Builder<Driven> {
        let closure = SocketStateClosure::System(Box::new(closure));
        self.driven_by(Driven(closure))
    }

    /// Makes the channel one with an event thread, and says by what that waits for its
    /// sockets.
    ///
    /// Default: the best that the system has.
    ///
    /// C: `ARES_OPT_EVENT_THREAD` and `evsys` of
    /// [`ares_init_options`](https://c-ares.org/docs/ares_init_options.html).
    #[doc(alias = "evsys")]
    pub fn event_system(self, system: EventSystem) -> Builder<Threaded> {
        self.driven_by(Threaded(system))
    }

    fn driven_by<D>(self, driver: D) -> Builder<D> {
        Builder {
            settings: self.settings,
            apart: self.apart,
            servers: self.servers,
            max_queries: self.max_queries,
            driver,
        }
    }

    /// Builds a channel with an event thread of c-ares' own, which drives it.
    ///
    /// This reads files and, without a lock, [environment variables](Builder).
    ///
    /// It does not notice changes of `resolv.conf`. (With a system's library it does,
    /// and there c-ares 1.34.9 can crash if the channel is dropped in the moment of
    /// a change; only the vendored library is free of that.) When a server ends a
    /// connection in the middle of a message, the thread computes until the query's
    /// timeout: c-ares 1.34.9 keeps such a connection, and nothing outside of it can help.
    ///
    /// C: `ARES_OPT_EVENT_THREAD` of
    /// [`ares_init_options`](https://c-ares.org/docs/ares_init_options.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadOption`] and [`ErrorKind::BadServer`] for values that c-ares cannot
    /// take, or would ignore beside others; [`ErrorKind::UnsuitableLibrary`] if the c-ares that is loaded cannot be used;
    /// [`ErrorKind::NoServer`] with [`Flags::NO_DFLT_SVR`]; [`ErrorKind::NoMemory`], also
    /// if no thread can be had; [`ErrorKind::ServFail`] if the event thread can have no file
    /// descriptors. A configuration that cannot be read is none: see [`Builder::resolv_conf`].
    #[doc(alias = "ARES_OPT_EVENT_THREAD")]
    pub fn build_threaded(self) -> Result<Channel> {
        self.finish(|_| Driver::EventThread(None))
    }
}

impl Builder<Driven> {
    /// Builds a channel that its user drives.
    ///
    /// This reads files and, without a lock, [environment variables](Builder).
    ///
    /// # Errors
    ///
    /// As [`Builder::build_threaded`](Builder::<Undriven>::build_threaded).
    pub fn build(self) -> Result<Channel> {
        self.finish(|driven| Driver::User(driven.0))
    }
}

impl Channel {
    /// Starts the configuration of a channel whose sockets the program brings itself.
    ///
    /// See [`Transport`] for an example.
    #[doc(alias = "ares_set_socket_functions_ex")]
    pub fn builder_over(transport: impl Transport) -> Builder<Carried> {
        Builder::default().driven_by(Carried {
            opener: opener(transport),
            on_socket_state: None,
        })
    }
}

impl Builder<Carried> {
    /// Says how the user learns which sockets of the transport to watch, by their numbers.
    ///
    /// What [`Builder::on_socket_state`](Builder::<Undriven>::on_socket_state) of other channels
    /// says holds here too. Without it the user must know from the transport which
    /// sockets there are, and look at all of them for reading and for writing.
    ///
    /// The numbers are those of [`Opening`](crate::Opening), and mean nothing to the system.
    #[doc(alias = "ARES_OPT_SOCK_STATE_CB")]
    #[doc(alias = "sock_state_cb")]
    pub fn on_socket_state(
        mut self,
        closure: impl Fn(RawSocket, Interest) + Send + Sync + 'static,
    ) -> Self {
        self.driver.on_socket_state = Some(SocketStateClosure::Carried(Box::new(closure)));
        self
    }

    /// Builds a channel over the transport, which its user drives.
    ///
    /// # Errors
    ///
    /// As [`Builder::build_threaded`](Builder::<Undriven>::build_threaded).
    pub fn build(self) -> Result<Channel> {
        self.finish(|carried| {
            let on_socket_state = carried
                .on_socket_state
                .unwrap_or_else(|| SocketStateClosure::Carried(Box::new(|_, _| ())));
            Driver::Transport(Table::new(carried.opener), on_socket_state)
        })
    }
}

impl Builder<Threaded> {
    /// Builds a channel with an event thread of c-ares' own, which drives it by the
    /// event system that was chosen.
    ///
    /// # Errors
    ///
    /// As [`Builder::build_threaded`](Builder::<Undriven>::build_threaded), and
    /// [`ErrorKind::BadOption`] if this system does not have that event system.
    #[doc(alias = "ARES_OPT_EVENT_THREAD")]
    pub fn build_threaded(self) -> Result<Channel> {
        self.finish(|threaded| Driver::EventThread(Some(threaded.0)))
    }
}
