//! One line of JSON for each request. It holds no secret: the path is the route's template, and there is no query.

use serde::Serialize;
use worker::{Date, console_error, console_log};

use super::incoming::Incoming;
use crate::core::{Actor, Principal};
use crate::dialects::call::Headers;
use crate::dialects::{Dialect, Failure, Reply, Route};

/// What the line says.
#[derive(Serialize)]
pub(super) struct Entry {
    level: &'static str,
    message: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ray: Option<String>,
    method: String,
    dialect: Option<&'static str>,
    route: Option<&'static str>,
    principal: Option<Actor>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    defect: Option<&'static str>,
    milliseconds: u64,
    #[serde(skip)]
    started: u64,
}

impl Entry {
    pub(super) fn start() -> Self {
        let mut bytes = [0; 16];
        // Without randomness nothing is minted; a request id of zeros does no harm beside that.
        let _ = getrandom::fill(&mut bytes);
        Self {
            level: "info",
            message: "request",
            request_id: uuid::Builder::from_random_bytes(bytes).into_uuid().to_string(),
            ray: None,
            method: String::new(),
            dialect: None,
            route: None,
            principal: None,
            status: 0,
            defect: None,
            milliseconds: 0,
            started: Date::now().as_millis(),
        }
    }

    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    pub(super) fn found(&mut self, dialect: &Dialect, route: &Route) {
        self.dialect = Some(dialect.name);
        self.route = Some(route.path);
    }

    pub(super) fn authenticated(&mut self, principal: &Principal) {
        self.principal = Some(principal.actor());
    }

    pub(super) fn failed(&mut self, failure: &Failure) {
        if let Failure::Internal(defect) = failure {
            self.defect = Some(defect);
        }
    }

    pub(super) fn finish(&mut self, incoming: &Incoming, reply: &Reply) {
        incoming.method_text().clone_into(&mut self.method);
        self.ray = incoming.get("cf-ray");
        self.status = reply.status;
        self.milliseconds = Date::now().as_millis().saturating_sub(self.started);
        if reply.status >= 500 {
            self.level = "error";
        }
        let line = serde_json::to_string(self).unwrap_or_default();
        if reply.status >= 500 { console_error!("{line}") } else { console_log!("{line}") }
    }
}
