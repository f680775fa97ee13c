//! What an isolate remembers, bounded: who holds an API key, for 10 seconds at most, and which tokens are dead, for
//! as long as there is room.
//!
//! Held in JavaScript's `Map`, which keeps the order of insertion: where there is no more room, the oldest goes.

use js_sys::Map;
use serde::{Deserialize, Serialize};

use crate::core::answer::Authenticated;
use crate::core::{Digest, Principal, Timestamp, Verdict};
use crate::ledger::packed;

/// How long an isolate takes a key's owner for granted, in seconds: the bound for a revoked key, and for a changed role.
const KEY_SECONDS: i64 = 10;
/// How many secrets an isolate remembers something of.
const ROOM: u32 = 5_000;

/// What is remembered of a secret.
#[derive(Serialize, Deserialize)]
enum Memory {
    /// It is an API key of this principal, until then.
    Key(Principal, Timestamp),
    /// It is a dead token.
    Dead(Verdict),
}

thread_local! {
    static MEMORIES: Map = Map::new();
}

fn remember(secret: &Digest, memory: &Memory) {
    let Some(packed) = packed::to_text(memory) else {
        return;
    };
    MEMORIES.with(|memories| {
        if memories.size() >= ROOM
            && let Ok(oldest) = memories.keys().next()
        {
            memories.delete(&oldest.value());
        }
        memories.set(&secret.as_str().into(), &packed.into());
    });
}

fn recall(secret: &Digest) -> Option<Memory> {
    let packed = MEMORIES.with(|memories| memories.get(&secret.as_str().into()));
    packed::from_text(&packed.as_string()?)
}

/// Who holds the key, if that was learned not long ago.
pub(super) fn key_owner(key: &Digest, now: Timestamp) -> Option<Principal> {
    match recall(key)? {
        Memory::Key(principal, until) if now < until => Some(principal),
        _ => None,
    }
}

/// Remembers who holds the key.
pub(super) fn remember_key_owner(key: &Digest, owner: &Authenticated, now: Timestamp) {
    let until = now.plus_seconds(KEY_SECONDS);
    let until = owner.expires_at.map_or(until, |expires_at| until.min(expires_at));
    remember(key, &Memory::Key(owner.principal.clone(), until));
}

/// The verdict on a token that is known to be dead.
pub(super) fn dead(token: &Digest) -> Option<Verdict> {
    match recall(token)? {
        Memory::Dead(verdict) => Some(verdict),
        Memory::Key(..) => None,
    }
}

/// Remembers a verdict, if it is for ever.
pub(super) fn remember_dead(token: &Digest, verdict: &Verdict) {
    if let Some(replica) = verdict.replica() {
        remember(token, &Memory::Dead(replica));
    }
}
