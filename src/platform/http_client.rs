//! Requests to providers and webhook endpoints: [`HttpClient`] over `fetch`.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response, WorkerGlobalScope};

use crate::operations::platform::{HttpClient, NoResponse, OutboundRequest, ProviderResponse};
use crate::upstream::http::BODY_MAX;

const USER_AGENT: &str = concat!("hookswitch/", env!("CARGO_PKG_VERSION"));

/// A client that follows no redirects, reads a bounded part of each response, and waits a bounded time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FetchClient;

impl HttpClient for FetchClient {
    fn send(
        &self,
        request: OutboundRequest,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<ProviderResponse, NoResponse>> {
        Box::pin(async move { send(&request, timeout).await.map_err(|error| no_response(&error)) })
    }
}

async fn send(request: &OutboundRequest, timeout: Duration) -> Result<ProviderResponse, JsValue> {
    let headers = Headers::new()?;
    headers.set("user-agent", USER_AGENT)?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    // The signal ends the reading of the body too.
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(global.fetch_with_str_and_init(&request.url, &init)).await?;
    let response: Response = response.dyn_into()?;
    Ok(ProviderResponse {
        status: response.status(),
        retry_after: response.headers().get("retry-after")?,
        body: read_body(response.into()).await?,
    })
}

/// The first bytes of a body as text. The rest is not read: dropping the stream cancels it.
async fn read_body(mut response: worker::Response) -> Result<String, JsValue> {
    let Ok(mut stream) = response.stream() else {
        return Ok(String::new());
    };
    let mut body = Vec::new();
    while body.len() <= BODY_MAX {
        match stream.next().await {
            Some(chunk) => body.extend(chunk?),
            None => break,
        }
    }
    body.truncate(BODY_MAX);
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Why there was no response. The error of the platform may name the URL, so only its kind is used.
fn no_response(error: &JsValue) -> NoResponse {
    let name = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name()));
    let reason = match name.as_deref() {
        Some("TimeoutError" | "AbortError") => "no answer in time",
        _ => "could not be reached",
    };
    NoResponse(reason.to_owned())
}
