//! Requests, as the platform delivers them.

use futures_util::StreamExt;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers as WebHeaders, Request};

use super::url::UrlParts;
use crate::core::Rule;
use crate::dialects::request::{AuthScheme, Headers, HttpRequest, Method, PathParams};
use crate::operations::{ApiError, network_of};

/// The longest body, in bytes.
const BODY_MAX: usize = 65_536;

/// A request of the platform.
pub(super) struct IncomingRequest {
    request: Request,
    headers: WebHeaders,
    method: String,
    url: String,
}

impl IncomingRequest {
    pub(super) fn new(request: Request) -> Self {
        Self { method: request.method(), url: request.url(), headers: request.headers(), request }
    }

    /// The method; `None` if no route has it.
    pub(super) fn method(&self) -> Option<Method> {
        Method::parse(&self.method)
    }

    /// The method as it was sent.
    pub(super) fn method_text(&self) -> &str {
        &self.method
    }

    /// The parts of the URL.
    pub(super) fn url(&self) -> UrlParts<'_> {
        UrlParts::of(&self.url)
    }

    /// The request as dialects read it.
    pub(super) fn to_http<'a>(&'a self, method: Method, params: PathParams, body: &'a [u8]) -> HttpRequest<'a> {
        let UrlParts { origin, path, query } = self.url();
        HttpRequest { method, path, query, params, headers: self, body, origin }
    }

    /// The scheme of the header `Authorization`.
    pub(super) fn auth_scheme(&self) -> AuthScheme {
        self.to_http(Method::Get, PathParams::new(), &[]).auth_scheme()
    }

    /// Whether the response has no body because the method is `HEAD`.
    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Whether a browser asks what a page may send.
    pub(super) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.get("access-control-request-method").is_some()
    }

    /// The key under which the rate limit counts callers that could be anybody: their network.
    pub(super) fn address_key(&self) -> String {
        // No user id contains a line break.
        format!("app:\n{}", self.network())
    }

    /// The key under which the rate limit counts requests whose authentication failed.
    pub(super) fn failure_key(&self) -> String {
        format!("failed:\n{}", self.network())
    }

    fn network(&self) -> String {
        network_of(&self.get("cf-connecting-ip").unwrap_or_default())
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::BodyTooLarge`] as soon as the body is longer than 64 KiB.
    pub(super) async fn body(&self) -> Result<Vec<u8>, ApiError> {
        let too_large = || ApiError::BodyTooLarge { max: BODY_MAX };
        match self.content_length() {
            Some(length) if length > BODY_MAX => Err(too_large()),
            // A body of known length is read in one step instead of one for each chunk.
            Some(_) => {
                let buffer = self.request.array_buffer().map_err(|_| unreadable())?;
                let buffer = JsFuture::from(buffer).await.map_err(|_| unreadable())?;
                Ok(js_sys::Uint8Array::new(&buffer).to_vec())
            }
            None => {
                let mut body = Vec::new();
                let Ok(mut stream) = worker::Request::from(Clone::clone(&self.request)).stream() else {
                    return Ok(body);
                };
                while let Some(chunk) = stream.next().await {
                    body.extend(chunk.map_err(|_| unreadable())?);
                    if body.len() > BODY_MAX {
                        return Err(too_large());
                    }
                }
                Ok(body)
            }
        }
    }

    fn content_length(&self) -> Option<usize> {
        self.get("content-length")?.parse().ok()
    }
}

fn unreadable() -> ApiError {
    ApiError::invalid("body", Rule::new("could not be read"))
}

impl Headers for IncomingRequest {
    fn get(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}
