//! The page behind a link: `/connect?token=hct_…`.
//!
//! GET shows what is asked and changes nothing, whoever fetches it: a browser ahead of time, a mail scanner. POST
//! answers, and uses the token. The page is HTML without a script, and so is all that goes wrong.
//!
//! Who holds the token is taken for its user, so nobody is authenticated. The page does not say who the user is: a link
//! gets forwarded. A form that another site sent is refused: whoever holds a link could have anybody's browser connected
//! to an account of theirs with it. Our own form has `Origin: null`, since nothing here is to refer to anything, so it is
//! `Sec-Fetch-Site` that tells.

pub mod address;
pub mod page;

use super::failure::UNEXPECTED;
use super::{Ask, Beside, Call, Credential, Dialect, Done, Failure, Fields, Reply, Route, Visit, Visitor};
use crate::core::command::Consent;
use crate::core::decide::way_back;
use crate::core::{AppId, ConnectionStatus, Outcome, Refusal, Status, TokenKind};

/// The longest state of an app's, in characters.
const STATE_MAX: usize = 4_096;

/// The link page.
pub const DIALECT: Dialect = Dialect {
    name: "connect",
    prefixes: &["/connect/"],
    identify: |_| Ok(Credential::Held),
    refuse: |failure, asked| failure.on(refuse(failure, asked.languages)),
    routes: &[Route::get("/connect", take, parse, render), Route::post("/connect", take, parse, render)],
};

/// The parameters of a link, or of the form that answers it. What others have added is left alone.
fn take(call: &Call) -> Result<Fields, Failure> {
    let link = Fields::query(call)?;
    if !is_answer(call) {
        return Ok(link.open());
    }
    let site = call.headers.get("sec-fetch-site").unwrap_or_default();
    if matches!(site.as_str(), "cross-site" | "same-site") {
        return Err(Refusal::Forbidden.into());
    }
    Fields::form(call).map(Fields::open)
}

/// Whether this is the form.
const fn is_answer(call: &Call) -> bool {
    !call.body.is_empty()
}

fn parse(call: &Call, fields: &mut Fields) -> Option<Ask> {
    let (mut consent, mut page) = (None, None);
    if is_answer(call) {
        consent = match fields.string("consent").as_deref() {
            None | Some("approve") => Some(Consent::Approve),
            Some("decline") => Some(Consent::Decline),
            Some(_) => return fields.refuse(Failure::invalid("consent", Consent::CHOICES)),
        };
        page = fields.string("page");
    }
    let target = call.target(&fields.required_text("token")?).secret_of(TokenKind::ConnectionToken);
    let state = fields.short_text("state", STATE_MAX);
    // After the name of the page, which is a UUID, and a space.
    let app_id = page.as_deref().and_then(|page| AppId::parse(page.get(37..)?).ok());
    let visitor = Visitor { page, state, languages: call.headers.get("accept-language").unwrap_or_default() };
    Some(Ask::OfConsent(Visit { target, consent, app_id, visitor }))
}

fn render(done: &Done) -> Result<Reply, Failure> {
    let Beside::Visitor(visitor) = &done.beside else {
        return Err(UNEXPECTED);
    };
    let (app, origin) = (done.apps.first(), done.context.origin.as_str());
    let send = |back: &str, name: &str, value: &str| {
        let location = address::answer(back, (name, value), visitor.state.as_deref(), origin);
        Ok(Reply::empty(303).with("location", &location))
    };
    let name = match &done.outcome {
        Outcome::Verdict(verdict) if verdict.status() == Status::Valid => {
            return page::asks(done.handle()?, verdict, app, visitor, origin);
        }
        Outcome::Verdict(verdict) => return Ok(dead(verdict.status(), &visitor.languages)),
        Outcome::Minted(code) => {
            let back = code.facts.redirect_uri.as_deref().ok_or(UNEXPECTED)?;
            return send(back, "code", &done.handle()?.text());
        }
        Outcome::Consumed(..) if app.is_some() => "connected",
        Outcome::Consumed(..) => "done",
        // The token is dead, whatever became of its app.
        Outcome::Revoked { verdict, .. } => match way_back(&verdict.facts, app) {
            Ok(Some(back)) => return send(back, "error", "access_denied"),
            _ => "declined",
        },
        _ => return Err(UNEXPECTED),
    };
    Ok(page::says(200, &visitor.languages, name, app))
}

/// Why there is nothing to answer.
fn refuse(failure: &Failure, languages: &str) -> Reply {
    let status = failure.meaning().status;
    let name = match failure {
        Failure::Refused(Refusal::Dead(verdict)) => return dead(verdict.status(), languages),
        Failure::Refused(Refusal::ConnectionIs(verdict)) => {
            let inactive = verdict.status() == ConnectionStatus::Inactive;
            return dead(if inactive { Status::Inactive } else { Status::Revoked }, languages);
        }
        // What the same page was answered before cannot be read any more; that it was answered is known.
        Failure::Refused(Refusal::IdempotencyConflict) => return dead(Status::Consumed, languages),
        Failure::Refused(Refusal::AppUnknown | Refusal::RedirectUriUnregistered) => "changed",
        Failure::Refused(Refusal::Forbidden) => "elsewhere",
        Failure::Invalid(_) | Failure::MediaType | Failure::TooLarge => "incomplete",
        _ if status == 429 || status >= 500 => "failed",
        _ => "unknown",
    };
    page::says(status, languages, name, None)
}

/// What is said of a token that cannot be used.
fn dead(status: Status, languages: &str) -> Reply {
    let (status, name) = match status {
        Status::Consumed => (410, "consumed"),
        Status::Revoked => (410, "revoked"),
        Status::Inactive => (409, "inactive"),
        Status::Expired | Status::Valid => (410, "expired"),
    };
    page::says(status, languages, name, None)
}
