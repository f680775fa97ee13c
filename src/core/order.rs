//! What goes with commands: which part, how much, for how long.

use super::access::Principal;
use super::cutoff::Kinds;
use super::digest::Digest;
use super::ids::AppId;
use super::json::Json;
use super::pack::packed;
use super::scope::Scope;
use super::time::Timestamp;
use super::token::{Facts, TokenKind};

/// What part of what a user has to revoke.
#[derive(Clone, Debug, PartialEq, Eq)]
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

packed!(struct Cut { before, app_id, kinds, reason });

/// A part of a list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only what came before this place; from the newest, where none is said.
    pub before: Option<u64>,
    /// How many at most: 1 to 100.
    pub limit: u32,
}

packed!(struct Page { before, limit });

impl Page {
    /// How many rows to read: one more than the page has, to know whether there are more.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// What of the rows that were read is on the page, as it is shown if it is at all, and the place to go on from.
    pub(crate) fn list<R, T>(
        self,
        rows: &[R],
        place: impl Fn(&R) -> u64,
        show: impl Fn(&R) -> Option<T>,
    ) -> (Vec<T>, Option<u64>) {
        let mut items = Vec::new();
        let mut left = self.limit;
        let mut last = None;
        for row in rows {
            if left == 0 {
                return (items, last);
            }
            left = left.saturating_sub(1);
            last = Some(place(row));
            if let Some(item) = show(row) {
                items.push(item);
            }
        }
        (items, None)
    }
}

/// What a caller says of a token to mint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What kind.
    pub kind: TokenKind,
    /// How long it lives, in seconds; for ever, where none is said.
    pub ttl: Option<u32>,
    /// The app it lets the user connect.
    pub app_id: Option<AppId>,
    /// What the app may do.
    pub scope: Option<Scope>,
    /// Where the user is sent afterwards.
    pub redirect_uri: Option<String>,
    /// The S256 challenge that whoever exchanges it has to meet.
    pub code_challenge: Option<Digest>,
    /// A word to tell it by.
    pub label: Option<String>,
    /// Whatever else to keep with it.
    pub metadata: Option<Json>,
}

packed!(struct Order { kind, ttl, app_id, scope, redirect_uri, code_challenge, label, metadata });

impl Order {
    /// An order of this kind and life that says nothing else.
    #[must_use]
    pub const fn plain(kind: TokenKind, ttl: Option<u32>) -> Self {
        Self {
            kind,
            ttl,
            app_id: None,
            scope: None,
            redirect_uri: None,
            code_challenge: None,
            label: None,
            metadata: None,
        }
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
            connection_id: None,
        }
    }
}

/// How long tokens that are issued together live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// The access token.
    pub access: u32,
    /// The refresh token; none is issued, where none is said.
    pub refresh: Option<u32>,
}

packed!(struct Lifetimes { access, refresh });
