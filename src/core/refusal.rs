//! Why a ledger refuses.

use super::credential::CredentialState;
use super::pack::packed;
use super::verdict::{ConnectionVerdict, Verdict};
use super::words::words;

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The principal may not do this. Also said where the user does not exist, to whom may not know.
    Forbidden,
    /// The user was set to get no connection tokens.
    NotConnectable,
    /// There is no such user.
    UserUnknown,
    /// There is no such token, or not any more.
    TokenUnknown,
    /// There is no such app.
    AppUnknown,
    /// The token is dead; a connection token is used once.
    Dead(Box<Verdict>),
    /// Only a connection token can be consumed, and only by its secret.
    NotAConnectionToken,
    /// The same `Idempotency-Key` came with another request before.
    IdempotencyConflict,
    /// `before` lies in the future.
    BeforeInFuture,
    /// The ledger holds another user whose id has the same first 64 bits of SHA-256, or what it reads makes no sense.
    Corrupt,
    /// A connection token lives between one second and a day.
    TtlOutOfRange,
    /// There is no such connection, or not any more.
    ConnectionUnknown,
    /// The connection is in a status in which this cannot be done.
    ConnectionIs(Box<ConnectionVerdict>),
    /// More was asked for than the app may have, or was granted.
    ScopeTooWide,
    /// The app has not registered that redirect URI.
    RedirectUriUnregistered,
    /// The redirect URI is not the one that the code was minted for.
    RedirectUriMismatch,
    /// The code's challenge and the client's verifier do not belong together (RFC 7636), or one of them is missing.
    VerifierMismatch,
    /// The token was issued to another client.
    TokenOfAnother,
    /// There is no such client, or it does not come with its secret.
    ClientInvalid,
    /// A public app has no client secret.
    AppIsPublic,
    /// Another user has the external id.
    ExternalIdTaken,
    /// There is no provider to hold credentials of: neither the app nor the request names one.
    ProviderMissing,
    /// The provider offers no way to revoke what the connection holds.
    RevocationUnsupported,
    /// There is no such revocation, or not any more.
    RevocationUnknown,
    /// The revocation is in a state in which this cannot be done.
    RevocationIs(CredentialState),
    /// There is no such provider, webhook endpoint, or whatever was named.
    NotThere(Thing),
    /// There are as many webhook endpoints as there may be.
    TooManyEndpoints,
    /// The connection holds a credential of another provider's that would stay.
    ProviderDiffers,
}

words! {
    /// What belongs to no user.
    pub enum Thing {
        /// A provider.
        Provider = "provider",
        /// A webhook endpoint.
        Webhook = "webhook",
    }
}

packed!(enum Refusal {
    0 => Forbidden,
    1 => NotConnectable,
    2 => UserUnknown,
    3 => TokenUnknown,
    4 => AppUnknown,
    5 => Dead(a),
    6 => NotAConnectionToken,
    7 => IdempotencyConflict,
    8 => BeforeInFuture,
    9 => Corrupt,
    10 => TtlOutOfRange,
    11 => ConnectionUnknown,
    12 => ConnectionIs(a),
    13 => ScopeTooWide,
    14 => RedirectUriUnregistered,
    15 => RedirectUriMismatch,
    16 => VerifierMismatch,
    17 => TokenOfAnother,
    18 => ClientInvalid,
    19 => AppIsPublic,
    20 => ExternalIdTaken,
    21 => ProviderMissing,
    22 => RevocationUnsupported,
    23 => RevocationUnknown,
    24 => RevocationIs(a),
    25 => NotThere(a),
    26 => TooManyEndpoints,
    27 => ProviderDiffers,
});
