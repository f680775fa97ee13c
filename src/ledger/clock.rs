//! The ledger's time.

use std::cell::Cell;

use worker::Date;

use super::fault::Result;
use crate::core::Timestamp;

/// The platform's time.
pub(super) fn wall() -> Timestamp {
    Timestamp::from_millis(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// The platform's clock, made to move: each write gets a time after the one before, even within one tick, and a step
/// back of the platform's clock is not followed. So what was minted after a cutoff is never covered by it.
#[derive(Default)]
pub(super) struct Clock {
    /// The time of the last write; unknown before the first look.
    last: Cell<Option<Timestamp>>,
}

impl Clock {
    /// The time for a request: after the last write, which `recorded` finds where it is not yet known.
    pub(super) fn now(&self, recorded: impl FnOnce() -> Result<Option<Timestamp>>) -> Result<Timestamp> {
        let last = match self.last.get() {
            Some(last) => last,
            None => recorded()?.unwrap_or(Timestamp::from_micros(0)),
        };
        self.last.set(Some(last));
        Ok(wall().max(last.next()))
    }

    /// Something was written at this time.
    pub(super) fn passed(&self, now: Timestamp) {
        self.last.set(Some(now));
    }
}
