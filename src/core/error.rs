//! Why a ledger refuses a command.
//!
//! ```
//! use hookswitch::core::{DecisionError, Resource};
//!
//! let error = DecisionError::NotFound(Resource::Token);
//! assert_eq!(serde_json::to_string(&error).unwrap(), r#"{"not_found":"token"}"#);
//! ```

use serde::{Deserialize, Serialize};

use super::credential::CredentialState;
use super::ids::{AppId, Slug, UserId};
use super::string_enum::string_enum;
use super::verdict::{ConnectionVerdict, Verdict};

string_enum! {
    /// The kinds of resource that a command can fail to find.
    pub enum Resource {
        /// A user, by its id.
        User = "user",
        /// A token, by its secret or public id.
        Token = "token",
        /// A connection.
        Connection = "connection",
        /// An app, by its id.
        App = "app",
        /// A provider, by its slug.
        Provider = "provider",
        /// A webhook endpoint.
        Webhook = "webhook",
        /// A revocation at a provider.
        Revocation = "revocation",
    }
}

string_enum! {
    /// The kind of item of which a user's ledger stores a bounded number.
    pub enum Limit {
        /// Live tokens of all kinds.
        Tokens = "tokens",
        /// Live API keys.
        ApiKeys = "api_keys",
        /// Live connections.
        Connections = "connections",
        /// Answers that are stored for requests with an `Idempotency-Key`.
        StoredResponses = "stored_responses",
    }
}

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DecisionError {
    /// The principal has no access. Callers without access get this whether or not the subject exists.
    #[error("the principal has no access")]
    Forbidden,
    /// The API key of the principal was revoked or has expired since the Worker authenticated it.
    #[error("the API key is not active")]
    KeyNotActive,
    /// The resource does not exist, or its retention is over.
    #[error("the {0} does not exist")]
    NotFound(Resource),
    /// The profile of the user forbids new connections: no connection token is created or consumed.
    #[error("the user cannot be connected")]
    NotConnectable,
    /// The token is dead.
    #[error("the token is not active")]
    TokenNotActive(Box<Verdict>),
    /// Only a connection token can be consumed, and only by its secret.
    #[error("only a connection token can be consumed")]
    NotAConnectionToken,
    /// The same `Idempotency-Key` was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyConflict,
    /// `before` is later than the request.
    #[error("`before` is in the future")]
    BeforeInFuture,
    /// The ledger stores another subject with the same ledger id, or its rows contradict each other.
    #[error("the ledger is inconsistent")]
    Inconsistent,
    /// The validity of a connection token is outside its range.
    #[error("the validity must be from {min} to {max} seconds")]
    TtlOutOfRange {
        /// The shortest validity.
        min: u32,
        /// The longest validity.
        max: u32,
    },
    /// The connection is in a status that does not allow the command.
    #[error("the status of the connection does not allow this")]
    InvalidConnectionState(Box<ConnectionVerdict>),
    /// The request asks for scopes that the app may not have or was not granted.
    #[error("the scope is too wide")]
    ScopeTooWide,
    /// The app has not registered the redirect URI.
    #[error("the redirect URI is not registered")]
    RedirectUriUnregistered,
    /// A code for a public app needs a challenge (RFC 7636, RFC 9700 §2.1.1).
    #[error("a code for a public app needs a challenge")]
    ChallengeRequired,
    /// The redirect URI differs from the redirect URI that the code was created for.
    #[error("the redirect URI differs from the redirect URI of the code")]
    RedirectUriMismatch,
    /// The verifier does not match the code's challenge, or one of them is missing (RFC 7636).
    #[error("the code verifier does not match")]
    VerifierMismatch,
    /// The token was issued to another client.
    #[error("the token was issued to another client")]
    WrongClient,
    /// The client is unknown, or its secret is wrong.
    #[error("the client could not be authenticated")]
    ClientInvalid,
    /// A public app has no client secret.
    #[error("a public app has no client secret")]
    AppIsPublic,
    /// Another user has the external id.
    #[error("another user has the external id")]
    ExternalIdTaken,
    /// The user cannot be created: its id is the external id of another user, as far as the ledger knows. The caller
    /// checks whether that user still has it.
    #[error("another user has the id as its external id")]
    UserIdReserved {
        /// The other user.
        holder: UserId,
    },
    /// Neither the request nor the connection names a provider. The caller repeats the command with the app's provider.
    #[error("no provider is named")]
    ProviderNotNamed {
        /// The app of the connection, if it is known.
        app_id: Option<AppId>,
    },
    /// The decision needs the configuration of this provider. The caller repeats the command with it.
    #[error("the configuration of a provider is required")]
    ProviderRequired {
        /// The provider.
        slug: Slug,
    },
    /// Credentials name a provider that does not exist.
    #[error("the provider of the credentials does not exist")]
    ProviderUnknown,
    /// Only root may do this.
    #[error("the key of the deployment is required")]
    RootRequired,
    /// The user has the highest number of items of a kind. Commands that end something still succeed.
    #[error("the user has {max} {limit} already")]
    LimitReached {
        /// The kind of item whose limit is reached.
        limit: Limit,
        /// The highest number.
        max: u64,
    },
    /// The user's ledger is full. Commands that end something still succeed.
    #[error("the ledger of the user is full")]
    LedgerFull,
    /// The provider cannot revoke any credential that the connection stores.
    #[error("the provider cannot revoke the credentials")]
    RevocationUnsupported,
    /// The revocation is in a state that does not allow the command.
    #[error("the revocation is {0}")]
    InvalidRevocationState(CredentialState),
    /// The deployment has the highest number of webhook endpoints.
    #[error("there are {max} webhook endpoints already")]
    TooManyEndpoints {
        /// The highest number.
        max: usize,
    },
    /// The sign-in code is unknown, has expired, or was used before.
    #[error("the sign-in code cannot be used")]
    SignInCodeInvalid,
    /// The connection stores a credential of another provider that the request does not replace.
    #[error("the connection stores a credential of another provider")]
    ProviderDiffers,
}
