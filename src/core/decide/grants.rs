//! What clients ask with a token in hand: OAuth's exchange of a code, refresh, introspection and revocation.

use super::{Case, grant};
use crate::core::Digest;
use crate::core::access::{Actor, Principal};
use crate::core::answer::Outcome;
use crate::core::app::{App, ClientType};
use crate::core::command::GrantAction;
use crate::core::event::EventType;
use crate::core::order::Lifetimes;
use crate::core::refusal::Refusal;
use crate::core::scope::Scope;
use crate::core::status::Status;
use crate::core::token::{How, Token, TokenKind};
use crate::core::user::User;
use crate::core::view::{Change, Writes};

/// Why what came of a token is revoked when that token comes again.
const REPLAYED: &str = "A token came again after it was used up.";

impl<'a> Case<'a> {
    /// The user whose token it is, if the principal may do this with it; none, where it is told that there is nothing.
    pub(super) fn authorize_grant(&self, action: &GrantAction) -> Result<Option<&'a User>, Refusal> {
        let found = self.view.tokens.first().and_then(Option::as_ref);
        let (Some(user), Some(token)) = (&self.view.user, found) else {
            let told = matches!(action, GrantAction::Introspect | GrantAction::Revoke);
            return if told { Ok(None) } else { Err(Refusal::TokenUnknown) };
        };
        let principal = &self.request.principal;
        let own = match (principal, action) {
            (Principal::App(_), GrantAction::Disconnect) => return Err(Refusal::Forbidden),
            (Principal::App(app_id), _) => token.facts.app_id.as_ref() == Some(app_id),
            (Principal::Holder, GrantAction::Disconnect) => true,
            (Principal::Root | Principal::User { .. }, GrantAction::Introspect) => {
                principal.may_write(&user.user_id, &user.profile)
            }
            (Principal::Root | Principal::User { .. } | Principal::Holder, _) => return Err(Refusal::Forbidden),
        };
        match action {
            _ if own => Ok(Some(user)),
            GrantAction::Introspect => Ok(None),
            GrantAction::Revoke => Err(Refusal::TokenOfAnother),
            _ => Err(Refusal::TokenUnknown),
        }
    }

    pub(super) fn of_grant(&self, user: &User, action: &GrantAction, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let token = self.token()?;
        let kind = match action {
            GrantAction::Exchange { .. } => Some(TokenKind::ConnectionToken),
            GrantAction::Refresh { .. } => Some(TokenKind::RefreshToken),
            GrantAction::Disconnect => Some(TokenKind::AccessToken),
            GrantAction::Introspect | GrantAction::Revoke => None,
        };
        if kind.is_some_and(|kind| kind != token.kind) {
            return Err(Refusal::TokenUnknown);
        }
        match action {
            GrantAction::Exchange { redirect_uri, code_challenge, lifetimes } => {
                // Whoever lacks the verifier is not who the code was for, and ends nothing.
                self.meets(token, redirect_uri.as_deref(), code_challenge.as_ref())?;
                match self.used_up(user, token, writes) {
                    Some(replayed) => Ok(replayed),
                    None => self.exchange(user, token, *lifetimes, writes),
                }
            }
            GrantAction::Refresh { scope, lifetimes } => match self.used_up(user, token, writes) {
                Some(replayed) => Ok(replayed),
                None => self.refresh(user, token, scope.as_ref(), *lifetimes, writes),
            },
            GrantAction::Introspect => {
                let verdict = self.verdict(user, token);
                let issued = matches!(token.kind, TokenKind::AccessToken | TokenKind::RefreshToken);
                Ok(if issued && verdict.status() == Status::Valid {
                    Outcome::Introspected(verdict)
                } else {
                    Outcome::Nothing
                })
            }
            GrantAction::Revoke => self.revoke_token(user, None, writes),
            GrantAction::Disconnect => self.disconnect(user, token, writes),
        }
    }

    /// Whether code and client are who they say: the redirect URI of the authorization, and the verifier of its
    /// challenge (RFC 6749 §4.1.3, RFC 7636 §4.6). A challenge is a must for a public client, and a verifier without
    /// one a sign of an injected code (RFC 9700 §2.1.1).
    fn meets(&self, code: &Token, redirect_uri: Option<&str>, challenge: Option<&Digest>) -> Result<(), Refusal> {
        let app = self.client()?;
        let sent = match (code.facts.redirect_uri.as_deref(), redirect_uri) {
            (None, None) => true,
            (None, Some(claimed)) => app.registers(claimed),
            (minted_for, claimed) => minted_for == claimed,
        };
        if !sent {
            return Err(Refusal::RedirectUriMismatch);
        }
        match (code.grant.code_challenge.as_ref(), challenge) {
            (None, None) if app.registration.client_type == ClientType::Confidential => Ok(()),
            (Some(minted_for), Some(claimed)) if minted_for == claimed => Ok(()),
            _ => Err(Refusal::VerifierMismatch),
        }
    }

    fn exchange(
        &self,
        user: &User,
        code: &Token,
        lifetimes: Lifetimes,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        self.usable(user, code)?;
        self.end(How::Consumed, user, code, None, writes);
        let activated = self.activate(user, code, writes)?.ok_or(Refusal::TokenUnknown)?;
        let (scope, family) = (code.facts.scope.as_ref(), Some(code.token_id.clone()));
        self.issue(user, &activated.connection, scope, family, lifetimes, writes)
    }

    /// A public client's refresh token is used up, and the next one lives as long as it would have; a confidential
    /// client's stays, and lives on from its last use.
    fn refresh(
        &self,
        user: &User,
        token: &Token,
        asked: Option<&Scope>,
        lifetimes: Lifetimes,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        self.usable(user, token)?;
        let granted = token.facts.scope.as_ref();
        let scope = grant(asked, granted)?;
        let connection = self.above(token)?;
        let family = token.grant.family.clone();
        let rotates = self.client()?.registration.client_type == ClientType::Public;
        let access = self.issue_access(user, connection, scope.as_ref(), family.clone(), lifetimes.access, writes)?;
        let refresh = if rotates {
            self.end(How::Consumed, user, token, None, writes);
            let until = token.expires_at.ok_or(Refusal::Corrupt)?;
            Some(self.issue_refresh(user, connection, granted, family, (until, token.grant.lifetime), writes)?)
        } else {
            let until = token.grant.lifetime.map(|seconds| self.after(seconds));
            if let Some(until) = until.filter(|until| token.expires_at.is_some_and(|at| at < *until)) {
                writes.changes.push(Change::Extend(token.digest.clone(), until));
            }
            None
        };
        Ok(Outcome::Issued { access, refresh })
    }

    /// What comes of a code or refresh token that was used up before: somebody has it who should not. Nobody can tell
    /// who of the two, so all that came of it is revoked (RFC 9700 §4.14.2), and told once.
    fn used_up(&self, user: &User, token: &Token, writes: &mut Writes) -> Option<Outcome> {
        let verdict = self.verdict(user, token);
        if verdict.status() != Status::Consumed {
            return None;
        }
        if !token.grant.replayed {
            writes.changes.push(Change::MarkReplayed(token.digest.clone()));
            let actor = self.actor.clone();
            writes.tell_of_token(EventType::TokenReplayed, actor, user, token, self.now, None);
            self.cut_family(token, Some(REPLAYED), writes);
        }
        Some(Outcome::Replayed(verdict))
    }

    /// Revokes the connection that an access token was issued under, for whoever holds that: its app.
    fn disconnect(&self, user: &User, token: &Token, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let verdict = self.verdict(user, token);
        if verdict.status().is_terminal() {
            return Err(Refusal::Dead(Box::new(verdict)));
        }
        let connection = self.above(token)?;
        let by_app = Case { actor: Actor::app(&connection.app_id), ..*self };
        Ok(by_app.revoke_connection(user, connection, None, writes))
    }

    /// The client's registration.
    fn client(&self) -> Result<&App, Refusal> {
        self.request.app.as_ref().ok_or(Refusal::ClientInvalid)
    }
}
