//! Partoo's connection tokens: generate, check, revoke.
//!
//! Source: Partoo REST API v2, "Connection tokens", and its guide on errors (<https://developers.partoo.co>). Every call
//! exists with `/v2` before its path and without.
//!
//! Where Partoo is silent, this dialect decides:
//!
//! - Only a valid token can be revoked. For another one the answer is 400, and `errors.json.token` names its status.
//! - Without `token`, every valid connection token of the user is revoked. If there is none, the answer is 404.
//! - `"token": null` is 400 and does not revoke every token: a client that lost its token would not expect that.
//! - A token that does not exist, or belongs to another user, is 404.
//! - `consumption_date` is absent until the token is consumed. A user may have many valid tokens.
//! - A token whose connection is disabled is `revoked`: Partoo has no status for a token that may become valid again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error_format::{ErrorContext, ErrorFormat, RenderErrors};
use super::extract::{JsonBody, Query};
use super::field::{Field, not_null};
use super::field_types::Whole;
use super::operation::{Operation, Security, SecurityPlace, Tag};
use super::problem_types::{
    FORBIDDEN, IDEMPOTENCY_CONFLICT, TOKEN_CONSUMED, TOKEN_EXPIRED, TOKEN_NOT_FOUND, TOKEN_REVOKED,
    USER_NOT_CONNECTABLE, USER_NOT_FOUND, detail, problem_type, with_headers,
};
use super::respond::{Body, EmptyObject};
use super::response::HttpResponse;
use super::route::{Dialect, Route};
use super::validator::{Validate, Validator};
use crate::core::cutoff::TokenKindSet;
use crate::core::decide::tokens::MintToken;
use crate::core::decide::users::RevokeUser;
use crate::core::handle::BYTEA_PREFIX;
use crate::core::params::{MintKind, MintParams, RevokeFilter};
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::{DecisionError, HandleKind, NamedToken, Resource, Status, Timestamp, TokenKind, UserId};
use crate::operations::tokens::{Check, Revoke};
use crate::operations::{ApiError, Context, Credentials, Secret, tokens, users};

/// Partoo's API.
pub static DIALECT: Dialect = Dialect {
    name: "partoo",
    prefixes: &["/v2/connection/", "/connection/"],
    credentials: |request, _| {
        Ok(request.header("x-apikey").map_or(Credentials::Missing, |key| Credentials::Key(Secret(key))))
    },
    errors: ErrorFormat::of::<PartooErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![
        Route::post("/v2/connection/generate_token", generate).operation(|| GENERATE),
        Route::get("/v2/connection/check_token", check).operation(|| CHECK),
        Route::post("/v2/connection/revoke_token", revoke).operation(|| REVOKE),
        Route::post("/connection/generate_token", generate)
            .operation(|| Operation { id: "partooGenerateTokenWithoutVersion", ..GENERATE }),
        Route::get("/connection/check_token", check)
            .operation(|| Operation { id: "partooCheckTokenWithoutVersion", ..CHECK }),
        Route::post("/connection/revoke_token", revoke)
            .operation(|| Operation { id: "partooRevokeTokenWithoutVersion", ..REVOKE }),
    ]
}

/// A request to generate a token.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PartooGenerateRequest {
    /// The user that the token is for.
    user_id: Field<UserId>,
    /// The validity in seconds. The default is a day.
    #[serde(default)]
    ttl: Field<Whole<1, CONNECTION_TOKEN_TTL_MAX>>,
}

impl Validate for PartooGenerateRequest {
    type Valid = MintToken;

    fn validate(self, check: &mut Validator<'_>) -> Option<MintToken> {
        let user_id = check.required("user_id", self.user_id);
        let ttl = check.optional("ttl", self.ttl).map_or(CONNECTION_TOKEN_TTL_MAX, |Whole(seconds)| seconds);
        Some(MintToken { user_id: user_id?, params: MintParams::plain(MintKind::ConnectionToken, Some(ttl)) })
    }
}

/// A time as Partoo writes it: ISO 8601 with six digits and the offset as a number.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
#[cfg_attr(
    feature = "openapi",
    schemars(extend("format" = "date-time", "examples" = ["2019-08-01T19:15:54.256000+00:00"]))
)]
struct PartooDate(String);

impl PartooDate {
    fn of(time: Timestamp) -> Self {
        Self(time.rfc3339_with_offset())
    }
}

/// A token that was generated.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PartooGeneratedToken {
    /// The token: a backslash, `x` and 48 hex digits.
    token: String,
    /// When the token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<PartooDate>,
}

async fn generate(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<PartooGenerateRequest>,
) -> Result<Body<PartooGeneratedToken>, ApiError> {
    let created = tokens::create(cx, command).await?;
    let expiration_date = created.verdict.expires_at.map(PartooDate::of);
    Ok(Body(PartooGeneratedToken { token: spelled(&created.secret), expiration_date }))
}

/// The parameters of a check. Others are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PartooCheckParameters {
    /// The user that the token is for.
    user_id: Field<UserId>,
    /// The token. Its backslash may be percent-encoded.
    token: Field<String>,
}

impl Validate for PartooCheckParameters {
    type Valid = (UserId, String);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let user_id = check.required("user_id", self.user_id);
        let token = check.required("token", self.token);
        Some((user_id?, token?))
    }
}

/// The result of a check.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PartooCheckedToken {
    /// The token: a backslash, `x` and 48 hex digits.
    token: String,
    /// When the token expires or expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<PartooDate>,
    /// The actor that generated the token.
    generated_by: String,
    /// When the token was generated.
    creation_date: PartooDate,
    /// When the token was consumed. Absent until then: Partoo's description does not allow null.
    #[serde(skip_serializing_if = "Option::is_none")]
    consumption_date: Option<PartooDate>,
    /// The status of the token.
    status: Status,
}

async fn check(
    cx: &Context<'_>,
    Query((user_id, text)): Query<PartooCheckParameters>,
) -> Result<Body<PartooCheckedToken>, ApiError> {
    let token = connection_token(cx, &text, &user_id);
    let verdict = tokens::check(cx, Check { token, user_id: Some(user_id) }).await?;
    let status = verdict.status();
    let consumed_at = verdict.state.death().filter(|_| status == Status::Consumed).map(|death| death.at);
    Ok(Body(PartooCheckedToken {
        token: spelled(&text),
        expiration_date: verdict.expires_at.map(PartooDate::of),
        generated_by: verdict.facts.created_by.as_str().to_owned(),
        creation_date: PartooDate::of(verdict.created_at),
        consumption_date: consumed_at.map(PartooDate::of),
        status: if status == Status::Inactive { Status::Revoked } else { status },
    }))
}

/// A request to revoke a token.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PartooRevokeRequest {
    /// The user that the token is for.
    user_id: Field<UserId>,
    /// The token. Without it, every valid connection token of the user is revoked.
    #[serde(default, deserialize_with = "not_null")]
    token: Field<String>,
}

impl Validate for PartooRevokeRequest {
    type Valid = (UserId, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let user_id = check.required("user_id", self.user_id);
        let token = check.optional("token", self.token);
        Some((user_id?, token))
    }
}

async fn revoke(
    cx: &Context<'_>,
    JsonBody((user_id, token)): JsonBody<PartooRevokeRequest>,
) -> Result<Body<EmptyObject>, ApiError> {
    if let Some(text) = token {
        let token = connection_token(cx, &text, &user_id);
        let revoked = tokens::revoke(cx, Revoke { token, user_id: Some(user_id), reason: None }).await?;
        if revoked.previous.is_terminal() {
            return Err(DecisionError::TokenNotActive(Box::new(revoked.verdict)).into());
        }
    } else {
        let kinds = TokenKindSet::from_iter([TokenKind::ConnectionToken]);
        let filter = RevokeFilter { before: None, app_id: None, kinds, reason: None };
        let revoked = users::revoke(cx, RevokeUser { user_id, filter, dry_run: false }).await?;
        if revoked.revoked.total() == 0 {
            return Err(DecisionError::NotFound(Resource::Token).into());
        }
    }
    Ok(Body(EmptyObject {}))
}

/// The connection token with this secret, if it belongs to the user.
fn connection_token(cx: &Context<'_>, secret: &str, user_id: &UserId) -> NamedToken {
    NamedToken::of(cx.config.keyring.open(secret)).by_secret(TokenKind::ConnectionToken).of_user(user_id)
}

/// Spells a connection token as Partoo does: `\x` and 48 hex digits in lower case.
fn spelled(token: &str) -> String {
    let own = token.strip_prefix(HandleKind::ConnectionToken.prefix());
    let digits = own.or_else(|| token.strip_prefix(BYTEA_PREFIX)).unwrap_or_default();
    format!("{BYTEA_PREFIX}{}", digits.to_ascii_lowercase())
}

/// An error: the area that it belongs to, and the message.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PartooErrorBody {
    errors: PartooErrorArea,
}

/// The area of an error with the message.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum PartooErrorArea {
    /// The caller is not authenticated.
    Authentication(&'static str),
    /// The caller may not do this.
    Authorization(&'static str),
    /// The request: a message for each field at status 400, and one message at every other.
    Json(PartooErrorMessage),
}

/// One message, or a message for each field.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum PartooErrorMessage {
    Text(String),
    Fields(BTreeMap<String, String>),
}

/// Errors as Partoo writes them.
struct PartooErrors;

impl RenderErrors for PartooErrors {
    type Body = PartooErrorBody;

    fn render(error: &ApiError, _: &ErrorContext<'_>) -> HttpResponse {
        let status = match error {
            ApiError::Refused(DecisionError::TokenNotActive(_)) => 400,
            _ => problem_type(error).status,
        };
        let text = |text: &str| PartooErrorArea::Json(PartooErrorMessage::Text(text.to_owned()));
        let errors = match status {
            400 => PartooErrorArea::Json(PartooErrorMessage::Fields([wrong_field(error)].into())),
            401 => PartooErrorArea::Authentication("User not authenticated"),
            403 => PartooErrorArea::Authorization("Operation not allowed"),
            404 => text("Resource not found"),
            405 => text("Method not allowed"),
            413 => text("Request body too large"),
            415 => text("Unsupported media type. Please use application/json"),
            429 => text("Too many requests"),
            500 => text("Internal error"),
            _ => text(&detail(error)),
        };
        with_headers(error, HttpResponse::json(status, &PartooErrorBody { errors }))
    }
}

/// The field that a request has wrong, with the message. If several fields are wrong, it is the first.
fn wrong_field(error: &ApiError) -> (String, String) {
    if let ApiError::Refused(DecisionError::TokenNotActive(verdict)) = error {
        return ("token".to_owned(), format!("Token is {}", verdict.status()));
    }
    if let ApiError::Invalid(violations) = error
        && let Some(first) = violations.first()
    {
        return (first.path.clone(), first.rule.to_string());
    }
    ("body".to_owned(), detail(error))
}

const GENERATE: Operation = Operation {
    id: "partooGenerateToken",
    summary: "Generate a connection token",
    description: "Creates a single-use token that logs the user in. The key must have write access to the user.",
    tag: TAG,
    security: &[KEY],
    problems: &[&FORBIDDEN, &USER_NOT_CONNECTABLE, &USER_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
};

const CHECK: Operation = Operation {
    id: "partooCheckToken",
    summary: "Check a connection token",
    description: "Returns the status of a connection token of the user. A token that does not exist, or belongs to \
        another user, is 404. Other query parameters are ignored.",
    tag: TAG,
    security: &[KEY],
    problems: &[&FORBIDDEN, &TOKEN_NOT_FOUND],
};

const REVOKE: Operation = Operation {
    id: "partooRevokeToken",
    summary: "Revoke a connection token",
    description: "Only a valid token can be revoked; for another one the answer is 400 with its status. Without \
        `token`, every valid connection token of the user is revoked; if there is none, the answer is 404.",
    tag: TAG,
    security: &[KEY],
    problems: &[
        &TOKEN_CONSUMED,
        &TOKEN_REVOKED,
        &TOKEN_EXPIRED,
        &FORBIDDEN,
        &USER_NOT_FOUND,
        &TOKEN_NOT_FOUND,
        &IDEMPOTENCY_CONFLICT,
    ],
};

const TAG: Tag = Tag {
    name: "Partoo",
    description: "The calls of Partoo's connection tokens, at Partoo's paths, with `/v2` and without.",
};

const KEY: Security = Security {
    name: "partooKey",
    place: SecurityPlace::Header("x-APIKey"),
    description: "An API key, or the root key of the deployment.",
};
