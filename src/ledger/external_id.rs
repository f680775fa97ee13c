//! Who has an external id: a ledger about that alone.
//!
//! What it says is only where to look. The user's own ledger says whether the user has the external id, so that a claim
//! whose user was never put, or has another external id by now, misleads nobody.

use super::Ledger;
use super::clock::wall;
use super::fault::Result;
use crate::core::UserId;

impl Ledger {
    /// Who has it.
    pub(super) fn holder(&self) -> Result<Option<UserId>> {
        if !self.exists()? {
            return Ok(None);
        }
        self.sql.first("SELECT user_id FROM external_id", &[], |row| row.required(UserId::stored))
    }

    /// Lets a user have it, unless somebody else has it but that one. Answers who has it then.
    pub(super) fn claim(&self, user_id: &UserId, instead_of: Option<&UserId>) -> Result<Option<UserId>> {
        let holder = self.holder()?;
        if holder.is_some() && holder.as_ref() != instead_of {
            return Ok(holder);
        }
        self.write(wall(), &mut || {
            self.sql.execute(
                "INSERT INTO external_id (only, user_id) VALUES (1, ?)
                 ON CONFLICT (only) DO UPDATE SET user_id = excluded.user_id",
                &[user_id.as_str().into()],
            )?;
            Ok(())
        })?;
        Ok(Some(user_id.clone()))
    }
}
