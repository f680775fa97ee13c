//! The calls of the entrypoint `Tokens`, which other Workers of the account make over RPC.

#![expect(unreachable_pub, reason = "wasm-bindgen exports only public functions")]

use serde::Serialize;
use wasm_bindgen::prelude::*;
use worker::{Context as WorkerContext, Env};

use super::config::EdgeSettings;
use super::fetch::{random_uuid, write};
use super::log::LogLine;
use crate::core::Principal;
use crate::dialects::rpc;
use crate::operations::{ApiError, Caller, Context};
use crate::platform::clock::now_millis;
use crate::platform::{WorkerPlatform, configuration, now};

/// Validates an access token for a resource server. The result is JSON: `null` for a token that is not valid there.
///
/// # Errors
/// An error of JavaScript, if there is no verdict or `resource` is no URI of a resource.
#[wasm_bindgen(js_name = validateToken)]
pub async fn validate_token(
    resource: String,
    token: String,
    env: Env,
    context: worker::worker_sys::Context,
) -> Result<String, JsValue> {
    let validate = async |cx: &Context<'_>| rpc::validate_token(cx, &resource, &token).await;
    answer("validateToken", env, context, validate).await
}

/// Checks a token. The result is JSON.
///
/// # Errors
/// An error of JavaScript, if there is no verdict.
#[wasm_bindgen(js_name = check)]
pub async fn check(token: String, env: Env, context: worker::worker_sys::Context) -> Result<String, JsValue> {
    answer("check", env, context, async |cx: &Context<'_>| rpc::check(cx, &token).await).await
}

/// Answers a call and logs it. The caller has a service binding, so it may see every token.
async fn answer<T: Serialize>(
    method: &'static str,
    env: Env,
    context: worker::worker_sys::Context,
    call: impl AsyncFnOnce(&Context<'_>) -> Result<T, ApiError>,
) -> Result<String, JsValue> {
    let settings = EdgeSettings::of(&env);
    let mut log = LogLine::start(random_uuid(), "RPC", None, now_millis());
    (log.dialect, log.route) = (Some("rpc"), Some(method));
    let result = match configuration(&env) {
        Ok(config) => {
            let platform = WorkerPlatform::new(&env, WorkerContext::new(context));
            let request_id = log.request_id.clone();
            let mut cx = Context::new(&config, &platform, now(), &request_id, "");
            cx.caller = Caller::Principal(Principal::Root);
            call(&cx).await
        }
        Err(problems) => Err(ApiError::Misconfigured(problems)),
    };
    let (status, result) = match result {
        Ok(answer) => match serde_json::to_string(&answer) {
            Ok(json) => (200, Ok(json)),
            Err(_) => (500, Err(JsError::new("the answer cannot be written").into())),
        },
        Err(error) => {
            log.failed(&error);
            match &error {
                ApiError::Invalid(_) => (400, Err(js_sys::TypeError::new(&error.to_string()).into())),
                ApiError::Unavailable(_) | ApiError::Misconfigured(_) => {
                    (503, Err(JsError::new(&error.to_string()).into()))
                }
                _ => (500, Err(JsError::new(&error.to_string()).into())),
            }
        }
    };
    if settings.log.includes(status, log.is_read) {
        write(&log.finish(status, now_millis()), status);
    }
    result
}
