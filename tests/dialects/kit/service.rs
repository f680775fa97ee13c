//! The service: what the Worker does around the dialects, without the Worker.

use std::time::Duration;

use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::{Digest, Keyring, Principal, Timestamp};
use hookswitch::dialects::error_format::ErrorContext;
use hookswitch::dialects::request::HttpRequest;
use hookswitch::dialects::response::HttpResponse;
use hookswitch::dialects::router::Router;
use hookswitch::ledger::LedgerSettings;
use hookswitch::ledger::in_memory::{InMemoryLedgers, TestClock};
use hookswitch::operations::authenticate::authenticate;
use hookswitch::operations::in_memory::{Behaviour, InMemoryPlatform};
use hookswitch::operations::{ApiError, Caller, Config, Context, Settings};
use serde_json::Value;

use super::pages::filled;
use super::request::Request;

/// The origin of the deployment.
pub(crate) const ORIGIN: &str = "https://hookswitch.example";
/// The name of the deployment in Stytch's URLs.
pub(crate) const PROJECT: &str = "project-test-1";
/// The root key.
pub(crate) const ROOT: &str = "root-key-of-the-tests";
/// The id of every request.
const REQUEST_ID: &str = "request-1";

/// The time at which every test starts: 2026-11-21T07:28:23.123Z.
const START: Timestamp = Timestamp::from_millis(1_795_246_103_123);

/// A deployment with its dialects.
pub(crate) struct Service {
    pub(crate) config: Config,
    pub(crate) platform: InMemoryPlatform<InMemoryLedgers>,
    pub(crate) clock: TestClock,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with_settings(Settings::default())
    }

    pub(crate) fn with_settings(settings: Settings) -> Self {
        let clock = TestClock::at(START);
        let settings = Settings { project_id: PROJECT.to_owned(), ..settings };
        let (keyring, root_key) = (Keyring::new(&[7; 32], &[]).unwrap(), Digest::of(ROOT.as_bytes()));
        Self {
            config: Config { keyring, root_key, settings },
            platform: InMemoryPlatform::new(InMemoryLedgers::new(clock.clone(), LedgerSettings::default())),
            clock,
        }
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: &Request) -> Answer {
        let answer = self.platform.run(self.answer(request));
        answer.expect("the request waits for something that never happens")
    }

    /// Sends a request while the ledgers are down.
    pub(crate) fn send_without_ledgers(&self, request: &Request) -> Answer {
        self.platform.ledgers.set(Behaviour::down_after(0));
        let answer = self.send(request);
        self.platform.ledgers.set(Behaviour { delay: Duration::ZERO, is_down: false });
        answer
    }

    /// Runs an operation as root.
    pub(crate) fn as_root<T>(&self, operation: impl AsyncFnOnce(&Context<'_>) -> Result<T, ApiError>) -> T {
        let mut cx = Context::new(&self.config, &self.platform, self.clock.now(), REQUEST_ID, ORIGIN);
        cx.caller = Caller::Principal(Principal::Root);
        let result = self.platform.run(operation(&cx));
        result.expect("the operation waits for something that never happens").unwrap()
    }

    /// The reason why the credentials of a request are rejected; `None` if they are accepted.
    pub(crate) fn rejection(&self, request: &Request) -> Option<ApiError> {
        let found = Router::get().find(Some(request.method), &request.path).ok().unwrap();
        let http = HttpRequest { params: found.params.clone(), ..http(request) };
        let cx = Context::new(&self.config, &self.platform, self.clock.now(), REQUEST_ID, ORIGIN);
        let credentials = found.credentials()(&http, &self.config).unwrap();
        self.platform.run(authenticate(&cx, credentials)).unwrap().err()
    }

    async fn answer(&self, request: &Request) -> Answer {
        let languages = http(request).header("accept-language").unwrap_or_default();
        let auth_scheme = http(request).auth_scheme();
        let context = ErrorContext { request_id: REQUEST_ID, auth_scheme, languages: &languages };
        let response = match Router::get().find(Some(request.method), &request.path) {
            Err(no_route) => no_route.render_error(&context),
            Ok(found) => {
                let body = if found.route.input.has_body() { request.body.as_slice() } else { b"" };
                let http = HttpRequest { params: found.params.clone(), body, ..http(request) };
                let mut cx = Context::new(&self.config, &self.platform, self.clock.now(), REQUEST_ID, ORIGIN);
                let authenticated = match found.credentials()(&http, &self.config) {
                    Ok(credentials) => authenticate(&cx, credentials).await,
                    Err(error) => Err(error),
                };
                match authenticated {
                    Ok(caller) => {
                        cx.idempotency = idempotency_key(request, &caller);
                        cx.caller = caller;
                        let handled = found.route.handle(&cx, &http).await;
                        handled.unwrap_or_else(|error| found.render_error(&error, &context))
                    }
                    Err(error) => found.render_error(&error, &context),
                }
            }
        };
        Answer::of(response)
    }
}

/// The request as dialects read it, before its route is known.
fn http(request: &Request) -> HttpRequest<'_> {
    HttpRequest {
        method: request.method,
        path: &request.path,
        query: &request.query,
        params: Vec::new(),
        headers: &request.headers,
        body: &request.body,
        origin: ORIGIN,
    }
}

/// The `Idempotency-Key` of a request, as the Worker reads it.
fn idempotency_key(request: &Request, caller: &Caller) -> Option<IdempotencyKey> {
    let key = caller.idempotency_digest(&http(request).header("idempotency-key")?)?;
    Some(IdempotencyKey {
        key,
        request: Digest::of_parts(&[request.path.as_bytes(), request.query.as_bytes(), &request.body]),
        grace: None,
    })
}

/// A response, with its page filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The answer that the Worker makes of a response.
    pub(crate) fn of(response: HttpResponse) -> Self {
        let HttpResponse { status, content_type, headers, body, page, .. } = response;
        Self { status, content_type, headers, body: page.map_or(body, |page| filled(&page)) }
    }

    /// The body as JSON; `null` if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Status and body, to compare both at once.
    pub(crate) fn both(&self) -> (u16, Value) {
        (self.status, self.json())
    }

    /// A text in the body.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }
}
