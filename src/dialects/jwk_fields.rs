//! Keys in bodies: JSON Web Keys, as requests and answers have them.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::field::{FieldValue, Sent};
use crate::core::Rule;
use crate::core::jwk::{Jwk, JwkSet};

/// A public key: P-256 for ES256, or RSA for RS256 (RFC 7517).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct PublicKey {
    /// The type of the key: `EC` or `RSA`.
    kty: String,
    /// The name of the key, which signed texts have in their header.
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    /// The algorithm of the key: `ES256` or `RS256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    /// The use of the key: `sig`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    /// The curve of an EC key: `P-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    /// The x coordinate of an EC key in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    /// The y coordinate of an EC key in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// The modulus of an RSA key in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    /// The exponent of an RSA key in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

impl From<Jwk> for PublicKey {
    fn from(Jwk { kty, kid, alg, usage, crv, x, y, n, e, .. }: Jwk) -> Self {
        Self { kty, kid, alg, usage, crv, x, y, n, e }
    }
}

/// A set of public keys (RFC 7517 §5).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct KeySet {
    /// The keys of the set.
    keys: Vec<PublicKey>,
}

impl From<JwkSet> for KeySet {
    fn from(JwkSet { keys }: JwkSet) -> Self {
        Self { keys: keys.into_iter().map(PublicKey::from).collect() }
    }
}

/// The public keys of a client. Members of a key that Hookswitch does not read are ignored.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "KeySet"))]
pub(super) struct ClientKeySet(pub(super) JwkSet);

impl FieldValue for ClientKeySet {
    fn check(_: Sent<'_>) -> Result<Self, Rule> {
        Err(Rule::new("must be an object with the list keys (RFC 7517)"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match serde_json::from_value::<JwkSet>(value) {
            Ok(keys) => keys.check().map(|()| Self(keys)),
            Err(_) => Self::check(Sent::Null),
        })
    }
}
