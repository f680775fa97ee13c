//! Users: created, read, revoked with everything they have, and their lists.
//!
//! ```
//! use hookswitch::core::Command;
//! use hookswitch::core::decide::users::{PutUser, RevokeUser};
//!
//! assert_eq!(PutUser::NAME, "put_user");
//! assert_eq!(RevokeUser::NAME, "revoke_user");
//! ```

use serde::{Deserialize, Serialize};

use super::{DecisionContext, Idempotency, Put, UserCommand};
use crate::core::command::{Authority, Command};
use crate::core::connection::ConnectionStatus;
use crate::core::cutoff::{Counts, CutoffScope, RevocationCutoff};
use crate::core::error::DecisionError;
use crate::core::event::{EventType, RecordedEvent, UserData, UserRevokedData};
use crate::core::ids::{AppId, UserId};
use crate::core::params::{Page, PageRequest, RevokeFilter};
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads};
use crate::core::status::Status;
use crate::core::time::Timestamp;
use crate::core::token::TokenKind;
use crate::core::user::{Profile, User};
use crate::core::verdict::{ConnectionVerdict, Verdict};

/// Creates a user or replaces its profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutUser {
    /// The id of the user.
    pub user_id: UserId,
    /// The new profile.
    pub profile: Profile,
}

impl Command for PutUser {
    const NAME: &'static str = "put_user";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Put<User>;
}

impl UserCommand for PutUser {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads { reservation: true, ..Reads::user() }
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        let before = cx.snapshot.user.as_ref();
        if !cx.principal.may_put(before.map(|user| &user.profile), &self.profile) {
            return Err(DecisionError::Forbidden);
        }
        match before {
            Some(user) if user.user_id != self.user_id => Err(DecisionError::Inconsistent),
            _ => Ok(()),
        }
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Put<User>, DecisionError> {
        let before = cx.snapshot.user.as_ref();
        if let Some(user) = before.filter(|user| user.profile == self.profile) {
            return Ok(Put::of(user.clone(), true));
        }
        if let (None, Some(reservation)) = (before, &cx.snapshot.reservation) {
            return Err(DecisionError::UserIdReserved { holder: reservation.holder.clone() });
        }
        let user = User {
            user_id: self.user_id.clone(),
            profile: self.profile.clone(),
            created_at: before.map_or(cx.now, |user| user.created_at),
            updated_at: cx.now,
        };
        let event_type = if before.is_none() { EventType::UserCreated } else { EventType::UserUpdated };
        let data = UserData::of(&self.profile);
        changes.push(Mutation::PutUser(user.clone()));
        changes.emit_event(event_type, cx.actor.clone(), &user.user_id, EventSubject::User, cx.now, &data);
        Ok(Put::of(user, before.is_some()))
    }
}

/// Reads a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetUser {
    /// The id of the user.
    pub user_id: UserId,
}

impl Command for GetUser {
    const NAME: &'static str = "get_user";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = User;
}

impl UserCommand for GetUser {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::user()
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<User, DecisionError> {
        cx.user().cloned()
    }
}

/// Revokes tokens and connections of a user together, or only counts them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeUser {
    /// The id of the user.
    pub user_id: UserId,
    /// Which tokens and connections.
    pub filter: RevokeFilter,
    /// Whether to count without revoking.
    pub dry_run: bool,
}

/// The outcome of [`RevokeUser`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRevoked {
    /// The user as it is stored now.
    pub user: User,
    /// Everything up to and including this time is revoked.
    pub before: Timestamp,
    /// How much was alive.
    pub revoked: Counts,
    /// Whether it was only counted.
    pub dry_run: bool,
    /// When the revocation was recorded.
    pub at: Timestamp,
}

impl Command for RevokeUser {
    const NAME: &'static str = "revoke_user";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = UserRevoked;
}

impl UserCommand for RevokeUser {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn reads(&self) -> Reads {
        Reads { live: Some(self.filter.clone()), ..Reads::default() }
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn is_stored(outcome: &UserRevoked) -> bool {
        !outcome.dry_run
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<UserRevoked, DecisionError> {
        let RevokeFilter { before, app_id, kinds, reason } = &self.filter;
        let (user, live) = (cx.user()?, &cx.snapshot.live);
        let before = before.unwrap_or(cx.now);
        if before > cx.now {
            return Err(DecisionError::BeforeInFuture);
        }
        if self.dry_run && cx.snapshot.is_uncounted {
            return Err(DecisionError::Inconsistent);
        }
        if !self.dry_run && (live.total() > 0 || cx.snapshot.is_uncounted) {
            changes.push(Mutation::AddCutoff(RevocationCutoff {
                before,
                scope: app_id.clone().map_or(CutoffScope::Everything, CutoffScope::App),
                kinds: *kinds,
                at: cx.now,
                by: cx.actor.clone(),
                reason: reason.clone(),
            }));
            let data = UserRevokedData {
                before: before.rfc3339(),
                revoked: live,
                connections: cx.snapshot.live_connections.iter().collect(),
                app_id: app_id.as_ref(),
                reason: reason.as_deref(),
            };
            let event_type = EventType::UserRevoked;
            changes.emit_event(event_type, cx.actor.clone(), &user.user_id, EventSubject::User, cx.now, &data);
        }
        Ok(UserRevoked { user: user.clone(), before, revoked: live.clone(), dry_run: self.dry_run, at: cx.now })
    }
}

/// Lists the tokens of a user, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTokens {
    /// The id of the user.
    pub user_id: UserId,
    /// The page of the list to read.
    pub page: PageRequest,
    /// Only tokens with this status.
    pub status: Option<Status>,
    /// Only tokens of this kind.
    pub kind: Option<TokenKind>,
}

impl Command for ListTokens {
    const NAME: &'static str = "list_tokens";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Page<Verdict>;
}

impl UserCommand for ListTokens {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { token_page: Some(self.page), ..Reads::default() }
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Page<Verdict>, DecisionError> {
        let user = cx.user()?;
        Ok(self.page.page(&cx.snapshot.token_page, |token| {
            let verdict = Verdict::of(&user.user_id, token, cx.snapshot.state(token, cx.now), cx.now);
            let is_wanted = self.status.is_none_or(|status| verdict.status() == status)
                && self.kind.is_none_or(|kind| verdict.kind == kind);
            is_wanted.then_some(verdict)
        }))
    }
}

/// Lists the connections of a user, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListConnections {
    /// The id of the user.
    pub user_id: UserId,
    /// The page of the list to read.
    pub page: PageRequest,
    /// Only connections with this status.
    pub status: Option<ConnectionStatus>,
    /// Only connections to this app.
    pub app_id: Option<AppId>,
}

impl Command for ListConnections {
    const NAME: &'static str = "list_connections";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Page<ConnectionVerdict>;
}

impl UserCommand for ListConnections {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads::connections(ConnectionSelection::Page(self.page))
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Page<ConnectionVerdict>, DecisionError> {
        let user = cx.user()?;
        Ok(self.page.page(&cx.snapshot.connection_page, |connection| {
            let is_wanted = !connection.deleted
                && self.app_id.as_ref().is_none_or(|app_id| connection.app_id == *app_id)
                && self.status.is_none_or(|status| cx.snapshot.connection_status(connection, cx.now) == status);
            is_wanted.then(|| cx.connection_verdict(user, connection))
        }))
    }
}

/// Lists the events of a user, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEvents {
    /// The id of the user.
    pub user_id: UserId,
    /// The page of the list to read.
    pub page: PageRequest,
    /// Only events of this type.
    pub event_type: Option<EventType>,
}

impl Command for ListEvents {
    const NAME: &'static str = "list_events";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Page<RecordedEvent>;
}

impl UserCommand for ListEvents {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn reads(&self) -> Reads {
        Reads { event_page: Some(self.page), ..Reads::default() }
    }

    fn user_id(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn decide(&self, cx: &DecisionContext<'_>, _: &mut ChangeSet) -> Result<Page<RecordedEvent>, DecisionError> {
        Ok(self.page.page(&cx.snapshot.event_page, |recorded| {
            let is_wanted = self.event_type.is_none_or(|wanted| recorded.event.event_type == wanted);
            is_wanted.then(|| recorded.clone())
        }))
    }
}
