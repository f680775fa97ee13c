//! Tokens issued under a connection.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::command::Command;
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::ids::TokenId;
use crate::core::order::Lifetimes;
use crate::core::refusal::Refusal;
use crate::core::scope::Scope;
use crate::core::status::Status;
use crate::core::time::Timestamp;
use crate::core::token::{Facts, Grant, How, TokenKind};
use crate::core::user::User;
use crate::core::verdict::Verdict;
use crate::core::view::{Earlier, Writes};

impl Case<'_> {
    /// Issues an access token, and a refresh token where it is to live at all. That is the first of a family, where they
    /// are of none.
    pub(super) fn issue(
        &self,
        user: &User,
        connection: &Connection,
        scope: Option<&Scope>,
        mut family: Option<TokenId>,
        lifetimes: Lifetimes,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        if family.is_none() && lifetimes.refresh.is_some() {
            family = Some(self.request.minting.token(TokenKind::RefreshToken)?.token_id.clone());
        }
        let access = self.issue_access(user, connection, scope, family.clone(), lifetimes.access, writes)?;
        let mut refresh = None;
        if let Some(seconds) = lifetimes.refresh {
            let life = (self.after(seconds), Some(seconds));
            refresh = Some(self.issue_refresh(user, connection, scope, family, life, writes)?);
        }
        Ok(Outcome::Issued { access, refresh })
    }

    /// Issues an access token that lives so many seconds.
    pub(super) fn issue_access(
        &self,
        user: &User,
        connection: &Connection,
        scope: Option<&Scope>,
        family: Option<TokenId>,
        seconds: u32,
        writes: &mut Writes,
    ) -> Result<Verdict, Refusal> {
        let grant = Grant { family, ..Grant::default() };
        let facts = self.facts(connection, scope);
        let token = self.fresh(TokenKind::AccessToken, Some(self.after(seconds)), facts, grant)?;
        Ok(self.add(user, token, writes))
    }

    /// Issues a refresh token that lives until then, and after a use that does not replace it, so many seconds.
    pub(super) fn issue_refresh(
        &self,
        user: &User,
        connection: &Connection,
        scope: Option<&Scope>,
        family: Option<TokenId>,
        (until, lifetime): (Timestamp, Option<u32>),
        writes: &mut Writes,
    ) -> Result<Verdict, Refusal> {
        let grant = Grant { family, lifetime, ..Grant::default() };
        let token = self.fresh(TokenKind::RefreshToken, Some(until), self.facts(connection, scope), grant)?;
        Ok(self.add(user, token, writes))
    }

    pub(super) fn after(&self, seconds: u32) -> Timestamp {
        self.now.plus_seconds(i64::from(seconds))
    }

    pub(super) fn facts(&self, connection: &Connection, scope: Option<&Scope>) -> Facts {
        Facts {
            created_by: self.actor.clone(),
            app_id: Some(connection.app_id.clone()),
            scope: scope.cloned(),
            redirect_uri: None,
            label: None,
            metadata: None,
            connection_id: Some(connection.id.clone()),
        }
    }

    /// Whether tokens that were issued to an earlier request may be given out again. Where they, or the connection, are
    /// revoked, that is refused as issuing anew would be. Where a refresh token's grace is over, or what came of it was
    /// used itself, it is not an answer that got lost, but somebody else's use.
    pub(super) fn reissues(&self, earlier: &Earlier) -> Result<bool, Refusal> {
        let user = self.view.user.as_ref().ok_or(Refusal::UserUnknown)?;
        let token = self.view.tokens.first().and_then(Option::as_ref);
        let connection = match &self.request.command {
            Command::OfConnection(id, _) => self.view.connection(id).ok_or(Refusal::ConnectionUnknown)?,
            _ => self.above(token.ok_or(Refusal::TokenUnknown)?)?,
        };
        if self.status(connection) != ConnectionStatus::Active {
            return Err(self.connection_is(user, connection));
        }
        if let Some((retry, grace)) = self.request.retry.as_ref().and_then(|retry| Some((retry, retry.grace?))) {
            let used_on = self.view.reissued.iter().any(|token| {
                token.kind == TokenKind::RefreshToken && token.end.as_ref().is_some_and(|end| end.how == How::Consumed)
            });
            let used_at = token.and_then(|token| token.end.as_ref()).map(|end| end.at);
            let in_grace = used_at.is_some_and(|at| at.plus_seconds(i64::from(grace)) >= self.now);
            let same_key = retry.request != retry.key && retry.request == earlier.retry.request;
            if used_on || !(in_grace || same_key) {
                return Ok(false);
            }
        }
        for token in &self.view.reissued {
            let verdict = self.verdict(user, token);
            if verdict.status() == Status::Revoked {
                return Err(Refusal::Dead(Box::new(verdict)));
            }
        }
        Ok(true)
    }
}
