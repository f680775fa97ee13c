//! Commands of the ledger that records which user has an external id.
//!
//! The ledger only names the user: the user's own ledger decides whether the user has the external id. A claim is made
//! before the user is written and confirmed afterwards. Until then, or for half a minute if that never happens, no other
//! user takes it over.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::external_ids::{ClaimExternalId, ConfirmClaim, GetHolder};
//!
//! assert_eq!(ClaimExternalId::NAME, "claim_external_id");
//! assert_eq!(ConfirmClaim::NAME, "confirm_claim");
//! assert_eq!(GetHolder::NAME, "get_holder");
//! ```

use serde::{Deserialize, Serialize};

use crate::core::command::{Authority, Command};
use crate::core::ids::UserId;
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;

/// The validity of an unconfirmed claim, in seconds.
const CLAIM_SECONDS: i64 = 30;

/// The user that has an external id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalIdHolder {
    /// The id of the user.
    pub user_id: UserId,
    /// When the claim was made; `None` once it is confirmed.
    pub claimed_at: Option<Timestamp>,
}

/// The outcome of a command, and the holder to write if it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdDecision<O> {
    /// The holder to write, if it changes.
    pub write: Option<ExternalIdHolder>,
    /// The outcome.
    pub outcome: O,
}

/// A command of the ledger of an external id. Only the Worker runs these commands.
pub trait ExternalIdCommand: Command {
    /// Decides the command over the holder, at the ledger's time.
    fn decide(&self, holder: Option<&ExternalIdHolder>, now: Timestamp) -> ExternalIdDecision<Self::Outcome>;
}

/// Reads the user that has the external id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetHolder {}

impl Command for GetHolder {
    const NAME: &'static str = "get_holder";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<UserId>;
}

impl ExternalIdCommand for GetHolder {
    fn decide(&self, holder: Option<&ExternalIdHolder>, _: Timestamp) -> ExternalIdDecision<Option<UserId>> {
        ExternalIdDecision { write: None, outcome: holder.map(|holder| holder.user_id.clone()) }
    }
}

/// Claims the external id for a user. The outcome is the user that has it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimExternalId {
    /// The id of the user.
    pub user_id: UserId,
    /// The recorded holder that no longer has the external id, according to its own ledger.
    pub instead_of: Option<UserId>,
}

impl Command for ClaimExternalId {
    const NAME: &'static str = "claim_external_id";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = UserId;
}

impl ExternalIdCommand for ClaimExternalId {
    fn decide(&self, holder: Option<&ExternalIdHolder>, now: Timestamp) -> ExternalIdDecision<UserId> {
        if let Some(holder) = holder.filter(|holder| holder.user_id != self.user_id) {
            let is_waiting = holder.claimed_at.is_some_and(|at| now < at.plus_seconds(CLAIM_SECONDS));
            if is_waiting || self.instead_of.as_ref() != Some(&holder.user_id) {
                return ExternalIdDecision { write: None, outcome: holder.user_id.clone() };
            }
        }
        let claim = ExternalIdHolder { user_id: self.user_id.clone(), claimed_at: Some(now) };
        ExternalIdDecision { write: Some(claim), outcome: self.user_id.clone() }
    }
}

string_enum! {
    /// Whether a claim was confirmed.
    pub enum Confirmation {
        /// The user has the external id.
        Confirmed = "confirmed",
        /// Another user has it.
        NotHolder = "not_holder",
    }
}

/// Confirms that a user has the external id that it claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmClaim {
    /// The id of the user.
    pub user_id: UserId,
}

impl Command for ConfirmClaim {
    const NAME: &'static str = "confirm_claim";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Confirmation;
}

impl ExternalIdCommand for ConfirmClaim {
    fn decide(&self, holder: Option<&ExternalIdHolder>, _: Timestamp) -> ExternalIdDecision<Confirmation> {
        match holder {
            Some(holder) if holder.user_id == self.user_id => {
                let is_confirmed = holder.claimed_at.is_none();
                let confirmed = ExternalIdHolder { user_id: self.user_id.clone(), claimed_at: None };
                let write = (!is_confirmed).then_some(confirmed);
                ExternalIdDecision { write, outcome: Confirmation::Confirmed }
            }
            _ => ExternalIdDecision { write: None, outcome: Confirmation::NotHolder },
        }
    }
}
