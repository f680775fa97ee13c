//! What Cloudflare Workers give, as the edge and the ledgers both use it: bindings, the clock, calls from one to the
//! other, copies in KV, sealing, and HTTP. Nothing here knows what any of it is for.

pub(crate) mod env;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod ledgers;
pub(crate) mod packed;
pub(crate) mod replica;
pub(crate) mod seal;
pub(crate) mod secrets;
pub(crate) mod wire;

use std::future::poll_fn;
use std::task::Poll;

use js_sys::{Date, JSON};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::Timestamp;
use crate::core::json::Object;

/// The platform's time.
pub(crate) fn wall() -> Timestamp {
    Timestamp::from_millis(millis())
}

/// The same, in whole milliseconds.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn millis() -> i64 {
    Date::now() as i64
}

/// An object of JavaScript's, as an API of the platform takes it.
pub(crate) fn object<T: JsCast>(object: &Object) -> Result<T, JsValue> {
    JSON::parse(&object.text()).map(JsCast::unchecked_into)
}

/// Waits for all of them, and gives what they gave, in order.
pub(crate) async fn all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        for (future, done) in &mut pending {
            if done.is_none()
                && let Poll::Ready(result) = future.as_mut().poll(context)
            {
                *done = Some(result);
            }
        }
        if pending.iter().any(|(_, done)| done.is_none()) {
            return Poll::Pending;
        }
        Poll::Ready(pending.iter_mut().filter_map(|(_, done)| done.take()).collect())
    })
    .await
}

/// Something random.
///
/// # Errors
/// Where the platform has no randomness.
pub(crate) fn random() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}
