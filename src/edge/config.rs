//! The deployment's secrets, read once in an isolate's life.

use std::cell::RefCell;
use std::rc::Rc;

use subtle::ConstantTimeEq;
use worker::Env;

use crate::core::{Digest, Keyring};
use crate::dialects::Failure;

/// What every request needs of the configuration.
pub(super) struct Config {
    pub(super) keyring: Keyring,
    root_key: Digest,
}

/// The shortest root key, in bytes.
const ROOT_KEY_MIN: usize = 16;

thread_local! {
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

impl Config {
    /// The configuration.
    ///
    /// # Errors
    /// [`Failure::Misconfigured`] with each secret that is missing or cannot be used.
    pub(super) fn of(env: &Env) -> Result<Rc<Self>, Failure> {
        if let Some(config) = CONFIG.with(|config| config.borrow().clone()) {
            return Ok(config);
        }
        let config = Rc::new(Self::read(env)?);
        CONFIG.with(|slot| slot.replace(Some(Rc::clone(&config))));
        Ok(config)
    }

    fn read(env: &Env) -> Result<Self, Failure> {
        let text = |name: &str| env.var(name).map(|value| value.to_string()).unwrap_or_default();
        let mut wrong = Vec::new();
        let (secret, previous) = (text("HOOKSWITCH_SECRET"), text("HOOKSWITCH_SECRETS_PREVIOUS"));
        let keyring = if secret.is_empty() {
            wrong.push("HOOKSWITCH_SECRET is missing".to_owned());
            None
        } else {
            match (Keyring::parse(&secret, ""), Keyring::parse(&secret, &previous)) {
                (Err(bad), _) => wrong.push(format!("HOOKSWITCH_SECRET {bad}")),
                (Ok(_), Err(bad)) => wrong.push(format!("HOOKSWITCH_SECRETS_PREVIOUS {bad}")),
                _ => {}
            }
            Keyring::parse(&secret, &previous).ok()
        };
        let root_key = text("HOOKSWITCH_ROOT_KEY");
        match root_key.len() {
            0 => wrong.push("HOOKSWITCH_ROOT_KEY is missing".to_owned()),
            1..ROOT_KEY_MIN => wrong.push(format!("HOOKSWITCH_ROOT_KEY holds fewer than {ROOT_KEY_MIN} bytes")),
            _ => {}
        }
        match keyring {
            Some(keyring) if wrong.is_empty() => Ok(Self { keyring, root_key: Digest::of(root_key.as_bytes()) }),
            _ => Err(Failure::Misconfigured(wrong)),
        }
    }

    /// Whether it is the root key; in constant time, over digests, so that not even its length shows.
    pub(super) fn is_root_key(&self, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes());
        digest.as_str().as_bytes().ct_eq(self.root_key.as_str().as_bytes()).into()
    }
}
