//! Users and their profiles.
//!
//! ```
//! use hookswitch::core::Role;
//!
//! assert_eq!(Role::ALL.len(), 4);
//! assert_eq!("manager".parse(), Ok(Role::Manager));
//! ```

use serde::{Deserialize, Serialize};

use super::ids::{ExternalId, Group, UserId};
use super::string_enum::string_enum;
use super::time::Timestamp;

/// The highest number of groups of a user.
pub const GROUPS_MAX: usize = 32;

string_enum! {
    /// The role of a user, which decides which users it may write.
    pub enum Role {
        /// Writes every user.
        Admin = "admin",
        /// Writes users that share a group with it, except admins.
        Manager = "manager",
        /// Writes itself.
        Member = "member",
        /// Writes nothing.
        None = "none",
    }
}

/// The part of a user that an administrator sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The role, which decides which users the user may write.
    pub role: Role,
    /// The user's groups, sorted; at most [`GROUPS_MAX`].
    pub groups: Vec<Group>,
    /// The user's id in another system.
    pub external_id: Option<ExternalId>,
    /// Whether connection tokens can be created and consumed for the user, and connections created.
    pub connectable: bool,
}

/// The person or account that tokens and connections belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user's id.
    pub user_id: UserId,
    /// The part that an administrator sets.
    pub profile: Profile,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the profile last changed.
    pub updated_at: Timestamp,
}
