//! What a request asks for, and what came of it.

use crate::core::codec::Handle;
use crate::core::command::{Action, Command, GrantAction};
use crate::core::{App, AppId, Digest, Kind, Link, Outcome, Target, Timestamp, UserId};

use super::{Failure, Reply};

/// What a request came with to say who makes it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    Missing,
    /// What opens nothing: it was seen to be wrong without a look-up.
    Invalid,
    /// An API key or the root key, if it is one.
    Key(String),
    /// The same, where only one that may write every user will do.
    AdminKey(String),
    /// An app as an OAuth client, by this secret or by none.
    Client(AppId, Option<Digest>),
    /// The token that it is about.
    Held,
    /// Nothing, where the call is for everyone.
    Nobody,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Something of the user or app that the command names.
    Run(Command),
    /// Something of a user that is named by its id or by its external id.
    OfAlias(UserId, Aliased),
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
    /// Something of a connection.
    OfConnection(Link, Action),
    /// Something of the token that a client comes with.
    OfGrant(Target, GrantAction),
    /// Nothing: the answer is there already.
    Answered(Reply),
}

/// What is asked of a user that is named by its id or by its external id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aliased {
    /// Which apps it is connected to.
    ConnectedApps,
    /// The end of every connection to an app.
    Disconnect(AppId),
}

impl Aliased {
    /// The command, once it is known who it is.
    #[must_use]
    pub fn of(&self, user_id: UserId) -> Command {
        match self {
            Self::ConnectedApps => Command::ConnectedApps(user_id),
            Self::Disconnect(app_id) => Command::Disconnect(user_id, app_id.clone()),
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// The outcome.
    pub outcome: Outcome,
    /// The secrets that were minted, or the token that was asked about.
    pub handles: Vec<Handle>,
    /// The apps that the outcome names, where there are any to show.
    pub apps: Vec<App>,
    /// Whether this is the answer to an earlier request with the same `Idempotency-Key`.
    pub replayed: bool,
    /// Which request it was.
    pub context: Context,
}

/// Which request it was, as an answer may have to say it.
#[derive(Debug)]
pub struct Context {
    /// When it came.
    pub now: Timestamp,
    /// Its id.
    pub request_id: String,
    /// Scheme, host and port that it was made to.
    pub origin: String,
    /// Stytch's name for the deployment.
    pub project_id: String,
}

impl Done {
    /// The one token that this is about.
    ///
    /// # Errors
    /// [`Failure::Internal`] where there is none.
    pub fn handle(&self) -> Result<&Handle, Failure> {
        self.handles.first().ok_or(Failure::Internal("there is no token to show"))
    }

    /// The secret of this kind that was minted.
    ///
    /// # Errors
    /// [`Failure::Internal`] where there is none.
    pub fn secret(&self, kind: Kind) -> Result<String, Failure> {
        let handle = self.handles.iter().find(|handle| handle.kind() == kind);
        handle.map(Handle::text).ok_or(Failure::Internal("there is no secret to show"))
    }
}
