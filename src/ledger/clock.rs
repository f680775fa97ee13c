//! The ledger's time.

use std::cell::Cell;

use crate::core::Timestamp;
use crate::platform::wall;

/// The platform's clock, made to move: each request gets a time after the one before, even within one tick, and a step
/// back of the platform's clock is not followed. So what was minted after a cutoff is never covered by it.
#[derive(Default)]
pub(super) struct Clock {
    /// The last time that was given; unknown before the first look.
    last: Cell<Option<Timestamp>>,
}

impl Clock {
    /// Whether it has given a time.
    pub(super) const fn runs(&self) -> bool {
        self.last.get().is_some()
    }

    /// The time for a request: after the one before, or what was recorded last where there was none.
    pub(super) fn now(&self, recorded: Option<Timestamp>) -> Timestamp {
        let last = self.last.get().or(recorded).unwrap_or(Timestamp::from_micros(0));
        let now = wall().max(last.next());
        self.last.set(Some(now));
        now
    }
}
