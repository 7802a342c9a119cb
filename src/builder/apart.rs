//! The options without a member in `ares_options`.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::{Builder, Carried, Driven, SystemSockets};
#[cfg(doc)]
use crate::channel::Channel;
#[cfg(doc)]
use crate::error::{Error, ErrorKind};
use crate::server::ServerState;
use crate::socket::NewSocket;
use crate::subnet::Subnet;

impl<D> Builder<D> {
    /// Whether each query goes to a server taken at random, or to the first that works.
    ///
    /// `true` is not for [`Flags::PRIMARY`](crate::Flags::PRIMARY), which leaves one server.
    /// Default: the system's (`options rotate` in `resolv.conf`), or the first.
    ///
    /// C: `ARES_OPT_ROTATE` and `ARES_OPT_NOROTATE` of
    /// [`ares_init_options`](https://c-ares.org/docs/ares_init_options.html).
    #[doc(alias = "ARES_OPT_ROTATE")]
    #[doc(alias = "ARES_OPT_NOROTATE")]
    pub fn rotate(mut self, rotate: bool) -> Self {
        self.apart.rotate = Some(rotate);
        self
    }

    /// The address that sockets for IPv4 are bound to.
    ///
    /// With one that this machine does not have every query over IPv4 fails with
    /// [`ErrorKind::ConnectionRefused`]. Default: what the system takes for the server.
    ///
    /// C: [`ares_set_local_ip4`](https://c-ares.org/docs/ares_set_local_ip4.html).
    #[doc(alias = "ares_set_local_ip4")]
    pub fn local_ipv4(mut self, address: Ipv4Addr) -> Self {
        self.apart.local_ipv4 = Some(address);
        self
    }

    /// The address that sockets for IPv6 are bound to.
    ///
    /// As [`local_ipv4`](Builder::local_ipv4). A link-local one is refused with
    /// [`ErrorKind::BadOption`], because c-ares has no interface for it.
    ///
    /// C: [`ares_set_local_ip6`](https://c-ares.org/docs/ares_set_local_ip6.html).
    #[doc(alias = "ares_set_local_ip6")]
    pub fn local_ipv6(mut self, address: Ipv6Addr) -> Self {
        self.apart.local_ipv6 = Some(address);
        self
    }

    /// The network interface that sockets are bound to, by its name. Linux and Android
    /// alone can do this.
    ///
    /// A name that is no interface is refused with [`ErrorKind::BadOption`]. (A
    /// [`Transport`](crate::Transport) is told any name, on any system.) Systems may ask for
    /// a privilege (`CAP_NET_RAW` before Linux 5.7); c-ares goes on without the
    /// binding where that is missing. Default: what the system takes for the server.
    ///
    /// C: [`ares_set_local_dev`](https://c-ares.org/docs/ares_set_local_dev.html).
    #[doc(alias = "ares_set_local_dev")]
    pub fn local_device(mut self, interface: impl Into<String>) -> Self {
        self.apart.local_device = Some(interface.into());
        self
    }

    /// The networks whose addresses are put in front.
    ///
    /// See [`Channel::set_sortlist`], which says what it is good for. An empty list is
    /// refused with [`ErrorKind::BadOption`]. Default: the system's (`sortlist` in
    /// `resolv.conf`).
    ///
    /// C: [`ares_set_sortlist`](https://c-ares.org/docs/ares_set_sortlist.html).
    #[doc(alias = "ares_set_sortlist")]
    #[doc(alias = "ARES_OPT_SORTLIST")]
    pub fn sortlist(mut self, subnets: impl IntoIterator<Item = Subnet>) -> Self {
        self.apart.sortlist = Some(subnets.into_iter().collect());
        self
    }

    /// Tells each time that a server answered a query for good, or failed to.
    ///
    /// What makes c-ares ask once more is not told: a truncated answer, BADCOOKIE, FORMERR to EDNS.
    ///
    /// The closure runs on whatever thread runs the channel's other closures, and what
    /// [`Channel`] says of closures holds for it as well. It may run before or after the
    /// closure of the query that it is about. A clone of the builder has the
    /// same closure.
    ///
    /// ```
    /// use c_ares::{A, Channel, Server};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
    /// # let address = server.address();
    /// let (sender, states) = mpsc::channel();
    /// let channel = Channel::builder()
    ///     .servers([address])
    ///     .on_server_state(move |state| sender.send(state.clone()).unwrap())
    ///     .build_threaded()?;
    /// channel.query::<A>("example.com", |answer| assert!(answer.is_ok()));
    ///
    /// let state = states.recv()?;
    /// assert_eq!(state.server, Server::from(address));
    /// assert!(state.success && !state.tcp);
    /// # drop(channel);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// It may run on several threads at once:
    ///
    /// ```compile_fail,E0277
    /// let seen = std::cell::Cell::new(false);
    /// c_ares::Channel::builder().on_server_state(move |state| seen.set(state.success));
    /// ```
    ///
    /// The state is lent:
    ///
    /// ```compile_fail,E0521
    /// # use c_ares::{Channel, ServerState};
    /// let (sender, states) = std::sync::mpsc::channel::<&ServerState>();
    /// Channel::builder().on_server_state(move |state| sender.send(state).unwrap());
    /// ```
    ///
    /// C: [`ares_set_server_state_callback`](https://c-ares.org/docs/ares_set_server_state_callback.html).
    #[doc(alias = "ares_set_server_state_callback")]
    pub fn on_server_state(
        mut self,
        closure: impl Fn(&ServerState) + Send + Sync + 'static,
    ) -> Self {
        self.apart.closures.on_server_state = Some(Arc::new(closure));
        self
    }
}

/// What lends a socket of the system's.
impl<D: SystemSockets> Builder<D> {
    /// Tells of each socket for a server when it is connected, over TCP when the connection is under way.
    ///
    /// An error makes c-ares close it, as if the server could not be reached; what the error
    /// says is told to nobody. c-ares is in the middle of things here: inside of
    /// this closure queries on *any* channel are put off until no channel is locked, and
    /// all other methods are refused with [`ErrorKind::InCallback`], those of this channel too.
    /// Otherwise what [`Channel`] says of closures holds.
    ///
    /// ```compile_fail,E0277
    /// let seen = std::cell::Cell::new(0);
    /// c_ares::Channel::builder().on_socket_created(move |_| Ok(seen.set(1)));
    /// ```
    ///
    /// C: [`ares_set_socket_callback`](https://c-ares.org/docs/ares_set_socket_callback.html).
    #[doc(alias = "ares_set_socket_callback")]
    pub fn on_socket_created(
        mut self,
        closure: impl Fn(&NewSocket<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.apart.closures.on_socket_created = Some(Arc::new(closure));
        self
    }
}

/// What c-ares ignores on a channel with an event thread.
impl Builder<Driven> {
    /// Tells of each socket for a server before it is connected, so that it can be given options, such as
    /// `SO_MARK`. (Those by which [`Channel::addrinfo`] sorts send nothing, and are not told of.)
    ///
    /// The same holds as for [`on_socket_created`](Builder::on_socket_created). c-ares
    /// has set its own options already.
    ///
    /// ```
    /// use c_ares::Channel;
    /// use socket2::SockRef;
    ///
    /// let builder = Channel::builder()
    ///     .on_socket_state(|_, _| ())
    ///     .on_socket_configured(|socket| SockRef::from(socket).set_tos_v4(0x10));
    /// # drop(builder);
    /// ```
    ///
    /// C: [`ares_set_socket_configure_callback`](https://c-ares.org/docs/ares_set_socket_configure_callback.html).
    #[doc(alias = "ares_set_socket_configure_callback")]
    pub fn on_socket_configured(
        mut self,
        closure: impl Fn(&NewSocket<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.apart.closures.on_socket_configured = Some(Arc::new(closure));
        self
    }

    /// Holds a query over TCP back, so that it can go out in one write with the next.
    ///
    /// The closure is called when there is something to write, and not again before
    /// [`Channel::write_pending`] was called, which writes it. It should wake the loop that
    /// drives the channel, and the loop call that: without it a query over TCP may
    /// wait until its time is up. c-ares 1.34.9 holds one query back at a time: the next
    /// one writes both (`ares_process.c:1563`). Inside of the closure the same holds as
    /// for that of [`on_socket_created`](Builder::on_socket_created).
    ///
    /// C: [`ares_set_pending_write_cb`](https://c-ares.org/docs/ares_set_pending_write_cb.html).
    #[doc(alias = "ares_set_pending_write_cb")]
    pub fn on_pending_write(mut self, closure: impl Fn() + Send + Sync + 'static) -> Self {
        self.apart.closures.on_pending_write = Some(Arc::new(closure));
        self
    }
}

/// As for the other channels that their users drive.
impl Builder<Carried> {
    /// Holds a query over TCP back, so that it can go out in one write with the next.
    ///
    /// As [`Builder::on_pending_write`](Builder::<Driven>::on_pending_write) of other channels.
    #[doc(alias = "ares_set_pending_write_cb")]
    pub fn on_pending_write(mut self, closure: impl Fn() + Send + Sync + 'static) -> Self {
        self.apart.closures.on_pending_write = Some(Arc::new(closure));
        self
    }
}
