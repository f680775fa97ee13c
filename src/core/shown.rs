//! What a status ticket shows: where a token or a connection stands, and nothing that is only its owner's to know.

use super::connection::ConnectionStatus;
use super::digest::Digest;
use super::ids::AppId;
use super::json::Object;
use super::scope::Scope;
use super::status::Status;
use super::time::Timestamp;
use super::verdict::{ConnectionVerdict, Source, Verdict};

/// What is shown at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    body: Object,
    tag: String,
}

impl Shown {
    /// What is shown of a token.
    #[must_use]
    pub fn of_token(verdict: &Verdict) -> Self {
        Self::of(token(verdict), verdict.as_of)
    }

    /// What is shown of a connection.
    #[must_use]
    pub fn of_connection(verdict: &ConnectionVerdict) -> Self {
        Self::of(connection(verdict), verdict.as_of)
    }

    fn of(body: Object, as_of: Timestamp) -> Self {
        let tag = Digest::of(body.text().as_bytes()).as_str().to_owned();
        Self { body: body.with("as_of", as_of.rfc3339()).with("source", Source::Ledger.as_str()), tag }
    }

    /// Differs where anything differs but when it was said: 64 hex digits.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// All of it, for a ticket that ends at this time.
    #[must_use]
    pub fn body(&self, ticket_expires_at: Timestamp) -> Object {
        self.body.clone().with("ticket_expires_at", ticket_expires_at.rfc3339())
    }
}

fn token(verdict: &Verdict) -> Object {
    let died = |of: Status| verdict.standing.died_at().filter(|_| verdict.status() == of);
    let facts = &verdict.facts;
    let is = [verdict.token_id.as_str(), verdict.status().as_str()];
    let of = (Some(verdict.kind.as_str()), facts.app_id.as_ref(), facts.scope.as_ref());
    let times = [Some(verdict.created_at), verdict.expires_at, None, died(Status::Consumed), died(Status::Revoked)];
    shown("token", is, of, times)
}

fn connection(verdict: &ConnectionVerdict) -> Object {
    let (connection, status) = (&verdict.connection, verdict.status());
    let waits = matches!(status, ConnectionStatus::Initiated | ConnectionStatus::Expired);
    let is_revoked = matches!(status, ConnectionStatus::Revoking | ConnectionStatus::Revoked);
    let is = [connection.id.as_str(), status.as_str()];
    let of = (None, Some(&connection.app_id), connection.scope.as_ref());
    let runs_out = connection.expires_at.filter(|_| waits);
    let revoked_at = is_revoked.then_some(verdict.standing.at);
    shown("connection", is, of, [Some(connection.created_at), runs_out, connection.activated_at, None, revoked_at])
}

fn shown(
    subject: &str,
    [id, status]: [&str; 2],
    (kind, app_id, scope): (Option<&str>, Option<&AppId>, Option<&Scope>),
    times: [Option<Timestamp>; 5],
) -> Object {
    let names = ["created_at", "expires_at", "activated_at", "consumed_at", "revoked_at"];
    let mut body = Object::new()
        .with("subject", subject)
        .with("id", id)
        .with("kind", kind)
        .with("app_id", app_id.map(AppId::as_str))
        .with("scope", scope.map(Scope::as_str))
        .with("status", status);
    for (name, time) in names.iter().zip(&times) {
        body.put(name, time.map(Timestamp::rfc3339).into());
    }
    body
}
