//! Tokens of apps that act for themselves (RFC 6749 §4.4).
//!
//! Such an app has a ledger of its own: that of the reserved user `app:<app_id>`, which no caller can name. The user and its
//! connection are created with the first token. A disabled connection issues nothing; a revoked one is replaced, because the
//! app is its own user and authorizes itself with its secret.

use serde::{Deserialize, Serialize};

use super::connections::{Issued, put_connection};
use super::issue::Access;
use super::{DecisionContext, Idempotency, UserCommand, grant_scope};
use crate::core::access::Principal;
use crate::core::app::ClientType;
use crate::core::audience::Audience;
use crate::core::command::{Authority, Command};
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::error::{DecisionError, Resource};
use crate::core::event::{EventType, UserData};
use crate::core::handle::HandleKind;
use crate::core::ids::{AppId, UserId};
use crate::core::params::Lifetimes;
use crate::core::scope::Scope;
use crate::core::snapshot::{ChangeSet, ConnectionSelection, EventSubject, Mutation, Reads, StoredResponse};
use crate::core::user::{Profile, Role, User};

impl UserId {
    /// The reserved user for which an app acts when it acts for itself.
    #[must_use]
    pub fn of_app(app_id: &AppId) -> Self {
        Self::stored(format!("app:{app_id}"))
    }
}

/// Issues an access token to an app that acts for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueToApp {
    /// The app that acts for itself.
    pub app_id: AppId,
    /// The scopes; all of the app's if `None`.
    pub scope: Option<Scope>,
    /// The resource servers of the token.
    pub audience: Option<Audience>,
    /// The validity of the token, in seconds.
    pub seconds: u32,
}

impl Command for IssueToApp {
    const NAME: &'static str = "issue_to_app";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = Issued;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::AccessToken, HandleKind::ConnectionId]
    }
}

impl UserCommand for IssueToApp {
    const IDEMPOTENCY: Idempotency = Idempotency::Issues;

    fn reads(&self) -> Reads {
        let connections = ConnectionSelection::OpenOf(self.app_id.clone());
        Reads { connections, ..Reads::default() }
    }

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn authorize(&self, cx: &DecisionContext<'_>) -> Result<(), DecisionError> {
        let is_app = matches!(cx.principal, Principal::App(app_id) if *app_id == self.app_id);
        let is_confidential = cx
            .app
            .is_some_and(|app| app.app_id == self.app_id && app.registration.client_type == ClientType::Confidential);
        let is_own = cx.snapshot.user.as_ref().is_none_or(|user| user.user_id == UserId::of_app(&self.app_id));
        if is_app && is_confidential && is_own { Ok(()) } else { Err(DecisionError::Forbidden) }
    }

    fn may_repeat(&self, cx: &DecisionContext<'_>, stored: &StoredResponse) -> Result<bool, DecisionError> {
        match cx.snapshot.reissued.first() {
            Some(token) => cx.may_reissue(cx.connection_of(token)?, stored),
            None => Ok(false),
        }
    }

    fn decide(&self, cx: &DecisionContext<'_>, changes: &mut ChangeSet) -> Result<Issued, DecisionError> {
        let app = cx.app.ok_or(DecisionError::NotFound(Resource::App))?;
        let scope = grant_scope(self.scope.as_ref(), app.registration.scopes.as_ref())?;
        let user = match &cx.snapshot.user {
            Some(user) => user.clone(),
            None => cx.create_user_of(&self.app_id, changes),
        };
        let connection = self.connection(cx, &user, scope.as_ref(), changes)?;
        let access = Access { scope: scope.as_ref(), audience: self.audience.as_ref() };
        let lifetimes = Lifetimes { access: self.seconds, refresh: None };
        cx.issue(&user, &connection, access, access, None, lifetimes, changes)
    }
}

impl IssueToApp {
    /// The connection of the app with itself: the newest one, or a new one. Its scopes are those of all its tokens.
    fn connection(
        &self,
        cx: &DecisionContext<'_>,
        user: &User,
        scope: Option<&Scope>,
        changes: &mut ChangeSet,
    ) -> Result<Connection, DecisionError> {
        let open = cx.snapshot.connections.iter().rfind(|connection| !cx.status_of(connection).is_dead());
        if let Some(before) = open {
            if cx.status_of(before) != ConnectionStatus::Active {
                return Err(cx.invalid_state(user, before));
            }
            let connection = Connection { scope: Scope::union(before.scope.clone(), scope), ..before.clone() };
            if connection != *before {
                changes.push(Mutation::PutConnection(connection.clone()));
            }
            return Ok(connection);
        }
        let mut connection = cx.new_connection(&self.app_id, ConnectionStatus::Active, scope.cloned())?;
        connection.activated_at = Some(cx.now);
        put_connection(EventType::ConnectionCreated, user, &connection, changes);
        Ok(connection)
    }
}

impl DecisionContext<'_> {
    /// Creates the reserved user of an app. It writes nothing and gets no connection tokens.
    pub(super) fn create_user_of(&self, app_id: &AppId, changes: &mut ChangeSet) -> User {
        let profile = Profile { role: Role::None, groups: Vec::new(), external_id: None, connectable: false };
        let user = User { user_id: UserId::of_app(app_id), profile, created_at: self.now, updated_at: self.now };
        changes.push(Mutation::PutUser(user.clone()));
        let data = UserData::of(&user.profile);
        changes.emit_event(
            EventType::UserCreated,
            self.actor.clone(),
            &user.user_id,
            EventSubject::User,
            self.now,
            &data,
        );
        user
    }
}
