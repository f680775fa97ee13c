//! What a request asks for, and what came of it.

use std::fmt;

use crate::core::codec::Handle;
use crate::core::command::{Action, Command, Consent, GrantAction, RevocationAction};
use crate::core::credential::RevocationId;
use crate::core::event::EventType;
use crate::core::webhook::Delivery;
use crate::core::{
    App, AppId, ConnectionStatus, Digest, Kind, Link, Outcome, Provider, Slug, Target, Ticket, Timestamp, TokenType,
    UserId,
};

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
    /// A status ticket.
    Ticket(Ticket),
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
    /// The answer to what a connection token asks of its user.
    OfConsent(Visit),
    /// A connection that holds credentials of its provider's from the start; the command is a [`Command::Connect`].
    Connect(Command, Upstream),
    /// A connection to hold these credentials of its provider's, each in the place of the one before.
    Hold(Link, Upstream),
    /// A connection, with its app.
    Account(Link),
    /// Connections of any users, with their apps.
    Accounts(Accounts),
    /// The end of an active connection, if its provider can be told.
    RevokeAccount(Link),
    /// Something of a revocation at a provider.
    OfRevocation(RevocationId, RevocationAction),
    /// What a provider is, and what we prove there with who we are.
    PutProvider(Provider, Option<Secret>),
    /// A provider: the one that was put, or else the one that ships.
    GetProvider(Slug),
    /// What a webhook endpoint is.
    PutEndpoint(NewEndpoint),
    /// Another secret for a webhook endpoint; the one before signs beside it for so many seconds.
    RotateEndpointSecret(Slug, u32),
    /// An event that says nothing, sent to a webhook endpoint now.
    TestEndpoint(Slug),
    /// A status ticket, good for so many seconds.
    Ticket(Read, u32),
    /// What the ticket shows that the request came with; and the tag of what is known already.
    Show(Option<String>),
    /// All that the ticket will show from now on, over a WebSocket.
    Follow,
    /// Nothing: the answer is there already.
    Answered(Reply),
}

/// What whoever opened a link says there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The connection token in the link.
    pub target: Target,
    /// What is said; nothing, where it is only looked at.
    pub consent: Option<Consent>,
    /// The app that the page named, which nobody has to believe.
    pub app_id: Option<AppId>,
    /// Who says it.
    pub visitor: Visitor,
}

/// Who opened a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The name of the page that was answered: the same answer of the same page is no second one. Of a page that is yet
    /// to be shown, the name that the edge has made up for it.
    pub page: Option<String>,
    /// What the app wants to have back with the user (RFC 6749 §4.1.1).
    pub state: Option<String>,
    /// Which languages it reads, as `Accept-Language` has them.
    pub languages: String,
}

/// What a status ticket is to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A connection.
    Connection(Link),
    /// A token, by its public id.
    Token(Target),
}

/// A secret that came with a request. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// When a credential runs out by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this time.
    At(Timestamp),
    /// So many seconds from now.
    In(u32),
}

/// Credentials of a provider's, as they come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Whose they are; the app's provider, where none is named.
    pub provider: Option<Slug>,
    /// At most one of each type.
    pub tokens: Vec<(TokenType, Secret, Option<Expiry>)>,
}

/// Which connections are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Only these.
    pub ids: Vec<Link>,
    /// Only of these users.
    pub user_ids: Vec<UserId>,
    /// Only to these apps.
    pub app_ids: Vec<AppId>,
    /// Only those that hold credentials of these providers, or are to an app of theirs.
    pub providers: Vec<Slug>,
    /// Only in these statuses.
    pub statuses: Vec<ConnectionStatus>,
    /// Of those that are being revoked, only those of which their provider has revoked a part, or only those of which it
    /// has revoked nothing; both, where nothing is said.
    pub dead_in_part: Option<bool>,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
    /// How many at most: 1 to 100.
    pub limit: u32,
}

/// What is said of a webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Its name.
    pub name: Slug,
    /// Where to.
    pub url: String,
    /// What is told; everything, where nothing is said.
    pub events: Vec<EventType>,
    /// Whether nothing is to be sent to it.
    pub disabled: bool,
    /// The secret to sign with; a fresh one, where none is brought along and there is none yet.
    pub secret: Option<Secret>,
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
    /// What there is beside the outcome.
    pub beside: Beside,
    /// Whether this is the answer to an earlier request with the same `Idempotency-Key`.
    pub replayed: bool,
    /// Which request it was.
    pub context: Context,
}

/// What there is to show beside an outcome.
#[derive(Debug, Default)]
pub enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// The secret of a webhook endpoint, shown once.
    Secret(String),
    /// Where the page of connections ends, if there are more.
    Cursor(Option<String>),
    /// What came of a delivery.
    Delivery(Box<Delivery>),
    /// The provider that ships, where none was put in its place.
    Shipped(Box<Provider>),
    /// Who opened a link.
    Visitor(Visitor),
    /// A status ticket, and its text.
    Ticket(Ticket, String),
    /// What a ticket shows.
    Shown {
        /// JSON.
        text: String,
        /// Differs where that differs.
        tag: String,
        /// Whether it is known already.
        known: bool,
    },
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
