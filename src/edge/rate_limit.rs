//! The rate limit: the number of requests of one caller in a period.

use worker::{Env, RateLimiter};

use crate::operations::ApiError;

/// The period of the limit in `wrangler.toml`, in seconds. Cloudflare offers 10 and 60.
const PERIOD: u32 = 10;

/// Counts a request.
///
/// # Errors
/// [`ApiError::RateLimited`] if the caller made too many requests. If there is no limiter, or it fails, nothing is limited.
pub(super) async fn count(env: &Env, caller: String) -> Result<(), ApiError> {
    let Ok(limiter) = env.get_binding::<RateLimiter>("RATE_LIMIT") else {
        return Ok(());
    };
    match limiter.limit(caller).await {
        Ok(outcome) if !outcome.success => Err(ApiError::RateLimited { retry_after: PERIOD }),
        _ => Ok(()),
    }
}
