//! The storage of a Durable Object: transactions and the alarm, bound as the platform has them.

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fault::{Fault, Result};
use super::sql::SqlStorage;

#[wasm_bindgen]
extern "C" {
    /// What the platform gives an object when it wakes it.
    pub type ObjectState;

    #[wasm_bindgen(method, getter)]
    fn storage(this: &ObjectState) -> ObjectStorage;

    type ObjectStorage;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &ObjectStorage) -> SqlStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &ObjectStorage,
        body: &mut dyn FnMut() -> std::result::Result<(), JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getAlarm)]
    fn get_alarm(this: &ObjectStorage) -> std::result::Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &ObjectStorage, at: &Date) -> std::result::Result<Promise, JsValue>;
}

/// The storage of one object.
pub(super) struct Storage(ObjectStorage);

impl Storage {
    pub(super) fn of(state: &ObjectState) -> Self {
        Self(state.storage())
    }

    pub(super) fn sql(&self) -> SqlStorage {
        self.0.sql()
    }

    /// Runs the body in a transaction: what it wrote is rolled back where it fails.
    pub(super) fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let mut failure = None;
        let outcome = self.0.transaction_sync(&mut || {
            body().map_err(|fault| {
                let thrown = JsValue::from_str(&fault.0);
                failure = Some(fault);
                thrown
            })
        });
        match (outcome, failure) {
            (Ok(_), _) => Ok(()),
            (Err(_), Some(fault)) => Err(fault),
            (Err(thrown), None) => Err(Fault::thrown(&thrown)),
        }
    }

    /// When the alarm is set to ring, in milliseconds since the epoch.
    pub(super) async fn alarm(&self) -> Result<Option<i64>> {
        let at = JsFuture::from(self.0.get_alarm().map_err(Fault::from)?).await.map_err(Fault::from)?;
        // Milliseconds since the epoch are whole, and far below 2^53.
        #[allow(clippy::cast_possible_truncation)]
        Ok(at.as_f64().map(|at| at as i64))
    }

    /// Has the alarm ring at this time, in milliseconds since the epoch. It is part of what is written now, together.
    pub(super) async fn set_alarm(&self, at: i64) -> Result<()> {
        #[allow(clippy::cast_precision_loss)]
        let at = Date::new(&(at as f64).into());
        JsFuture::from(self.0.set_alarm(&at).map_err(Fault::from)?).await.map_err(Fault::from)?;
        Ok(())
    }
}
