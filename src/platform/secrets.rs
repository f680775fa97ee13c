//! The deployment's secrets.

use worker::Env;

use super::env::text;
use crate::core::keys::SECRET_MIN_BYTES;
use crate::core::{Keyring, base64};

const SECRET: &str = "HOOKSWITCH_SECRET";
const PREVIOUS: &str = "HOOKSWITCH_SECRETS_PREVIOUS";
/// What is said of a secret that is not there.
pub(crate) const MISSING: &str = "is missing";

/// A secret, and what is wrong with it.
pub(crate) type Wrong = (&'static str, &'static str);

/// The secrets that mint, verify and seal.
///
/// # Errors
/// Each that is missing or cannot be used.
pub(crate) fn keyring(env: &Env) -> Result<Keyring, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let secret = text(env, SECRET);
    let secret = decode(secret.trim()).unwrap_or_else(|problem| {
        wrong.push((SECRET, problem));
        Vec::new()
    });
    let mut previous = Vec::new();
    for secret in text(env, PREVIOUS).split(',').filter(|secret| !secret.trim().is_empty()) {
        match decode(secret.trim()) {
            Ok(secret) => previous.push(secret),
            Err(problem) => wrong.push((PREVIOUS, problem)),
        }
    }
    Keyring::new(&secret, &previous).ok().filter(|_| wrong.is_empty()).ok_or(wrong)
}

/// Reads a secret in base64, or says what is wrong with it.
fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.is_empty() {
        return Err(MISSING);
    }
    let bytes = base64::decode(text).ok_or("is not base64")?;
    if bytes.len() < SECRET_MIN_BYTES { Err("holds fewer than 32 bytes") } else { Ok(bytes) }
}
