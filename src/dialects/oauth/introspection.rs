//! The answer of introspection (RFC 7662 §2.2).

use serde::Serialize;

use crate::core::{AppId, Scope, Timestamp, TokenId, TokenKind, UserId, Verdict};

/// The answer of introspection. A token that is not active has nothing but `active`.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Introspection {
    /// Whether the token is an access or refresh token that the caller may see and that can be used.
    active: bool,
    /// The facts about an active token.
    #[serde(flatten)]
    facts: Option<IntrospectionFacts>,
}

/// The facts about an active token.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct IntrospectionFacts {
    /// The scopes of the token. Absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    /// The app that the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<AppId>,
    /// `Bearer` for an access token. Absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When the token expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    /// When the token was issued, in seconds since 1970.
    iat: u64,
    /// The issuer: the address of the deployment.
    iss: String,
    /// The id of the user.
    sub: UserId,
    /// The public id of the token.
    jti: TokenId,
    /// Until when a resource server may reuse this answer, in seconds since 1970 (`LEASE_SECONDS`). A time that is over
    /// means: ask again for every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<u64>,
}

impl Introspection {
    /// The answer for an active token.
    #[must_use]
    pub fn of(verdict: &Verdict, issuer: &str) -> Self {
        let facts = IntrospectionFacts {
            scope: verdict.facts.scope.clone(),
            client_id: verdict.facts.app_id.clone(),
            token_type: (verdict.kind == TokenKind::AccessToken).then_some("Bearer"),
            exp: verdict.expires_at.map(Timestamp::unix),
            iat: verdict.created_at.unix(),
            iss: issuer.to_owned(),
            sub: verdict.user_id.clone(),
            jti: verdict.token_id.clone(),
            valid_until: verdict.valid_until().map(Timestamp::unix),
        };
        Self { active: true, facts: Some(facts) }
    }
}
