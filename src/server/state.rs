//! What became of asking a server.

use std::fmt;

use super::Server;

/// A server answered, or failed to: what
/// [`Builder::on_server_state`](crate::Builder::on_server_state) tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ServerState {
    /// The server.
    pub server: Server,
    /// Whether it answered. One that does not answer in time, refuses (REFUSED), says that it
    /// failed (SERVFAIL) or that it does not do this (NOTIMP) does not, and neither does one that cannot be
    /// reached. With [`Flags::NOCHECKRESP`](crate::Flags::NOCHECKRESP) those three are answers.
    pub success: bool,
    /// Whether it was asked over TCP, and not over UDP.
    #[doc(alias = "ARES_SERV_STATE_TCP")]
    #[doc(alias = "ARES_SERV_STATE_UDP")]
    pub tcp: bool,
}

impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.success { "answered" } else { "failed" };
        let how = if self.tcp { "TCP" } else { "UDP" };
        write!(f, "{} {what} over {how}", self.server)
    }
}
