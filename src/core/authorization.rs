//! Authorization requests of apps, sealed into a login challenge.
//!
//! The authorize endpoint stores nothing: the request travels with the browser to the operator's sign-in page and on to the
//! consent page, encrypted and authenticated with the deployment's key. A challenge is `hch_` and base64url.

use serde::{Deserialize, Serialize};

use super::audience::Audience;
use super::base64;
use super::digest::Digest;
use super::ids::AppId;
use super::keys::Keyring;
use super::rule::Rule;
use super::scope::Scope;
use super::sealed::Sealed;
use super::time::Timestamp;

/// The prefix of a challenge.
pub const PREFIX: &str = "hch_";
/// How long a user has to sign in, and then to answer the consent page, in seconds: ten minutes each.
pub const SIGN_IN_TTL: u32 = 600;
/// The owner of a sealed request.
const OWNER: &str = "authorization";

/// The parameter `prompt` of an authorization request (OpenID Connect Core §3.1.2.1): words that the operator's sign-in page
/// interprets. Hookswitch itself knows `consent` and `none`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompt(String);

impl Prompt {
    /// Parses a list of words. It is at most 128 bytes long.
    ///
    /// # Errors
    /// The [`Rule`] that the text breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if text.len() > 128 || !text.split(' ').all(is_word) {
            return Err(Rule::new("must be words separated by single spaces, 128 characters at most"));
        }
        let prompt = Self(text.to_owned());
        if prompt.has("none") && prompt.0 != "none" {
            return Err(Rule::new("must have no other word beside none"));
        }
        Ok(prompt)
    }

    /// Iterates over the words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether the prompt has this word.
    #[must_use]
    pub fn has(&self, wanted: &str) -> bool {
        self.words().any(|word| word == wanted)
    }
}

/// A valid authorization request of an app (RFC 6749 §4.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The app that asks for access.
    pub app_id: AppId,
    /// The redirect URI, as the app sent it.
    pub redirect_uri: String,
    /// The S256 challenge of the app (RFC 7636).
    pub code_challenge: Digest,
    /// The scopes that the app asks for; all of its scopes if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The resource servers that the app wants to call (RFC 8707).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// The state of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The questions of the sign-in page to the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// The account that the app expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// The scheme, host and port that the browser sent the request to. Its cookie belongs to them.
    pub origin: String,
    /// The digest of the cookie of the browser that sent the request. It also identifies the request.
    pub browser: Digest,
    /// By when the user must have signed in.
    pub expires_at: Timestamp,
}

impl AuthorizationRequest {
    /// Whether the app asks that the user is not asked.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.prompt.as_ref().is_some_and(|prompt| prompt.has("none"))
    }

    /// Whether the app asks that the user is asked, even if the user agreed before.
    #[must_use]
    pub fn asks_for_consent(&self) -> bool {
        self.prompt.as_ref().is_some_and(|prompt| prompt.has("consent"))
    }
}

impl Keyring {
    /// Seals a request into a challenge. `nonce` must be random. Returns `None` if the request cannot be sealed.
    #[must_use]
    pub fn seal_request(&self, request: &AuthorizationRequest, nonce: [u8; 12]) -> Option<String> {
        let sealed = self.seal(OWNER, &serde_json::to_string(request).ok()?, nonce)?;
        let bytes = hex::decode(sealed.as_str()).ok()?;
        let text = base64::encode(&bytes).replace('+', "-").replace('/', "_");
        Some(format!("{PREFIX}{}", text.trim_end_matches('=')))
    }

    /// Opens a challenge; `None` if this deployment did not seal it, or dropped the secret that it was sealed with. The
    /// caller checks its validity.
    #[must_use]
    pub fn open_request(&self, challenge: &str) -> Option<AuthorizationRequest> {
        let bytes = base64::decode(challenge.strip_prefix(PREFIX)?)?;
        let json = self.unseal(OWNER, &Sealed::stored(hex::encode(bytes)))?;
        serde_json::from_str(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            app_id: AppId::stored("crm".to_owned()),
            redirect_uri: "https://app.example/".to_owned(),
            code_challenge: Digest::of(b"verifier"),
            scope: None,
            audience: None,
            state: Some("s".to_owned()),
            prompt: None,
            login_hint: None,
            origin: "https://hookswitch.example".to_owned(),
            browser: Digest::of(b"cookie"),
            expires_at: Timestamp::from_millis(1_000),
        }
    }

    #[test]
    fn only_a_challenge_of_this_deployment_opens() {
        let keyring = Keyring::new(&[7; 32], &[]).unwrap();
        let challenge = keyring.seal_request(&request(), [9; 12]).unwrap();
        assert!(
            challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
            "{challenge}"
        );
        assert_eq!(keyring.open_request(&challenge), Some(request()));
        assert_eq!(Keyring::new(&[8; 32], &[]).unwrap().open_request(&challenge), None);
        assert!(Keyring::new(&[8; 32], &[vec![7; 32]]).unwrap().open_request(&challenge).is_some());
        let changed = challenge.replacen(if challenge.contains('A') { 'A' } else { 'B' }, "C", 1);
        for forged in [changed, challenge.replace("hch_", "hct_"), "hch_".to_owned()] {
            assert_eq!(keyring.open_request(&forged), None);
        }
        let webhook = keyring.seal("webhook:a", &serde_json::to_string(&request()).unwrap(), [9; 12]).unwrap();
        let moved = base64::encode(&hex::decode(webhook.as_str()).unwrap());
        assert_eq!(keyring.open_request(&format!("hch_{moved}")), None);
    }

    #[test]
    fn a_prompt_is_a_list_of_words_and_none_stands_alone() {
        for text in ["login", "none", "login consent", "select_account"] {
            assert!(Prompt::parse(text).is_ok(), "{text}");
        }
        for text in ["", "login  consent", "none login", "Login", "a\n"] {
            assert!(Prompt::parse(text).is_err(), "{text}");
        }
    }
}
