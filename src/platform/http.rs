//! HTTP requests to others: no redirects, so much of an answer and no more, and so long and no longer.

use js_sys::Promise;

use super::host;
use crate::core::json::Object;

/// The most of an answer that is read, in bytes.
const BODY_MAX: u32 = 16_384;

/// A request to somebody.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'static str, String)],
    pub(crate) body: Option<&'a str>,
    /// How long to wait for all of the answer, in milliseconds.
    pub(crate) timeout: u32,
}

/// What somebody answered.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

/// A request under way.
pub(crate) struct Pending(Promise);

/// Why there was no answer, in words for whoever looks at it later; no URL and no secret is in them.
pub(crate) type NoAnswer = String;

impl Outgoing<'_> {
    /// Sends it, so that several are under way at once.
    pub(crate) fn send(&self) -> Pending {
        let mut headers = Object::new().with("user-agent", concat!("hookswitch/", env!("CARGO_PKG_VERSION")));
        for (name, value) in self.headers {
            headers.put(name, value.as_str().into());
        }
        let init = Object::new().with("method", self.method).with("headers", headers).with_some("body", self.body);
        Pending(host::request(self.url, &init.text(), self.timeout, BODY_MAX))
    }
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub(crate) async fn answer(self) -> Result<Received, NoAnswer> {
        let answer = host::text(self.0).await.unwrap_or_default();
        let (head, body) = answer.split_once('\n').unwrap_or_default();
        let body = body.to_owned();
        let Some((status, retry_after)) = head.split_once(' ') else {
            return Err(body);
        };
        let retry_after = (!retry_after.is_empty()).then(|| retry_after.to_owned());
        Ok(Received { status: status.parse().unwrap_or_default(), retry_after, body })
    }
}
