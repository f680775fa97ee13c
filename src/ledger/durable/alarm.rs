//! When the alarm of a Durable Object is set, as far as the object knows.

use std::cell::Cell;

use js_sys::{Date, Object};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::DurableObjectStorage;

use crate::core::Timestamp;

/// The alarm as the object remembers it. Times are in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, Default)]
enum Known {
    /// Nothing: the object has just started.
    #[default]
    Unknown,
    /// The alarm is not set.
    Off,
    /// The alarm rings at this time.
    At(i64),
}

/// The alarm of a Durable Object.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    known: Cell<Known>,
}

impl Alarm {
    /// Whether the object has to look when the alarm rings.
    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self.known.get(), Known::Unknown)
    }

    /// Looks when the alarm rings, once in the life of the object.
    pub(super) async fn look(&self, storage: &DurableObjectStorage) -> Result<(), JsValue> {
        if !self.is_unknown() {
            return Ok(());
        }
        let at = JsFuture::from(storage.get_alarm(Object::new())?).await?;
        // Another request may have set it meanwhile.
        if self.is_unknown() {
            #[allow(clippy::cast_possible_truncation)] // Milliseconds since the epoch are whole and below 2^53.
            self.known.set(at.as_f64().map_or(Known::Off, |at| Known::At(at as i64)));
        }
        Ok(())
    }

    /// Notes that the alarm rings now.
    pub(super) fn rings(&self) {
        self.known.set(Known::Off);
    }

    /// Sets the alarm, if it would ring later otherwise.
    ///
    /// The promise of the platform is not awaited: the alarm is stored together with what was written in the same turn, and
    /// the platform delays the answer until both are on disk.
    pub(super) fn ring_by(&self, storage: &DurableObjectStorage, at: Timestamp) -> Result<(), JsValue> {
        let at = at.millis_ceil();
        if matches!(self.known.get(), Known::At(set) if set <= at) {
            return Ok(());
        }
        #[allow(clippy::cast_precision_loss)] // Below 2^53.
        let date = Date::new(&JsValue::from_f64(at as f64));
        // If the call fails, nobody knows when the alarm rings.
        self.known.set(Known::Unknown);
        let _stored = storage.set_alarm(date, Object::new())?;
        self.known.set(Known::At(at));
        Ok(())
    }
}
