//! The pages behind a link. Their texts are in `www/connect/`: one file for each page and language.

use super::language::choose;
use super::return_address::{host, scheme};
use crate::core::decide::link::return_uri;
use crate::core::{App, Scope, Timestamp};
use crate::dialects::html::{PageTemplate, Part, escape};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;
use crate::operations::link_page::{AnsweredPage, LinkPageState};

/// A page loads nothing but its own style and icon.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A page whose form cannot lead away sends it to its own origin. Browsers compare every redirect that follows a form with
/// this, also those that the app makes later, which Hookswitch does not know.
const FORM_POLICY: &str = "; form-action 'self'";

/// A page with one message.
pub(super) fn message(status: u16, name: &str, app: Option<&App>, languages: &str) -> HttpResponse {
    let parts = app.iter().map(|app| text("app", &app.registration.name)).collect();
    response(status, name, parts, languages, FORM_POLICY)
}

/// The page that asks the holder of a token to approve or decline.
///
/// # Errors
/// The app does not exist any more, or has removed the redirect URI.
pub(super) fn question(
    token: &str,
    state: Option<&str>,
    shown: &LinkPageState,
    languages: &str,
    origin: &str,
) -> Result<HttpResponse, ApiError> {
    let LinkPageState { verdict, app, page } = shown;
    let return_uri = return_uri(&verdict.facts, app.as_ref())?;
    let mut parts = vec![
        text("token", token),
        text("page", &form_page(page, app.as_ref())),
        text("state", state.unwrap_or_default()),
        text("host", host(origin).unwrap_or_default()),
    ];
    if let Some(app) = app {
        parts.push(text("app", &app.registration.name));
        parts.extend(app.registration.description.iter().map(|description| text("description", description)));
    }
    if let Some(scope) = &verdict.facts.scope {
        parts.push(("list", list(scope)));
    }
    if let Some(expires_at) = verdict.expires_at {
        parts.push(("time", time(expires_at)));
    }
    if let Some(uri) = return_uri {
        // The URI of an app on a device has no host, and its scheme identifies the app.
        parts.push(text("place", host(uri).unwrap_or_else(|| scheme(uri))));
    }
    let name = if app.is_some() { "connect" } else { "continue" };
    let policy = if return_uri.is_some() { "" } else { FORM_POLICY };
    Ok(response(200, name, parts, languages, policy))
}

/// The value of the form's field `page`: the id of the page, and the app that the page names.
fn form_page(page: &str, app: Option<&App>) -> String {
    app.map_or_else(|| page.to_owned(), |app| format!("{page} {}", app.app_id))
}

/// Reads the form's field `page`.
pub(super) fn answered(page: &str) -> AnsweredPage {
    let (id, app_id) = page.split_once(' ').unwrap_or((page, ""));
    AnsweredPage { id: id.to_owned(), app_id: app_id.parse().ok() }
}

fn response(status: u16, name: &str, parts: Vec<Part>, languages: &str, form_policy: &str) -> HttpResponse {
    let language = choose(languages);
    HttpResponse::page(status, PageTemplate { path: format!("/connect/{language}/{name}.txt"), parts })
        .with("content-security-policy", format!("{POLICY}{form_policy}"))
        .with("content-language", language)
        .with("x-robots-tag", "noindex")
}

fn text(name: &'static str, text: &str) -> Part {
    (name, escape(text))
}

/// The scopes as a list.
fn list(scope: &Scope) -> String {
    let items: Vec<_> = scope.words().map(|word| format!("<li><code>{}</code>", escape(word))).collect();
    format!("<ul>{}</ul>", items.concat())
}

/// A time to the minute, which reads the same in every language.
fn time(at: Timestamp) -> String {
    let text = at.rfc3339();
    let (date, minute) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    format!("<time datetime=\"{text}\">{date} {minute} UTC</time>")
}
