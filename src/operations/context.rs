//! The context of a request: configuration, platform, time and caller.

use std::cell::Cell;
use std::time::Duration;

use subtle::ConstantTimeEq;

use super::authenticate::Caller;
use super::error::ApiError;
use super::platform::Platform;
use crate::core::command::IdempotencyKey;
use crate::core::handle::{HandleKind, MintNonce};
use crate::core::{
    ConnectionId, ConnectionRef, DecisionError, Digest, Handle, Keyring, LedgerId, NamedToken, Principal, Resource,
    Sealed, Timestamp, TokenRef, UserId,
};

/// When the edge reads the KV record of a token during a check (design: status and verdicts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hedge {
    /// When the ledger has not answered within this time. Zero reads both at once.
    After(Duration),
    /// Only when the ledger does not answer at all.
    OnFailure,
}

impl Hedge {
    /// The default: 50 milliseconds.
    pub const DEFAULT: Self = Self::After(Duration::from_millis(50));

    /// Reads the variable `HEDGE_MS`: milliseconds, or `off`. Any other text, also an empty one, is the default.
    ///
    /// ```
    /// use hookswitch::operations::context::Hedge;
    /// assert_eq!(Hedge::parse("off"), Hedge::OnFailure);
    /// assert_eq!(Hedge::parse(""), Hedge::DEFAULT);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "off" => Self::OnFailure,
            text => text.parse().map_or(Self::DEFAULT, |millis: u32| Self::After(Duration::from_millis(millis.into()))),
        }
    }
}

/// The settings of a deployment that operations and dialects read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name of the deployment in Stytch's URLs (`PROJECT_ID`).
    pub project_id: String,
    /// The URL of the operator's authorization page (`AUTHORIZATION_ENDPOINT`); empty if there is none.
    pub authorization_endpoint: String,
    /// For how many seconds a public client that uses a refresh token again gets the same answer
    /// (`REFRESH_GRACE_SECONDS`).
    pub refresh_grace: u32,
    /// When the edge reads KV during a check (`HEDGE_MS`).
    pub hedge: Hedge,
    /// How long a provider has to answer (`UPSTREAM_TIMEOUT_MS`).
    pub upstream_timeout: Duration,
    /// The first wait before a provider is asked again, in milliseconds (`UPSTREAM_RETRY_MS`).
    pub upstream_retry: u32,
    /// How long a webhook endpoint has to answer (`WEBHOOK_TIMEOUT_MS`).
    pub webhook_timeout: Duration,
    /// How long dead tokens and events are kept (`RETENTION_DAYS` or `RETENTION_SECONDS`).
    pub retention: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            project_id: String::new(),
            authorization_endpoint: String::new(),
            refresh_grace: 30,
            hedge: Hedge::DEFAULT,
            upstream_timeout: Duration::from_secs(10),
            upstream_retry: 10_000,
            webhook_timeout: Duration::from_secs(15),
            retention: Duration::from_hours(30 * 24),
        }
    }
}

/// The configuration of a deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The keys that create, verify and seal.
    pub keyring: Keyring,
    /// The digest of the root key.
    pub root_key: Digest,
    /// The settings.
    pub settings: Settings,
}

impl Config {
    /// Whether the text is the root key. The comparison takes the same time for every text.
    #[must_use]
    pub fn is_root_key(&self, text: &str) -> bool {
        let digest = Digest::of(text.as_bytes());
        digest.as_str().as_bytes().ct_eq(self.root_key.as_str().as_bytes()).into()
    }
}

/// The context of one request.
pub struct Context<'a> {
    /// The configuration of the deployment.
    pub config: &'a Config,
    /// The platform.
    pub platform: &'a dyn Platform,
    /// When the request arrived, on the clock of the edge.
    pub now: Timestamp,
    /// Who makes the request.
    pub caller: Caller,
    /// How the request is recognised if it is repeated.
    pub idempotency: Option<IdempotencyKey>,
    /// The id of the request, for logs and error bodies.
    pub request_id: &'a str,
    /// The scheme, host and port that the request was sent to.
    pub origin: &'a str,
    replayed: Cell<bool>,
}

impl<'a> Context<'a> {
    /// The context of a request that an unauthenticated caller makes.
    #[must_use]
    pub const fn new(
        config: &'a Config,
        platform: &'a dyn Platform,
        now: Timestamp,
        request_id: &'a str,
        origin: &'a str,
    ) -> Self {
        let caller = Caller::Anonymous;
        Self { config, platform, now, caller, idempotency: None, request_id, origin, replayed: Cell::new(false) }
    }

    /// The principal that makes the request.
    ///
    /// # Errors
    /// [`ApiError::CredentialsMissing`] if the caller is not a principal.
    pub const fn principal(&self) -> Result<&Principal, ApiError> {
        match &self.caller {
            Caller::Principal(principal) => Ok(principal),
            Caller::Anonymous | Caller::Client(_) | Caller::Ticket(_) => Err(ApiError::CredentialsMissing),
        }
    }

    /// Whether the answer repeats the one to an earlier request with the same `Idempotency-Key`. The edge adds the header
    /// `idempotency-replayed` then.
    #[must_use]
    pub const fn is_replayed(&self) -> bool {
        self.replayed.get()
    }

    pub(super) fn mark_replayed(&self) {
        self.replayed.set(true);
    }

    /// Rejects callers that may not do what is reserved for administrators.
    ///
    /// The ledger decides this too. The early answer saves the calls and the encryption that come before it.
    pub(super) fn require_operator(&self) -> Result<(), ApiError> {
        if self.principal()?.writes_everyone() { Ok(()) } else { Err(DecisionError::Forbidden.into()) }
    }

    /// The token that a request names. `user_id` is the user that the request says the token belongs to.
    ///
    /// # Errors
    /// The refusal of a token that this deployment did not create. It costs no ledger call.
    pub(super) fn token<'t>(
        &self,
        token: &'t NamedToken,
        user_id: Option<&UserId>,
    ) -> Result<(&'t Handle, &'t TokenRef), ApiError> {
        match token {
            NamedToken::Known { handle, token } => Ok((handle, token)),
            NamedToken::Invalid => Err(self.unknown(Resource::Token, user_id)?),
        }
    }

    /// The connection that a request names.
    ///
    /// # Errors
    /// The refusal of an id that this deployment did not create. It costs no ledger call.
    pub(super) fn connection<'t>(
        &self,
        connection: &'t ConnectionRef,
    ) -> Result<(LedgerId, &'t ConnectionId), ApiError> {
        match connection {
            ConnectionRef::Known { ledger_id, id } => Ok((*ledger_id, id)),
            ConnectionRef::Invalid => Err(self.unknown(Resource::Connection, None)?),
        }
    }

    /// The refusal of a forged handle: "not found" for callers that may learn this, "forbidden" for all others.
    fn unknown(&self, resource: Resource, user_id: Option<&UserId>) -> Result<ApiError, ApiError> {
        let learns = self.principal()?.learns_of_forgery(user_id);
        Ok(if learns { DecisionError::NotFound(resource) } else { DecisionError::Forbidden }.into())
    }

    /// Random bytes.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if the platform has none.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], ApiError> {
        let mut bytes = [0; N];
        self.platform.random(&mut bytes).map_err(|_| ApiError::Internal("the platform has no random bytes"))?;
        Ok(bytes)
    }

    /// A fresh nonce for the handles of a request.
    pub(super) fn nonce(&self) -> Result<MintNonce, ApiError> {
        Ok(MintNonce(u64::from_be_bytes(self.random()?), u64::from_be_bytes(self.random()?)))
    }

    /// Encrypts a secret for its owner.
    pub(super) fn seal(&self, owner: &str, secret: &Secret) -> Result<Sealed, ApiError> {
        let sealed = self.config.keyring.seal(owner, &secret.0, self.random()?);
        sealed.ok_or(ApiError::Internal("a secret cannot be encrypted"))
    }
}

/// The text of a handle that was created for a command.
///
/// # Errors
/// [`ApiError::Internal`] if the command creates no such handle.
pub(super) fn secret_of(minted: &crate::core::command::Minted, kind: HandleKind) -> Result<String, ApiError> {
    minted.secret(kind).ok_or(ApiError::Internal("the command creates no such handle"))
}

/// A secret of a request: an upstream credential, or the secret of a provider or webhook endpoint. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
