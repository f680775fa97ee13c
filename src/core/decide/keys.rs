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
use crate::core::command::{Authority, Command};
use crate::core::error::DecisionError;
use crate::core::snapshot::{ChangeSet, Reads, USE_SECONDS, Use, is_use_due};
use crate::core::time::Timestamp;
use crate::core::token::Token;
use crate::core::token_ref::TokenRef;

/// Authenticates the holder of an API key. The outcome is `None` if the key is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticateKey {
    /// The key: by its secret when a request presents it, and by its public id when the Worker looks at the key of a
    /// remembered principal again.
    pub key: TokenRef,
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
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<AuthenticatedKey>;
}

impl UserCommand for AuthenticateKey {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { tokens: vec![self.key.clone()], ..Reads::default() }
    }

    fn authorize(&self, _: &DecisionContext<'_>) -> Result<(), DecisionError> {
        Ok(())
    }

    fn decide(
        &self,
        cx: &DecisionContext<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Option<AuthenticatedKey>, DecisionError> {
        let (Some(user), Ok(key)) = (&cx.snapshot.user, cx.snapshot.token()) else {
            return Ok(None);
        };
        let Some(principal) = Principal::of_key(user, key, &cx.snapshot.state(key, cx.now)) else {
            return Ok(None);
        };
        let mut expires_at = key.expires_at;
        if is_use_due(key.grant.last_used_at, cx.now) {
            expires_at = expiry_after_use(key, cx.now);
            changes.uses.push(Use::ApiKey { key: key.digest.key(), expires_at });
        }
        Ok(Some(AuthenticatedKey { principal, expires_at }))
    }
}

/// When an API key expires if it is used now.
///
/// A key with an idle expiry lives on for that time after each use. A use within 15 minutes after the last recorded one is
/// not recorded, so the key gets as much more.
pub(super) fn expiry_after_use(key: &Token, now: Timestamp) -> Option<Timestamp> {
    match key.grant.lifetime {
        None => key.expires_at,
        Some(seconds) => {
            let idle = now.plus_seconds(i64::from(seconds).saturating_add(USE_SECONDS));
            Some(key.grant.expires_max.map_or(idle, |max| idle.min(max)))
        }
    }
}
