//! Client assertions: JWTs with which a client authenticates (RFC 7523 §3, OpenID Connect Core §9, `private_key_jwt`).
//!
//! ```
//! use hookswitch::core::client_assertion::ClientAssertion;
//! use hookswitch::core::jws::signing_input;
//!
//! let claims = r#"{"iss":"crm","sub":"crm","aud":"https://a.example","exp":60,"jti":"1"}"#;
//! let text = format!("{}.AAAA", signing_input(r#"{"alg":"ES256"}"#, claims));
//! assert_eq!(ClientAssertion::parse(&text).unwrap().app_id.as_str(), "crm");
//! ```

use super::digest::Digest;
use super::ids::AppId;
use super::jwk::Algorithm;
use super::jws::Jws;
use super::time::Timestamp;

/// The value of `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest validity of an assertion, in seconds. Its use is remembered for longer.
const LIFE_MAX: i64 = 3_600;
/// The difference between the clocks of a client and of the deployment that is tolerated, in seconds.
const SKEW: i64 = 30;
/// The longest `jti`, in bytes.
const JTI_MAX: usize = 256;

/// A client assertion whose signature was not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAssertion {
    /// The client that the assertion names.
    pub app_id: AppId,
    /// The algorithm of the signature.
    pub algorithm: Algorithm,
    /// The digest of `jti`, by which a second use is recognised.
    pub jti: Digest,
    /// The signed text.
    pub jws: Jws,
}

impl ClientAssertion {
    /// Parses an assertion; `None` if it can never be one: it names no client twice, no `jti`, or another algorithm.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let jws = Jws::parse(text)?;
        let app_id = jws.text("sub").filter(|sub| jws.text("iss") == Some(sub))?.parse().ok()?;
        let algorithm = jws.header.alg.parse().ok()?;
        let jti = jws.text("jti").filter(|jti| (1..=JTI_MAX).contains(&jti.len()))?;
        let jti = Digest::of_parts(&[b"client assertion", jti.as_bytes()]);
        Some(Self { app_id, algorithm, jti, jws })
    }

    /// Whether the assertion is for one of these audiences, and valid at this time.
    #[must_use]
    pub fn is_valid(&self, audiences: &[&str], now: Timestamp) -> bool {
        let now = i64::try_from(now.unix()).unwrap_or(i64::MAX);
        let left = self.jws.seconds("exp").map_or(i64::MIN, |exp| exp.saturating_sub(now));
        let has_begun = |name| self.jws.seconds(name).is_none_or(|at| at <= now.saturating_add(SKEW));
        let is_for_us = audiences.iter().any(|audience| self.jws.has("aud", audience));
        is_for_us && (-SKEW..=LIFE_MAX.saturating_add(SKEW)).contains(&left) && has_begun("nbf") && has_begun("iat")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::jws::signing_input;

    fn parse(alg: &str, claims: &str) -> Option<ClientAssertion> {
        ClientAssertion::parse(&format!("{}.AAAA", signing_input(&format!(r#"{{"alg":"{alg}"}}"#), claims)))
    }

    #[test]
    fn an_assertion_names_its_client_twice_and_has_an_id() {
        let claims = r#"{"iss":"a","sub":"a","jti":"1"}"#;
        assert!(parse("ES256", claims).is_some() && parse("RS256", claims).is_some());
        for alg in ["none", "HS256", "ES384", "es256", ""] {
            assert_eq!(parse(alg, claims), None, "{alg}");
        }
        for claims in [
            "{}",
            r#"{"iss":"a","jti":"1"}"#,
            r#"{"iss":"a","sub":"b","jti":"1"}"#,
            r#"{"iss":"a","sub":"a"}"#,
            r#"{"iss":"a","sub":"a","jti":""}"#,
            r#"{"iss":"a","sub":"a","jti":1}"#,
            r#"{"iss":"","sub":"","jti":"1"}"#,
            r#"["iss"]"#,
        ] {
            assert_eq!(parse("ES256", claims), None, "{claims}");
        }
    }

    #[test]
    fn an_assertion_is_for_the_deployment_and_for_a_short_time() {
        let is_valid = |rest: &str| {
            let claims = format!(r#"{{"iss":"a","sub":"a","jti":"1",{rest}}}"#);
            let now = Timestamp::from_millis(1_000_000);
            parse("ES256", &claims).unwrap().is_valid(&["https://a.example", "https://a.example/token"], now)
        };
        for (rest, expected) in [
            (r#""aud":"https://a.example","exp":1060"#, true),
            (r#""aud":["https://b.example","https://a.example/token"],"exp":1060.5,"iat":999,"nbf":1000"#, true),
            (r#""aud":"https://a.example","exp":970"#, true),
            (r#""aud":"https://a.example","exp":969"#, false),
            (r#""aud":"https://a.example","exp":4630"#, true),
            (r#""aud":"https://a.example","exp":4631"#, false),
            (r#""aud":"https://a.example","exp":"1060""#, false),
            (r#""aud":"https://a.example""#, false),
            (r#""aud":"https://a.example/","exp":1060"#, false),
            (r#""aud":[],"exp":1060"#, false),
            (r#""exp":1060"#, false),
            (r#""aud":"https://a.example","exp":1060,"nbf":1031"#, false),
            (r#""aud":"https://a.example","exp":1060,"iat":1031"#, false),
        ] {
            assert_eq!(is_valid(rest), expected, "{rest}");
        }
    }
}
