//! The settings that only the edge reads.

use std::cell::RefCell;
use std::rc::Rc;

use worker::Env;

use super::cors::AllowedOrigins;
use super::log::LogLevel;
use crate::platform::config::text;

/// The settings of the edge. Unlike the secrets, they are never missing: each has a default.
pub(super) struct EdgeSettings {
    /// The origins whose pages may read responses (`CORS_ORIGINS`).
    pub(super) allowed_origins: AllowedOrigins,
    /// Which requests are logged (`LOG`).
    pub(super) log: LogLevel,
}

thread_local! {
    static SETTINGS: RefCell<Option<Rc<EdgeSettings>>> = const { RefCell::new(None) };
}

impl EdgeSettings {
    /// The settings of the deployment. An isolate reads them once.
    pub(super) fn of(env: &Env) -> Rc<Self> {
        SETTINGS.with_borrow_mut(|settings| Rc::clone(settings.get_or_insert_with(|| Rc::new(Self::read(env)))))
    }

    fn read(env: &Env) -> Self {
        Self {
            allowed_origins: AllowedOrigins::parse(&text(env, "CORS_ORIGINS")),
            log: LogLevel::parse(&text(env, "LOG")),
        }
    }
}
