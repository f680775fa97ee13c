//! The deployment's secrets, read once in an isolate's life.

use std::cell::Cell;

use subtle::ConstantTimeEq;
use worker::Env;

use crate::core::{Digest, Keyring};
use crate::dialects::{Failure, Settings};
use crate::platform::env::text;
use crate::platform::secrets::{self, MISSING};

/// What every request needs of the configuration.
pub(super) struct Config {
    pub(super) keyring: Keyring,
    pub(super) settings: Settings,
    /// For how many seconds after a public client's refresh token was used up it gets the same answer again.
    pub(super) refresh_grace: u32,
    root_key: Digest,
}

const ROOT_KEY: &str = "HOOKSWITCH_ROOT_KEY";
/// The shortest root key, in bytes.
const ROOT_KEY_MIN: usize = 16;

thread_local! {
    static CONFIG: Cell<Option<&'static Config>> = const { Cell::new(None) };
}

impl Config {
    /// The configuration.
    ///
    /// # Errors
    /// [`Failure::Misconfigured`] with each secret that is missing or cannot be used.
    pub(super) fn of(env: &Env) -> Result<&'static Self, Failure> {
        if let Some(config) = CONFIG.get() {
            return Ok(config);
        }
        let config = Box::leak(Box::new(Self::read(env)?));
        CONFIG.set(Some(config));
        Ok(config)
    }

    fn read(env: &Env) -> Result<Self, Failure> {
        let (keyring, mut wrong) = match secrets::keyring(env) {
            Ok(keyring) => (Some(keyring), Vec::new()),
            Err(wrong) => (None, wrong),
        };
        let root_key = trimmed(env, ROOT_KEY);
        match root_key.len() {
            0 => wrong.push((ROOT_KEY, MISSING)),
            1..ROOT_KEY_MIN => wrong.push((ROOT_KEY, "holds fewer than 16 bytes")),
            _ => {}
        }
        match keyring {
            Some(keyring) if wrong.is_empty() => Ok(Self {
                keyring,
                settings: Settings {
                    project_id: trimmed(env, "PROJECT_ID"),
                    authorization_endpoint: trimmed(env, "AUTHORIZATION_ENDPOINT"),
                },
                refresh_grace: refresh_grace(&text(env, "REFRESH_GRACE_SECONDS")),
                root_key: Digest::of(root_key.as_bytes()),
            }),
            _ => Err(Failure::Misconfigured(wrong.into())),
        }
    }

    /// Whether it is the root key; in constant time, over digests, so that not even its length shows.
    pub(super) fn is_root_key(&self, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes());
        digest.as_str().as_bytes().ct_eq(self.root_key.as_str().as_bytes()).into()
    }
}

fn trimmed(env: &Env, name: &str) -> String {
    text(env, name).trim().to_owned()
}

/// Half a minute, where nothing is set; five minutes at most.
fn refresh_grace(text: &str) -> u32 {
    text.trim().parse().unwrap_or(30).min(300)
}
