//! What a script sends back.

use hickory_proto::op::Message;
use std::time::Duration;

/// What to send back to a client: a number of steps, one after the other.
///
/// ```
/// use std::time::Duration;
/// use testserver::Reply;
///
/// let half_a_frame = Reply::unframed([0, 40, 1, 2, 3]).then(Reply::close());
/// let late_twice = Reply::wait(Duration::from_millis(20)).then(Reply::datagrams([[1, 2], [3, 4]]));
/// # let _ = (half_a_frame, late_twice);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Bytes of one message: a datagram, or a frame with its length.
    Message(Vec<u8>),
    /// Bytes as they are: a datagram, or a piece of the stream.
    Unframed(Vec<u8>),
    /// Bytes of one datagram that comes from another port.
    Elsewhere(Vec<u8>),
    Wait(Duration),
    Close,
    Reset,
}

impl Reply {
    /// No answer at all.
    pub fn nothing() -> Reply {
        Reply::default()
    }

    /// A message, as it is: it is not truncated to what the client takes.
    ///
    /// # Panics
    ///
    /// When the message cannot be encoded, as with a TXT string of more than 255 bytes.
    pub fn message(message: Message) -> Reply {
        Reply::raw(message.to_vec().expect("the message can be encoded"))
    }

    /// The bytes of a message, well-formed or not. Over TCP the length goes before them.
    ///
    /// # Panics
    ///
    /// When there are more bytes than a length of 16 bits can say.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Reply {
        let bytes = bytes.into();
        assert!(
            u16::try_from(bytes.len()).is_ok(),
            "a message of {} bytes does not fit into a frame",
            bytes.len()
        );
        Reply::step(Step::Message(bytes))
    }

    /// Several messages, each in a datagram or a frame of its own.
    ///
    /// # Panics
    ///
    /// As [`raw`](Self::raw) does.
    pub fn datagrams<T: Into<Vec<u8>>>(messages: impl IntoIterator<Item = T>) -> Reply {
        messages
            .into_iter()
            .map(Reply::raw)
            .fold(Reply::nothing(), Reply::then)
    }

    /// Bytes without a length before them: over TCP any part of a frame.
    pub fn unframed(bytes: impl Into<Vec<u8>>) -> Reply {
        Reply::step(Step::Unframed(bytes.into()))
    }

    /// A datagram from another port than the query went to. Nothing over TCP.
    pub fn elsewhere(bytes: impl Into<Vec<u8>>) -> Reply {
        Reply::step(Step::Elsewhere(bytes.into()))
    }

    /// A pause before what follows. Other queries are answered meanwhile.
    pub fn wait(pause: Duration) -> Reply {
        Reply::step(Step::Wait(pause))
    }

    /// The end of the connection, after all that was sent. Nothing over UDP.
    pub fn close() -> Reply {
        Reply::step(Step::Close)
    }

    /// The end of the connection by RST: what the system has not sent is lost. Nothing over
    /// UDP.
    pub fn reset() -> Reply {
        Reply::step(Step::Reset)
    }

    /// First this, then the other.
    pub fn then(mut self, next: Reply) -> Reply {
        self.steps.extend(next.steps);
        self
    }

    fn step(step: Step) -> Reply {
        Reply { steps: vec![step] }
    }
}
