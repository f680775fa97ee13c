//! Re-encryption of credentials after the deployment's secret was rotated, so that the earlier secret can be dropped.

use super::alarm_jobs::Job;
use crate::core::{ConnectionId, Sealed, Timestamp};
use crate::ledger::error::StorageError;
use crate::ledger::resealing::Resealer;

/// How many credentials one ring looks at.
const BATCH: u32 = 50;

/// Re-encrypts a batch of credentials that an earlier secret encrypted. Each object looks through all credentials once in
/// its life while the deployment has earlier secrets.
pub(super) fn reseal(job: &Job<'_>) -> Result<Option<Timestamp>, StorageError> {
    let Some(after) = job.ledger.resealed_up_to.get() else {
        return Ok(None);
    };
    let keyring = job.platform.keyring()?;
    let resealer = Resealer { keyring: &keyring, platform: job.platform };
    if !resealer.has_earlier_keys() {
        job.ledger.resealed_up_to.set(None);
        return Ok(None);
    }
    let rows = job.sql.run(
        "SELECT seq, connection_id, sealed FROM credentials WHERE seq > ? AND sealed IS NOT NULL ORDER BY seq LIMIT ?",
        &[after.into(), BATCH.into()],
    )?;
    let sealed = rows.all(|row| Ok((row.count()?, row.stored(ConnectionId::stored)?, row.stored(Sealed::stored)?)))?;
    for (seq, owner, sealed) in &sealed {
        if let Some(renewed) = resealer.renew(owner.as_str(), sealed)? {
            job.sql.run(
                "UPDATE credentials SET sealed = ? WHERE seq = ? AND sealed = ?",
                &[(&renewed).into(), (*seq).into(), sealed.into()],
            )?;
        }
    }
    let is_full = u32::try_from(sealed.len()).is_ok_and(|count| count >= BATCH);
    job.ledger.resealed_up_to.set(sealed.last().map(|(seq, ..)| *seq).filter(|_| is_full));
    Ok(is_full.then(|| job.platform.now()))
}
