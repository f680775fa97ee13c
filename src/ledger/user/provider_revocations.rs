//! Revocations at providers: further attempts after the Worker's first one.

use futures_util::future::join_all;

use super::alarm_jobs::Job;
use crate::core::decide::operator::GetProviderVersions;
use crate::core::decide::revocations::RecordAttempts;
use crate::core::revocation::{DISPATCH_SECONDS, PendingRevocation, RevocationAttempt};
use crate::core::{ConnectionId, Sealed, Slug, Timestamp};
use crate::ledger::alarm::ask_operator;
use crate::ledger::error::StorageError;
use crate::upstream::dispatch::{Dispatcher, with_catalogue};

/// How many credentials one ring handles.
const BATCH: u32 = 10;

/// Asks providers to revoke the credentials that are due, and records their answers.
pub(super) async fn revoke_at_providers(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let pending = take_due(job)?;
    if pending.is_empty() {
        return Ok(None);
    }
    let keyring = job.platform.keyring()?;
    let mut slugs: Vec<&Slug> = pending.iter().map(|revocation| &revocation.provider).collect();
    slugs.sort_unstable();
    slugs.dedup();
    let found = slugs.iter().map(|slug| ask_operator(job.platform, GetProviderVersions { slug: (*slug).clone() }));
    let (mut providers, mut unknown, mut failure) = (Vec::new(), Vec::new(), None);
    for (slug, versions) in slugs.iter().zip(join_all(found).await) {
        match versions {
            Ok(versions) => providers.push(with_catalogue(versions)),
            // The provider was not asked: that is no attempt, and the credential is due again after the lease.
            Err(error) => {
                unknown.push((*slug).clone());
                failure = Some(error);
            }
        }
    }
    let known: Vec<PendingRevocation> =
        pending.iter().filter(|revocation| !unknown.contains(&revocation.provider)).cloned().collect();
    let dispatcher = Dispatcher {
        http: job.platform.http(),
        keyring: &keyring,
        timeout: job.platform.upstream_timeout(),
        now: job.platform.now(),
    };
    let attempts = dispatcher.dispatch(&known, &providers).await;
    record_attempts(job, &known, &attempts)?;
    failure.map_or(Ok(None), Err)
}

/// Reads the credentials that are due, and leases them for as long as an attempt may take.
fn take_due(job: &Job<'_>) -> Result<Vec<PendingRevocation>, StorageError> {
    let now = job.now()?;
    let due = job.sql.run(
        "SELECT k.seq, k.attempts, k.connection_id, c.provider, k.provider_version, k.token_type, k.sealed
         FROM credentials AS k JOIN connections AS c ON c.id = k.connection_id
         WHERE k.due_at <= ? AND k.state = 'revoking' AND k.sealed IS NOT NULL AND c.provider IS NOT NULL
         ORDER BY k.due_at LIMIT ?",
        &[now.into(), BATCH.into()],
    )?;
    let due = due.all(|row| {
        Ok(PendingRevocation {
            seq: row.count()?,
            attempts: row.number()?,
            connection_id: row.stored(ConnectionId::stored)?,
            provider: row.stored(Slug::stored)?,
            provider_version: row.optional_time()?,
            token_type: row.parsed("a type of credential")?,
            sealed: row.stored(Sealed::stored)?,
        })
    })?;
    let leased_until = now.plus_seconds(DISPATCH_SECONDS);
    job.sql.transaction(&mut || {
        for revocation in &due {
            let binds = [leased_until.into(), revocation.seq.into()];
            job.sql.run("UPDATE credentials SET due_at = ? WHERE seq = ?", &binds)?;
        }
        // Nothing can be done for a due credential without a secret or a provider. Credentials beyond the batch stay
        // due.
        let orphaned =
            "UPDATE credentials SET due_at = NULL WHERE due_at <= ? AND (state <> 'revoking' OR sealed IS NULL
            OR NOT EXISTS (SELECT 1 FROM connections AS c WHERE c.id = connection_id AND c.provider IS NOT NULL))";
        job.sql.run(orphaned, &[now.into()]).map(drop)
    })?;
    Ok(due)
}

fn record_attempts(
    job: &Job<'_>,
    asked: &[PendingRevocation],
    attempts: &[RevocationAttempt],
) -> Result<(), StorageError> {
    let mut connections: Vec<&ConnectionId> = asked.iter().map(|revocation| &revocation.connection_id).collect();
    connections.sort_unstable();
    connections.dedup();
    for connection_id in connections {
        let of_connection = |attempt: &&RevocationAttempt| {
            asked.iter().any(|revocation| revocation.seq == attempt.seq && revocation.connection_id == *connection_id)
        };
        let context = job.context();
        let command = RecordAttempts {
            connection_id: connection_id.clone(),
            attempts: attempts.iter().filter(of_connection).cloned().collect(),
            schedule: context.provider_schedule(),
        };
        let (_, effects) = job.ledger.run(job.sql, command, &context)?;
        job.announce(effects);
    }
    Ok(())
}
