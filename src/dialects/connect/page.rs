//! The pages behind a link.

use super::address::{host, scheme};
use super::html::{Part, escape, fill};
use super::words::{Language, Words};
use crate::core::decide::way_back;
use crate::core::{App, Handle, Timestamp, Verdict};
use crate::dialects::{Failure, Reply, Visitor};

const PAGE: &str = include_str!("../../../www/connect/page.html");
const FORM: &str = include_str!("../../../www/connect/form.html");
/// Nothing but its own style and icon.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What is added where no answer leads away. Browsers hold every redirect that follows a form against this, also those
/// that the app makes from its own page on: where one leads away, nobody knows where to in the end.
const STAYS: &str = "; form-action 'self'";

/// A page, as far as it is known.
pub(super) struct Page {
    language: Language,
    parts: Vec<Part>,
    /// Whether its form leads away.
    leads_away: bool,
}

impl Page {
    /// A page with this heading, and nothing to answer.
    pub(super) fn new(languages: &str, app: Option<&App>, title: Words) -> Self {
        let mut page = Self { language: Language::of(languages), parts: Vec::new(), leads_away: false };
        page.put("language", page.language.tag);
        if let Some(app) = app {
            page.put("app", &escape(&app.registration.name));
        }
        page.say("title", title);
        page
    }

    /// Puts HTML somewhere.
    fn put(&mut self, name: &'static str, html: &str) {
        self.parts.push((name, html.to_owned()));
    }

    /// Puts words somewhere, with what is known so far in them.
    pub(super) fn say(&mut self, name: &'static str, words: Words) {
        let html = fill(self.language.say(words), &self.parts);
        self.parts.push((name, html));
    }

    /// The page as an answer.
    pub(super) fn reply(&self, status: u16) -> Reply {
        Reply::text(status, "text/html; charset=utf-8", fill(PAGE, &self.parts))
            .with("content-security-policy", &[POLICY, if self.leads_away { "" } else { STAYS }].concat())
            .with("content-language", self.language.tag)
            .with("x-robots-tag", "noindex")
    }
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
    let mut name = visitor.page.clone().unwrap_or_default();
    let (title, text, approve) = if let Some(app) = app {
        name.push(' ');
        name.push_str(app.app_id.as_str());
        (Words::ConnectTitle, Words::AppAsks, Words::Connect)
    } else {
        (Words::ContinueTitle, Words::LetsIn, Words::Continue)
    };
    let mut page = Page::new(&visitor.languages, app, title);
    for (name, words) in [("text", text), ("approve", approve), ("decline", Words::Decline)] {
        page.say(name, words);
    }
    if let Some(description) = app.and_then(|app| app.registration.description.as_ref()) {
        page.put("description", &escape(description));
    }
    if let Some(scope) = &facts.scope {
        let mut list = "<ul>".to_owned();
        for word in scope.words() {
            list.push_str("<li><code>");
            list.push_str(&escape(word));
            list.push_str("</code>");
        }
        list.push_str("</ul>");
        page.say("scopes", Words::Scopes);
        page.put("list", &list);
    }
    if let Some(until) = verdict.expires_at {
        page.put("time", &time(until));
        page.say("until", Words::Until);
    }
    page.leads_away = back.is_some();
    if let Some(back) = back {
        // Of an app of the desktop, the scheme tells more than whatever stands for a host there.
        page.put("place", &escape(host(back).unwrap_or_else(|| scheme(back))));
        page.say("onward", Words::GoesOn);
    }
    page.put("token", &token.text());
    page.put("page", &escape(&name));
    page.put("state", &escape(visitor.state.as_deref().unwrap_or_default()));
    let form = fill(FORM, &page.parts);
    page.put("form", &form);
    page.put("host", host(origin).unwrap_or_default());
    Ok(page.reply(200))
}

/// A time to the minute, as all four languages can read it.
fn time(at: Timestamp) -> String {
    let written = at.rfc3339();
    let (date, minute) = (written.get(..10).unwrap_or_default(), written.get(11..16).unwrap_or_default());
    ["<time datetime=\"", &written, "\">", date, " ", minute, " UTC</time>"].concat()
}
