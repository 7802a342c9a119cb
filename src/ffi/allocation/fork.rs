//! Many attempts, each in a process of its own.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::run::Outcome;
use super::trace::Trace;

/// How many wait at once; most of them wait for a timeout.
const AT_ONCE: usize = 8;

/// Makes attempt after attempt until there are no more allocations to fail. Those that are
/// not fine are shown to `look`. How many of each there were.
pub(super) fn in_forks(
    step: usize,
    attempt: impl Fn(usize) -> Outcome,
    mut look: impl FnMut(usize, Outcome, &Trace),
) -> BTreeMap<Outcome, usize> {
    let mut traces: VecDeque<_> = (0..AT_ONCE).map(|_| Trace::shared()).collect();
    let mut outcomes = BTreeMap::new();
    let mut running = VecDeque::new();
    let mut next = 1;
    let mut ended = false;
    while !ended || !running.is_empty() {
        if !ended && running.len() < AT_ONCE {
            let trace = traces.pop_front().expect("as many as may run");
            trace.start();
            running.push_back((next, fork(|| attempt(next)), trace));
            next += step;
            continue;
        }
        let (nth, child, trace) = running.pop_front().expect("one is running");
        let outcome = wait(child);
        match outcome {
            Outcome::Enough => ended = true,
            Outcome::Fine => (),
            _ => {
                ended |= matches!(outcome, Outcome::Panic | Outcome::Hang);
                look(nth, outcome, trace);
            }
        }
        traces.push_back(trace);
        *outcomes.entry(outcome).or_default() += 1;
        assert!(nth < 5000, "there is no end of allocations");
    }
    outcomes
}

/// Runs `work` in a forked process, which ends within a minute.
fn fork(work: impl FnOnce() -> Outcome) -> libc::pid_t {
    // SAFETY: fork(2): this process has one thread, as libtest was told. The child leaves
    // without destructors and exit handlers.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: alarm(2): the signal ends the process.
        unsafe { libc::alarm(60) };
        let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Outcome::Panic);
        // SAFETY: _exit(2) ends the process at once.
        unsafe { libc::_exit(outcome as i32) }
    }
    assert!(child > 0, "fork failed");
    child
}

fn wait(child: libc::pid_t) -> Outcome {
    let mut status = 0;
    // SAFETY: waitpid(2) on our own child.
    let reaped = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(reaped, child);
    if !libc::WIFEXITED(status) {
        return match libc::WTERMSIG(status) {
            libc::SIGALRM => Outcome::Hang,
            _ => Outcome::Crash,
        };
    }
    let code = libc::WEXITSTATUS(status);
    let all = [
        Outcome::Fine,
        Outcome::Enough,
        Outcome::Stranded,
        Outcome::Leak,
    ];
    all.into_iter()
        .find(|outcome| *outcome as i32 == code)
        .unwrap_or(Outcome::Panic)
}
