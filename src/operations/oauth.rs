//! Requests of OAuth clients: code exchange, refresh, introspection and revocation.
//!
//! A forged token is rejected before the client is looked up, so a guess costs no ledger call. Then the client is
//! authenticated, and the user's ledger decides.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::oauth;
//!
//! // A connection token cannot be introspected: only access and refresh tokens can.
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let verdict = deployment.run(oauth::introspect(&deployment.root(), &deployment.open(&created.secret)));
//! assert_eq!(verdict.unwrap().unwrap(), None);
//! # }
//! ```

use super::authenticate::authenticate_client;
use super::caller::Caller;
use super::connections::IssuedTokens;
use super::context::Context;
use super::error::ApiError;
use super::ledger_call::Ran;
use super::provider_dispatch;
use super::user_call::UserCall;
use super::verdicts::{self, Answer, Record};
use crate::core::app::ClientType;
use crate::core::command::IdempotencyKey;
use crate::core::decide::connections::ConnectionChanged;
use crate::core::decide::grants::{
    ExchangeCode, Granted, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use crate::core::decide::tokens::TokenRevoked;
use crate::core::params::Lifetimes;
use crate::core::{
    App, DecisionError, Digest, Handle, NamedToken, Principal, Resource, Scope, Status, TokenKind, TokenRef, Verdict,
};

/// The exchange of an authorization code.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The code: a connection token.
    pub code: NamedToken,
    /// The redirect URI that the client claims to have used.
    pub redirect_uri: Option<String>,
    /// The S256 challenge of the client's verifier.
    pub code_challenge: Option<Digest>,
    /// The validity of the tokens.
    pub lifetimes: Lifetimes,
}

/// Exchanges an authorization code for tokens (RFC 6749 §4.1.3).
///
/// # Errors
/// [`DecisionError::TokenNotActive`] for a code that was used before, another refusal of the user's ledger,
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub async fn exchange(cx: &Context<'_>, exchange: Exchange) -> Result<IssuedTokens, ApiError> {
    let Exchange { code, redirect_uri, code_challenge, lifetimes } = exchange;
    let (handle, code) = known(&code)?;
    let client = authenticate(cx).await?;
    let idempotency = client.idempotency(cx, code);
    let command = ExchangeCode { code: code.clone(), redirect_uri, code_challenge, lifetimes };
    issued(client.call(cx, handle).with_idempotency(idempotency).run(command).await?)
}

/// The use of a refresh token.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The refresh token.
    pub token: NamedToken,
    /// The scopes of the access token; all granted scopes if `None`.
    pub scope: Option<Scope>,
    /// The validity of the tokens.
    pub lifetimes: Lifetimes,
}

/// Gets new tokens for a refresh token (RFC 6749 §6).
///
/// The refresh token of a public client rotates. If the answer gets lost, the client presents the old token again: within
/// the grace period, or with the same `Idempotency-Key`, it gets the same answer.
///
/// # Errors
/// [`DecisionError::TokenNotActive`] for a token that was used before, another refusal of the user's ledger,
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub async fn refresh(cx: &Context<'_>, refresh: Refresh) -> Result<IssuedTokens, ApiError> {
    let Refresh { token, scope, lifetimes } = refresh;
    let (handle, token) = known(&token)?;
    let client = authenticate(cx).await?;
    let idempotency = match token.digest() {
        Some(digest) if client.is_public() => Some(lost_answer(cx, digest)),
        _ => client.idempotency(cx, token),
    };
    let command = RefreshTokens { token: token.clone(), scope, lifetimes };
    issued(client.call(cx, handle).with_idempotency(idempotency).run(command).await?)
}

fn issued(ran: Ran<Granted>) -> Result<IssuedTokens, ApiError> {
    let Ran { outcome, minted, replayed } = ran;
    match outcome {
        Granted::Issued(outcome) => IssuedTokens::of(Ran { outcome: *outcome, minted, replayed }),
        Granted::Replayed(verdict) => Err(DecisionError::TokenNotActive(verdict).into()),
    }
}

/// Introspects a token (RFC 7662). The outcome is `None` for a token that is not active or that the caller may not see.
///
/// # Errors
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub async fn introspect(cx: &Context<'_>, token: &NamedToken) -> Result<Option<Verdict>, ApiError> {
    let Ok((handle, token)) = known(token) else {
        return Ok(None);
    };
    let client = authenticate(cx).await?;
    if verdicts::remembered(cx, token).is_some() {
        return Ok(None);
    }
    let is_access_token = |verdict: &Verdict| verdict.kind == TokenKind::AccessToken;
    if let Some(verdict) = verdicts::leased(cx, &client.principal, token).filter(is_access_token) {
        return Ok(Some(verdict));
    }
    let ledger = client.call(cx, handle).run_plain(IntrospectToken { token: token.clone() });
    let tokens = [token.clone()];
    match verdicts::hedged(cx, ledger, verdicts::read_records(cx, &tokens)).await? {
        Answer::Records(_) => Ok(None),
        Answer::Ledger(verdict) => {
            let Some(verdict) = verdict else {
                return Ok(None);
            };
            verdicts::remember(cx, token, &verdict, Record::Write);
            Ok((verdict.status() == Status::Valid).then(|| verdicts::lease(cx, token, verdict)))
        }
    }
}

/// Revokes a token as its client (RFC 7009). The outcome is `None` for a token that does not exist.
///
/// # Errors
/// [`DecisionError::WrongClient`], [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub async fn revoke(cx: &Context<'_>, token: &NamedToken) -> Result<Option<TokenRevoked>, ApiError> {
    let Ok((handle, token)) = known(token) else {
        return Ok(None);
    };
    let client = authenticate(cx).await?;
    let revoked = client.call(cx, handle).run_plain(RevokeGrantToken { token: token.clone() }).await?;
    if let Some(revoked) = &revoked {
        verdicts::remember(cx, token, &revoked.verdict, Record::Write);
    }
    Ok(revoked)
}

/// Revokes the connection that an access token was issued under, for the holder of the token, and asks its provider to
/// revoke the credentials.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn revoke_connection(cx: &Context<'_>, token: &NamedToken) -> Result<ConnectionChanged, ApiError> {
    let (handle, token) = known(token)?;
    let ledger_id = handle.ledger_id();
    let changed = cx.user_ledger(ledger_id).run_plain(RevokeConnectionOfToken { token: token.clone() }).await;
    let changed = changed.inspect_err(|error| verdicts::remember_refused(cx, token, error))?;
    Ok(provider_dispatch::dispatch(cx, ledger_id, changed, None).await)
}

/// The token that a client presents. Everybody may learn that a token is forged.
fn known(token: &NamedToken) -> Result<(&Handle, &TokenRef), DecisionError> {
    match token {
        NamedToken::Known { handle, token } => Ok((handle, token)),
        NamedToken::Invalid => Err(DecisionError::NotFound(Resource::Token)),
    }
}

/// The authenticated caller of an OAuth call.
struct Client {
    principal: Principal,
    /// The registration, if the caller is an app.
    app: Option<App>,
}

/// Authenticates the caller: an app by its client credentials, or a principal by its key.
async fn authenticate(cx: &Context<'_>) -> Result<Client, ApiError> {
    match &cx.caller {
        Caller::Anonymous | Caller::Ticket(_) => Err(ApiError::CredentialsMissing),
        Caller::Principal(principal) => Ok(Client { principal: principal.clone(), app: None }),
        Caller::Client(credentials) => {
            let app = authenticate_client(cx, credentials).await?;
            Ok(Client { principal: Principal::App(app.app_id.clone()), app: Some(app) })
        }
    }
}

impl Client {
    /// Prepares a call of the ledger of the token.
    fn call<'c>(&self, cx: &'c Context<'c>, handle: &Handle) -> UserCall<'c> {
        let call = cx.user_ledger(handle.ledger_id()).by(self.principal.clone());
        match &self.app {
            Some(app) => call.with_app(app.clone()),
            None => call,
        }
    }

    /// Whether the caller is a public client, whose refresh tokens rotate.
    fn is_public(&self) -> bool {
        self.app.as_ref().is_some_and(|app| app.registration.client_type == ClientType::Public)
    }

    /// How a repeated request is recognised. The id of an app is no secret, so its keys are bound to the token that comes
    /// with them: nobody else can use them up.
    fn idempotency(&self, cx: &Context<'_>, token: &TokenRef) -> Option<IdempotencyKey> {
        let idempotency = cx.idempotency.clone()?;
        match token.digest().filter(|_| self.app.is_some()) {
            Some(token) => {
                let parts: [&[u8]; 3] = [b"grant", idempotency.key.as_str().as_bytes(), token.as_str().as_bytes()];
                Some(IdempotencyKey { key: Digest::of_parts(&parts), ..idempotency })
            }
            None => Some(idempotency),
        }
    }
}

/// How the second use of a rotating refresh token is recognised, whose first answer may have got lost.
fn lost_answer(cx: &Context<'_>, token: &Digest) -> IdempotencyKey {
    let key = Digest::of_parts(&[b"refresh", token.as_str().as_bytes(), b"lost"]);
    let request = cx.idempotency.as_ref().map_or_else(|| key.clone(), |idempotency| idempotency.key.clone());
    IdempotencyKey { key, request, grace: Some(cx.config.settings.refresh_grace) }
}
