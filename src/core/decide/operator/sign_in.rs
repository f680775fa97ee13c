//! Sign-in codes.

use serde::{Deserialize, Serialize};

use super::{OperatorCommand, OperatorContext, OperatorMutation, OperatorReads, operator_command};
use crate::core::command::Command;
use crate::core::digest::Digest;
use crate::core::error::DecisionError;
use crate::core::time::Timestamp;

/// Uses a sign-in code. A code can be used once.
///
/// Codes are signed, so only used ones are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseSignInCode {
    /// The digest of the code.
    pub code: Digest,
    /// When the code expires.
    pub expires_at: Timestamp,
}

operator_command!(UseSignInCode, "use_sign_in_code", NotCreated, ());

impl OperatorCommand for UseSignInCode {
    fn reads(&self) -> OperatorReads {
        OperatorReads { used_sign_in_code: Some(self.code.clone()), ..OperatorReads::default() }
    }

    fn decide(&self, cx: &OperatorContext<'_>, mutations: &mut Vec<OperatorMutation>) -> Result<(), DecisionError> {
        // The ledger forgets a used code when the code expires on the ledger's clock, so this clock decides.
        if cx.snapshot.is_sign_in_code_used || self.expires_at <= cx.now {
            return Err(DecisionError::SignInCodeInvalid);
        }
        mutations.push(OperatorMutation::AddUsedSignInCode { code: self.code.clone(), expires_at: self.expires_at });
        Ok(())
    }
}
