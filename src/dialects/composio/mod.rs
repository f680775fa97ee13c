//! Composio's connected accounts: link, list, read, disable and enable, delete, revoke; auth configs and toolkits: read.
//!
//! Source: Composio's API reference and the types of its clients, `/api/v3.1/connected_accounts…`
//! (<https://docs.composio.dev>). Every call but the revocation, which is new in v3.1, exists under `/api/v3` too.
//!
//! Where Composio is silent, this dialect decides:
//!
//! - The project's key is the root key or the API key of an admin. Every other key is 401.
//! - If the provider could not revoke any token, the answer is 500. The account is dead here nevertheless: it is
//!   `INACTIVE` until the retries succeed, and then `REVOKED`.
//! - If the provider could revoke some tokens, the answer is 200 and the account is `REVOKED` at once. The others are
//!   retried.
//! - A 409 or 500 has `x-should-retry: false`: Composio's clients repeat both, which gains nothing.
//! - No answer contains a token of a provider. `REDACTED` stands in its place.

mod account;
mod auth_configs;
mod error;
mod link;
pub mod list;
pub mod status;
mod toolkit;

use serde::{Deserialize, Serialize};

use self::account::ComposioAccount;
use self::status::AccountStatus;
use super::error_format::ErrorFormat;
use super::extract::{JsonBody, Path, RepeatedQuery};
use super::field::{Field, not_empty};
use super::field_types::{Flag, ShortText};
use super::operation::{Operation, Security, SecurityPlace, Tag};
use super::problem_types::{
    CONNECTION_EXPIRED, CONNECTION_INACTIVE, CONNECTION_INITIATED, CONNECTION_NOT_FOUND, CONNECTION_REVOKED,
    IDEMPOTENCY_CONFLICT, REVOCATION_UNSUPPORTED,
};
use super::request::HttpRequest;
use super::respond::{Body, Respond};
use super::response::HttpResponse;
use super::route::{Dialect, Route};
use super::validator::{Validate, Validator};
use crate::core::decide::connections::{AtProvider, ConnectionChanged, Switch};
use crate::core::{ConnectionId, ConnectionRef, ConnectionVerdict, CredentialState, DecisionError, UpstreamTokenType};
use crate::operations::{ApiError, Context, Credentials, Secret, connections};

/// Composio's API.
pub static DIALECT: Dialect = Dialect {
    name: "composio",
    prefixes: &["/api/v3.1/", "/api/v3/"],
    credentials: |request, _| Ok(project_key(request)),
    errors: ErrorFormat::of::<error::ComposioErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v3.1/connected_accounts", list::list).operation(|| list::LIST),
        Route::post("/api/v3.1/connected_accounts", link::initiate).operation(|| link::INITIATE),
        Route::get("/api/v3.1/auth_configs", auth_configs::list).operation(|| auth_configs::LIST),
        Route::get("/api/v3.1/auth_configs/{nanoid}", auth_configs::get).operation(|| auth_configs::GET),
        Route::get("/api/v3.1/toolkits/{slug}", toolkit::get).operation(|| toolkit::GET),
        Route::post("/api/v3.1/connected_accounts/link", link::create).operation(|| link::CREATE),
        Route::get("/api/v3.1/connected_accounts/{nanoid}", get).operation(|| GET),
        Route::delete("/api/v3.1/connected_accounts/{nanoid}", delete).operation(|| DELETE),
        Route::patch("/api/v3.1/connected_accounts/{nanoid}/status", set_enabled).operation(|| SET_ENABLED),
        Route::post("/api/v3.1/connected_accounts/{nanoid}/revoke", revoke).operation(|| REVOKE),
        Route::get("/api/v3/connected_accounts", list::list)
            .operation(|| Operation { id: "composioListAccountsV3", ..list::LIST }),
        Route::post("/api/v3/connected_accounts", link::initiate)
            .operation(|| Operation { id: "composioInitiateAccountV3", ..link::INITIATE }),
        Route::get("/api/v3/auth_configs", auth_configs::list)
            .operation(|| Operation { id: "composioListAuthConfigsV3", ..auth_configs::LIST }),
        Route::get("/api/v3/auth_configs/{nanoid}", auth_configs::get)
            .operation(|| Operation { id: "composioGetAuthConfigV3", ..auth_configs::GET }),
        Route::get("/api/v3/toolkits/{slug}", toolkit::get)
            .operation(|| Operation { id: "composioGetToolkitV3", ..toolkit::GET }),
        Route::post("/api/v3/connected_accounts/link", link::create)
            .operation(|| Operation { id: "composioCreateLinkV3", ..link::CREATE }),
        Route::get("/api/v3/connected_accounts/{nanoid}", get)
            .operation(|| Operation { id: "composioGetAccountV3", ..GET }),
        Route::delete("/api/v3/connected_accounts/{nanoid}", delete)
            .operation(|| Operation { id: "composioDeleteAccountV3", ..DELETE }),
        Route::patch("/api/v3/connected_accounts/{nanoid}/status", set_enabled)
            .operation(|| Operation { id: "composioSwitchAccountV3", ..SET_ENABLED }),
    ]
}

/// The project's key, or the key of one of its users.
fn project_key(request: &HttpRequest<'_>) -> Credentials {
    let keys = ["x-api-key", "x-user-api-key"].into_iter().filter_map(|name| request.header(name));
    let key = keys.into_iter().find(|key| !key.is_empty());
    key.map_or(Credentials::Missing, |key| Credentials::AdminKey(Secret(key)))
}

/// The connection that an account id names.
fn connection(cx: &Context<'_>, account_id: &str) -> ConnectionRef {
    ConnectionRef::of(cx.config.keyring.open(account_id))
}

async fn get(cx: &Context<'_>, Path(id): Path<String>) -> Result<Body<ComposioAccount>, ApiError> {
    let found = connections::get_with_app(cx, &connection(cx, &id)).await?;
    Ok(Body(ComposioAccount::of(&found.verdict, found.app.as_ref())))
}

/// The `status_reason` of an account that a client disables or enables.
const SWITCHED: &str = "Connection status updated by user";

/// A request to disable or enable an account. Other members are ignored, as Composio does.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioStatusRequest {
    /// Whether the account can be used.
    enabled: Field<Flag>,
    /// Why. The default is `Connection status updated by user`.
    #[serde(default, deserialize_with = "not_empty")]
    reason: Field<ShortText<1, 256>>,
}

impl Validate for ComposioStatusRequest {
    type Valid = (Switch, String);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let enabled = check.required("enabled", self.enabled);
        let reason = check.optional("reason", self.reason).map_or_else(|| SWITCHED.to_owned(), |ShortText(text)| text);
        Some((if enabled?.0 { Switch::Enable } else { Switch::Disable }, reason))
    }
}

/// The change was made.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioSuccess {
    /// Always `true`.
    success: bool,
}

async fn set_enabled(
    cx: &Context<'_>,
    Path(id): Path<String>,
    JsonBody((switch, reason)): JsonBody<ComposioStatusRequest>,
) -> Result<Body<ComposioSuccess>, ApiError> {
    connections::set_enabled(cx, &connection(cx, &id), switch, Some(reason)).await?;
    Ok(Body(ComposioSuccess { success: true }))
}

/// The parameters of a deletion. Others are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioDeleteParameters {
    /// Whether the provider is asked to revoke the tokens. By default they stay alive there and are erased here.
    #[serde(default)]
    revoke_on_delete: Field<list::Once<list::TrueOrFalse>>,
}

impl Validate for ComposioDeleteParameters {
    type Valid = AtProvider;

    fn validate(self, check: &mut Validator<'_>) -> Option<AtProvider> {
        Some(match check.optional("revoke_on_delete", self.revoke_on_delete) {
            Some(list::Once(list::TrueOrFalse::True)) => AtProvider::Revoke,
            _ => AtProvider::Forget,
        })
    }
}

/// An account was deleted.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioDeleted {
    /// Always `true`.
    success: bool,
    /// The revocation of the first token at the provider: `GET /v1/revocations/{id}` shows its progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_job_id: Option<String>,
}

async fn delete(
    cx: &Context<'_>,
    Path(id): Path<String>,
    RepeatedQuery(at_provider): RepeatedQuery<ComposioDeleteParameters>,
) -> Result<Body<ComposioDeleted>, ApiError> {
    let ConnectionChanged { previous, verdict, .. } =
        connections::delete(cx, &connection(cx, &id), at_provider).await?;
    let mut asked = verdict.credentials.iter().filter(|credential| is_asked(credential.state) && !previous.is_dead());
    let job = asked.next().map(|credential| credential.revocation_id(&verdict.user_id).to_string());
    Ok(Body(ComposioDeleted { success: true, revoke_job_id: job }))
}

/// Whether the provider was asked to revoke a credential, or will be.
const fn is_asked(state: CredentialState) -> bool {
    state.is_open() || state.is_dead()
}

/// The `status_reason` of an account that a client revokes.
const REVOKED: &str = "Revoked via user-initiated revoke endpoint";

/// Revokes an account at its provider. A body is ignored.
async fn revoke(cx: &Context<'_>, Path(id): Path<String>) -> Result<ComposioRevocation, ApiError> {
    match connections::revoke_active(cx, &connection(cx, &id), Some(REVOKED.to_owned())).await {
        Ok(ConnectionChanged { previous, verdict, .. }) if previous.is_dead() => {
            Ok(ComposioRevocation::of(&verdict, Vec::new()))
        }
        Ok(ConnectionChanged { verdict, .. }) => Ok(ComposioRevocation::new(cx, &verdict)),
        // The provider has revoked a part, and the others are retried: the account reads `REVOKED` already.
        Err(ApiError::Refused(DecisionError::InvalidConnectionState(verdict)))
            if AccountStatus::of(&verdict) == AccountStatus::Revoked =>
        {
            Ok(ComposioRevocation::of(&verdict, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

/// The result of a revocation.
enum ComposioRevocation {
    /// The account is revoked.
    Done(ComposioRevokedAccount),
    /// The provider has not revoked any token yet.
    NothingRevoked(HttpResponse),
}

impl ComposioRevocation {
    /// The result of a revocation that has just ended the connection.
    fn new(cx: &Context<'_>, verdict: &ConnectionVerdict) -> Self {
        let credentials = &verdict.credentials;
        let mut tokens = vec![UpstreamTokenType::AccessToken, UpstreamTokenType::RefreshToken];
        tokens.retain(|token_type| {
            credentials.iter().any(|credential| credential.token_type == *token_type && credential.state.is_dead())
        });
        if tokens.is_empty() && credentials.iter().any(|credential| is_asked(credential.state)) {
            Self::NothingRevoked(error::nothing_revoked(cx.request_id))
        } else {
            Self::of(verdict, tokens)
        }
    }

    fn of(verdict: &ConnectionVerdict, revoked_tokens: Vec<UpstreamTokenType>) -> Self {
        let connected_account =
            ComposioAccountRef { id: verdict.connection.id.clone(), status: AccountStatus::Revoked };
        Self::Done(ComposioRevokedAccount { revoked_tokens, connected_account })
    }
}

impl Respond for ComposioRevocation {
    fn respond(self) -> HttpResponse {
        match self {
            Self::Done(body) => Body(body).respond(),
            Self::NothingRevoked(response) => response,
        }
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        Body::<ComposioRevokedAccount>::describe(spec);
    }
}

/// A revoked account with the tokens that this request revoked at the provider.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioRevokedAccount {
    /// The tokens that the provider revoked, or reported as already invalid. Empty if the account was revoked before.
    revoked_tokens: Vec<UpstreamTokenType>,
    /// The account.
    connected_account: ComposioAccountRef,
}

/// An account with its status.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioAccountRef {
    /// The account's id.
    id: ConnectionId,
    /// `REVOKED`.
    status: AccountStatus,
}

const GET: Operation = Operation {
    id: "composioGetAccount",
    summary: "Read a connected account",
    description: "Returns a connected account with its status. Tokens of the provider are `REDACTED`.",
    tag: TAG,
    security: SECURITY,
    problems: &[&CONNECTION_NOT_FOUND],
};

const DELETE: Operation = Operation {
    id: "composioDeleteAccount",
    summary: "Delete a connected account",
    description: "Ends the account and hides it. With `revoke_on_delete=true` the provider is asked to revoke its \
        tokens.",
    tag: TAG,
    security: SECURITY,
    problems: &[&CONNECTION_NOT_FOUND],
};

const SET_ENABLED: Operation = Operation {
    id: "composioSwitchAccount",
    summary: "Disable or enable a connected account",
    description: "A disabled account is `INACTIVE`, and nothing under it can be used.",
    tag: TAG,
    security: SECURITY,
    problems: &[&CONNECTION_NOT_FOUND, &CONNECTION_INITIATED, &CONNECTION_EXPIRED, &CONNECTION_REVOKED],
};

const REVOKE: Operation = Operation {
    id: "composioRevokeAccount",
    summary: "Revoke a connected account at its provider",
    description: "Ends an `ACTIVE` account and asks its provider to revoke the tokens. An account that is `REVOKED` \
        stays so, and the answer lists no tokens. If the provider cannot revoke tokens, the answer is 400; if it did \
        not revoke any, 500.",
    tag: TAG,
    security: SECURITY,
    problems: &[
        &REVOCATION_UNSUPPORTED,
        &CONNECTION_NOT_FOUND,
        &CONNECTION_INITIATED,
        &CONNECTION_INACTIVE,
        &CONNECTION_EXPIRED,
        &IDEMPOTENCY_CONFLICT,
    ],
};

const TAG: Tag = Tag {
    name: "Composio",
    description: "Composio's connected accounts, which are connections, at Composio's paths. `/api/v3` has all calls of \
        `/api/v3.1` except the revocation.",
};

const SECURITY: &[Security] = &[
    Security {
        name: "composioKey",
        place: SecurityPlace::Header("x-api-key"),
        description: "An API key of an admin, or the root key.",
    },
    Security {
        name: "composioUserKey",
        place: SecurityPlace::Header("x-user-api-key"),
        description: "The same in Composio's other header. It counts only if `x-api-key` is absent.",
    },
];
