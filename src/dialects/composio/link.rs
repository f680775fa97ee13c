//! The link with which a user connects an account.

use serde::{Deserialize, Serialize};

use super::status::AccountStatus;
use super::{SECURITY, TAG};
use crate::core::decide::tokens::MintToken;
use crate::core::params::{MintKind, MintParams};
use crate::core::token::TokenPurpose;
use crate::core::{AppId, ConnectionId, Timestamp, UserId};
use crate::dialects::extract::JsonBody;
use crate::dialects::field::{Field, Nested, not_empty};
use crate::dialects::field_types::ShortText;
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::{
    APP_NOT_FOUND, FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_SCOPE, USER_NOT_CONNECTABLE, USER_NOT_FOUND,
};
use crate::dialects::respond::CreatedBody;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, tokens};

/// The validity of a link in seconds. An account that nobody has connected by then is `EXPIRED`.
const TTL: u32 = 600;

/// A request for a link. Other members are ignored, as Composio does.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioLinkRequest {
    /// The id of the user.
    user_id: Field<UserId>,
    /// The id of the app.
    auth_config_id: Field<AppId>,
    /// The URL to which the user returns, with `status` (`success` or `failed`) and `connected_account_id`: a redirect URI of
    /// the app.
    #[serde(default, deserialize_with = "not_empty")]
    callback_url: Field<ShortText<1, 2_048>>,
}

impl Validate for ComposioLinkRequest {
    type Valid = MintToken;

    fn validate(self, check: &mut Validator<'_>) -> Option<MintToken> {
        let user_id = check.required("user_id", self.user_id);
        let app_id = check.required("auth_config_id", self.auth_config_id);
        let redirect_uri = check.optional("callback_url", self.callback_url).map(|ShortText(url)| url);
        Some(link(app_id?, user_id?, redirect_uri))
    }
}

/// A link. It is a secret: anyone who has the link can connect the account, once.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioLink {
    /// The connection token in the link.
    link_token: String,
    /// The URL of the link page.
    redirect_url: String,
    /// When the link expires.
    expires_at: Option<String>,
    /// The account that the user connects.
    connected_account_id: Option<ConnectionId>,
}

pub(super) async fn create(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<ComposioLinkRequest>,
) -> Result<CreatedBody<ComposioLink>, ApiError> {
    let tokens::Created { verdict, secret } = tokens::create(cx, command).await?;
    Ok(CreatedBody(ComposioLink {
        redirect_url: format!("{}/connect?token={secret}", cx.origin),
        link_token: secret,
        expires_at: verdict.expires_at.map(Timestamp::rfc3339),
        connected_account_id: verdict.facts.connection_id,
    }))
}

/// A request to connect an account. Other members are ignored, as Composio does.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioInitiateRequest {
    /// The auth config.
    auth_config: Field<Nested<ComposioAuthConfigRef>>,
    /// The account to connect.
    connection: Field<Nested<ComposioNewConnection>>,
}

/// An auth config, by its id.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioAuthConfigRef {
    /// The id of the app.
    id: Field<AppId>,
}

impl Validate for ComposioAuthConfigRef {
    type Valid = AppId;

    fn validate(self, check: &mut Validator<'_>) -> Option<AppId> {
        check.required("id", self.id)
    }
}

/// An account to connect.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioNewConnection {
    /// The id of the user.
    user_id: Field<UserId>,
    /// The URL to which the user returns: a redirect URI of the app.
    #[serde(default, deserialize_with = "not_empty")]
    callback_url: Field<ShortText<1, 2_048>>,
}

impl Validate for ComposioNewConnection {
    type Valid = (UserId, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let user_id = check.required("user_id", self.user_id);
        let callback_url = check.optional("callback_url", self.callback_url).map(|ShortText(url)| url);
        Some((user_id?, callback_url))
    }
}

impl Validate for ComposioInitiateRequest {
    type Valid = MintToken;

    fn validate(self, check: &mut Validator<'_>) -> Option<MintToken> {
        let app_id = check.required("auth_config", self.auth_config);
        let app_id = app_id.and_then(|Nested(config)| check.nested("auth_config", config));
        let connection = check.required("connection", self.connection);
        let connection = connection.and_then(|Nested(connection)| check.nested("connection", connection));
        let (user_id, redirect_uri) = connection?;
        Some(link(app_id?, user_id, redirect_uri))
    }
}

/// The parameters of a link.
fn link(app_id: AppId, user_id: UserId, redirect_uri: Option<String>) -> MintToken {
    let params = MintParams {
        app_id: Some(app_id),
        purpose: TokenPurpose::Account,
        redirect_uri,
        ..MintParams::plain(MintKind::ConnectionToken, Some(TTL))
    };
    MintToken { user_id, params }
}

/// An account that a user connects with a link. The link is a secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioInitiated {
    /// The account's id.
    id: Option<ConnectionId>,
    /// `INITIATED`.
    status: AccountStatus,
    /// The URL of the link page.
    redirect_url: String,
    /// The same URL.
    redirect_uri: String,
    /// The same facts, as clients read them.
    #[serde(rename = "connectionData")]
    connection_data: ComposioInitiatedData,
}

/// The state of a new account.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioInitiatedData {
    /// Always `OAUTH2`.
    #[serde(rename = "authScheme")]
    auth_scheme: &'static str,
    /// The state.
    val: ComposioInitiatedState,
}

/// The state of a new account in Composio's spelling.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioInitiatedState {
    /// `INITIATED`.
    status: AccountStatus,
    /// The URL of the link page.
    #[serde(rename = "redirectUrl")]
    redirect_url: String,
}

/// Creates a link by the older call of Composio's clients.
pub(super) async fn initiate(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<ComposioInitiateRequest>,
) -> Result<CreatedBody<ComposioInitiated>, ApiError> {
    let tokens::Created { verdict, secret } = tokens::create(cx, command).await?;
    let url = format!("{}/connect?token={secret}", cx.origin);
    let status = AccountStatus::Initiated;
    Ok(CreatedBody(ComposioInitiated {
        id: verdict.facts.connection_id,
        status,
        redirect_uri: url.clone(),
        connection_data: ComposioInitiatedData {
            auth_scheme: "OAUTH2",
            val: ComposioInitiatedState { status, redirect_url: url.clone() },
        },
        redirect_url: url,
    }))
}

pub(super) const INITIATE: Operation = Operation {
    id: "composioInitiateAccount",
    summary: "Connect an account",
    description: "Creates an account that is `INITIATED`, and a link with which the user connects it within ten minutes. \
        New clients use `POST /api/v3.1/connected_accounts/link`.",
    ..CREATE
};

pub(super) const CREATE: Operation = Operation {
    id: "composioCreateLink",
    summary: "Create a link to connect an account",
    description: "Creates an account that is `INITIATED`, whatever accounts the user has, and a link with which the user \
        connects it within ten minutes.",
    tag: TAG,
    security: SECURITY,
    problems: &[
        &INVALID_SCOPE,
        &FORBIDDEN,
        &USER_NOT_CONNECTABLE,
        &USER_NOT_FOUND,
        &APP_NOT_FOUND,
        &IDEMPOTENCY_CONFLICT,
    ],
};
