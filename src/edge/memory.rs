//! What an isolate remembers, bounded: who holds an API key, for 10 seconds at most, and which tokens are dead, for
//! as long as there is room.

use std::cell::RefCell;
use std::num::NonZeroUsize;

use lru::LruCache;

use crate::core::answer::Authenticated;
use crate::core::{Digest, Principal, Timestamp, Verdict};

/// How long an isolate takes a key's owner for granted, in seconds: the bound for a revoked key, and for a changed role.
const KEY_SECONDS: i64 = 10;
const KEYS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);
const VERDICTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4_999);

thread_local! {
    static KEY_OWNERS: RefCell<LruCache<Digest, (Principal, Timestamp)>> = RefCell::new(LruCache::new(KEYS));
    static DEAD: RefCell<LruCache<Digest, Verdict>> = RefCell::new(LruCache::new(VERDICTS));
}

/// Who holds the key, if that was learned not long ago.
pub(super) fn key_owner(key: &Digest, now: Timestamp) -> Option<Principal> {
    KEY_OWNERS.with_borrow_mut(|owners| {
        let (principal, until) = owners.get(key)?;
        (now < *until).then(|| principal.clone())
    })
}

/// Remembers who holds the key.
pub(super) fn remember_key_owner(key: Digest, owner: &Authenticated, now: Timestamp) {
    let until = now.plus_seconds(KEY_SECONDS);
    let until = owner.expires_at.map_or(until, |expires_at| until.min(expires_at));
    KEY_OWNERS.with_borrow_mut(|owners| owners.put(key, (owner.principal.clone(), until)));
}

/// The verdict on a token that is known to be dead.
pub(super) fn dead(token: &Digest) -> Option<Verdict> {
    DEAD.with_borrow_mut(|dead| dead.get(token).cloned())
}

/// Remembers a verdict, if it is for ever.
pub(super) fn remember(token: Digest, verdict: &Verdict) {
    if let Some(replica) = verdict.replica() {
        DEAD.with_borrow_mut(|dead| dead.put(token, replica));
    }
}
