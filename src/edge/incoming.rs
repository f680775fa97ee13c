//! A request, read without the `url` crate: that alone would double the Worker.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Request;

use crate::core::request::Retry;
use crate::core::{Actor, Digest};
use crate::dialects::call::Headers;
use crate::dialects::{Failure, Method};
use crate::platform::host;

/// The longest body, in bytes.
const BODY_MAX: u32 = 65_536;
/// The longest `Idempotency-Key`, in characters.
const IDEMPOTENCY_KEY_MAX: usize = 255;

/// A request.
pub(super) struct Incoming {
    request: Request,
    method: String,
    url: String,
}

impl Incoming {
    pub(super) fn new(request: Request) -> Self {
        Self { method: request.method(), url: request.url(), request }
    }

    /// The method; none, for one that no call has.
    pub(super) fn method(&self) -> Option<Method> {
        Method::parse(&self.method)
    }

    /// The method as it came.
    pub(super) fn method_text(&self) -> &str {
        &self.method
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Whether a browser asks what a page may send.
    pub(super) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.get("access-control-request-method").is_some()
    }

    pub(super) fn is_https(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// The path, as it came: percent-encoded.
    pub(super) fn path(&self) -> &str {
        let path = self.target();
        path.split_once('?').map_or(path, |(path, _)| path)
    }

    /// What follows the `?`, as it came.
    pub(super) fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    /// Scheme, host and port that it was made to.
    pub(super) fn origin(&self) -> &str {
        self.halves().0
    }

    /// The URL without scheme, host and fragment.
    fn target(&self) -> &str {
        let (_, target) = self.halves();
        target.split_once('#').map_or(target, |(target, _)| target)
    }

    /// The URL up to the third slash, and from there: two come before the host.
    fn halves(&self) -> (&str, &str) {
        let third = self.url.match_indices('/').nth(2);
        third.and_then(|(place, _)| self.url.split_at_checked(place)).unwrap_or((&self.url, "/"))
    }

    /// Whether it came with `Authorization: Basic`.
    pub(super) fn is_basic(&self) -> bool {
        let header = self.get("authorization").unwrap_or_default();
        header.trim_start().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "))
    }

    /// Whom the rate limit counts where nobody says who it is: no user has such a name.
    pub(super) fn address(&self) -> String {
        format!("app:\n{}", self.get("cf-connecting-ip").unwrap_or_default())
    }

    /// The body. That of a GET or DELETE is left alone, whatever it is.
    ///
    /// # Errors
    /// [`Failure::TooLarge`] as soon as it is longer than 64 KiB.
    pub(super) async fn body(&self) -> Result<Vec<u8>, Failure> {
        if !matches!(self.method(), Some(Method::Post | Method::Put | Method::Patch)) {
            return Ok(Vec::new());
        }
        let body = JsFuture::from(host::body(&self.request, BODY_MAX)).await;
        let body = body.map_err(|_| Failure::invalid("body", "could not be read"))?;
        body.dyn_into().map(|body: Uint8Array| body.to_vec()).map_err(|_| Failure::TooLarge)
    }

    /// How to know the request when it comes again, where it says that it may.
    ///
    /// # Errors
    /// [`Failure::Invalid`] where the key is none.
    pub(super) fn retry(&self, who: Option<&Actor>, body: &[u8]) -> Result<Option<Retry>, Failure> {
        let (Some(Method::Post), Some(who)) = (self.method(), who) else {
            return Ok(None);
        };
        let Some(key) = self.get("idempotency-key") else {
            return Ok(None);
        };
        if !(1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters"));
        }
        Ok(Some(Retry {
            key: Digest::of_parts(&[who.as_str().as_bytes(), key.as_bytes()]),
            request: Digest::of_parts(&[self.path().as_bytes(), self.query().as_bytes(), body]),
            grace: None,
        }))
    }
}

impl Headers for Incoming {
    fn get(&self, name: &str) -> Option<String> {
        host::header(&self.request, name)
    }
}
