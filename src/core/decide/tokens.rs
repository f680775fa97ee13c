//! Tokens: minted, checked, consumed, revoked.

use super::{Case, grant};
use crate::core::answer::Outcome;
use crate::core::app::App;
use crate::core::cutoff::{Cutoff, Kinds, Reach};
use crate::core::event::EventType;
use crate::core::order::{Order, Page};
use crate::core::refusal::Refusal;
use crate::core::scope::Scope;
use crate::core::status::{Standing, Status};
use crate::core::target::TokenName;
use crate::core::time::Timestamp;
use crate::core::token::{CONNECTION_TOKEN_TTL_MAX, Facts, Grant, How, Token, TokenKind};
use crate::core::user::User;
use crate::core::verdict::Verdict;
use crate::core::view::{Change, Writes};

impl Case<'_> {
    pub(super) fn mint(&self, user: &User, order: &Order, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let principal = &self.request.principal;
        match order.kind {
            TokenKind::ConnectionToken => {
                if !user.profile.connectable {
                    return Err(Refusal::NotConnectable);
                }
                if !order.ttl.is_some_and(|ttl| (1..=CONNECTION_TOKEN_TTL_MAX).contains(&ttl)) {
                    return Err(Refusal::TtlOutOfRange);
                }
            }
            TokenKind::ApiKey => {
                if !principal.may_act_as(&user.user_id, &user.profile) {
                    return Err(Refusal::Forbidden);
                }
            }
            // They are issued under a connection.
            TokenKind::AccessToken | TokenKind::RefreshToken => return Err(Refusal::Corrupt),
        }
        let mut facts = order.facts(principal);
        let expires_at = order.ttl.map(|seconds| self.now.plus_seconds(i64::from(seconds)));
        if order.app_id.is_some() {
            let app = self.request.app.as_ref().ok_or(Refusal::AppUnknown)?;
            facts.scope = within(app, order)?;
            facts.connection_id = Some(self.initiate(user, app, facts.scope.as_ref(), expires_at, writes)?);
        }
        let limited = order.kind == TokenKind::ApiKey && !principal.may_become(&user.user_id);
        let grant = Grant { code_challenge: order.code_challenge.clone(), limited, ..Grant::default() };
        let token = self.fresh(order.kind, expires_at, facts, grant)?;
        Ok(Outcome::Minted(self.add(user, token, writes)))
    }

    /// A token of what was minted for the request.
    pub(super) fn fresh(
        &self,
        kind: TokenKind,
        expires_at: Option<Timestamp>,
        facts: Facts,
        grant: Grant,
    ) -> Result<Token, Refusal> {
        let fresh = self.request.minting.token(kind)?;
        Ok(Token {
            token_id: fresh.token_id.clone(),
            digest: fresh.digest.clone(),
            kind,
            created_at: self.now,
            expires_at,
            end: None,
            settled: false,
            facts,
            grant,
        })
    }

    /// Adds a live token.
    pub(super) fn add(&self, user: &User, token: Token, writes: &mut Writes) -> Verdict {
        let actor = self.actor.clone();
        writes.tell_of_token(EventType::TokenCreated, actor, user, &token, self.now, None);
        let verdict = Verdict::of(&user.user_id, &token, Standing::Valid, self.now);
        writes.changes.push(Change::AddToken(token));
        verdict
    }

    pub(super) fn check(&self, user: &User) -> Outcome {
        let mut verdicts = Vec::new();
        for token in &self.view.tokens {
            verdicts.push(token.as_ref().map(|token| self.verdict(user, token)));
        }
        Outcome::Checked { verdicts, as_of: self.now }
    }

    /// Uses a connection token: the first to come wins, for ever.
    pub(super) fn consume(&self, user: &User, name: &TokenName, writes: &mut Writes) -> Result<Outcome, Refusal> {
        if !matches!(name, TokenName::Secret(TokenKind::ConnectionToken, _)) {
            return Err(Refusal::NotAConnectionToken);
        }
        let token = self.token()?;
        self.usable(user, token)?;
        let verdict = self.end(How::Consumed, user, token, None, writes);
        let connection = self.activate(user, token, writes)?;
        Ok(Outcome::Consumed(verdict, user.clone(), connection))
    }

    /// Takes a token back. One that is dead already stays what it was, and is said so. A refresh token takes along what
    /// came of the same authorization.
    pub(super) fn revoke_token(
        &self,
        user: &User,
        reason: Option<&str>,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let token = self.token()?;
        let standing = self.view.status(token, self.now);
        let previous = standing.status();
        if previous.is_terminal() {
            // Whoever ends a refresh token that was replaced means the one in its place.
            if previous == Status::Consumed && self.view.family_lives {
                self.cut_family(token, reason, writes);
            }
            let verdict = Verdict::of(&user.user_id, token, standing, self.now);
            return Ok(Outcome::Revoked { previous, verdict });
        }
        let verdict = self.end(How::Revoked, user, token, reason, writes);
        if token.kind == TokenKind::RefreshToken {
            self.cut_family(token, reason, writes);
        }
        Ok(Outcome::Revoked { previous, verdict })
    }

    /// Revokes all that came of the same authorization as a token.
    pub(super) fn cut_family(&self, token: &Token, reason: Option<&str>, writes: &mut Writes) {
        let family = token.grant.family.as_ref().unwrap_or(&token.token_id);
        self.cut(self.now, Reach::Family(family.clone()), Kinds::ALL, reason, writes);
    }

    /// Revokes what was minted up to a time and is within reach.
    pub(super) fn cut(&self, before: Timestamp, reach: Reach, kinds: Kinds, reason: Option<&str>, writes: &mut Writes) {
        let (by, reason) = (self.actor.clone(), reason.map(str::to_owned));
        writes.changes.push(Change::AddCutoff(Cutoff { before, reach, kinds, at: self.now, by, reason }));
    }

    pub(super) fn list_tokens(
        &self,
        user: &User,
        page: Page,
        wanted: Option<Status>,
        kind: Option<TokenKind>,
    ) -> Outcome {
        let show = |(_, token): &(u64, Token)| {
            let verdict = self.verdict(user, token);
            let is_wanted =
                wanted.is_none_or(|wanted| verdict.status() == wanted) && kind.is_none_or(|kind| verdict.kind == kind);
            is_wanted.then_some(verdict)
        };
        let (items, next) = page.list(&self.view.token_page, |(seq, _)| *seq, show);
        Outcome::Tokens(items, next)
    }

    pub(super) fn verdict(&self, user: &User, token: &Token) -> Verdict {
        Verdict::of(&user.user_id, token, self.view.status(token, self.now), self.now)
    }

    /// The one token that the command names.
    pub(super) fn token(&self) -> Result<&Token, Refusal> {
        self.view.tokens.first().and_then(Option::as_ref).ok_or(Refusal::TokenUnknown)
    }

    /// Refuses a token that cannot be used now.
    pub(super) fn usable(&self, user: &User, token: &Token) -> Result<(), Refusal> {
        match self.view.status(token, self.now) {
            Standing::Valid => Ok(()),
            Standing::Inactive => Err(self.connection_is(user, self.above(token)?)),
            dead @ Standing::Dead { .. } => {
                Err(Refusal::Dead(Box::new(Verdict::of(&user.user_id, token, dead, self.now))))
            }
        }
    }

    /// Records the end of a live token.
    pub(super) fn end(
        &self,
        how: How,
        user: &User,
        token: &Token,
        reason: Option<&str>,
        writes: &mut Writes,
    ) -> Verdict {
        let by = self.actor.clone();
        let (event_type, dead) = match how {
            How::Consumed => (EventType::TokenConsumed, Status::Consumed),
            How::Revoked => (EventType::TokenRevoked, Status::Revoked),
        };
        writes.tell_of_token(event_type, by.clone(), user, token, self.now, reason);
        let standing = Standing::Dead { status: dead, at: self.now, by: Some(by), reason: reason.map(str::to_owned) };
        let verdict = Verdict::of(&user.user_id, token, standing, self.now);
        writes.changes.push(Change::Settle { digest: token.digest.clone(), verdict: verdict.clone() });
        verdict
    }
}

/// The scope to mint a token with, if the app may have that and have users sent there.
fn within(app: &App, order: &Order) -> Result<Option<Scope>, Refusal> {
    if order.redirect_uri.as_deref().is_some_and(|uri| !app.registers(uri)) {
        return Err(Refusal::RedirectUriUnregistered);
    }
    grant(order.scope.as_ref(), app.registration.scopes.as_ref())
}
