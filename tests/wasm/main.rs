//! The core in a browser: the same known answers as natively, and its rules on one token's way through life.
//!
//! Run by `npm test -- wasm`, in headless Chromium.
#![cfg(target_arch = "wasm32")]
// The lints of the crate keep panics out of the Worker; a test is made to panic.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod exports;
#[path = "../core/vectors.rs"]
mod vectors;

use hookswitch::core::cutoff::{Counts, Kinds};
use hookswitch::core::order::Cut;
use hookswitch::core::target::TokenName;
use hookswitch::core::token::{Facts, Grant};
use hookswitch::core::user::{Profile, User};
use hookswitch::core::view::Change;
use hookswitch::core::{
    Actor, Command, Digest, Outcome, Principal, Refusal, Request, Role, Standing, Status, Timestamp, Token, TokenId,
    TokenKind, View, decide, status,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn handle_format_unchanged() {
    vectors::handles_are_what_they_were();
}

#[wasm_bindgen_test]
fn shard_format_unchanged() {
    vectors::shards_are_what_they_were();
}

#[wasm_bindgen_test]
fn digest_format_unchanged() {
    vectors::digests_are_what_they_were();
}

#[wasm_bindgen_test]
fn forgeries_name_nothing() {
    vectors::forgeries_name_nothing();
}

const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_123);

#[wasm_bindgen_test]
fn times_are_whole_microseconds_here_as_well() {
    assert_eq!(NOW.next().rfc3339(), "2026-11-21T07:28:23.123001Z");
    assert_eq!(Timestamp::parse_rfc3339("2026-11-21T09:28:23.123001+02:00"), Some(NOW.next()));
}

/// A connection token that lives for a minute.
fn token() -> Token {
    let created_by = Actor::root();
    Token {
        token_id: TokenId::parse(vectors::HANDLES[6].2).unwrap(),
        digest: Digest::of(vectors::HANDLES[0].2.as_bytes()),
        kind: TokenKind::ConnectionToken,
        created_at: NOW,
        expires_at: Some(NOW.plus_seconds(60)),
        end: None,
        settled: false,
        facts: Facts {
            created_by,
            app_id: None,
            scope: None,
            redirect_uri: None,
            label: None,
            metadata: None,
            connection_id: None,
        },
        grant: Grant::default(),
    }
}

fn view(token: &Token) -> View {
    let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
    let user = User { user_id: vectors::owner(), profile, created_at: NOW, updated_at: NOW };
    let mut live = Counts::default();
    live.add(TokenKind::ConnectionToken, 1);
    View { user: Some(user), tokens: vec![Some(token.clone())], live, ..View::default() }
}

fn request(command: Command) -> Request {
    Request::plain(Principal::Root, command)
}

fn name(token: &Token) -> TokenName {
    TokenName::Secret(token.kind, token.digest.clone())
}

#[wasm_bindgen_test]
fn a_token_is_consumed_once() {
    let mut token = token();
    let consume = request(Command::Consume(name(&token)));
    let first = decide(view(&token), &consume, NOW.next());
    assert!(matches!(first.answer.outcome, Ok(Outcome::Consumed(..))));
    let [Change::Settle { verdict, .. }] = first.writes.changes.as_slice() else { panic!("{:?}", first.writes) };
    token.end = verdict.standing.end();
    token.settled = true;

    let second = decide(view(&token), &consume, NOW.plus_seconds(1));
    assert!(second.writes.is_empty());
    let Err(Refusal::Dead(verdict)) = second.answer.outcome else { panic!("{:?}", second.answer) };
    assert_eq!((verdict.status(), verdict.standing.died_at()), (Status::Consumed, Some(NOW.next())));
    let years_later = status(&token, None, &[], NOW.plus_seconds(100_000_000));
    assert_eq!(years_later.status(), Status::Consumed, "terminal is terminal");
}

#[wasm_bindgen_test]
fn a_token_runs_out_by_itself() {
    let token = token();
    assert_eq!(status(&token, None, &[], NOW.plus_seconds(59)), Standing::Valid);
    assert_eq!(status(&token, None, &[], NOW.plus_seconds(60)).status(), Status::Expired);
}

#[wasm_bindgen_test]
fn a_users_revocation_covers_what_there_was_and_nothing_after() {
    let before = token();
    let cut = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };
    let revoke = request(Command::RevokeUser { user_id: vectors::owner(), cut, dry_run: false });
    let decision = decide(view(&before), &revoke, NOW.next());
    let [Change::AddCutoff(cutoff)] = decision.writes.changes.as_slice() else { panic!("{:?}", decision.writes) };
    let after = Token { created_at: NOW.next().next(), ..token() };
    let cutoffs = std::slice::from_ref(cutoff);
    assert_eq!(status(&before, None, cutoffs, NOW.plus_seconds(1)).status(), Status::Revoked);
    assert_eq!(status(&after, None, cutoffs, NOW.plus_seconds(1)).status(), Status::Valid);
}

#[wasm_bindgen_test]
fn who_may_not_write_a_user_changes_nothing() {
    let token = token();
    let user_id = hookswitch::core::UserId::parse("somebody").unwrap();
    let key = token.token_id.clone();
    let principal = Principal::User { user_id, role: Role::Member, groups: Vec::new(), key, limited: false };
    let request = Request { principal, ..request(Command::Consume(name(&token))) };
    let decision = decide(view(&token), &request, NOW.next());
    assert_eq!(decision.answer.outcome, Err(Refusal::Forbidden));
    assert!(decision.writes.is_empty());
}
