//! Parameters of commands, and pages of lists.
//!
//! ```
//! use hookswitch::core::params::{MintKind, MintParams};
//!
//! let params = MintParams { label: Some("door".to_owned()), ..MintParams::plain(MintKind::ConnectionToken, Some(600)) };
//! assert_eq!(params.ttl, Some(600));
//! ```

use serde::{Deserialize, Serialize};

use super::cutoff::TokenKindSet;
use super::digest::Digest;
use super::ids::AppId;
use super::json::Json;
use super::scope::Scope;
use super::string_enum::string_enum;
use super::time::Timestamp;
use super::token::{TokenKind, TokenPurpose};

/// The highest number of tokens in one batch check.
pub const CHECK_MAX: usize = 100;

/// The tokens and connections of a user to revoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeFilter {
    /// Only what was created up to and including this time; the time of the request if `None`.
    pub before: Option<Timestamp>,
    /// Only what belongs to this app.
    pub app_id: Option<AppId>,
    /// Only these kinds.
    pub kinds: TokenKindSet,
    /// Why, in the words of the caller.
    pub reason: Option<String>,
}

/// The position in a list after which a page begins. Lists are newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(transparent)]
pub struct Cursor(pub u64);

impl Cursor {
    /// A position before the newest item.
    pub const START: Self = Self((1 << 53) - 1);
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Cursor {
    type Err = super::rule::Rule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let position = text.parse().ok().filter(|position: &u64| *position < 1 << 53);
        position.map(Self).ok_or_else(|| super::rule::Rule::new("must be the next_cursor of an earlier answer"))
    }
}

/// The page of a list that a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// The position after which the page begins; the newest item if `None`.
    pub after: Option<Cursor>,
    /// The highest number of items: 1 to 100.
    pub limit: u32,
}

impl PageRequest {
    /// The number of rows to read: one more than the page has, which shows whether there is a next page.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// Makes the page of rows that were read with [`Self::rows`] as the limit. A row that `show` maps to `None` is
    /// skipped and counts against the limit.
    pub(crate) fn page<T, U>(self, rows: &[Positioned<T>], show: impl Fn(&T) -> Option<U>) -> Page<U> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let shown = rows.get(..limit).unwrap_or(rows);
        let next = if rows.len() > limit { shown.last().map(|row| row.position) } else { None };
        Page { items: shown.iter().filter_map(|row| show(&row.value)).collect(), next }
    }
}

/// A row of a list with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positioned<T> {
    /// The position.
    pub position: Cursor,
    /// The row that was read.
    pub value: T,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The position after which the next page begins; `None` on the last page.
    pub next: Option<Cursor>,
}

/// The parameters of a token to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintParams {
    /// A connection token or an API key. Other kinds are issued under a connection.
    pub kind: MintKind,
    /// The validity in seconds; unlimited if `None`.
    pub ttl: Option<u32>,
    /// The app that the token connects.
    pub app_id: Option<AppId>,
    /// The scopes that the app gets.
    pub scope: Option<Scope>,
    /// The URI to which the user returns.
    pub redirect_uri: Option<String>,
    /// The S256 challenge of the client that exchanges the token (RFC 7636).
    pub code_challenge: Option<Digest>,
    /// A label that the caller chooses.
    pub label: Option<String>,
    /// Data to store with the token.
    pub metadata: Option<Json>,
    /// The purpose of a connection token that names an app.
    #[serde(default, skip_serializing_if = "TokenPurpose::is_default")]
    pub purpose: TokenPurpose,
}

string_enum! {
    /// The kinds of token that a caller creates directly.
    pub enum MintKind {
        /// A connection token.
        ConnectionToken = "connection_token",
        /// An API key (`hak_…`).
        ApiKey = "api_key",
    }
}

impl From<MintKind> for TokenKind {
    fn from(kind: MintKind) -> Self {
        match kind {
            MintKind::ConnectionToken => Self::ConnectionToken,
            MintKind::ApiKey => Self::ApiKey,
        }
    }
}

impl MintParams {
    /// Parameters with this kind and validity and nothing else.
    #[must_use]
    pub const fn plain(kind: MintKind, ttl: Option<u32>) -> Self {
        Self {
            kind,
            ttl,
            app_id: None,
            scope: None,
            redirect_uri: None,
            code_challenge: None,
            label: None,
            metadata: None,
            purpose: TokenPurpose::Authorization,
        }
    }
}

/// The validity of tokens that are issued together, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetimes {
    /// The validity of the access token.
    pub access: u32,
    /// The validity of the refresh token; none is issued if `None`.
    pub refresh: Option<u32>,
}
