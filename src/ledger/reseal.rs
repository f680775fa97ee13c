//! Sealing anew what an earlier secret has sealed, so that it can be dropped some day.

use super::Ledger;
use super::fault::Result;
use super::sql::Row;
use crate::core::provider::Stored;
use crate::core::webhook::Endpoint;
use crate::core::{Keyring, Sealed};
use crate::platform::{packed, seal};

/// How many credentials one ring of the alarm seals anew, of what one secret has sealed.
const BATCH: i64 = 10;

impl Ledger {
    /// Whether there may be something to be sealed anew.
    pub(super) fn is_sealed_before(&self) -> bool {
        if !self.resealed.get() {
            let is_rotated = self.keyring().is_ok_and(|keyring| keyring.earlier_seal_keys().next().is_some());
            self.resealed.set(!is_rotated);
        }
        !self.resealed.get()
    }

    /// Seals anew what an earlier secret has sealed.
    pub(super) async fn reseal(&self) -> Result<()> {
        if !self.is_sealed_before() {
            return Ok(());
        }
        // What cannot be done now is done when this object starts again.
        self.resealed.set(true);
        let keyring = self.keyring()?;
        let mut done = 0_i64;
        for (name, sealed) in self.sealed_before(&keyring)? {
            let Some(secret) = seal::open(&keyring, &name, &sealed).await else { continue };
            let Some(anew) = seal::seal(&keyring, &name, &secret).await else { continue };
            self.replace(&sealed, &anew);
            self.sql.outcome()?;
            done = done.saturating_add(1);
        }
        if done >= BATCH {
            self.resealed.set(false);
        }
        Ok(())
    }

    /// What earlier secrets have sealed, each with the name of what it was sealed for.
    fn sealed_before(&self, keyring: &Keyring) -> Result<Vec<(String, Sealed)>> {
        let mut found = Vec::new();
        for row in self.sql.query("SELECT stored FROM providers", &[], Row::text) {
            let Some(stored) = packed::from_text::<Stored>(&row) else { continue };
            let name = Stored::sealed_for(&stored.provider.slug);
            found.extend(stored.client_secret.map(|secret| (name, secret)));
        }
        for row in self.sql.query("SELECT stored FROM endpoints", &[], Row::text) {
            let Some(endpoint) = packed::from_text::<Endpoint>(&row) else { continue };
            let name = Endpoint::sealed_for(&endpoint.name);
            found.extend(endpoint.previous_secret.map(|(secret, _)| (name.clone(), secret)));
            found.push((name, endpoint.secret));
        }
        let earlier: Vec<String> = keyring.earlier_seal_keys().map(seal::prefix).collect();
        found.retain(|(_, sealed)| earlier.iter().any(|prefix| sealed.as_str().starts_with(prefix)));
        for prefix in &earlier {
            let statement =
                "SELECT connection_id, sealed FROM credentials WHERE substr(sealed, 1, length(?1)) = ?1 LIMIT ?2";
            let binds = [prefix.into(), BATCH.into()];
            found.extend(self.sql.query(statement, &binds, |row| (row.text(), row.required(Sealed::stored))));
        }
        self.sql.outcome()?;
        Ok(found)
    }

    /// Puts a secret that was sealed anew in the place of what it was before, if that is still there.
    fn replace(&self, sealed: &Sealed, anew: &Sealed) {
        self.sql.execute("UPDATE credentials SET sealed = ?2 WHERE sealed = ?1", &[sealed.into(), anew.into()]);
        // Sealed anew, it is as long as before: so is what it is packed into.
        let (packed, anew) = (hex::encode(sealed.as_str()), hex::encode(anew.as_str()));
        for table in ["providers", "endpoints"] {
            let statement =
                ["UPDATE ", table, " SET stored = replace(stored, ?1, ?2) WHERE instr(stored, ?1)"].concat();
            self.sql.execute(&statement, &[(&packed).into(), (&anew).into()]);
        }
    }
}
