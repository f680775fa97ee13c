//! `/v1/authorizations`: the requests of apps, for the backend of the operator's sign-in page.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BEARER;
use crate::core::app::{AppSource, ClientType};
use crate::core::authorization::Prompt;
use crate::core::decide::authorizations::OperatorConsent;
use crate::core::rfc3339::Rfc3339;
use crate::core::string_enum::string_enum;
use crate::core::{AppId, Audience, Rule, Scope, UserId};
use crate::dialects::extract::{JsonBody, Path};
use crate::dialects::field::{Field, not_empty};
use crate::dialects::field_types::{Flag, ShortText};
use crate::dialects::link_page::return_address::{self, host};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{
    APP_NOT_FOUND, AUTHORIZATION_EXPIRED, AUTHORIZATION_NOT_FOUND, FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_SCOPE,
    REDIRECT_URI_NOT_REGISTERED, USER_NOT_CONNECTABLE, USER_NOT_FOUND,
};
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::authorize::{self, Accept, Accepted, PendingAuthorization};
use crate::operations::{ApiError, Context};

/// The longest id of a session, in characters.
const SESSION_ID_MAX: usize = 256;
/// The longest reason of a rejection, in characters.
const REASON_MAX: usize = 256;

const BASE: Operation = Operation {
    tag: Tag {
        name: "Authorizations",
        description: "The requests of apps, for your sign-in page (`LOGIN_URL`). The authorize endpoint sends a browser there \
            with `challenge`. After the user has signed in, your backend accepts the request and sends the browser to \
            `redirect_to`.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/authorizations/{challenge}", show).operation(|| Operation {
            id: "getAuthorization",
            summary: "Read the request of an app",
            description: "Returns what the app asks for. Nothing changes.",
            problems: &[&FORBIDDEN, &AUTHORIZATION_NOT_FOUND, &AUTHORIZATION_EXPIRED, &APP_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/authorizations/{challenge}/accept", accept).operation(|| Operation {
            id: "acceptAuthorization",
            summary: "Accept the request for a user",
            description: "Accepts the request for the user who has signed in. Send the browser to `redirect_to`: only the browser that the app sent \
                can use it, once. The same call again gets the same answer, with or without an `Idempotency-Key`.",
            problems: &[
                &FORBIDDEN,
                &USER_NOT_CONNECTABLE,
                &AUTHORIZATION_NOT_FOUND,
                &AUTHORIZATION_EXPIRED,
                &USER_NOT_FOUND,
                &APP_NOT_FOUND,
                &REDIRECT_URI_NOT_REGISTERED,
                &INVALID_SCOPE,
                &IDEMPOTENCY_CONFLICT,
            ],
            ..BASE
        }),
        Route::post("/v1/authorizations/{challenge}/reject", reject).operation(|| Operation {
            id: "rejectAuthorization",
            summary: "Reject the request",
            description: "Returns the address with which the browser returns to the app. The app gets the error. Nothing is \
                stored.",
            problems: &[&FORBIDDEN, &AUTHORIZATION_NOT_FOUND, &AUTHORIZATION_EXPIRED],
            ..BASE
        }),
    ]
}

/// The request of an app.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Authorization"))]
struct AuthorizationResponse {
    /// The app that sent the request.
    app: AuthorizedApp,
    /// The redirect URI.
    redirect_uri: String,
    /// The host of the redirect URI; `null` if it has none.
    redirect_host: Option<String>,
    /// The scopes that the app asks for; `null` for all scopes of the app.
    scope: Option<Scope>,
    /// The resource servers that the app wants to call.
    resource: Vec<String>,
    /// The words of `prompt`. With `none`, the app expects an error instead of a sign-in form.
    prompt: Vec<String>,
    /// The account that the app expects the user to sign in with.
    login_hint: Option<String>,
    /// By when the request must be accepted.
    expires_at: Rfc3339,
}

/// The app of a request.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct AuthorizedApp {
    /// The app's id.
    app_id: AppId,
    /// The name that users see.
    name: String,
    /// The purpose of the app in a sentence.
    description: Option<String>,
    /// The URL of the app's logo.
    logo_url: Option<String>,
    /// Whether the app can keep a secret.
    client_type: ClientType,
    /// The host of a client that is known by its URL: its `app_id`. `null` for a registered app.
    client_host: Option<String>,
}

impl From<PendingAuthorization> for AuthorizationResponse {
    fn from(pending: PendingAuthorization) -> Self {
        let PendingAuthorization { request, app } = pending;
        let texts = |text: &str| text.to_owned();
        Self {
            app: AuthorizedApp {
                client_host: host(app.app_id.as_str()).filter(|_| app.source == AppSource::Document).map(str::to_owned),
                app_id: app.app_id,
                name: app.registration.name,
                description: app.registration.description,
                logo_url: app.registration.logo_url,
                client_type: app.registration.client_type,
            },
            redirect_host: host(&request.redirect_uri).map(str::to_owned),
            redirect_uri: request.redirect_uri,
            scope: request.scope,
            resource: request.audience.iter().flat_map(Audience::uris).map(texts).collect(),
            prompt: request.prompt.iter().flat_map(Prompt::words).map(texts).collect(),
            login_hint: request.login_hint,
            expires_at: Rfc3339(request.expires_at),
        }
    }
}

async fn show(cx: &Context<'_>, Path(challenge): Path<String>) -> Result<Body<AuthorizationResponse>, ApiError> {
    Ok(Body(authorize::show(cx, &challenge).await?.into()))
}

/// The acceptance of a request.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AcceptAuthorizationRequest {
    /// The user who has signed in.
    user_id: Field<UserId>,
    /// The scopes to offer to the user: a part of those that the app asks for. The default is all of them.
    #[serde(default, deserialize_with = "not_empty")]
    scope: Field<Scope>,
    /// Your session of the user. The connection keeps it as `session_id` in its `metadata`.
    #[serde(default)]
    session_id: Field<ShortText<1, SESSION_ID_MAX>>,
    /// Whether you have asked the user already. The consent page is skipped then.
    #[serde(default)]
    consent_given: Field<Flag>,
}

/// An acceptance whose values keep their rules.
struct Acceptance {
    user_id: UserId,
    scope: Option<Scope>,
    session_id: Option<String>,
    consent: OperatorConsent,
}

impl Validate for AcceptAuthorizationRequest {
    type Valid = Acceptance;

    fn validate(self, check: &mut Validator<'_>) -> Option<Acceptance> {
        let user_id = check.required("user_id", self.user_id);
        let scope = check.optional("scope", self.scope);
        let session_id = check.optional("session_id", self.session_id).map(|ShortText(id)| id);
        let consent = match check.optional("consent_given", self.consent_given) {
            Some(Flag(true)) => OperatorConsent::Given,
            Some(Flag(false)) | None => OperatorConsent::Ask,
        };
        Some(Acceptance { user_id: user_id?, scope, session_id, consent })
    }
}

/// A request that was accepted.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct AcceptedAuthorization {
    /// The consent page. Send the browser there.
    redirect_to: String,
    /// By when the user must have answered.
    expires_at: Option<Rfc3339>,
}

async fn accept(
    cx: &Context<'_>,
    Path(challenge): Path<String>,
    JsonBody(acceptance): JsonBody<AcceptAuthorizationRequest>,
) -> Result<Body<AcceptedAuthorization>, ApiError> {
    let Acceptance { user_id, scope, session_id, consent } = acceptance;
    let accepted = authorize::accept(cx, Accept { challenge, user_id, scope, session_id, consent }).await?;
    let Accepted { redirect_to, expires_at } = accepted;
    Ok(Body(AcceptedAuthorization { redirect_to, expires_at: expires_at.map(Rfc3339) }))
}

string_enum! {
    /// The error that the app gets (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
    enum RejectionError {
        /// The user or the operator refuses.
        AccessDenied = "access_denied",
        /// The user has not signed in, and the app asked not to ask.
        LoginRequired = "login_required",
        /// The user has to do something, and the app asked not to ask.
        InteractionRequired = "interaction_required",
        /// The user has to choose an account, and the app asked not to ask.
        AccountSelectionRequired = "account_selection_required",
        /// The sign-in page failed.
        ServerError = "server_error",
        /// The sign-in page is overloaded.
        TemporarilyUnavailable = "temporarily_unavailable",
    }
}

/// A reason in the characters that RFC 6749 §4.1.2.1 allows.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct RejectionReason(#[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 256)))] String);

impl FromStr for RejectionReason {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let is_allowed = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        if (1..=REASON_MAX).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be 1 to 256 printable ASCII characters without quotes and backslashes (RFC 6749)"))
        }
    }
}

/// The rejection of a request.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RejectAuthorizationRequest {
    /// The error that the app gets. The default is `access_denied`.
    #[serde(default)]
    error: Field<RejectionError>,
    /// The reason, which the app gets as `error_description`.
    #[serde(default)]
    reason: Field<RejectionReason>,
}

impl Validate for RejectAuthorizationRequest {
    type Valid = (RejectionError, Option<RejectionReason>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let error = check.optional("error", self.error).unwrap_or(RejectionError::AccessDenied);
        Some((error, check.optional("reason", self.reason)))
    }
}

/// A request that was rejected.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct RejectedAuthorization {
    /// The redirect URI with the error. Send the browser there.
    redirect_to: String,
}

async fn reject(
    cx: &Context<'_>,
    Path(challenge): Path<String>,
    JsonBody((error, reason)): JsonBody<RejectAuthorizationRequest>,
) -> Result<Body<RejectedAuthorization>, ApiError> {
    let request = authorize::reject(cx, &challenge)?;
    let mut results = vec![("error", error.as_str())];
    results.extend(reason.iter().map(|RejectionReason(reason)| ("error_description", reason.as_str())));
    let (uri, state) = (&request.redirect_uri, request.state.as_deref());
    let redirect_to = return_address::to_client(uri, &results, &request.origin, state);
    Ok(Body(RejectedAuthorization { redirect_to }))
}
