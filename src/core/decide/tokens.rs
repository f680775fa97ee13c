//! Tokens: minted, checked, consumed, revoked.

use crate::core::access::Principal;
use crate::core::answer::{Outcome, Refusal};
use crate::core::command::{Minting, Order, Page, TokenName};
use crate::core::event::EventType;
use crate::core::status::{Standing, Status, status};
use crate::core::time::Timestamp;
use crate::core::token::{CONNECTION_TOKEN_TTL_MAX, How, Token, TokenKind};
use crate::core::user::User;
use crate::core::verdict::Verdict;
use crate::core::view::{Change, View, Writes};

pub(super) fn mint(
    principal: &Principal,
    user: &User,
    order: &Order,
    minting: &Minting,
    now: Timestamp,
    writes: &mut Writes,
) -> Result<Outcome, Refusal> {
    if order.kind == TokenKind::ConnectionToken && !user.profile.connectable {
        return Err(Refusal::NotConnectable);
    }
    let day = 1..=CONNECTION_TOKEN_TTL_MAX;
    if order.kind == TokenKind::ConnectionToken && !order.ttl.is_some_and(|ttl| day.contains(&ttl)) {
        return Err(Refusal::TtlOutOfRange);
    }
    if order.kind == TokenKind::ApiKey && !principal.may_act_as(&user.user_id, &user.profile) {
        return Err(Refusal::Forbidden);
    }
    if order.app_id.is_some() {
        return Err(Refusal::AppUnknown);
    }
    let fresh = minting.fresh.first().filter(|fresh| fresh.kind == order.kind).ok_or(Refusal::Corrupt)?;
    let token = Token {
        token_id: fresh.token_id.clone(),
        digest: fresh.digest.clone(),
        kind: order.kind,
        created_at: now,
        expires_at: order.ttl.map(|seconds| now.plus_seconds(i64::from(seconds))),
        end: None,
        settled: false,
        facts: order.facts(principal),
    };
    writes.tell_of_token(EventType::TokenCreated, principal.actor(), user, &token, now, None);
    let verdict = Verdict::of(&user.user_id, &token, Standing::Valid, now);
    writes.changes.push(Change::AddToken(token));
    Ok(Outcome::Minted(verdict))
}

pub(super) fn check(view: &View, user: &User, now: Timestamp) -> Outcome {
    let verdict = |token: &Token| Verdict::of(&user.user_id, token, status(token, &view.cutoffs, now), now);
    let verdicts = view.tokens.iter().map(|token| token.as_ref().map(verdict)).collect();
    Outcome::Checked { verdicts, as_of: now }
}

/// Uses a connection token: the first to come wins, for ever.
pub(super) fn consume(
    view: &View,
    principal: &Principal,
    user: &User,
    name: &TokenName,
    now: Timestamp,
    writes: &mut Writes,
) -> Result<Outcome, Refusal> {
    if !matches!(name, TokenName::Secret(TokenKind::ConnectionToken, _)) {
        return Err(Refusal::NotAConnectionToken);
    }
    let token = named(view)?;
    match status(token, &view.cutoffs, now) {
        Standing::Valid => {
            let verdict = end(How::Consumed, principal, user, token, None, now, writes);
            Ok(Outcome::Consumed(verdict, user.clone()))
        }
        dead @ Standing::Dead { .. } => Err(Refusal::Dead(Box::new(Verdict::of(&user.user_id, token, dead, now)))),
    }
}

/// Takes a token back. One that is dead already stays what it was, and is said so.
pub(super) fn revoke(
    view: &View,
    principal: &Principal,
    user: &User,
    reason: Option<&str>,
    now: Timestamp,
    writes: &mut Writes,
) -> Result<Outcome, Refusal> {
    let token = named(view)?;
    let standing = status(token, &view.cutoffs, now);
    let previous = standing.status();
    let verdict = match standing {
        Standing::Valid => end(How::Revoked, principal, user, token, reason, now, writes),
        dead @ Standing::Dead { .. } => Verdict::of(&user.user_id, token, dead, now),
    };
    Ok(Outcome::Revoked { previous, verdict })
}

pub(super) fn list(
    view: &View,
    user: &User,
    page: Page,
    wanted: Option<Status>,
    kind: Option<TokenKind>,
    now: Timestamp,
) -> Outcome {
    let (rows, next) = page.split(&view.token_page, |(seq, _)| *seq);
    let items = rows
        .iter()
        .map(|(_, token)| Verdict::of(&user.user_id, token, status(token, &view.cutoffs, now), now))
        .filter(|verdict| wanted.is_none_or(|wanted| verdict.status() == wanted))
        .filter(|verdict| kind.is_none_or(|kind| verdict.kind == kind))
        .collect();
    Outcome::Tokens(items, next)
}

fn named(view: &View) -> Result<&Token, Refusal> {
    view.tokens.first().and_then(Option::as_ref).ok_or(Refusal::TokenUnknown)
}

/// Records the end of a live token.
fn end(
    how: How,
    principal: &Principal,
    user: &User,
    token: &Token,
    reason: Option<&str>,
    now: Timestamp,
    writes: &mut Writes,
) -> Verdict {
    let by = principal.actor();
    let (event_type, dead) = match how {
        How::Consumed => (EventType::TokenConsumed, Status::Consumed),
        How::Revoked => (EventType::TokenRevoked, Status::Revoked),
    };
    writes.tell_of_token(event_type, by.clone(), user, token, now, reason);
    let standing = Standing::Dead { status: dead, at: now, by: Some(by), reason: reason.map(str::to_owned) };
    let verdict = Verdict::of(&user.user_id, token, standing, now);
    writes.changes.push(Change::Settle { digest: token.digest.clone(), verdict: verdict.clone() });
    verdict
}
