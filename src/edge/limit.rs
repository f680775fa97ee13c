//! The rate limit: so many requests of one principal in the period, as `wrangler.toml` sets it.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::bindings::Limiter;
use crate::core::json::Object;
use crate::dialects::Failure;
use crate::platform;
use crate::platform::env::binding;

/// The period of the limit, in seconds, as `wrangler.toml` sets it. Cloudflare offers 10 and 60.
const PERIOD: &str = "10";

/// Counts a request.
///
/// # Errors
/// [`Failure::RateLimited`] where it was one too many. A limiter that is not there, or fails, limits nothing.
pub(super) async fn limit(env: &Env, who: &str) -> Result<(), Failure> {
    if within(env, who).await.is_ok_and(|success| success == JsValue::FALSE) {
        return Err(Failure::RateLimited { retry_after: PERIOD });
    }
    Ok(())
}

async fn within(env: &Env, who: &str) -> Result<JsValue, JsValue> {
    let Some(limiter) = binding::<Limiter>(env, "RATE_LIMIT") else {
        return Ok(JsValue::TRUE);
    };
    let options = platform::object(&Object::new().with("key", who))?;
    let outcome = JsFuture::from(limiter.count(&options)?).await?;
    Reflect::get(&outcome, &"success".into())
}
