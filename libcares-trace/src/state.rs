//! What is kept between calls: channels, what the program asked and was not told yet, and
//! the functions that it handed over.
//!
//! One lock, which is never held while the library, the program or a descriptor is
//! waited for.

use crate::event::{Asked, Server};
use crate::ffi::callbacks::Teller;
use crate::ffi::hooks::Hook;
use crate::summary::{Latency, Summary};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static STATE: Mutex<State> = Mutex::new(State {
    channels: BTreeMap::new(),
    hooks: BTreeMap::new(),
    pending: BTreeMap::new(),
    last_channel: 0,
    last_number: 0,
    summary: Summary::new(),
});

/// See the [module](self).
pub(crate) struct State {
    /// By the address that the library gave.
    channels: BTreeMap<usize, Channel>,
    hooks: BTreeMap<u64, (Hook, usize)>,
    pending: BTreeMap<u64, Pending>,
    last_channel: u64,
    last_number: u64,
    pub(crate) summary: Summary,
}

/// A channel that the program has.
pub(crate) struct Channel {
    /// Which one it is, in the order in which they were made.
    pub(crate) id: u64,
    /// The servers, as far as they are known.
    pub(crate) servers: Vec<String>,
    /// Sockets that were told to be open.
    pub(crate) sockets: BTreeSet<i32>,
    /// The program opens sockets in its own way: their numbers may mean anything.
    pub(crate) own_sockets: bool,
    /// The library tells us how servers do, and of new sockets.
    pub(crate) watches_servers: bool,
    pub(crate) watches_created: bool,
    /// Servers that were told to be down.
    pub(crate) down: BTreeSet<String>,
    /// Everything that C may still call for it.
    hooks: Vec<u64>,
}

/// What the program asked, until its callback has returned.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) teller: Teller,
    pub(crate) asked: Asked,
    told: bool,
}

impl Pending {
    pub(crate) fn new(teller: Teller, asked: Asked) -> Pending {
        Pending {
            teller,
            asked,
            told: false,
        }
    }
}

thread_local! {
    /// This thread has the lock, or waits for it.
    static MINE: Cell<bool> = const { Cell::new(false) };
}

/// The state, locked. There is a guard in it until it is dropped.
pub(crate) struct Locked(Option<MutexGuard<'static, State>>);

/// Waits for the lock.
pub(crate) fn lock() -> Locked {
    MINE.set(true);
    Locked(Some(STATE.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// Waits for the lock, unless this very thread has it: a signal's handler may leave or fork
/// in the middle of what is ours.
pub(crate) fn lock_unless_mine() -> Option<Locked> {
    (!MINE.get()).then(lock)
}

impl Deref for Locked {
    type Target = State;

    fn deref(&self) -> &State {
        self.0.as_ref().expect("a guard until the drop")
    }
}

impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut State {
        self.0.as_mut().expect("a guard until the drop")
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // In this order: a signal may come between the two.
        self.0 = None;
        MINE.set(false);
    }
}

impl State {
    /// The channel at an address. One that was not seen to be made gets a number now.
    pub(crate) fn channel(&mut self, address: usize) -> &mut Channel {
        let last = &mut self.last_channel;
        self.channels.entry(address).or_insert_with(|| {
            *last += 1;
            Channel::new(*last)
        })
    }

    /// The channel at an address, if it is known.
    pub(crate) fn known_channel(&mut self, address: usize) -> Option<&mut Channel> {
        self.channels.get_mut(&address)
    }

    /// A channel was made at an address; with the functions of the one that it is a copy of.
    pub(crate) fn open(&mut self, address: usize, copy_of: Option<usize>) -> &mut Channel {
        // What was there is gone without our having seen it.
        self.channels
            .remove(&address)
            .into_iter()
            .for_each(|old| self.release(&old.hooks));
        let source = copy_of.and_then(|source| self.channels.get(&source));
        let mut copy = Channel::new(0);
        if let Some(source) = source {
            copy.hooks.clone_from(&source.hooks);
            copy.own_sockets = source.own_sockets;
            copy.watches_servers = source.watches_servers;
            copy.watches_created = source.watches_created;
        }
        for hook in &copy.hooks {
            if let Some((_, uses)) = self.hooks.get_mut(hook) {
                *uses += 1;
            }
        }
        self.summary.channels += 1;
        self.last_channel += 1;
        copy.id = self.last_channel;
        self.channels.entry(address).or_insert(copy)
    }

    /// A channel was destroyed. Gives how many questions were never told.
    pub(crate) fn close(&mut self, address: usize, id: u64) -> usize {
        // Another thread may have been given the same address since.
        if self
            .channels
            .get(&address)
            .is_some_and(|channel| channel.id == id)
            && let Some(channel) = self.channels.remove(&address)
        {
            self.release(&channel.hooks);
        }
        let mut never_told = 0;
        self.pending.retain(|_, pending| {
            let gone = pending.asked.channel == Some(id);
            never_told += usize::from(gone && !pending.told);
            !gone
        });
        never_told
    }

    fn release(&mut self, hooks: &[u64]) {
        for number in hooks {
            if let Some((_, uses)) = self.hooks.get_mut(number) {
                *uses -= 1;
                if *uses == 0 {
                    self.hooks.remove(number);
                }
            }
        }
    }

    /// Keeps a function of the program for a channel that is still to be made.
    pub(crate) fn keep(&mut self, hook: Hook) -> u64 {
        self.last_number += 1;
        self.hooks.insert(self.last_number, (hook, 0));
        self.last_number
    }

    /// The channel takes a function that was kept.
    pub(crate) fn adopt(&mut self, address: usize, number: u64) {
        if let Some((hook, uses)) = self.hooks.get_mut(&number) {
            *uses += 1;
            hook.belongs_to(address);
            self.channel(address).hooks.push(number);
        }
    }

    /// The channel was not made: what was kept for it goes.
    pub(crate) fn discard(&mut self, number: u64) {
        self.hooks.remove(&number);
    }

    /// Keeps a function of the program for a channel, once.
    pub(crate) fn hook(&mut self, address: usize, hook: Hook) -> u64 {
        let numbers = self.channel(address).hooks.clone();
        let same = |number: &u64| {
            self.hooks
                .get(number)
                .is_some_and(|(known, _)| *known == hook)
        };
        if let Some(number) = numbers.into_iter().find(same) {
            return number;
        }
        let number = self.keep(hook);
        self.adopt(address, number);
        number
    }

    /// The function of the program that a number stands for.
    pub(crate) fn hooked(&self, number: u64) -> Option<Hook> {
        self.hooks.get(&number).map(|(hook, _)| *hook)
    }

    /// The program asked something.
    pub(crate) fn ask(&mut self, pending: Pending) -> u64 {
        self.last_number += 1;
        self.pending.insert(self.last_number, pending);
        self.last_number
    }

    /// The library tells. It does so once; but an old one that is told in a callback to
    /// cancel everything calls that same callback again, inside of itself.
    pub(crate) fn telling(&mut self, number: u64) -> Option<Pending> {
        let pending = self.pending.get_mut(&number)?;
        pending.told = true;
        Some(pending.clone())
    }

    /// The program was told.
    pub(crate) fn told(&mut self, number: u64) {
        self.pending.remove(&number);
    }

    /// What this process asked and was not told.
    pub(crate) fn in_flight(&self, pid: u32) -> Vec<Asked> {
        let waiting = self.pending.values().filter(|pending| !pending.told);
        let own = waiting.filter(|pending| pending.asked.pid == pid);
        own.map(|pending| pending.asked.clone()).collect()
    }

    /// In a child: what the parent did is told by the parent.
    pub(crate) fn forked(&mut self) {
        self.summary = Summary::new();
    }
}

impl Channel {
    fn new(id: u64) -> Channel {
        Channel {
            id,
            servers: Vec::new(),
            sockets: BTreeSet::new(),
            own_sockets: false,
            watches_servers: false,
            watches_created: false,
            down: BTreeSet::new(),
            hooks: Vec::new(),
        }
    }

    /// Whether a server's state is news.
    pub(crate) fn server_is(&mut self, server: &Server) -> bool {
        match server.up {
            true => self.down.remove(&*server.server),
            false => self.down.insert(server.server.clone()),
        }
    }
}

/// What one call of the program brought: answers, and servers that were said to have
/// answered. c-ares tells the two apart from each other, and in either order.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    server: Option<usize>,
    mixed: bool,
    lookups: Latency,
}

impl Batch {
    pub(crate) const NONE: Batch = Batch {
        server: None,
        mixed: false,
        lookups: Latency::NONE,
    };

    pub(crate) fn is_empty(&self) -> bool {
        self.lookups.count == 0
    }

    pub(crate) fn server(&mut self, server: usize) {
        self.mixed |= self.server.is_some_and(|other| other != server);
        self.server = Some(server);
    }

    pub(crate) fn lookup(&mut self, took: Duration) {
        self.lookups.add(took);
    }
}

/// A call is over: were all its answers one server's?
pub(crate) fn attribute(batch: Batch) {
    let server = batch.server.filter(|_| !batch.mixed);
    lock().summary.latency(server, batch.lookups);
}
