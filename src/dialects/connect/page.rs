//! The pages behind a link. What they say is in `www/connect/`: one file for each page and language.

use super::address::{host, scheme};
use crate::core::decide::way_back;
use crate::core::{App, Handle, Scope, Timestamp, Verdict};
use crate::dialects::html::{Page, Part, escape};
use crate::dialects::{Failure, Reply, Visitor};

/// Nothing but its own style and icon.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What is added where no answer leads away. Browsers hold every redirect that follows a form against this, also those
/// that the app makes from its own page on: where one leads away, nobody knows where to in the end.
const STAYS: &str = "; form-action 'self'";

/// Every language that the pages speak (BCP 47). The first one is for who reads none of them.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];

/// The first language of an `Accept-Language` that the pages speak. Browsers put the best one first.
#[must_use]
pub fn language(accepted: &str) -> &'static str {
    for wanted in accepted.split(',') {
        for language in LANGUAGES {
            let rest = wanted.trim_start().strip_prefix(language);
            if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
                return language;
            }
        }
    }
    let [english, ..] = LANGUAGES;
    english
}

/// A page by its name, in a language of those that are accepted, about an app, if there is one.
pub(super) fn says(status: u16, accepted: &str, name: &str, app: Option<&App>) -> Reply {
    let mut parts = Vec::new();
    if let Some(app) = app {
        put(&mut parts, "app", &app.registration.name);
    }
    reply(status, accepted, name, parts, STAYS)
}

/// Puts a text in the place of a name.
fn put(parts: &mut Vec<Part>, name: &'static str, text: &str) {
    parts.push((name, escape(text)));
}

fn reply(status: u16, accepted: &str, name: &str, parts: Vec<Part>, policy: &str) -> Reply {
    let language = language(accepted);
    let path = ["/connect/", language, "/", name, ".txt"].concat();
    Reply::page(status, Page { path, parts })
        .with("content-security-policy", &[POLICY, policy].concat())
        .with("content-language", language)
        .with("x-robots-tag", "noindex")
}

/// What a link asks, with the buttons to answer it.
///
/// # Errors
/// The refusal, where the app does not take its users back to where the link leads.
pub(super) fn asks(
    token: &Handle,
    verdict: &Verdict,
    app: Option<&App>,
    visitor: &Visitor,
    origin: &str,
) -> Result<Reply, Failure> {
    let facts = &verdict.facts;
    let back = way_back(facts, app)?;
    let mut page = visitor.page.clone().unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(app) = app {
        page.push(' ');
        page.push_str(app.app_id.as_str());
        put(&mut parts, "app", &app.registration.name);
        if let Some(description) = &app.registration.description {
            put(&mut parts, "description", description);
        }
    }
    if let Some(scope) = &facts.scope {
        parts.push(("list", list(scope)));
    }
    if let Some(until) = verdict.expires_at {
        parts.push(("time", time(until)));
    }
    if let Some(back) = back {
        // Of an app of the desktop, the scheme tells more than whatever stands for a host there.
        put(&mut parts, "place", host(back).unwrap_or_else(|| scheme(back)));
    }
    put(&mut parts, "token", &token.text());
    put(&mut parts, "page", &page);
    put(&mut parts, "state", visitor.state.as_deref().unwrap_or_default());
    put(&mut parts, "host", host(origin).unwrap_or_default());
    let name = if app.is_some() { "connect" } else { "continue" };
    let policy = if back.is_some() { "" } else { STAYS };
    Ok(reply(200, &visitor.languages, name, parts, policy))
}

/// What an app asks for.
fn list(scope: &Scope) -> String {
    let mut list = "<ul>".to_owned();
    for word in scope.words() {
        for part in ["<li><code>", &escape(word), "</code>"] {
            list.push_str(part);
        }
    }
    list.push_str("</ul>");
    list
}

/// A time to the minute, as all four languages can read it.
fn time(at: Timestamp) -> String {
    let written = at.rfc3339();
    let (date, minute) = (written.get(..10).unwrap_or_default(), written.get(11..16).unwrap_or_default());
    ["<time datetime=\"", &written, "\">", date, " ", minute, " UTC</time>"].concat()
}
