//! Driving a channel, or waiting for the thread that does.

use std::time::Duration;

#[cfg(doc)]
use crate::builder::Builder;
use crate::channel::Channel;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::socket::Ready;

impl Channel {
    /// Handles the sockets that are ready, and the queries whose time is up.
    ///
    /// Closures of answered queries run before this returns, and a panic in one
    /// goes on from here. With an empty list only time is looked at. A socket that is
    /// not the channel's, or not any more, is passed over.
    ///
    /// Sockets are read until they are empty, and the end of a connection behind an
    /// answer is looked for, so that a loop may be level-triggered or edge-triggered. A
    /// connection that the server has ended in the middle of a message is no longer to be
    /// watched for reading, which [`on_socket_state`](crate::Builder::on_socket_state)
    /// tells; its queries time out.
    ///
    /// C: [`ares_process_fds`](https://c-ares.org/docs/ares_process_fds.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotDriven`] if c-ares' event thread drives this channel;
    /// [`ErrorKind::InCallback`] in a callback of any channel; [`ErrorKind::Forked`];
    /// [`ErrorKind::NoMemory`].
    #[doc(alias = "ares_process_fds")]
    #[doc(alias = "ares_process_fd")]
    pub fn process(&self, ready: &[Ready]) -> Result<()> {
        self.handle.process(ready)
    }

    /// After how long [`process`](Channel::process) must be called, even if no socket
    /// is ready. `None` while no query is under way.
    ///
    /// It changes with every query and every call of `process`, from whatever
    /// thread, and when the servers change; ask again after each.
    ///
    /// C: [`ares_timeout`](https://c-ares.org/docs/ares_timeout.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotDriven`] if c-ares' event thread drives this channel;
    /// [`ErrorKind::InCallback`] in a callback of another channel; [`ErrorKind::Forked`].
    #[doc(alias = "ares_timeout")]
    pub fn timeout(&self) -> Result<Option<Duration>> {
        self.handle.timeout()
    }

    /// Writes the queries over TCP that [`Builder::on_pending_write`] has told of.
    ///
    /// C: [`ares_process_pending_write`](https://c-ares.org/docs/ares_process_pending_write.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotDriven`] if c-ares' event thread drives this channel;
    /// [`ErrorKind::InCallback`] in a callback of any channel; [`ErrorKind::Forked`].
    #[doc(alias = "ares_process_pending_write")]
    pub fn write_pending(&self) -> Result<()> {
        self.handle.write_pending()
    }

    /// Waits until no query is under way, but no longer than `timeout`. Tells whether
    /// that is so.
    ///
    /// The closures of those that were under way have run then. Others may ask
    /// again meanwhile, and queries that are put off are waited for only when they are under way (see
    /// [Closures](Channel#closures)). The timeout is taken in whole milliseconds, rounded up,
    /// and up to 24 days.
    ///
    /// C: [`ares_queue_wait_empty`](https://c-ares.org/docs/ares_queue_wait_empty.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotThreaded`] if its user drives this channel: nothing would move while
    /// it waits. [`ErrorKind::InCallback`] in a callback of any channel;
    /// [`ErrorKind::Forked`].
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{A, Channel};
    /// use std::time::Duration;
    ///
    /// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
    /// # let address = server.address();
    /// let channel = Channel::builder().servers([address]).build_threaded()?;
    /// for name in ["example.com", "example.net"] {
    ///     channel.query::<A>(name, move |answer| println!("{name}: {answer:?}"));
    /// }
    /// assert!(channel.wait_idle(Duration::from_secs(60))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_queue_wait_empty")]
    pub fn wait_idle(&self, timeout: Duration) -> Result<bool> {
        self.handle.wait_idle(timeout)
    }
}
