//! Reading the system's configuration again.

use std::ffi::c_int;
use std::sync::atomic::Ordering;

use c_ares_sys as sys;

use super::Handle;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::{context, library};
use crate::linked::{Linkage, linked};

impl Handle {
    /// Reads the system's configuration again.
    pub(crate) fn reload(&self) -> Result<()> {
        const METHOD: &str = "Channel::reload";
        self.check(METHOD)?;
        if context::is_ending() {
            // It could be the reloading thread, which it would join.
            return Err(ErrorKind::InCallback { method: METHOD }.into());
        }
        let shared = self.shared();
        if shared.on_socket_state.is_none() && linked().linkage == Linkage::System {
            // The configuration monitor of the event thread calls `ares_reinit` too,
            // and nothing keeps it from doing so just now.
            return Err(ErrorKind::UnsuitableLibrary {
                found: library::version(),
                reason: "its threaded channels reload by themselves, and crash if they are \
                         told to at the same time; enable the feature `vendored`",
            }
            .into());
        }
        // A second one in the meantime is the first one. Waiting for it could be waiting
        // for ever: it may be about to take the lock that a callback on this thread holds.
        if shared.reloading.swap(true, Ordering::Acquire) {
            return Ok(());
        }
        // SAFETY: ares_reinit(3): the channel is live. `ares_init.c`: it reads, joins and
        // stores the thread that does the work without the lock, so no other thread may be
        // in it. `reloading` keeps ours out, and the monitor was ruled out above or is not
        // built. In a callback of this channel the lock is held around it:
        // - on the reloading thread itself `reinit_pending` is still set, so that it
        //   returns at once; that thread runs no callback after it has cleared that;
        // - elsewhere it joins a thread that has cleared `reinit_pending`, which it does
        //   under the lock as its last deed: it does not need the lock any more.
        // It runs no closure on this thread. `ares_destroy` joins the thread too; the
        // handle is dropped after this borrow of it has ended.
        let status = unsafe { sys::ares_reinit(self.raw()) };
        shared.reloading.store(false, Ordering::Release);
        Error::check(status as c_int)
    }
}

#[cfg(test)]
mod tests {
    //! Here and not in `tests/`, because nothing of the safe layer tells which threads are in a call.

    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use crate::Channel;

    /// Where two meet in there is chance; that one is kept out is not.
    #[test]
    fn while_one_thread_is_in_ares_reinit_no_other_comes_in() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let name = |server| std::fs::write(file.path(), format!("nameserver {server}\n")).unwrap();
        let builder = Channel::builder().resolv_conf(file.path());
        name("192.0.2.1");
        let channel = builder.on_socket_state(|_, _| ()).build().unwrap();
        let has = |server: &str| channel.servers().unwrap()[0].to_string() == server;
        name("192.0.2.2");
        let reloading = &channel.handle().shared().reloading;
        reloading.store(true, Ordering::Release);
        channel.reload().unwrap();
        // Long enough for a thread of c-ares' to read one line.
        std::thread::sleep(Duration::from_millis(200));
        assert!(has("192.0.2.1:53"), "{:?}", channel.servers());
        reloading.store(false, Ordering::Release);
        channel.reload().unwrap();
        let came_in = (0..60_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            has("192.0.2.2:53")
        });
        assert!(came_in && !reloading.load(Ordering::Acquire));
    }
}
