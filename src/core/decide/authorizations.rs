//! Authorizations: the operator accepts an app's request for a user, and the user answers the consent page.
//!
//! Accepting creates a verifier: a connection token that only the consent page accepts, together with the request that it
//! answers. Approving consumes the verifier and creates, in the same write, a connection of its own and the code for the
//! app. The connection waits for the exchange of the code: if the app never exchanges it, the connection expires.

use serde::{Deserialize, Serialize};

use super::connections::put_connection;
use super::issue::Access;
use super::link::{CODE_TTL, DECLINED};
use super::tokens::require_connectable;
use super::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::access::Actor;
use crate::core::app::{App, ClientType};
use crate::core::audience::Audience;
use crate::core::authorization::{AuthorizationRequest, SIGN_IN_TTL};
use crate::core::command::{Authority, Command};
use crate::core::connection::ConnectionStatus;
use crate::core::digest::Digest;
use crate::core::error::{DecisionError, Resource};
use crate::core::event::EventType;
use crate::core::handle::HandleKind;
use crate::core::ids::{AppId, UserId};
use crate::core::json::Json;
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, Reads, StoredResponse};
use crate::core::string_enum::string_enum;
use crate::core::token::{EndKind, Grant, LinkPurpose, Token, TokenFacts, TokenKind, TokenPurpose};
use crate::core::token_ref::TokenRef;
use crate::core::user::User;
use crate::core::verdict::Verdict;

/// The part of an authorization request that the user's ledger stores until the user has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedAccess {
    /// The digest that identifies the request.
    pub authorization: Digest,
    /// The app that sent the request.
    pub app_id: AppId,
    /// The redirect URI.
    pub redirect_uri: String,
    /// The S256 challenge of the app.
    pub code_challenge: Digest,
    /// The scopes that the app asks for; all of its scopes if `None`.
    pub scope: Option<Scope>,
    /// The resource servers.
    pub audience: Option<Audience>,
}

impl From<&AuthorizationRequest> for RequestedAccess {
    fn from(request: &AuthorizationRequest) -> Self {
        Self {
            authorization: request.browser.clone(),
            app_id: request.app_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            scope: request.scope.clone(),
            audience: request.audience.clone(),
        }
    }
}

string_enum! {
    /// Whether the operator has obtained the user's agreement to an authorization.
    pub enum OperatorConsent {
        /// The consent page asks the user, unless the user agreed to the same before.
        Ask = "ask",
        /// The operator has asked the user.
        Given = "given",
    }
}

/// Accepts an authorization request for a user who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptAuthorization {
    /// The user who has signed in.
    pub user_id: UserId,
    /// The request.
    pub request: RequestedAccess,
    /// The scopes to offer to the user: a part of those that the app asks for; all of them if `None`.
    pub scope: Option<Scope>,
    /// The operator's session of the user.
    pub session_id: Option<String>,
    /// Whether the user has agreed already.
    pub consent: OperatorConsent,
}

impl Command for AcceptAuthorization {
    const NAME: &'static str = "accept_authorization";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Verdict;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ConnectionToken]
    }
}

/// The metadata of an authorization.
#[derive(Serialize)]
struct AuthorizationMetadata<'a> {
    session_id: &'a str,
}

impl UserCommand for AcceptAuthorization {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::user()
    }

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.request.app_id)
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Verdict, DecisionError> {
        let (user, request) = (cx.user()?, &self.request);
        require_connectable(user)?;
        let app = cx.app.ok_or(DecisionError::NotFound(Resource::App))?;
        if !app.has_redirect_uri(&request.redirect_uri) {
            return Err(DecisionError::RedirectUriUnregistered);
        }
        let asked = grant_scope(request.scope.as_ref(), app.registration.scopes.as_ref())?;
        let metadata = self.session_id.as_deref().map(|session_id| Json::of(&AuthorizationMetadata { session_id }));
        let facts = TokenFacts {
            created_by: cx.actor.clone(),
            app_id: Some(app.app_id.clone()),
            scope: grant_scope(self.scope.as_ref(), asked.as_ref())?,
            redirect_uri: Some(request.redirect_uri.clone()),
            label: None,
            metadata,
            connection_id: None,
            purpose: TokenPurpose::Authorization,
            link_purpose: LinkPurpose::Connect,
            audience: request.audience.clone(),
            authorization: Some(request.authorization.clone()),
        };
        let consented = self.consent == OperatorConsent::Given;
        let grant = Grant { code_challenge: Some(request.code_challenge.clone()), consented, ..Grant::default() };
        let verifier = cx.new_token(TokenKind::ConnectionToken, Some(cx.after(SIGN_IN_TTL)), facts, grant)?;
        Ok(cx.add_token(user, verifier, changes))
    }
}

string_enum! {
    /// A step of the user on the consent page.
    pub enum ConsentStep {
        /// The browser opens the page. If the user agreed to the same before, the request is approved.
        Open = "open",
        /// The browser opens the page, and the app wants the user to be asked.
        OpenAndAsk = "open_and_ask",
        /// The user approves.
        Approve = "approve",
        /// The user declines.
        Decline = "decline",
    }
}

/// Opens or answers the consent page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerAuthorization {
    /// The verifier, named by its secret.
    pub verifier: TokenRef,
    /// The digest that identifies the request. The caller has checked the cookie of its browser.
    pub authorization: Digest,
    /// The app that sent the request.
    pub app_id: AppId,
    /// The step of the consent page.
    pub step: ConsentStep,
}

/// The outcome of [`AnswerAuthorization`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationAnswered {
    /// The user has to answer. The verdict is the verifier's.
    Asked(Box<Verdict>),
    /// A code for the app was created. The verdict is the code's.
    Approved(Box<Verdict>),
    /// The user declined. The verdict is the verifier's.
    Declined(Box<Verdict>),
}

impl Command for AnswerAuthorization {
    const NAME: &'static str = "answer_authorization";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = AuthorizationAnswered;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ConnectionToken, HandleKind::ConnectionId]
    }
}

impl UserCommand for AnswerAuthorization {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        let connections = ConnectionSelection::OpenOf(self.app_id.clone());
        Reads { tokens: vec![self.verifier.clone()], connections, ..Reads::default() }
    }

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_token_holder(&self.verifier, Some(&self.authorization))
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, _: &StoredResponse) -> Result<bool, DecisionError> {
        if self.step != ConsentStep::Decline {
            require_connectable(cx.user()?)?;
            self.app_of(cx, cx.snapshot.token()?)?;
        }
        Ok(cx.codes_are_unused())
    }

    fn is_stored(outcome: &AuthorizationAnswered) -> bool {
        !matches!(outcome, AuthorizationAnswered::Asked(_))
    }

    fn decide(
        &self,
        cx: &DecisionContext<'_>,
        changes: &mut ChangeSet,
    ) -> Result<AuthorizationAnswered, DecisionError> {
        let (user, verifier) = (cx.user()?, cx.snapshot.token()?);
        cx.require_valid(user, verifier)?;
        let by_user = cx.acting_as(Actor::user(&user.user_id));
        if self.step == ConsentStep::Decline {
            let declined = by_user.end_token(EndKind::Revoked, user, verifier, Some(DECLINED), changes);
            return Ok(AuthorizationAnswered::Declined(Box::new(declined)));
        }
        require_connectable(user)?;
        let app = self.app_of(cx, verifier)?;
        let has_agreed = match self.step {
            ConsentStep::Open => verifier.grant.consented || cx.has_agreed_before(app, verifier),
            ConsentStep::OpenAndAsk => verifier.grant.consented,
            ConsentStep::Approve | ConsentStep::Decline => true,
        };
        if !has_agreed {
            return Ok(AuthorizationAnswered::Asked(Box::new(cx.verdict(user, verifier))));
        }
        by_user.approve_authorization(user, app, verifier, changes)
    }
}

impl AnswerAuthorization {
    /// The app of the verifier, if it would still be accepted as the request was.
    fn app_of<'a>(&self, cx: &DecisionContext<'a>, verifier: &Token) -> Result<&'a App, DecisionError> {
        let facts = &verifier.facts;
        let is_own = |app: &&App| app.app_id == self.app_id && facts.app_id.as_ref() == Some(&self.app_id);
        let app = cx.app.filter(is_own).ok_or(DecisionError::NotFound(Resource::App))?;
        if !facts.redirect_uri.as_deref().is_some_and(|uri| app.has_redirect_uri(uri)) {
            return Err(DecisionError::RedirectUriUnregistered);
        }
        grant_scope(facts.scope.as_ref(), app.registration.scopes.as_ref())?;
        Ok(app)
    }
}

impl DecisionContext<'_> {
    /// Whether the user authorized the same app for the same scopes and resource servers before, and this can be no other
    /// app: everybody can claim to be a public app that runs on the user's device (RFC 8252 §8.6), and a client that is known
    /// by its URL may have changed since.
    fn has_agreed_before(&self, app: &App, verifier: &Token) -> bool {
        let facts = &verifier.facts;
        let is_web = facts.redirect_uri.as_deref().is_some_and(|uri| uri.starts_with("https://"));
        let is_certain =
            app.source.is_administrator() && (is_web || app.registration.client_type == ClientType::Confidential);
        let mut connections = self.snapshot.connections.iter();
        is_certain
            && connections.any(|connection| {
                connection.app_id == app.app_id
                    && self.status_of(connection) == ConnectionStatus::Active
                    && facts.scope.as_ref().is_none_or(|scope| scope.is_within(connection.scope.as_ref()))
                    && Audience::covers(connection.audience.as_ref(), facts.audience.as_ref())
            })
    }

    /// Consumes a verifier, and creates a connection and the code for its app.
    fn approve_authorization(
        &self,
        user: &User,
        app: &App,
        verifier: &Token,
        changes: &mut ChangeSet,
    ) -> Result<AuthorizationAnswered, DecisionError> {
        let facts = &verifier.facts;
        self.end_token(EndKind::Consumed, user, verifier, None, changes);
        let expires_at = Some(self.after(CODE_TTL));
        let mut connection = self.new_connection(&app.app_id, ConnectionStatus::Initiated, facts.scope.clone())?;
        connection.audience.clone_from(&facts.audience);
        connection.metadata.clone_from(&facts.metadata);
        connection.expires_at = expires_at;
        put_connection(EventType::ConnectionCreated, user, &connection, changes);
        let mut issued = self.issued_facts(&connection, Access::of(&connection, facts.scope.as_ref()));
        issued.redirect_uri.clone_from(&facts.redirect_uri);
        issued.metadata.clone_from(&facts.metadata);
        let grant = Grant { code_challenge: verifier.grant.code_challenge.clone(), ..Grant::default() };
        let code = self.new_token(TokenKind::ConnectionToken, expires_at, issued, grant)?;
        Ok(AuthorizationAnswered::Approved(Box::new(self.add_token(user, code, changes))))
    }
}
