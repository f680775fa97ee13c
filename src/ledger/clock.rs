//! The time of a ledger.

use std::cell::Cell;

use crate::core::Timestamp;

/// A clock that advances: each request gets a time after the request before, also within one tick of the platform's clock
/// and after a step back of it. So a token is never created at or before the time of an earlier cutoff, and the times of
/// rows give their order.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The last time that was used; `None` until the ledger has read what it recorded last.
    last: Cell<Option<Timestamp>>,
}

impl Clock {
    /// Whether the clock knows the last time that was used.
    pub(super) const fn is_set(&self) -> bool {
        self.last.get().is_some()
    }

    /// Sets the last time that was used, if it is later than the known one.
    pub(super) fn set(&self, used: Timestamp) {
        self.last.set(self.last.get().max(Some(used)));
    }

    /// Gives back a time at which nothing was read, written or answered, if no later one was used.
    pub(super) fn give_back(&self, unused: Timestamp) {
        if self.last.get() == Some(unused) {
            self.last.set(Some(Timestamp::from_micros(unused.micros().saturating_sub(1))));
        }
    }

    /// The time of a request that the platform's clock dates `wall`.
    pub(super) fn now(&self, wall: Timestamp) -> Timestamp {
        let now = self.last.get().map_or(wall, |last| wall.max(last.next()));
        self.last.set(Some(now));
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_advances_within_a_tick_and_after_a_step_back() {
        let at = Timestamp::from_micros;
        let clock = Clock::default();
        let times: Vec<_> = [10, 10, 5, 20].into_iter().map(|wall| clock.now(at(wall))).collect();
        assert_eq!(times, [at(10), at(11), at(12), at(20)]);
        clock.set(at(30));
        assert_eq!(clock.now(at(21)), at(31));
    }
}
