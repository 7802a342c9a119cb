//! The one error of the crate: a kind, what was asked, and of whom.

use std::ffi::c_int;
use std::fmt;

use crate::code::{Class, RecordType};
use crate::name::{is_localhost, is_onion};
use crate::server::Server;

mod kind;

pub use kind::ErrorKind;

/// The result of this crate's functions and the argument of its callbacks.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a query, or a call, failed.
///
/// It tells the [kind](Error::kind) of failure to the program, and the whole story to a person, in
/// one line: what was asked, why there is no answer, and of whom it was asked.
///
/// ```
/// use c_ares::{Channel, ErrorKind, Mx};
/// use std::sync::mpsc;
///
/// # let server = testserver::Server::start("example.com. 300 IN MX 10 mail.example.com.")?;
/// # let address = server.address();
/// let channel = Channel::builder().servers([address]).build_threaded()?;
/// let (sender, answers) = mpsc::channel();
/// channel.query::<Mx>("example.net", move |answer| sender.send(answer).unwrap());
///
/// let error = answers.recv()?.unwrap_err();
/// assert_eq!(error, ErrorKind::NotFound);
/// assert_eq!(
///     error.to_string(),
///     format!("example.net MX: no such name (NXDOMAIN); servers: {address}"),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What is c-ares' own is written as
/// [`ares_strerror`](https://c-ares.org/docs/ares_strerror.html) means it, in words of this crate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "ares_strerror")]
pub struct Error {
    kind: ErrorKind,
    asked: Option<Box<Asked>>,
}

/// What was asked, and of whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Asked {
    question: Option<String>,
    whom: Option<Whom>,
}

/// Of whom something was asked that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whom {
    /// As c-ares writes them, with commas between them.
    Servers(String),
    /// The hosts file alone.
    HostsFile,
    /// This machine, without saying for what service.
    ThisMachine,
    /// Nobody: such names are not for the DNS.
    Nobody,
}

impl Whom {
    /// `Nobody`, for a name of which c-ares asks nobody.
    pub(crate) fn nobody(name: &str) -> Option<Self> {
        is_onion(name).then_some(Whom::Nobody)
    }

    /// `Nobody`, for a name of which c-ares asks no server for addresses.
    pub(crate) fn no_server(name: &str) -> Option<Self> {
        (is_onion(name) || is_localhost(name)).then_some(Whom::Nobody)
    }
}

/// How many servers a message names.
const NAMED_SERVERS: usize = 3;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What was asked, such as `example.com MX`, or `version.bind CH TXT` in another class than IN,
    /// where a query failed.
    pub fn question(&self) -> Option<&str> {
        self.asked.as_ref()?.question.as_deref()
    }

    /// The servers that the channel had when a query failed that is for servers to
    /// answer, the one it would ask next in front. None where the hosts file alone was asked, because
    /// [`Builder::lookups`](crate::Builder::lookups) says so; where the system's configuration does, c-ares does
    /// not tell, and they are here.
    pub fn servers(&self) -> Vec<Server> {
        self.server_texts()
            .filter_map(|text| text.parse().ok())
            .collect()
    }

    fn server_texts(&self) -> impl Iterator<Item = &str> {
        let servers = match self.whom() {
            Some(Whom::Servers(servers)) => servers,
            _ => "",
        };
        servers.split(',').filter(|server| !server.is_empty())
    }

    fn whom(&self) -> Option<&Whom> {
        self.asked.as_ref()?.whom.as_ref()
    }

    /// c-ares' status code, or `None` for this crate's own errors.
    pub fn status(&self) -> Option<i32> {
        self.kind.status()
    }

    /// Says what was asked.
    pub(crate) fn about(mut self, question: impl fmt::Display) -> Self {
        self.asked.get_or_insert_default().question = Some(question.to_string());
        self
    }

    /// Says who was asked, if that has to do with it.
    pub(crate) fn asked_of(mut self, servers: impl FnOnce() -> Result<String>) -> Self {
        if self.kind.is_for_servers() {
            self.asked.get_or_insert_default().whom = servers().ok().map(Whom::Servers);
        }
        self
    }

    /// Says that it was asked of somebody else than the servers, if it was, and if that has to do with it.
    pub(crate) fn asked_of_other(mut self, whom: Option<Whom>) -> Self {
        if whom.is_some() && self.kind.is_for_servers() {
            self.asked.get_or_insert_default().whom = whom;
        }
        self
    }

    /// Turns a status code into a result.
    pub(crate) fn check(status: c_int) -> Result<()> {
        match ErrorKind::from_status(status) {
            None => Ok(()),
            Some(kind) => Err(kind.into()),
        }
    }
}

/// What is asked: kept for the case that there is no answer.
#[derive(Clone, Copy)]
pub(crate) struct Subject<N, W> {
    pub(crate) name: N,
    /// The type, or whatever says as much.
    pub(crate) what: W,
}

/// A record type, with its class where that is not the usual one.
#[derive(Clone, Copy)]
pub(crate) struct TypeInClass(pub(crate) RecordType, pub(crate) Class);

impl fmt::Display for TypeInClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TypeInClass(record_type, class) = self;
        if *class != Class::IN {
            write!(f, "{class} ")?;
        }
        write!(f, "{record_type}")
    }
}

impl<N: fmt::Display, W: fmt::Display> Subject<N, W> {
    /// The closure with errors that say what was asked.
    pub(crate) fn asked_by<T>(self, on_answer: impl FnOnce(Result<T>)) -> impl FnOnce(Result<T>) {
        move |answer| on_answer(answer.map_err(|error| error.about(&self)))
    }
}

impl<N: fmt::Display, W: fmt::Display> fmt::Display for Subject<N, W> {
    /// On one line, whatever is in the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.to_string();
        // The empty text is the root.
        let name = if name.is_empty() { "." } else { &name };
        for character in name.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        write!(f, " {}", self.what)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error { kind, asked: None }
    }
}

impl PartialEq<ErrorKind> for Error {
    /// Compares the kinds alone.
    fn eq(&self, kind: &ErrorKind) -> bool {
        self.kind == *kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(question) = self.question() {
            write!(f, "{question}: ")?;
        }
        match self.whom() {
            None | Some(Whom::Servers(_)) => self.kind.fmt(f)?,
            Some(Whom::HostsFile) => f.write_str("the hosts file alone was asked, and lacks it")?,
            Some(Whom::ThisMachine) => f.write_str("neither a service nor a port was given")?,
            Some(Whom::Nobody) => f.write_str("no server is asked for such names")?,
        }
        for (position, server) in self.server_texts().take(NAMED_SERVERS).enumerate() {
            f.write_str(if position == 0 { "; servers: " } else { ", " })?;
            f.write_str(server)?;
        }
        match self.server_texts().count().saturating_sub(NAMED_SERVERS) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for Error {}
