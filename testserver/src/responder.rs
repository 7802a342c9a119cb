//! What is answered to a message, whatever it came over.

use crate::rule::Verdict;
use crate::server::Shared;
use crate::zone::Zone;
use crate::{Query, Reply, Transport};
use hickory_proto::op::{Message, OpCode, ResponseCode};
use std::any::Any;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// A zone and the rules that are laid over it.
pub(crate) struct Responder {
    zone: Arc<Zone>,
    pub(crate) shared: Arc<Shared>,
}

impl Responder {
    pub(crate) fn new(zone: Zone, shared: Arc<Shared>) -> Responder {
        Responder {
            zone: Arc::new(zone),
            shared,
        }
    }

    /// Notes a message, and says what to reply.
    pub(crate) fn reply(
        &self,
        wire: Vec<u8>,
        transport: Transport,
        peer: SocketAddr,
        server: SocketAddr,
    ) -> Reply {
        let message = match question(&wire) {
            Ok(message) => message,
            Err(reply) => {
                self.shared.lock().malformed += 1;
                return reply;
            }
        };
        let asked = message.queries[0].clone();
        let query = Query {
            id: message.metadata.id,
            name: asked.name,
            record_type: asked.query_type,
            class: asked.query_class,
            transport,
            peer,
            server,
            received: Instant::now(),
            message,
            wire,
            zone: Arc::clone(&self.zone),
        };
        self.shared.saw(query.clone());
        let (delay, verdict) = self.shared.lock().rules.decide(&query.name);
        let reply = self.decided(&query, verdict);
        if delay.is_zero() {
            reply
        } else {
            Reply::wait(delay).then(reply)
        }
    }

    fn decided(&self, query: &Query, verdict: Verdict) -> Reply {
        match verdict {
            Verdict::Drop => Reply::nothing(),
            Verdict::Rcode(code) => {
                let mut response = query.response();
                response.metadata.response_code = code;
                Reply::message(response)
            }
            Verdict::Truncate if query.transport == Transport::Udp => {
                Reply::message(query.answer().truncate())
            }
            Verdict::Truncate | Verdict::Answer => fitting(query, query.answer()),
            Verdict::Script(script) => catch_unwind(AssertUnwindSafe(|| script(query)))
                .unwrap_or_else(|payload| {
                    let mut state = self.shared.lock();
                    state.panic.get_or_insert_with(|| panic_text(&*payload));
                    Reply::nothing()
                }),
        }
    }
}

/// The query in a message, or what to reply to a message that holds none.
fn question(wire: &[u8]) -> Result<Message, Reply> {
    let Some((&[id_high, id_low, flags, ..], _)) = wire.split_first_chunk::<12>() else {
        return Err(Reply::nothing());
    };
    let error = |code| {
        let opcode = OpCode::from_u8(flags >> 3 & 0xF);
        let id = u16::from_be_bytes([id_high, id_low]);
        Reply::message(Message::error_msg(id, opcode, code))
    };
    match Message::from_vec(wire) {
        // Two servers must not answer each other's answers for ever.
        _ if flags & 0x80 != 0 => Err(Reply::nothing()),
        Ok(message) if message.metadata.op_code != OpCode::Query => {
            Err(error(ResponseCode::NotImp))
        }
        Ok(message) if message.queries.len() == 1 => Ok(message),
        _ => Err(error(ResponseCode::FormErr)),
    }
}

/// The message, or over UDP only its head with the TC bit when the client does not take so much.
fn fitting(query: &Query, message: Message) -> Reply {
    let wire = message
        .to_vec()
        .expect("records were checked when they came");
    if query.transport == Transport::Udp && wire.len() > usize::from(query.message.max_payload()) {
        return Reply::message(message.truncate());
    }
    Reply::raw(wire)
}

/// What the first script to panic said, for the drop of the server.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("not with a text").to_owned()
}
