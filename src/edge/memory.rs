//! What an isolate remembers, bounded: who holds an API key and what an app is, for 10 seconds at most, and which tokens
//! are dead, for as long as there is room.
//!
//! Held by JavaScript, packed into texts.

use crate::core::answer::Authenticated;
use crate::core::pack::packed;
use crate::core::{App, AppId, Digest, Principal, Source, Status, Timestamp, Verdict};
use crate::dialects::Failure;
use crate::platform::{host, packed};

/// How long an isolate takes a key's owner or an app's registration for granted, in seconds: the bound for a revoked
/// key, for a changed role, and for a changed app.
const KEY_SECONDS: i64 = 10;
/// The memory of secrets.
const SECRETS: &str = "secrets";
/// How many secrets an isolate remembers something of.
const ROOM: u32 = 5_000;

/// The longest memory, in characters: with the room, it bounds what all of them take to 20 MB.
const LENGTH_MAX: usize = 4_096;

/// The memory of apps.
const APPS: &str = "apps";
/// How many apps an isolate remembers: with the longest registration that the API takes, some 10 MB.
const APPS_ROOM: u32 = 100;
/// The longest memory of an app, in characters.
const APP_LENGTH_MAX: usize = 131_072;

/// What is remembered of a secret.
enum Memory {
    /// It is no API key that opens anything, until then.
    NoKey(Timestamp),
    /// It is an API key of this principal, until then.
    Key(Principal, Timestamp),
    /// It is a dead token.
    Dead(Verdict),
}

packed!(enum Memory {
    0 => NoKey(a),
    1 => Key(a, b),
    2 => Dead(a),
});

fn remember(secret: &Digest, memory: &Memory) {
    let packed = packed::to_text(memory);
    if packed.len() <= LENGTH_MAX {
        host::remember(SECRETS, ROOM, secret.as_str(), &packed);
    }
}

fn recall(secret: &Digest) -> Option<Memory> {
    packed::from_text(&host::recall(SECRETS, secret.as_str())?)
}

/// Who holds the key, or that nobody does, if that was learned not long ago.
pub(super) fn key_owner(key: &Digest, now: Timestamp) -> Option<Result<Principal, Failure>> {
    match recall(key)? {
        Memory::Key(principal, until) if now < until => Some(Ok(principal)),
        Memory::NoKey(until) if now < until => Some(Err(Failure::KeyInvalid)),
        _ => None,
    }
}

/// Remembers who holds the key, or that nobody does.
pub(super) fn remember_key_owner(key: &Digest, owner: Option<&Authenticated>, now: Timestamp) {
    let until = now.plus_seconds(KEY_SECONDS);
    let memory = match owner {
        None => Memory::NoKey(until),
        Some(Authenticated { principal, expires_at }) => {
            Memory::Key(principal.clone(), expires_at.map_or(until, |expires_at| until.min(expires_at)))
        }
    };
    remember(key, &memory);
}

/// What is remembered of an app.
pub(super) enum Recalled {
    /// Its registration, or that there is none.
    Known(Option<App>),
    /// Nothing.
    Unknown,
}

/// The app's registration, or that there is none, if that was learned not long ago.
pub(super) fn app(app_id: &AppId, now: Timestamp) -> Recalled {
    match host::recall(APPS, app_id.as_str()).and_then(|packed| packed::from_text::<(Timestamp, Option<App>)>(&packed))
    {
        Some((until, app)) if now < until => Recalled::Known(app),
        _ => Recalled::Unknown,
    }
}

/// Remembers an app's registration, or that there is none.
pub(super) fn remember_app(app_id: &AppId, app: Option<&App>, now: Timestamp) {
    let packed = packed::to_text(&(now.plus_seconds(KEY_SECONDS), app.cloned()));
    if packed.len() <= APP_LENGTH_MAX {
        host::remember(APPS, APPS_ROOM, app_id.as_str(), &packed);
    }
}

/// The verdict on a token that is known to be dead.
pub(super) fn dead(token: &Digest) -> Option<Verdict> {
    match recall(token)? {
        Memory::Dead(verdict) => Some(verdict),
        Memory::Key(..) | Memory::NoKey(_) => None,
    }
}

/// Remembers a verdict, if it is for ever. That a token ran out is remembered once the ledger has told it, which the
/// copy in KV shows: before, it rests on the clock of one machine.
pub(super) fn remember_dead(token: &Digest, verdict: &Verdict) {
    if verdict.status() == Status::Expired && verdict.source() == Source::Ledger {
        return;
    }
    if let Some(replica) = verdict.replica() {
        remember(token, &Memory::Dead(replica));
    }
}
