//! What `wrangler.toml` gives to the Worker and its objects.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

/// A binding of this name and, since only `wrangler.toml` says so, of this type.
pub(crate) fn binding<T: JsCast>(env: &Env, name: &str) -> Option<T> {
    let value = Reflect::get(env.as_ref(), &name.into()).ok()?;
    (!value.is_undefined()).then(|| value.unchecked_into())
}

/// A variable or secret; empty, where there is none.
pub(crate) fn text(env: &Env, name: &str) -> String {
    binding::<JsValue>(env, name).and_then(|value| value.as_string()).unwrap_or_default()
}

/// A variable that is a whole number above 0; none, where it is not.
pub(crate) fn number(env: &Env, name: &str) -> Option<u32> {
    text(env, name).trim().parse().ok().filter(|number| *number > 0)
}
