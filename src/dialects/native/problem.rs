//! Errors of the native API: problems of RFC 9457 with a stable `code`.

use serde::{Serialize, Serializer};

use super::connection_response::ConnectionResponse;
use super::verdict::VerdictResponse;
use crate::core::{DecisionError, Rule};
use crate::dialects::error_format::{ErrorContext, RenderErrors};
use crate::dialects::problem_types::{detail, problem_type, with_headers};
use crate::dialects::response::HttpResponse;
use crate::operations::{ApiError, Violations};

/// A problem (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct Problem<'a> {
    /// `urn:hookswitch:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The code in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The problem in sentences. They may change.
    detail: String,
    /// The code. It never changes.
    code: &'static str,
    /// The id of the request. It finds the request in the log.
    request_id: &'a str,
    /// The rule that each wrong value breaks, by the path of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "std::collections::BTreeMap<String, String>"))]
    errors: Option<Errors>,
    /// The verdict on the token, if it is not active.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictResponse>,
    /// The connection, if its status does not allow the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionResponse>,
    /// The secrets that the deployment lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<&'static str>>,
}

/// The rule that each wrong value breaks, by the path of the value.
struct Errors(Violations);

impl Serialize for Errors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|violation| (&violation.path, violation.rule.to_string())))
    }
}

/// Problems of RFC 9457.
pub(super) struct Problems;

impl RenderErrors for Problems {
    type Body = Problem<'static>;
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn render(error: &ApiError, context: &ErrorContext<'_>) -> HttpResponse {
        let problem_type = problem_type(error);
        let problem = Problem {
            kind: format!("urn:hookswitch:problem:{}", problem_type.code),
            title: problem_type.title,
            status: problem_type.status,
            detail: match error {
                ApiError::CredentialsMissing => {
                    "The request has no key. Send an API key or the root key as Authorization: Bearer <key>.".to_owned()
                }
                ApiError::UnsupportedMediaType => {
                    "The body has another content type. Send it as application/json.".to_owned()
                }
                _ => detail(error),
            },
            code: problem_type.code,
            request_id: context.request_id,
            errors: violations(error).map(Errors),
            verdict: match error {
                ApiError::Refused(DecisionError::TokenNotActive(verdict)) => Some((**verdict).clone().into()),
                _ => None,
            },
            connection: match error {
                ApiError::Refused(DecisionError::InvalidConnectionState(verdict)) => Some((**verdict).clone().into()),
                _ => None,
            },
            missing: match error {
                ApiError::Misconfigured(problems) => Some(problems.iter().map(|problem| problem.name).collect()),
                _ => None,
            },
        };
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let response = HttpResponse::text(problem_type.status, "application/problem+json", body);
        let response = with_headers(error, response);
        match error {
            ApiError::CredentialsMissing | ApiError::TicketMissing => {
                response.with("www-authenticate", "Bearer realm=\"hookswitch\"")
            }
            ApiError::CredentialsInvalid(_) | ApiError::TicketInvalid | ApiError::TicketExpired => {
                response.with("www-authenticate", "Bearer realm=\"hookswitch\", error=\"invalid_token\"")
            }
            _ => response,
        }
    }
}

/// The wrong values of a request, also those that only the ledger can find.
fn violations(error: &ApiError) -> Option<Violations> {
    match error {
        ApiError::Invalid(violations) => Some(violations.clone()),
        ApiError::Refused(DecisionError::BeforeInFuture) => {
            Some(Violations::one("before", Rule::new("must not be in the future")))
        }
        ApiError::Refused(DecisionError::ChallengeRequired) => {
            Some(Violations::one("code_challenge", Rule::new("is required for a public app with a redirect URI")))
        }
        ApiError::Refused(DecisionError::TtlOutOfRange { min, max }) => {
            Some(Violations::one("ttl", Rule::new(format!("must be a whole number from {min} to {max}"))))
        }
        _ => None,
    }
}
