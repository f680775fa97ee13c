//! The consent page: a user who has signed in approves or declines the request of an app.
//!
//! The page needs the cookie that the authorize endpoint set and the verifier that the operator's backend got for the user.
//! A browser sends the cookie (`SameSite=Lax`) when a page of the operator leads here, and never with a form of another
//! site.

use serde::Deserialize;

use super::TAG;
use super::browser::{Browser, cookie_name};
use super::request::{AppError, see_other};
use crate::core::decide::authorizations::ConsentStep;
use crate::core::{AuthorizationRequest, NamedToken};
use crate::dialects::extract::{FormBody, Query};
use crate::dialects::field::Field;
use crate::dialects::link_page::{SameSite, page, return_address};
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::{
    APP_NOT_FOUND, AUTHORIZATION_NOT_FOUND, FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_SCOPE,
    REDIRECT_URI_NOT_REGISTERED, TOKEN_CONSUMED, TOKEN_EXPIRED, TOKEN_NOT_FOUND, TOKEN_REVOKED, USER_NOT_CONNECTABLE,
    USER_NOT_FOUND,
};
use crate::dialects::respond::Respond;
use crate::dialects::response::HttpResponse;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::authorize::{self, ConsentResult, ConsentVisit};
use crate::operations::link_page::Consent;
use crate::operations::{ApiError, Context};

/// The parameters of the consent page.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ConsentParameters {
    /// The login challenge.
    challenge: Field<String>,
    /// The verifier.
    verifier: Field<String>,
}

/// The request that a user answers, and the verifier.
pub(super) struct ConsentLink {
    challenge: String,
    verifier: String,
}

impl Validate for ConsentParameters {
    type Valid = ConsentLink;

    fn validate(self, check: &mut Validator<'_>) -> Option<ConsentLink> {
        let challenge = check.required("challenge", self.challenge);
        let verifier = check.required("verifier", self.verifier);
        Some(ConsentLink { challenge: challenge?, verifier: verifier? })
    }
}

/// The form of the consent page.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ConsentForm {
    /// The login challenge.
    challenge: Field<String>,
    /// The verifier.
    verifier: Field<String>,
    /// The user's answer.
    consent: Field<Consent>,
}

impl Validate for ConsentForm {
    type Valid = (ConsentLink, Consent);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let link = ConsentParameters { challenge: self.challenge, verifier: self.verifier }.validate(check);
        let consent = check.required("consent", self.consent);
        Some((link?, consent?))
    }
}

/// Opens the page. A request that the user agreed to before is approved at once.
pub(super) async fn show(
    cx: &Context<'_>,
    browser: Browser,
    Query(link): Query<ConsentParameters>,
) -> Result<ConsentPage, ApiError> {
    let request = authorize::open(cx, &link.challenge)?;
    let step = if request.asks_for_consent() { ConsentStep::OpenAndAsk } else { ConsentStep::Open };
    visit(cx, &browser, &link, &request, step).await
}

/// Answers the page.
pub(super) async fn answer(
    cx: &Context<'_>,
    _: SameSite,
    browser: Browser,
    FormBody((link, consent)): FormBody<ConsentForm>,
) -> Result<ConsentPage, ApiError> {
    let request = authorize::open(cx, &link.challenge)?;
    let step = match consent {
        Consent::Approve => ConsentStep::Approve,
        Consent::Decline => ConsentStep::Decline,
    };
    visit(cx, &browser, &link, &request, step).await
}

async fn visit(
    cx: &Context<'_>,
    browser: &Browser,
    link: &ConsentLink,
    request: &AuthorizationRequest,
    step: ConsentStep,
) -> Result<ConsentPage, ApiError> {
    let cookie = browser.cookie(&cookie_name(cx.origin, &request.browser));
    let verifier = NamedToken::of(cx.config.keyring.open(&link.verifier));
    let result = authorize::answer(cx, ConsentVisit { request, cookie, verifier: &verifier, step }).await?;
    let state = request.state.as_deref();
    let back = |address| Ok(ConsentPage(see_other(address)));
    let error = |error| AppError { error, description: None }.address(&request.redirect_uri, state, cx.origin);
    match result {
        ConsentResult::Code(code) => {
            back(return_address::to_client(&request.redirect_uri, &[("code", &code)], cx.origin, state))
        }
        ConsentResult::Declined => back(error("access_denied")),
        ConsentResult::Asked { .. } if request.is_silent() => back(error("consent_required")),
        ConsentResult::Asked { verdict, app } => {
            let question = page::ConsentQuestion {
                challenge: &link.challenge,
                verifier: &link.verifier,
                app: &app,
                scopes: &cx.config.settings.scopes,
                scope: verdict.facts.scope.as_ref(),
                redirect_uri: &request.redirect_uri,
            };
            Ok(ConsentPage(page::consent(&question, &browser.languages, cx.origin)))
        }
    }
}

/// The page, or the way back to the app.
pub(super) struct ConsentPage(HttpResponse);

impl Respond for ConsentPage {
    fn respond(self) -> HttpResponse {
        self.0
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.page_response(200, "The page.");
        spec.response_header(200, "Content-Language", "The language of the page.");
        spec.empty_response(303, "The user returns to the app.");
        spec.response_header(303, "Location", "The redirect URI with `code` or `error`, and with `state` and `iss`.");
    }
}

pub(super) const SHOW: Operation = Operation {
    id: "showConsent",
    summary: "Show the consent page",
    description: "Returns a page with the app, its host and the scopes that it asks for. If the user agreed to the same before, \
        or the operator says so, the user returns to the app at once. Only the browser that the app sent can open the page.",
    tag: TAG,
    security: &[],
    problems: &[
        &AUTHORIZATION_NOT_FOUND,
        &FORBIDDEN,
        &TOKEN_NOT_FOUND,
        &TOKEN_CONSUMED,
        &TOKEN_REVOKED,
        &TOKEN_EXPIRED,
        &IDEMPOTENCY_CONFLICT,
        &APP_NOT_FOUND,
        &USER_NOT_FOUND,
        &USER_NOT_CONNECTABLE,
        &REDIRECT_URI_NOT_REGISTERED,
        &INVALID_SCOPE,
    ],
};

pub(super) const ANSWER: Operation = Operation {
    id: "answerConsent",
    summary: "Answer the consent page",
    description: "Approves or declines the request. The user returns to the app with `code` or `error`, and with `state` and \
        `iss` (RFC 9207).",
    ..SHOW
};
