//! Who has an external id: a ledger about that alone.
//!
//! What it says is only where to look: the user's own ledger says whether the user has it. A claim comes before the user
//! is put, and is confirmed after; until then, or for half a minute where that never comes, nobody takes it over.

use super::Ledger;
use crate::core::{Timestamp, UserId};
use crate::platform::wall;

/// How long a claim that is not confirmed holds, in seconds.
const CLAIM_SECONDS: i64 = 30;

impl Ledger {
    /// Who has it.
    pub(super) fn holder(&self) -> Option<UserId> {
        self.claimed().map(|(holder, _)| holder)
    }

    /// Who has it, and since when that waits to be confirmed.
    fn claimed(&self) -> Option<(UserId, Option<Timestamp>)> {
        if !self.exists() {
            return None;
        }
        let statement = "SELECT user_id, claimed_at FROM external_id";
        self.sql.first(statement, &[], |row| (row.required(UserId::stored), row.optional_time()))
    }

    /// Lets a user have it, unless somebody else has it but that one. Answers who has it then.
    pub(super) fn claim(&self, user_id: &UserId, instead_of: Option<&UserId>) -> UserId {
        if let Some((holder, since)) = self.claimed().filter(|(holder, _)| holder != user_id) {
            let waits = since.is_some_and(|since| wall() < since.plus_seconds(CLAIM_SECONDS));
            if waits || instead_of != Some(&holder) {
                return holder;
            }
        }
        let statement = "INSERT OR REPLACE INTO external_id (only, user_id, claimed_at) VALUES (1, ?, ?)";
        self.put(statement, &[user_id.into(), wall().into()]);
        user_id.clone()
    }

    /// Records that a user has what it claimed. Answers whether it was that one's to have.
    pub(super) fn confirm(&self, user_id: &UserId) -> bool {
        let is_holder = self.holder().as_ref() == Some(user_id);
        if is_holder {
            self.put("UPDATE external_id SET claimed_at = NULL", &[]);
        }
        is_holder
    }
}
