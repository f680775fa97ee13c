//! The authorize endpoint (RFC 6749 §4.1.1): checks the request of an app, and sends the browser to the operator's sign-in
//! page with a login challenge.
//!
//! Where the standards leave a choice, this dialect decides:
//!
//! - Every request names its redirect URI, and has an S256 challenge (RFC 7636), also of a confidential client.
//! - Errors go to the app only if client and redirect URI are right. Otherwise the browser shows a page.
//! - Parameters that are not known are ignored, and empty ones count as absent (RFC 6749 §3.1). `resource` may come more than
//!   once (RFC 8707); every other parameter that comes twice is an error.

use super::TAG;
use super::consent::cookie;
use crate::core::authorization::Prompt;
use crate::core::{App, Audience, DecisionError, Rule, Scope, pkce};
use crate::dialects::extract::{Extract, FORM};
use crate::dialects::field_types::ShortText;
use crate::dialects::link_page::return_address;
use crate::dialects::operation::Operation;
use crate::dialects::parameters;
use crate::dialects::problem_types::{INVALID_CLIENT, NOT_FOUND, REDIRECT_URI_NOT_REGISTERED};
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::Respond;
use crate::dialects::response::HttpResponse;
use crate::dialects::route::{BodyInput, Input, QueryInput};
use crate::dialects::validator::Validator;
use crate::operations::authorize::{self, NewRequest};
use crate::operations::{ApiError, Context};

/// The longest state of an app, in characters. It travels in the login challenge.
const STATE_MAX: usize = 2_048;
/// The longest login hint, in characters.
const LOGIN_HINT_MAX: usize = 256;

/// An error for the app (RFC 6749 §4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AppError {
    /// The code of the error.
    pub(super) error: &'static str,
    /// The error in a sentence.
    pub(super) description: Option<String>,
}

impl AppError {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: Some(description.into()) }
    }

    /// A parameter breaks a rule.
    fn invalid(error: &'static str, name: &str, rule: &Rule) -> Self {
        Self::new(error, format!("{name} {rule}."))
    }

    /// The address with which the browser returns to the app.
    pub(super) fn address(&self, redirect_uri: &str, state: Option<&str>, issuer: &str) -> String {
        let mut results = vec![("error", self.error)];
        results.extend(self.description.iter().map(|description| ("error_description", description.as_str())));
        return_address::to_client(redirect_uri, &results, issuer, state)
    }
}

/// The parameters of a request, as they were sent. Empty ones are left out.
struct Sent(Vec<(String, String)>);

impl Sent {
    fn read(encoded: &[u8]) -> Self {
        let mut parameters = parameters::split(encoded);
        parameters.retain(|(_, value)| !value.is_empty());
        Self(parameters)
    }

    fn all(&self, wanted: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that may come once.
    fn one(&self, name: &'static str) -> Result<Option<&str>, AppError> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(AppError::invalid("invalid_request", name, &Rule::new("must be given once"))),
            (value, None) => Ok(value),
        }
    }

    /// The value of a parameter without which no app gets errors.
    fn required(&self, name: &'static str) -> Result<&str, ApiError> {
        match self.one(name) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(ApiError::invalid(name, Rule::new("is required"))),
            Err(_) => Err(ApiError::invalid(name, Rule::new("must be given once"))),
        }
    }

    /// A parameter that keeps a rule.
    fn parsed<T>(
        &self,
        name: &'static str,
        error: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> Result<Option<T>, AppError> {
        let value = self.one(name)?;
        value.map(parse).transpose().map_err(|rule| AppError::invalid(error, name, &rule))
    }

    /// The state of the app, if it can be sent back.
    fn state(&self) -> Result<Option<String>, AppError> {
        let state = self.parsed("state", "invalid_request", str::parse::<ShortText<0, STATE_MAX>>)?;
        Ok(state.map(|ShortText(state)| state))
    }

    /// Checks every parameter but the client.
    fn new_request(&self, redirect_uri: &str) -> Result<NewRequest, AppError> {
        let state = self.state()?;
        match self.one("response_type")? {
            Some("code") => {}
            Some(_) => return Err(AppError::new("unsupported_response_type", "response_type must be code.")),
            None => return Err(AppError::new("invalid_request", "response_type is required.")),
        }
        if self.one("response_mode")?.is_some_and(|mode| mode != "query") {
            return Err(AppError::new("invalid_request", "response_mode must be query."));
        }
        for (name, error) in [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")] {
            if self.one(name)?.is_some() {
                return Err(AppError::new(error, "Send the parameters in the query."));
            }
        }
        let code_challenge = self.parsed("code_challenge", "invalid_request", pkce::parse_challenge)?;
        let code_challenge =
            code_challenge.ok_or_else(|| AppError::new("invalid_request", "code_challenge is required."))?;
        if self.one("code_challenge_method")? != Some("S256") {
            return Err(AppError::new("invalid_request", "code_challenge_method must be S256."));
        }
        let audience = Audience::of(self.all("resource"));
        let login_hint = self.parsed("login_hint", "invalid_request", str::parse::<ShortText<1, LOGIN_HINT_MAX>>)?;
        Ok(NewRequest {
            redirect_uri: redirect_uri.to_owned(),
            code_challenge,
            scope: self.parsed("scope", "invalid_scope", Scope::parse)?,
            audience: audience.map_err(|rule| AppError::invalid("invalid_target", "resource", &rule))?,
            state,
            prompt: self.parsed("prompt", "invalid_request", Prompt::parse)?,
            login_hint: login_hint.map(|ShortText(hint)| hint),
        })
    }
}

/// Why a request does not begin.
enum Failure {
    /// The app gets the error.
    ForApp(AppError),
    /// The browser shows the error.
    ForBrowser(ApiError),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::ForApp(error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Refused(DecisionError::ScopeTooWide) => {
                Self::ForApp(AppError::new("invalid_scope", "The scope is wider than the app may have."))
            }
            error => Self::ForBrowser(error),
        }
    }
}

async fn begin(cx: &Context<'_>, sent: &Sent) -> Result<SentOn, ApiError> {
    let redirect_uri = sent.required("redirect_uri")?;
    let app = authorize::find_client(cx, sent.required("client_id")?, redirect_uri).await?;
    match start(cx, &app, sent, redirect_uri) {
        Ok(response) => Ok(SentOn(response)),
        Err(Failure::ForApp(error)) => {
            let state = sent.state().unwrap_or_default();
            Ok(SentOn(see_other(error.address(redirect_uri, state.as_deref(), cx.origin))))
        }
        Err(Failure::ForBrowser(error)) => Err(error),
    }
}

/// Begins the request of an app.
fn start(cx: &Context<'_>, app: &App, sent: &Sent, redirect_uri: &str) -> Result<HttpResponse, Failure> {
    let begun = authorize::begin(cx, app, sent.new_request(redirect_uri)?)?;
    let cookie = cookie(cx.origin, &begun.browser, &begun.cookie);
    Ok(see_other(begun.login_url).with("set-cookie", cookie))
}

/// Sends the browser to an address. It always uses GET there (RFC 9700 §4.12).
pub(super) fn see_other(location: String) -> HttpResponse {
    HttpResponse::empty(303).with("location", location)
}

pub(super) async fn by_get(cx: &Context<'_>, SentInQuery(sent): SentInQuery) -> Result<SentOn, ApiError> {
    begin(cx, &sent).await
}

pub(super) async fn by_post(cx: &Context<'_>, SentInForm(sent): SentInForm) -> Result<SentOn, ApiError> {
    begin(cx, &sent).await
}

/// The parameters in the query.
pub(super) struct SentInQuery(Sent);

impl Extract for SentInQuery {
    const INPUT: Input = Input { body: BodyInput::None, query: QueryInput::Parameters };

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        Ok(Some(Self(Sent::read(request.query.as_bytes()))))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.query::<AuthorizationParameters>();
    }
}

/// The parameters in a form (RFC 6749 §3.1).
pub(super) struct SentInForm(Sent);

impl Extract for SentInForm {
    const INPUT: Input = Input { body: BodyInput::Form, query: QueryInput::Ignored };

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        if request.media_type().is_some_and(|essence| essence != FORM) {
            return Err(ApiError::UnsupportedMediaType);
        }
        Ok(Some(Self(Sent::read(request.body))))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.body::<AuthorizationParameters>(&[FORM]);
    }
}

/// An authorization request. Other parameters are ignored.
#[cfg(feature = "openapi")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "the description of parameters that are read one by one")]
struct AuthorizationParameters {
    /// Always `code`.
    response_type: String,
    /// The `client_id` of the app.
    client_id: String,
    /// A redirect URI of the app. It is compared exactly, apart from the port of a loopback address.
    redirect_uri: String,
    /// The S256 challenge of the app's verifier (RFC 7636).
    code_challenge: String,
    /// Always `S256`.
    code_challenge_method: String,
    /// The scopes. The default is all scopes of the app.
    scope: Option<String>,
    /// A text that the app gets back: 2,048 characters at most.
    state: Option<String>,
    /// The resource server that the app wants to call (RFC 8707). The parameter may come more than once.
    resource: Option<String>,
    /// Words for the sign-in page, such as `login`. `consent` asks the user in any case, `none` never does.
    prompt: Option<String>,
    /// The account that the app expects.
    login_hint: Option<String>,
}

/// The browser is sent on: to the sign-in page, or back to the app with an error.
pub(super) struct SentOn(HttpResponse);

impl Respond for SentOn {
    fn respond(self) -> HttpResponse {
        self.0
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.empty_response(303, "The browser is sent to the sign-in page, or back to the app with an error.");
        spec.response_header(
            303,
            "Location",
            "`LOGIN_URL` with `challenge`, or the redirect URI with `error`, `error_description`, `state` and `iss`.",
        );
    }
}

const AUTHORIZE: Operation = Operation {
    id: "oauthAuthorize",
    summary: "Authorize an app",
    description: "Checks the request of an app and sends the browser to the operator's sign-in page, with a login challenge \
        and a cookie. Nothing is stored. Without `LOGIN_URL`, the deployment does not have this call.",
    tag: TAG,
    security: &[],
    problems: &[&NOT_FOUND, &INVALID_CLIENT, &REDIRECT_URI_NOT_REGISTERED],
};

pub(super) const BY_GET: Operation = AUTHORIZE;
pub(super) const BY_POST: Operation =
    Operation { id: "oauthAuthorizeByForm", summary: "Authorize an app with a form", ..AUTHORIZE };
