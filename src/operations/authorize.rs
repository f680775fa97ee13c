//! Authorization requests of apps (RFC 6749 §4.1): begun, shown to the operator, accepted or rejected, and answered by the
//! user on the consent page.
//!
//! Nothing is stored before the operator accepts a request. So that neither half of the flow can be handed to somebody
//! else, the consent page needs the cookie of the browser that the app sent, and the verifier that accepting returned.

use super::clients;
use super::context::Context;
use super::error::ApiError;
use crate::core::authorization::SIGN_IN_TTL;
use crate::core::command::IdempotencyKey;
use crate::core::decide::authorizations::{
    AcceptAuthorization, AnswerAuthorization, AuthorizationAnswered, ConsentStep, OperatorConsent, RequestedAccess,
};
use crate::core::{
    App, AppId, Audience, AuthorizationRequest, DecisionError, Digest, HandleKind, NamedToken, Principal, Resource,
    Role, Scope, Timestamp, TokenKind, TokenRef, UserId, Verdict,
};
use crate::core::{authorization::Prompt, decide::grant_scope};

/// Finds the client of an authorization request. Only after this may an error be sent to its redirect URI.
///
/// # Errors
/// [`ApiError::NoSuchPath`] if the deployment has no sign-in page, [`DecisionError::ClientInvalid`] if the app does not
/// exist, [`ApiError::ClientDocument`], [`DecisionError::RedirectUriUnregistered`], or [`ApiError::Unavailable`].
pub async fn find_client(cx: &Context<'_>, client_id: &str, redirect_uri: &str) -> Result<App, ApiError> {
    if cx.config.settings.login_url.is_empty() {
        return Err(ApiError::NoSuchPath);
    }
    let app_id: AppId = client_id.parse().map_err(|_| DecisionError::ClientInvalid)?;
    let app = clients::find(cx, &app_id).await?.ok_or(DecisionError::ClientInvalid)?;
    if app.has_redirect_uri(redirect_uri) { Ok(app) } else { Err(DecisionError::RedirectUriUnregistered.into()) }
}

/// The parameters of an authorization request, each of which keeps its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The redirect URI, which the client has registered.
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636).
    pub code_challenge: Digest,
    /// The scopes; all of the app's if `None`.
    pub scope: Option<Scope>,
    /// The resource servers.
    pub audience: Option<Audience>,
    /// The `state` parameter, which the app gets back.
    pub state: Option<String>,
    /// The `prompt` parameter of the app, for the sign-in page.
    pub prompt: Option<Prompt>,
    /// The `login_hint` parameter: the account that the app expects the user to sign in with.
    pub login_hint: Option<String>,
}

/// An authorization request that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The operator's sign-in page, with the login challenge.
    pub login_url: String,
    /// The value of the browser's cookie, which is a secret.
    pub cookie: String,
    /// The digest of the cookie.
    pub browser: Digest,
}

/// Seals an authorization request into a login challenge. Nothing is stored.
///
/// # Errors
/// [`DecisionError::ScopeTooWide`].
pub fn begin(cx: &Context<'_>, app: &App, new: NewRequest) -> Result<Begun, ApiError> {
    grant_scope(new.scope.as_ref(), app.registration.scopes.as_ref())?;
    let cookie = hex::encode(cx.random::<16>()?);
    let browser = Digest::of(cookie.as_bytes());
    let NewRequest { redirect_uri, code_challenge, scope, audience, state, prompt, login_hint } = new;
    let request = AuthorizationRequest {
        app_id: app.app_id.clone(),
        redirect_uri,
        code_challenge,
        scope,
        audience,
        state,
        prompt,
        login_hint,
        origin: cx.origin.to_owned(),
        browser: browser.clone(),
        expires_at: cx.now.plus_seconds(SIGN_IN_TTL.into()),
    };
    let challenge = cx.config.keyring.seal_request(&request, cx.random()?);
    let challenge = challenge.ok_or(ApiError::Internal("a request cannot be sealed"))?;
    let page = &cx.config.settings.login_url;
    let separator = if page.contains('?') { '&' } else { '?' };
    Ok(Begun { login_url: format!("{page}{separator}challenge={challenge}"), cookie, browser })
}

/// Opens a login challenge, whether or not it has expired.
///
/// # Errors
/// [`ApiError::AuthorizationUnknown`]. It costs no ledger call.
pub fn open(cx: &Context<'_>, challenge: &str) -> Result<AuthorizationRequest, ApiError> {
    cx.config.keyring.open_request(challenge).ok_or(ApiError::AuthorizationUnknown)
}

/// Opens a login challenge for the operator.
fn open_for_operator(cx: &Context<'_>, challenge: &str) -> Result<AuthorizationRequest, ApiError> {
    match cx.principal()? {
        Principal::Root | Principal::User { role: Role::Admin | Role::Manager | Role::Member, .. } => {}
        Principal::User { role: Role::None, .. } | Principal::App(_) | Principal::Holder => {
            return Err(DecisionError::Forbidden.into());
        }
    }
    let request = open(cx, challenge)?;
    if request.expires_at <= cx.now { Err(ApiError::AuthorizationExpired) } else { Ok(request) }
}

/// An authorization request with its app, as the operator's sign-in page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAuthorization {
    /// The request.
    pub request: AuthorizationRequest,
    /// The app that sent the request.
    pub app: App,
}

/// Reads an authorization request.
///
/// # Errors
/// [`ApiError::AuthorizationUnknown`], [`ApiError::AuthorizationExpired`], that the app does not exist any more, or
/// [`ApiError::Unavailable`].
pub async fn show(cx: &Context<'_>, challenge: &str) -> Result<PendingAuthorization, ApiError> {
    let request = open_for_operator(cx, challenge)?;
    let app = clients::find(cx, &request.app_id).await?.ok_or(DecisionError::NotFound(Resource::App))?;
    Ok(PendingAuthorization { request, app })
}

/// The acceptance of an authorization request for a user who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The login challenge.
    pub challenge: String,
    /// The user who has signed in.
    pub user_id: UserId,
    /// The scopes to offer to the user: a part of those that the app asks for; all of them if `None`.
    pub scope: Option<Scope>,
    /// The operator's session of the user.
    pub session_id: Option<String>,
    /// Whether the user has agreed already.
    pub consent: OperatorConsent,
}

/// An authorization request that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The consent page, with the challenge and the verifier. It is a secret of the browser.
    pub redirect_to: String,
    /// By when the user must have answered.
    pub expires_at: Option<Timestamp>,
}

/// Accepts an authorization request for a user. The same acceptance gets the same answer; another one for the same user is
/// refused.
///
/// # Errors
/// [`DecisionError::IdempotencyConflict`] if the request was accepted differently, another refusal of the user's ledger,
/// those of [`show`], or [`ApiError::Unavailable`].
pub async fn accept(cx: &Context<'_>, accept: Accept) -> Result<Accepted, ApiError> {
    let Accept { challenge, user_id, scope, session_id, consent } = accept;
    let request = open_for_operator(cx, &challenge)?;
    let parts = [scope.as_ref().map_or("", Scope::as_str), session_id.as_deref().unwrap_or_default(), consent.as_str()];
    let idempotency = IdempotencyKey {
        key: Digest::of_parts(&[b"accept", request.browser.as_str().as_bytes()]),
        request: Digest::of_parts(&parts.map(str::as_bytes)),
        grace: None,
    };
    let access = RequestedAccess::from(&request);
    let command = AcceptAuthorization { user_id: user_id.clone(), request: access, scope, session_id, consent };
    let call = cx.ledger_of(&user_id).with_idempotency(Some(idempotency));
    let call = match clients::find(cx, &request.app_id).await? {
        Some(app) => call.with_app(app),
        None => call,
    };
    let ran = call.run(command).await?;
    let verifier = ran.secret(HandleKind::ConnectionToken)?;
    let redirect_to = format!("{}/oauth/consent?challenge={challenge}&verifier={verifier}", request.origin);
    Ok(Accepted { redirect_to, expires_at: ran.outcome.expires_at })
}

/// Rejects an authorization request: the app gets an error. Nothing is stored.
///
/// # Errors
/// Those of [`show`].
pub fn reject(cx: &Context<'_>, challenge: &str) -> Result<AuthorizationRequest, ApiError> {
    open_for_operator(cx, challenge)
}

/// A visit of the consent page.
#[derive(Clone, Debug)]
pub struct ConsentVisit<'a> {
    /// The request that the challenge contains.
    pub request: &'a AuthorizationRequest,
    /// The cookie of the browser for this request.
    pub cookie: Option<&'a str>,
    /// The verifier.
    pub verifier: &'a NamedToken,
    /// The step of the user.
    pub step: ConsentStep,
}

/// The result of a visit of the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentResult {
    /// The user has to answer.
    Asked {
        /// The verdict on the verifier, with the scopes that the user is asked for.
        verdict: Box<Verdict>,
        /// The app that sent the request.
        app: Box<App>,
    },
    /// The user returns to the app with this code.
    Code(String),
    /// The user declined.
    Declined,
}

/// Opens or answers the consent page.
///
/// 1. The cookie must belong to the browser that the app sent.
/// 2. The verifier must be for the request, which the user's ledger decides.
/// 3. The ledger consumes or revokes the verifier, or returns that the user has to be asked.
/// 4. An approved client that is known by its URL is registered.
///
/// # Errors
/// [`ApiError::OtherBrowser`], [`DecisionError::TokenNotActive`], that the app or its redirect URI does not exist any more,
/// another refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn answer(cx: &Context<'_>, visit: ConsentVisit<'_>) -> Result<ConsentResult, ApiError> {
    let ConsentVisit { request, cookie, verifier, step } = visit;
    let browser = cookie.map(|cookie| Digest::of(cookie.as_bytes()));
    if browser.as_ref() != Some(&request.browser) {
        return Err(ApiError::OtherBrowser);
    }
    let NamedToken::Known { handle, token } = verifier.clone().by_secret(TokenKind::ConnectionToken) else {
        return Err(DecisionError::NotFound(Resource::Token).into());
    };
    let app = clients::find(cx, &request.app_id).await?.ok_or(DecisionError::NotFound(Resource::App))?;
    let idempotency = once(&token, step);
    let command = AnswerAuthorization {
        verifier: token,
        authorization: request.browser.clone(),
        app_id: request.app_id.clone(),
        step,
    };
    let call = cx.user_ledger(handle.ledger_id()).by(Principal::Holder).with_idempotency(idempotency);
    let ran = call.with_app(app.clone()).run(command).await?;
    match &ran.outcome {
        AuthorizationAnswered::Asked(verdict) => {
            Ok(ConsentResult::Asked { verdict: verdict.clone(), app: Box::new(app) })
        }
        AuthorizationAnswered::Approved(_) => {
            clients::register(cx, &app).await?;
            Ok(ConsentResult::Code(ran.secret(HandleKind::ConnectionToken)?))
        }
        AuthorizationAnswered::Declined(_) => Ok(ConsentResult::Declined),
    }
}

/// How a repeated answer is recognised: after a double click, in another tab, or after the back
/// button. Approving is the same as opening a page that was approved.
fn once(verifier: &TokenRef, step: ConsentStep) -> Option<IdempotencyKey> {
    let verifier = verifier.digest()?.as_str().as_bytes();
    let answer: &[u8] = match step {
        ConsentStep::Open | ConsentStep::OpenAndAsk | ConsentStep::Approve => b"approve",
        ConsentStep::Decline => b"decline",
    };
    let key = Digest::of_parts(&[b"consent", verifier]);
    Some(IdempotencyKey { key, request: Digest::of_parts(&[answer]), grace: None })
}
