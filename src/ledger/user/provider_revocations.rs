//! Revocations at providers: further attempts after the Worker's first one, and the operator's list of those that were
//! abandoned.

use futures_util::future::join_all;

use super::alarm_jobs::Job;
use super::{read, rows};
use crate::core::decide::operator::{GetProviderVersions, UpdateAbandoned};
use crate::core::decide::revocations::RecordAttempts;
use crate::core::revocation::{DISPATCH_SECONDS, PendingRevocation, Revocation, RevocationAttempt};
use crate::core::{ConnectionId, Credential, CredentialState, Sealed, Slug, Timestamp, User};
use crate::ledger::alarm::ask_operator;
use crate::ledger::error::StorageError;
use crate::ledger::sql::{Row, Sql};
use crate::upstream::dispatch::{Dispatcher, with_catalogue};

/// How many credentials one ring handles.
const BATCH: u32 = 10;
/// How many abandoned revocations of one user are in the operator's list at once.
const LISTED_MAX: u32 = 100;
/// How long the update of the operator's list waits after it failed, in seconds.
const LISTING_RETRY: i64 = 60;

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

/// A credential that the operator's list may have to show.
struct DueListing {
    credential: Credential,
    due_at: Timestamp,
}

/// Updates the operator's list of abandoned revocations.
pub(super) async fn list_abandoned(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let now = job.platform.now();
    let due = job.sql.run(
        "SELECT seq, connection_id, token_type, state, expires_at, attempts, due_at, changed_at, error,
           provider_version, sealed, listing_due_at
         FROM credentials WHERE listing_due_at <= ? ORDER BY listing_due_at LIMIT ?",
        &[now.into(), BATCH.into()],
    )?;
    let due = due.all(|row| Ok(DueListing { credential: rows::credential(row)?, due_at: row.time()? }))?;
    let Some(user) = read::user(job.sql)?.filter(|_| !due.is_empty()) else {
        return Ok(None);
    };
    let due = within_limit(job, due)?;
    let mut updates = Vec::new();
    for listing in &due {
        updates.push(update_of(job, &user, &listing.credential)?);
    }
    let outcomes = join_all(updates.into_iter().map(|update| ask_operator(job.platform, update))).await;
    let mut failure = None;
    for (listing, outcome) in due.iter().zip(outcomes) {
        let is_listed = listing.credential.state == CredentialState::Abandoned;
        let retry_at = outcome.is_err().then(|| job.platform.now().plus_seconds(LISTING_RETRY));
        job.sql.run(
            "UPDATE credentials SET listing_due_at = ?1, listed = listed AND (?2 OR ?1 IS NOT NULL)
             WHERE seq = ?3 AND listing_due_at = ?4",
            &[retry_at.into(), is_listed.into(), listing.credential.seq.into(), listing.due_at.into()],
        )?;
        failure = failure.or(outcome.err());
    }
    list_next(job)?;
    failure.map_or(Ok(None), Err)
}

/// Leaves out what the operator's list has no place for: a user fills only a bounded part of it.
fn within_limit(job: &Job<'_>, due: Vec<DueListing>) -> Result<Vec<DueListing>, StorageError> {
    let mut listed = count_listed(job.sql)?;
    let mut within = Vec::new();
    for listing in due {
        if listing.credential.state != CredentialState::Abandoned {
            within.push(listing);
        } else if listed < LISTED_MAX {
            listed = listed.saturating_add(1);
            within.push(listing);
        } else {
            job.sql.run(
                "UPDATE credentials SET listing_due_at = NULL, listed = 0 WHERE seq = ?",
                &[listing.credential.seq.into()],
            )?;
        }
    }
    Ok(within)
}

/// Lists the oldest of the abandoned revocations that had no place in the list, as far as there are places now.
fn list_next(job: &Job<'_>) -> Result<(), StorageError> {
    let places = LISTED_MAX.saturating_sub(count_listed(job.sql)?).min(BATCH);
    let statement = "UPDATE credentials SET listed = 1, listing_due_at = ? WHERE seq IN
         (SELECT seq FROM credentials WHERE state = 'abandoned' AND NOT listed ORDER BY seq LIMIT ?)";
    job.sql.run(statement, &[job.platform.now().into(), places.into()])?;
    Ok(())
}

/// How many credentials of the user are in the operator's list.
fn count_listed(sql: &dyn Sql) -> Result<u32, StorageError> {
    let rows = sql.run("SELECT COUNT(*) FROM credentials WHERE listed AND listing_due_at IS NULL", &[])?;
    Ok(rows.first(Row::number)?.unwrap_or_default())
}

/// The update after which the operator's list shows the current state of a credential.
fn update_of(job: &Job<'_>, user: &User, credential: &Credential) -> Result<UpdateAbandoned, StorageError> {
    if credential.state != CredentialState::Abandoned {
        return Ok(UpdateAbandoned::Unlist(credential.revocation_id(&user.user_id).to_string()));
    }
    let connection = read::connections(job.sql, "c.id = ?", &[(&credential.connection_id).into()])?.pop();
    let connection = connection.ok_or(StorageError::Conflict("a credential has no connection"))?;
    Ok(UpdateAbandoned::List(Box::new(Revocation::of(&user.user_id, &connection, credential))))
}
