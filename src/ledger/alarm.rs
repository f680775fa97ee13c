//! The object's one alarm, and when it is set to ring.

use std::cell::Cell;

use js_sys::{Date, Promise};
use wasm_bindgen::JsValue;

use super::fault::{Fault, Result};
use super::storage::ObjectStorage;
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
    storage: ObjectStorage,
    set: Cell<Set>,
    /// It is not set to ring before this time, in milliseconds since the epoch: work that failed rests.
    rest_until: Cell<i64>,
}

impl Alarm {
    pub(super) const fn of(storage: ObjectStorage) -> Self {
        Self { storage, set: Cell::new(Set::Unknown), rest_until: Cell::new(0) }
    }

    /// Looks when it is set to ring, once in the object's life: what to wait for, and to [learn](Self::learn) then.
    pub(super) fn look(&self) -> Result<JsValue> {
        if matches!(self.set.get(), Set::Unknown) {
            return Ok(self.storage.get_alarm().map_err(Fault::from)?.into());
        }
        Ok(JsValue::UNDEFINED)
    }

    /// Learns when it is set to ring.
    pub(super) fn learn(&self, at: &JsValue) {
        // Another request may have set it meanwhile.
        if matches!(self.set.get(), Set::Unknown) {
            // Milliseconds since the epoch are whole, and far below 2^53.
            #[allow(clippy::cast_possible_truncation)]
            self.set.set(at.as_f64().map_or(Set::Off, |at| Set::At(at as i64)));
        }
    }

    /// It rings now.
    pub(super) fn rings(&self) {
        self.set.set(Set::Off);
    }

    /// Keeps it from ringing before this time.
    pub(super) fn rest_until(&self, at: Timestamp) {
        self.rest_until.set(at.millis_ceil());
    }

    /// Has it ring at this time or before, but for its rest: what to wait for, where it is to be set for that.
    pub(super) fn ring_by(&self, at: Timestamp) -> Result<Option<Promise>> {
        let at = at.millis_ceil().max(self.rest_until.get());
        if matches!(self.set.get(), Set::At(set) if set <= at) {
            return Ok(None);
        }
        #[allow(clippy::cast_precision_loss)]
        let date = Date::new(&(at as f64).into());
        let setting = self.storage.set_alarm(&date).map_err(Fault::from)?;
        self.set.set(Set::At(at));
        Ok(Some(setting))
    }

    /// It could not be set: nobody knows when it rings.
    pub(super) fn forget(&self) {
        self.set.set(Set::Unknown);
    }
}
