//! What a ledger answers.

use super::access::Principal;
use super::app::App;
use super::connection::ConnectionStatus;
use super::cutoff::Counts;
use super::event::Recorded;
use super::ids::AppId;
use super::operator::OperatorOutcome;
use super::pack::packed;
use super::refusal::Refusal;
use super::request::Minting;
use super::revocation::Revocation;
use super::scope::Scope;
use super::status::Status;
use super::time::Timestamp;
use super::user::User;
use super::verdict::ConnectionVerdict;
use super::verdict::Verdict;

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user, and whether it was made just now.
    User(User, bool),
    /// What of the user was revoked, or would be.
    UserRevoked {
        /// The user.
        user: User,
        /// What was minted up to this time.
        before: Timestamp,
        /// How many tokens of each kind were alive.
        revoked: Counts,
        /// Only counted.
        dry_run: bool,
    },
    /// The token was minted; its secret is the edge's to add.
    Minted(Verdict),
    /// What is known of one token. The edge's reading of [`Self::Checked`].
    Verdict(Verdict),
    /// What is known of each token, in the order asked.
    Checked {
        /// A verdict each; none for a token that the ledger does not hold.
        verdicts: Vec<Option<Verdict>>,
        /// When this was true.
        as_of: Timestamp,
    },
    /// The token was used now; with the connection that it was for, where it was for one.
    Consumed(Verdict, User, Option<ConnectionVerdict>),
    /// The token is dead.
    Revoked {
        /// What it was before.
        previous: Status,
        /// What it is now.
        verdict: Verdict,
    },
    /// A page of tokens, and the place to go on from.
    Tokens(Vec<Verdict>, Option<u64>),
    /// A page of events, and the place to go on from.
    Events(Vec<Recorded>, Option<u64>),
    /// What is known of a connection.
    Connection(ConnectionVerdict),
    /// The connection is as it was asked to be.
    ConnectionChanged {
        /// What it was before.
        previous: ConnectionStatus,
        /// What it is now.
        verdict: ConnectionVerdict,
    },
    /// A page of connections, and the place to go on from.
    Connections(Vec<ConnectionVerdict>, Option<u64>),
    /// The apps that the user is connected to, with what each may do.
    ConnectedApps(Vec<(AppId, Option<Scope>)>),
    /// Nothing connects the user to the app any more.
    Disconnected,
    /// Tokens were issued under a connection; their secrets are the edge's to add.
    Issued {
        /// The access token.
        access: Verdict,
        /// The refresh token; none, where the one that was used stays.
        refresh: Option<Verdict>,
    },
    /// The token is alive, and this is what a client may know of it.
    Introspected(Verdict),
    /// There is nothing that the client may know of such a token, or could revoke.
    Nothing,
    /// The token was used up before: what came of it is revoked.
    Replayed(Verdict),
    /// The app, and whether it was made just now.
    App(App, bool),
    /// The app, with a new client secret that is the edge's to add, and whether the app was made just now.
    AppWithSecret(App, bool),
    /// A revocation at a provider, and its connection.
    Revocation(Revocation, ConnectionVerdict),
    /// What came of something of the operator's.
    Operator(OperatorOutcome),
}

packed!(enum Outcome {
    0 => User(a, b),
    1 => UserRevoked { user, before, revoked, dry_run },
    2 => Minted(a),
    3 => Verdict(a),
    4 => Checked { verdicts, as_of },
    5 => Consumed(a, b, c),
    6 => Revoked { previous, verdict },
    7 => Tokens(a, b),
    8 => Events(a, b),
    9 => Connection(a),
    10 => ConnectionChanged { previous, verdict },
    11 => Connections(a, b),
    12 => ConnectedApps(a),
    13 => Disconnected,
    14 => Issued { access, refresh },
    15 => Introspected(a),
    16 => Nothing,
    17 => Replayed(a),
    18 => App(a, b),
    19 => AppWithSecret(a, b),
    20 => Revocation(a, b),
    21 => Operator(a),
});

/// What a ledger sends back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What came of the command.
    pub outcome: Result<Outcome, Refusal>,
    /// Set where this is the answer to an earlier request with the same `Idempotency-Key`: the tokens minted for that.
    pub replayed: Option<Minting>,
}

packed!(struct Answer { outcome, replayed });

/// Who an API key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub principal: Principal,
    /// When the key runs out.
    pub expires_at: Option<Timestamp>,
}

packed!(struct Authenticated { principal, expires_at });
