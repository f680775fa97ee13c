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

/// The copies of the verdicts on these tokens, in their order: one operation. Only a verdict that is for ever is a copy.
pub(crate) async fn read(env: &Env, tokens: &[&Digest]) -> Vec<Option<Verdict>> {
    let keys: Vec<_> = tokens.iter().map(|token| key(token)).collect();
    let mut copies = Vec::new();
    if let Some(kv) = Kv::of(env)
        && let Some(found) = kv.read(&keys.join(",")).await
    {
        copies.extend(found.split(',').map(|text| packed::from_text::<Verdict>(text)?.replica()));
    }
    copies
}
