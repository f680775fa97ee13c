//! The public keys of the deployment (RFC 7517), which verify signed introspection.

use crate::dialects::jwk_fields::KeySet;
use crate::dialects::operation::Operation;
use crate::dialects::respond::{Body, Respond};
use crate::dialects::response::HttpResponse;
use crate::operations::{ApiError, Context, signing};

/// The path of the key set.
pub(super) const KEYS_PATH: &str = "/.well-known/jwks.json";
/// For how many seconds a reader may reuse the key set. A key is published an hour before it signs.
const CACHE_CONTROL: &str = "public, max-age=300";

/// 200 with the keys, which readers may reuse for a while.
pub(super) struct PublishedKeys(KeySet);

pub(super) async fn key_set(cx: &Context<'_>) -> Result<PublishedKeys, ApiError> {
    Ok(PublishedKeys(signing::key_set(cx).await?.into()))
}

impl Respond for PublishedKeys {
    fn respond(self) -> HttpResponse {
        Body(self.0).respond().with("cache-control", CACHE_CONTROL)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        Body::<KeySet>::describe(spec);
    }
}

pub(super) const KEYS: Operation = Operation {
    id: "oauthKeys",
    summary: "Read the server's public keys",
    description: "Returns the keys that verify signed introspection. A key is published an hour before it signs and stays for \
        30 days after it has signed last.",
    tag: super::TAG,
    security: &[],
    problems: &[],
};
