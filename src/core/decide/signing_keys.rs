//! Commands of the operator's ledger for the keys with which the deployment signs.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::signing_keys::ListSigningKeys;
//!
//! assert_eq!(ListSigningKeys::NAME, "list_signing_keys");
//! ```

use serde::{Deserialize, Serialize};

use super::operator::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::error::DecisionError;
use crate::core::signing_key::{SigningKey, published};

/// The highest number of keys that are stored.
const KEYS_MAX: usize = 8;

/// Lists the keys from the oldest to the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSigningKeys {}

operator_command!(ListSigningKeys, "list_signing_keys", NotCreated, Vec<SigningKey>);

impl OperatorCommand for ListSigningKeys {
    fn reads(&self) -> OperatorReads {
        OperatorReads { signing_keys: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        _: &mut Vec<OperatorMutation>,
    ) -> Result<Vec<SigningKey>, DecisionError> {
        Ok(cx.snapshot.signing_keys.clone())
    }
}

/// Adds a key, and deletes the keys that are no longer published. If another key was added since the caller read the keys,
/// nothing changes: of several Workers that make a key at the same time, one succeeds. The outcome is the new list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddSigningKey {
    /// The new key. The ledger sets `created_at`.
    pub key: SigningKey,
    /// The name of the newest key that the caller knows.
    pub after: Option<String>,
}

operator_command!(AddSigningKey, "add_signing_key", NotCreated, Vec<SigningKey>);

impl OperatorCommand for AddSigningKey {
    fn reads(&self) -> OperatorReads {
        OperatorReads { signing_keys: true, ..OperatorReads::default() }
    }

    fn decide(
        &self,
        cx: &OperatorContext<'_>,
        mutations: &mut Vec<OperatorMutation>,
    ) -> Result<Vec<SigningKey>, DecisionError> {
        let before = &cx.snapshot.signing_keys;
        if before.last().map(|key| &key.kid) != self.after.as_ref() {
            return Ok(before.clone());
        }
        let key = SigningKey { created_at: cx.now, ..self.key.clone() };
        let all: Vec<_> = before.iter().cloned().chain([key.clone()]).collect();
        let mut kept = published(&all, cx.now);
        kept.drain(..kept.len().saturating_sub(KEYS_MAX));
        let dropped = all.iter().filter(|key| !kept.contains(key));
        mutations.extend(dropped.map(|key| OperatorMutation::DeleteSigningKey(key.kid.clone())));
        mutations.push(OperatorMutation::PutSigningKey(key));
        Ok(kept)
    }
}
