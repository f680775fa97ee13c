//! `/v1/api-keys`: API keys are created. They are checked, listed and revoked like other tokens.

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::tokens::Label;
use crate::core::decide::tokens::MintToken;
use crate::core::params::{MintKind, MintParams};
use crate::core::rfc3339::Rfc3339;
use crate::core::{Actor, Status, TokenId, TokenKind, UserId};
use crate::dialects::extract::JsonBody;
use crate::dialects::field::Field;
use crate::dialects::field_types::{ShortText, Whole};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, IDEMPOTENCY_CONFLICT, USER_NOT_FOUND};
use crate::dialects::respond::CreatedBody;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, tokens};

/// The longest validity of an API key, in seconds: a hundred years.
const TTL_MAX: u32 = 3_155_760_000;

const BASE: Operation = Operation {
    tag: Tag { name: "API keys", description: "Keys that authenticate a user." },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/api-keys", create).operation(|| Operation {
        id: "createApiKey",
        summary: "Create an API key",
        description: "Creates a key that authenticates a user. You may create one for a user if the key gives no write \
            access that you do not have. The secret is returned once and stored only as a digest. A key that an isolate \
            has seen is remembered for up to 10 seconds, also after it was revoked; calls that create authority do not \
            rely on this.",
        problems: &[&FORBIDDEN, &USER_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
        ..BASE
    })]
}

/// An API key to create.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CreateApiKeyRequest {
    /// The user that the key authenticates.
    user_id: Field<UserId>,
    /// The validity in seconds. The default is unlimited.
    #[serde(default)]
    ttl: Field<Whole<1, TTL_MAX>>,
    /// A label of your choice.
    #[serde(default)]
    label: Field<Label>,
}

impl Validate for CreateApiKeyRequest {
    type Valid = MintToken;

    fn validate(self, check: &mut Validator<'_>) -> Option<MintToken> {
        let user_id = check.required("user_id", self.user_id);
        let ttl = check.optional("ttl", self.ttl).map(|Whole(seconds)| seconds);
        let label = check.optional("label", self.label).map(|ShortText(label)| label);
        let params = MintParams { label, ..MintParams::plain(MintKind::ApiKey, ttl) };
        Some(MintToken { user_id: user_id?, params })
    }
}

/// An API key with its secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatedApiKey"))]
struct CreatedApiKeyResponse {
    /// The secret: `hak_` and 48 hex digits. It is shown only here.
    api_key: String,
    /// The public id.
    token_id: TokenId,
    /// The user that the key authenticates.
    user_id: UserId,
    /// The kind of token.
    kind: TokenKind,
    /// The status of the key.
    status: Status,
    /// When the key was created.
    created_at: Rfc3339,
    /// When the key expires; null if it does not expire.
    expires_at: Option<Rfc3339>,
    /// The actor that created the key.
    created_by: Actor,
    /// The label that the caller chose.
    label: Option<String>,
}

async fn create(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<CreateApiKeyRequest>,
) -> Result<CreatedBody<CreatedApiKeyResponse>, ApiError> {
    let tokens::Created { verdict, secret } = tokens::create(cx, command).await?;
    Ok(CreatedBody(CreatedApiKeyResponse {
        api_key: secret,
        status: verdict.status(),
        token_id: verdict.token_id,
        user_id: verdict.user_id,
        kind: verdict.kind,
        created_at: Rfc3339(verdict.created_at),
        expires_at: verdict.expires_at.map(Rfc3339),
        created_by: verdict.facts.created_by,
        label: verdict.facts.label,
    }))
}
