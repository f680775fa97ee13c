//! Access control: who may do what.
//!
//! [`Principal::may_write`] is the write rule of users. [`allows`] is the table of everything else: for each
//! [`Relation`] of the caller to the subject of a command, the [`Action`]s that it permits.
//!
//! ```
//! use hookswitch::core::access::{Action, Relation, allows};
//! use hookswitch::core::user::{Profile, Role};
//! use hookswitch::core::Principal;
//!
//! let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
//! assert!(Principal::Root.may_write(&"ada".parse().unwrap(), &profile));
//! assert!(!allows(Relation::Writer, Action::Operate));
//! ```

use serde::{Deserialize, Serialize};

use super::ids::{AppId, Group, TokenId, UserId};
use super::user::{Profile, Role};

/// The author of a change in the audit trail: `root`, `system`, `app:` and an app id, or a user id.
///
/// [`UserId`] rejects the reserved forms, so no user can appear as another actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// The actor of requests with the root key.
    #[must_use]
    pub fn root() -> Self {
        Self("root".to_owned())
    }

    /// The actor of changes that Hookswitch makes by itself, such as expiry.
    #[must_use]
    pub fn system() -> Self {
        Self("system".to_owned())
    }

    /// The actor of an app that authenticates as an OAuth client.
    #[must_use]
    pub fn app(app_id: &AppId) -> Self {
        Self(format!("app:{app_id}"))
    }

    /// The actor of a user.
    #[must_use]
    pub fn user(user_id: &UserId) -> Self {
        Self(user_id.as_str().to_owned())
    }

    /// Wraps a text that [`Self::as_str`] returned before.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The actor as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The principal or caller that makes a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The holder of the root key.
    Root,
    /// A user that authenticated with an API key.
    User {
        /// The user's id.
        user_id: UserId,
        /// The role that the key has: the user's role, or a lower one for a limited key.
        role: Role,
        /// The user's groups.
        groups: Vec<Group>,
        /// The id of the API key.
        key: TokenId,
        /// Whether the key acts as a member at most.
        limited: bool,
    },
    /// An app that authenticated as an OAuth client. It may only use the tokens that it presents.
    App(AppId),
    /// A caller that did not authenticate and presented the token that the command is about.
    Holder,
}

impl Principal {
    /// The principal as the author of a change.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Root => Actor::root(),
            Self::User { user_id, .. } => Actor::user(user_id),
            Self::App(app_id) => Actor::app(app_id),
            Self::Holder => Actor::system(),
        }
    }

    /// Whether the principal may write every user, and therefore learns which users exist.
    #[must_use]
    pub const fn writes_everyone(&self) -> bool {
        matches!(self, Self::Root | Self::User { role: Role::Admin, .. })
    }

    /// Whether the principal may write this user whatever the user's profile is.
    #[must_use]
    pub fn writes_regardless(&self, user: &UserId) -> bool {
        self.writes_everyone()
            || matches!(self, Self::User { user_id, role: Role::Member | Role::Manager, .. } if user_id == user)
    }

    /// Whether the principal may write this user: admins write everyone, managers write users that share a group with them
    /// except admins, and managers and members write themselves.
    #[must_use]
    pub fn may_write(&self, user: &UserId, profile: &Profile) -> bool {
        self.writes_regardless(user) || self.manages(profile)
    }

    /// Whether the principal may replace the profile `before` (`None` for a new user) by `after`.
    ///
    /// Admins may. A manager may if it manages the user before and after, the external id stays, every group in `after` is
    /// its own or was there before, and `after` grants write access to no user that the manager cannot write. Creating a
    /// user and changing an external id are left to admins, because either would reveal to a manager which ids exist.
    #[must_use]
    pub fn may_put(&self, before: Option<&Profile>, after: &Profile) -> bool {
        if self.writes_everyone() {
            return true;
        }
        let (Self::User { role: Role::Manager, groups, .. }, Some(before)) = (self, before) else {
            return false;
        };
        let may_have = |group| groups.contains(group) || before.groups.contains(group);
        before.external_id == after.external_id
            && self.manages(before)
            && self.manages(after)
            && after.groups.iter().all(may_have)
            && self.writes_all_that(after)
    }

    /// Whether the principal may create an API key for `user`. The key must not grant write access to any user that the
    /// principal cannot already write.
    #[must_use]
    pub fn may_create_key_for(&self, user: &UserId, profile: &Profile) -> bool {
        matches!(self, Self::User { user_id, .. } if user_id == user) || self.writes_all_that(profile)
    }

    /// Whether a new API key for `user` may follow later promotions of the user. Other keys act as a member at most.
    #[must_use]
    pub fn may_create_unlimited_key_for(&self, user: &UserId) -> bool {
        self.writes_everyone() || matches!(self, Self::User { user_id, limited: false, .. } if user_id == user)
    }

    /// Whether every user that `profile` may write, other than its owner, is also writable by this principal.
    fn writes_all_that(&self, profile: &Profile) -> bool {
        match (self, profile.role) {
            (Self::App(_) | Self::Holder, _) => false,
            (Self::Root | Self::User { role: Role::Admin, .. }, _) | (_, Role::Member | Role::None) => true,
            (_, Role::Admin) => false,
            (Self::User { groups, .. }, Role::Manager) => profile.groups.iter().all(|group| groups.contains(group)),
        }
    }

    /// Whether the answer to a forged handle may be "not found" instead of "forbidden". `named` is the user that the
    /// handle belongs to, according to the request.
    ///
    /// The answer is given without a lookup, so it cannot depend on one: a manager learns it of a named user, and a member
    /// of itself.
    #[must_use]
    pub fn learns_of_forgery(&self, named: Option<&UserId>) -> bool {
        match self {
            Self::Root | Self::User { role: Role::Admin, .. } | Self::App(_) | Self::Holder => true,
            Self::User { role: Role::Manager, .. } => named.is_some(),
            Self::User { role: Role::Member, user_id, .. } => named == Some(user_id),
            Self::User { role: Role::None, .. } => false,
        }
    }

    fn manages(&self, profile: &Profile) -> bool {
        let Self::User { role: Role::Manager, groups, .. } = self else {
            return false;
        };
        profile.role != Role::Admin && profile.groups.iter().any(|group| groups.contains(group))
    }
}

/// How a caller is related to the subject of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The caller may write every user.
    Administrator,
    /// The caller may write the user that the subject belongs to.
    Writer,
    /// The caller is the app that the presented token belongs to.
    Client,
    /// The caller did not authenticate and presented the token itself.
    Holder,
    /// None of these.
    Stranger,
}

/// The effect of a command on its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Reads or changes a user, its tokens or its connections.
    WriteUser,
    /// Reads or changes apps, providers, webhook endpoints and revocations at providers.
    Operate,
    /// Exchanges a code or refreshes a token.
    RedeemGrant,
    /// Introspects a token.
    Introspect,
    /// Revokes a token as its client.
    RevokeGrant,
    /// Revokes the connection that the presented access token was issued under.
    EndConnection,
    /// Approves or declines the link of a connection token.
    AnswerLink,
}

/// The table of permissions. [`Relation::Administrator`] includes [`Relation::Writer`].
#[must_use]
pub const fn allows(relation: Relation, action: Action) -> bool {
    match action {
        Action::WriteUser => matches!(relation, Relation::Administrator | Relation::Writer),
        Action::Operate => matches!(relation, Relation::Administrator),
        Action::RedeemGrant | Action::RevokeGrant => matches!(relation, Relation::Client),
        Action::Introspect => matches!(relation, Relation::Administrator | Relation::Writer | Relation::Client),
        Action::EndConnection | Action::AnswerLink => matches!(relation, Relation::Holder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_table_has_exactly_these_cells() {
        use Relation::{Administrator, Client, Holder, Writer};
        let rows: [(Action, &[Relation]); 7] = [
            (Action::WriteUser, &[Administrator, Writer]),
            (Action::Operate, &[Administrator]),
            (Action::RedeemGrant, &[Client]),
            (Action::Introspect, &[Administrator, Writer, Client]),
            (Action::RevokeGrant, &[Client]),
            (Action::EndConnection, &[Holder]),
            (Action::AnswerLink, &[Holder]),
        ];
        for (action, allowed) in rows {
            for relation in [Administrator, Writer, Client, Holder, Relation::Stranger] {
                assert_eq!(allows(relation, action), allowed.contains(&relation), "{relation:?} {action:?}");
            }
        }
    }
}
