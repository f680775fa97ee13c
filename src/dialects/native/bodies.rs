//! The bodies of answers, member for member.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::core::event::Recorded;
use crate::core::token::Facts;
use crate::core::{
    Actor, AppId, ExternalId, Group, Json, Source, Standing, Status, Timestamp, TokenId, TokenKind, User, Verdict,
};

#[derive(Serialize)]
pub(super) struct Health {
    pub(super) status: &'static str,
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

#[derive(Serialize)]
pub(super) struct UserBody<'a> {
    user_id: &'a str,
    role: &'static str,
    groups: Vec<&'a str>,
    external_id: Option<&'a str>,
    connectable: bool,
    created_at: Time,
    updated_at: Time,
}

impl<'a> From<&'a User> for UserBody<'a> {
    fn from(user: &'a User) -> Self {
        let profile = &user.profile;
        Self {
            user_id: user.user_id.as_str(),
            role: profile.role.as_str(),
            groups: profile.groups.iter().map(Group::as_str).collect(),
            external_id: profile.external_id.as_ref().map(ExternalId::as_str),
            connectable: profile.connectable,
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
        }
    }
}

/// What was said of a token when it was minted.
#[derive(Serialize)]
pub(super) struct FactsBody<'a> {
    created_by: &'a str,
    app_id: Option<&'a str>,
    scope: Option<&'a str>,
    redirect_uri: Option<&'a str>,
    label: Option<&'a str>,
    metadata: Option<&'a RawValue>,
}

impl<'a> From<&'a Facts> for FactsBody<'a> {
    fn from(facts: &'a Facts) -> Self {
        Self {
            created_by: facts.created_by.as_str(),
            app_id: facts.app_id.as_ref().map(AppId::as_str),
            scope: facts.scope.as_deref(),
            redirect_uri: facts.redirect_uri.as_deref(),
            label: facts.label.as_deref(),
            metadata: facts.metadata.as_ref().and_then(Json::raw),
        }
    }
}

/// A verdict.
#[derive(Serialize)]
pub(super) struct VerdictBody<'a> {
    status: &'static str,
    as_of: Time,
    source: &'static str,
    user_id: &'a str,
    token_id: &'a str,
    kind: &'static str,
    created_at: Time,
    expires_at: Option<Time>,
    consumed_at: Option<Time>,
    revoked_at: Option<Time>,
    reason: Option<&'a str>,
    by: Option<&'a str>,
    #[serde(flatten)]
    facts: FactsBody<'a>,
}

impl<'a> From<&'a Verdict> for VerdictBody<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        let died = |of: Status| verdict.standing.died_at().filter(|_| verdict.status() == of).map(Time);
        let (by, reason) = match &verdict.standing {
            Standing::Valid => (None, None),
            Standing::Dead { by, reason, .. } => (by.as_ref().map(Actor::as_str), reason.as_deref()),
        };
        Self {
            status: verdict.status().as_str(),
            as_of: Time(verdict.as_of),
            source: verdict.source().as_str(),
            user_id: verdict.user_id.as_str(),
            token_id: verdict.token_id.as_str(),
            kind: verdict.kind.as_str(),
            created_at: Time(verdict.created_at),
            expires_at: verdict.expires_at.map(Time),
            consumed_at: died(Status::Consumed),
            revoked_at: died(Status::Revoked),
            reason,
            by,
            facts: FactsBody::from(&verdict.facts),
        }
    }
}

/// An item of a batch check.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum CheckedBody<'a> {
    Known(VerdictBody<'a>),
    /// A token that nobody minted here, that is gone, or that the caller may not see.
    Unknown {
        status: &'static str,
        as_of: Time,
        source: &'static str,
    },
}

impl<'a> CheckedBody<'a> {
    pub(super) fn new(verdict: Option<&'a Verdict>, as_of: Timestamp) -> Self {
        let unknown = Self::Unknown { status: "unknown", as_of: Time(as_of), source: Source::Ledger.as_str() };
        verdict.map_or(unknown, |verdict| Self::Known(VerdictBody::from(verdict)))
    }
}

/// The answer to a batch check.
#[derive(Serialize)]
pub(super) struct Batch<'a> {
    pub(super) items: Vec<CheckedBody<'a>>,
}

/// A verdict with the user that was let in.
#[derive(Serialize)]
pub(super) struct ConsumedBody<'a> {
    #[serde(flatten)]
    pub(super) verdict: VerdictBody<'a>,
    pub(super) user: UserBody<'a>,
}

/// A verdict with what was before.
#[derive(Serialize)]
pub(super) struct RevokedBody<'a> {
    pub(super) changed: bool,
    pub(super) previous: &'static str,
    #[serde(flatten)]
    pub(super) verdict: VerdictBody<'a>,
}

/// A connection token, shown once.
#[derive(Serialize)]
pub(super) struct MintedBody<'a> {
    pub(super) token: String,
    pub(super) token_id: &'a str,
    pub(super) user_id: &'a str,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) created_at: Time,
    pub(super) expires_at: Option<Time>,
    #[serde(flatten)]
    pub(super) facts: FactsBody<'a>,
}

/// An API key, shown once.
#[derive(Serialize)]
pub(super) struct ApiKeyBody<'a> {
    pub(super) api_key: String,
    pub(super) token_id: &'a str,
    pub(super) user_id: &'a str,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) created_at: Time,
    pub(super) created_by: &'a str,
    pub(super) expires_at: Option<Time>,
    pub(super) label: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct UserRevokedBody<'a> {
    pub(super) user_id: &'a str,
    pub(super) dry_run: bool,
    pub(super) before: Time,
    pub(super) revoked: Map<String, Value>,
    pub(super) total: u64,
}

#[derive(Serialize)]
pub(super) struct EventBody<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: &'static str,
    at: Time,
    actor: &'a str,
    user_id: &'a str,
    token_id: Option<&'a str>,
    kind: Option<&'static str>,
    data: Option<&'a RawValue>,
}

impl<'a> From<&'a Recorded> for EventBody<'a> {
    fn from(recorded: &'a Recorded) -> Self {
        let event = &recorded.event;
        Self {
            id: recorded.id(),
            event_type: event.event_type.as_str(),
            at: Time(event.at),
            actor: event.actor.as_str(),
            user_id: event.user_id.as_str(),
            token_id: event.token_id.as_ref().map(TokenId::as_str),
            kind: event.kind.map(TokenKind::as_str),
            data: event.data.raw(),
        }
    }
}

/// A time as bodies show it: RFC 3339 in UTC, six digits.
#[derive(Clone, Copy)]
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
    }
}
