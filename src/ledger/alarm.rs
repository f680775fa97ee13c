//! The object's one alarm, and when it is set to ring.

use std::cell::Cell;

use super::fault::Result;
use super::storage::Storage;

use crate::core::Timestamp;

/// What is known of the alarm.
#[derive(Clone, Copy)]
enum Set {
    /// Nothing: this object has just started.
    Unknown,
    /// It will not ring.
    Off,
    /// It rings at this time, in milliseconds since the epoch.
    At(i64),
}

/// The object's one alarm.
pub(super) struct Alarm {
    set: Cell<Set>,
    /// It is not set to ring before this time, in milliseconds since the epoch: work that failed rests.
    rest_until: Cell<i64>,
}

impl Alarm {
    pub(super) const fn new() -> Self {
        Self { set: Cell::new(Set::Unknown), rest_until: Cell::new(0) }
    }

    /// Learns when it is set to ring, once in the object's life.
    pub(super) async fn look(&self, storage: &Storage) -> Result<()> {
        if matches!(self.set.get(), Set::Unknown) {
            let at = storage.alarm().await?;
            // Another request may have set it meanwhile.
            if matches!(self.set.get(), Set::Unknown) {
                self.set.set(at.map_or(Set::Off, Set::At));
            }
        }
        Ok(())
    }

    /// It rings now.
    pub(super) fn rings(&self) {
        self.set.set(Set::Off);
    }

    /// Keeps it from ringing before this time.
    pub(super) fn rest_until(&self, at: Timestamp) {
        self.rest_until.set(at.millis_ceil());
    }

    /// Has it ring at this time or before, but for its rest.
    pub(super) async fn ring_by(&self, storage: &Storage, at: Timestamp) -> Result<()> {
        let at = at.millis_ceil().max(self.rest_until.get());
        if matches!(self.set.get(), Set::At(set) if set <= at) {
            return Ok(());
        }
        self.set.set(Set::At(at));
        let set = storage.set_alarm(at).await;
        if set.is_err() {
            self.set.set(Set::Unknown);
        }
        set
    }
}
