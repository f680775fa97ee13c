//! Requests of tests, built step by step.

use hookswitch::core::base64;
use hookswitch::dialects::request::{Headers, Method};

/// A request to the service.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: SentHeaders,
    pub(crate) body: Vec<u8>,
}

/// The headers of a request, with names in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentHeaders(pub(crate) Vec<(String, String)>);

impl Headers for SentHeaders {
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().rfind(|(given, _)| given == name).map(|(_, value)| value.clone())
    }
}

impl Request {
    /// A request without headers and body. The target is a path and, after a `?`, a query.
    pub(crate) fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        Self { method, path, query, headers: SentHeaders::default(), body: Vec::new() }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new(Method::Get, target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new(Method::Post, target)
    }

    pub(crate) fn put(target: &str) -> Self {
        Self::new(Method::Put, target)
    }

    pub(crate) fn delete(target: &str) -> Self {
        Self::new(Method::Delete, target)
    }

    pub(crate) fn patch(target: &str) -> Self {
        Self::new(Method::Patch, target)
    }

    /// The same request with one more header. The last one of a name counts.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.0.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// The same request with a JSON body.
    #[expect(clippy::needless_pass_by_value, reason = "the value is written where it is sent")]
    pub(crate) fn json(self, body: serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    /// The same request with a form.
    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(&encoded(parameters))
    }

    /// The same request with a query.
    pub(crate) fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        self.query = encoded(parameters);
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, name: &str, password: &str) -> Self {
        let credentials = base64::encode(format!("{name}:{password}").as_bytes());
        self.header("authorization", &format!("Basic {credentials}"))
    }
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}
