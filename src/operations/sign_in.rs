//! Signing in to the console: a link carries a sign-in code instead of the root key, and the page trades the code for a
//! session key.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::sign_in::{create_code, create_session};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let code = create_code(&deployment.root()).unwrap().secret;
//! assert!(deployment.run(create_session(&deployment.root(), code.clone())).unwrap().is_ok());
//! // A code works once.
//! assert!(deployment.run(create_session(&deployment.root(), code)).unwrap().is_err());
//! # }
//! ```

use super::caller::Secret;
use super::context::Context;
use super::error::ApiError;
use crate::core::decide::operator::UseSignInCode;
use crate::core::sign_in::{SignIn, SignInKind};
use crate::core::{DecisionError, Principal, Timestamp};

/// A sign-in code or session key with the end of its validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSecret {
    /// The text, which is a secret.
    pub secret: Secret,
    /// The end of its validity.
    pub expires_at: Timestamp,
}

/// Creates a sign-in code. Nothing is stored.
///
/// # Errors
/// [`ApiError::CredentialsMissing`] or [`DecisionError::Forbidden`] if the caller is not root.
pub fn create_code(cx: &Context<'_>) -> Result<SignInSecret, ApiError> {
    if *cx.principal()? != Principal::Root {
        return Err(DecisionError::Forbidden.into());
    }
    create(cx, SignInKind::Code)
}

/// Trades a sign-in code for a session key.
///
/// 1. A forged or expired code is refused without a ledger call.
/// 2. The operator's ledger refuses a code that was used before.
///
/// # Errors
/// [`DecisionError::SignInCodeInvalid`], or [`ApiError::Unavailable`]. If the ledger did not answer, the code may be used.
pub async fn create_session(cx: &Context<'_>, code: Secret) -> Result<SignInSecret, ApiError> {
    let opened = cx.config.keyring.open_sign_in(SignInKind::Code, &cx.config.root_key, &code.0);
    let SignIn { expires_at, digest } =
        opened.filter(|code| cx.now < code.expires_at).ok_or(DecisionError::SignInCodeInvalid)?;
    cx.operator().by(Principal::Root).run_plain(UseSignInCode { code: digest, expires_at }).await?;
    create(cx, SignInKind::Session)
}

fn create(cx: &Context<'_>, kind: SignInKind) -> Result<SignInSecret, ApiError> {
    let signed = cx.config.keyring.sign_in(kind, &cx.config.root_key, cx.now, cx.random()?);
    let (SignIn { expires_at, .. }, text) = signed.ok_or(ApiError::Internal("the clock is outside 1970–2106"))?;
    Ok(SignInSecret { secret: Secret(text), expires_at })
}
