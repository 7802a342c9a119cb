//! What hostile and broken servers do.

use crate::Reply;

mod answer;

/// The address that a right answer has.
pub const RIGHT: [u8; 4] = [192, 0, 2, 1];
/// The address in answers that nobody may believe.
pub const WRONG: [u8; 4] = [203, 0, 113, 66];

const BADCOOKIE: u16 = 23;
/// Response codes that nobody has assigned. The lower four bits of the third are those of NXDOMAIN.
const UNASSIGNED: [u16; 5] = [24, 256, 259, 3841, 4095];

/// A way to answer badly, for queries of type A.
///
/// Each gives a [`Reply`], so that several go together: `Misbehaviour::Id.reply(query)
/// .then(Misbehaviour::None.reply(query))` sends a forged answer before the true one.
/// An answer that nobody may believe holds the address [`WRONG`], any other [`RIGHT`].
/// Those that need a connection send a client that comes over UDP to TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misbehaviour {
    /// None: the right answer.
    None,
    /// An answer with another transaction id.
    Id,
    /// An answer from another port than the query went to. Over TCP: none.
    Port,
    /// An answer to another question.
    Question,
    /// An answer whose question has the letters of the other case.
    Case,
    /// A message that is no answer, because the QR bit is missing.
    NotAnAnswer,
    /// The TC bit and no record, over TCP too.
    Truncated,
    /// The first so many bytes of an answer.
    CutOff(u8),
    /// A datagram larger than any client says it takes; over TCP no crime.
    Oversized,
    /// An owner whose pointer points at itself.
    PointerLoop,
    /// Two pointers that point at each other.
    PointerCircle,
    /// An owner whose pointer points behind itself.
    ForwardPointer,
    /// A record fewer than the header says.
    TooFewRecords,
    /// So many records as 16 bits can say, in each section, and none.
    CountsOfRecords,
    /// Two questions in the header, and one behind it.
    CountOfQuestions,
    /// No question at all.
    NoQuestion,
    /// A record whose data ends after the message.
    DataTooLong,
    /// An address of three bytes.
    DataTooShort,
    /// Bytes after the message.
    Trailing,
    /// A name with a NUL in it, as the target of an alias.
    Nul,
    /// A name with a dot inside of a label, as the target of an alias.
    Dot,
    /// No bytes: an empty datagram, or a frame of length 0; then the right answer.
    Empty,
    /// A frame of 65,535 bytes.
    FullFrame,
    /// One byte of a frame's length, and the end of the connection.
    HalfLength(End),
    /// A part of a frame, and the end of the connection.
    HalfFrame(End),
    /// The end of the connection.
    AtOnce(End),
    /// So many answers that nobody asked for, and then the right one.
    Flood(u16),
    /// The right answer with a right cookie, if the client sent one.
    Cookie,
    /// An answer with the cookie of another client.
    ForeignCookie,
    /// An answer with a cookie that is too long.
    LongCookie,
    /// BADCOOKIE with a right cookie, again and again.
    BadCookie,
    /// BADCOOKIE until the client sends the server's cookie.
    BadCookieOnce,
    /// BADCOOKIE without a cookie, to queries that have one.
    BadCookieBare,
    /// FORMERR without an OPT record to queries that have one: a server before EDNS.
    FormErr,
    /// FORMERR with an OPT record to queries with a cookie: a server that knows no options.
    FormErrOpt,
    /// Two aliases that lead to each other.
    AliasLoop,
    /// So many aliases before the address.
    AliasChain(u8),
    /// A response code and no record; an OPT record if the query has one, or if the code
    /// needs it.
    Rcode(u16),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// In order, with a FIN.
    Fin,
    /// With an RST.
    Reset,
}

impl End {
    fn reply(self) -> Reply {
        match self {
            End::Fin => Reply::close(),
            End::Reset => Reply::reset(),
        }
    }
}

impl Misbehaviour {
    /// Each of them, with numbers where they take one; every response code that is assigned, and some
    /// others.
    pub fn all() -> Vec<Misbehaviour> {
        use Misbehaviour::*;
        let mut all = vec![
            None,
            Id,
            Port,
            Question,
            Case,
            NotAnAnswer,
            Truncated,
            Oversized,
            PointerLoop,
            PointerCircle,
            ForwardPointer,
            TooFewRecords,
            CountsOfRecords,
            CountOfQuestions,
            NoQuestion,
            DataTooLong,
            DataTooShort,
            Trailing,
            Nul,
            Dot,
            Empty,
            FullFrame,
            Cookie,
            ForeignCookie,
            LongCookie,
            BadCookie,
            BadCookieOnce,
            BadCookieBare,
            FormErr,
            FormErrOpt,
            AliasLoop,
            AliasChain(30),
            Flood(50),
        ];
        all.extend([2, 11, 12, 15, 30].map(CutOff));
        for end in [End::Fin, End::Reset] {
            all.extend([HalfLength(end), HalfFrame(end), AtOnce(end)]);
        }
        all.extend((0..=BADCOOKIE).chain(UNASSIGNED).map(Rcode));
        all
    }
}
