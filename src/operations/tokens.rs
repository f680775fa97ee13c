//! Tokens: created, checked, consumed and revoked.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::Status;
//! use hookswitch::operations::tokens::{self, Check, Revoke};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
//! let (cx, token) = (deployment.root(), deployment.open(&created.secret));
//! let revoke = Revoke { token: token.clone(), user_id: None, reason: Some("lost phone".to_owned()) };
//! deployment.run(tokens::revoke(&cx, revoke)).unwrap().unwrap();
//! let verdict = deployment.run(tokens::check(&cx, Check { token, user_id: None })).unwrap().unwrap();
//! assert_eq!(verdict.status(), Status::Revoked);
//! # }
//! ```

use super::context::Context;
use super::error::ApiError;
use super::verdicts::{self, Record};
use crate::core::decide::tokens::{ConsumeToken, Consumed, MintToken, RevokeToken, TokenRevoked};
use crate::core::params::MintKind;
use crate::core::{HandleKind, NamedToken, UserId, Verdict};

/// A token that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The verdict on the token.
    pub verdict: Verdict,
    /// The secret, which is shown once.
    pub secret: String,
}

/// Creates a connection token or an API key.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn create(cx: &Context<'_>, command: MintToken) -> Result<Created, ApiError> {
    let kind = match command.params.kind {
        MintKind::ConnectionToken => HandleKind::ConnectionToken,
        MintKind::ApiKey => HandleKind::ApiKey,
    };
    let ran = cx.ledger_of(&command.user_id).run(command).await?;
    Ok(Created { secret: ran.secret(kind)?, verdict: ran.outcome })
}

/// A check of one token.
#[derive(Clone, Debug)]
pub struct Check {
    /// The token to read.
    pub token: NamedToken,
    /// The user that the token belongs to, according to the request.
    pub user_id: Option<UserId>,
}

/// Checks a token.
///
/// 1. A forged token is rejected without a ledger call.
/// 2. A dead token that the isolate remembers is answered from memory.
/// 3. The ledger answers, or the token's record in KV if the ledger is slow or down: see [`verdicts`].
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn check(cx: &Context<'_>, Check { token, user_id }: Check) -> Result<Verdict, ApiError> {
    let token = cx.token(&token, user_id.as_ref())?;
    let verdict = verdicts::check(cx, cx.principal()?, &[token]).await?.pop();
    Ok(verdict.ok_or(ApiError::Internal("a check has no verdict"))??)
}

/// The verdict on one of many tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchVerdict {
    /// The verdict.
    Known(Box<Verdict>),
    /// The token does not exist, or the principal may not see it.
    Unknown,
    /// There is no verdict: the token's ledger did not answer.
    Unavailable,
}

impl BatchVerdict {
    /// The verdict, if there is one.
    #[must_use]
    pub fn known(&self) -> Option<&Verdict> {
        match self {
            Self::Known(verdict) => Some(verdict),
            Self::Unknown | Self::Unavailable => None,
        }
    }
}

/// Checks tokens of any users. A ledger that does not answer takes nothing from the verdicts of others.
///
/// # Errors
/// [`ApiError::Unavailable`] if there is no verdict at all.
pub async fn check_batch(cx: &Context<'_>, tokens: &[NamedToken]) -> Result<Vec<BatchVerdict>, ApiError> {
    let known = tokens.iter().filter_map(|token| match token {
        NamedToken::Known { handle, token } => Some((handle, token)),
        NamedToken::Invalid => None,
    });
    let results = verdicts::check_each(cx, cx.principal()?, &known.collect::<Vec<_>>()).await;
    if !results.iter().any(Result::is_ok)
        && let Some(Err(error)) = results.first()
    {
        return Err(error.clone());
    }
    let mut results = results.into_iter();
    let verdicts = tokens.iter().map(|token| match token {
        NamedToken::Known { .. } => match results.next() {
            Some(Ok(Ok(verdict))) => BatchVerdict::Known(Box::new(verdict)),
            Some(Err(_)) => BatchVerdict::Unavailable,
            Some(Ok(Err(_))) | None => BatchVerdict::Unknown,
        },
        NamedToken::Invalid => BatchVerdict::Unknown,
    });
    Ok(verdicts.collect())
}

/// Consumes a connection token. The first request wins, and no other ever does.
///
/// # Errors
/// [`DecisionError::TokenNotActive`](crate::core::DecisionError::TokenNotActive) if the token is dead, another refusal of
/// the user's ledger, or [`ApiError::Unavailable`].
pub async fn consume(cx: &Context<'_>, token: &NamedToken) -> Result<Consumed, ApiError> {
    let (handle, token) = cx.token(token, None)?;
    let ran = cx.user_ledger(handle.ledger_id()).run(ConsumeToken { token: token.clone() }).await;
    let consumed = ran.inspect_err(|error| verdicts::remember_refused(cx, token, error))?.outcome;
    verdicts::remember(cx, token, &consumed.verdict, Record::Skip);
    Ok(consumed)
}

/// A revocation of one token.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// The token to revoke.
    pub token: NamedToken,
    /// The user that the token belongs to, according to the request.
    pub user_id: Option<UserId>,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// Revokes a token. A token that is dead already keeps its status.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn revoke(cx: &Context<'_>, Revoke { token, user_id, reason }: Revoke) -> Result<TokenRevoked, ApiError> {
    let (handle, token) = cx.token(&token, user_id.as_ref())?;
    let command = RevokeToken { token: token.clone(), reason };
    let revoked = cx.user_ledger(handle.ledger_id()).run(command).await?.outcome;
    verdicts::remember(cx, token, &revoked.verdict, Record::Write);
    Ok(revoked)
}
