//! What a request asks for, and what came of it.

use crate::core::codec::Handle;
use crate::core::command::{Command, Target};
use crate::core::{Outcome, UserId};

use super::Failure;

/// The key that a request came with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// None.
    Missing,
    /// An API key or the root key, if it is one.
    Key(String),
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Something of the user that the command names.
    OfUser(Command),
    /// The verdict on a token.
    Check {
        /// Which.
        target: Target,
        /// Whose it was said to be.
        user_id: Option<UserId>,
    },
    /// The verdicts on some tokens, of whichever users.
    CheckBatch(Vec<Target>),
    /// The use of a connection token.
    Consume(Target),
    /// The end of a token.
    Revoke {
        /// Which.
        target: Target,
        /// Whose it was said to be.
        user_id: Option<UserId>,
        /// Why.
        reason: Option<String>,
    },
    /// Whether the service is up.
    Health,
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// The outcome; none, for [`Ask::Health`].
    pub outcome: Option<Outcome>,
    /// The tokens that were minted, or the one that was asked about, with their secrets.
    pub handles: Vec<Handle>,
    /// Whether this is the answer to an earlier request with the same `Idempotency-Key`.
    pub replayed: bool,
}

impl Done {
    /// The one token that this is about.
    ///
    /// # Errors
    /// [`Failure::Internal`] where there is none.
    pub fn handle(&self) -> Result<&Handle, Failure> {
        self.handles.first().ok_or(Failure::Internal("there is no token to show"))
    }
}
