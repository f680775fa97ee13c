//! The metadata of the authorization server (RFC 8414).

use serde::Serialize;

use crate::dialects::operation::Operation;
use crate::dialects::respond::Body;
use crate::operations::{ApiError, Context};

/// The metadata of the authorization server.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ServerMetadata {
    /// The address of the deployment.
    issuer: String,
    /// The operator's authorization page. Absent if the operator has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    /// The URL of the token endpoint.
    token_endpoint: String,
    /// The URL of the introspection endpoint.
    introspection_endpoint: String,
    /// The URL of the revocation endpoint.
    revocation_endpoint: String,
    /// The response types.
    response_types_supported: &'static [&'static str],
    /// The grant types.
    grant_types_supported: &'static [&'static str],
    /// The challenge methods of PKCE.
    code_challenge_methods_supported: &'static [&'static str],
    /// How clients authenticate at the token endpoint.
    token_endpoint_auth_methods_supported: &'static [&'static str],
    /// How clients authenticate at the introspection endpoint.
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// How clients authenticate at the revocation endpoint.
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
}

pub(super) async fn metadata(cx: &Context<'_>) -> Result<Body<ServerMetadata>, ApiError> {
    let at = |path: &str| format!("{}{path}", cx.origin);
    let page = cx.config.settings.authorization_endpoint.as_str();
    let any_client = &["client_secret_basic", "client_secret_post", "none"];
    Ok(Body(ServerMetadata {
        issuer: cx.origin.to_owned(),
        authorization_endpoint: (!page.is_empty()).then(|| page.to_owned()),
        token_endpoint: at("/oauth/token"),
        introspection_endpoint: at("/oauth/introspect"),
        revocation_endpoint: at("/oauth/revoke"),
        response_types_supported: &["code"],
        grant_types_supported: &["authorization_code", "refresh_token"],
        code_challenge_methods_supported: &["S256"],
        token_endpoint_auth_methods_supported: any_client,
        introspection_endpoint_auth_methods_supported: &["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: any_client,
    }))
}

pub(super) const METADATA: Operation = Operation {
    id: "oauthMetadata",
    summary: "Read the server's metadata",
    description: "Returns the endpoints and capabilities of the authorization server.",
    tag: super::TAG,
    security: &[],
    problems: &[],
};
