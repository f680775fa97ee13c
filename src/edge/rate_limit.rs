//! The rate limit: the number of requests of one caller in a period.

use worker::{Env, RateLimiter};

use crate::operations::ApiError;
use crate::operations::config::RATE_LIMIT_PERIOD;

/// Counts a request.
///
/// # Errors
/// [`ApiError::RateLimited`] if the caller made too many requests. If there is no limiter, or it fails, nothing is limited.
pub(super) async fn count(env: &Env, caller: String) -> Result<(), ApiError> {
    let Ok(limiter) = env.get_binding::<RateLimiter>("RATE_LIMIT") else {
        return Ok(());
    };
    match limiter.limit(caller).await {
        Ok(outcome) if !outcome.success => Err(ApiError::RateLimited { retry_after: RATE_LIMIT_PERIOD }),
        _ => Ok(()),
    }
}
