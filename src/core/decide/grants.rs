//! Commands of OAuth clients with a token in hand: code exchange, refresh, introspection and revocation.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::grants::{ExchangeCode, IntrospectToken, RefreshTokens};
//!
//! assert_eq!(ExchangeCode::NAME, "exchange_code");
//! assert_eq!(IntrospectToken::NAME, "introspect_token");
//! assert_eq!(RefreshTokens::NAME, "refresh_tokens");
//! ```

use serde::{Deserialize, Serialize};

use super::connections::{ConnectionChanged, Issued};
use super::issue::NewRefreshToken;
use super::tokens::{TokenRevoked, require_connectable};
use super::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::access::{Action, Actor, Principal, Relation, allows};
use crate::core::app::{App, ClientType};
use crate::core::command::{Authority, Command};
use crate::core::digest::Digest;
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{EventType, TokenData};
use crate::core::handle::HandleKind;
use crate::core::params::Lifetimes;
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, Mutation, Reads, StoredResponse};
use crate::core::status::Status;
use crate::core::token::{EndKind, Token, TokenKind};
use crate::core::token_ref::TokenRef;
use crate::core::user::User;
use crate::core::verdict::Verdict;

/// The reason of the revocation of a family whose code or refresh token was presented again.
const REPLAYED: &str = "A consumed token was presented again.";

const ACCESS_AND_REFRESH: &[HandleKind] = &[HandleKind::AccessToken, HandleKind::RefreshToken];

/// The outcome of an exchange or a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granted {
    /// Tokens were issued.
    Issued(Box<Issued>),
    /// The code or refresh token was consumed before: its family is revoked now.
    Replayed(Box<Verdict>),
}

/// Exchanges an authorization code for tokens (RFC 6749 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeCode {
    /// The code: a connection token, named by its secret.
    pub code: TokenRef,
    /// The redirect URI that the client claims to have used.
    pub redirect_uri: Option<String>,
    /// The S256 challenge of the client's verifier.
    pub code_challenge: Option<Digest>,
    /// The validity of the tokens.
    pub lifetimes: Lifetimes,
}

impl Command for ExchangeCode {
    const NAME: &'static str = "exchange_code";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Granted;

    fn mints(&self) -> &'static [HandleKind] {
        ACCESS_AND_REFRESH
    }
}

impl UserCommand for ExchangeCode {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        Reads::token(&self.code)
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_redemption()
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, stored: &StoredResponse) -> Result<bool, DecisionError> {
        cx.may_reissue(cx.connection_of(cx.snapshot.token()?)?, stored)
    }

    fn is_stored(outcome: &Granted) -> bool {
        matches!(outcome, Granted::Issued(_))
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Granted, DecisionError> {
        let (user, code) = (cx.user()?, cx.granted_token(&self.code, TokenKind::ConnectionToken)?);
        // A client without the verifier is not the client of the code. It revokes nothing.
        self.verify_client(cx.client()?, code)?;
        if let Some(replayed) = cx.replayed(user, code, changes) {
            return Ok(replayed);
        }
        cx.require_valid(user, code)?;
        require_connectable(user)?;
        cx.end_token(EndKind::Consumed, user, code, None, changes);
        let activated = cx.activate(user, code, changes)?.ok_or(DecisionError::NotFound(Resource::Token))?;
        let (scope, family) = (code.facts.scope.as_ref(), Some(code.token_id.clone()));
        cx.issue(user, &activated.connection, scope, family, self.lifetimes, changes)
            .map(|issued| Granted::Issued(Box::new(issued)))
    }
}

impl ExchangeCode {
    /// Checks the redirect URI of the authorization and the verifier of its challenge (RFC 6749 §4.1.3, RFC 7636 §4.6).
    ///
    /// A public client needs a challenge. A verifier for a code without a challenge is a sign of an injected code
    /// (RFC 9700 §2.1.1).
    fn verify_client(&self, app: &App, code: &Token) -> Result<(), DecisionError> {
        let is_same_uri = match (code.facts.redirect_uri.as_deref(), self.redirect_uri.as_deref()) {
            (None, None) => true,
            (None, Some(claimed)) => app.has_redirect_uri(claimed),
            (expected, claimed) => expected == claimed,
        };
        if !is_same_uri {
            return Err(DecisionError::RedirectUriMismatch);
        }
        match (&code.grant.code_challenge, &self.code_challenge) {
            (None, None) if app.registration.client_type == ClientType::Confidential => Ok(()),
            (Some(expected), Some(claimed)) if expected == claimed => Ok(()),
            _ => Err(DecisionError::VerifierMismatch),
        }
    }
}

/// Gets new tokens for a refresh token (RFC 6749 §6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokens {
    /// The refresh token, named by its secret.
    pub token: TokenRef,
    /// The scopes of the access token; all granted scopes if `None`.
    pub scope: Option<Scope>,
    /// The validity of the tokens.
    pub lifetimes: Lifetimes,
}

impl Command for RefreshTokens {
    const NAME: &'static str = "refresh_tokens";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Granted;

    fn mints(&self) -> &'static [HandleKind] {
        ACCESS_AND_REFRESH
    }
}

impl UserCommand for RefreshTokens {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        Reads::token(&self.token)
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_redemption()
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, stored: &StoredResponse) -> Result<bool, DecisionError> {
        cx.may_reissue(cx.connection_of(cx.snapshot.token()?)?, stored)
    }

    fn is_stored(outcome: &Granted) -> bool {
        matches!(outcome, Granted::Issued(_))
    }

    /// A public client's refresh token rotates: it is consumed, and the next one expires when it would have. A
    /// confidential client's refresh token stays and lives on from its last use.
    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Granted, DecisionError> {
        let (user, token) = (cx.user()?, cx.granted_token(&self.token, TokenKind::RefreshToken)?);
        if let Some(replayed) = cx.replayed(user, token, changes) {
            return Ok(replayed);
        }
        cx.require_valid(user, token)?;
        let granted = token.facts.scope.as_ref();
        let scope = grant_scope(self.scope.as_ref(), granted)?;
        let connection = cx.connection_of(token)?;
        let refresh = match cx.client()?.registration.client_type {
            ClientType::Public => {
                cx.record_end(EndKind::Consumed, user, token, None, changes);
                Some(NewRefreshToken {
                    scope: granted,
                    expires_at: token.expires_at.ok_or(DecisionError::Inconsistent)?,
                    lifetime: token.grant.lifetime,
                    replaces: Some(token),
                })
            }
            ClientType::Confidential => {
                let until = token.grant.lifetime.map(|seconds| cx.after(seconds));
                if let Some(until) = until.filter(|until| token.expires_at.is_some_and(|at| at < *until)) {
                    changes.push(Mutation::ExtendToken(token.digest.key(), until));
                }
                None
            }
        };
        let (family, seconds) = (token.grant.family.clone(), self.lifetimes.access);
        cx.issue_pair(user, connection, scope.as_ref(), family, seconds, refresh.as_ref(), changes)
            .map(|issued| Granted::Issued(Box::new(issued)))
    }
}

/// Introspects a token (RFC 7662). The outcome is `None` for a token that does not exist, that is not issued under a
/// connection, or that the caller may not see. The verdict can be terminal, so that the Worker remembers that the token is
/// dead; clients only learn of a verdict that is `valid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntrospectToken {
    /// The token, named by its secret.
    pub token: TokenRef,
}

impl Command for IntrospectToken {
    const NAME: &'static str = "introspect_token";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<Verdict>;
}

impl UserCommand for IntrospectToken {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { tokens: vec![self.token.clone()], ..Reads::default() }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        match cx.principal {
            Principal::Holder => Err(DecisionError::Forbidden),
            _ => Ok(()),
        }
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Option<Verdict>, DecisionError> {
        let (Some(user), Ok(token)) = (&cx.snapshot.user, cx.snapshot.token()) else {
            return Ok(None);
        };
        let action = match token.kind {
            TokenKind::AccessToken => Action::Introspect,
            TokenKind::RefreshToken => Action::IntrospectRefreshToken,
            TokenKind::ConnectionToken | TokenKind::ApiKey => return Ok(None),
        };
        Ok(allows(cx.relation_to(token), action).then(|| cx.verdict(user, token)))
    }
}

/// Revokes a token as its client (RFC 7009). The outcome is `None` for a token that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeGrantToken {
    /// The token, named by its secret.
    pub token: TokenRef,
}

impl Command for RevokeGrantToken {
    const NAME: &'static str = "revoke_grant_token";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<TokenRevoked>;
}

impl UserCommand for RevokeGrantToken {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { family_alive: true, ..Reads::token(&self.token) }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        match (cx.principal, cx.snapshot.token()) {
            (Principal::App(_), Ok(token)) if !allows(cx.relation_to(token), Action::RevokeGrant) => {
                Err(DecisionError::WrongClient)
            }
            (Principal::App(_), _) | (_, Err(_)) => Ok(()),
            _ => Err(DecisionError::Forbidden),
        }
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Option<TokenRevoked>, DecisionError> {
        if cx.snapshot.user.is_none() || cx.snapshot.token().is_err() {
            return Ok(None);
        }
        cx.revoke_token(None, changes).map(Some)
    }
}

/// Revokes the connection that an access token was issued under, for the holder of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeConnectionOfToken {
    /// The access token, named by its secret.
    pub token: TokenRef,
}

impl Command for RevokeConnectionOfToken {
    const NAME: &'static str = "revoke_connection_of_token";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ConnectionChanged;
}

impl UserCommand for RevokeConnectionOfToken {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::token(&self.token)
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.snapshot.token()?;
        if allows(cx.relation(), Action::EndConnection) { Ok(()) } else { Err(DecisionError::Forbidden) }
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<ConnectionChanged, DecisionError> {
        let (user, token) = (cx.user()?, cx.granted_token(&self.token, TokenKind::AccessToken)?);
        let verdict = cx.verdict(user, token);
        if verdict.status().is_terminal() {
            return Err(DecisionError::TokenNotActive(Box::new(verdict)));
        }
        let connection = cx.connection_of(token)?;
        let by_app = cx.acting_as(Actor::app(&connection.app_id));
        Ok(by_app.revoke_connection(user, connection, None, changes))
    }
}

impl DecisionContext<'_> {
    /// Checks that the principal is the client of the token that it presents.
    fn authorize_redemption(&self) -> Result<(), DecisionError> {
        if !matches!(self.principal, Principal::App(_)) {
            return match self.snapshot.token() {
                Ok(_) => Err(DecisionError::Forbidden),
                Err(unknown) => Err(unknown),
            };
        }
        let token = self.snapshot.token()?;
        let is_client = allows(self.relation_to(token), Action::RedeemGrant);
        if is_client { Ok(()) } else { Err(DecisionError::NotFound(Resource::Token)) }
    }

    /// The relation of the principal to a token.
    fn relation_to(&self, token: &Token) -> Relation {
        match self.principal {
            Principal::App(app_id) if token.facts.app_id.as_ref() == Some(app_id) => Relation::Client,
            Principal::App(_) => Relation::Stranger,
            _ => self.relation(),
        }
    }

    /// The token that the caller presents, if it is of this kind. A public id proves nothing and is not the token.
    fn granted_token(&self, presented: &TokenRef, kind: TokenKind) -> Result<&Token, DecisionError> {
        let token = self.snapshot.token()?;
        let holds = presented.digest() == Some(&token.digest);
        if holds && token.kind == kind { Ok(token) } else { Err(DecisionError::NotFound(Resource::Token)) }
    }

    /// The registration of the client.
    fn client(&self) -> Result<&App, DecisionError> {
        self.app.ok_or(DecisionError::ClientInvalid)
    }

    /// The outcome for a code or refresh token that was consumed before: one of two parties presents a stolen token, and
    /// nobody knows which. So its family is revoked (RFC 9700 §4.14.2). The event is emitted once.
    fn replayed(&self, user: &User, token: &Token, changes: &mut ChangeSet) -> Option<Granted> {
        let verdict = self.verdict(user, token);
        if verdict.status() != Status::Consumed {
            return None;
        }
        if !token.grant.replayed {
            changes.push(Mutation::MarkReplayed(token.digest.key()));
            self.emit_token_event(EventType::TokenReplayed, user, token, &TokenData::of(token), changes);
            self.revoke_family(token, Some(REPLAYED), changes);
        }
        Some(Granted::Replayed(Box::new(verdict)))
    }
}
