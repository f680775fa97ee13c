//! Signed texts in the compact form of JSON Web Signatures (RFC 7515 §7.1): `header.payload.signature`, each in base64url.
//!
//! ```
//! use hookswitch::core::jws::{Jws, signing_input};
//!
//! let input = signing_input(r#"{"alg":"ES256","kid":"1"}"#, "{}");
//! let jws = Jws::parse(&format!("{input}.AAAA")).unwrap();
//! assert_eq!((jws.header.alg.as_str(), jws.signature.len()), ("ES256", 3));
//! ```

use serde::Deserialize;
use serde_json::Value;

use super::base64;

/// The longest text that is parsed, in bytes.
const LENGTH_MAX: usize = 8_192;

/// The header of a signed text. Other members are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct JwsHeader {
    /// The algorithm of the signature.
    pub alg: String,
    /// The name of the key.
    #[serde(default)]
    pub kid: Option<String>,
    /// Extensions that the reader has to understand. Hookswitch understands none.
    #[serde(default)]
    pub crit: Option<Value>,
}

/// A signed text whose signature was not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    /// The header with the algorithm and the key.
    pub header: JwsHeader,
    /// The claims of the payload.
    pub claims: Value,
    /// The text that was signed: header and payload as they were sent.
    pub signing_input: String,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Jws {
    /// Parses a signed text with a payload in JSON; `None` if the text has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        let (signing_input, signature) = text.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let header: JwsHeader = serde_json::from_slice(&base64::decode(header)?).ok()?;
        let claims = serde_json::from_slice(&base64::decode(payload)?).ok()?;
        let is_understood = header.crit.is_none();
        is_understood.then_some(())?;
        Some(Self { header, claims, signing_input: signing_input.to_owned(), signature: base64::decode(signature)? })
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a time, in whole seconds since 1970.
    #[must_use]
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        value.as_i64().or_else(|| value.as_f64().and_then(whole))
    }

    /// Whether a claim that is a text or a list of texts has this one (RFC 7519 §4.1.3).
    #[must_use]
    pub fn has(&self, name: &str, wanted: &str) -> bool {
        match self.claims.get(name) {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Array(texts)) => texts.iter().any(|text| text.as_str() == Some(wanted)),
            _ => false,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(number: f64) -> Option<i64> {
    (0.0..=1e11).contains(&number).then_some(number as i64)
}

/// The text to sign for a header and claims in JSON.
#[must_use]
pub fn signing_input(header: &str, claims: &str) -> String {
    format!("{}.{}", base64::encode_url(header.as_bytes()), base64::encode_url(claims.as_bytes()))
}

/// The compact form of a signed text.
#[must_use]
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", base64::encode_url(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_another_form_are_not_parsed() {
        let whole = |header: &str, claims: &str| format!("{}.AAAA", signing_input(header, claims));
        assert!(Jws::parse(&whole(r#"{"alg":"none"}"#, r#"{"exp":1.5,"aud":["a","b"]}"#)).is_some_and(|jws| {
            jws.seconds("exp") == Some(1) && jws.has("aud", "b") && !jws.has("aud", "c") && jws.text("aud").is_none()
        }));
        for text in [
            String::new(),
            "a.b".to_owned(),
            "..".to_owned(),
            whole(r#"{"typ":"JWT"}"#, "{}"),
            whole(r#"{"alg":"ES256","crit":["exp"]}"#, "{}"),
            whole(r#"{"alg":"ES256"}"#, "{"),
            format!("{}=!", whole(r#"{"alg":"ES256"}"#, "{}")),
            whole(r#"{"alg":"ES256"}"#, &format!("{{\"a\":\"{}\"}}", "a".repeat(LENGTH_MAX))),
        ] {
            assert_eq!(Jws::parse(&text), None, "{text}");
        }
    }
}
