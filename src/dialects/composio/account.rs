//! A connected account, as Composio shows one.

use crate::core::json::Object;
use crate::core::{App, ConnectionStatus, ConnectionVerdict, Slug, TokenType};
use crate::dialects::reply::texts;

/// What stands for a token of a provider's.
const REDACTED: &str = "REDACTED";

/// Why an account is `EXPIRED`: a link is good for ten minutes.
const UNFINISHED: &str = "Connection initiation did not complete within 10 minutes";

/// The status in Composio's words. It knows none for an account that is dead here and not yet at its provider: one that
/// is dead there in part is `REVOKED`, and one that is not at all cannot be used, and is not revoked.
pub(super) fn status(verdict: &ConnectionVerdict) -> &'static str {
    match verdict.status() {
        ConnectionStatus::Initiated => "INITIATED",
        ConnectionStatus::Active => "ACTIVE",
        ConnectionStatus::Failed => "FAILED",
        ConnectionStatus::Expired => "EXPIRED",
        ConnectionStatus::Revoked => "REVOKED",
        ConnectionStatus::Revoking if verdict.is_dead_in_part() => "REVOKED",
        ConnectionStatus::Inactive | ConnectionStatus::Revoking => "INACTIVE",
    }
}

/// The account with every member that the clients need. Those that say of a secret, of an alias or of sharing what there
/// is not here are as they are for an account of one's own.
pub(super) fn body(verdict: &ConnectionVerdict, apps: &[App]) -> Object {
    let (connection, status) = (&verdict.connection, status(verdict));
    let unfinished = (status == "EXPIRED").then_some(UNFINISHED);
    let scopes = connection.scope.as_ref().map(|scope| texts(&mut scope.words()));
    let auth_config = Object::new()
        .with("id", connection.app_id.as_str())
        .with("auth_scheme", "OAUTH2")
        .with("is_composio_managed", false)
        .with("is_disabled", false);
    Object::new()
        .with("id", connection.id.as_str())
        .with("word_id", None::<&str>)
        .with("alias", None::<&str>)
        .with("user_id", verdict.user_id.as_str())
        .with("toolkit", Object::new().with("slug", toolkit(verdict, apps)))
        .with("auth_config", auth_config)
        .with("status", status)
        .with("status_reason", verdict.standing.reason.as_deref().or(unfinished))
        .with("is_disabled", status == "INACTIVE")
        .with("created_at", connection.created_at)
        .with("updated_at", verdict.standing.at)
        .with("state", Object::new().with("authScheme", "OAUTH2").with("val", state(verdict, status)))
        .with("data", Object::new())
        .with("params", Object::new())
        .with("experimental", Object::new().with("account_type", "PRIVATE"))
        .with_some("requested_scopes", scopes)
}

/// Whose credentials it holds, or would; where nobody's, the app.
fn toolkit<'a>(verdict: &'a ConnectionVerdict, apps: &'a [App]) -> &'a str {
    let app_id = &verdict.connection.app_id;
    let of_app = || apps.iter().find(|app| app.app_id == *app_id)?.registration.provider.as_ref();
    verdict.connection.provider.as_ref().or_else(of_app).map_or(app_id.as_str(), Slug::as_str)
}

/// What the clients read by the status, with all that they want to find there.
fn state(verdict: &ConnectionVerdict, status: &str) -> Object {
    let state = Object::new().with("status", status);
    let at = verdict.standing.at;
    match status {
        // The link is a secret that is shown once, when it is made.
        "INITIATED" => state.with("redirectUrl", ""),
        "ACTIVE" | "INACTIVE" => {
            let mut kept = verdict.credentials.iter().filter(|credential| credential.state.is_kept());
            let has_refresh_token = kept.any(|credential| credential.token_type == TokenType::RefreshToken);
            state.with("access_token", REDACTED).with_some("refresh_token", has_refresh_token.then_some(REDACTED))
        }
        "EXPIRED" => state.with("expired_at", at),
        "REVOKED" => state.with("revoked_at", at),
        _ => state,
    }
}
