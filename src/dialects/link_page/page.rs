//! The pages behind a link. Their texts are in `www/connect/`: one file for each page and language.

use super::language::choose;
use super::return_address::{host, scheme};
use crate::core::app::AppSource;
use crate::core::decide::link::return_uri;
use crate::core::token::LinkPurpose;
use crate::core::{App, Scope, ScopeCatalogue, Timestamp};
use crate::dialects::html::{PageTemplate, Part, escape};
use crate::dialects::response::HttpResponse;
use crate::operations::ApiError;
use crate::operations::link_page::{AnsweredPage, LinkPageState};

/// A page loads nothing but its own style, icon and script, and the logo of its app.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'";
/// The policy of a page that shows a time: a script shows it in the time zone of the browser.
const SCRIPT_POLICY: &str = "; script-src 'self'";
/// The script of a page that shows a time.
const SCRIPT: &str = "/connect.js";
/// A page whose form cannot lead away sends it to its own origin. Browsers compare every redirect that follows a form with
/// this, also those that the app makes later, which Hookswitch does not know.
const FORM_POLICY: &str = "; form-action 'self'";

/// A page with one message, and the way back to the app.
pub(super) fn message(status: u16, name: &str, app: Option<&App>, languages: &str, origin: &str) -> HttpResponse {
    let mut parts = host_part(origin);
    if let Some(App { registration, .. }) = app {
        parts.push(text("app", &registration.name));
        parts.extend(registration.homepage_url.iter().map(|url| text("homepage", url)));
    }
    response(status, name, parts, languages, FORM_POLICY)
}

/// The host of the deployment, if it is known.
fn host_part(origin: &str) -> Vec<Part> {
    host(origin).into_iter().filter(|host| !host.is_empty()).map(|host| text("host", host)).collect()
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
        text("action", "/connect"),
        text("token", token),
        text("page", &form_page(page, app.as_ref())),
        text("state", state.unwrap_or_default()),
        text("host", host(origin).unwrap_or_default()),
    ];
    let mut policy = String::new();
    if let Some(app) = app {
        policy.push_str(&show_app(app, &mut parts));
    }
    if let Some(scope) = &verdict.facts.scope {
        parts.push(("list", list(scope, |word| app.as_ref().and_then(|app| app.scope_description(word)))));
    }
    if let Some(expires_at) = verdict.expires_at {
        parts.push(("time", time(expires_at)));
        parts.push(text("script", SCRIPT));
        policy.push_str(SCRIPT_POLICY);
    }
    if let Some(uri) = return_uri {
        // The URI of an app on a device has no host, and its scheme identifies the app.
        parts.push(text("place", host(uri).unwrap_or_else(|| scheme(uri))));
    }
    let name = match (verdict.facts.link_purpose, app) {
        (LinkPurpose::Connect, Some(_)) => "connect",
        (LinkPurpose::Connect, None) => "continue",
        (LinkPurpose::Invite, Some(_)) => "join",
        (LinkPurpose::Invite, None) => "invitation",
    };
    if return_uri.is_none() {
        policy.push_str(FORM_POLICY);
    }
    Ok(response(200, name, parts, languages, &policy))
}

/// Adds the name, description and logo of an app to a page. Returns the end of the policy that allows the logo.
fn show_app(app: &App, parts: &mut Vec<Part>) -> String {
    let registration = &app.registration;
    parts.push(text("app", &registration.name));
    parts.extend(registration.description.iter().map(|description| text("description", description)));
    let logo = registration.logo_url.as_deref().and_then(|url| Some((url, web_origin(url)?)));
    let Some((url, origin)) = logo else {
        return String::new();
    };
    parts.push(text("logo", url));
    format!(" {origin}")
}

/// Scheme, host and port of a web address, if a content security policy can contain them.
fn web_origin(url: &str) -> Option<&str> {
    let host = host(url)?;
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let length = url.find(host)?.checked_add(host.len())?;
    url.get(..length).filter(|_| is_host)
}

/// The content of a consent page: the request, the app and its scopes.
pub(in crate::dialects) struct ConsentQuestion<'a> {
    pub(in crate::dialects) challenge: &'a str,
    pub(in crate::dialects) verifier: &'a str,
    pub(in crate::dialects) app: &'a App,
    /// The scopes of the deployment, with descriptions for those that the app does not describe.
    pub(in crate::dialects) scopes: &'a ScopeCatalogue,
    pub(in crate::dialects) scope: Option<&'a Scope>,
    pub(in crate::dialects) redirect_uri: &'a str,
}

/// The page that asks a user who has signed in to approve or decline the request of an app.
pub(in crate::dialects) fn consent(question: &ConsentQuestion<'_>, languages: &str, origin: &str) -> HttpResponse {
    let ConsentQuestion { challenge, verifier, app, scopes, scope, redirect_uri } = question;
    let mut parts = vec![
        text("action", "/oauth/consent"),
        text("challenge", challenge),
        text("verifier", verifier),
        text("host", host(origin).unwrap_or_default()),
        text("place", host(redirect_uri).unwrap_or_else(|| scheme(redirect_uri))),
    ];
    let policy = show_app(app, &mut parts);
    // The name of such a client is its own choice; its host is not.
    let client = host(app.app_id.as_str()).filter(|_| app.source == AppSource::Document);
    parts.extend(client.map(|client| text("client", client)));
    let describe = |word: &str| app.scope_description(word).or_else(|| scopes.get(word));
    parts.extend(scope.map(|scope| ("list", list(scope, describe))));
    response(200, "connect", parts, languages, &policy).with("x-frame-options", "DENY")
}

/// A page with one message, and with details for developers.
pub(in crate::dialects) fn explanation(
    status: u16,
    name: &str,
    detail: Option<&str>,
    languages: &str,
    origin: &str,
) -> HttpResponse {
    let mut parts = host_part(origin);
    parts.extend(detail.iter().map(|detail| text("description", detail)));
    response(status, name, parts, languages, FORM_POLICY)
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

fn response(status: u16, name: &str, parts: Vec<Part>, languages: &str, policy: &str) -> HttpResponse {
    let language = choose(languages);
    HttpResponse::page(status, PageTemplate { path: format!("/connect/{language}/{name}.txt"), parts })
        .with("content-security-policy", format!("{POLICY}{policy}"))
        .with("content-language", language)
        .with("x-robots-tag", "noindex")
}

fn text(name: &'static str, text: &str) -> Part {
    (name, escape(text))
}

/// The scopes as a list: in words, if there is a description, and always by their names.
fn list<'a>(scope: &Scope, describe: impl Fn(&str) -> Option<&'a str>) -> String {
    let item = |word| {
        let name = format!("<code>{}</code>", escape(word));
        match describe(word) {
            Some(description) => format!("<li>{} {name}</li>", escape(description)),
            None => format!("<li>{name}</li>"),
        }
    };
    let items: Vec<_> = scope.words().map(item).collect();
    format!("<ul>{}</ul>", items.concat())
}

/// A time to the minute, which reads the same in every language. The script of the page shows it in the time zone of the
/// browser.
fn time(at: Timestamp) -> String {
    let exact = at.rfc3339();
    let (date, minute) = (exact.get(..10).unwrap_or_default(), exact.get(11..16).unwrap_or_default());
    let text = format!("{date} {minute} UTC");
    format!("<time datetime=\"{exact}\" title=\"{text}\">{text}</time>")
}
