//! What can be asked of a ledger.

use super::app::Registration;
use super::codec::Kind;
use super::connection::ConnectionStatus;
use super::credential::Deposits;
use super::digest::Digest;
use super::event::EventType;
use super::ids::{AppId, ConnectionId, Shard, UserId};
use super::json::Json;
use super::operator::OperatorCommand;
use super::order::{Cut, Lifetimes, Order, Page};
use super::pack::packed;
use super::scope::Scope;
use super::status::Status;
use super::target::TokenName;
use super::token::TokenKind;
use super::user::Profile;
use super::words::words;

/// The most tokens in one batch check.
pub const CHECK_MAX: usize = 100;

/// What is asked of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// What it is.
    Get,
    /// Its end, and that of all under it.
    Revoke(Option<String>),
    /// To be switched on, and why.
    Enable(Option<String>),
    /// To be switched off, and why.
    Disable(Option<String>),
    /// Tokens under it.
    Issue(Option<Scope>, Lifetimes),
    /// Its end, if it is active; nothing, where it is revoked already.
    RevokeActive(Option<String>),
    /// Its end, and that nobody is shown it any more; at the provider only where that is said.
    Delete {
        /// Whether to revoke at the provider what it holds.
        revoke: bool,
    },
    /// To hold these credentials of its provider's.
    Hold(Deposits),
}

packed!(enum Action {
    0 => Get,
    1 => Revoke(a),
    2 => Enable(a),
    3 => Disable(a),
    4 => Issue(a, b),
    5 => RevokeActive(a),
    6 => Delete { revoke },
    7 => Hold(a),
});

words! {
    /// What is asked of a revocation at a provider.
    pub enum RevocationAction {
        /// What it is.
        Get = "get",
        /// To be tried again from the start.
        Retry = "retry",
        /// To be left at that.
        Dismiss = "dismiss",
    }
}

words! {
    /// What whoever holds a connection token says of it at the link page.
    pub enum Consent {
        /// Yes.
        Approve = "approve",
        /// No.
        Decline = "decline",
    }
}

/// What a client asks of the token it comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantAction {
    /// To exchange a code for tokens.
    Exchange {
        /// Where the client says it had the user sent.
        redirect_uri: Option<String>,
        /// The S256 challenge that the client's verifier answers to.
        code_challenge: Option<Digest>,
        /// How long the tokens live.
        lifetimes: Lifetimes,
    },
    /// To get an access token for a refresh token.
    Refresh {
        /// Of which scopes; of all of them, where none are named.
        scope: Option<Scope>,
        /// How long the tokens live.
        lifetimes: Lifetimes,
    },
    /// What is known of it.
    Introspect,
    /// Its end.
    Revoke,
    /// The end of the connection that it was issued under.
    Disconnect,
}

packed!(enum GrantAction {
    0 => Exchange { redirect_uri, code_challenge, lifetimes },
    1 => Refresh { scope, lifetimes },
    2 => Introspect,
    3 => Revoke,
    4 => Disconnect,
});

/// What is asked of one ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Says who a user is; makes it where there is none.
    PutUser(UserId, Profile),
    /// Who a user is.
    GetUser(UserId),
    /// Revokes what a user has.
    RevokeUser {
        /// Whose.
        user_id: UserId,
        /// Which part.
        cut: Cut,
        /// Only count.
        dry_run: bool,
    },
    /// A user's tokens.
    ListTokens {
        /// Whose.
        user_id: UserId,
        /// Which part.
        page: Page,
        /// Only in this status.
        status: Option<Status>,
        /// Only of this kind.
        kind: Option<TokenKind>,
    },
    /// What happened to a user.
    ListEvents {
        /// Whose.
        user_id: UserId,
        /// Which part.
        page: Page,
        /// Only of this type.
        event_type: Option<EventType>,
    },
    /// Mints a token.
    Mint(UserId, Order),
    /// Looks tokens of one user up; nothing changes.
    Check(Vec<TokenName>),
    /// Uses a connection token, once and for all.
    Consume(TokenName),
    /// Takes a token back.
    Revoke {
        /// Which.
        token: TokenName,
        /// Why.
        reason: Option<String>,
    },
    /// Makes a connection to an app, authorized by whoever asks.
    Connect {
        /// Whose.
        user_id: UserId,
        /// To which app.
        app_id: AppId,
        /// What the app may do.
        scope: Option<Scope>,
        /// Whatever else to keep with it.
        metadata: Option<Json>,
        /// What it holds of its provider's.
        upstream: Option<Deposits>,
    },
    /// A user's connections.
    ListConnections {
        /// Whose.
        user_id: UserId,
        /// Which part.
        page: Page,
        /// Only in this status.
        status: Option<ConnectionStatus>,
        /// Only to this app.
        app_id: Option<AppId>,
    },
    /// Which apps a user is connected to.
    ConnectedApps(UserId),
    /// Revokes every connection of a user to an app.
    Disconnect(UserId, AppId),
    /// Something of one connection.
    OfConnection(ConnectionId, Action),
    /// Something of the token that a client comes with.
    OfGrant(TokenName, GrantAction),
    /// Says what an app is; makes it where there is none.
    PutApp(AppId, Registration),
    /// What an app is.
    GetApp(AppId),
    /// Gives an app a new client secret; the one before stays good for so many seconds.
    RotateSecret(AppId, u32),
    /// Something of the revocation of the credential with this place.
    OfRevocation(u64, RevocationAction),
    /// Something of the operator's.
    OfOperator(OperatorCommand),
    /// The answer to what a connection token asks of its user, and the app that it is said to ask it for.
    OfConsent(TokenName, Consent, Option<AppId>),
}

packed!(enum Command {
    0 => PutUser(a, b),
    1 => GetUser(a),
    2 => RevokeUser { user_id, cut, dry_run },
    3 => ListTokens { user_id, page, status, kind },
    4 => ListEvents { user_id, page, event_type },
    5 => Mint(a, b),
    6 => Check(a),
    7 => Consume(a),
    8 => Revoke { token, reason },
    9 => Connect { user_id, app_id, scope, metadata, upstream },
    10 => ListConnections { user_id, page, status, app_id },
    11 => ConnectedApps(a),
    12 => Disconnect(a, b),
    13 => OfConnection(a, b),
    14 => OfGrant(a, b),
    15 => PutApp(a, b),
    16 => GetApp(a),
    17 => RotateSecret(a, b),
    18 => OfRevocation(a, b),
    19 => OfOperator(a),
    20 => OfConsent(a, b, c),
});

impl Command {
    /// The user that the command names, where it names one.
    #[must_use]
    pub const fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::PutUser(user_id, _)
            | Self::GetUser(user_id)
            | Self::RevokeUser { user_id, .. }
            | Self::ListTokens { user_id, .. }
            | Self::ListEvents { user_id, .. }
            | Self::Mint(user_id, _)
            | Self::Connect { user_id, .. }
            | Self::ListConnections { user_id, .. }
            | Self::ConnectedApps(user_id)
            | Self::Disconnect(user_id, _) => Some(user_id),
            _ => None,
        }
    }

    /// The ledger that the command is for, where it says so itself.
    #[must_use]
    pub fn shard(&self) -> Option<Shard> {
        match self {
            Self::PutApp(app_id, _) | Self::GetApp(app_id) | Self::RotateSecret(app_id, _) => {
                Some(Shard::of_app(app_id))
            }
            Self::OfOperator(_) => Some(Shard::of_operator()),
            command => command.user_id().map(Shard::of),
        }
    }

    /// The app whose registration it takes to decide the command.
    #[must_use]
    pub const fn app_id(&self) -> Option<&AppId> {
        match self {
            Self::Mint(_, order) => order.app_id.as_ref(),
            Self::OfConsent(.., app_id) => app_id.as_ref(),
            Self::Connect { app_id, .. } | Self::Disconnect(_, app_id) => Some(app_id),
            _ => None,
        }
    }

    /// Whether the answer is kept for when the request comes again: not where the command only looks, nor where a
    /// client's, come again, does nothing more.
    #[must_use]
    pub const fn is_remembered(&self) -> bool {
        match self {
            Self::PutUser(..)
            | Self::Mint(..)
            | Self::Consume(_)
            | Self::Revoke { .. }
            | Self::Connect { .. }
            | Self::Disconnect(..)
            | Self::PutApp(..)
            | Self::RotateSecret(..)
            | Self::OfConsent(..) => true,
            Self::RevokeUser { dry_run, .. } => !*dry_run,
            Self::OfConnection(_, action) => !matches!(action, Action::Get),
            Self::OfRevocation(_, action) => !matches!(action, RevocationAction::Get),
            Self::OfOperator(command) => matches!(command, OperatorCommand::RotateSecret(..)),
            Self::OfGrant(..) => self.issues(),
            Self::GetUser(_)
            | Self::ListTokens { .. }
            | Self::ListEvents { .. }
            | Self::Check(_)
            | Self::ListConnections { .. }
            | Self::ConnectedApps(_)
            | Self::GetApp(_) => false,
        }
    }

    /// Whether the command issues tokens under a connection.
    #[must_use]
    pub const fn issues(&self) -> bool {
        matches!(
            self,
            Self::OfConnection(_, Action::Issue(..))
                | Self::OfGrant(_, GrantAction::Exchange { .. } | GrantAction::Refresh { .. })
                | Self::OfConsent(_, Consent::Approve, _)
        )
    }

    /// The tokens that the command names.
    #[must_use]
    pub fn tokens(&self) -> &[TokenName] {
        match self {
            Self::Check(tokens) => tokens,
            Self::Consume(token)
            | Self::Revoke { token, .. }
            | Self::OfGrant(token, _)
            | Self::OfConsent(token, ..) => std::slice::from_ref(token),
            _ => &[],
        }
    }

    /// What the command may mint: a fresh one of each goes with the request.
    #[must_use]
    pub const fn mints(&self) -> &'static [Kind] {
        match self {
            Self::Mint(_, order) => match (order.kind, &order.app_id) {
                (TokenKind::ConnectionToken, None) => &[Kind::ConnectionToken],
                (TokenKind::ConnectionToken, Some(_)) => &[Kind::ConnectionToken, Kind::ConnectionId],
                (TokenKind::ApiKey, _) => &[Kind::ApiKey],
                (TokenKind::AccessToken | TokenKind::RefreshToken, _) => &[],
            },
            Self::Connect { .. } => &[Kind::ConnectionId],
            Self::OfConnection(_, Action::Issue(_, Lifetimes { refresh: None, .. })) => &[Kind::AccessToken],
            Self::OfConnection(_, Action::Issue(..))
            | Self::OfGrant(_, GrantAction::Exchange { .. } | GrantAction::Refresh { .. }) => {
                &[Kind::AccessToken, Kind::RefreshToken]
            }
            Self::PutApp(..) | Self::RotateSecret(..) => &[Kind::ClientSecret],
            Self::OfConsent(_, Consent::Approve, _) => &[Kind::ConnectionToken],
            _ => &[],
        }
    }
}
