//! `/v1/sign-in-codes` and `/v1/sessions`: signing in to the console without the root key in a link.

use serde::{Deserialize, Serialize};

use super::BEARER;
use crate::core::rfc3339::Rfc3339;
use crate::dialects::extract::JsonBody;
use crate::dialects::field::Field;
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{FORBIDDEN, SIGN_IN_CODE_INVALID};
use crate::dialects::respond::CreatedBody;
use crate::dialects::route::{FindCredentials, Route};
use crate::dialects::validator::{Validate, Validator};
use crate::operations::sign_in::{self, SignInSecret};
use crate::operations::{ApiError, Context, Credentials, Secret};

const BASE: Operation = Operation {
    tag: Tag {
        name: "Sign-in",
        description: "Signing in to the console with a one-time code instead of the root key.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

/// The root key itself: a session key cannot create the code of another session.
const ROOT_KEY: FindCredentials =
    |request, _| Ok(request.bearer().map_or(Credentials::Missing, |key| Credentials::RootKey(Secret(key))));

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/sign-in-codes", create_code).credentials(ROOT_KEY).operation(|| Operation {
            id: "createSignInCode",
            summary: "Create a sign-in code",
            description: "Creates a code that is traded once, within 5 minutes, for a session key. Only the root key \
                itself may create one. Links to the console and the demo carry it behind `#code=`.",
            problems: &[&FORBIDDEN],
            ..BASE
        }),
        Route::post("/v1/sessions", create_session).public().operation(|| Operation {
            id: "createSession",
            summary: "Trade a sign-in code for a session key",
            description: "Returns a key that authenticates as root for 12 hours and cannot create sign-in codes. A code \
                works once. A new root key ends all codes and sessions.",
            security: &[],
            problems: &[&SIGN_IN_CODE_INVALID],
            ..BASE
        }),
    ]
}

/// A sign-in code.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SignInCode"))]
struct SignInCodeResponse {
    /// The code: `hsc_` and 64 hex digits. It is a secret.
    code: String,
    /// When the code expires.
    expires_at: Rfc3339,
}

async fn create_code(cx: &Context<'_>) -> Result<CreatedBody<SignInCodeResponse>, ApiError> {
    let SignInSecret { secret, expires_at } = sign_in::create_code(cx)?;
    Ok(CreatedBody(SignInCodeResponse { code: secret.0, expires_at: Rfc3339(expires_at) }))
}

/// A sign-in code to trade.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CreateSessionRequest {
    /// The sign-in code.
    #[serde(default)]
    code: Field<String>,
}

impl Validate for CreateSessionRequest {
    type Valid = Secret;

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        check.required("code", self.code).map(Secret)
    }
}

/// A session of the console.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Session"))]
struct SessionResponse {
    /// The session key: `hsk_` and 64 hex digits. It is a secret, and authenticates as `Authorization: Bearer`.
    session_key: String,
    /// When the session key expires.
    expires_at: Rfc3339,
}

async fn create_session(
    cx: &Context<'_>,
    JsonBody(code): JsonBody<CreateSessionRequest>,
) -> Result<CreatedBody<SessionResponse>, ApiError> {
    let SignInSecret { secret, expires_at } = sign_in::create_session(cx, code).await?;
    Ok(CreatedBody(SessionResponse { session_key: secret.0, expires_at: Rfc3339(expires_at) }))
}
