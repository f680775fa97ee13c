//! The copies of terminal verdicts in KV. The ledger alone writes them, after its commit, from its outbox; the edge reads
//! them. Any failure is a miss.

use js_sys::{Array, Map, Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::env::binding;
use super::packed;
use crate::core::{Digest, Verdict};

#[wasm_bindgen]
extern "C" {
    /// A KV namespace.
    type Kv;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Kv, key: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn get_many(this: &Kv, keys: &Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn put(this: &Kv, key: &str, value: &str, options: &Object) -> Result<Promise, JsValue>;
}

/// Where the copy of a verdict lies: under the digest of the token's secret. The number is that of the copy's format.
pub(super) fn key(digest: &Digest) -> String {
    format!("verdict:2:{}", digest.as_str())
}

/// The copies of terminal verdicts.
pub(crate) struct Replicas(Kv);

impl Replicas {
    /// The copies, if there is a binding `TOKENS`.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        binding(env, "TOKENS").map(Self)
    }

    /// The copy of the verdict on a token.
    pub(crate) async fn get(&self, token: &Digest) -> Option<Verdict> {
        read(&JsFuture::from(self.0.get(&key(token)).ok()?).await.ok()?)
    }

    /// The copies of the verdicts on several tokens, in their order: one operation.
    pub(crate) async fn get_many(&self, tokens: &[&Digest]) -> Option<Vec<Option<Verdict>>> {
        let keys: Vec<JsValue> = tokens.iter().map(|token| key(token).into()).collect();
        let found = JsFuture::from(self.0.get_many(&keys.iter().collect()).ok()?).await.ok()?;
        let found: Map = found.dyn_into().ok()?;
        Some(keys.iter().map(|key| read(&found.get(key))).collect())
    }

    /// Starts to write a copy that lives for so many seconds; none, where that failed at once.
    pub(super) fn put(&self, key: &str, body: &str, ttl: i64) -> Option<Promise> {
        let options = Object::new();
        #[allow(clippy::cast_precision_loss)]
        Reflect::set(&options, &"expirationTtl".into(), &(ttl as f64).into()).ok()?;
        self.0.put(key, body, &options).ok()
    }
}

/// Waits for a copy to be written, and says whether it was.
pub(super) async fn sent(put: Option<Promise>) -> bool {
    match put {
        Some(put) => JsFuture::from(put).await.is_ok(),
        None => false,
    }
}

/// Only a verdict that is for ever is a copy.
fn read(value: &JsValue) -> Option<Verdict> {
    packed::from_text::<Verdict>(&value.as_string()?)?.replica()
}
