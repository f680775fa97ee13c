//! The link page: the holder of a connection token approves or declines what the token asks for.
//!
//! Approving consumes the token. If the token names a redirect URI, the same write creates a code for the app: a connection
//! token of five minutes for the same connection, scopes, redirect URI and challenge. The code has a family of its own, so
//! a code that is presented twice revokes what it issued, while a link that is opened twice revokes nothing: many people
//! see a link who never had the code.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::link::{ApproveLink, DeclineLink};
//!
//! assert_eq!(ApproveLink::NAME, "approve_link");
//! assert_eq!(DeclineLink::NAME, "decline_link");
//! ```

use serde::{Deserialize, Serialize};

use super::tokens::{Consumed, TokenRevoked, require_connectable};
use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::access::{Action, Actor, Relation, allows};
use crate::core::app::App;
use crate::core::command::{Authority, Command};
use crate::core::connection::ConnectionStatus;
use crate::core::error::{DecisionError, Resource};
use crate::core::handle::HandleKind;
use crate::core::ids::AppId;
use crate::core::snapshot::{ChangeSet, Reads, StoredResponse};
use crate::core::status::TokenState;
use crate::core::token::{Grant, TokenFacts, TokenKind, TokenPurpose};
use crate::core::token_ref::TokenRef;
use crate::core::verdict::Verdict;

/// The validity of a code that a browser carries to the app, in seconds. RFC 6749 §4.1.2 allows at most ten minutes.
const CODE_TTL: u32 = 300;
/// The reason of the revocation of a declined token.
const DECLINED: &str = "The user declined.";

/// The redirect URI to which the user returns after answering; `None` if the token names no app or no URI. `app` is the
/// registration of the app that the token names.
///
/// # Errors
/// The app does not exist any more, or has removed the redirect URI.
pub fn return_uri<'a>(facts: &'a TokenFacts, app: Option<&App>) -> Result<Option<&'a str>, DecisionError> {
    let Some(app_id) = &facts.app_id else {
        return Ok(None);
    };
    let app = app.filter(|app| app.app_id == *app_id).ok_or(DecisionError::NotFound(Resource::App))?;
    match facts.redirect_uri.as_deref() {
        Some(uri) if !app.has_redirect_uri(uri) => Err(DecisionError::RedirectUriUnregistered),
        uri => Ok(uri),
    }
}

/// Approves a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveLink {
    /// The connection token, named by its secret.
    pub token: TokenRef,
    /// The app that the page named.
    pub app_id: Option<AppId>,
}

/// The outcome of [`ApproveLink`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkApproved {
    /// The token was consumed.
    Consumed(Box<Consumed>),
    /// The token was consumed, and a code for the app was created.
    Code(Box<Verdict>),
}

impl Command for ApproveLink {
    const NAME: &'static str = "approve_link";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = LinkApproved;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ConnectionToken]
    }
}

impl UserCommand for ApproveLink {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        Reads::token(&self.token)
    }

    fn app_id(&self) -> Option<&AppId> {
        self.app_id.as_ref()
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_link(&self.token)
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, _: &StoredResponse) -> Result<bool, DecisionError> {
        let token = cx.snapshot.token()?;
        require_connectable(cx.user()?)?;
        return_uri(&token.facts, cx.app)?;
        let connection = cx.snapshot.connection_of(token);
        let is_active = connection.is_none_or(|connection| cx.status_of(connection) == ConnectionStatus::Active);
        Ok(cx.codes_are_unused() && is_active)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<LinkApproved, DecisionError> {
        let (user, token) = (cx.user()?, cx.snapshot.token()?);
        let by_user = cx.acting_as(Actor::user(&user.user_id));
        let consumed = by_user.consume(&self.token, changes)?;
        let return_uri = return_uri(&token.facts, cx.app)?;
        let Some(redirect_uri) = return_uri.filter(|_| token.facts.purpose == TokenPurpose::Authorization) else {
            return Ok(LinkApproved::Consumed(Box::new(consumed)));
        };
        let mut facts = by_user.issued_facts(cx.connection_of(token)?, token.facts.scope.as_ref());
        facts.redirect_uri = Some(redirect_uri.to_owned());
        let grant = Grant { code_challenge: token.grant.code_challenge.clone(), ..Grant::default() };
        let code = cx.new_token(TokenKind::ConnectionToken, Some(cx.after(CODE_TTL)), facts, grant)?;
        Ok(LinkApproved::Code(Box::new(by_user.add_token(user, code, changes))))
    }
}

/// Declines a link: the token is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclineLink {
    /// The connection token, named by its secret.
    pub token: TokenRef,
    /// The app that the page named.
    pub app_id: Option<AppId>,
}

impl Command for DeclineLink {
    const NAME: &'static str = "decline_link";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = TokenRevoked;
}

impl UserCommand for DeclineLink {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::token(&self.token)
    }

    fn app_id(&self) -> Option<&AppId> {
        self.app_id.as_ref()
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_link(&self.token)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<TokenRevoked, DecisionError> {
        let user = cx.user()?;
        let revoked = cx.acting_as(Actor::user(&user.user_id)).revoke_token(Some(DECLINED), changes)?;
        if revoked.previous.is_terminal() {
            return Err(DecisionError::TokenNotActive(Box::new(revoked.verdict)));
        }
        Ok(revoked)
    }
}

impl DecisionContext<'_> {
    /// Checks that the caller presented the connection token. Its holder acts as the user: this is the purpose of the token.
    fn authorize_link(&self, token: &TokenRef) -> Result<(), DecisionError> {
        let holds = matches!(token, TokenRef::Secret { kind: TokenKind::ConnectionToken, .. });
        let found = self.snapshot.user.is_some() && self.snapshot.token().is_ok();
        let is_holder = self.relation() == Relation::Holder && allows(Relation::Holder, Action::AnswerLink);
        if holds && found && is_holder { Ok(()) } else { Err(DecisionError::NotFound(Resource::Token)) }
    }

    /// Whether the codes of the stored answer were not used. A used code that is given out again would revoke what the app
    /// got for it.
    fn codes_are_unused(&self) -> bool {
        self.snapshot.reissued.iter().all(|code| self.snapshot.state(code, self.now) == TokenState::Valid)
    }
}
