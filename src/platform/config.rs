//! The configuration of the deployment: secrets and variables of `wrangler.toml`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use worker::Env;

use crate::core::keys::SECRET_MIN_BYTES;
use crate::core::{Digest, Keyring, Leases, base64};
use crate::operations::{Config, ConfigurationProblem, Hedge, Settings};

const SECRET: &str = "HOOKSWITCH_SECRET";
const PREVIOUS: &str = "HOOKSWITCH_SECRETS_PREVIOUS";
const ROOT_KEY: &str = "HOOKSWITCH_ROOT_KEY";

/// The shortest root key, in bytes.
const ROOT_KEY_MIN_BYTES: usize = 32;
/// The longest time for which a used refresh token gets the same answer again, in seconds.
const REFRESH_GRACE_MAX: u32 = 300;
const DAY: i64 = 86_400;
/// Ten years. Data that must be kept longer does not belong in a ledger.
const RETENTION_MAX: i64 = 3_650 * DAY;

thread_local! {
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

/// The configuration of the deployment. An isolate reads it once.
///
/// # Errors
/// Each variable that is missing or cannot be used.
pub(crate) fn configuration(env: &Env) -> Result<Rc<Config>, Vec<ConfigurationProblem>> {
    if let Some(config) = CONFIG.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let config = Rc::new(read(env)?);
    CONFIG.set(Some(Rc::clone(&config)));
    Ok(config)
}

fn read(env: &Env) -> Result<Config, Vec<ConfigurationProblem>> {
    let mut problems = Vec::new();
    let secret = read_secret(&text(env, SECRET)).unwrap_or_else(|problem| {
        problems.push(ConfigurationProblem { name: SECRET, problem });
        Vec::new()
    });
    let mut previous = Vec::new();
    for secret in text(env, PREVIOUS).split(',').map(str::trim).filter(|secret| !secret.is_empty()) {
        match read_secret(secret) {
            Ok(secret) => previous.push(secret),
            Err(problem) => problems.push(ConfigurationProblem { name: PREVIOUS, problem }),
        }
    }
    let root_key = text(env, ROOT_KEY);
    match root_key.len() {
        0 => problems.push(ConfigurationProblem { name: ROOT_KEY, problem: MISSING }),
        1..ROOT_KEY_MIN_BYTES => {
            problems.push(ConfigurationProblem { name: ROOT_KEY, problem: "has fewer than 32 bytes" });
        }
        _ => {}
    }
    match Keyring::new(&secret, &previous) {
        Ok(keyring) if problems.is_empty() => {
            Ok(Config { keyring, root_key: Digest::of(root_key.as_bytes()), settings: settings(env) })
        }
        _ => Err(problems),
    }
}

const MISSING: &str = "is missing";

/// A secret in base64.
///
/// # Errors
/// The problem, as the end of a sentence.
fn read_secret(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.is_empty() {
        return Err(MISSING);
    }
    let bytes = base64::decode(text).ok_or("is not base64")?;
    if bytes.len() < SECRET_MIN_BYTES { Err("has fewer than 32 bytes") } else { Ok(bytes) }
}

fn settings(env: &Env) -> Settings {
    let defaults = Settings::default();
    let millis = |name, default| number(env, name).map_or(default, |millis| Duration::from_millis(millis.into()));
    let seconds = |name| number(env, name).unwrap_or_default();
    Settings {
        project_id: text(env, "PROJECT_ID"),
        authorization_endpoint: text(env, "AUTHORIZATION_ENDPOINT"),
        // Zero is a value here: a used refresh token then never gets the same answer again.
        refresh_grace: text(env, "REFRESH_GRACE_SECONDS")
            .parse()
            .unwrap_or(defaults.refresh_grace)
            .min(REFRESH_GRACE_MAX),
        hedge: Hedge::parse(&text(env, "HEDGE_MS")),
        leases: Leases::new(seconds("LEASE_SECONDS"), seconds("LEASE_SECONDS_PREVIOUS")),
        upstream_timeout: millis("UPSTREAM_TIMEOUT_MS", defaults.upstream_timeout),
        upstream_retry: number(env, "UPSTREAM_RETRY_MS").unwrap_or(defaults.upstream_retry),
        webhook_timeout: millis("WEBHOOK_TIMEOUT_MS", defaults.webhook_timeout),
        retention: Duration::from_secs(retention(env).unsigned_abs()),
    }
}

/// How long dead tokens and events are kept, in seconds: `RETENTION_SECONDS`, or else `RETENTION_DAYS`. The default is 30
/// days, the maximum ten years.
pub(crate) fn retention(env: &Env) -> i64 {
    let seconds = number(env, "RETENTION_SECONDS").map(i64::from);
    let days = || number(env, "RETENTION_DAYS").map(|days| i64::from(days).saturating_mul(DAY));
    seconds.or_else(days).unwrap_or(30 * DAY).min(RETENTION_MAX)
}

/// A variable or secret without the white space around it; empty if it is not set.
pub(crate) fn text(env: &Env, name: &str) -> String {
    env.var(name).map(|value| value.to_string().trim().to_owned()).unwrap_or_default()
}

/// A variable that is a whole number above zero; `None` if it is not set or something else.
pub(crate) fn number(env: &Env, name: &str) -> Option<u32> {
    text(env, name).parse().ok().filter(|number| *number > 0)
}
