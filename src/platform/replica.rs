//! The copies of terminal verdicts in KV. The ledger alone writes them, after its commit, from its outbox; the edge reads
//! them. Any failure is a miss.

use worker::Env;

use super::kv::Kv;
use super::packed;
use crate::core::{Digest, Verdict};

/// Where the copy of a verdict lies: under the digest of the token's secret. The number is that of the copy's format.
pub(crate) fn key(digest: &Digest) -> String {
    format!("verdict:2:{}", digest.as_str())
}

/// What lies under these keys, in their order, with commas between: one operation.
pub(crate) async fn read(env: &Env, keys: &[String]) -> String {
    match Kv::of(env) {
        Some(kv) => kv.read(&keys.join(",")).await.unwrap_or_default(),
        None => String::new(),
    }
}

/// The copy that lies there, if it is one: only a verdict that is for ever is.
pub(crate) fn copy(text: &str) -> Option<Verdict> {
    packed::from_text::<Verdict>(text)?.replica()
}
