//! Who the client is: RFC 6749 §2.3.

use crate::core::{AppId, Kind, Shard};
use crate::dialects::{Call, Credential, Failure, Fields};

/// The client that a request names by Basic, or in its body, with its secret or without.
///
/// # Errors
/// [`Failure::Invalid`] where it does so in two ways at once.
pub fn identify(call: &Call, body: &mut Fields) -> Result<Credential, Failure> {
    let Some(basic) = call.basic() else {
        return in_body(call, body);
    };
    if body.has("client_secret") {
        return Err(Failure::invalid("client_secret", "must not come beside an Authorization header"));
    }
    let named = body.string("client_id");
    body.check()?;
    if named.is_some_and(|named| !basic.iter().any(|(id, _)| *id == named)) {
        return Err(Failure::invalid("client_id", "is not that of the Authorization header"));
    }
    let found = basic.iter().find_map(|(id, secret)| with_secret(call, id, secret));
    Ok(found.unwrap_or(Credential::Invalid))
}

/// The client that the body names.
///
/// # Errors
/// [`Failure::Invalid`] where a member is not a text.
pub fn in_body(call: &Call, body: &mut Fields) -> Result<Credential, Failure> {
    let (id, secret) = (body.string("client_id"), body.string("client_secret"));
    body.check()?;
    let found = match (id, secret) {
        (None, _) => return Ok(Credential::Missing),
        (Some(id), Some(secret)) => with_secret(call, &id, &secret),
        (Some(id), None) => AppId::parse(&id).ok().map(|app_id| Credential::Client(app_id, None)),
    };
    Ok(found.unwrap_or(Credential::Invalid))
}

/// The client of this name, if the secret is one that was made for it. That costs no look-up.
#[must_use]
pub fn with_secret(call: &Call, id: &str, secret: &str) -> Option<Credential> {
    let app_id = AppId::parse(id).ok()?;
    let secret = call.keyring.open(secret).ok()?;
    let its_own = secret.kind() == Kind::ClientSecret && secret.shard() == Shard::of_app(&app_id);
    its_own.then(|| Credential::Client(app_id, Some(secret.digest())))
}
