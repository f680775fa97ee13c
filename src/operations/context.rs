//! The context of a request: configuration, platform, time and caller.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::core::Principal;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! assert_eq!(deployment.root().principal(), Ok(&Principal::Root));
//! # }
//! ```

use std::cell::{Cell, RefCell};

use super::authenticate::PresentedKey;
use super::caller::{Caller, Secret};
use super::config::Config;
use super::error::ApiError;
use super::platform::Platform;
use crate::core::command::IdempotencyKey;
use crate::core::handle::MintNonce;
use crate::core::{
    ConnectionId, ConnectionRef, DecisionError, Handle, LedgerId, NamedToken, Principal, Resource, Sealed, Timestamp,
    TokenRef, UserId,
};

/// The context of one request.
pub struct Context<'a> {
    /// The configuration of the deployment.
    pub config: &'a Config,
    /// The platform.
    pub platform: &'a dyn Platform,
    /// When the request arrived, on the clock of the edge.
    pub now: Timestamp,
    /// The caller that makes the request.
    pub caller: Caller,
    /// How the request is recognised if it is repeated.
    pub idempotency: Option<IdempotencyKey>,
    /// The id of the request, for logs and error bodies.
    pub request_id: &'a str,
    /// The scheme, host and port that the request was sent to.
    pub origin: &'a str,
    /// The API key of the request, and the answer of its ledger about it during the request.
    pub(super) presented_key: RefCell<PresentedKey>,
    replayed: Cell<bool>,
}

impl<'a> Context<'a> {
    /// The context of a request that an unauthenticated caller makes.
    #[must_use]
    pub fn new(
        config: &'a Config,
        platform: &'a dyn Platform,
        now: Timestamp,
        request_id: &'a str,
        origin: &'a str,
    ) -> Self {
        Self {
            config,
            platform,
            now,
            caller: Caller::Anonymous,
            idempotency: None,
            request_id,
            origin,
            presented_key: RefCell::default(),
            replayed: Cell::new(false),
        }
    }

    /// The principal that makes the request. The isolate may remember it: see
    /// `authenticate::current_principal`.
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

    /// The token that a request names. `user_id` is the user that the token belongs to, according to the request.
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
