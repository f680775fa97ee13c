//! The metadata of the authorization server (RFC 8414).

use serde::Serialize;

use super::keys::KEYS_PATH;
use crate::dialects::operation::Operation;
use crate::dialects::respond::Body;
use crate::operations::{ApiError, Context, UrlClients};

/// The metadata of the authorization server.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ServerMetadata {
    /// The address of the deployment.
    issuer: String,
    /// The URL of the authorize endpoint. Absent if the deployment has no sign-in page (`LOGIN_URL`).
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    /// The URL of the token endpoint.
    token_endpoint: String,
    /// The URL of the introspection endpoint.
    introspection_endpoint: String,
    /// The URL of the revocation endpoint.
    revocation_endpoint: String,
    /// The URL of the keys that verify signed introspection.
    jwks_uri: String,
    /// The algorithms of signed introspection (RFC 9701).
    introspection_signing_alg_values_supported: &'static [&'static str],
    /// The scopes that clients may ask for (`SCOPES`). Absent if the deployment names none; an app may have others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<String>,
    /// The URL at which an identity provider ends everything of a user.
    global_token_revocation_endpoint: String,
    /// How callers authenticate at that endpoint: with an API key as a bearer token.
    global_token_revocation_endpoint_auth_methods_supported: &'static [&'static str],
    /// Whether the answers of the authorize endpoint have `iss` (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
    /// Whether clients may be known by their URL (client ID metadata documents). Absent without an authorize endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id_metadata_document_supported: Option<bool>,
    /// The response types.
    response_types_supported: &'static [&'static str],
    /// The response modes.
    response_modes_supported: &'static [&'static str],
    /// The grant types.
    grant_types_supported: &'static [&'static str],
    /// The challenge methods of PKCE.
    code_challenge_methods_supported: &'static [&'static str],
    /// How clients authenticate at the token endpoint.
    token_endpoint_auth_methods_supported: &'static [&'static str],
    /// The algorithms of client assertions at the token endpoint.
    token_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    /// How clients authenticate at the introspection endpoint.
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// The algorithms of client assertions at the introspection endpoint.
    introspection_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    /// How clients authenticate at the revocation endpoint.
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    /// The algorithms of client assertions at the revocation endpoint.
    revocation_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
}

/// The algorithms of client assertions.
const ASSERTION_ALGORITHMS: &[&str] = &["ES256", "RS256"];

pub(super) async fn metadata(cx: &Context<'_>) -> Result<Body<ServerMetadata>, ApiError> {
    let at = |path: &str| format!("{}{path}", cx.origin);
    let has_sign_in_page = !cx.config.settings.login_url.is_empty();
    let any_client = &["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    Ok(Body(ServerMetadata {
        issuer: cx.origin.to_owned(),
        authorization_endpoint: has_sign_in_page.then(|| at("/oauth/authorize")),
        token_endpoint: at("/oauth/token"),
        introspection_endpoint: at("/oauth/introspect"),
        revocation_endpoint: at("/oauth/revoke"),
        global_token_revocation_endpoint: at(super::global_revocation::PATH),
        global_token_revocation_endpoint_auth_methods_supported: &["Bearer"],
        jwks_uri: at(KEYS_PATH),
        introspection_signing_alg_values_supported: &["ES256"],
        scopes_supported: cx.config.settings.scopes.scopes().map(str::to_owned).collect(),
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: has_sign_in_page
            .then_some(cx.config.settings.url_clients == UrlClients::Accepted),
        response_types_supported: &["code"],
        response_modes_supported: &["query"],
        grant_types_supported: &["authorization_code", "refresh_token", "client_credentials"],
        code_challenge_methods_supported: &["S256"],
        token_endpoint_auth_methods_supported: any_client,
        token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        introspection_endpoint_auth_methods_supported: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        revocation_endpoint_auth_methods_supported: any_client,
        revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
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
