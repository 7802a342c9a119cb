//! Queries: a name, and how it is asked for.

use std::borrow::Cow;

use crate::code::{Class, RecordType};
use crate::error::Result;
use crate::flags::HeaderFlags;
use crate::message::{Header, Message};
use crate::name::Name;
use crate::record::option::EdnsOption;
use crate::record::table::Opt;
use crate::subnet::Subnet;

/// A name to ask for, and how this one query differs from what the channel does by itself.
///
/// [`Channel::query`](crate::Channel::query) and its like take a name alone for a query that
/// does not differ. What only the channel can say, such as whether TCP is used, is in
/// [`Flags`](crate::Flags).
///
/// ```
/// use c_ares::{A, Channel, Query};
/// use std::sync::mpsc;
///
/// # let server = testserver::Server::start("example.com. 3600 IN A 192.0.2.1")?;
/// # let address = server.address();
/// let channel = Channel::builder().servers([address]).build_threaded()?;
/// let (sender, answers) = mpsc::channel();
/// let query = Query::new("example.com")
///     .dnssec_ok(true)
///     .client_subnet("198.51.100.0/24".parse()?);
/// channel.query::<A>(query, move |answer| sender.send(answer).unwrap());
/// assert_eq!(answers.recv()??.records.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use = "nothing is asked until the query is given to a channel"]
pub struct Query<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) manner: Manner,
}

/// How a query is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Manner {
    pub(crate) class: Class,
    /// Flags of the header besides RD.
    flags: HeaderFlags,
    /// As the channel has it, unless told otherwise.
    recursion: Option<bool>,
    dnssec_ok: bool,
    subnet: Option<Subnet>,
}

/// What a channel does by itself.
#[derive(Clone, Copy)]
pub(crate) struct Usual {
    pub(crate) recursion: bool,
    /// The size of messages that EDNS announces, or `None` without EDNS.
    pub(crate) edns: Option<u16>,
}

impl Default for Manner {
    fn default() -> Self {
        Manner {
            class: Class::IN,
            flags: HeaderFlags::NONE,
            recursion: None,
            dnssec_ok: false,
            subnet: None,
        }
    }
}

impl Manner {
    /// Whether there is nothing that c-ares does not do by itself.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Manner::default()
    }

    /// The message that asks so.
    pub(crate) fn message(
        &self,
        name: &str,
        record_type: RecordType,
        usual: Usual,
    ) -> Result<Message> {
        let recursion = if self.recursion.unwrap_or(usual.recursion) {
            HeaderFlags::RD
        } else {
            HeaderFlags::NONE
        };
        let mut message = Message::new(Header {
            flags: self.flags | recursion,
            ..Header::default()
        })?;
        message.add_question(name, record_type, self.class)?;
        if usual.edns.is_some() || self.dnssec_ok || self.subnet.is_some() {
            let mut edns = Opt::default();
            edns.udp_size = usual.edns.unwrap_or(edns.udp_size);
            if self.dnssec_ok {
                edns.flags |= Opt::DNSSEC_OK;
            }
            edns.options.extend(
                self.subnet
                    .map(|subnet| EdnsOption::ClientSubnet { subnet, scope: 0 }),
            );
            message.set_edns(Some(&edns))?;
        }
        Ok(message)
    }
}

impl<'a> Query<'a> {
    /// Asks for a name as the channel does by itself, in the class IN.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Query {
            name: name.into(),
            manner: Manner::default(),
        }
    }

    /// Asks in another class.
    ///
    /// One that c-ares does not know is told as
    /// [`ErrorKind::BadMessage`](crate::ErrorKind::BadMessage).
    pub fn class(mut self, class: Class) -> Self {
        self.manner.class = class;
        self
    }

    /// Asks for DNSSEC records (the flag DO of EDNS, RFC 3225). The query then has EDNS, even
    /// with [`Flags::NOEDNS`](crate::Flags::NOEDNS); but a server that answers FORMERR without EDNS is
    /// asked once more without it.
    pub fn dnssec_ok(mut self, dnssec_ok: bool) -> Self {
        self.manner.dnssec_ok = dnssec_ok;
        self
    }

    /// Asks the server not to verify the data with DNSSEC (the flag CD, RFC 4035).
    pub fn checking_disabled(mut self, checking_disabled: bool) -> Self {
        self.manner.set(HeaderFlags::CD, checking_disabled);
        self
    }

    /// Asks the server to tell whether it has verified the data with DNSSEC (the flag AD, RFC
    /// 6840), as [`Answer::authenticated`](crate::Answer::authenticated).
    pub fn authentic_data(mut self, authentic_data: bool) -> Self {
        self.manner.set(HeaderFlags::AD, authentic_data);
        self
    }

    /// Whether the server is asked to recurse (the flag RD), whatever
    /// [`Flags::NORECURSE`](crate::Flags::NORECURSE) says.
    pub fn recursion_desired(mut self, recursion_desired: bool) -> Self {
        self.manner.recursion = Some(recursion_desired);
        self
    }

    /// Asks on behalf of clients in a network (RFC 7871), by a query with EDNS, even with
    /// [`Flags::NOEDNS`](crate::Flags::NOEDNS). A prefix of 0 asks the server to keep the client
    /// to itself. A server that answers FORMERR without EDNS is asked once more without it, and so without
    /// this.
    pub fn client_subnet(mut self, subnet: Subnet) -> Self {
        self.manner.subnet = Some(subnet);
        self
    }
}

impl Manner {
    fn set(&mut self, flag: HeaderFlags, on: bool) {
        self.flags = if on {
            self.flags | flag
        } else {
            self.flags.without(flag)
        };
    }
}

macro_rules! names {
    ($($type:ty),+) => {
        $(
            impl<'a> From<$type> for Query<'a> {
                fn from(name: $type) -> Self {
                    Query::new(&**name)
                }
            }
        )+
    };
}

names!(&'a String, &'a Name, &'a Cow<'_, str>);

impl<'a> From<&'a str> for Query<'a> {
    fn from(name: &'a str) -> Self {
        Query::new(name)
    }
}

impl From<String> for Query<'_> {
    fn from(name: String) -> Self {
        Query::new(name)
    }
}
