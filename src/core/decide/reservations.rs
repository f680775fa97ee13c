//! Ids that no user may have, because they are the external id of another user.
//!
//! Stytch's calls name a user by its id or by its external id, so one text must not name two users. The ledger of the id
//! records that the id is reserved, and for whom: creating a user reads it without another call. The holder in the record
//! is only a candidate: the holder's own ledger decides whether it still has the external id.
//!
//! ```
//! use hookswitch::core::decide::reservations::{ReservationStep, ReserveUserId};
//! use hookswitch::core::{DecisionError, Principal, Request, Snapshot, Timestamp, decide};
//!
//! // Ada gets the external id `crm-7`, so no user may get the id `crm-7`. Only the Worker reserves an id.
//! let (user_id, holder) = ("crm-7".parse().unwrap(), "ada".parse().unwrap());
//! let client = Principal::App("calendar".parse().unwrap());
//! let request = Request::plain(client, ReserveUserId { user_id, holder, step: ReservationStep::Claim });
//! let decision = decide(&Snapshot::default(), &request, Timestamp::from_millis(0));
//! assert_eq!(decision.reply.outcome.unwrap_err(), DecisionError::Forbidden);
//! ```

use serde::{Deserialize, Serialize};

use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::command::{Authority, Command};
use crate::core::error::DecisionError;
use crate::core::ids::UserId;
use crate::core::snapshot::{ChangeSet, Mutation, Reads};
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;

/// The lifetime of an unconfirmed reservation, in seconds.
const RESERVATION_SECONDS: i64 = 30;

/// The user for which an id is reserved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The user that has the id as its external id.
    pub holder: UserId,
    /// When the reservation was made; `None` once it is confirmed.
    pub claimed_at: Option<Timestamp>,
}

string_enum! {
    /// A step of a reservation.
    pub enum ReservationStep {
        /// Before the holder's profile is stored. It is refused if a user has the id.
        Claim = "claim",
        /// After the holder's profile was stored.
        Confirm = "confirm",
        /// The holder does not have the external id. An unconfirmed reservation stays for half a minute.
        Release = "release",
    }
}

/// Reserves the id of this ledger for another user. Only the Worker runs this command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveUserId {
    /// The id to reserve, which is the id of this ledger.
    pub user_id: UserId,
    /// The user that has it as its external id.
    pub holder: UserId,
    /// The step of the reservation.
    pub step: ReservationStep,
}

impl Command for ReserveUserId {
    const NAME: &'static str = "reserve_user_id";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ();
}

impl UserCommand for ReserveUserId {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { reservation: true, ..Reads::default() }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_operator()
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<(), DecisionError> {
        let held = cx.snapshot.reservation.as_ref().filter(|reservation| reservation.holder == self.holder);
        match self.step {
            ReservationStep::Claim if cx.snapshot.user.is_some() => return Err(DecisionError::ExternalIdTaken),
            ReservationStep::Claim => {
                let reservation = Reservation { holder: self.holder.clone(), claimed_at: Some(cx.now) };
                changes.push(Mutation::SetReservation(Some(reservation)));
            }
            ReservationStep::Confirm => {
                if let Some(reservation) = held.filter(|reservation| reservation.claimed_at.is_some()) {
                    let confirmed = Reservation { claimed_at: None, ..reservation.clone() };
                    changes.push(Mutation::SetReservation(Some(confirmed)));
                }
            }
            ReservationStep::Release => {
                let is_over = |reservation: &&Reservation| {
                    reservation.claimed_at.is_none_or(|at| at.plus_seconds(RESERVATION_SECONDS) <= cx.now)
                };
                if held.as_ref().is_some_and(is_over) {
                    changes.push(Mutation::SetReservation(None));
                }
            }
        }
        Ok(())
    }
}
