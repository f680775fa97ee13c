//! The meanings of the answers of the providers in the catalogue, where they are more than "200 is a success".
//!
//! Only documented answers count. If an answer can mean several things, the error in its body shows the meaning.

use crate::core::provider::{AnswerMeaning, AnswerRule, AnswerValue};

use AnswerMeaning::{Gone, Retry, Revoked};
use CatalogueValue::{Flag, Number, Text};

/// An [`AnswerRule`] as a constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct CatalogueRule {
    status: u16,
    body: &'static [(&'static str, CatalogueValue)],
    means: AnswerMeaning,
}

/// An [`AnswerValue`] as a constant.
#[derive(Clone, Copy, Debug)]
enum CatalogueValue {
    Flag(bool),
    Number(i64),
    Text(&'static str),
}

const fn on(status: u16, body: &'static [(&'static str, CatalogueValue)], means: AnswerMeaning) -> CatalogueRule {
    CatalogueRule { status, body, means }
}

/// Only the status 200 means success. Apple and Discord answer so also if the token was invalid already. Linear's 400 and
/// QuickBooks' 400 can mean an invalid token and other things: they are no success.
pub(super) const OK: &[CatalogueRule] = &[on(200, &[], Revoked)];
/// Only the status 204 means success.
pub(super) const NO_CONTENT: &[CatalogueRule] = &[on(204, &[], Revoked)];

pub(super) const DROPBOX: &[CatalogueRule] = &[
    on(200, &[], Revoked),
    on(401, &[("/error/.tag", Text("invalid_access_token"))], Gone),
    on(401, &[("/error/.tag", Text("expired_access_token"))], Gone),
];

/// The code 190 alone can also mean that the user has to confirm something and the token works again after that: the
/// subcode shows that the user removed the app, changed the password, or that the token expired or is invalid.
pub(super) const FACEBOOK: &[CatalogueRule] = &[
    on(200, &[("/success", Flag(true))], Revoked),
    // The reference of the permissions says that the answer is `true`.
    on(200, &[("", Flag(true))], Revoked),
    on(400, &[("/error/code", Number(190)), ("/error/error_subcode", Number(458))], Gone),
    on(400, &[("/error/code", Number(190)), ("/error/error_subcode", Number(460))], Gone),
    on(400, &[("/error/code", Number(190)), ("/error/error_subcode", Number(463))], Gone),
    on(400, &[("/error/code", Number(190)), ("/error/error_subcode", Number(467))], Gone),
    on(400, &[("/error/is_transient", Flag(true))], Retry),
    on(400, &[("/error/code", Number(1))], Retry),
    on(400, &[("/error/code", Number(2))], Retry),
    on(400, &[("/error/code", Number(4))], Retry),
    on(400, &[("/error/code", Number(17))], Retry),
    on(403, &[("/error/code", Number(4))], Retry),
    on(403, &[("/error/code", Number(17))], Retry),
];

/// GitHub documents 204 and 422 only, and 422 also for an endpoint that was called too often.
pub(super) const GITHUB: &[CatalogueRule] = &[on(204, &[], Revoked), on(422, &[], Retry)];

/// `invalid_auth` is not here: it also means that the address of the caller is not allowed. `team_added_to_org` and
/// `org_login_required` last while a workspace moves to an organization.
pub(super) const SLACK: &[CatalogueRule] = &[
    on(200, &[("/ok", Flag(true)), ("/revoked", Flag(true))], Revoked),
    on(200, &[("/error", Text("token_revoked"))], Gone),
    on(200, &[("/error", Text("token_expired"))], Gone),
    on(200, &[("/error", Text("account_inactive"))], Gone),
    on(200, &[("/error", Text("team_added_to_org"))], Retry),
    on(200, &[("/error", Text("org_login_required"))], Retry),
];

pub(super) const TWITCH: &[CatalogueRule] =
    &[on(200, &[], Revoked), on(400, &[("/message", Text("Invalid token"))], Gone)];

pub(super) const ZOOM: &[CatalogueRule] = &[on(200, &[("/status", Text("success"))], Revoked)];

impl CatalogueRule {
    pub(super) fn rule(&self) -> AnswerRule {
        let value = |value| match value {
            Flag(flag) => AnswerValue::Flag(flag),
            Number(number) => AnswerValue::Number(number),
            Text(text) => AnswerValue::Text(text.to_owned()),
        };
        let body = self.body.iter().map(|&(pointer, expected)| (pointer.to_owned(), value(expected)));
        AnswerRule { status: self.status, body: body.collect(), means: self.means }
    }
}
