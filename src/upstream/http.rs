//! Outbound HTTP requests to providers and webhook endpoints.
//!
//! ```
//! use hookswitch::upstream::http::OutboundRequest;
//!
//! let request = OutboundRequest {
//!     method: "POST",
//!     url: "https://api.example/revoke?token=secret".to_owned(),
//!     headers: Vec::new(),
//!     body: None,
//! };
//! assert_eq!(format!("{request:?}"), "OutboundRequest(POST …)");
//! ```

use std::borrow::Cow;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

/// The longest part of a response body that is read, in bytes.
pub const BODY_MAX: usize = 16_384;

/// A request to a provider or webhook endpoint. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// The URL to call.
    pub url: String,
    /// The headers, with lower-case names. The client adds `user-agent`.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body of the request.
    pub body: Option<String>,
}

impl std::fmt::Debug for OutboundRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutboundRequest({} …)", self.method)
    }
}

/// The response of a provider or webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderResponse {
    /// The HTTP status.
    pub status: u16,
    /// The header `retry-after`.
    pub retry_after: Option<String>,
    /// The first [`BODY_MAX`] bytes of the body.
    pub body: String,
}

/// Why there was no response, in words for operators. The text contains no URL and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoResponse(pub String);

/// A client for outbound requests.
pub trait HttpClient {
    /// Sends a request and reads the response within `timeout`. It follows no redirects.
    fn send(
        &self,
        request: OutboundRequest,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>>;
}
