//! What an isolate remembers, bounded: who holds an API key, for 10 seconds at most, and which tokens are dead, for
//! as long as there is room.

use std::cell::RefCell;
use std::num::NonZeroUsize;

use lru::LruCache;

use crate::core::answer::Authenticated;
use crate::core::{Digest, Principal, Timestamp, Verdict};

/// How long an isolate takes a key's owner for granted, in seconds: the bound for a revoked key, and for a changed role.
const KEY_SECONDS: i64 = 10;
/// How many secrets an isolate remembers something of.
const ROOM: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4_999);

/// What is remembered of a secret.
enum Memory {
    /// It is an API key of this principal, until then.
    Key(Box<Principal>, Timestamp),
    /// It is a dead token.
    Dead(Box<Verdict>),
}

thread_local! {
    static MEMORIES: RefCell<LruCache<Digest, Memory>> = RefCell::new(LruCache::new(ROOM));
}

fn remember(secret: Digest, memory: Memory) {
    MEMORIES.with_borrow_mut(|memories| memories.put(secret, memory));
}

/// Who holds the key, if that was learned not long ago.
pub(super) fn key_owner(key: &Digest, now: Timestamp) -> Option<Principal> {
    MEMORIES.with_borrow_mut(|memories| match memories.get(key) {
        Some(Memory::Key(principal, until)) if now < *until => Some(Principal::clone(principal)),
        _ => None,
    })
}

/// Remembers who holds the key.
pub(super) fn remember_key_owner(key: Digest, owner: &Authenticated, now: Timestamp) {
    let until = now.plus_seconds(KEY_SECONDS);
    let until = owner.expires_at.map_or(until, |expires_at| until.min(expires_at));
    remember(key, Memory::Key(Box::new(owner.principal.clone()), until));
}

/// The verdict on a token that is known to be dead.
pub(super) fn dead(token: &Digest) -> Option<Verdict> {
    MEMORIES.with_borrow_mut(|memories| match memories.get(token) {
        Some(Memory::Dead(verdict)) => Some(Verdict::clone(verdict)),
        _ => None,
    })
}

/// Remembers a verdict, if it is for ever.
pub(super) fn remember_dead(token: &Digest, verdict: &Verdict) {
    if let Some(replica) = verdict.replica() {
        remember(token.clone(), Memory::Dead(Box::new(replica)));
    }
}
