//! Responses, as the platform sends them.

use std::future::ready;

use futures_util::StreamExt;
use futures_util::stream::{once, try_unfold};
use wasm_bindgen::JsValue;
use web_sys::{Headers as WebHeaders, Response, ResponseInit};
use worker::{Env, Fetcher};

use super::request::IncomingRequest;
use crate::dialects::html::fill;
use crate::dialects::native::next_lines;
use crate::dialects::response::{EventExport, HttpResponse};
use crate::operations::ApiError;
use crate::platform::directory::D1Directory;

/// The headers of every response. A response of a dialect may replace them.
const COMMON_HEADERS: [(&str, &str); 4] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// The page in place of one whose template cannot be read. The request was carried out, and its answer is repeated when the
/// page is loaded again.
const PAGE_UNAVAILABLE: &str = "<!doctype html>\n<html lang=\"en\"><title>That did not work just now</title>\
    <p>Reload this page in a moment. Nothing is done twice.";
/// The wait before the page is loaded again, in seconds.
const PAGE_RETRY_AFTER: &str = "1";

/// Makes the body of a response from its page, if it has one.
///
/// # Errors
/// [`ApiError::Internal`] if the template cannot be read. The response is then 503.
pub(super) async fn fill_page(response: &mut HttpResponse, env: &Env) -> Result<(), ApiError> {
    let Some(page) = response.page.take() else {
        return Ok(());
    };
    if let Some(template) = read_template(env, &page.path).await {
        response.body = fill(&template, &page.parts);
        return Ok(());
    }
    response.status = 503;
    response.headers.push(("retry-after", PAGE_RETRY_AFTER.to_owned()));
    response.headers.push(("content-language", "en".to_owned()));
    PAGE_UNAVAILABLE.clone_into(&mut response.body);
    Err(ApiError::Internal("the template of a page cannot be read"))
}

async fn read_template(env: &Env, path: &str) -> Option<String> {
    let assets = env.get_binding::<Fetcher>("ASSETS").ok()?;
    let mut file = assets.fetch(format!("http://assets{path}"), None).await.ok()?;
    if file.status_code() != 200 {
        return None;
    }
    file.text().await.ok()
}

/// Turns a response into one of the platform.
///
/// # Errors
/// The error of the platform, if a header is not one that HTTP allows.
pub(super) fn to_platform(
    response: &HttpResponse,
    request: &IncomingRequest,
    request_id: &str,
) -> Result<Response, JsValue> {
    let headers = WebHeaders::new()?;
    headers.set("x-request-id", request_id)?;
    for (name, value) in COMMON_HEADERS {
        headers.set(name, value)?;
    }
    if request.url().origin.starts_with("https:") {
        headers.set("strict-transport-security", "max-age=31536000")?;
    }
    if let Some(content_type) = response.content_type {
        headers.set("content-type", content_type)?;
    }
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    let body = (!request.is_head() && response.content_type.is_some()).then_some(response.body.as_str());
    Response::new_with_opt_str_and_init(body, &init)
}

/// Turns a response into one of the platform whose body is followed by the lines of an export.
///
/// # Errors
/// The error of the platform.
pub(super) fn stream(
    response: HttpResponse,
    export: EventExport,
    env: &Env,
    request: &IncomingRequest,
    request_id: &str,
) -> Result<Response, JsValue> {
    let headers = to_platform(&response, request, request_id)?.headers();
    let first = once(ready(Ok::<_, worker::Error>(response.body.into_bytes())));
    let directory = D1Directory::new(env);
    let rest = try_unfold((directory, Some(export)), async |(directory, export)| {
        let Some(export) = export else {
            return Ok(None);
        };
        let read = next_lines(&directory, export).await;
        let (lines, rest) = read.map_err(|error| worker::Error::RustError(error.to_string()))?;
        Ok(Some((lines.into_bytes(), (directory, rest))))
    });
    let streamed: Response = worker::Response::from_stream(first.chain(rest))?.into();
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    Response::new_with_opt_readable_stream_and_init(streamed.body().as_ref(), &init)
}
