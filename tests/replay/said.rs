//! What the core says, in the words in which the histories' clients have what they were answered.

use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::verdict::ConnectionVerdict;
use hookswitch::core::{
    Actor, Answer, AppId, Event, Outcome, Refusal, Scope, Standing, Status, Timestamp, TokenKind, Verdict,
};
use serde_json::{Value, json};

use crate::names;

/// What a move's client is answered.
pub(crate) fn outcome(of: &Value, answer: &Answer) -> Value {
    let what = of["do"].as_str().unwrap_or_default();
    match &answer.outcome {
        Err(refusal) if matches!(what, "exchange" | "refresh" | "retract" | "leave") => oauth_refusal(refusal),
        Err(refusal) => native_refusal(refusal),
        Ok(Outcome::Replayed(_)) => json!({ "refused": "invalid_grant" }),
        Ok(outcome) => done(what, outcome),
    }
}

fn done(what: &str, outcome: &Outcome) -> Value {
    match outcome {
        _ if matches!(what, "retract" | "leave") => json!({ "done": true }),
        Outcome::Minted(made) => json!({
            "minted": names::of_token(&made.token_id),
            "connection": made.facts.connection_id.as_ref().map(names::of_connection),
            "scope": scope(made),
            "expires_at": made.expires_at.map(Timestamp::rfc3339),
        }),
        Outcome::Connection(made) => json!({ "connection": connection(made) }),
        Outcome::Consumed(used, _, above) => {
            json!({ "consumed": verdict(used), "connection": above.as_ref().map(connection) })
        }
        Outcome::Checked { verdicts, .. } => match verdicts.first() {
            Some(Some(found)) => json!({ "checked": verdict(found) }),
            _ => json!({ "refused": "token_not_found" }),
        },
        Outcome::Revoked { previous, verdict: dead } => {
            json!({ "revoked": verdict(dead), "previous": previous.as_str() })
        }
        Outcome::ConnectionChanged { previous, verdict } => {
            json!({ "changed": connection(verdict), "previous": previous.as_str() })
        }
        Outcome::Issued { access, refresh } => json!({
            "access": names::of_token(&access.token_id),
            "refresh": refresh.as_ref().map(|refresh| names::of_token(&refresh.token_id)),
            "scope": scope(access),
        }),
        Outcome::Introspected(live) => json!({ "active": names::of_token(&live.token_id), "scope": scope(live) }),
        Outcome::Nothing => json!({ "active": null }),
        Outcome::UserRevoked { revoked, .. } => {
            let counts: Value = serde_json::from_str(&revoked.body().text()).expect("counts");
            json!({ "purged": counts })
        }
        other => panic!("no move comes to {other:?}"),
    }
}

fn oauth_refusal(refusal: &Refusal) -> Value {
    let scope = matches!(refusal, Refusal::ScopeTooWide);
    json!({ "refused": if scope { "invalid_scope" } else { "invalid_grant" } })
}

fn native_refusal(refusal: &Refusal) -> Value {
    match refusal {
        Refusal::Dead(dead) => {
            json!({ "refused": format!("token_{}", dead.status().as_str()), "verdict": verdict(dead) })
        }
        Refusal::ConnectionIs(is) => {
            json!({ "refused": format!("connection_{}", is.status().as_str()), "connection": connection(is) })
        }
        Refusal::ScopeTooWide => json!({ "refused": "invalid_scope" }),
        Refusal::TokenUnknown => json!({ "refused": "token_not_found" }),
        Refusal::ConnectionUnknown => json!({ "refused": "connection_not_found" }),
        other => json!({ "refused": format!("{other:?}") }),
    }
}

fn verdict(of: &Verdict) -> Value {
    let recorded = matches!(of.status(), Status::Consumed | Status::Revoked);
    let (by, reason) = match &of.standing {
        Standing::Dead { by, reason, .. } => (by.as_ref().map(Actor::as_str), reason.as_deref()),
        _ => (None, None),
    };
    json!({
        "token": names::of_token(&of.token_id),
        "kind": of.kind.as_str(),
        "status": of.status().as_str(),
        "created_at": of.created_at.rfc3339(),
        "created_by": of.facts.created_by.as_str(),
        "expires_at": of.expires_at.map(Timestamp::rfc3339),
        "died_at": of.standing.died_at().filter(|_| recorded).map(Timestamp::rfc3339),
        "by": by,
        "reason": reason,
        "scope": scope(of),
        "app_id": of.facts.app_id.as_ref().map(AppId::as_str),
        "connection": of.facts.connection_id.as_ref().map(names::of_connection),
    })
}

fn connection(of: &ConnectionVerdict) -> Value {
    let (kept, standing) = (&of.connection, &of.standing);
    let waited = matches!(of.status(), ConnectionStatus::Initiated | ConnectionStatus::Expired);
    let revoked = of.status() == ConnectionStatus::Revoked;
    json!({
        "id": names::of_connection(&kept.id),
        "app_id": kept.app_id.as_str(),
        "status": of.status().as_str(),
        "status_reason": standing.reason,
        "scope": kept.scope.as_ref().map(Scope::as_str),
        "created_at": kept.created_at.rfc3339(),
        "created_by": kept.created_by.as_str(),
        "expires_at": kept.expires_at.filter(|_| waited).map(Timestamp::rfc3339),
        "activated_at": kept.activated_at.map(Timestamp::rfc3339),
        "changed_at": standing.at.rfc3339(),
        "changed_by": standing.by.as_ref().map(Actor::as_str),
        "revoked_at": revoked.then(|| standing.at.rfc3339()),
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
