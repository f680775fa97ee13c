//! The rate limit: so many requests of one principal in the period, as `wrangler.toml` sets it.

use worker::Env;

use crate::core::Principal;
use crate::dialects::Failure;

/// The period of the limit, in seconds, as `wrangler.toml` sets it. Cloudflare offers 10 and 60.
const PERIOD: u32 = 10;

/// Counts a request.
///
/// # Errors
/// [`Failure::RateLimited`] where it was one too many. A limiter that is not there, or fails, limits nothing.
pub(super) async fn limit(env: &Env, principal: &Principal) -> Result<(), Failure> {
    let Ok(limiter) = env.rate_limiter("RATE_LIMIT") else {
        return Ok(());
    };
    match limiter.limit(principal.actor().as_str().to_owned()).await {
        Ok(outcome) if !outcome.success => Err(Failure::RateLimited { retry_after: PERIOD }),
        _ => Ok(()),
    }
}
