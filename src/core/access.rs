//! Who may do what.

use super::ids::{AppId, Group, TokenId, UserId};
use super::pack::packed;
use super::user::{Profile, Role};

/// Who did a thing, as the audit trail and `by` say it: `root`, `system`, `app:` and an app's id, or a user's id.
///
/// [`UserId`] refuses what is reserved, so they cannot be taken for one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

packed!(struct Actor(a));

impl Actor {
    /// The holder of the root key.
    #[must_use]
    pub fn root() -> Self {
        Self("root".to_owned())
    }

    /// Hookswitch itself: time that ran out.
    #[must_use]
    pub fn system() -> Self {
        Self("system".to_owned())
    }

    /// An app, as an OAuth client.
    #[must_use]
    pub fn app(app_id: &AppId) -> Self {
        Self(["app:", app_id.as_str()].concat())
    }

    /// A user.
    #[must_use]
    pub fn user(user_id: &UserId) -> Self {
        Self(user_id.as_str().to_owned())
    }

    /// What storage holds: the word that [`Self::as_str`] gave.
    #[must_use]
    pub const fn stored(word: String) -> Self {
        Self(word)
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The holder of the root key.
    Root,
    /// A user, by one of its API keys.
    User {
        /// Who.
        user_id: UserId,
        /// What it may do.
        role: Role,
        /// What it is in.
        groups: Vec<Group>,
        /// The API key it came with.
        key: TokenId,
        /// Whether that key acts as a member at most, whatever the user may do.
        limited: bool,
    },
    /// An app, as an OAuth client. It may only do something with the tokens that it comes with.
    App(AppId),
    /// Whoever holds the token that the command is about.
    Holder,
}

packed!(enum Principal {
    0 => Root,
    1 => User { user_id, role, groups, key, limited },
    2 => App(a),
    3 => Holder,
});

impl Principal {
    /// Who, for the audit trail.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Root => Actor::root(),
            Self::User { user_id, .. } => Actor::user(user_id),
            Self::App(app_id) => Actor::app(app_id),
            Self::Holder => Actor::system(),
        }
    }

    /// Whether it may write every user, and so may be told which users there are.
    #[must_use]
    pub fn writes_everyone(&self) -> bool {
        matches!(self, Self::Root | Self::User { role: Role::Admin, .. })
    }

    /// Whether it may write this user, whatever is in that user's profile.
    #[must_use]
    pub fn writes_regardless(&self, user: &UserId) -> bool {
        self.writes_everyone()
            || matches!(self, Self::User { user_id, role: Role::Member | Role::Manager, .. } if user_id == user)
    }

    /// The WRITE rule: admins write everyone, managers whom they share a group with (but for admins), members
    /// themselves.
    #[must_use]
    pub fn may_write(&self, user: &UserId, profile: &Profile) -> bool {
        self.writes_regardless(user) || self.manages(profile)
    }

    /// Whether it may turn `before` (none for a new user) into `after`: only whom it writes, before and after, and
    /// never to more than it has itself. A new user, or another external id, is nobody's but an admin's to give: else
    /// whoever tries learns who exists, or is taken for somebody else.
    #[must_use]
    pub fn may_put(&self, before: Option<&Profile>, after: &Profile) -> bool {
        if self.writes_everyone() {
            return true;
        }
        let Self::User { role: Role::Manager, groups, .. } = self else {
            return false;
        };
        before.is_some_and(|before| {
            let may_have = |group| groups.contains(group) || before.groups.contains(group);
            let same_external_id = before.external_id == after.external_id;
            same_external_id
                && self.manages(before)
                && self.manages(after)
                && after.groups.iter().all(may_have)
                && self.covers(after)
        })
    }

    /// Whether it may make a key that acts as this user: only one that opens nothing, as things are, which it cannot
    /// write itself.
    #[must_use]
    pub fn may_act_as(&self, user: &UserId, profile: &Profile) -> bool {
        matches!(self, Self::User { user_id, .. } if user_id == user) || self.covers(profile)
    }

    /// Whether it may have a key that gains with this user: its own, or anybody's where it writes everyone.
    #[must_use]
    pub fn may_become(&self, user: &UserId) -> bool {
        self.writes_everyone() || matches!(self, Self::User { user_id, limited: false, .. } if user_id == user)
    }

    /// Whether whoever has this profile writes nobody but itself whom the principal does not write.
    fn covers(&self, profile: &Profile) -> bool {
        match (self, profile.role) {
            (Self::App(_) | Self::Holder, _) => false,
            (Self::Root | Self::User { role: Role::Admin, .. }, _) | (_, Role::Member | Role::None) => true,
            (_, Role::Admin) => false,
            (Self::User { groups, .. }, Role::Manager) => profile.groups.iter().all(|group| groups.contains(group)),
        }
    }

    /// Whether it is told that a token was never minted, rather than only that it may not have it.
    ///
    /// That is said without a look-up, and so cannot depend on one: of a token that was said to be a named user's, a
    /// manager is told, since it may write that user; a member, where it named itself.
    #[must_use]
    pub fn is_told_of_forgery(&self, named: Option<&UserId>) -> bool {
        match self {
            // What a client comes with is its own to know, dead or forged.
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
