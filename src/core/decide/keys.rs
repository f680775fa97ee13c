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
use crate::core::snapshot::{ChangeSet, Reads};
use crate::core::time::Timestamp;
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

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Option<AuthenticatedKey>, DecisionError> {
        let (Some(user), Ok(key)) = (&cx.snapshot.user, cx.snapshot.token()) else {
            return Ok(None);
        };
        let principal = Principal::of_key(user, key, &cx.snapshot.state(key, cx.now));
        Ok(principal.map(|principal| AuthenticatedKey { principal, expires_at: key.expires_at }))
    }
}
