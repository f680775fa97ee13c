//! Tokens: created, checked, consumed and revoked.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
//!
//! assert_eq!(CheckTokens::NAME, "check_tokens");
//! assert_eq!(ConsumeToken::NAME, "consume_token");
//! assert_eq!(MintToken::NAME, "mint_token");
//! assert_eq!(RevokeToken::NAME, "revoke_token");
//! ```

use serde::{Deserialize, Serialize};

use super::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::app::ClientType;
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::cutoff::{CutoffScope, RevocationCutoff, TokenKindSet};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{EventType, TokenData};
use crate::core::handle::HandleKind;
use crate::core::ids::{AppId, UserId};
use crate::core::params::{MintKind, MintParams};
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads, StoredResponse};
use crate::core::status::{DeadStatus, Death, Status, TokenState};
use crate::core::time::Timestamp;
use crate::core::token::{
    CONNECTION_TOKEN_TTL_MAX, EndKind, Grant, Token, TokenEnd, TokenFacts, TokenKind, TokenPurpose,
};
use crate::core::token_ref::TokenRef;
use crate::core::user::User;
use crate::core::verdict::{ConnectionVerdict, Verdict};

/// Creates a connection token or an API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintToken {
    /// The user that the token belongs to.
    pub user_id: UserId,
    /// The parameters of the token.
    pub params: MintParams,
}

impl Command for MintToken {
    const NAME: &'static str = "mint_token";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Verdict;

    fn mints(&self) -> &'static [HandleKind] {
        match (self.params.kind, &self.params.app_id) {
            (MintKind::ConnectionToken, None) => &[HandleKind::ConnectionToken],
            (MintKind::ConnectionToken, Some(_)) => &[HandleKind::ConnectionToken, HandleKind::ConnectionId],
            (MintKind::ApiKey, _) => &[HandleKind::ApiKey],
        }
    }
}

impl UserCommand for MintToken {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        let connections = match (&self.params.app_id, self.params.purpose) {
            (Some(app_id), TokenPurpose::Authorization) => ConnectionSelection::NewestOf(app_id.clone()),
            (_, TokenPurpose::Account) | (None, _) => ConnectionSelection::None,
        };
        Reads { connections, ..Reads::default() }
    }

    fn app_id(&self) -> Option<&AppId> {
        self.params.app_id.as_ref()
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    /// The write rule of users, and for API keys [`Principal::may_create_key_for`](crate::core::Principal).
    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_writer(Some(&self.user_id))?;
        let user = cx.user()?;
        match self.params.kind {
            MintKind::ApiKey if !cx.principal.may_create_key_for(&user.user_id, &user.profile) => {
                Err(DecisionError::Forbidden)
            }
            MintKind::ApiKey | MintKind::ConnectionToken => Ok(()),
        }
    }

    /// A full API key is given again only to a principal that may create one now.
    fn may_repeat(&self, cx: &DecisionContext<'_>, _: &StoredResponse) -> Result<bool, DecisionError> {
        let is_full = |token: &Token| token.kind == TokenKind::ApiKey && !token.grant.limited;
        let gives_full_key = cx.snapshot.reissued.iter().any(is_full);
        if gives_full_key && !cx.principal.may_create_unlimited_key_for(&cx.user()?.user_id) {
            return Err(DecisionError::Forbidden);
        }
        Ok(true)
    }

    /// The token has its metadata: the stored answer does without.
    fn redact(outcome: &mut Verdict) {
        outcome.facts.metadata = None;
    }

    fn restore(outcome: &mut Verdict, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        let token = cx.snapshot.reissued.iter().find(|token| token.token_id == outcome.token_id);
        outcome.facts.metadata = token.and_then(|token| token.facts.metadata.clone());
        cx.update_verdict(outcome)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Verdict, DecisionError> {
        let (user, params) = (cx.user()?, &self.params);
        if params.kind == MintKind::ConnectionToken {
            require_connectable(user)?;
            check_ttl(params.ttl)?;
        }
        let expires_at = params.ttl.map(|seconds| cx.after(seconds));
        let mut facts = TokenFacts {
            created_by: cx.actor.clone(),
            app_id: params.app_id.clone(),
            scope: params.scope.clone(),
            redirect_uri: params.redirect_uri.clone(),
            label: params.label.clone(),
            metadata: params.metadata.clone(),
            connection_id: None,
            purpose: params.purpose,
        };
        if params.app_id.is_some() {
            let app = cx.app.ok_or(DecisionError::NotFound(Resource::App))?;
            if params.redirect_uri.as_deref().is_some_and(|uri| !app.has_redirect_uri(uri)) {
                return Err(DecisionError::RedirectUriUnregistered);
            }
            // The redirect URI would receive a code that a public app cannot exchange (RFC 7636).
            let receives_code = params.redirect_uri.is_some() && params.purpose == TokenPurpose::Authorization;
            if receives_code && params.code_challenge.is_none() && app.registration.client_type == ClientType::Public {
                return Err(DecisionError::ChallengeRequired);
            }
            facts.scope = grant_scope(params.scope.as_ref(), app.registration.scopes.as_ref())?;
            let scope = facts.scope.as_ref();
            facts.connection_id = Some(match params.purpose {
                TokenPurpose::Authorization => cx.initiate(user, app, scope, expires_at, changes)?,
                TokenPurpose::Account => cx.begin(user, app, scope, expires_at, changes)?,
            });
        }
        let limited = params.kind == MintKind::ApiKey && !cx.principal.may_create_unlimited_key_for(&user.user_id);
        let grant = Grant { code_challenge: params.code_challenge.clone(), limited, ..Grant::default() };
        let token = cx.new_token(params.kind.into(), expires_at, facts, grant)?;
        Ok(cx.add_token(user, token, changes))
    }
}

/// Checks that the user may be connected. If not, no principal creates or consumes a connection token or creates a
/// connection, and the age of the token does not matter. Existing connections stay.
pub(super) fn require_connectable(user: &User) -> Result<(), DecisionError> {
    if user.profile.connectable { Ok(()) } else { Err(DecisionError::NotConnectable) }
}

/// Checks the validity of a connection token, in seconds.
fn check_ttl(ttl: Option<u32>) -> Result<(), DecisionError> {
    let (min, max) = (1, CONNECTION_TOKEN_TTL_MAX);
    if !ttl.is_some_and(|ttl| (min..=max).contains(&ttl)) {
        return Err(DecisionError::TtlOutOfRange { min, max });
    }
    Ok(())
}

/// Checks tokens of one user. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckTokens {
    /// The tokens to check.
    pub tokens: Vec<TokenRef>,
}

/// The outcome of [`CheckTokens`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// A verdict for each token, in the same order; `None` for a token that does not exist.
    pub verdicts: Vec<Option<Verdict>>,
    /// When the verdicts were true.
    pub as_of: Timestamp,
}

impl Command for CheckTokens {
    const NAME: &'static str = "check_tokens";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Checked;
}

impl UserCommand for CheckTokens {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { tokens: self.tokens.clone(), ..Reads::default() }
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Checked, DecisionError> {
        let user = cx.user()?;
        let verdict = |token: &Option<Token>| token.as_ref().map(|token| cx.verdict(user, token));
        Ok(Checked { verdicts: cx.snapshot.tokens.iter().map(verdict).collect(), as_of: cx.now })
    }
}

/// Consumes a connection token. The first request wins, and no other ever does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumeToken {
    /// The token, named by its secret.
    pub token: TokenRef,
}

/// The outcome of [`ConsumeToken`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumed {
    /// The verdict on the token, which is consumed now.
    pub verdict: Verdict,
    /// The user that the token belongs to.
    pub user: User,
    /// The connection that the token was for.
    pub connection: Option<ConnectionVerdict>,
}

impl Command for ConsumeToken {
    const NAME: &'static str = "consume_token";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Consumed;
}

impl UserCommand for ConsumeToken {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::token(&self.token)
    }

    fn restore(outcome: &mut Consumed, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        outcome.connection.as_mut().map_or(Ok(()), |connection| cx.update_connection(connection))
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Consumed, DecisionError> {
        cx.consume(&self.token, changes)
    }
}

/// Revokes a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeToken {
    /// The token to revoke.
    pub token: TokenRef,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// The outcome of [`RevokeToken`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// The status before.
    pub previous: Status,
    /// The verdict now.
    pub verdict: Verdict,
}

impl Command for RevokeToken {
    const NAME: &'static str = "revoke_token";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = TokenRevoked;
}

impl UserCommand for RevokeToken {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads { family_alive: true, ..Reads::token(&self.token) }
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<TokenRevoked, DecisionError> {
        cx.revoke_token(self.reason.as_deref(), changes)
    }
}

impl DecisionContext<'_> {
    /// The verdict on a token of the ledger.
    pub(super) fn verdict(&self, user: &User, token: &Token) -> Verdict {
        Verdict::of(&user.user_id, token, self.snapshot.state(token, self.now), self.now)
    }

    /// Replaces the verdict of a stored answer with the present one, if the token cannot be used any more.
    fn update_verdict(&self, stored: &mut Verdict) -> Result<(), DecisionError> {
        let found = self.snapshot.reissued.iter().find(|token| token.token_id == stored.token_id);
        let now = self.verdict(self.user()?, found.ok_or(DecisionError::NotFound(Resource::Token))?);
        if now.status() != stored.status() && now.status() != Status::Valid {
            *stored = now;
        }
        Ok(())
    }

    /// Builds a token from the handle that was created for the request.
    pub(super) fn new_token(
        &self,
        kind: TokenKind,
        expires_at: Option<Timestamp>,
        facts: TokenFacts,
        grant: Grant,
    ) -> Result<Token, DecisionError> {
        let minted = self.minted.token(kind)?;
        Ok(Token {
            token_id: minted.token_id.clone(),
            digest: minted.digest.clone(),
            kind,
            created_at: self.now,
            expires_at,
            end: None,
            expiry_recorded: false,
            facts,
            grant,
        })
    }

    /// Adds a live token and its event.
    pub(super) fn add_token(&self, user: &User, token: Token, changes: &mut ChangeSet) -> Verdict {
        self.emit_token_event(EventType::TokenCreated, user, &token, &TokenData::of(&token), changes);
        let verdict = Verdict::of(&user.user_id, &token, TokenState::Valid, self.now);
        changes.push(Mutation::AddToken(token));
        verdict
    }

    pub(super) fn emit_token_event(
        &self,
        event_type: EventType,
        user: &User,
        token: &Token,
        data: &TokenData<'_>,
        changes: &mut ChangeSet,
    ) {
        let subject = EventSubject::Token(token);
        changes.emit_event(event_type, self.actor.clone(), &user.user_id, subject, self.now, data);
    }

    /// Consumes the connection token that the command names, and activates its connection.
    pub(super) fn consume(&self, token: &TokenRef, changes: &mut ChangeSet) -> Result<Consumed, DecisionError> {
        if !matches!(token, TokenRef::Secret { kind: TokenKind::ConnectionToken, .. }) {
            return Err(DecisionError::NotAConnectionToken);
        }
        let (user, token) = (self.user()?, self.snapshot.token()?);
        self.require_valid(user, token)?;
        require_connectable(user)?;
        let verdict = self.end_token(EndKind::Consumed, user, token, None, changes);
        let connection = self.activate(user, token, changes)?;
        Ok(Consumed { verdict, user: user.clone(), connection })
    }

    /// Revokes the token that the command names. A dead token keeps its status. Revoking a refresh token revokes its
    /// family; so does revoking one that was replaced, because the caller means its successor. The event names
    /// the token that the command names.
    pub(super) fn revoke_token(
        &self,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) -> Result<TokenRevoked, DecisionError> {
        let (user, token) = (self.user()?, self.snapshot.token()?);
        let verdict = self.verdict(user, token);
        let previous = verdict.status();
        if previous.is_terminal() {
            let is_replaced = previous == Status::Consumed && token.kind == TokenKind::RefreshToken;
            if is_replaced && self.snapshot.family_alive {
                let data = TokenData { reason, ..TokenData::of(token) };
                self.emit_token_event(EventType::TokenRevoked, user, token, &data, changes);
                self.revoke_family(token, reason, changes);
            }
            return Ok(TokenRevoked { previous, verdict });
        }
        let verdict = self.end_token(EndKind::Revoked, user, token, reason, changes);
        if token.kind == TokenKind::RefreshToken {
            self.revoke_family(token, reason, changes);
        }
        Ok(TokenRevoked { previous, verdict })
    }

    /// Records the end of a live token and emits its event.
    pub(super) fn end_token(
        &self,
        kind: EndKind,
        user: &User,
        token: &Token,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) -> Verdict {
        let event_type = match kind {
            EndKind::Consumed => EventType::TokenConsumed,
            EndKind::Revoked => EventType::TokenRevoked,
        };
        self.emit_token_event(event_type, user, token, &TokenData { reason, ..TokenData::of(token) }, changes);
        self.record_end(kind, user, token, reason, changes)
    }

    /// Records the end of a live token without an event.
    pub(super) fn record_end(
        &self,
        kind: EndKind,
        user: &User,
        token: &Token,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) -> Verdict {
        let status = match kind {
            EndKind::Consumed => DeadStatus::Consumed,
            EndKind::Revoked => DeadStatus::Revoked,
        };
        let (at, by, reason) = (self.now, self.actor.clone(), reason.map(str::to_owned));
        let end = TokenEnd { kind, at, by: by.clone(), reason: reason.clone() };
        changes.push(Mutation::EndToken(token.digest.key(), end));
        let state = TokenState::Dead(Death { status, at, by: Some(by), reason });
        Verdict::of(&user.user_id, token, state, self.now)
    }

    /// Revokes every token of the same authorization as a token.
    pub(super) fn revoke_family(&self, token: &Token, reason: Option<&str>, changes: &mut ChangeSet) {
        let family = token.grant.family.as_ref().unwrap_or(&token.token_id);
        self.add_cutoff(CutoffScope::Family(family.clone()), TokenKindSet::ALL, reason, changes);
    }

    /// Revokes everything in a scope that was created up to now.
    pub(super) fn add_cutoff(
        &self,
        scope: CutoffScope,
        kinds: TokenKindSet,
        reason: Option<&str>,
        changes: &mut ChangeSet,
    ) {
        let (before, at, by, reason) = (self.now, self.now, self.actor.clone(), reason.map(str::to_owned));
        changes.push(Mutation::AddCutoff(RevocationCutoff { before, scope, kinds, at, by, reason }));
    }

    /// Checks that a token can be used now.
    pub(super) fn require_valid(&self, user: &User, token: &Token) -> Result<(), DecisionError> {
        let verdict = self.verdict(user, token);
        match verdict.state {
            TokenState::Valid => Ok(()),
            TokenState::Inactive => Err(self.invalid_state(user, self.connection_of(token)?)),
            TokenState::Dead(_) => Err(DecisionError::TokenNotActive(Box::new(verdict))),
        }
    }

    /// The connection of a token.
    pub(super) fn connection_of(&self, token: &Token) -> Result<&Connection, DecisionError> {
        self.snapshot.connection_of(token).ok_or(DecisionError::Inconsistent)
    }

    /// The status of a connection now.
    pub(super) fn status_of(&self, connection: &Connection) -> ConnectionStatus {
        self.snapshot.connection_status(connection, self.now)
    }
}
