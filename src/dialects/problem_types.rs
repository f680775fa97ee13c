//! Problem types: what each error means for the caller.
//!
//! This is the one table of HTTP statuses, stable codes and sentences. The native API shows them as RFC 9457 problems; other
//! dialects use what they have no words of their own for.
//!
//! ```
//! use hookswitch::core::{DecisionError, Resource};
//! use hookswitch::dialects::problem_types::problem_type;
//!
//! let problem = problem_type(&DecisionError::NotFound(Resource::App).into());
//! assert_eq!((problem.status, problem.code), (404, "app_not_found"));
//! ```

use super::response::HttpResponse;
use crate::core::error::Limit;
use crate::core::{ConnectionStatus, DecisionError, Resource, Status};
use crate::operations::ApiError;

/// The wait before a request that found a ledger unavailable is repeated, in seconds.
pub const UNAVAILABLE_RETRY_AFTER: &str = "1";

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The HTTP status.
    pub status: u16,
    /// The code. It never changes.
    pub code: &'static str,
    /// The code in words.
    pub title: &'static str,
    /// The problem in whole sentences. They may change.
    pub detail: &'static str,
}

/// Declares the problem types and the list of them.
macro_rules! problem_types {
    ($($name:ident = $status:literal, $code:literal, $title:literal, $detail:literal;)+) => {
        $(
            #[doc = concat!("The problem type `", $code, "`.")]
            pub const $name: ProblemType =
                ProblemType { status: $status, code: $code, title: $title, detail: $detail };
        )+

        /// Every problem type.
        pub static ALL: &[&ProblemType] = &[$(&$name),+];
    };
}

problem_types! {
    INVALID_REQUEST = 400, "invalid_request", "Invalid request",
        "A value of the request breaks a rule. Correct the fields that are named in errors.";
    INVALID_JSON = 400, "invalid_json", "Invalid JSON",
        "The body is not JSON. Send one JSON object.";
    UNSUPPORTED_GRANT_TYPE = 400, "unsupported_grant_type", "Unsupported grant type",
        "The `grant_type` must be authorization_code or refresh_token.";
    UNSUPPORTED_TOKEN_TYPE = 400, "unsupported_token_type", "Unsupported token type",
        "This call revokes only tokens of an app. Revoke an API key with POST /v1/tokens/revoke.";
    NOT_A_CONNECTION_TOKEN = 400, "not_a_connection_token", "Not a connection token",
        "The `token` must be a connection token (hct_…). Other tokens cannot be consumed.";
    INVALID_SCOPE = 400, "invalid_scope", "Invalid scope",
        "The `scope` has a scope that the app does not have, or that the user did not grant. Ask for fewer scopes.";
    REDIRECT_URI_NOT_REGISTERED = 400, "redirect_uri_not_registered", "Redirect URI not registered",
        "The app has not registered this `redirect_uri`. Register exactly this text with PUT /v1/apps/{app_id}. Only the \
         port of a loopback URI may differ.";
    INVALID_GRANT = 400, "invalid_grant", "Invalid grant",
        "The code or refresh token cannot be used in this request. Start a new authorization.";
    PROVIDER_MISSING = 400, "provider_missing", "Provider missing",
        "Upstream credentials need a provider. Name one in `upstream.provider` or in the app.";
    PROVIDER_UNKNOWN = 400, "provider_not_found", "Provider not found",
        "The provider of the upstream credentials does not exist. Configure it, or name another one.";
    REVOCATION_UNSUPPORTED = 400, "revocation_unsupported", "Revocation unsupported",
        "The provider has no call that revokes the stored credentials. Revoke or delete the connection here.";
    UNAUTHENTICATED = 401, "unauthenticated", "Unauthenticated",
        "The API key is unknown, revoked or expired. Send another one.";
    INVALID_CLIENT = 401, "invalid_client", "Invalid client",
        "The client is unknown, or its secret is wrong. Check client_id and client_secret.";
    TICKET_MISSING = 401, "ticket_missing", "Ticket missing",
        "The request has no status ticket. Send it as ?ticket= or as Authorization: Bearer.";
    TICKET_INVALID = 401, "ticket_invalid", "Ticket invalid",
        "The status ticket is not one of this deployment. Get a new one from your backend.";
    TICKET_EXPIRED = 401, "ticket_expired", "Ticket expired",
        "The status ticket has expired. Get a new one from your backend.";
    FORBIDDEN = 403, "forbidden", "Forbidden",
        "The owner of the key may not do this. Calls about a user need an admin, a manager that shares a group with the user, \
         or the user itself. Calls about apps, providers, revocations and webhooks need an admin.";
    ROOT_REQUIRED = 403, "root_required", "Root key required",
        "Only the root key may change the host of a provider, or let it apply to stored credentials.";
    USER_NOT_CONNECTABLE = 403, "user_not_connectable", "User not connectable",
        "The user has `connectable: false`, so no connection token is created or consumed for it, and no connection created. \
         An admin can change that with PUT /v1/users/{user_id}.";
    SIGN_IN_CODE_INVALID = 403, "sign_in_code_invalid", "Sign-in code invalid",
        "The sign-in code is unknown, has expired, or was used before. Create another one.";
    ORIGIN_NOT_ALLOWED = 403, "origin_not_allowed", "Origin not allowed",
        "CORS_ORIGINS does not contain the origin of the page. Add it to this variable of the deployment.";
    NOT_FOUND = 404, "not_found", "Not found",
        "No call has this path. GET /openapi.json lists the calls.";
    USER_NOT_FOUND = 404, "user_not_found", "User not found",
        "The user does not exist. Check `user_id`, or create the user with PUT /v1/users/{user_id}.";
    TOKEN_NOT_FOUND = 404, "token_not_found", "Token not found",
        "The token does not exist, or its retention is over. Check that it is complete and of this deployment.";
    CONNECTION_NOT_FOUND = 404, "connection_not_found", "Connection not found",
        "The connection does not exist, or its retention is over. Check that its id is complete and of this deployment.";
    APP_NOT_FOUND = 404, "app_not_found", "App not found",
        "The app does not exist. Check `app_id`, or register the app with PUT /v1/apps/{app_id}.";
    PROVIDER_NOT_FOUND = 404, "provider_not_found", "Provider not found",
        "The provider does not exist. GET /v1/providers lists the providers.";
    WEBHOOK_NOT_FOUND = 404, "webhook_not_found", "Webhook not found",
        "The webhook endpoint does not exist. GET /v1/webhooks lists the endpoints.";
    REVOCATION_NOT_FOUND = 404, "revocation_not_found", "Revocation not found",
        "The revocation does not exist, or its retention is over. GET /v1/revocations lists the unconfirmed ones.";
    METHOD_NOT_ALLOWED = 405, "method_not_allowed", "Method not allowed",
        "The path does not have this method. The Allow header lists its methods.";
    TOKEN_CONSUMED = 409, "token_consumed", "Token consumed",
        "The token was consumed before. It works only once: get a new one.";
    TOKEN_REVOKED = 409, "token_revoked", "Token revoked",
        "The token was revoked. Get a new one.";
    TOKEN_EXPIRED = 409, "token_expired", "Token expired",
        "The token has expired. Get a new one.";
    CONNECTION_INITIATED = 409, "connection_initiated", "Connection initiated",
        "The user has not authorized the connection yet. Consume its connection token first.";
    CONNECTION_ACTIVE = 409, "connection_active", "Connection active",
        "The connection is active. Only a connection in another status can be changed so.";
    CONNECTION_INACTIVE = 409, "connection_inactive", "Connection inactive",
        "The connection is disabled. Enable it with POST /v1/connections/{connection_id}/enable.";
    CONNECTION_EXPIRED = 409, "connection_expired", "Connection expired",
        "The user did not authorize the connection in time. Create a new connection token.";
    CONNECTION_REVOKED = 409, "connection_revoked", "Connection revoked",
        "The connection was revoked. The user must authorize the app again.";
    IDEMPOTENCY_CONFLICT = 409, "idempotency_conflict", "Idempotency key used before",
        "The Idempotency-Key was used for a different request. Use a new key for each new request.";
    APP_IS_PUBLIC = 409, "app_is_public", "App is public",
        "A public app has no client secret. Change it to `client_type: confidential` first.";
    EXTERNAL_ID_TAKEN = 409, "external_id_taken", "External id taken",
        "Another user has this text as its `external_id` or its id. Use another one, or take it from that user first.";
    USER_ID_TAKEN = 409, "user_id_taken", "User id taken",
        "Another user has this id as its `external_id`. Use another id, or take the external id from that user first.";
    PROVIDER_DIFFERS = 409, "provider_differs", "Provider differs",
        "All upstream tokens of a connection belong to one provider. To change the provider, send both tokens.";
    REVOCATION_NOT_ABANDONED = 409, "revocation_not_abandoned", "Revocation not abandoned",
        "Only an abandoned revocation can be retried, and only one that is not finished can be dismissed.";
    TOO_MANY_WEBHOOKS = 409, "too_many_webhooks", "Too many webhooks",
        "The deployment has the highest number of webhook endpoints. Delete one first.";
    PAYLOAD_TOO_LARGE = 413, "payload_too_large", "Payload too large",
        "The body is longer than 65536 bytes. Send a shorter one.";
    UNSUPPORTED_MEDIA_TYPE = 415, "unsupported_media_type", "Unsupported media type",
        "The call does not accept a body of this type. Send another Content-Type.";
    UPGRADE_REQUIRED = 426, "upgrade_required", "Upgrade required",
        "The call is a WebSocket. Send Upgrade: websocket.";
    RATE_LIMITED = 429, "rate_limited", "Too many requests",
        "The caller has used up its rate limit. Wait for the seconds in Retry-After.";
    INTERNAL = 500, "internal", "Internal error",
        "The service has a defect. Report the request id: the log has the cause.";
    LIMIT_REACHED = 507, "limit_reached", "Limit reached",
        "The user has the highest number of live tokens, API keys, connections or stored answers. Revoke some first.";
    LEDGER_FULL = 507, "ledger_full", "Ledger full",
        "The user's ledger has its highest size, so nothing more is issued. Revocations still succeed.";
    UNAVAILABLE = 503, "unavailable", "Unavailable",
        "The ledger did not answer, so the result is unknown. Retry, with the same Idempotency-Key if the request had one.";
    MISCONFIGURED = 503, "misconfigured", "Misconfigured",
        "The deployment lacks a secret. Set it as a secret of the Worker.";
}

/// The type of an error.
#[must_use]
pub fn problem_type(error: &ApiError) -> &'static ProblemType {
    match error {
        ApiError::Refused(refusal) => refused(refusal),
        ApiError::Invalid(_) => &INVALID_REQUEST,
        ApiError::NotJson { .. } => &INVALID_JSON,
        ApiError::UnsupportedGrantType => &UNSUPPORTED_GRANT_TYPE,
        ApiError::UnsupportedTokenType => &UNSUPPORTED_TOKEN_TYPE,
        ApiError::UnsupportedMediaType => &UNSUPPORTED_MEDIA_TYPE,
        ApiError::BodyTooLarge { .. } => &PAYLOAD_TOO_LARGE,
        ApiError::CredentialsMissing | ApiError::CredentialsInvalid(_) => &UNAUTHENTICATED,
        ApiError::TicketMissing => &TICKET_MISSING,
        ApiError::TicketInvalid => &TICKET_INVALID,
        ApiError::TicketExpired => &TICKET_EXPIRED,
        ApiError::UpgradeRequired => &UPGRADE_REQUIRED,
        ApiError::OriginForbidden => &ORIGIN_NOT_ALLOWED,
        ApiError::RateLimited { .. } => &RATE_LIMITED,
        ApiError::NoSuchPath => &NOT_FOUND,
        ApiError::MethodNotAllowed { .. } => &METHOD_NOT_ALLOWED,
        ApiError::Misconfigured(_) => &MISCONFIGURED,
        ApiError::Unavailable(_) => &UNAVAILABLE,
        ApiError::Internal(_) => &INTERNAL,
    }
}

fn refused(refusal: &DecisionError) -> &'static ProblemType {
    match refusal {
        DecisionError::Forbidden => &FORBIDDEN,
        DecisionError::KeyNotActive => &UNAUTHENTICATED,
        DecisionError::NotConnectable => &USER_NOT_CONNECTABLE,
        DecisionError::NotFound(resource) => not_found(*resource),
        DecisionError::TokenNotActive(verdict) => token_is(verdict.status()),
        DecisionError::InvalidConnectionState(verdict) => connection_is(verdict.status()),
        DecisionError::NotAConnectionToken => &NOT_A_CONNECTION_TOKEN,
        DecisionError::IdempotencyConflict => &IDEMPOTENCY_CONFLICT,
        DecisionError::TtlOutOfRange { .. } | DecisionError::BeforeInFuture | DecisionError::ChallengeRequired => {
            &INVALID_REQUEST
        }
        DecisionError::ScopeTooWide => &INVALID_SCOPE,
        DecisionError::RedirectUriUnregistered => &REDIRECT_URI_NOT_REGISTERED,
        DecisionError::RedirectUriMismatch | DecisionError::VerifierMismatch | DecisionError::WrongClient => {
            &INVALID_GRANT
        }
        DecisionError::ClientInvalid => &INVALID_CLIENT,
        DecisionError::AppIsPublic => &APP_IS_PUBLIC,
        DecisionError::ExternalIdTaken => &EXTERNAL_ID_TAKEN,
        DecisionError::UserIdReserved { .. } => &USER_ID_TAKEN,
        DecisionError::ProviderNotNamed { .. } => &PROVIDER_MISSING,
        DecisionError::LimitReached { .. } => &LIMIT_REACHED,
        DecisionError::LedgerFull => &LEDGER_FULL,
        DecisionError::ProviderUnknown => &PROVIDER_UNKNOWN,
        DecisionError::RootRequired => &ROOT_REQUIRED,
        DecisionError::ProviderDiffers => &PROVIDER_DIFFERS,
        DecisionError::RevocationUnsupported => &REVOCATION_UNSUPPORTED,
        DecisionError::InvalidRevocationState(_) => &REVOCATION_NOT_ABANDONED,
        DecisionError::TooManyEndpoints { .. } => &TOO_MANY_WEBHOOKS,
        DecisionError::SignInCodeInvalid => &SIGN_IN_CODE_INVALID,
        DecisionError::ProviderRequired { .. } | DecisionError::Inconsistent => &INTERNAL,
    }
}

fn not_found(resource: Resource) -> &'static ProblemType {
    match resource {
        Resource::User => &USER_NOT_FOUND,
        Resource::Token => &TOKEN_NOT_FOUND,
        Resource::Connection => &CONNECTION_NOT_FOUND,
        Resource::App => &APP_NOT_FOUND,
        Resource::Provider => &PROVIDER_NOT_FOUND,
        Resource::Webhook => &WEBHOOK_NOT_FOUND,
        Resource::Revocation => &REVOCATION_NOT_FOUND,
    }
}

fn token_is(status: Status) -> &'static ProblemType {
    match status {
        Status::Consumed => &TOKEN_CONSUMED,
        Status::Revoked => &TOKEN_REVOKED,
        // A token in another status is active.
        Status::Expired | Status::Valid | Status::Inactive => &TOKEN_EXPIRED,
    }
}

fn connection_is(status: ConnectionStatus) -> &'static ProblemType {
    match status {
        ConnectionStatus::Initiated => &CONNECTION_INITIATED,
        ConnectionStatus::Active => &CONNECTION_ACTIVE,
        ConnectionStatus::Inactive => &CONNECTION_INACTIVE,
        ConnectionStatus::Expired => &CONNECTION_EXPIRED,
        ConnectionStatus::Revoking | ConnectionStatus::Revoked => &CONNECTION_REVOKED,
    }
}

/// An error in whole sentences for the caller. They contain no value of the request.
#[must_use]
pub fn detail(error: &ApiError) -> String {
    match error {
        ApiError::Invalid(violations) => {
            let sentences: Vec<String> = violations.iter().map(|violation| format!("{violation}.")).collect();
            sentences.join(" ")
        }
        ApiError::NotJson { line, column } => {
            format!("The body is not JSON: the first error is in line {line}, column {column}.")
        }
        ApiError::BodyTooLarge { max } => format!("The body is longer than {max} bytes. Send a shorter one."),
        ApiError::CredentialsMissing => "The request has no API key. Send one.".to_owned(),
        ApiError::MethodNotAllowed { allow } => format!("The path has only the methods {allow}."),
        ApiError::Misconfigured(problems) => {
            let sentences: Vec<String> = problems.iter().map(|problem| format!("{problem}.")).collect();
            sentences.join(" ")
        }
        ApiError::Refused(DecisionError::TtlOutOfRange { min, max }) => {
            format!("`ttl` must be a whole number from {min} to {max}.")
        }
        ApiError::Refused(DecisionError::ChallengeRequired) => {
            "`code_challenge` is required for a public app with a redirect URI.".to_owned()
        }
        ApiError::Refused(DecisionError::BeforeInFuture) => "`before` must not be in the future.".to_owned(),
        ApiError::Refused(DecisionError::TooManyEndpoints { max }) => {
            format!("The deployment has {max} webhook endpoints, which is the highest number. Delete one first.")
        }
        ApiError::Refused(DecisionError::LimitReached { limit, max }) => limit_sentence(*limit, *max),
        ApiError::Refused(DecisionError::RedirectUriMismatch) => {
            "`redirect_uri` must be the redirect URI that the code was created for.".to_owned()
        }
        ApiError::Refused(DecisionError::VerifierMismatch) => {
            "`code_verifier` must match the challenge of the code. A code without a challenge takes no verifier."
                .to_owned()
        }
        ApiError::Refused(DecisionError::WrongClient) => {
            "The token was issued to another client. Only that client may use it.".to_owned()
        }
        _ => problem_type(error).detail.to_owned(),
    }
}

fn limit_sentence(limit: Limit, max: u64) -> String {
    match limit {
        Limit::Tokens => format!("The user has {max} live tokens, which is the highest number. Revoke some first."),
        Limit::ApiKeys => format!("The user has {max} live API keys, which is the highest number. Revoke some first."),
        Limit::Connections => {
            format!("The user has {max} live connections, which is the highest number. Revoke some first.")
        }
        Limit::StoredResponses => {
            format!("{max} answers are stored for the Idempotency-Keys of the last day. Send none, or wait.")
        }
    }
}

/// Adds the headers that an error has in every dialect.
#[must_use]
pub fn with_headers(error: &ApiError, response: HttpResponse) -> HttpResponse {
    match error {
        ApiError::RateLimited { retry_after } => response.with("retry-after", retry_after.to_string()),
        ApiError::Unavailable(_) | ApiError::Misconfigured(_) => response.with("retry-after", UNAVAILABLE_RETRY_AFTER),
        ApiError::MethodNotAllowed { allow } => response.with("allow", allow.as_str()),
        _ => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_are_sentences() {
        // A provider that a request names in its body is missing with another status than one in the path.
        let codes: std::collections::HashSet<_> = ALL.iter().map(|problem| (problem.status, problem.code)).collect();
        assert_eq!(codes.len(), ALL.len());
        for problem in ALL {
            assert!(problem.detail.ends_with('.') && problem.detail.starts_with(char::is_uppercase), "{problem:?}");
            assert!((400..600).contains(&problem.status), "{problem:?}");
        }
    }
}
