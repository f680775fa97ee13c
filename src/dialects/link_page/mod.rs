//! The page behind a link: `/connect?token=hct_…`.
//!
//! GET shows what the connection token asks for and changes nothing, even if a browser opens the link ahead of
//! time, or a mail scanner does. POST answers, and uses the token. Pages and errors are HTML without a script.
//!
//! - The holder of the token counts as its user, so nobody is authenticated. The page does not name the user, because a
//!   link gets forwarded.
//! - A form that another site sent is rejected: the holder of a link could otherwise connect anybody's browser to an
//!   account of the holder. The headers `Sec-Fetch-Site` and `Origin` decide. The page's own form has `Origin: null`,
//!   because the page sends no referrer.
//! - A form without an answer is no consent.
//! - Other parameters are ignored: mail programs add some.

pub mod error;
pub mod language;
pub mod page;
pub mod return_address;

use serde::Deserialize;

use self::error::{LinkPageErrors, dead_link};
use super::error_format::ErrorFormat;
use super::extract::{Extract, FormBody, Query};
use super::field::Field;
use super::field_types::ShortText;
use super::operation::{Operation, Tag};
use super::problem_types::{
    APP_NOT_FOUND, CONNECTION_INACTIVE, CONNECTION_REVOKED, FORBIDDEN, TOKEN_CONSUMED, TOKEN_EXPIRED, TOKEN_NOT_FOUND,
    TOKEN_REVOKED, USER_NOT_CONNECTABLE, USER_NOT_FOUND,
};
use super::request::HttpRequest;
use super::respond::Respond;
use super::response::HttpResponse;
use super::route::{Dialect, Input, Route};
use super::validator::{Validate, Validator};
use crate::core::{App, DecisionError, NamedToken, Status, TokenKind};
use crate::operations::link_page::{AnsweredPage, Consent, LinkPageRequest, LinkPageResult};
use crate::operations::{ApiError, Context, Credentials, link_page};

/// The longest state of an app, in characters.
const STATE_MAX: usize = 4_096;

/// The link page.
pub static DIALECT: Dialect = Dialect {
    name: "link_page",
    prefixes: &["/connect/"],
    credentials: |_, _| Ok(Credentials::Token),
    errors: ErrorFormat::of::<LinkPageErrors>(),
    routes,
};

fn routes() -> Vec<Route> {
    vec![Route::get("/connect", show).operation(|| SHOW), Route::post("/connect", answer).operation(|| ANSWER)]
}

/// The parameters of a link.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct LinkParameters {
    /// The connection token.
    token: Field<String>,
    /// A text that the app gets back with the user (RFC 6749 §4.1.1).
    #[serde(default)]
    state: Field<ShortText<0, STATE_MAX>>,
}

/// A link: its token, and the state of the app.
struct Link {
    token: String,
    state: Option<String>,
}

impl Validate for LinkParameters {
    type Valid = Link;

    fn validate(self, check: &mut Validator<'_>) -> Option<Link> {
        let token = check.required("token", self.token);
        let state = check.optional("state", self.state).map(|ShortText(state)| state);
        Some(Link { token: token?, state })
    }
}

/// Shows what a link asks for.
async fn show(
    cx: &Context<'_>,
    Languages(languages): Languages,
    Query(link): Query<LinkParameters>,
) -> Result<LinkPage, ApiError> {
    let shown = link_page::view(cx, &connection_token(cx, &link.token)).await?;
    match shown.verdict.status() {
        Status::Valid => {
            page::question(&link.token, link.state.as_deref(), &shown, &languages, cx.origin).map(LinkPage)
        }
        status => Ok(LinkPage(dead_link(status, &languages))),
    }
}

/// The form of the page.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct LinkForm {
    /// The connection token.
    token: Field<String>,
    /// The state of the link.
    #[serde(default)]
    state: Field<ShortText<0, STATE_MAX>>,
    /// The answer of the user.
    consent: Field<Consent>,
    /// The page that is answered: its id, a space, and the app that it named.
    #[serde(default)]
    page: Field<String>,
}

/// An answer to a link.
struct LinkAnswer {
    link: Link,
    consent: Consent,
    page: Option<AnsweredPage>,
}

impl Validate for LinkForm {
    type Valid = LinkAnswer;

    fn validate(self, check: &mut Validator<'_>) -> Option<LinkAnswer> {
        let link = LinkParameters { token: self.token, state: self.state }.validate(check);
        let consent = check.required("consent", self.consent);
        let page = check.optional("page", self.page).map(|page| page::answered(&page));
        Some(LinkAnswer { link: link?, consent: consent?, page })
    }
}

/// Approves or declines what a link asks for.
async fn answer(
    cx: &Context<'_>,
    _: SameSite,
    Languages(languages): Languages,
    FormBody(answer): FormBody<LinkForm>,
) -> Result<LinkAnswered, ApiError> {
    let LinkAnswer { link: Link { token, state }, consent, page } = answer;
    let request = LinkPageRequest { token: connection_token(cx, &token), consent, page };
    let return_to = |uri: &str, parameters: &[(&str, &str)]| {
        let state = state.as_deref().map(|state| ("state", state));
        let parameters: Vec<_> = parameters.iter().copied().chain(state).collect();
        HttpResponse::empty(303).with("location", return_address::build(uri, &parameters))
    };
    // A client distinguishes its authorization servers by the issuer (RFC 9207).
    let to_client = |uri: &str, name: &str, value: &str| return_to(uri, &[(name, value), ("iss", cx.origin)]);
    let message = |name: &str, app: Option<&App>| page::message(200, name, app, &languages);
    Ok(LinkAnswered(match link_page::answer(cx, request).await? {
        LinkPageResult::Code { redirect_uri, code } => to_client(&redirect_uri, "code", &code),
        LinkPageResult::Connection { redirect_uri, connection_id, consent } => {
            let status = if consent == Consent::Approve { "success" } else { "failed" };
            return_to(&redirect_uri, &[("status", status), ("connected_account_id", connection_id.as_str())])
        }
        LinkPageResult::Approved { app: Some(app) } => message("connected", Some(&app)),
        LinkPageResult::Approved { app: None } => message("done", None),
        LinkPageResult::Declined { redirect_uri: Some(uri), .. } => to_client(&uri, "error", "access_denied"),
        LinkPageResult::Declined { redirect_uri: None, app } => message("declined", app.as_ref()),
    }))
}

/// The page with what a link asks for.
struct LinkPage(HttpResponse);

impl Respond for LinkPage {
    fn respond(self) -> HttpResponse {
        self.0
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.page_response(200, "The page.");
        spec.response_header(200, "Content-Language", "The language of the page.");
    }
}

/// The response to an answer: a page, or the way back to the app.
struct LinkAnswered(HttpResponse);

impl Respond for LinkAnswered {
    fn respond(self) -> HttpResponse {
        self.0
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.page_response(200, "A page that confirms the answer.");
        spec.empty_response(303, "The user returns to the redirect URI of the token.");
        spec.response_header(303, "Location", "The redirect URI with the result and `state`.");
    }
}

/// The connection token with this secret.
fn connection_token(cx: &Context<'_>, secret: &str) -> NamedToken {
    NamedToken::of(cx.config.keyring.open(secret)).by_secret(TokenKind::ConnectionToken)
}

/// The languages that the reader understands: the header `Accept-Language`.
struct Languages(String);

impl Extract for Languages {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(Some(Self(request.header("accept-language").unwrap_or_default())))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>) {
        spec.header("Accept-Language", "The languages that the reader understands.");
    }
}

/// The proof that no other site sent the form.
struct SameSite;

impl Extract for SameSite {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let is_foreign = matches!(request.header("sec-fetch-site").as_deref(), Some("cross-site" | "same-site"));
        let origin = request.header("origin").filter(|origin| !matches!(origin.as_str(), "" | "null"));
        if is_foreign || origin.is_some_and(|origin| !origin.eq_ignore_ascii_case(request.origin)) {
            return Err(DecisionError::Forbidden.into());
        }
        Ok(Some(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(_: &mut super::describe::Spec<'_>) {}
}

const TAG: Tag = Tag {
    name: "Link page",
    description: "The page behind a link with a connection token: HTML for a browser, without scripts, in English, French, \
        German or Spanish. Whoever holds the token counts as its user. Only the form of the page changes something, once.",
};

const SHOW: Operation = Operation {
    id: "showLink",
    summary: "Show what a link asks for",
    description: "Returns a page with what the connection token asks for, and a form to answer. Nothing changes.",
    tag: TAG,
    security: &[],
    problems: &[
        &TOKEN_NOT_FOUND,
        &TOKEN_CONSUMED,
        &TOKEN_REVOKED,
        &TOKEN_EXPIRED,
        &CONNECTION_INACTIVE,
        &CONNECTION_REVOKED,
        &APP_NOT_FOUND,
        &USER_NOT_FOUND,
    ],
};

const ANSWER: Operation = Operation {
    id: "answerLink",
    summary: "Answer a link",
    description: "Approves or declines what the connection token asks for, and uses the token. If the token has a \
        redirect URI, the user returns there with `code` or `error`, and with `state` and `iss`. From a link of Composio's \
        API the user returns with `status` and `connected_account_id`.",
    tag: TAG,
    security: &[],
    problems: &[
        &FORBIDDEN,
        &USER_NOT_CONNECTABLE,
        &TOKEN_NOT_FOUND,
        &TOKEN_CONSUMED,
        &TOKEN_REVOKED,
        &TOKEN_EXPIRED,
        &CONNECTION_INACTIVE,
        &CONNECTION_REVOKED,
        &APP_NOT_FOUND,
        &USER_NOT_FOUND,
    ],
};
