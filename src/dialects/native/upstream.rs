//! Credentials of a provider in requests.

use serde::Deserialize;

use crate::core::rfc3339::ExpiryTime;
use crate::core::{Slug, UpstreamTokenType};
use crate::dialects::field::Field;
use crate::dialects::field_types::{ForeignSecret, Whole};
use crate::dialects::validator::{Validate, Validator};
use crate::operations::Secret;
use crate::operations::connections::{Expiry, UpstreamCredential, UpstreamCredentials};

/// The longest validity of a provider's access token, in seconds: a hundred years.
const EXPIRES_IN_MAX: u32 = 3_155_760_000;

/// Credentials of a provider: an access token, a refresh token, or both.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct UpstreamRequest {
    /// The provider. The default is the provider whose credentials the connection stores, or else the app's.
    #[serde(default)]
    provider: Field<Slug>,
    /// The access token.
    #[serde(default)]
    access_token: Field<ForeignSecret>,
    /// The refresh token.
    #[serde(default)]
    refresh_token: Field<ForeignSecret>,
    /// When the access token expires. A time after the year 2200 stands for no expiry. Without an access token it must be
    /// left out.
    #[serde(default)]
    expires_at: Field<ExpiryTime>,
    /// The seconds until the access token expires. It must be left out if `expires_at` is given.
    #[serde(default)]
    expires_in: Field<Whole<1, EXPIRES_IN_MAX>>,
}

impl Validate for UpstreamRequest {
    type Valid = UpstreamCredentials;

    fn validate(self, check: &mut Validator<'_>) -> Option<UpstreamCredentials> {
        let has_expiry = self.expires_at.is_present() || self.expires_in.is_present();
        if self.expires_at.is_present() && self.expires_in.is_present() {
            check.fail("expires_in", "must be left out if expires_at is given");
        }
        if !self.access_token.is_present() && has_expiry {
            check.fail("access_token", "is required if its expiry is given");
        } else if !self.access_token.is_present() && !self.refresh_token.is_present() {
            check.fail("access_token", "is required unless refresh_token is given");
        }
        let provider = check.optional("provider", self.provider);
        let access_token = check.optional("access_token", self.access_token);
        let refresh_token = check.optional("refresh_token", self.refresh_token);
        let expires_at = check.optional("expires_at", self.expires_at).and_then(|ExpiryTime(at)| at.map(Expiry::At));
        let expires_in = check.optional("expires_in", self.expires_in).map(|Whole(seconds)| Expiry::In(seconds));
        let mut tokens = Vec::new();
        if let Some(ForeignSecret(token)) = refresh_token {
            let (token_type, secret) = (UpstreamTokenType::RefreshToken, Secret(token));
            tokens.push(UpstreamCredential { token_type, secret, expiry: None });
        }
        if let Some(ForeignSecret(token)) = access_token {
            let (token_type, secret) = (UpstreamTokenType::AccessToken, Secret(token));
            tokens.push(UpstreamCredential { token_type, secret, expiry: expires_at.or(expires_in) });
        }
        Some(UpstreamCredentials { provider, tokens })
    }
}
