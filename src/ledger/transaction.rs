//! `transactionSync`, which the `worker` crate does not bind.

use wasm_bindgen::prelude::*;
use worker::Storage;

use super::fault::{Fault, Result};

#[wasm_bindgen]
extern "C" {
    type SyncStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &SyncStorage,
        body: &mut dyn FnMut() -> std::result::Result<(), JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// Runs the body in a transaction: what it wrote is rolled back where it fails.
pub(super) fn run(storage: &Storage, mut body: impl FnMut() -> Result<()>) -> Result<()> {
    let mut failure = None;
    let outcome = storage.as_raw().unchecked_ref::<SyncStorage>().transaction_sync(&mut || {
        body().map_err(|error| {
            let thrown = JsValue::from_str(&error.0);
            failure = Some(error);
            thrown
        })
    });
    match (outcome, failure) {
        (Ok(_), _) => Ok(()),
        (Err(_), Some(error)) => Err(error),
        (Err(thrown), None) => Err(Fault(format!("the transaction failed: {thrown:?}"))),
    }
}
