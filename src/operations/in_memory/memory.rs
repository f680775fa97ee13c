//! The memory of an isolate.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::core::{AppId, Digest, TokenKey, Verdict};
use crate::operations::platform::{
    AppCache, DeadToken, KeyCache, LeaseCache, RememberedApp, RememberedKey, VerdictCache,
};

/// The memory of an isolate, without a bound.
#[derive(Default)]
pub struct UnboundedMemory {
    dead_tokens: RefCell<HashMap<TokenKey, DeadToken>>,
    leases: RefCell<HashMap<Digest, Verdict>>,
    keys: RefCell<HashMap<Digest, RememberedKey>>,
    apps: RefCell<HashMap<AppId, RememberedApp>>,
}

impl UnboundedMemory {
    /// Forgets everything, as a new isolate would.
    pub fn clear(&self) {
        self.dead_tokens.borrow_mut().clear();
        self.leases.borrow_mut().clear();
        self.keys.borrow_mut().clear();
        self.apps.borrow_mut().clear();
    }
}

impl VerdictCache for UnboundedMemory {
    fn dead_token(&self, token: &TokenKey) -> Option<DeadToken> {
        self.dead_tokens.borrow().get(token).cloned()
    }

    fn remember_dead_token(&self, token: &TokenKey, dead: DeadToken) {
        self.dead_tokens.borrow_mut().insert(token.clone(), dead);
    }
}

impl LeaseCache for UnboundedMemory {
    fn leased_verdict(&self, token: &Digest) -> Option<Verdict> {
        self.leases.borrow().get(token).cloned()
    }

    fn remember_lease(&self, token: &Digest, verdict: Verdict) {
        self.leases.borrow_mut().insert(token.clone(), verdict);
    }
}

impl KeyCache for UnboundedMemory {
    fn key_owner(&self, key: &Digest) -> Option<RememberedKey> {
        self.keys.borrow().get(key).cloned()
    }

    fn remember_key_owner(&self, key: &Digest, owner: RememberedKey) {
        self.keys.borrow_mut().insert(key.clone(), owner);
    }
}

impl AppCache for UnboundedMemory {
    fn app(&self, app_id: &AppId) -> Option<RememberedApp> {
        self.apps.borrow().get(app_id).cloned()
    }

    fn remember_app(&self, app_id: &AppId, app: RememberedApp) {
        self.apps.borrow_mut().insert(app_id.clone(), app);
    }
}
