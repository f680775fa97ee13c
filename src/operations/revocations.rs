//! Revocations at providers that operators read, retry and dismiss.

use futures_util::future::join_all;

use super::context::Context;
use super::error::ApiError;
use super::provider_dispatch;
use crate::core::DecisionError;
use crate::core::credential::{CredentialState, RevocationId};
use crate::core::decide::operator::{ListAbandoned, UpdateAbandoned};
use crate::core::decide::revocations::{ManageRevocation, RevocationAction, RevocationResult};
use crate::core::params::{Cursor, Page};
use crate::core::revocation::Revocation;

/// Lists the abandoned revocations, newest first.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list_abandoned(cx: &Context<'_>, command: ListAbandoned) -> Result<Page<Revocation>, ApiError> {
    cx.operator().run_plain(command).await
}

/// The result of retrying or dismissing several revocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Managed {
    /// How many were retried or dismissed.
    pub changed: usize,
    /// The number of revocations that were not abandoned any more.
    pub unchanged: usize,
    /// How many ledgers did not answer.
    pub failed: usize,
    /// The cursor of the next page; `None` on the last page.
    pub next: Option<Cursor>,
}

/// Retries or dismisses a page of the abandoned revocations.
///
/// The providers are asked by the alarms of the ledgers, so that the time of this call does not depend on them. A
/// revocation that its ledger does not know any more is taken off the list.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn manage_many(
    cx: &Context<'_>,
    action: RevocationAction,
    command: ListAbandoned,
) -> Result<Managed, ApiError> {
    let page = list_abandoned(cx, command).await?;
    let outcomes = join_all(page.items.iter().map(|revocation| async move {
        let id = revocation.id();
        let command = ManageRevocation { seq: id.seq, action };
        let outcome = cx.user_ledger(id.ledger_id).run_plain(command).await;
        if matches!(outcome, Err(ApiError::Refused(DecisionError::NotFound(_)))) {
            cx.operator().run_plain(UpdateAbandoned::Unlist(id.to_string())).await?;
        }
        outcome
    }))
    .await;
    let mut managed = Managed { next: page.next, ..Managed::default() };
    for outcome in outcomes {
        let count = match outcome {
            Ok(_) => &mut managed.changed,
            Err(ApiError::Refused(_)) => &mut managed.unchanged,
            Err(_) => &mut managed.failed,
        };
        *count = count.saturating_add(1);
    }
    Ok(managed)
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
