//! The link with which a user connects an account.

use serde::{Deserialize, Serialize};

use super::{SECURITY, TAG};
use crate::core::decide::tokens::MintToken;
use crate::core::params::{MintKind, MintParams};
use crate::core::token::TokenPurpose;
use crate::core::{AppId, ConnectionId, Timestamp, UserId};
use crate::dialects::extract::JsonBody;
use crate::dialects::field::{Field, not_empty};
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
        let params = MintParams {
            app_id: Some(app_id?),
            purpose: TokenPurpose::Account,
            redirect_uri,
            ..MintParams::plain(MintKind::ConnectionToken, Some(TTL))
        };
        Some(MintToken { user_id: user_id?, params })
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
