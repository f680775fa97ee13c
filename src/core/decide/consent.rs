//! What a connection token asks of its user, answered by whoever holds it: the link page.
//!
//! Yes uses the token, as [`Command::Consume`](crate::core::Command::Consume) does, and has the same outcome. Where the token says where its user
//! goes on to, the same write mints a code for the app: a connection token of a few minutes, for the same connection,
//! scope, redirect URI and challenge. The code is a family of its own. So a code that comes again at the token endpoint
//! ends what it issued, while the link that comes again ends nothing: many see a link who never had the code.

use super::Case;
use crate::core::access::{Actor, Principal};
use crate::core::answer::Outcome;
use crate::core::app::App;
use crate::core::command::Consent;
use crate::core::connection::ConnectionStatus;
use crate::core::refusal::Refusal;
use crate::core::status::Standing;
use crate::core::target::TokenName;
use crate::core::token::{Facts, Grant, TokenKind};
use crate::core::user::User;
use crate::core::view::Writes;

/// How long a code lives that a browser carries to the app, in seconds: RFC 6749 §4.1.2 has ten minutes as the most.
const CODE_TTL: u32 = 300;
/// Why a token is revoked whose user said no.
const DECLINED: &str = "The user declined.";

/// Where whoever answers a connection token is sent back to; nowhere, where the token names no app or no URI. The app is
/// the one that the token names, as it is registered now.
///
/// # Errors
/// [`Refusal::AppUnknown`], and [`Refusal::RedirectUriUnregistered`] where the app has taken the URI back since.
pub fn way_back<'a>(facts: &'a Facts, app: Option<&App>) -> Result<Option<&'a str>, Refusal> {
    let Some(app_id) = &facts.app_id else {
        return Ok(None);
    };
    let app = app.filter(|app| app.app_id == *app_id).ok_or(Refusal::AppUnknown)?;
    match facts.redirect_uri.as_deref() {
        Some(uri) if !app.registers(uri) => Err(Refusal::RedirectUriUnregistered),
        uri => Ok(uri),
    }
}

impl<'a> Case<'a> {
    /// The user whose connection token it is. Whoever holds that is taken for the user: that is what the token is for.
    pub(super) fn authorize_consent(&self, name: &TokenName) -> Result<&'a User, Refusal> {
        let held = matches!(name, TokenName::Secret(TokenKind::ConnectionToken, _));
        match (&self.view.user, self.view.tokens.first()) {
            (Some(user), Some(Some(_))) if held && self.request.principal == Principal::Holder => Ok(user),
            _ => Err(Refusal::TokenUnknown),
        }
    }

    pub(super) fn of_consent(
        &self,
        user: &User,
        name: &TokenName,
        consent: Consent,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let by_user = Case { actor: Actor::user(&user.user_id), ..*self };
        match consent {
            Consent::Approve => by_user.approve(user, name, writes),
            Consent::Decline => by_user.decline(user, writes),
        }
    }

    fn approve(&self, user: &User, name: &TokenName, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let consumed = self.consume(user, name, writes)?;
        let token = self.token()?;
        let Some(redirect_uri) = way_back(&token.facts, self.request.app.as_ref())? else {
            return Ok(consumed);
        };
        let mut facts = self.facts(self.above(token)?, token.facts.scope.as_ref());
        facts.redirect_uri = Some(redirect_uri.to_owned());
        let grant = Grant { code_challenge: token.grant.code_challenge.clone(), ..Grant::default() };
        let code = self.fresh(TokenKind::ConnectionToken, Some(self.after(CODE_TTL)), facts, grant)?;
        Ok(Outcome::Minted(self.add(user, code, writes)))
    }

    fn decline(&self, user: &User, writes: &mut Writes) -> Result<Outcome, Refusal> {
        match self.revoke_token(user, Some(DECLINED), writes)? {
            Outcome::Revoked { previous, verdict } if previous.is_terminal() => Err(Refusal::Dead(Box::new(verdict))),
            revoked => Ok(revoked),
        }
    }

    /// Whether an answer that comes again may be answered as it was. Not once its code was used, since given out again
    /// that would end what the app has by now; nor once the connection was ended, or the app has taken the URI back.
    pub(super) fn stands(&self, consent: Consent) -> Result<bool, Refusal> {
        let token = self.token()?;
        if consent == Consent::Approve {
            way_back(&token.facts, self.request.app.as_ref())?;
        }
        let is_unspent = self.view.reissued.iter().all(|code| self.view.status(code, self.now) == Standing::Valid);
        let above = token.facts.connection_id.as_ref().and_then(|id| self.view.connection(id));
        let is_active = above.is_none_or(|above| self.status(above) == ConnectionStatus::Active);
        Ok(is_unspent && (is_active || consent == Consent::Decline))
    }
}
