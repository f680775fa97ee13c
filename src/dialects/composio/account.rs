//! A connected account, as Composio's clients read it.

use serde::Serialize;

use super::status::AccountStatus;
use crate::core::{App, AppId, ConnectionId, ConnectionVerdict, Scope, Slug, Timestamp, UpstreamTokenType, UserId};
use crate::dialects::respond::EmptyObject;

/// Stands for a token of the provider.
const REDACTED: &str = "REDACTED";

/// The reason of an `EXPIRED` account: a link expires after ten minutes.
const UNFINISHED: &str = "Connection initiation did not complete within 10 minutes";

/// A connected account. Members that Hookswitch does not support (`word_id`, `alias`, sharing) have the values that
/// Composio returns for a private account.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioAccount {
    /// The account's id.
    id: ConnectionId,
    /// Always null.
    word_id: Option<&'static str>,
    /// Always null.
    alias: Option<&'static str>,
    /// The id of the user.
    user_id: UserId,
    toolkit: ComposioToolkit,
    auth_config: ComposioAuthConfig,
    status: AccountStatus,
    /// Why the account has its status, if there is a reason.
    status_reason: Option<String>,
    /// Whether the account is `INACTIVE`.
    is_disabled: bool,
    /// When the account was created.
    created_at: String,
    /// When the account entered its status.
    updated_at: String,
    state: ComposioState,
    /// Always empty.
    data: EmptyObject,
    /// Always empty.
    params: EmptyObject,
    experimental: ComposioSharing,
    /// The scopes that the app was granted. Absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_scopes: Option<Vec<String>>,
}

/// The provider whose tokens the account stores; the app if there is none.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioToolkit {
    slug: String,
}

/// The auth config: here, the app.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioAuthConfig {
    /// The app's id.
    id: AppId,
    /// Always `OAUTH2`.
    auth_scheme: &'static str,
    /// Always `false`.
    is_composio_managed: bool,
    /// Always `false`.
    is_disabled: bool,
}

/// The state that Composio's clients read by the status.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioState {
    /// Always `OAUTH2`.
    #[serde(rename = "authScheme")]
    auth_scheme: &'static str,
    val: ComposioStateValue,
}

/// The status with the members that Composio's clients require for it.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioStateValue {
    status: Option<AccountStatus>,
    /// Empty: the link is a secret, which is shown once, when it is created.
    #[serde(rename = "redirectUrl", skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'static str>,
    /// `REDACTED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'static str>,
    /// `REDACTED`, if the account stores a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'static str>,
    /// When the account expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_at: Option<String>,
    /// When the account was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// Whether the account is shared.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct ComposioSharing {
    /// Always `PRIVATE`.
    account_type: &'static str,
}

impl ComposioAccount {
    /// A connection as an account. `app` is its app, if that still exists.
    pub(super) fn of(verdict: &ConnectionVerdict, app: Option<&App>) -> Self {
        let (connection, status) = (&verdict.connection, AccountStatus::of(verdict));
        let unfinished = (status == AccountStatus::Expired).then(|| UNFINISHED.to_owned());
        let words = |scope: &Scope| scope.words().map(str::to_owned).collect();
        Self {
            id: connection.id.clone(),
            word_id: None,
            alias: None,
            user_id: verdict.user_id.clone(),
            toolkit: ComposioToolkit { slug: toolkit(verdict, app).to_owned() },
            auth_config: ComposioAuthConfig {
                id: connection.app_id.clone(),
                auth_scheme: "OAUTH2",
                is_composio_managed: false,
                is_disabled: false,
            },
            status,
            status_reason: verdict.state.reason.clone().or(unfinished),
            is_disabled: status == AccountStatus::Inactive,
            created_at: connection.created_at.rfc3339(),
            updated_at: verdict.state.at.rfc3339(),
            state: ComposioState { auth_scheme: "OAUTH2", val: ComposioStateValue::of(verdict, status) },
            data: EmptyObject {},
            params: EmptyObject {},
            experimental: ComposioSharing { account_type: "PRIVATE" },
            requested_scopes: connection.scope.as_ref().map(words),
        }
    }
}

fn toolkit<'a>(verdict: &'a ConnectionVerdict, app: Option<&'a App>) -> &'a str {
    let of_app = app.and_then(|app| app.registration.provider.as_ref());
    let provider = verdict.connection.provider.as_ref().or(of_app);
    provider.map_or(verdict.connection.app_id.as_str(), Slug::as_str)
}

impl ComposioStateValue {
    fn of(verdict: &ConnectionVerdict, status: AccountStatus) -> Self {
        let at = || Some(Timestamp::rfc3339(verdict.state.at));
        let value = Self { status: Some(status), ..Self::default() };
        match status {
            AccountStatus::Initiated => Self { redirect_url: Some(""), ..value },
            AccountStatus::Active | AccountStatus::Inactive => {
                let mut kept = verdict.credentials.iter().filter(|credential| credential.state.is_kept());
                let has_refresh_token = kept.any(|credential| credential.token_type == UpstreamTokenType::RefreshToken);
                let refresh_token = has_refresh_token.then_some(REDACTED);
                Self { access_token: Some(REDACTED), refresh_token, ..value }
            }
            AccountStatus::Expired => Self { expired_at: at(), ..value },
            AccountStatus::Revoked => Self { revoked_at: at(), ..value },
            AccountStatus::Initializing | AccountStatus::Failed => value,
        }
    }
}
