//! Stytch's Connected Apps: the apps of a user, the revocation of one, and the public OAuth calls.
//!
//! Source: Stytch's consumer API, `GET /v1/users/{user_id}/connected_apps`, `POST …/{connected_app_id}/revoke` and
//! `/v1/public/{project_id}/oauth2/…`, and its error pages (<https://stytch.com/docs/api>).
//!
//! Where Stytch is silent, this dialect decides:
//!
//! - `project_id` is a setting of the deployment, and the secret is the root key or the API key of an admin.
//! - An app that exists and is not connected is revoked with 200. An app that does not exist is 404
//!   `connected_app_not_found`.
//! - Every app belongs to a third party. An app whose connection is disabled is listed.
//! - The body of a revocation is ignored, but must be JSON.
//! - The OAuth calls accept a form and JSON. A client in the body goes before HTTP Basic, because some clients send the
//!   project there.

mod connected_apps;
mod error;
mod oauth2;

use serde::Serialize;

use super::error_format::ErrorFormat;
use super::request::HttpRequest;
use super::respond::Body;
use super::route::{Dialect, Route};
use crate::operations::{Config, Context, CredentialProblem, Credentials, Secret};

/// Stytch's API.
pub static DIALECT: Dialect = Dialect {
    name: "stytch",
    prefixes: &["/v1/public/", "/v1/oauth2/"],
    credentials: |request, config| Ok(project_key(request, config)),
    errors: ErrorFormat::of::<error::StytchErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    connected_apps::routes().into_iter().chain(oauth2::routes()).collect()
}

/// The project's id and secret in HTTP Basic.
fn project_key(request: &HttpRequest<'_>, config: &Config) -> Credentials {
    let Some(basic) = request.basic() else {
        return Credentials::Missing;
    };
    let project_id = &config.settings.project_id;
    let project = basic.into_iter().find(|basic| !project_id.is_empty() && basic.name == *project_id);
    project.map_or(Credentials::Invalid(CredentialProblem::WrongProject), |project| {
        Credentials::AdminKey(Secret(project.password))
    })
}

/// An answer with the members that every answer of Stytch has.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "{T}Answer"))]
struct StytchAnswer<T> {
    #[serde(flatten)]
    body: T,
    /// The HTTP status.
    status_code: u16,
    /// The id of the request.
    request_id: String,
}

impl<T> StytchAnswer<T> {
    fn new(cx: &Context<'_>, body: T) -> Body<Self> {
        Body(Self { body, status_code: 200, request_id: request_id(cx.request_id) })
    }
}

/// The id of a request as Stytch spells it.
fn request_id(id: &str) -> String {
    format!("request-id-test-{id}")
}
