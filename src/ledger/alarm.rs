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
pub(super) struct Alarm(Cell<Set>);

impl Alarm {
    pub(super) const fn new() -> Self {
        Self(Cell::new(Set::Unknown))
    }

    /// Learns when it is set to ring, once in the object's life.
    pub(super) async fn look(&self, storage: &Storage) -> Result<()> {
        if matches!(self.0.get(), Set::Unknown) {
            let at = storage.alarm().await?;
            // Another request may have set it meanwhile.
            if matches!(self.0.get(), Set::Unknown) {
                self.0.set(at.map_or(Set::Off, Set::At));
            }
        }
        Ok(())
    }

    /// It rings now.
    pub(super) fn rings(&self) {
        self.0.set(Set::Off);
    }

    /// Has it ring at this time or before.
    pub(super) async fn ring_by(&self, storage: &Storage, at: Timestamp) -> Result<()> {
        let at = at.millis_ceil();
        if matches!(self.0.get(), Set::At(set) if set <= at) {
            return Ok(());
        }
        self.0.set(Set::At(at));
        let set = storage.set_alarm(at).await;
        if set.is_err() {
            self.0.set(Set::Unknown);
        }
        set
    }
}
