//! `/v1/connections/{connection_id}/health`: a backend or the app reports that the provider rejected the credentials.

use serde::Deserialize;

use super::BEARER;
use super::connection_response::ConnectionResponse;
use super::connections::{BASE, named};
use super::users::Reason;
use crate::core::connection::Health;
use crate::dialects::extract::{JsonBody, Path};
use crate::dialects::field::Field;
use crate::dialects::field_types::ShortText;
use crate::dialects::oauth::confidential_client;
use crate::dialects::operation::{Operation, Security, SecurityPlace};
use crate::dialects::problem_types::{
    CONNECTION_EXPIRED, CONNECTION_INITIATED, CONNECTION_NOT_FOUND, CONNECTION_REVOKED, FORBIDDEN, IDEMPOTENCY_CONFLICT,
};
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Config, Context, Credentials, Secret, connections};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/connections/{connection_id}/health", report_health)
            .credentials(key_or_client)
            .operation(|| Operation {
                id: "reportConnectionHealth",
                summary: "Report the health of a connection",
                description: "Records that the provider rejected the credentials of the connection, so that the user has to \
                    authorize the app again. A report changes nothing but `health`: tokens stay valid. A new authorization \
                    or new credentials reset it. The app of the connection may report it too, with its client credentials.",
                security: &[BEARER, CLIENT],
                problems: &[
                    &FORBIDDEN,
                    &CONNECTION_NOT_FOUND,
                    &CONNECTION_INITIATED,
                    &CONNECTION_EXPIRED,
                    &CONNECTION_REVOKED,
                    &IDEMPOTENCY_CONFLICT,
                ],
                ..BASE
            }),
    ]
}

/// The way of an app to authenticate.
const CLIENT: Security = Security {
    name: "client",
    place: SecurityPlace::Basic,
    description: "The `client_id` and the client secret of a confidential app.",
};

/// An API key, or a confidential client with HTTP Basic.
fn key_or_client(request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
    match request.bearer() {
        Some(key) => Ok(Credentials::Key(Secret(key))),
        None => confidential_client(request, config),
    }
}

/// The health of a connection, as the caller observed it.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ReportHealthRequest {
    /// The health: `needs_reconnect` if the provider rejected the credentials. `ok` takes such a report back.
    status: Field<Health>,
    /// Why, in your words. Events and the connection show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for ReportHealthRequest {
    type Valid = (Health, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let health = check.required("status", self.status);
        let reason = check.optional("reason", self.reason).map(|ShortText(reason)| reason);
        Some((health?, reason))
    }
}

async fn report_health(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody((health, reason)): JsonBody<ReportHealthRequest>,
) -> Result<Body<ConnectionResponse>, ApiError> {
    Ok(Body(connections::report_health(cx, &named(cx, &id), health, reason).await?.into()))
}
