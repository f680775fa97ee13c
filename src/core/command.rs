//! What can be asked of a ledger.

use serde::{Deserialize, Serialize};

use super::access::Principal;
use super::codec::{Forged, Handle, Kind, Nonce};
use super::digest::Digest;
use super::event::EventType;
use super::ids::{AppId, Shard, TokenId, UserId};
use super::json::Json;
use super::status::Status;
use super::time::Timestamp;
use super::token::{Facts, TokenKind};
use super::user::Profile;
use super::view::Kinds;

/// The most tokens in one batch check.
pub const CHECK_MAX: usize = 100;

/// A token that a request names, by its secret or by its public id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A handle that this deployment minted.
    Known {
        /// The handle; its shard names the ledger.
        handle: Handle,
        /// What the ledger looks it up by.
        name: TokenName,
    },
    /// Nothing that this deployment minted for whom it was said to be: there is nothing to look up.
    Forged,
}

/// What a ledger looks a token up by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenName {
    /// The digest of its secret.
    Secret(TokenKind, Digest),
    /// Its public id, which is no proof of holding it.
    Public(TokenId),
}

impl Target {
    /// What a verified handle names; connection ids name no token.
    #[must_use]
    pub fn of(handle: Result<Handle, Forged>) -> Self {
        let Ok(handle) = handle else {
            return Self::Forged;
        };
        let name = match (TokenKind::of(handle.kind()), handle.kind()) {
            (Some(kind), _) => TokenName::Secret(kind, handle.digest()),
            (None, Kind::TokenId) => match TokenId::parse(&handle.text()) {
                Ok(token_id) => TokenName::Public(token_id),
                Err(_) => return Self::Forged,
            },
            (None, _) => return Self::Forged,
        };
        Self::Known { handle, name }
    }

    /// The same token, if it is this user's. The shard tells, so it costs no look-up.
    #[must_use]
    pub fn of_user(self, user: &UserId) -> Self {
        match self {
            Self::Known { handle, .. } if handle.shard() != Shard::of(user) => Self::Forged,
            target => target,
        }
    }

    /// The same token, if it is named by its public id.
    #[must_use]
    pub fn public(self) -> Self {
        match self {
            Self::Known { name: TokenName::Public(_), .. } => self,
            _ => Self::Forged,
        }
    }

    /// The same token, if it is of this kind and named by its secret.
    #[must_use]
    pub fn secret_of(self, wanted: TokenKind) -> Self {
        match self {
            Self::Known { name: TokenName::Secret(kind, _), .. } if kind == wanted => self,
            _ => Self::Forged,
        }
    }
}

/// What part of a user's tokens to revoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Up to and including this time; now, where none is said.
    pub before: Option<Timestamp>,
    /// Only what belongs to this app.
    pub app_id: Option<AppId>,
    /// Only these kinds.
    pub kinds: Kinds,
    /// Why.
    pub reason: Option<String>,
}

/// A part of a list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Only what came before this place; from the newest, where none is said.
    pub before: Option<u64>,
    /// How many at most: 1 to 100.
    pub limit: u32,
}

impl Page {
    /// How many rows to read: one more than the page has, to know whether there are more.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// Cuts what was read to the page, and says the place to go on from.
    pub(crate) fn split<T>(self, rows: &[T], place: impl Fn(&T) -> u64) -> (&[T], Option<u64>) {
        match usize::try_from(self.limit).ok().and_then(|limit| rows.split_at_checked(limit)) {
            Some((page, [_, ..])) => (page, page.last().map(place)),
            _ => (rows, None),
        }
    }
}

/// What a caller says of a token to mint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What kind.
    pub kind: TokenKind,
    /// How long it lives, in seconds; for ever, where none is said.
    pub ttl: Option<u32>,
    /// The app it lets the user connect.
    pub app_id: Option<AppId>,
    /// What the app may do.
    pub scope: Option<String>,
    /// Where the user is sent afterwards.
    pub redirect_uri: Option<String>,
    /// A word to tell it by.
    pub label: Option<String>,
    /// Whatever else to keep with it.
    pub metadata: Option<Json>,
}

impl Order {
    /// An order of this kind and life that says nothing else.
    #[must_use]
    pub const fn plain(kind: TokenKind, ttl: Option<u32>) -> Self {
        Self { kind, ttl, app_id: None, scope: None, redirect_uri: None, label: None, metadata: None }
    }

    /// What the minted token remembers of it.
    pub(crate) fn facts(&self, principal: &Principal) -> Facts {
        Facts {
            created_by: principal.actor(),
            app_id: self.app_id.clone(),
            scope: self.scope.clone(),
            redirect_uri: self.redirect_uri.clone(),
            label: self.label.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

/// What is asked of one user's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

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
            | Self::Mint(user_id, _) => Some(user_id),
            Self::Check(_) | Self::Consume(_) | Self::Revoke { .. } => None,
        }
    }

    /// Whether the command is one that may change something, as against one that only looks.
    #[must_use]
    pub const fn changes(&self) -> bool {
        match self {
            Self::PutUser(..) | Self::Mint(..) | Self::Consume(_) | Self::Revoke { .. } => true,
            Self::RevokeUser { dry_run, .. } => !*dry_run,
            Self::GetUser(_) | Self::ListTokens { .. } | Self::ListEvents { .. } | Self::Check(_) => false,
        }
    }

    /// The tokens that the command names.
    #[must_use]
    pub fn tokens(&self) -> &[TokenName] {
        match self {
            Self::Check(tokens) => tokens,
            Self::Consume(token) | Self::Revoke { token, .. } => std::slice::from_ref(token),
            _ => &[],
        }
    }

    /// The kinds of token that the command may mint: a fresh one of each goes with the request.
    #[must_use]
    pub fn mints(&self) -> &[TokenKind] {
        match self {
            Self::Mint(_, order) => std::slice::from_ref(&order.kind),
            _ => &[],
        }
    }
}

/// A token that was minted for a request, as the ledger may know it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fresh {
    /// What it is.
    pub kind: TokenKind,
    /// The public name.
    pub token_id: TokenId,
    /// Stands for the secret.
    pub digest: Digest,
}

/// The tokens minted for one request, and what they were made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minting {
    /// What they were made of.
    pub nonce: Nonce,
    /// One for each of [`Command::mints`].
    pub fresh: Vec<Fresh>,
}

/// A request that may come again: `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Stands for the principal and the key.
    pub key: Digest,
    /// Stands for path, query and body.
    pub request: Digest,
}

/// A command with all that is needed to decide it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// What.
    pub command: Command,
    /// The tokens to use, where the command mints.
    pub minting: Minting,
    /// How to know the request when it comes again.
    pub retry: Option<Retry>,
}
