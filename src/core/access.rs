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
//! assert!(!allows(Relation::Manager, Action::Operate));
//! ```

use serde::{Deserialize, Serialize};

use super::ids::{AppId, Group, UserId};
use super::status::TokenState;
use super::string_enum::string_enum;
use super::token::{Token, TokenKind};
use super::token_ref::TokenRef;
use super::user::{Profile, Role, User};

/// The author of a change in the audit trail: `root`, `system`, `app:` and an app id, or a user id.
///
/// [`UserId`] rejects the reserved forms, so no user can appear as another actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Actor(String);

string_enum! {
    /// The kind of an actor. An id that looks like another actor's does not change it.
    pub enum ActorType {
        /// The holder of the root key.
        Root = "root",
        /// Hookswitch itself.
        System = "system",
        /// An app that authenticated as an OAuth client.
        App = "app",
        /// A user of the deployment.
        User = "user",
    }
}

impl Actor {
    /// The kind of the actor.
    ///
    /// ```
    /// use hookswitch::core::access::{Actor, ActorType};
    /// assert_eq!(Actor::root().actor_type(), ActorType::Root);
    /// let look_alike = Actor::user(&"Root".parse()?);
    /// assert_eq!(look_alike.actor_type(), ActorType::User);
    /// # Ok::<(), hookswitch::core::Rule>(())
    /// ```
    #[must_use]
    pub fn actor_type(&self) -> ActorType {
        match self.0.as_str() {
            "root" => ActorType::Root,
            "system" => ActorType::System,
            text if text.starts_with("app:") => ActorType::App,
            _ => ActorType::User,
        }
    }

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
        /// The API key, by its public id.
        key: TokenRef,
        /// Whether the key acts as a member at most.
        limited: bool,
    },
    /// An app that authenticated as an OAuth client. It may only use the tokens that it presents.
    App(AppId),
    /// A caller that did not authenticate and presented the token that the command is about.
    Holder,
}

impl Principal {
    /// The principal that an API key of the user authenticates: the user with its role and groups as they are now, and as a
    /// member at most if the key is limited. `None` if the token is not a valid API key.
    #[must_use]
    pub fn of_key(user: &User, key: &Token, state: &TokenState) -> Option<Self> {
        if key.kind != TokenKind::ApiKey || *state != TokenState::Valid {
            return None;
        }
        let role = match user.profile.role {
            Role::Admin | Role::Manager if key.grant.limited => Role::Member,
            role => role,
        };
        Some(Self::User {
            user_id: user.user_id.clone(),
            role,
            groups: user.profile.groups.clone(),
            key: TokenRef::Public { token_id: key.token_id.clone(), key: key.digest.key() },
            limited: key.grant.limited,
        })
    }

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
    /// Admins may. A manager may if all of this is true:
    ///
    /// - It manages the user before and after.
    /// - The external id stays.
    /// - Groups that the manager is not in stay as they are: none is added, and none is removed.
    /// - Neither `before` nor `after` grants write access to a user that the manager cannot write. So it makes and unmakes
    ///   no manager of groups that it is not in.
    ///
    /// Only admins create users and change external ids, because either call would show a manager which ids exist.
    #[must_use]
    pub fn may_put(&self, before: Option<&Profile>, after: &Profile) -> bool {
        if self.writes_everyone() {
            return true;
        }
        let (Self::User { role: Role::Manager, groups, .. }, Some(before)) = (self, before) else {
            return false;
        };
        let added_and_removed = {
            let added = after.groups.iter().filter(|group| !before.groups.contains(group));
            added.chain(before.groups.iter().filter(|group| !after.groups.contains(group)))
        };
        let mut foreign = added_and_removed.filter(|group| !groups.contains(group));
        before.external_id == after.external_id
            && self.manages(before)
            && self.manages(after)
            && foreign.next().is_none()
            && self.writes_all_that(before)
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
    /// The answer is given without a lookup, so it cannot depend on one. A member may learn it of itself. A manager may
    /// not learn it of any user: without a lookup it is unknown whether the manager may write that user, and the two
    /// answers would show the manager whose a token is.
    #[must_use]
    pub fn learns_of_forgery(&self, named: Option<&UserId>) -> bool {
        match self {
            Self::Root | Self::User { role: Role::Admin, .. } | Self::App(_) | Self::Holder => true,
            Self::User { role: Role::Member, user_id, .. } => named == Some(user_id),
            Self::User { role: Role::Manager | Role::None, .. } => false,
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
    /// The caller is a manager that may write the user that the subject belongs to.
    Manager,
    /// The subject belongs to the caller, which is a member.
    Owner,
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
    /// Issues tokens of an app under a connection without the app. A member may not, not even for itself: a resource server
    /// trusts that the app, or a manager, asked for a token that names the app and its scopes.
    IssueTokens,
    /// Reads or changes apps, providers, webhook endpoints and revocations at providers.
    Operate,
    /// Exchanges a code or refreshes a token.
    RedeemGrant,
    /// Introspects an access token.
    Introspect,
    /// Introspects a refresh token. Only its client may: a resource server that reads only `active` would accept a refresh
    /// token as an access token.
    IntrospectRefreshToken,
    /// Revokes a token as its client.
    RevokeGrant,
    /// Revokes the connection that the presented access token was issued under.
    EndConnection,
    /// Approves or declines the link of a connection token.
    AnswerLink,
}

/// The table of permissions.
#[must_use]
pub const fn allows(relation: Relation, action: Action) -> bool {
    match action {
        Action::WriteUser => matches!(relation, Relation::Administrator | Relation::Manager | Relation::Owner),
        Action::IssueTokens => matches!(relation, Relation::Administrator | Relation::Manager),
        Action::Operate => matches!(relation, Relation::Administrator),
        Action::RedeemGrant | Action::RevokeGrant | Action::IntrospectRefreshToken => {
            matches!(relation, Relation::Client)
        }
        Action::Introspect => {
            matches!(relation, Relation::Administrator | Relation::Manager | Relation::Owner | Relation::Client)
        }
        Action::EndConnection | Action::AnswerLink => matches!(relation, Relation::Holder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_table_has_exactly_these_cells() {
        use Relation::{Administrator, Client, Holder, Manager, Owner};
        let rows: [(Action, &[Relation]); 9] = [
            (Action::WriteUser, &[Administrator, Manager, Owner]),
            (Action::IssueTokens, &[Administrator, Manager]),
            (Action::Operate, &[Administrator]),
            (Action::RedeemGrant, &[Client]),
            (Action::Introspect, &[Administrator, Manager, Owner, Client]),
            (Action::IntrospectRefreshToken, &[Client]),
            (Action::RevokeGrant, &[Client]),
            (Action::EndConnection, &[Holder]),
            (Action::AnswerLink, &[Holder]),
        ];
        for (action, allowed) in rows {
            for relation in [Administrator, Manager, Owner, Client, Holder, Relation::Stranger] {
                assert_eq!(allows(relation, action), allowed.contains(&relation), "{relation:?} {action:?}");
            }
        }
    }
}
