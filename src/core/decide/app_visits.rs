//! Commands that the job of an app's registry runs in the ledgers of users.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::app_visits::{RecordAppEvent, RevokeAppForAll};
//!
//! assert_eq!(RevokeAppForAll::NAME, "revoke_app_for_all");
//! assert_eq!(RecordAppEvent::NAME, "record_app_event");
//! ```

use serde::{Deserialize, Serialize};

use super::app_jobs::AppNotice;
use super::{DecisionContext, Idempotency, UserCommand};
use crate::core::access::Actor;
use crate::core::command::{Authority, Command};
use crate::core::cutoff::{Counts, CutoffScope, RevocationCutoff, TokenKindSet};
use crate::core::error::DecisionError;
use crate::core::event::{EventType, UserRevokedData};
use crate::core::ids::{AppId, UserId};
use crate::core::params::RevokeFilter;
use crate::core::snapshot::{ChangeSet, EventSubject, Mutation, Reads};

/// Revokes everything of an app in one ledger, or only counts it. The outcome is how much was alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeAppForAll {
    /// The id of the app.
    pub app_id: AppId,
    /// The actor that revokes.
    pub by: Actor,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
    /// Whether to count without revoking.
    pub dry_run: bool,
}

impl Command for RevokeAppForAll {
    const NAME: &'static str = "revoke_app_for_all";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Counts;
}

impl UserCommand for RevokeAppForAll {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        let live =
            RevokeFilter { before: None, app_id: Some(self.app_id.clone()), kinds: TokenKindSet::ALL, reason: None };
        Reads { live: Some(live), ..Reads::default() }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_operator()
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Counts, DecisionError> {
        let live = &cx.snapshot.live;
        // The user may have been deleted since.
        let Some(user) = cx.snapshot.user.as_ref().filter(|_| !self.dry_run) else {
            return Ok(live.clone());
        };
        let is_alive = live.total() > 0 || cx.snapshot.is_uncounted;
        if !is_alive {
            return Ok(live.clone());
        }
        changes.push(Mutation::AddCutoff(RevocationCutoff {
            before: cx.now,
            scope: CutoffScope::App(self.app_id.clone()),
            kinds: TokenKindSet::ALL,
            at: cx.now,
            by: self.by.clone(),
            reason: self.reason.clone(),
        }));
        let data = UserRevokedData {
            before: cx.now.rfc3339(),
            revoked: live,
            connections: cx.snapshot.live_connections.iter().collect(),
            app_id: Some(&self.app_id),
            reason: self.reason.as_deref(),
        };
        let (event_type, actor) = (EventType::UserRevoked, self.by.clone());
        changes.emit_event(event_type, actor, &user.user_id, EventSubject::User, cx.now, &data);
        Ok(live.clone())
    }
}

/// Records an event about an app in the ledger of the app's reserved user, which sends the webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAppEvent {
    /// The id of the app.
    pub app_id: AppId,
    /// The event to record.
    pub notice: AppNotice,
}

impl Command for RecordAppEvent {
    const NAME: &'static str = "record_app_event";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = ();
}

impl UserCommand for RecordAppEvent {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads::user()
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        cx.authorize_operator()
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<(), DecisionError> {
        let user_id = UserId::of_app(&self.app_id);
        match &cx.snapshot.user {
            Some(user) if user.user_id != user_id => return Err(DecisionError::Inconsistent),
            Some(_) => {}
            None => drop(cx.create_user_of(&self.app_id, changes)),
        }
        let AppNotice { event_type, at, actor, data } = &self.notice;
        changes.emit_event(*event_type, actor.clone(), &user_id, EventSubject::User, *at, data);
        Ok(())
    }
}
