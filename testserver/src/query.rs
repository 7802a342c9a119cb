//! What a client asked.

use crate::zone::Zone;
use hickory_proto::op::{Edns, Message, Metadata};
use hickory_proto::rr::{DNSClass, Name, RecordType};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// How a query came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// In one datagram.
    Udp,
    /// Over a connection, behind two bytes of length.
    Tcp,
}

/// A query that the server saw.
#[derive(Clone, Debug)]
pub struct Query {
    /// The transaction id.
    pub id: u16,
    /// The name asked for, in the case it was asked in.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// The class asked for.
    pub class: DNSClass,
    /// How it came.
    pub transport: Transport,
    /// The address it came from. Over TCP it tells connections apart.
    pub peer: SocketAddr,
    /// The address of the server that it came to.
    pub server: SocketAddr,
    /// When it came.
    pub received: Instant,
    /// The whole message.
    pub message: Message,
    /// The whole message as it came.
    pub wire: Vec<u8>,
    pub(crate) zone: Arc<Zone>,
}

impl Query {
    /// The OPT record, when the query had one.
    pub fn edns(&self) -> Option<&Edns> {
        self.message.edns.as_ref()
    }

    /// An answer without records: id, question and flags as they belong to this
    /// query, an OPT record when it had one, response code NOERROR.
    pub fn response(&self) -> Message {
        let mut response = Message::response(self.id, self.message.metadata.op_code);
        response.metadata = Metadata::response_from_request(&self.message.metadata);
        response.metadata.recursion_available = true;
        response.queries = self.message.queries.clone();
        response.edns = self.edns().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(UDP_PAYLOAD)
                .set_dnssec_ok(asked.flags().dnssec_ok);
            edns
        });
        response
    }

    /// What the zone answers, for scripts that change a detail of it.
    pub fn answer(&self) -> Message {
        self.zone.answer(self)
    }
}

/// The largest datagram that the server says it takes.
const UDP_PAYLOAD: u16 = 1232;
