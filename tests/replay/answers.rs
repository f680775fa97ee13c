//! The core's answers and events, in the form in which a history has those of the service.

use hookswitch::core::decide::connections::{ConnectionChanged, Issued};
use hookswitch::core::decide::grants::Granted;
use hookswitch::core::decide::tokens::{Checked, Consumed, TokenRevoked};
use hookswitch::core::decide::users::UserRevoked;
use hookswitch::core::{
    Actor, AppId, ConnectionStatus, ConnectionVerdict, DecisionError, Event, Resource, Scope, Status, Timestamp,
    TokenKind, Verdict,
};
use serde_json::{Value, json};

use crate::names;

pub(crate) fn minted(created: &Verdict) -> Value {
    json!({
        "minted": names::of_token(&created.token_id),
        "connection": created.facts.connection_id.as_ref().map(names::of_connection),
        "scope": scope(created),
        "expires_at": created.expires_at.map(Timestamp::rfc3339),
    })
}

pub(crate) fn connected(of: &ConnectionVerdict) -> Value {
    json!({ "connection": connection(of) })
}

pub(crate) fn consumed(of: &Consumed) -> Value {
    json!({ "consumed": verdict(&of.verdict), "connection": of.connection.as_ref().map(connection) })
}

pub(crate) fn checked(of: &Checked) -> Value {
    match of.verdicts.first() {
        Some(Some(found)) => json!({ "checked": verdict(found) }),
        _ => json!({ "refused": "token_not_found" }),
    }
}

pub(crate) fn revoked(of: &TokenRevoked) -> Value {
    json!({ "revoked": verdict(&of.verdict), "previous": of.previous.as_str() })
}

pub(crate) fn changed(of: &ConnectionChanged) -> Value {
    json!({ "changed": connection(&of.verdict), "previous": of.previous.as_str() })
}

pub(crate) fn issued(of: &Issued) -> Value {
    json!({
        "access": names::of_token(&of.access.token_id),
        "refresh": of.refresh.as_ref().map(|refresh| names::of_token(&refresh.token_id)),
        "scope": scope(&of.access),
    })
}

pub(crate) fn granted(of: &Granted) -> Value {
    match of {
        Granted::Issued(tokens) => issued(tokens),
        Granted::Replayed(_) => json!({ "refused": "invalid_grant" }),
    }
}

#[expect(clippy::ref_option, reason = "the outcome of the command")]
pub(crate) fn introspected(of: &Option<Verdict>) -> Value {
    match of.as_ref().filter(|verdict| verdict.status() == Status::Valid) {
        Some(live) => json!({ "active": names::of_token(&live.token_id), "scope": scope(live) }),
        None => json!({ "active": null }),
    }
}

pub(crate) fn purged(of: &UserRevoked) -> Value {
    json!({ "purged": of.revoked })
}

pub(crate) fn done() -> Value {
    json!({ "done": true })
}

pub(crate) fn oauth_error(error: &DecisionError) -> Value {
    let is_scope = matches!(error, DecisionError::ScopeTooWide);
    json!({ "refused": if is_scope { "invalid_scope" } else { "invalid_grant" } })
}

pub(crate) fn native_error(error: &DecisionError) -> Value {
    match error {
        DecisionError::TokenNotActive(dead) => {
            json!({ "refused": format!("token_{}", dead.status().as_str()), "verdict": verdict(dead) })
        }
        DecisionError::InvalidConnectionState(is) => {
            json!({ "refused": format!("connection_{}", is.status().as_str()), "connection": connection(is) })
        }
        DecisionError::ScopeTooWide => json!({ "refused": "invalid_scope" }),
        DecisionError::NotFound(Resource::Token) => json!({ "refused": "token_not_found" }),
        DecisionError::NotFound(Resource::Connection) => json!({ "refused": "connection_not_found" }),
        other => json!({ "refused": format!("{other:?}") }),
    }
}

fn verdict(of: &Verdict) -> Value {
    let death = of.state.death();
    let is_recorded = matches!(of.status(), Status::Consumed | Status::Revoked);
    json!({
        "token": names::of_token(&of.token_id),
        "kind": of.kind.as_str(),
        "status": of.status().as_str(),
        "created_at": of.created_at.rfc3339(),
        "created_by": of.facts.created_by.as_str(),
        "expires_at": of.expires_at.map(Timestamp::rfc3339),
        "died_at": death.filter(|_| is_recorded).map(|death| death.at.rfc3339()),
        "by": death.and_then(|death| death.by.as_ref()).map(Actor::as_str),
        "reason": death.and_then(|death| death.reason.as_deref()),
        "scope": scope(of),
        "app_id": of.facts.app_id.as_ref().map(AppId::as_str),
        "connection": of.facts.connection_id.as_ref().map(names::of_connection),
    })
}

fn connection(of: &ConnectionVerdict) -> Value {
    let (row, state) = (&of.connection, &of.state);
    let has_waited = matches!(of.status(), ConnectionStatus::Initiated | ConnectionStatus::Expired);
    let is_revoked = of.status() == ConnectionStatus::Revoked;
    json!({
        "id": names::of_connection(&row.id),
        "app_id": row.app_id.as_str(),
        "status": of.status().as_str(),
        "status_reason": state.reason,
        "scope": row.scope.as_ref().map(Scope::as_str),
        "created_at": row.created_at.rfc3339(),
        "created_by": row.created_by.as_str(),
        "expires_at": row.expires_at.filter(|_| has_waited).map(Timestamp::rfc3339),
        "activated_at": row.activated_at.map(Timestamp::rfc3339),
        "changed_at": state.at.rfc3339(),
        "changed_by": state.by.as_ref().map(Actor::as_str),
        "revoked_at": is_revoked.then(|| state.at.rfc3339()),
    })
}

fn scope(of: &Verdict) -> Option<&str> {
    of.facts.scope.as_ref().map(Scope::as_str)
}

/// An event as a line.
pub(crate) fn event(of: &Event) -> String {
    let none = || "-".to_owned();
    [
        of.at.rfc3339(),
        of.event_type.as_str().to_owned(),
        of.actor.as_str().to_owned(),
        of.token_id.as_ref().map_or_else(none, names::of_token),
        of.kind.map(TokenKind::as_str).map_or_else(none, str::to_owned),
        of.connection_id.as_ref().map_or_else(none, names::of_connection),
    ]
    .join(" ")
}
