//! Authentication: the caller that credentials belong to.

use super::context::{Config, Context};
use super::error::ApiError;
use super::platform::RememberedKey;
use crate::core::decide::keys::AuthenticateKey;
use crate::core::{Actor, AppId, Digest, Handle, HandleKind, Principal, Ticket};

/// How long an isolate remembers the owner of an API key or the registration of an app, in seconds. A revoked key, a
/// changed role and a changed app take effect everywhere after this time.
pub const REMEMBERED_SECONDS: i64 = 10;

/// The credentials of a request, as its dialect found them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// None.
    Missing,
    /// Credentials that cannot be valid.
    Invalid,
    /// A text that is an API key or the root key, if it is valid.
    Key(Secret),
    /// The same, for calls that only the root key and keys of admins may make.
    AdminKey(Secret),
    /// An OAuth client.
    Client(ClientCredentials),
    /// The token that the request is about.
    Token,
    /// A status ticket. Its signature was verified.
    Ticket(Ticket),
    /// None, for a call that everybody may make.
    Public,
}

pub use super::context::Secret;

/// The credentials of an OAuth client (RFC 6749 §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    /// The `client_id`.
    pub app_id: AppId,
    /// The digest of the client secret; `None` for a public client.
    pub secret: Option<Digest>,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody authenticated.
    Anonymous,
    /// A principal, or the holder of the token that the request is about.
    Principal(Principal),
    /// An OAuth client whose secret was not verified yet. That takes a lookup, which waits until the token that the
    /// client presents is known not to be forged.
    Client(ClientCredentials),
    /// The holder of a status ticket.
    Ticket(Ticket),
}

impl Caller {
    /// The caller as the author of changes.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Principal(Principal::Holder) | Self::Anonymous | Self::Ticket(_) => None,
            Self::Principal(principal) => Some(principal.actor()),
            Self::Client(client) => Some(Actor::app(&client.app_id)),
        }
    }

    /// The actor for the log; `None` if everybody can claim to be this caller.
    #[must_use]
    pub fn logged_actor(&self) -> Option<Actor> {
        match self {
            Self::Client(ClientCredentials { secret: None, .. }) => None,
            _ => self.actor(),
        }
    }

    /// The key under which the rate limit counts the caller; `None` if everybody can claim to be this caller.
    ///
    /// A client is counted by its secret, so that the holder of a replaced secret does not use up the limit of the app. No
    /// user id contains a line break, so no user has the same key as an app or a ticket.
    #[must_use]
    pub fn rate_limit_key(&self) -> Option<String> {
        match self {
            Self::Client(client) => client.secret.as_ref().map(|secret| format!("app:\n{}", secret.as_str())),
            Self::Ticket(ticket) => Some(format!("ticket:\n{}", ticket.subject.id())),
            _ => self.actor().map(|actor| actor.as_str().to_owned()),
        }
    }
}

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
        Credentials::Invalid => Err(ApiError::CredentialsInvalid),
        Credentials::Public => Ok(Caller::Anonymous),
        Credentials::Token => Ok(Caller::Principal(Principal::Holder)),
        Credentials::Client(client) => Ok(Caller::Client(client)),
        Credentials::Ticket(ticket) if ticket.expires_at <= cx.now => Err(ApiError::TicketExpired),
        Credentials::Ticket(ticket) => Ok(Caller::Ticket(ticket)),
        Credentials::Key(key) => Ok(Caller::Principal(key_owner(cx, &key.0).await?)),
        Credentials::AdminKey(key) => match key_owner(cx, &key.0).await? {
            owner if owner.writes_everyone() => Ok(Caller::Principal(owner)),
            _ => Err(ApiError::CredentialsInvalid),
        },
    }
}

async fn key_owner(cx: &Context<'_>, key: &str) -> Result<Principal, ApiError> {
    if cx.config.is_root_key(key) {
        return Ok(Principal::Root);
    }
    let handle = api_key(cx.config, key).ok_or(ApiError::CredentialsInvalid)?;
    let digest = handle.digest();
    let memory = cx.platform.memory();
    if let Some(remembered) = memory.key_owner(&digest).filter(|key| cx.now < key.valid_until) {
        return remembered.principal.ok_or(ApiError::CredentialsInvalid);
    }
    let command = AuthenticateKey { digest: digest.clone() };
    let owner = cx.user_ledger(handle.ledger_id()).as_principal(Principal::Holder).read(command).await?;
    let valid_until = cx.now.plus_seconds(REMEMBERED_SECONDS);
    let expires_at = owner.as_ref().and_then(|owner| owner.expires_at);
    let principal = owner.map(|owner| owner.principal);
    let valid_until = expires_at.map_or(valid_until, |expires_at| valid_until.min(expires_at));
    memory.remember_key_owner(&digest, RememberedKey { principal: principal.clone(), valid_until });
    principal.ok_or(ApiError::CredentialsInvalid)
}

fn api_key(config: &Config, key: &str) -> Option<Handle> {
    config.keyring.open(key).ok().filter(|handle| handle.kind() == HandleKind::ApiKey)
}
