//! Revocations at providers during a request: the providers are asked at once, and the attempts are recorded in the user's
//! ledger. If anything fails here, the ledger's alarm makes the attempt.

use futures_util::future::join_all;

use super::context::Context;
use super::error::ApiError;
use crate::core::decide::connections::{ConnectionChanged, GetConnection};
use crate::core::decide::operator::GetProviderVersions;
use crate::core::decide::revocations::RecordAttempts;
use crate::core::provider::ProviderVersions;
use crate::core::revocation::PendingRevocation;
use crate::core::schedule::Schedule;
use crate::core::{ConnectionId, ConnectionStatus, ConnectionVerdict, LedgerId, Principal, Slug};
use crate::upstream::dispatch::{Dispatcher, with_catalogue};

/// Reads all versions of a provider.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub(super) async fn versions(cx: &Context<'_>, slug: &Slug) -> Result<ProviderVersions, ApiError> {
    let command = GetProviderVersions { slug: slug.clone() };
    Ok(with_catalogue(cx.operator().by(Principal::Root).run_plain(command).await?))
}

/// Asks the providers of the credentials that a change left pending, and writes the result into the change.
///
/// If the change repeats an earlier answer, the earlier request asked the providers: the connection is read as it is now.
/// `known` is the provider that the request has read already.
pub(super) async fn dispatch(
    cx: &Context<'_>,
    ledger_id: LedgerId,
    changed: ConnectionChanged,
    known: Option<ProviderVersions>,
) -> ConnectionChanged {
    let ConnectionChanged { previous, verdict, pending } = changed;
    let verdict = if !pending.is_empty() {
        attempt(cx, ledger_id, &verdict.connection.id, &pending, known).await.unwrap_or(verdict)
    } else if cx.is_replayed() && verdict.status() == ConnectionStatus::Revoking {
        current(cx, ledger_id, &verdict.connection.id).await.unwrap_or(verdict)
    } else {
        verdict
    };
    ConnectionChanged { previous, verdict, pending: Vec::new() }
}

/// Asks the providers and records their answers. Returns the connection as it is then; `None` if the ledger did not answer.
pub(super) async fn attempt(
    cx: &Context<'_>,
    ledger_id: LedgerId,
    connection_id: &ConnectionId,
    pending: &[PendingRevocation],
    known: Option<ProviderVersions>,
) -> Option<ConnectionVerdict> {
    let mut slugs: Vec<&Slug> = Vec::new();
    for revocation in pending {
        let is_known = known.as_ref().is_some_and(|known| known.slug == revocation.provider);
        if !is_known && !slugs.contains(&&revocation.provider) {
            slugs.push(&revocation.provider);
        }
    }
    let read = join_all(slugs.iter().map(|slug| versions(cx, slug))).await;
    // A provider whose configuration cannot be read is not asked: that is no attempt.
    let unread: Vec<_> = slugs.iter().zip(&read).filter(|(_, read)| read.is_err()).map(|(slug, _)| *slug).collect();
    let pending: Vec<_> =
        pending.iter().filter(|revocation| !unread.contains(&&revocation.provider)).cloned().collect();
    let providers: Vec<_> = read.into_iter().filter_map(Result::ok).chain(known).collect();

    let settings = &cx.config.settings;
    let dispatcher = Dispatcher {
        http: cx.platform.http(),
        keyring: &cx.config.keyring,
        timeout: settings.upstream_timeout,
        now: cx.now,
    };
    let attempts = dispatcher.dispatch(&pending, &providers).await;
    if attempts.is_empty() {
        return None;
    }
    let [jitter] = cx.random().ok()?;
    let schedule = Schedule { base: settings.upstream_retry, jitter };
    let command = RecordAttempts { connection_id: connection_id.clone(), attempts, schedule };
    cx.user_ledger(ledger_id).by(Principal::Root).run_plain(command).await.ok().flatten()
}

/// The connection as it is now.
pub(super) async fn current(cx: &Context<'_>, ledger_id: LedgerId, id: &ConnectionId) -> Option<ConnectionVerdict> {
    let command = GetConnection { id: id.clone() };
    cx.user_ledger(ledger_id).by(Principal::Root).run_plain(command).await.ok()
}
