//! What Cloudflare Workers give, as the edge and the ledgers both use it: bindings, the clock, calls from one to the
//! other, copies in KV, sealing, and HTTP. Nothing here knows what any of it is for.

pub(crate) mod body;
pub(crate) mod env;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod ledgers;
pub(crate) mod packed;
pub(crate) mod replica;
pub(crate) mod seal;
pub(crate) mod secrets;
pub(crate) mod wire;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use worker::Date;

use crate::core::Timestamp;
use crate::core::json::Object;

/// The platform's time.
pub(crate) fn wall() -> Timestamp {
    Timestamp::from_millis(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// Waits for both.
pub(crate) async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(done) = a.as_mut().poll(context)
        {
            first = Some(done);
        }
        if second.is_none()
            && let Poll::Ready(done) = b.as_mut().poll(context)
        {
            second = Some(done);
        }
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (first, second) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// An object of JavaScript's, as an API of the platform takes it.
pub(crate) fn object<T: JsCast>(object: &Object) -> Result<T, JsValue> {
    JSON::parse(&object.text()).map(JsCast::unchecked_into)
}

/// Something random.
///
/// # Errors
/// Where the platform has no randomness.
pub(crate) fn random() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}
