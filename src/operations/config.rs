//! The configuration of a deployment, as operations and dialects read it.

use std::time::Duration;

use subtle::ConstantTimeEq;

use crate::core::{Digest, Keyring, Leases};

/// The period of the rate limit in seconds: `period` of `[[ratelimits]]` in `wrangler.toml`, read at build time.
pub const RATE_LIMIT_PERIOD: u32 = period(include_bytes!("../../wrangler.toml"));

const _: () = assert!(RATE_LIMIT_PERIOD > 0, "wrangler.toml has no rate limit with a period");

/// The number after `period =`; 0 if there is none.
const fn period(toml: &[u8]) -> u32 {
    let mut rest = toml;
    while let [_, tail @ ..] = rest {
        if let [b'p', b'e', b'r', b'i', b'o', b'd', value @ ..] = rest
            && let [b'=', value @ ..] = value.trim_ascii_start()
        {
            return number(value.trim_ascii_start());
        }
        rest = tail;
    }
    0
}

/// The number at the start of a text; 0 if there is none.
const fn number(text: &[u8]) -> u32 {
    let (mut number, mut rest) = (0_u32, text);
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        number = number.saturating_mul(10).saturating_add(digit.saturating_sub(b'0') as u32);
        rest = tail;
    }
    number
}

/// When the edge reads the KV record of a token during a check (design: status and verdicts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hedge {
    /// When the ledger has not answered within this time. Zero reads both at once.
    After(Duration),
    /// Only when the ledger does not answer at all.
    OnFailure,
}

impl Hedge {
    /// The default: 50 milliseconds.
    pub const DEFAULT: Self = Self::After(Duration::from_millis(50));

    /// Reads the variable `HEDGE_MS`: milliseconds, or `off`. Any other text, also an empty one, is the default.
    ///
    /// ```
    /// use hookswitch::operations::Hedge;
    /// assert_eq!(Hedge::parse("off"), Hedge::OnFailure);
    /// assert_eq!(Hedge::parse(""), Hedge::DEFAULT);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "off" => Self::OnFailure,
            text => text.parse().map_or(Self::DEFAULT, |millis: u32| Self::After(Duration::from_millis(millis.into()))),
        }
    }
}

/// The settings of a deployment that operations and dialects read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name of the deployment in Stytch's URLs (`PROJECT_ID`).
    pub project_id: String,
    /// The URL of the operator's authorization page (`AUTHORIZATION_ENDPOINT`); empty if there is none.
    pub authorization_endpoint: String,
    /// For how many seconds a public client that uses a refresh token again gets the same answer
    /// (`REFRESH_GRACE_SECONDS`).
    pub refresh_grace: u32,
    /// When the edge reads KV during a check (`HEDGE_MS`).
    pub hedge: Hedge,
    /// For how long a `valid` verdict may be reused (`LEASE_SECONDS`, `LEASE_SECONDS_PREVIOUS`).
    pub leases: Leases,
    /// How long a provider has to answer (`UPSTREAM_TIMEOUT_MS`).
    pub upstream_timeout: Duration,
    /// The first wait before a provider is asked again, in milliseconds (`UPSTREAM_RETRY_MS`).
    pub upstream_retry: u32,
    /// How long a webhook endpoint has to answer (`WEBHOOK_TIMEOUT_MS`).
    pub webhook_timeout: Duration,
    /// How long dead tokens and events are kept (`RETENTION_DAYS` or `RETENTION_SECONDS`).
    pub retention: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            project_id: String::new(),
            authorization_endpoint: String::new(),
            refresh_grace: 30,
            hedge: Hedge::DEFAULT,
            leases: Leases::default(),
            upstream_timeout: Duration::from_secs(10),
            upstream_retry: 10_000,
            webhook_timeout: Duration::from_secs(15),
            retention: Duration::from_hours(30 * 24),
        }
    }
}

/// The configuration of a deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The keys that create, verify and seal.
    pub keyring: Keyring,
    /// The digest of the root key.
    pub root_key: Digest,
    /// The settings.
    pub settings: Settings,
}

impl Config {
    /// Whether the text is the root key. The comparison takes the same time for every text.
    #[must_use]
    pub fn is_root_key(&self, text: &str) -> bool {
        let digest = Digest::of(text.as_bytes());
        digest.as_str().as_bytes().ct_eq(self.root_key.as_str().as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_of_the_rate_limit_is_read_from_the_configuration() {
        for (toml, expected) in [
            ("simple = { limit = 1000, period = 10 }", 10),
            ("# a period of 10 or 60 seconds\nsimple = {limit=1,period=60}", 60),
            ("period  =\t60", 60),
            ("# a period", 0),
            ("period = x", 0),
            ("", 0),
        ] {
            assert_eq!(period(toml.as_bytes()), expected, "{toml}");
        }
        assert!([10, 60].contains(&RATE_LIMIT_PERIOD));
    }
}
