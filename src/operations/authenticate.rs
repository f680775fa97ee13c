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
use crate::core::sign_in::SignInKind;
use crate::core::{
    App, DecisionError, Digest, Handle, HandleKind, LedgerId, Principal, Timestamp, TokenKind, TokenRef,
};

/// Finds the caller that the credentials belong to.
///
/// 1. The root key is compared with its digest. The signature of a session key is verified.
/// 2. A forged API key is rejected without a ledger call.
/// 3. The isolate remembers the owner of a key for [`REMEMBERED_SECONDS`].
/// 4. Otherwise the ledger of the key's owner answers.
///
/// # Errors
/// [`ApiError::CredentialsMissing`], [`ApiError::CredentialsInvalid`], [`ApiError::TicketExpired`],
/// [`DecisionError::Forbidden`], or that the ledger did not answer.
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
        Credentials::RootKey(key) if cx.config.is_root_key(&key.0) => Ok(Caller::Principal(Principal::Root)),
        Credentials::RootKey(key) => {
            key_owner(cx, &key.0).await?;
            Err(DecisionError::Forbidden.into())
        }
    }
}

/// The API key of a request.
#[derive(Debug, Default)]
pub(super) struct PresentedKey {
    /// The digest of the key; `None` if the request has none.
    digest: Option<Digest>,
    /// The principal, if the ledger of the key's owner was asked during the request.
    current: Option<Principal>,
}

async fn key_owner(cx: &Context<'_>, key: &str) -> Result<Principal, ApiError> {
    if cx.config.is_root_key(key) {
        return Ok(Principal::Root);
    }
    if let Some(session) = cx.config.keyring.open_sign_in(SignInKind::Session, &cx.config.root_key, key) {
        let is_valid = cx.now < session.expires_at;
        return if is_valid {
            Ok(Principal::Root)
        } else {
            Err(ApiError::CredentialsInvalid(CredentialProblem::DeadKey))
        };
    }
    let handle = api_key(cx.config, key).ok_or(ApiError::CredentialsInvalid(CredentialProblem::UnknownKey))?;
    let digest = handle.digest();
    cx.presented_key.replace(PresentedKey { digest: Some(digest.clone()), current: None });
    if let Some(remembered) = cx.platform.memory().key_owner(&digest).filter(|key| cx.now < key.valid_until) {
        return remembered.principal.ok_or(ApiError::CredentialsInvalid(CredentialProblem::DeadKey));
    }
    ask_owner(cx, handle.ledger_id(), TokenRef::Secret { kind: TokenKind::ApiKey, digest }).await
}

/// The principal of a command that creates authority ([`Authority::Created`](crate::core::command::Authority)), as it is
/// now.
///
/// 1. Root, apps and the holders of tokens are as the request has them.
/// 2. If the ledger of the key's owner was asked during the request, its answer stands.
/// 3. Otherwise that ledger is asked, which is one call.
///
/// # Errors
/// [`ApiError::CredentialsInvalid`] if the key is dead, or [`ApiError::Unavailable`].
pub(super) async fn current_principal(cx: &Context<'_>, principal: Principal) -> Result<Principal, ApiError> {
    let Principal::User { user_id, key, .. } = &principal else {
        return Ok(principal);
    };
    let known = cx.presented_key.borrow().current.clone();
    match known {
        Some(current) => Ok(current),
        None => ask_owner(cx, LedgerId::of_user(user_id), key.clone()).await,
    }
}

/// Asks the ledger of the key's owner which principal the key authenticates, and remembers the answer.
async fn ask_owner(cx: &Context<'_>, ledger_id: LedgerId, key: TokenRef) -> Result<Principal, ApiError> {
    let owner = cx.user_ledger(ledger_id).by(Principal::Holder).run_plain(AuthenticateKey { key }).await?;
    let expires_at = owner.as_ref().and_then(|owner| owner.expires_at);
    let principal = owner.map(|owner| owner.principal);
    remember(cx, principal.clone(), expires_at);
    principal.ok_or(ApiError::CredentialsInvalid(CredentialProblem::DeadKey))
}

/// Remembers that the API key of the request is dead, because a ledger reported it.
pub(super) fn forget_key(cx: &Context<'_>) {
    remember(cx, None, None);
}

fn remember(cx: &Context<'_>, principal: Option<Principal>, expires_at: Option<Timestamp>) {
    let mut presented = cx.presented_key.borrow_mut();
    presented.current.clone_from(&principal);
    if let Some(digest) = &presented.digest {
        let valid_until = cx.now.plus_seconds(REMEMBERED_SECONDS);
        let valid_until = expires_at.map_or(valid_until, |expires_at| valid_until.min(expires_at));
        cx.platform.memory().remember_key_owner(digest, RememberedKey { principal, valid_until });
    }
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
