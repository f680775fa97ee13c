//! The storage of a Durable Object: its database, transactions and the alarm, bound as the platform has them.

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the platform gives an object when it wakes it.
    pub type ObjectState;

    #[wasm_bindgen(method, getter)]
    pub(super) fn storage(this: &ObjectState) -> ObjectStorage;

    /// The storage of one object.
    pub(super) type ObjectStorage;

    #[wasm_bindgen(method, getter)]
    pub(super) fn sql(this: &ObjectStorage) -> SqlStorage;

    /// Rolls back what the body wrote where it fails.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    pub(super) fn transaction_sync(
        this: &ObjectStorage,
        body: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<JsValue, JsValue>;

    /// When the alarm is set to ring, in milliseconds since the epoch; none, where it is not.
    #[wasm_bindgen(method, catch, js_name = getAlarm)]
    pub(super) fn get_alarm(this: &ObjectStorage) -> Result<Promise, JsValue>;

    /// Has the alarm ring at this time. It is part of what is written now, together.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(super) fn set_alarm(this: &ObjectStorage, at: &Date) -> Result<Promise, JsValue>;

    /// The database of an object.
    pub(super) type SqlStorage;
}
