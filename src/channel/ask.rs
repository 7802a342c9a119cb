//! Asking for the records of a name.

use crate::answer::Answer;
#[cfg(doc)]
use crate::builder::Builder;
use crate::channel::Channel;
use crate::code::RecordType;
use crate::error::{Error, ErrorKind, Result, Subject, TypeInClass, Whom};
use crate::ffi::callback::Reply;
use crate::ffi::context;
use crate::ffi::handle::Ask;
use crate::large::boxed_if_large;
use crate::query::Query;
use crate::record::table::RData;
use crate::record::{RecordData, TypedData};

impl Channel {
    /// Asks for the records of type `T` that `name` has.
    ///
    /// The name is taken as it is, without search domains and without the hosts
    /// file. A dot at its end makes no difference. A [`Query`] in place of the name
    /// asks in another manner. The closure gets the answer, or the reason why there
    /// is none.
    ///
    /// C: [`ares_query_dnsrec`](https://c-ares.org/docs/ares_query_dnsrec.html).
    ///
    /// # Errors
    ///
    /// The closure is told
    ///
    /// * [`ErrorKind::NotFound`] if there is no such name, [`ErrorKind::NoData`] if it has no such record.
    ///   Of names that end in `.onion` nobody is asked (RFC 7686). c-ares knows no other errors for
    ///   unusual rcodes, such as NOTAUTH: an answer with one is told as its records, or as `NoData`
    ///   ([`exchange`](Channel::exchange) tells the rcode);
    /// * [`ErrorKind::FormErr`], [`ErrorKind::ServFail`], [`ErrorKind::NotImplemented`] or
    ///   [`ErrorKind::Refused`] if that is what the servers say;
    /// * [`ErrorKind::Timeout`], [`ErrorKind::ConnectionRefused`] or [`ErrorKind::BadResponse`] if they do
    ///   not answer, cannot be reached, or answer with nonsense; [`ErrorKind::NoServer`] if there are
    ///   none;
    /// * [`ErrorKind::BadName`] for what is no name, [`ErrorKind::BadMessage`] for a class that c-ares
    ///   does not know;
    /// * [`ErrorKind::Cancelled`] and [`ErrorKind::Destruction`] if the channel was told so;
    /// * [`ErrorKind::TooManyQueries`], [`ErrorKind::Forked`] and [`ErrorKind::NoMemory`].
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, Txt};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start(r#"example.com. 300 IN TXT "v=spf1 " "-all""#)?;
    /// # let channel = Channel::builder().servers([server.address()]).build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// channel.query::<Txt>("example.com", move |answer| sender.send(answer).unwrap());
    ///
    /// let answer = answers.recv()??;
    /// assert_eq!(answer.records[0].data.joined(), b"v=spf1 -all");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_query_dnsrec")]
    #[doc(alias = "ares_query")]
    pub fn query<'a, T: TypedData>(
        &self,
        query: impl Into<Query<'a>>,
        on_answer: impl FnOnce(Result<Answer<T>>) + Send + 'static,
    ) {
        self.ask(query.into(), false, T::TYPE, on_answer);
    }

    /// Asks for the records of a type that is known only when the program runs.
    ///
    /// As [`query`](Channel::query); with [`RecordType::ANY`] the answer has
    /// records of whatever types the server gives.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, RData};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start(r#"example.com. 300 IN CAA 0 issue "ca.example.net""#)?;
    /// # let channel = Channel::builder().servers([server.address()]).build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// let record_type = "CAA".parse()?;
    /// channel.query_type("example.com", record_type, move |answer| sender.send(answer).unwrap());
    ///
    /// for record in answers.recv()?? {
    ///     assert_eq!(record.to_string(), r#"example.com. 300 IN CAA 0 issue "ca.example.net""#);
    ///     assert!(matches!(record.data, RData::Caa(_)));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn query_type<'a>(
        &self,
        query: impl Into<Query<'a>>,
        record_type: RecordType,
        on_answer: impl FnOnce(Result<Answer<RData>>) + Send + 'static,
    ) {
        self.ask(query.into(), false, record_type, on_answer);
    }

    /// Asks for the records of type `T`, trying the search domains as well.
    ///
    /// Which names are tried, and in what order, follows
    /// [`Builder::ndots`], [`Builder::domains`] and the file that the environment
    /// variable `HOSTALIASES` names. Each search reads that variable, without a lock: do not change
    /// the environment meanwhile. A name with a dot at its end is tried as it is, and with
    /// [`Flags::NOSEARCH`](crate::Flags::NOSEARCH) each is, or the one that `HOSTALIASES` has for it.
    ///
    /// The first name ends the search that exists and has any record in its answer, be it the alias of a
    /// name without such records. So does SERVFAIL or REFUSED, unless it is for a name of one label.
    ///
    /// Where a system's library is linked, a name with a backslash fails with
    /// [`ErrorKind::UnsuitableLibrary`]: c-ares 1.34.9 frees a search twice when it comes to a
    /// name that is legal with a search domain, but has more than 255 characters as it is
    /// written. The vendored library is mended. If the system's configuration, and not
    /// [`Builder::domains`], has a search domain with a backslash or with a dot at its end, a
    /// system's library can still come to that.
    ///
    /// C: [`ares_search_dnsrec`](https://c-ares.org/docs/ares_search_dnsrec.html).
    ///
    /// # Errors
    ///
    /// The closure is told what that of [`query`](Channel::query) is: [`ErrorKind::NotFound`] if none of the
    /// names exists, [`ErrorKind::NoData`] if one does, and has no such record. [`ErrorKind::File`], or
    /// [`ErrorKind::NoMemory`], if the file of `HOSTALIASES` is there and cannot be read, for a name
    /// without a dot.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{A, Channel};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start("www.example.com. 300 IN A 192.0.2.80")?;
    /// # let address = server.address();
    /// let channel = Channel::builder()
    ///     .servers([address])
    ///     .domains(["example.org", "example.com"])
    ///     .build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// channel.search::<A>("www", move |answer| sender.send(answer).unwrap());
    ///
    /// assert_eq!(answers.recv()??.records[0].name, "www.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_search_dnsrec")]
    #[doc(alias = "ares_search")]
    pub fn search<'a, T: TypedData>(
        &self,
        query: impl Into<Query<'a>>,
        on_answer: impl FnOnce(Result<Answer<T>>) + Send + 'static,
    ) {
        self.ask(query.into(), true, T::TYPE, on_answer);
    }

    /// As [`search`](Channel::search), for a type that is known only when the program runs.
    pub fn search_type<'a>(
        &self,
        query: impl Into<Query<'a>>,
        record_type: RecordType,
        on_answer: impl FnOnce(Result<Answer<RData>>) + Send + 'static,
    ) {
        self.ask(query.into(), true, record_type, on_answer);
    }

    fn ask<T: RecordData>(
        &self,
        query: Query<'_>,
        search: bool,
        record_type: RecordType,
        on_answer: impl FnOnce(Result<Answer<T>>) + Send + 'static,
    ) {
        boxed_if_large!(on_answer: Result<Answer<T>> => self.ask_as_it_is(query, search, record_type));
    }

    fn ask_as_it_is<T: RecordData>(
        &self,
        Query { name, manner }: Query<'_>,
        search: bool,
        record_type: RecordType,
        on_answer: impl FnOnce(Result<Answer<T>>) + Send + 'static,
    ) {
        let on_answer = Subject {
            name: name.clone().into_owned(),
            what: TypeInClass(record_type, manner.class),
        }
        .asked_by(on_answer);
        let asked = self.to_c(&name).and_then(|c_name| {
            // c-ares looks at that only where it makes the message itself.
            let nobody = Whom::nobody(&name);
            if nobody.is_some() {
                return Err(Error::from(ErrorKind::NotFound).asked_of_other(nobody));
            }
            // c-ares makes the message of a usual query itself, but not of a search.
            let message = (search || !manner.is_usual())
                .then(|| manner.message(&name, record_type, self.handle.usual()))
                .transpose()?;
            Ok((c_name, message))
        });
        let (c_name, message) = match asked {
            Ok(asked) => asked,
            Err(error) => return context::tell(move || on_answer(Err(error))),
        };
        self.submit(move |handle| {
            let on_reply = move |reply: Result<Reply<'_>>| {
                on_answer(reply.and_then(|mut reply| {
                    // Of a search this is one of several.
                    reply.id = reply.id.filter(|_| !search);
                    Answer::collect(record_type, reply)
                }));
            };
            let ask = match &message {
                None => Ask::Plain(&c_name, record_type),
                Some(message) => Ask::message(message, search),
            };
            match handle {
                Ok(handle) => handle.ask(ask, on_reply),
                Err(error) => on_reply(Err(error)),
            }
        });
    }
}
