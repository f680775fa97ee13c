//! Signatures of the deployment, and the keys that verify them.
//!
//! The operator's ledger stores the keys, sealed. An isolate remembers them for five minutes. The first isolate that needs a
//! key makes it, also when the newest one has become old.

use std::rc::Rc;

use super::context::Context;
use super::error::ApiError;
use crate::core::decide::signing_keys::{AddSigningKey, ListSigningKeys};
use crate::core::jwk::JwkSet;
use crate::core::signing_key::{PrivateKey, SigningKey, published};
use crate::core::{Principal, Timestamp, jwk::Jwk, jws};

use super::caller::Secret;

/// How long an isolate remembers the keys, in seconds.
const REMEMBERED: i64 = 300;

/// The keys in the memory of an isolate.
#[derive(Debug)]
pub struct RememberedSigningKeys {
    /// The public keys.
    pub public: JwkSet,
    /// The name of the key that signs.
    pub kid: String,
    /// The key that signs.
    pub private: PrivateKey,
    /// The end of the entry's validity.
    pub valid_until: Timestamp,
}

/// The public keys of the deployment.
///
/// # Errors
/// [`ApiError::Unavailable`], or [`ApiError::Internal`] if the platform cannot make a key.
pub async fn key_set(cx: &Context<'_>) -> Result<JwkSet, ApiError> {
    Ok(keys(cx).await?.public.clone())
}

/// Signs claims. The result is a JWT of this type (RFC 8725 §3.11).
///
/// # Errors
/// Those of [`key_set`].
pub async fn sign(cx: &Context<'_>, media_type: &str, claims: &str) -> Result<String, ApiError> {
    let keys = keys(cx).await?;
    let header = format!(r#"{{"alg":"ES256","typ":"{media_type}","kid":"{}"}}"#, keys.kid);
    let input = jws::signing_input(&header, claims);
    let signature = cx.platform.signatures().sign(&keys.private, input.as_bytes()).await;
    let signature = signature.map_err(|_| ApiError::Internal("the platform cannot sign"))?;
    Ok(jws::compact(&input, &signature))
}

/// The keys of the deployment.
///
/// 1. The isolate remembers them.
/// 2. Otherwise the operator's ledger lists them.
/// 3. If no key can be opened, or the newest is old, a new key is made and added, once for the deployment.
async fn keys(cx: &Context<'_>) -> Result<Rc<RememberedSigningKeys>, ApiError> {
    if let Some(remembered) = cx.platform.memory().signing_keys().filter(|keys| cx.now < keys.valid_until) {
        return Ok(remembered);
    }
    let operator = cx.operator().by(Principal::Root);
    let mut keys = operator.clone().run_plain(ListSigningKeys {}).await?;
    let newest = keys.last();
    if newest.is_none_or(|key| key.is_old(cx.now) || open(cx, key).is_none()) {
        let after = newest.map(|key| key.kid.clone());
        keys = operator.run_plain(AddSigningKey { key: make(cx).await?, after }).await?;
    }
    let (kid, private) = signer(cx, &keys).ok_or(ApiError::Internal("no signing key can be opened"))?;
    let public = JwkSet { keys: published(&keys, cx.now).iter().map(SigningKey::jwk).collect() };
    let valid_until = cx.now.plus_seconds(REMEMBERED);
    let remembered = Rc::new(RememberedSigningKeys { public, kid, private, valid_until });
    cx.platform.memory().remember_signing_keys(Rc::clone(&remembered));
    Ok(remembered)
}

/// The newest key that has been published for long enough; without one, the oldest that can be opened.
fn signer(cx: &Context<'_>, keys: &[SigningKey]) -> Option<(String, PrivateKey)> {
    let opened: Vec<_> = keys.iter().filter_map(|key| Some((key, open(cx, key)?))).collect();
    let known = opened.iter().rfind(|(key, _)| key.may_sign(cx.now));
    known.or_else(|| opened.first()).map(|(key, private)| (key.kid.clone(), private.clone()))
}

fn open(cx: &Context<'_>, key: &SigningKey) -> Option<PrivateKey> {
    let d = cx.config.keyring.unseal(SigningKey::SEAL_OWNER, &key.sealed)?;
    Some(PrivateKey { x: key.x.clone(), y: key.y.clone(), d })
}

async fn make(cx: &Context<'_>) -> Result<SigningKey, ApiError> {
    let made = cx.platform.signatures().generate().await;
    let PrivateKey { x, y, d } = made.map_err(|_| ApiError::Internal("the platform cannot make a key"))?;
    let kid = Jwk::p256(&x, &y).thumbprint();
    let sealed = cx.seal(SigningKey::SEAL_OWNER, &Secret(d))?;
    Ok(SigningKey { kid, x, y, sealed, created_at: cx.now })
}
