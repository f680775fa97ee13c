//! Public keys as JSON Web Keys (RFC 7517), of the two algorithms that Hookswitch verifies.
//!
//! ```
//! use hookswitch::core::jwk::{Algorithm, Jwk};
//!
//! let text = r#"{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
//!     "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "ext": true}"#;
//! let key: Jwk = serde_json::from_str(text).unwrap();
//! assert_eq!(key.algorithm(), Ok(Algorithm::Es256));
//! ```

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::base64;
use super::digest::Digest;
use super::rule::Rule;
use super::string_enum::string_enum;

/// The highest number of keys of a client.
pub const KEYS_MAX: usize = 8;

string_enum! {
    /// A signature algorithm (RFC 7518 §3.1).
    pub enum Algorithm {
        /// ECDSA with P-256 and SHA-256.
        Es256 = "ES256",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
    }
}

/// A public key. Other members of the key are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The type of the key: `EC` or `RSA`.
    pub kty: String,
    /// The name of the key in its set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The algorithm that the key is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The use of the key.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The curve of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The x coordinate of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The y coordinate of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// Whether the key has the secret part of a private key.
    #[serde(default, rename = "d", skip_serializing, deserialize_with = "is_there")]
    is_private: bool,
    /// Whether the key has the secret of a symmetric key.
    #[serde(default, rename = "k", skip_serializing, deserialize_with = "is_there")]
    is_symmetric: bool,
}

/// Reads a member whose value does not matter.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl Jwk {
    /// The P-256 key with these coordinates, in base64url.
    #[must_use]
    pub fn p256(x: &str, y: &str) -> Self {
        let (x, y) = (Some(x.to_owned()), Some(y.to_owned()));
        Self { kty: "EC".to_owned(), crv: Some("P-256".to_owned()), x, y, ..Self::default() }
    }

    /// The algorithm whose signatures the key verifies.
    ///
    /// # Errors
    /// The [`Rule`] that the key breaks.
    pub fn algorithm(&self) -> Result<Algorithm, Rule> {
        if self.is_private || self.is_symmetric {
            return Err(Rule::new("must have public keys only, without the members d and k"));
        }
        let is = |text: &Option<String>, wanted: &str| text.as_deref() == Some(wanted);
        let length = |text: &Option<String>| text.as_deref().and_then(base64::decode).map_or(0, |bytes| bytes.len());
        let is_usable = |alg| self.alg.is_none() || is(&self.alg, alg);
        let is_for_signatures = self.usage.is_none() || is(&self.usage, "sig");
        let is_point = is(&self.crv, "P-256") && length(&self.x) == 32 && length(&self.y) == 32;
        // 2048 to 4096 bits.
        let is_modulus = (256..=512).contains(&length(&self.n)) && (1..=4).contains(&length(&self.e));
        match self.kty.as_str() {
            "EC" if is_for_signatures && is_usable("ES256") && is_point => Ok(Algorithm::Es256),
            "RSA" if is_for_signatures && is_usable("RS256") && is_modulus => Ok(Algorithm::Rs256),
            _ => Err(Rule::new("must have keys for ES256 (P-256) or RS256 (2048 to 4096 bits)")),
        }
    }

    /// The key with nothing but the members that make it up, as `WebCrypto` imports it.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self { kid: None, alg: None, usage: None, is_private: false, is_symmetric: false, ..self.clone() }
    }

    /// The thumbprint of a P-256 key (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let (x, y) = (self.x.as_deref().unwrap_or_default(), self.y.as_deref().unwrap_or_default());
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let digest = hex::decode(Digest::of(members.as_bytes()).as_str()).unwrap_or_default();
        base64::encode_url(&digest)
    }
}

/// A set of keys (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys of the set.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Checks the set of a client: 1 to [`KEYS_MAX`] public keys.
    ///
    /// # Errors
    /// The [`Rule`] that the set breaks.
    pub fn check(&self) -> Result<(), Rule> {
        if !(1..=KEYS_MAX).contains(&self.keys.len()) {
            return Err(Rule::new(format!("must have 1 to {KEYS_MAX} keys")));
        }
        self.keys.iter().try_for_each(|key| key.algorithm().map(drop))
    }

    /// The keys that may have made a signature with this header. A key without a name may have made any.
    pub fn candidates<'a>(&'a self, algorithm: Algorithm, kid: Option<&'a str>) -> impl Iterator<Item = &'a Jwk> {
        let is_named = move |key: &Jwk| kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        self.keys.iter().filter(move |key| key.algorithm() == Ok(algorithm) && is_named(key)).take(KEYS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn algorithm(json: &str) -> Option<Algorithm> {
        serde_json::from_str::<Jwk>(json).ok()?.algorithm().ok()
    }

    #[test]
    fn only_public_keys_of_a_known_algorithm_are_accepted() {
        let ec = format!(r#""kty":"EC","crv":"P-256","x":"{X}","y":"{Y}""#);
        let rsa = |length: usize| format!(r#""kty":"RSA","e":"AQAB","n":"{}""#, base64::encode_url(&vec![200; length]));
        for (members, expected) in [
            (ec.clone(), Some(Algorithm::Es256)),
            (format!(r#"{ec},"use":"sig","alg":"ES256","kid":"1","x5c":["a"]"#), Some(Algorithm::Es256)),
            (rsa(256), Some(Algorithm::Rs256)),
            (rsa(512), Some(Algorithm::Rs256)),
            (rsa(128), None),
            (rsa(513), None),
            (format!(r#"{ec},"use":"enc""#), None),
            (format!(r#"{ec},"alg":"ES384""#), None),
            (format!(r#"{ec},"d":"{X}""#), None),
            (ec.replace("P-256", "P-384"), None),
            (ec.replace(X, "AAAA"), None),
            (r#""kty":"oct","k":"c2VjcmV0""#.to_owned(), None),
            (r#""kty":"OKP","crv":"Ed25519","x":"AAAA""#.to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(algorithm(&format!("{{{members}}}")), expected, "{members}");
        }
    }

    #[test]
    fn a_signature_is_checked_with_the_key_that_it_names() {
        let key = |kid: Option<&str>| Jwk { kid: kid.map(str::to_owned), ..Jwk::p256(X, Y) };
        let set = JwkSet { keys: vec![key(Some("a")), key(Some("b")), key(None)] };
        let count = |algorithm, kid| set.candidates(algorithm, kid).count();
        assert_eq!(count(Algorithm::Es256, Some("a")), 2);
        assert_eq!(count(Algorithm::Es256, Some("c")), 1);
        assert_eq!(count(Algorithm::Es256, None), 3);
        assert_eq!(count(Algorithm::Rs256, None), 0);
        assert!(set.check().is_ok() && JwkSet::default().check().is_err());
        assert!(JwkSet { keys: vec![key(None); KEYS_MAX + 1] }.check().is_err());
    }
}
