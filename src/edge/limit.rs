//! The rate limit: so many requests of one principal in the period, as `wrangler.toml` sets it.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::dialects::Failure;
use crate::platform::env::binding;
use crate::platform::host;

/// The period of the limit, in seconds, as `wrangler.toml` sets it. Cloudflare offers 10 and 60.
const PERIOD: &str = "10";

/// Counts a request.
///
/// # Errors
/// [`Failure::RateLimited`] where it was one too many. A limiter that is not there, or fails, limits nothing.
pub(super) async fn limit(env: &Env, who: &str) -> Result<(), Failure> {
    let Some(limiter) = binding::<JsValue>(env, "RATE_LIMIT") else {
        return Ok(());
    };
    match JsFuture::from(host::count(&limiter, who)).await {
        Ok(success) if success.is_falsy() => Err(Failure::RateLimited { retry_after: PERIOD }),
        _ => Ok(()),
    }
}
