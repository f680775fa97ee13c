//! Authentication: the caller that credentials belong to.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::Principal;
//! use hookswitch::operations::authenticate::authenticate;
//! use hookswitch::operations::{Caller, Credentials, Secret};
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let cx = deployment.by(Caller::Anonymous);
//! let caller = deployment.run(authenticate(&cx, Credentials::Key(Secret("root".to_owned()))));
//! assert_eq!(caller.unwrap().unwrap(), Caller::Principal(Principal::Root));
//! # }
//! ```

use super::app_lookup;
use super::caller::{Caller, ClientCredentials, Credentials};
use super::config::Config;
use super::context::Context;
use super::error::{ApiError, CredentialProblem};
use super::platform::{REMEMBERED_SECONDS, RememberedKey};
use crate::core::decide::keys::AuthenticateKey;
use crate::core::{App, DecisionError, Handle, HandleKind, Principal};

/// Finds the caller that the credentials belong to.
///
/// 1. The root key is compared with its digest.
/// 2. A forged API key is rejected without a ledger call.
/// 3. The isolate remembers the owner of a key for [`REMEMBERED_SECONDS`].
/// 4. Otherwise the ledger of the key's owner answers.
///
/// # Errors
/// [`ApiError::CredentialsMissing`], [`ApiError::CredentialsInvalid`], [`ApiError::TicketExpired`], or that the ledger did
/// not answer.
pub async fn authenticate(cx: &Context<'_>, credentials: Credentials) -> Result<Caller, ApiError> {
    match credentials {
        Credentials::Missing => Err(ApiError::CredentialsMissing),
        Credentials::Invalid(problem) => Err(ApiError::CredentialsInvalid(problem)),
        Credentials::Public => Ok(Caller::Anonymous),
        Credentials::Token => Ok(Caller::Principal(Principal::Holder)),
        Credentials::Client(client) => Ok(Caller::Client(client)),
        Credentials::Ticket(ticket) if ticket.expires_at <= cx.now => Err(ApiError::TicketExpired),
        Credentials::Ticket(ticket) => Ok(Caller::Ticket(ticket)),
        Credentials::Key(key) => Ok(Caller::Principal(key_owner(cx, &key.0).await?)),
        Credentials::AdminKey(key) => match key_owner(cx, &key.0).await? {
            owner if owner.writes_everyone() => Ok(Caller::Principal(owner)),
            _ => Err(ApiError::CredentialsInvalid(CredentialProblem::NotAnAdmin)),
        },
    }
}

async fn key_owner(cx: &Context<'_>, key: &str) -> Result<Principal, ApiError> {
    if cx.config.is_root_key(key) {
        return Ok(Principal::Root);
    }
    let handle = api_key(cx.config, key).ok_or(ApiError::CredentialsInvalid(CredentialProblem::UnknownKey))?;
    let digest = handle.digest();
    let memory = cx.platform.memory();
    if let Some(remembered) = memory.key_owner(&digest).filter(|key| cx.now < key.valid_until) {
        return remembered.principal.ok_or(ApiError::CredentialsInvalid(CredentialProblem::DeadKey));
    }
    let command = AuthenticateKey { digest: digest.clone() };
    let owner = cx.user_ledger(handle.ledger_id()).by(Principal::Holder).run_plain(command).await?;
    let valid_until = cx.now.plus_seconds(REMEMBERED_SECONDS);
    let expires_at = owner.as_ref().and_then(|owner| owner.expires_at);
    let principal = owner.map(|owner| owner.principal);
    let valid_until = expires_at.map_or(valid_until, |expires_at| valid_until.min(expires_at));
    memory.remember_key_owner(&digest, RememberedKey { principal: principal.clone(), valid_until });
    principal.ok_or(ApiError::CredentialsInvalid(CredentialProblem::DeadKey))
}

fn api_key(config: &Config, key: &str) -> Option<Handle> {
    config.keyring.open(key).ok().filter(|handle| handle.kind() == HandleKind::ApiKey)
}

/// Verifies the credentials of an OAuth client and returns its registration.
///
/// # Errors
/// [`DecisionError::ClientInvalid`], or [`ApiError::Unavailable`].
pub(super) async fn authenticate_client(cx: &Context<'_>, client: &ClientCredentials) -> Result<App, ApiError> {
    match app_lookup::find(cx, &client.app_id).await? {
        Some(app) if app.verify_secret(client.secret.as_ref(), cx.now) => Ok(app),
        _ => Err(DecisionError::ClientInvalid.into()),
    }
}
