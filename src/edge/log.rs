//! One line of JSON for each request. It holds no secret: the path is the route's template, and there is no query.

use super::bindings::random_uuid;
use super::incoming::Incoming;
use crate::core::Actor;
use crate::core::json::Object;
use crate::dialects::call::Headers;
use crate::dialects::{Dialect, Failure, Route};
use crate::platform::{host, millis};

/// What the line says.
pub(super) struct Entry {
    request_id: String,
    dialect: Option<&'static str>,
    route: Option<&'static str>,
    principal: Option<Actor>,
    defect: Option<&'static str>,
    started: i64,
}

impl Entry {
    pub(super) fn start() -> Self {
        Self { request_id: random_uuid(), dialect: None, route: None, principal: None, defect: None, started: millis() }
    }

    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    pub(super) fn found(&mut self, dialect: &Dialect, route: &Route) {
        self.dialect = Some(dialect.name);
        self.route = Some(route.path);
    }

    pub(super) fn authenticated(&mut self, who: Option<Actor>) {
        self.principal = who;
    }

    pub(super) fn failed(&mut self, failure: &Failure) {
        if let Failure::Internal(defect) = failure {
            self.defect = Some(defect);
        }
    }

    pub(super) fn finish(&self, incoming: &Incoming, status: u16) {
        let is_error = status >= 500;
        let line = Object::new()
            .with("level", if is_error { "error" } else { "info" })
            .with("message", "request")
            .with("request_id", self.request_id.as_str())
            .with_some("ray", incoming.get("cf-ray"))
            .with("method", incoming.method_text())
            .with("dialect", self.dialect)
            .with("route", self.route)
            .with("principal", self.principal.as_ref().map(Actor::as_str))
            .with("status", u64::from(status))
            .with_some("defect", self.defect)
            .with("milliseconds", millis().saturating_sub(self.started).max(0).unsigned_abs())
            .text();
        host::log(&line, is_error);
    }
}
