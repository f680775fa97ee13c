//! Users, and what they may do.

use super::ids::{ExternalId, Group, UserId};
use super::pack::packed;
use super::time::Timestamp;
use super::words::words;

/// The most groups that a user can be in.
pub const GROUPS_MAX: usize = 32;

words! {
    /// What a principal may write.
    pub enum Role {
        /// Every user.
        Admin = "admin",
        /// Users that share a group with it, but for admins.
        Manager = "manager",
        /// Itself.
        Member = "member",
        /// Nothing.
        None = "none",
    }
}

/// What an administrator says of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it may do.
    pub role: Role,
    /// What it is in; at most [`GROUPS_MAX`].
    pub groups: Vec<Group>,
    /// Another system's name for it.
    pub external_id: Option<ExternalId>,
    /// Whether it can get connection tokens.
    pub connectable: bool,
}

packed!(struct Profile { role, groups, external_id, connectable });

/// Whoever a token or connection is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub user_id: UserId,
    /// What an administrator said of it.
    pub profile: Profile,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

packed!(struct User { user_id, profile, created_at, updated_at });
