//! How a query goes to c-ares: its text, its message, and when.

use std::ffi::CString;
use std::sync::Arc;

use super::Channel;
use crate::answer::Answer;
use crate::code::RecordType;
use crate::error::{ErrorKind, Result, Subject};
use crate::ffi::callback::Reply;
use crate::ffi::context;
use crate::ffi::handle::{Ask, Handle};
use crate::large::boxed_if_large;
use crate::query::Query;
use crate::record::RecordData;

impl Channel {
    pub(super) fn ask<T: RecordData>(
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
            what: record_type,
        }
        .asked_by(on_answer);
        let c_name = match self.to_c(&name) {
            Ok(name) => name,
            Err(error) => return context::tell(move || on_answer(Err(error))),
        };
        // c-ares makes the message of a usual query itself, but not of a search.
        let message = (search || !manner.is_usual())
            .then(|| manner.message(&name, record_type, self.handle.usual()))
            .transpose();
        let message = match message {
            Ok(message) => message,
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

    pub(crate) fn to_c(&self, name: &str) -> Result<CString> {
        self.handle.check_fork()?;
        CString::new(name).map_err(|_| ErrorKind::BadName.into())
    }

    /// Runs `job` now, or, in a callback of another channel, as soon as no lock is held.
    /// So too where closures run too deep inside of each other.
    pub(crate) fn submit(&self, job: impl FnOnce(Result<&Handle>) + Send + 'static) {
        if self.handle.must_defer() {
            let handle = Arc::clone(&self.handle);
            context::defer(Box::new(move |now| job(now.map(|()| &*handle))));
        } else {
            job(Ok(&self.handle));
        }
    }
}
