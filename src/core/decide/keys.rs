//! API keys: authentication.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::keys::AuthenticateKey;
//!
//! assert_eq!(AuthenticateKey::NAME, "authenticate_key");
//! ```

use serde::{Deserialize, Serialize};

use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::access::Principal;
use crate::core::command::Command;
use crate::core::digest::Digest;
use crate::core::error::DecisionError;
use crate::core::snapshot::{ChangeSet, Reads};
use crate::core::status::TokenState;
use crate::core::time::Timestamp;
use crate::core::token::TokenKind;
use crate::core::token_ref::TokenRef;
use crate::core::user::Role;

/// Authenticates the holder of an API key. The outcome is `None` if the key is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticateKey {
    /// The digest of the key.
    pub digest: Digest,
}

/// The principal that an API key authenticates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatedKey {
    /// The principal.
    pub principal: Principal,
    /// When the key expires.
    pub expires_at: Option<Timestamp>,
}

impl Command for AuthenticateKey {
    const NAME: &'static str = "authenticate_key";
    type Outcome = Option<AuthenticatedKey>;
}

impl UserCommand for AuthenticateKey {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        let key = TokenRef::Secret { kind: TokenKind::ApiKey, digest: self.digest.clone() };
        Reads { tokens: vec![key], ..Reads::default() }
    }

    fn authorize(&self, _: &DecisionContext<'_>) -> Result<(), DecisionError> {
        Ok(())
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Option<AuthenticatedKey>, DecisionError> {
        let (Some(user), Ok(key)) = (&cx.snapshot.user, cx.snapshot.token()) else {
            return Ok(None);
        };
        if key.kind != TokenKind::ApiKey || cx.snapshot.state(key, cx.now) != TokenState::Valid {
            return Ok(None);
        }
        let role = match user.profile.role {
            Role::Admin | Role::Manager if key.grant.limited => Role::Member,
            role => role,
        };
        let principal = Principal::User {
            user_id: user.user_id.clone(),
            role,
            groups: user.profile.groups.clone(),
            key: key.token_id.clone(),
            limited: key.grant.limited,
        };
        Ok(Some(AuthenticatedKey { principal, expires_at: key.expires_at }))
    }
}
