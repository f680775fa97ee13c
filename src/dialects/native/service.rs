//! `/healthz`.

use serde::Serialize;

use crate::dialects::operation::{Operation, Tag};
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::operations::{ApiError, Context};

const BASE: Operation = Operation {
    tag: Tag { name: "Service", description: "The deployment itself." },
    security: &[],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", health).public().operation(|| Operation {
        id: "getHealth",
        summary: "Check that the service runs",
        description: "The service answers requests. Nothing behind it is asked.",
        ..BASE
    })]
}

/// The service runs.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Health {
    /// Always `ok`.
    status: &'static str,
}

async fn health(_: &Context<'_>) -> Result<Body<Health>, ApiError> {
    Ok(Body(Health { status: "ok" }))
}
