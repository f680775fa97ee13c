//! The copies of terminal verdicts in KV. The ledger alone writes them, after its commit, from its outbox; the edge reads
//! them. Any failure is a miss.

use wasm_bindgen::JsValue;
use worker::Env;

use super::kv::Kv;
use super::packed;
use crate::core::{Digest, Verdict};

/// Where the copy of a verdict lies: under the digest of the token's secret. The number is that of the copy's format.
pub(crate) fn key(digest: &Digest) -> String {
    format!("verdict:2:{}", digest.as_str())
}

/// The copies of terminal verdicts.
pub(crate) struct Replicas(Kv);

impl Replicas {
    /// The copies, if there is a KV namespace.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        Kv::of(env).map(Self)
    }

    /// The copy of the verdict on a token.
    pub(crate) async fn get(&self, token: &Digest) -> Option<Verdict> {
        read(&self.0.read(&key(token)).await?)
    }

    /// The copies of the verdicts on several tokens, in their order: one operation.
    pub(crate) async fn get_many(&self, tokens: &[&Digest]) -> Option<Vec<Option<Verdict>>> {
        let keys: Vec<JsValue> = tokens.iter().map(|token| key(token).into()).collect();
        let found = self.0.read_many(&keys).await?;
        Some(keys.iter().map(|key| read(&found.get(key))).collect())
    }
}

/// Only a verdict that is for ever is a copy.
fn read(value: &JsValue) -> Option<Verdict> {
    packed::from_text::<Verdict>(&value.as_string()?)?.replica()
}
