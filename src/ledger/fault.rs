//! What went wrong inside a ledger, in words for the log.

use wasm_bindgen::{JsCast, JsValue};

/// What went wrong inside a ledger: the platform's storage failed, or holds what makes no sense. The request that met
/// it gets no verdict, and nothing of it was written.
#[derive(Debug)]
pub(super) struct Fault(pub(super) String);

/// What comes of an operation on storage.
pub(super) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// Storage holds something that was never written so.
    pub(super) fn senseless(what: &str) -> Self {
        Self(["storage holds a ", what, " that makes no sense"].concat())
    }
}

impl From<JsValue> for Fault {
    fn from(thrown: JsValue) -> Self {
        let message = thrown.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
        Self(message.and_then(|message| message.as_string()).unwrap_or_else(|| "JavaScript threw".to_owned()))
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        js_sys::Error::new(&fault.0).into()
    }
}
