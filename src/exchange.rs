//! Messages sent as they are: the methods of [`Channel`] that take and give whole messages.

#[cfg(doc)]
use crate::builder::Builder;
use crate::channel::Channel;
use crate::error::{Result, Subject, TypeInClass, Whom};
use crate::ffi::callback::Reply;
use crate::ffi::context;
use crate::ffi::handle::Ask;
use crate::large::boxed_if_large;
use crate::message::Message;

/// A response to a message, lent to a closure.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Response<'a> {
    /// The message. [`Message::try_clone`] makes a copy to keep.
    pub message: &'a Message,
    /// How many times a server did not answer in time before this response came.
    pub timeouts: usize,
    /// The id of the query that this is the response to; `None` if it came from the query
    /// cache, or of a search, which may have sent several.
    pub id: Option<u16>,
}

impl Channel {
    /// Sends a message, and tells the response, whatever its rcode.
    ///
    /// c-ares gives the message an id of its own, a DNS cookie if it has an OPT record, and with
    /// [`Flags::DNS0X20`](crate::Flags::DNS0X20) letters of mixed case; otherwise it
    /// goes out as it is, also for names of `.onion`. Search domains and the hosts file have no part in it. It is
    /// answered from the query cache if one like it was: one with the same question, flags and EDNS. The closure
    /// gets the response for as long as it runs, or the reason why there is none.
    ///
    /// What is more than a question, an update for example, with another opcode than QUERY or with records
    /// besides that of EDNS, is for channels without such a cache ([`Builder::query_cache`] of zero): c-ares would
    /// take it for any other with its question, and not send it.
    ///
    /// SERVFAIL, NOTIMP and REFUSED are told after all tries, of which another may do better, or at once with
    /// [`Flags::NOCHECKRESP`](crate::Flags::NOCHECKRESP). After FORMERR without an OPT record, c-ares takes
    /// the server for one that does not know EDNS, and sends the message once more, without its OPT record.
    ///
    /// C: [`ares_send_dnsrec`](https://c-ares.org/docs/ares_send_dnsrec.html).
    ///
    /// # Errors
    ///
    /// The closure is told [`ErrorKind::BadQuery`](crate::ErrorKind::BadQuery),
    /// [`ErrorKind::BadName`](crate::ErrorKind::BadName) or
    /// [`ErrorKind::BadMessage`](crate::ErrorKind::BadMessage) for a message that c-ares does not
    /// send, or must not: one that it would not [write](Message::write), that has not exactly one question, or
    /// that is more than a question where there is a query cache.
    /// With a system's library it is told [`ErrorKind::UnsuitableLibrary`](crate::ErrorKind::UnsuitableLibrary)
    /// for a message of more than one name: c-ares 1.34.9 sends those with wrong
    /// pointers, unless it is mended as the vendored one is.
    /// Otherwise what a query would be told, but for that servers said something: of that
    /// nothing is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, Message, Mx, Opcode, Rcode, RecordType, Section};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start("example.com. 300 IN MX 10 mail.example.com.")?;
    /// # let address = server.address();
    /// let channel = Channel::builder().servers([address]).build_threaded()?;
    /// let (sender, responses) = mpsc::channel();
    /// let message = Message::query("example.com", RecordType::MX)?;
    /// channel.exchange(&message, move |response| {
    ///     sender.send(response.and_then(|response| response.message.try_clone())).unwrap();
    /// });
    ///
    /// let message = responses.recv()??;
    /// assert_eq!(message.header().rcode, Rcode::NOERROR);
    /// assert_eq!(message.records::<Mx>(Section::Answer)?[0].data.preference, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// The response does not outlive the closure:
    ///
    /// ```compile_fail,E0521
    /// # use c_ares::{Channel, Message};
    /// # fn keep(channel: &Channel, message: &Message) {
    /// let (sender, receiver) = std::sync::mpsc::channel::<&Message>();
    /// channel.exchange(message, move |response| {
    ///     sender.send(response.unwrap().message).unwrap();
    /// });
    /// # }
    /// ```
    #[doc(alias = "ares_send_dnsrec")]
    #[doc(alias = "ares_send")]
    pub fn exchange(
        &self,
        message: &Message,
        on_response: impl FnOnce(Result<Response<'_>>) + Send + 'static,
    ) {
        self.send(message, false, on_response);
    }

    /// Sends a message for one name after the other, as
    /// [`search`](Channel::search) tries them, until one ends it.
    ///
    /// The name of the message's question is replaced; the rest of it is what
    /// [`exchange`](Channel::exchange) would send. The closure is told the response
    /// that ended the search. Of names that end in `.onion` nobody is asked.
    ///
    /// C: [`ares_search_dnsrec`](https://c-ares.org/docs/ares_search_dnsrec.html).
    ///
    /// # Errors
    ///
    /// As [`exchange`](Channel::exchange). Where no name has records of the type, it is
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) or
    /// [`ErrorKind::NoData`](crate::ErrorKind::NoData), because no one response says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, Message, RecordType};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start("www.example.com. 300 IN A 192.0.2.80")?;
    /// # let address = server.address();
    /// let channel = Channel::builder()
    ///     .servers([address])
    ///     .domains(["example.com"])
    ///     .build_threaded()?;
    /// let (sender, responses) = mpsc::channel();
    /// channel.search_message(&Message::query("www", RecordType::A)?, move |response| {
    ///     let question = response.map(|response| response.message.questions().next());
    ///     sender.send(question).unwrap();
    /// });
    ///
    /// assert_eq!(responses.recv()??.unwrap().name, "www.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_search_dnsrec")]
    pub fn search_message(
        &self,
        message: &Message,
        on_response: impl FnOnce(Result<Response<'_>>) + Send + 'static,
    ) {
        self.send(message, true, on_response);
    }

    fn send(
        &self,
        message: &Message,
        search: bool,
        on_response: impl FnOnce(Result<Response<'_>>) + Send + 'static,
    ) {
        boxed_if_large!(on_response: Result<Response<'_>> => self.send_as_it_is(message, search));
    }

    fn send_as_it_is<F>(&self, message: &Message, search: bool, on_response: F)
    where
        F: FnOnce(Result<Response<'_>>) + Send + 'static,
    {
        let question = message.questions().next();
        let subject = Subject {
            name: question
                .as_ref()
                .map_or("a message", |question| &question.name)
                .to_owned(),
            what: match &question {
                Some(question) => TypeInClass(question.record_type, question.class).to_string(),
                None => "without a question".to_owned(),
            },
        };
        let searched = question.as_ref().filter(|_| search);
        let other = searched.and_then(|question| Whom::nobody(&question.name));
        let tell = move |response: Result<Reply<'_>>| {
            on_response(match response {
                Ok(reply) => Ok(Response {
                    message: reply.message,
                    timeouts: reply.timeouts,
                    id: if search { None } else { reply.id },
                }),
                Err(error) => Err(error.about(subject).asked_of_other(other)),
            });
        };
        if let Err(error) = self
            .handle
            .check_fork()
            .and_then(|()| message.raw.check_writable())
        {
            return context::tell(move || tell(Err(error)));
        }
        if !self.handle.must_defer() {
            return self.handle.ask(Ask::message(message, search), tell);
        }
        match message.try_clone() {
            Ok(copy) => self.submit(move |handle| match handle {
                Ok(handle) => handle.ask(Ask::message(&copy, search), tell),
                Err(error) => tell(Err(error)),
            }),
            Err(error) => context::tell(move || tell(Err(error))),
        }
    }
}
