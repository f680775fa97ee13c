//! The memory of an isolate: dead tokens, leased verdicts, owners of API keys, and apps. All of it is bounded.

use std::cell::RefCell;

use super::bounded_map::BoundedMap;
use crate::core::json::Json;
use crate::core::{AppId, Digest, Scope, TokenKey, Verdict};
use crate::operations::platform::{
    AppCache, DeadToken, KeyCache, LeaseCache, RememberedApp, RememberedKey, VerdictCache,
};

/// How many dead tokens an isolate remembers. With [`VERDICT_TEXT_MAX`], they take about 25 MB.
const DEAD_TOKENS_MAX: usize = 5_000;
/// How many verdicts with a lease an isolate remembers. With [`VERDICT_TEXT_MAX`], they take about 25 MB.
const LEASES_MAX: usize = 5_000;
/// The longest free texts of a verdict that an isolate remembers, in bytes.
const VERDICT_TEXT_MAX: usize = 4_096;
/// How many API keys an isolate remembers.
const KEYS_MAX: usize = 5_000;
/// How many apps an isolate remembers. With the largest registration that the API accepts, they take about 10 MB.
const APPS_MAX: usize = 100;

thread_local! {
    static DEAD_TOKENS: RefCell<BoundedMap<TokenKey, DeadToken>> = RefCell::new(BoundedMap::new(DEAD_TOKENS_MAX));
    static LEASES: RefCell<BoundedMap<Digest, Verdict>> = RefCell::new(BoundedMap::new(LEASES_MAX));
    static KEYS: RefCell<BoundedMap<Digest, RememberedKey>> = RefCell::new(BoundedMap::new(KEYS_MAX));
    static APPS: RefCell<BoundedMap<AppId, RememberedApp>> = RefCell::new(BoundedMap::new(APPS_MAX));
}

/// The memory that all requests of an isolate share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SharedMemory;

impl VerdictCache for SharedMemory {
    fn dead_token(&self, token: &TokenKey) -> Option<DeadToken> {
        DEAD_TOKENS.with_borrow(|tokens| tokens.get(token).cloned())
    }

    fn remember_dead_token(&self, token: &TokenKey, dead: DeadToken) {
        if text_length(&dead.verdict) <= VERDICT_TEXT_MAX {
            DEAD_TOKENS.with_borrow_mut(|tokens| tokens.insert(token.clone(), dead));
        }
    }
}

impl LeaseCache for SharedMemory {
    fn leased_verdict(&self, token: &Digest) -> Option<Verdict> {
        LEASES.with_borrow(|verdicts| verdicts.get(token).cloned())
    }

    fn remember_lease(&self, token: &Digest, verdict: Verdict) {
        if text_length(&verdict) <= VERDICT_TEXT_MAX {
            LEASES.with_borrow_mut(|verdicts| verdicts.insert(token.clone(), verdict));
        }
    }
}

impl KeyCache for SharedMemory {
    fn key_owner(&self, key: &Digest) -> Option<RememberedKey> {
        KEYS.with_borrow(|keys| keys.get(key).cloned())
    }

    fn remember_key_owner(&self, key: &Digest, owner: RememberedKey) {
        KEYS.with_borrow_mut(|keys| keys.insert(key.clone(), owner));
    }
}

impl AppCache for SharedMemory {
    fn app(&self, app_id: &AppId) -> Option<RememberedApp> {
        APPS.with_borrow(|apps| apps.get(app_id).cloned())
    }

    fn remember_app(&self, app_id: &AppId, app: RememberedApp) {
        APPS.with_borrow_mut(|apps| apps.insert(app_id.clone(), app));
    }
}

/// The length of the texts of a verdict that have no short limit.
fn text_length(verdict: &Verdict) -> usize {
    let facts = &verdict.facts;
    let reason = verdict.state.death().and_then(|death| death.reason.as_deref());
    let texts = [
        facts.metadata.as_ref().map(Json::as_str),
        facts.scope.as_ref().map(Scope::as_str),
        facts.redirect_uri.as_deref(),
        facts.label.as_deref(),
        reason,
    ];
    texts.into_iter().flatten().map(str::len).fold(0, usize::saturating_add)
}
