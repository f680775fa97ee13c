//! Verdicts in responses.

use serde::Serialize;

use crate::core::rfc3339::Rfc3339;
use crate::core::status::{DeadStatus, Death};
use crate::core::token::TokenFacts;
use crate::core::{
    Actor, AppId, ConnectionId, Json, Scope, Source, Status, TokenId, TokenKind, TokenState, UserId, Verdict,
};

/// The status of a token with its times, actor and reason. It contains no secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Verdict"))]
pub(super) struct VerdictResponse {
    /// The status of the token.
    status: Status,
    /// When the verdict was true.
    as_of: Rfc3339,
    /// Until when the verdict may be reused (`LEASE_SECONDS`): the end of its lease, or `as_of` if it has none. Null if the
    /// status is final: the verdict is true forever.
    valid_until: Option<Rfc3339>,
    /// Where the verdict comes from.
    source: Source,
    /// The user that the token belongs to.
    user_id: UserId,
    /// The public id of the token.
    token_id: TokenId,
    /// The kind of token.
    kind: TokenKind,
    /// When the token was created.
    created_at: Rfc3339,
    /// When the token expires or expired; null if it does not expire.
    expires_at: Option<Rfc3339>,
    /// When the token was consumed.
    consumed_at: Option<Rfc3339>,
    /// When the token was revoked.
    revoked_at: Option<Rfc3339>,
    /// Why the token was revoked, in the caller's words.
    reason: Option<String>,
    /// The actor that consumed or revoked the token.
    by: Option<Actor>,
    #[serde(flatten)]
    facts: FactsResponse,
}

impl From<Verdict> for VerdictResponse {
    fn from(verdict: Verdict) -> Self {
        let (status, source, valid_until) = (verdict.status(), verdict.source(), verdict.valid_until().map(Rfc3339));
        let Verdict { user_id, token_id, kind, created_at, expires_at, facts, state, as_of, .. } = verdict;
        let (mut consumed_at, mut revoked_at, mut by, mut reason) = (None, None, None, None);
        if let TokenState::Dead(Death { status, at, by: actor, reason: words }) = state {
            match status {
                DeadStatus::Consumed => consumed_at = Some(Rfc3339(at)),
                DeadStatus::Revoked => revoked_at = Some(Rfc3339(at)),
                DeadStatus::Expired => {}
            }
            (by, reason) = (actor, words);
        }
        Self {
            status,
            as_of: Rfc3339(as_of),
            valid_until,
            source,
            user_id,
            token_id,
            kind,
            created_at: Rfc3339(created_at),
            expires_at: expires_at.map(Rfc3339),
            consumed_at,
            revoked_at,
            reason,
            by,
            facts: facts.into(),
        }
    }
}

/// The facts about a token that never change.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct FactsResponse {
    /// The actor that created the token.
    created_by: Actor,
    /// The app that the token connects, or that it was issued to.
    app_id: Option<AppId>,
    /// The connection that the token completes, or that it was issued under.
    connection_id: Option<ConnectionId>,
    /// The scopes that the app gets.
    scope: Option<Scope>,
    /// The URI to which the user returns.
    redirect_uri: Option<String>,
    /// The label that the caller chose.
    label: Option<String>,
    /// The data that the caller stored with the token.
    metadata: Option<Json>,
}

impl From<TokenFacts> for FactsResponse {
    fn from(facts: TokenFacts) -> Self {
        let TokenFacts { created_by, app_id, scope, redirect_uri, label, metadata, connection_id, .. } = facts;
        Self { created_by, app_id, connection_id, scope, redirect_uri, label, metadata }
    }
}

/// The answer for a token that does not exist, that the caller may not see, or whose ledger did not answer.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct UnknownVerdict {
    /// `unknown`, or `unavailable` if the ledger did not answer: then check the token again.
    status: &'static str,
    /// When the verdict was true.
    as_of: Rfc3339,
}

impl UnknownVerdict {
    /// The answer at a time.
    pub(super) const fn at(as_of: Rfc3339) -> Self {
        Self { status: "unknown", as_of }
    }

    /// The answer for a token whose ledger did not answer.
    pub(super) const fn unavailable(as_of: Rfc3339) -> Self {
        Self { status: "unavailable", as_of }
    }
}
