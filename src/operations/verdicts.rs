//! The source of a verdict (design: status and verdicts).
//!
//! A terminal verdict is true forever, so it may come from a copy. Only the ledger knows that a token is alive. In this
//! order:
//!
//! 1. A dead token that the isolate remembers is answered from memory, and so is a live one whose verdict has a lease: see
//!    [`lease`](crate::core::lease).
//! 2. The ledger is asked.
//! 3. If the ledger has not answered within [`Hedge::After`], or fails, the edge also reads the tokens' records in KV and
//!    answers with them if all of them exist. A miss decides nothing: the ledger's answer is awaited.
//!
//! The edge writes the KV record of a token when it revokes the token, and when a ledger reports a presented token as dead:
//! at most once per token and isolate, as long as the isolate remembers the token. A KV failure is a miss.
//!
//! ```
//! use hookswitch::core::Digest;
//! use hookswitch::operations::verdicts::record_key;
//!
//! // The name of a token's record in KV does not contain the token.
//! let key = Digest::of(b"a secret").key();
//! assert!(record_key(&key).contains(key.as_str()));
//! ```

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use serde::{Deserialize, Serialize};

use super::config::Hedge;
use super::context::Context;
use super::error::ApiError;
use super::platform::DeadToken;
use crate::core::decide::tokens::{CheckTokens, Checked};
use crate::core::status::DeadStatus;
use crate::core::{DecisionError, Handle, LedgerId, Principal, Resource, Role, TokenKey, TokenRef, Verdict};

/// How long a read of KV may take.
const RECORD_TIMEOUT: Duration = Duration::from_secs(1);
/// The age of an expiry from which a copy is kept, in seconds. The clocks of two machines differ by less.
const EXPIRY_AGE: i64 = 10;

/// The verdict on a token, or why the principal does not get one.
pub(super) type TokenResult = Result<Verdict, DecisionError>;

/// The KV record of a dead token.
#[derive(Serialize, Deserialize)]
struct TokenRecord {
    verdict: Verdict,
}

/// The KV key of a token's record. It contains the version of the record.
#[must_use]
pub fn record_key(token: &TokenKey) -> String {
    format!("token:1:{}", token.as_str())
}

/// The verdicts on tokens of any users, in the same order. Each ledger is called once, and all of them at the same time.
///
/// # Errors
/// [`ApiError::Unavailable`] if a ledger does not answer and KV does not have the records of all its tokens.
pub(super) async fn check(
    cx: &Context<'_>,
    principal: &Principal,
    tokens: &[(&Handle, &TokenRef)],
) -> Result<Vec<TokenResult>, ApiError> {
    check_each(cx, principal, tokens).await.into_iter().collect()
}

/// As [`check`]. A ledger that does not answer takes nothing from the tokens of others.
pub(super) async fn check_each(
    cx: &Context<'_>,
    principal: &Principal,
    tokens: &[(&Handle, &TokenRef)],
) -> Vec<Result<TokenResult, ApiError>> {
    let of_memory = |token| from_memory(cx, principal, token).map(Ok);
    let mut results: Vec<Option<Result<TokenResult, ApiError>>> =
        tokens.iter().map(|(_, token)| of_memory(token)).collect();
    let mut ledgers: Vec<LedgerId> = Vec::new();
    for ((handle, _), result) in tokens.iter().zip(&results) {
        if result.is_none() && !ledgers.contains(&handle.ledger_id()) {
            ledgers.push(handle.ledger_id());
        }
    }
    let calls = ledgers.iter().map(|ledger_id| {
        let unknown = tokens
            .iter()
            .zip(&results)
            .filter(|((handle, _), result)| result.is_none() && handle.ledger_id() == *ledger_id);
        let of_ledger: Vec<_> = unknown.map(|((_, token), _)| (*token).clone()).collect();
        check_in_ledger(cx, principal, *ledger_id, of_ledger)
    });
    let answers = join_all(calls).await;
    for (ledger_id, answer) in ledgers.iter().zip(answers) {
        let (mut verdicts, failure) = match answer {
            Ok(verdicts) => (verdicts.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        for ((handle, _), result) in tokens.iter().zip(&mut results) {
            if result.is_none() && handle.ledger_id() == *ledger_id {
                *result = failure.clone().map(Err).or_else(|| verdicts.next().map(Ok));
            }
        }
    }
    let not_found = || Ok(Err(DecisionError::NotFound(Resource::Token)));
    results.into_iter().map(|result| result.unwrap_or_else(not_found)).collect()
}

/// The verdicts on tokens of one ledger.
async fn check_in_ledger(
    cx: &Context<'_>,
    principal: &Principal,
    ledger_id: LedgerId,
    tokens: Vec<TokenRef>,
) -> Result<Vec<TokenResult>, ApiError> {
    let command = CheckTokens { tokens: tokens.clone() };
    let ledger = cx.user_ledger(ledger_id).by(principal.clone()).run_plain(command);
    let records = async { if needs_ledger(principal) { None } else { read_records(cx, &tokens).await } };
    match hedged(cx, ledger, records).await {
        Ok(Answer::Ledger(Checked { verdicts, .. })) => Ok(tokens
            .iter()
            .zip(verdicts)
            .map(|(token, verdict)| {
                let verdict = verdict.ok_or(DecisionError::NotFound(Resource::Token))?;
                remember(cx, token, &verdict, Record::Write);
                Ok(lease(cx, token, verdict))
            })
            .collect()),
        Ok(Answer::Records(copies)) => Ok(copies
            .into_iter()
            .map(|copy| from_copy(principal, copy).unwrap_or(Err(DecisionError::Forbidden)))
            .collect()),
        Err(ApiError::Refused(error)) => Ok(tokens.iter().map(|_| Err(error.clone())).collect()),
        Err(error) => Err(error),
    }
}

/// The answer from the isolate's memory about a token; `None` if the ledger has to be asked.
fn from_memory(cx: &Context<'_>, principal: &Principal, token: &TokenRef) -> Option<TokenResult> {
    match remembered(cx, token) {
        Some(copy) => from_copy(principal, copy),
        None => leased(cx, principal, token).map(Ok),
    }
}

/// The verdict on a live token that the isolate remembers, if its lease has not ended and the principal may reuse it.
pub(super) fn leased(cx: &Context<'_>, principal: &Principal, token: &TokenRef) -> Option<Verdict> {
    let verdict = cx.platform.memory().leased_verdict(token.digest()?)?;
    verdict.reused(cx.now).filter(|verdict| principal.reuses_leases_of(verdict))
}

/// Gives a verdict of the ledger its lease, and remembers the verdict if it has one. The request arrived before the edge
/// asked the ledger, so the lease is counted from its arrival.
pub(super) fn lease(cx: &Context<'_>, token: &TokenRef, verdict: Verdict) -> Verdict {
    let verdict = verdict.leased(cx.config.settings.leases, cx.now);
    if let (Some(digest), Some(_)) = (token.digest(), verdict.reused(cx.now)) {
        cx.platform.memory().remember_lease(digest, verdict.clone());
    }
    verdict
}

/// The answer to a principal from a copy of the verdict; `None` if only the ledger can answer.
fn from_copy(principal: &Principal, copy: Verdict) -> Option<TokenResult> {
    if principal.writes_regardless(&copy.user_id) {
        Some(Ok(copy))
    } else if needs_ledger(principal) {
        None
    } else {
        Some(Err(DecisionError::Forbidden))
    }
}

/// Whether only the ledger knows which users the principal writes. The access of a manager depends on groups as they are
/// now.
const fn needs_ledger(principal: &Principal) -> bool {
    matches!(principal, Principal::User { role: Role::Manager, .. })
}

/// The answer of a ledger, or the records that answer in its place.
pub(super) enum Answer<T> {
    /// The ledger's answer.
    Ledger(T),
    /// The KV records of all tokens: all of them are dead.
    Records(Vec<Verdict>),
}

/// Awaits a ledger, and reads records according to [`Hedge`]. Nothing of KV is read if the ledger answers in time.
///
/// # Errors
/// The error of the ledger. If it did not answer, the records have the last word.
pub(super) async fn hedged<T>(
    cx: &Context<'_>,
    ledger: impl Future<Output = Result<T, ApiError>>,
    records: impl Future<Output = Option<Vec<Verdict>>>,
) -> Result<Answer<T>, ApiError> {
    let (mut ledger, mut records) = (pin!(ledger), pin!(records));
    if let Hedge::After(delay) = cx.config.settings.hedge {
        if !delay.is_zero() {
            let timer = cx.platform.sleep(delay);
            if let Either::Left((answer, _)) = select(ledger.as_mut(), timer).await {
                return or_records(answer, records).await;
            }
        }
        match select(ledger.as_mut(), records.as_mut()).await {
            Either::Left((answer, _)) => return or_records(answer, records).await,
            Either::Right((Some(copies), _)) => return Ok(Answer::Records(copies)),
            // The records were read: there is nothing to fall back on.
            Either::Right((None, _)) => return ledger.await.map(Answer::Ledger),
        }
    }
    let answer = ledger.await;
    or_records(answer, records).await
}

async fn or_records<T>(
    answer: Result<T, ApiError>,
    records: impl Future<Output = Option<Vec<Verdict>>>,
) -> Result<Answer<T>, ApiError> {
    match answer {
        Err(error @ ApiError::Unavailable(_)) => records.await.map(Answer::Records).ok_or(error),
        answer => answer.map(Answer::Ledger),
    }
}

/// The KV records of tokens; `None` unless all of them exist.
pub(super) async fn read_records(cx: &Context<'_>, tokens: &[TokenRef]) -> Option<Vec<Verdict>> {
    let reads = join_all(tokens.iter().map(|token| cx.platform.records().read(record_key(&token.key()))));
    let Either::Left((records, _)) = select(reads, cx.platform.sleep(RECORD_TIMEOUT)).await else {
        return None;
    };
    let mut copies = Vec::new();
    for (token, record) in tokens.iter().zip(records) {
        let TokenRecord { verdict } = serde_json::from_str(&record?).ok()?;
        let copy = verdict.replica()?;
        let dead = DeadToken { verdict: copy.clone(), is_recorded: true };
        cx.platform.memory().remember_dead_token(&token.key(), dead);
        copies.push(copy);
    }
    Some(copies)
}

/// The terminal verdict that the isolate remembers. The token was presented, so its KV record is written if it has none.
pub(super) fn remembered(cx: &Context<'_>, token: &TokenRef) -> Option<Verdict> {
    let dead = cx.platform.memory().dead_token(&token.key())?;
    if !dead.is_recorded {
        remember(cx, token, &dead.verdict, Record::Write);
    }
    Some(dead.verdict)
}

/// Whether a dead token gets a KV record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// The record is written: the token was revoked, or was presented although it is dead.
    Write,
    /// No record is written: the token was consumed just now, and may never be presented again.
    Skip,
}

/// Remembers a token if the ledger reports that it is dead, and writes its KV record after the response.
pub(super) fn remember(cx: &Context<'_>, token: &TokenRef, verdict: &Verdict, record: Record) {
    let Some(copy) = verdict.replica().filter(|_| is_old_enough(verdict)) else {
        return;
    };
    let (memory, key) = (cx.platform.memory(), token.key());
    let was_recorded = memory.dead_token(&key).is_some_and(|dead| dead.is_recorded);
    let is_recorded = was_recorded || record == Record::Write;
    memory.remember_dead_token(&key, DeadToken { verdict: copy.clone(), is_recorded });
    if is_recorded
        && !was_recorded
        && let Ok(text) = serde_json::to_string(&TokenRecord { verdict: copy })
    {
        cx.platform.defer(cx.platform.records().write(record_key(&key), text, cx.config.settings.retention));
    }
}

/// Remembers the token of an error that reports a dead token.
pub(super) fn remember_refused(cx: &Context<'_>, token: &TokenRef, error: &ApiError) {
    if let ApiError::Refused(DecisionError::TokenNotActive(verdict)) = error {
        remember(cx, token, verdict, Record::Write);
    }
}

/// Whether a verdict does not depend on the clock of the machine that made it. An expiry does while it is recent.
fn is_old_enough(verdict: &Verdict) -> bool {
    verdict
        .state
        .death()
        .is_some_and(|death| death.status != DeadStatus::Expired || verdict.as_of.seconds_since(death.at) >= EXPIRY_AGE)
}
