//! Tokens that are issued under a connection: shared by the commands that issue them.

use super::DecisionContext;
use super::connections::Issued;
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::error::DecisionError;
use crate::core::event::{EventType, TokenData};
use crate::core::ids::TokenId;
use crate::core::params::Lifetimes;
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, Mutation, StoredResponse};
use crate::core::status::{Status, TokenState};
use crate::core::time::Timestamp;
use crate::core::token::{EndKind, Grant, Token, TokenFacts, TokenKind, TokenPurpose};
use crate::core::user::User;
use crate::core::verdict::Verdict;

/// The refresh token to issue together with an access token.
pub(super) struct NewRefreshToken<'a> {
    /// The scopes of the tokens.
    pub(super) scope: Option<&'a Scope>,
    /// When it expires.
    pub(super) expires_at: Timestamp,
    /// How long it lives on after a use that does not replace it, in seconds.
    pub(super) lifetime: Option<u32>,
    /// The refresh token that it replaces.
    pub(super) replaces: Option<&'a Token>,
}

impl DecisionContext<'_> {
    /// Issues an access token, and a refresh token if `lifetimes` has one, for an authorization. `family` is the code that
    /// was exchanged; without a code the refresh token starts a family.
    pub(super) fn issue(
        &self,
        user: &User,
        connection: &Connection,
        scope: Option<&Scope>,
        family: Option<TokenId>,
        lifetimes: Lifetimes,
        changes: &mut ChangeSet,
    ) -> Result<Issued, DecisionError> {
        let family = match (family, lifetimes.refresh) {
            (None, Some(_)) => Some(self.minted.token(TokenKind::RefreshToken)?.token_id.clone()),
            (family, _) => family,
        };
        let refresh = lifetimes.refresh.map(|seconds| NewRefreshToken {
            scope,
            expires_at: self.after(seconds),
            lifetime: Some(seconds),
            replaces: None,
        });
        self.issue_pair(user, connection, scope, family, lifetimes.access, refresh.as_ref(), changes)
    }

    /// Issues an access token that lives `seconds`, and a refresh token if one is given. Both are one event.
    #[expect(clippy::too_many_arguments, reason = "each is a different part of one authorization")]
    pub(super) fn issue_pair(
        &self,
        user: &User,
        connection: &Connection,
        scope: Option<&Scope>,
        family: Option<TokenId>,
        seconds: u32,
        refresh: Option<&NewRefreshToken<'_>>,
        changes: &mut ChangeSet,
    ) -> Result<Issued, DecisionError> {
        let grant = Grant { family: family.clone(), ..Grant::default() };
        let facts = self.issued_facts(connection, scope);
        let access = self.new_token(TokenKind::AccessToken, Some(self.after(seconds)), facts, grant)?;
        let replaced_token_id = refresh.and_then(|refresh| refresh.replaces).map(|token| &token.token_id);
        let refresh = match refresh {
            None => None,
            Some(new) => {
                let grant = Grant { family, lifetime: new.lifetime, ..Grant::default() };
                let facts = self.issued_facts(connection, new.scope);
                Some(self.new_token(TokenKind::RefreshToken, Some(new.expires_at), facts, grant)?)
            }
        };
        let refresh_token_id = refresh.as_ref().map(|token| &token.token_id);
        let data = TokenData { refresh_token_id, replaced_token_id, ..TokenData::of(&access) };
        self.emit_token_event(EventType::TokenCreated, user, &access, &data, changes);
        let mut add = |token: Token| {
            let verdict = Verdict::of(&user.user_id, &token, TokenState::Valid, self.now);
            changes.push(Mutation::AddToken(token));
            verdict
        };
        Ok(Issued { access: add(access), refresh: refresh.map(add) })
    }

    /// The facts of a token that is issued under a connection.
    pub(super) fn issued_facts(&self, connection: &Connection, scope: Option<&Scope>) -> TokenFacts {
        TokenFacts {
            created_by: self.actor.clone(),
            app_id: Some(connection.app_id.clone()),
            scope: scope.cloned(),
            redirect_uri: None,
            label: None,
            metadata: None,
            connection_id: Some(connection.id.clone()),
            purpose: TokenPurpose::Authorization,
        }
    }

    /// Whether the tokens of a stored answer may be given out again.
    ///
    /// They may not if the connection or one of the tokens is revoked: the request is refused like a new one. For
    /// a rotating refresh token (`idempotency.grace`) they may not if the grace period is over or the new refresh token was
    /// used: then the answer did not get lost, and somebody else presents the token.
    pub(super) fn may_reissue(&self, connection: &Connection, stored: &StoredResponse) -> Result<bool, DecisionError> {
        let user = self.user()?;
        if self.status_of(connection) != ConnectionStatus::Active {
            return Err(self.invalid_state(user, connection));
        }
        if let Some((idempotency, grace)) = self.idempotency.and_then(|key| Some((key, key.grace?))) {
            let consumed = |token: &Token| token.end.as_ref().is_some_and(|end| end.kind == EndKind::Consumed);
            let mut issued = self.snapshot.reissued.iter();
            let is_used = issued.any(|token| token.kind == TokenKind::RefreshToken && consumed(token));
            let used_at = self.snapshot.token()?.end.as_ref().map(|end| end.at);
            let in_grace = used_at.is_some_and(|at| at.plus_seconds(i64::from(grace)) >= self.now);
            let has_same_key =
                idempotency.request != idempotency.key && idempotency.request == stored.idempotency.request;
            if is_used || !(in_grace || has_same_key) {
                return Ok(false);
            }
        }
        for token in &self.snapshot.reissued {
            let verdict = self.verdict(user, token);
            if verdict.status() == Status::Revoked {
                return Err(DecisionError::TokenNotActive(Box::new(verdict)));
            }
        }
        Ok(true)
    }
}
