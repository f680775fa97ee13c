//! HTTP requests to others: no redirects, so much of an answer and no more, and so long and no longer.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use super::body;
use crate::core::json::Object;

/// The most of an answer that is read, in bytes.
const BODY_MAX: usize = 16_384;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = globalThis, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Promise;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout)]
    fn timeout_signal(milliseconds: u32) -> JsValue;
}

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
pub(crate) struct Pending(Result<Promise, JsValue>);

/// Why there was no answer, in words for whoever looks at it later; no URL and no secret is in them.
pub(crate) type NoAnswer = &'static str;

impl Outgoing<'_> {
    /// Sends it, so that several are under way at once.
    pub(crate) fn send(&self) -> Pending {
        Pending(self.init().map(|init| global_fetch(self.url, &init)))
    }

    fn init(&self) -> Result<RequestInit, JsValue> {
        let mut headers = Object::new().with("user-agent", concat!("hookswitch/", env!("CARGO_PKG_VERSION")));
        for (name, value) in self.headers {
            headers.put(name, value.as_str().into());
        }
        let init = Object::new()
            .with("method", self.method)
            .with("headers", headers)
            .with_some("body", self.body)
            .with("redirect", "manual");
        let init: RequestInit = super::object(&init)?;
        Reflect::set(&init, &"signal".into(), &timeout_signal(self.timeout))?;
        Ok(init)
    }
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub(crate) async fn answer(self) -> Result<Received, NoAnswer> {
        self.read().await.map_err(|thrown| {
            let name = Reflect::get(&thrown, &"name".into()).ok().and_then(|name| name.as_string());
            match name.as_deref() {
                Some("TimeoutError" | "AbortError") => "no answer in time",
                _ => "could not be reached",
            }
        })
    }

    async fn read(self) -> Result<Received, JsValue> {
        let response: Response = JsFuture::from(self.0?).await?.dyn_into()?;
        let retry_after = response.headers().get("retry-after")?;
        let body = body::stream(response.body(), BODY_MAX).await?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Received { status: response.status(), retry_after, body })
    }
}
