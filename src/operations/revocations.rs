//! Revocations at providers that operators read, retry and dismiss.

use super::context::Context;
use super::error::ApiError;
use super::provider_dispatch;
use crate::core::credential::{CredentialState, RevocationId};
use crate::core::decide::operator::ListAbandoned;
use crate::core::decide::revocations::{ManageRevocation, RevocationAction, RevocationResult};
use crate::core::params::Page;
use crate::core::revocation::Revocation;

/// Lists the abandoned revocations, newest first.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list_abandoned(cx: &Context<'_>, command: ListAbandoned) -> Result<Page<Revocation>, ApiError> {
    cx.operator().run_plain(command).await
}

/// Reads, retries or dismisses a revocation.
///
/// A retry asks the provider at once. If that attempt fails, the ledger makes further ones.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn manage(
    cx: &Context<'_>,
    id: RevocationId,
    action: RevocationAction,
) -> Result<RevocationResult, ApiError> {
    cx.require_operator()?;
    let command = ManageRevocation { seq: id.seq, action };
    let result = cx.user_ledger(id.ledger_id).run(command).await?.outcome;
    let connection_id = &result.connection.connection.id;
    let is_replayed = cx.is_replayed() && result.revocation.credential.state == CredentialState::Revoking;
    let connection = if !result.pending.is_empty() {
        provider_dispatch::attempt(cx, id.ledger_id, connection_id, &result.pending, None).await
    } else if is_replayed {
        provider_dispatch::current(cx, id.ledger_id, connection_id).await
    } else {
        None
    };
    let Some(connection) = connection else {
        return Ok(RevocationResult { pending: Vec::new(), ..result });
    };
    let credential = connection.credentials.iter().find(|credential| credential.seq == id.seq).cloned();
    let credential = credential.unwrap_or(result.revocation.credential);
    let revocation = Revocation { credential, ..result.revocation };
    Ok(RevocationResult { revocation, connection, pending: Vec::new() })
}
