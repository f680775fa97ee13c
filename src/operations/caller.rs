//! The caller of a request, and the credentials that name it.
//!
//! ```
//! use hookswitch::core::Principal;
//! use hookswitch::operations::{Caller, Secret};
//!
//! let root = Caller::Principal(Principal::Root);
//! assert_eq!(root.rate_limit_key().as_deref(), Some("root"));
//! assert_eq!(format!("{:?}", Secret("hak_1".to_owned())), "Secret(…)");
//! ```

use std::fmt;

use super::error::CredentialProblem;
use crate::core::{Actor, AppId, Digest, Principal, Ticket};

/// A secret of a request: a key, an upstream credential, or the secret of a provider or webhook endpoint. Its `Debug` hides
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The credentials of a request, as its dialect found them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// No credentials.
    Missing,
    /// Credentials that cannot be valid.
    Invalid(CredentialProblem),
    /// A text that is an API key or the root key, if it is valid.
    Key(Secret),
    /// The same, for calls that only the root key and keys of admins may make.
    AdminKey(Secret),
    /// The same, for calls that only the root key itself may make: a session key may not.
    RootKey(Secret),
    /// An OAuth client.
    Client(ClientCredentials),
    /// The token that the request is about.
    Token,
    /// A status ticket. Its signature was verified.
    Ticket(Ticket),
    /// None, for a call that everybody may make.
    Public,
}

/// The credentials of an OAuth client (RFC 6749 §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    /// The `client_id`.
    pub app_id: AppId,
    /// The digest of the client secret; `None` for a public client.
    pub secret: Option<Digest>,
}

/// The principal or caller that makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody authenticated.
    Anonymous,
    /// A principal, or the holder of the token that the request is about.
    Principal(Principal),
    /// An OAuth client whose secret was not verified yet. That takes a lookup, which waits until the token that the
    /// client presents is known not to be forged.
    Client(ClientCredentials),
    /// The holder of a status ticket.
    Ticket(Ticket),
}

impl Caller {
    /// The caller as the author of changes.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Principal(Principal::Holder) | Self::Anonymous | Self::Ticket(_) => None,
            Self::Principal(principal) => Some(principal.actor()),
            Self::Client(client) => Some(Actor::app(&client.app_id)),
        }
    }

    /// The digest that recognises an `Idempotency-Key` of this caller; `None` if nobody authenticated.
    ///
    /// The keys of a user share their answers, but limited keys do not share the answers of full keys: neither may read
    /// or replace the items that the other created.
    #[must_use]
    pub fn idempotency_digest(&self, key: &str) -> Option<Digest> {
        let actor = self.actor()?;
        let (actor, key) = (actor.as_str().as_bytes(), key.as_bytes());
        Some(match self {
            Self::Principal(Principal::User { limited: true, .. }) => Digest::of_parts(&[b"limited", actor, key]),
            _ => Digest::of_parts(&[actor, key]),
        })
    }

    /// The actor for the log; `None` if everybody can claim to be this caller.
    #[must_use]
    pub fn logged_actor(&self) -> Option<Actor> {
        match self {
            Self::Client(ClientCredentials { secret: None, .. }) => None,
            _ => self.actor(),
        }
    }

    /// The key under which the rate limit counts the caller; `None` if everybody can claim to be this caller.
    ///
    /// A client is counted by its secret, so that the holder of a replaced secret does not use up the limit of the app. No
    /// user id contains a line break, so no user has the same key as an app or a ticket.
    #[must_use]
    pub fn rate_limit_key(&self) -> Option<String> {
        match self {
            Self::Client(client) => client.secret.as_ref().map(|secret| format!("app:\n{}", secret.as_str())),
            Self::Ticket(ticket) => Some(format!("ticket:\n{}", ticket.subject.id())),
            _ => self.actor().map(|actor| actor.as_str().to_owned()),
        }
    }
}
