//! The verification of client assertions (`private_key_jwt`, RFC 7523).

use super::context::Context;
use super::documents::{self, RememberedDocument};
use super::error::ApiError;
use super::ledgers::LedgerUnavailable;
use crate::core::app::ClientKeys;
use crate::core::client_assertion::ClientAssertion;
use crate::core::command::IdempotencyKey;
use crate::core::decide::apps::UseAssertion;
use crate::core::jwk::JwkSet;
use crate::core::{App, DecisionError, Principal};
use crate::upstream::http::BODY_MAX;

/// The age in seconds from which a key set is fetched again for a key that it does not have.
const REFETCHED_AFTER: i64 = 30;

/// Verifies an assertion of an app.
///
/// 1. The issuer or the token endpoint is its audience, and it has not expired.
/// 2. A key of the app has made the signature.
/// 3. The app's registry has not seen its `jti` before.
///
/// # Errors
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`] if the keys or the registry cannot be read.
pub(super) async fn verify(cx: &Context<'_>, app: &App, assertion: &ClientAssertion) -> Result<(), ApiError> {
    let invalid = DecisionError::ClientInvalid;
    let keys = app.registration.keys.as_ref().ok_or_else(|| invalid.clone())?;
    let token_endpoint = format!("{}/oauth/token", cx.origin);
    if assertion.app_id != app.app_id || !assertion.is_valid(&[cx.origin, &token_endpoint], cx.now) {
        return Err(invalid.into());
    }
    if !has_signed(cx, keys, assertion).await? {
        return Err(invalid.into());
    }
    let once = IdempotencyKey { key: assertion.jti.clone(), request: assertion.jti.clone(), grace: None };
    let registry = cx.app_registry(&app.app_id).by(Principal::Root).with_idempotency(once);
    let used = registry.run(UseAssertion {}).await?;
    if used.replayed { Err(invalid.into()) } else { Ok(()) }
}

/// Whether one of the keys has made the signature of an assertion.
async fn has_signed(cx: &Context<'_>, keys: &ClientKeys, assertion: &ClientAssertion) -> Result<bool, ApiError> {
    let uri = match keys {
        ClientKeys::Set(set) => return Ok(is_by(cx, set, assertion).await),
        ClientKeys::Uri(uri) => uri,
    };
    let document = documents::get(cx, uri, BODY_MAX).await.map_err(|_| LedgerUnavailable)?;
    if is_by(cx, &read(&document), assertion).await {
        return Ok(true);
    }
    // The client may have new keys.
    if cx.now.seconds_since(document.fetched_at) < REFETCHED_AFTER {
        return Ok(false);
    }
    let document = documents::fetch(cx, uri, BODY_MAX).await.map_err(|_| LedgerUnavailable)?;
    Ok(is_by(cx, &read(&document), assertion).await)
}

fn read(document: &RememberedDocument) -> JwkSet {
    serde_json::from_str(&document.text).unwrap_or_default()
}

async fn is_by(cx: &Context<'_>, keys: &JwkSet, assertion: &ClientAssertion) -> bool {
    let ClientAssertion { algorithm, jws, .. } = assertion;
    let input = jws.signing_input.as_bytes();
    for key in keys.candidates(*algorithm, jws.header.kid.as_deref()) {
        if cx.platform.signatures().verify(key, input, &jws.signature).await == Ok(true) {
            return true;
        }
    }
    false
}
