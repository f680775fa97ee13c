//! The link page: the holder of a connection token sees what the token asks for, and approves or declines it.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::Principal;
//! use hookswitch::operations::{Caller, link_page};
//!
//! // A view changes nothing.
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let cx = deployment.by(Caller::Principal(Principal::Holder));
//! for _ in 0..2 {
//!     assert!(deployment.run(link_page::view(&cx, &deployment.open(&created.secret))).unwrap().is_ok());
//! }
//! # }
//! ```

use super::app_lookup;
use super::context::Context;
use super::error::ApiError;
use super::verdicts;
use crate::core::command::IdempotencyKey;
use crate::core::decide::link::{ApproveLink, DeclineLink, LinkApproved, return_uri};
use crate::core::string_enum::string_enum;
use crate::core::token::{TokenFacts, TokenPurpose};
use crate::core::{
    App, AppId, ConnectionId, DecisionError, Digest, Handle, HandleKind, NamedToken, Principal, Resource, TokenRef,
    Verdict,
};

string_enum! {
    /// The answer of the holder of a connection token.
    pub enum Consent {
        /// The app gets access.
        Approve = "approve",
        /// The app gets no access.
        Decline = "decline",
    }
}

/// The content of the link page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPageState {
    /// The verdict on the connection token.
    pub verdict: Verdict,
    /// The app that the token connects, if it exists.
    pub app: Option<App>,
    /// The id of this page: a UUID. The form sends it back, so that an answer that is sent twice is recognised.
    pub page: String,
}

/// Reads what a link asks for. Nothing changes, so a mail scanner may open the link.
///
/// # Errors
/// The token does not exist, or [`ApiError::Unavailable`].
pub async fn view(cx: &Context<'_>, token: &NamedToken) -> Result<LinkPageState, ApiError> {
    let verdict = verdict(cx, token).await?;
    let app = find_app(cx, verdict.facts.app_id.as_ref()).await?;
    Ok(LinkPageState { verdict, app, page: uuid(cx)? })
}

/// The answer to a link.
#[derive(Clone, Debug)]
pub struct LinkPageRequest {
    /// The connection token.
    pub token: NamedToken,
    /// The answer of the user.
    pub consent: Consent,
    /// The page that was answered, if there was one.
    pub page: Option<AnsweredPage>,
}

/// The page that was answered, as its form describes it. The ledger trusts none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredPage {
    /// The id of the page.
    pub id: String,
    /// The app that the page named. It saves a call of the ledger before the answer.
    pub app_id: Option<AppId>,
}

/// The result of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPageResult {
    /// The user returns to the app with a code.
    Code {
        /// The redirect URI.
        redirect_uri: String,
        /// The authorization code.
        code: String,
    },
    /// The user returns to the app with the connection.
    Connection {
        /// The redirect URI.
        redirect_uri: String,
        /// The connection.
        connection_id: ConnectionId,
        /// The answer of the user.
        consent: Consent,
    },
    /// The token was consumed. The user stays.
    Approved {
        /// The app that is connected now.
        app: Option<App>,
    },
    /// The token was revoked.
    Declined {
        /// The redirect URI to which the user returns, if there is one.
        redirect_uri: Option<String>,
        /// The app, if the token names one that exists.
        app: Option<App>,
    },
}

/// Approves or declines a link.
///
/// 1. If no page names the app, the token is checked first to find the app.
/// 2. The user's ledger consumes or revokes the token, with the app's registration at hand.
///
/// # Errors
/// [`DecisionError::TokenNotActive`], that the app or its redirect URI does not exist any more, another refusal of the
/// user's ledger, or [`ApiError::Unavailable`].
pub async fn answer(cx: &Context<'_>, request: LinkPageRequest) -> Result<LinkPageResult, ApiError> {
    let LinkPageRequest { token, consent, page } = request;
    let app_id = match &page {
        Some(page) => page.app_id.clone(),
        None => verdict(cx, &token).await?.facts.app_id,
    };
    let (handle, token) = known(&token)?;
    let idempotency = page.as_ref().and_then(|page| idempotency(token, consent, &page.id));
    let app = find_app(cx, app_id.as_ref()).await?;
    let call = cx.user_ledger(handle.ledger_id()).by(Principal::Holder).with_idempotency(idempotency);
    let call = match &app {
        Some(app) => call.with_app(app.clone()),
        None => call,
    };
    let token = token.clone();
    match consent {
        Consent::Approve => {
            let ran = call.run(ApproveLink { token, app_id }).await?;
            match &ran.outcome {
                LinkApproved::Consumed(consumed) => {
                    let connection = connection_result(&consumed.verdict.facts, app.as_ref(), consent);
                    Ok(connection.unwrap_or(LinkPageResult::Approved { app }))
                }
                LinkApproved::Code(verdict) => {
                    let redirect_uri =
                        verdict.facts.redirect_uri.clone().ok_or(ApiError::Internal("a code has no URI"))?;
                    Ok(LinkPageResult::Code { redirect_uri, code: ran.secret(HandleKind::ConnectionToken)? })
                }
            }
        }
        Consent::Decline => {
            let verdict = call.run(DeclineLink { token, app_id }).await?.outcome.verdict;
            if let Some(connection) = connection_result(&verdict.facts, app.as_ref(), consent) {
                return Ok(connection);
            }
            // The token is dead, even if the app or its redirect URI is no longer registered.
            let redirect_uri = return_uri(&verdict.facts, app.as_ref()).ok().flatten().map(str::to_owned);
            Ok(LinkPageResult::Declined { redirect_uri, app })
        }
    }
}

/// The result that returns the user with the connection; `None` if the token has another purpose, or no redirect URI that
/// the app still has.
fn connection_result(facts: &TokenFacts, app: Option<&App>, consent: Consent) -> Option<LinkPageResult> {
    let redirect_uri = return_uri(facts, app).ok().flatten()?.to_owned();
    let connection_id = facts.connection_id.clone().filter(|_| facts.purpose == TokenPurpose::Account)?;
    Some(LinkPageResult::Connection { redirect_uri, connection_id, consent })
}

/// The verdict on the token of a link. The holder may know it as root may.
async fn verdict(cx: &Context<'_>, token: &NamedToken) -> Result<Verdict, ApiError> {
    let verdict = verdicts::check(cx, &Principal::Root, &[known(token)?]).await?.pop();
    Ok(verdict.ok_or(ApiError::Internal("a check has no verdict"))??)
}

fn known(token: &NamedToken) -> Result<(&Handle, &TokenRef), DecisionError> {
    match token {
        NamedToken::Known { handle, token } => Ok((handle, token)),
        NamedToken::Invalid => Err(DecisionError::NotFound(Resource::Token)),
    }
}

async fn find_app(cx: &Context<'_>, app_id: Option<&AppId>) -> Result<Option<App>, ApiError> {
    match app_id {
        Some(app_id) => app_lookup::find(cx, app_id).await,
        None => Ok(None),
    }
}

/// How an answer is recognised that is sent twice from the same page: by a double click, or because the response got lost.
fn idempotency(token: &TokenRef, consent: Consent, page: &str) -> Option<IdempotencyKey> {
    let token = token.digest()?.as_str();
    let parts: [&[u8]; 4] = [b"consent", token.as_bytes(), consent.as_str().as_bytes(), page.as_bytes()];
    let key = Digest::of_parts(&parts);
    Some(IdempotencyKey { request: key.clone(), key, grace: None })
}

/// A random UUID (RFC 9562 §5.4).
fn uuid(cx: &Context<'_>) -> Result<String, ApiError> {
    let number = u128::from_be_bytes(cx.random()?);
    let version_and_variant =
        (number & !(0xf000_u128 << 64) & !(0xc000_u128 << 48)) | (0x4000_u128 << 64) | (0x8000_u128 << 48);
    let hex = format!("{version_and_variant:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    Ok(parts.join("-"))
}
