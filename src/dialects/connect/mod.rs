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
pub mod html;
mod page;
pub mod words;

use self::page::Page;
use self::words::Words;
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
    routes: &[Route::get("/connect", parse, render), Route::post("/connect", parse, render)],
};

/// Reads a link, or the form that answers it. What others have added to a link is left alone.
fn parse(call: &Call) -> Result<Ask, Failure> {
    let header = |name| call.headers.get(name).unwrap_or_default();
    let (mut fields, mut consent, mut page) = (Fields::query(call)?, None, None);
    if !call.body.is_empty() {
        if matches!(header("sec-fetch-site").as_str(), "cross-site" | "same-site") {
            return Err(Refusal::Forbidden.into());
        }
        fields = Fields::form(call)?;
        consent = match fields.string("consent").as_deref() {
            None | Some("approve") => Some(Consent::Approve),
            Some("decline") => Some(Consent::Decline),
            Some(_) => return Err(Failure::invalid("consent", Consent::CHOICES)),
        };
        page = fields.string("page");
    }
    let target = call.target(&fields.required_text("token")?).secret_of(TokenKind::ConnectionToken);
    let state = fields.short_text("state", STATE_MAX);
    fields.check()?;
    // After the name of the page, which is a UUID, and a space.
    let app_id = page.as_deref().and_then(|page| AppId::parse(page.get(37..)?).ok());
    let visitor = Visitor { page, state, languages: header("accept-language") };
    Ok(Ask::OfConsent(Visit { target, consent, app_id, visitor }))
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
    let (title, text) = match &done.outcome {
        Outcome::Verdict(verdict) if verdict.status() == Status::Valid => {
            return page::asks(done.handle()?, verdict, app, visitor, origin);
        }
        Outcome::Verdict(verdict) => return Ok(dead(verdict.status(), &visitor.languages)),
        Outcome::Minted(code) => {
            let back = code.facts.redirect_uri.as_deref().ok_or(UNEXPECTED)?;
            return send(back, "code", &done.handle()?.text());
        }
        Outcome::Consumed(..) if app.is_some() => (Words::Connected, Words::Close),
        Outcome::Consumed(..) => (Words::Done, Words::Close),
        // The token is dead, whatever became of its app.
        Outcome::Revoked { verdict, .. } => match way_back(&verdict.facts, app) {
            Ok(Some(back)) => return send(back, "error", "access_denied"),
            _ => (Words::Declined, Words::NothingConnected),
        },
        _ => return Err(UNEXPECTED),
    };
    let mut page = Page::new(&visitor.languages, app, title);
    page.say("text", text);
    Ok(page.reply(200))
}

/// Why there is nothing to answer.
fn refuse(failure: &Failure, languages: &str) -> Reply {
    let status = failure.meaning().status;
    let (title, text) = match failure {
        Failure::Refused(Refusal::Dead(verdict)) => return dead(verdict.status(), languages),
        Failure::Refused(Refusal::ConnectionIs(verdict)) => {
            let inactive = verdict.status() == ConnectionStatus::Inactive;
            return dead(if inactive { Status::Inactive } else { Status::Revoked }, languages);
        }
        // What the same page was answered before cannot be read any more; that it was answered is known.
        Failure::Refused(Refusal::IdempotencyConflict) => return dead(Status::Consumed, languages),
        Failure::Refused(Refusal::AppUnknown | Refusal::RedirectUriUnregistered) => {
            (Words::AppChanged, Words::NoWayBack)
        }
        Failure::Refused(Refusal::Forbidden) => (Words::Elsewhere, Words::InYourPlace),
        Failure::Invalid(_) | Failure::MediaType | Failure::TooLarge => (Words::Incomplete, Words::OpenAsSent),
        _ if status == 429 || status >= 500 => (Words::Failed, Words::TryAgain),
        _ => (Words::Unknown, Words::OpenAsSent),
    };
    says(status, languages, title, text)
}

/// What is said of a token that cannot be used.
fn dead(status: Status, languages: &str) -> Reply {
    let (title, text) = match status {
        Status::Consumed => (Words::Consumed, Words::OnlyOnce),
        Status::Revoked => (Words::Revoked, Words::AskForNew),
        Status::Inactive => return says(409, languages, Words::Inactive, Words::ComesBack),
        Status::Expired | Status::Valid => (Words::Expired, Words::AskForNew),
    };
    says(410, languages, title, text)
}

fn says(status: u16, languages: &str, title: Words, text: Words) -> Reply {
    let mut page = Page::new(languages, None, title);
    page.say("text", text);
    page.reply(status)
}
