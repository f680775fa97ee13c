//! The token endpoint: requests and answers (RFC 6749 §§4.1.3, 5.1 and 6; RFC 7636).

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::core::params::Lifetimes;
use crate::core::{NamedToken, Rule, Scope, TokenKind, pkce};
use crate::dialects::field::{Field, not_empty};
use crate::dialects::validator::{Validate, Validator};
use crate::operations::oauth::{Exchange, Refresh};
use crate::operations::{ApiError, Context, oauth};

/// The default validity of access and refresh tokens: an hour, and 90 days.
pub const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(7_776_000) };

/// A request for tokens. Other parameters are ignored, and empty ones count as absent (RFC 6749 §3.2).
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    grant_type: Field<String>,
    /// The authorization code, which is a connection token. Required for `authorization_code`.
    #[serde(default, deserialize_with = "not_empty")]
    code: Field<String>,
    /// The redirect URI of the authorization. Required if the authorization had one.
    #[serde(default, deserialize_with = "not_empty")]
    redirect_uri: Field<String>,
    /// The verifier of the code's challenge. Required for public clients.
    #[serde(default, deserialize_with = "not_empty")]
    code_verifier: Field<CodeVerifier>,
    /// The refresh token. Required for `refresh_token`.
    #[serde(default, deserialize_with = "not_empty")]
    refresh_token: Field<String>,
    /// The scopes of the new access token: a part of the granted scopes.
    #[serde(default, deserialize_with = "not_empty")]
    scope: Field<Scope>,
    /// The client, unless it authenticates with HTTP Basic.
    #[serde(default, deserialize_with = "not_empty")]
    #[expect(dead_code, reason = "described here, and read by the client authentication")]
    client_id: Field<String>,
    /// The secret of a confidential client, unless it authenticates with HTTP Basic.
    #[serde(default, deserialize_with = "not_empty")]
    #[expect(dead_code, reason = "described here, and read by the client authentication")]
    client_secret: Field<String>,
}

/// A code verifier (RFC 7636 §4.1).
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
pub struct CodeVerifier(
    #[cfg_attr(feature = "openapi", schemars(length(min = 43, max = 128), regex(pattern = r"^[A-Za-z0-9._~-]+$")))]
    String,
);

impl FromStr for CodeVerifier {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        pkce::parse_verifier(text).map(Self)
    }
}

/// The grant that a client presents to get tokens.
pub enum PresentedGrant {
    /// An authorization code.
    AuthorizationCode {
        /// The code to exchange.
        code: String,
        /// The redirect URI that the client claims to have used.
        redirect_uri: Option<String>,
        /// The verifier of the code's challenge.
        code_verifier: Option<String>,
    },
    /// A refresh token.
    RefreshToken {
        /// The refresh token.
        token: String,
        /// The scopes of the new access token.
        scope: Option<Scope>,
    },
    /// Something that no client can present here.
    Unsupported,
}

impl PresentedGrant {
    /// The refresh token that the client presents, if it presents one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        match self {
            Self::RefreshToken { token, .. } => Some(token),
            Self::AuthorizationCode { .. } | Self::Unsupported => None,
        }
    }
}

impl Validate for TokenRequest {
    type Valid = PresentedGrant;

    fn validate(self, check: &mut Validator<'_>) -> Option<PresentedGrant> {
        match check.required("grant_type", self.grant_type.unless_empty())?.as_str() {
            "authorization_code" => {
                let code = check.required("code", self.code);
                let redirect_uri = check.optional("redirect_uri", self.redirect_uri);
                let code_verifier = check.optional("code_verifier", self.code_verifier).map(|CodeVerifier(text)| text);
                Some(PresentedGrant::AuthorizationCode { code: code?, redirect_uri, code_verifier })
            }
            "refresh_token" => {
                let token = check.required("refresh_token", self.refresh_token);
                let scope = check.optional("scope", self.scope);
                Some(PresentedGrant::RefreshToken { token: token?, scope })
            }
            _ => Some(PresentedGrant::Unsupported),
        }
    }
}

/// The tokens that a client gets.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TokenResponse {
    /// The access token: `hat_` and 48 hex digits.
    pub access_token: String,
    /// The type of the access token.
    pub token_type: &'static str,
    /// The seconds until the access token expires.
    pub expires_in: u64,
    /// The refresh token: `hrt_` and 48 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The scopes of the access token. Absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// Issues tokens for a grant.
///
/// # Errors
/// [`ApiError::UnsupportedGrantType`], and those of the operation.
pub async fn issue(cx: &Context<'_>, grant: PresentedGrant, lifetimes: Lifetimes) -> Result<TokenResponse, ApiError> {
    let presented = |text: &str, kind| NamedToken::of(cx.config.keyring.open(text)).by_secret(kind);
    let issued = match grant {
        PresentedGrant::AuthorizationCode { code, redirect_uri, code_verifier } => {
            let code = presented(&code, TokenKind::ConnectionToken);
            let code_challenge = code_verifier.map(|verifier| pkce::challenge(&verifier));
            oauth::exchange(cx, Exchange { code, redirect_uri, code_challenge, lifetimes }).await?
        }
        PresentedGrant::RefreshToken { token, scope } => {
            let token = presented(&token, TokenKind::RefreshToken);
            oauth::refresh(cx, Refresh { token, scope, lifetimes }).await?
        }
        PresentedGrant::Unsupported => return Err(ApiError::UnsupportedGrantType),
    };
    // A repeated answer is older than the request: fewer seconds are left.
    let since = issued.access.created_at.max(cx.now);
    let left = issued.access.expires_at.map_or(0, |expires_at| expires_at.seconds_since(since));
    Ok(TokenResponse {
        access_token: issued.access_token,
        token_type: "Bearer",
        expires_in: u64::try_from(left).unwrap_or_default(),
        refresh_token: issued.refresh.map(|refresh| refresh.secret),
        scope: issued.access.facts.scope,
    })
}
