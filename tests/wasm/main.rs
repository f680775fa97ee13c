//! The core in a browser: the known answers of the codec, and the life of one token.
//!
//! Run by `npm test -- wasm`, in headless Chromium.
#![cfg(target_arch = "wasm32")]
// The lints of the crate keep panics out of the Worker. A test panics when it fails.
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

use hookswitch::core::cutoff::{Counts, TokenKindSet};
use hookswitch::core::decide::tokens::ConsumeToken;
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::RevokeFilter;
use hookswitch::core::status::Death;
use hookswitch::core::token::{Grant, TokenFacts, TokenPurpose};
use hookswitch::core::user::Profile;
use hookswitch::core::{
    Actor, DecisionError, Digest, Mutation, Principal, Request, Role, Snapshot, Status, Timestamp, Token, TokenKind,
    TokenRef, TokenState, User, decide, status,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn handle_format_unchanged() {
    vectors::assert_handles_unchanged();
}

#[wasm_bindgen_test]
fn ledger_id_format_unchanged() {
    vectors::assert_ledger_ids_unchanged();
}

#[wasm_bindgen_test]
fn digest_format_unchanged() {
    vectors::assert_digests_unchanged();
}

#[wasm_bindgen_test]
fn forged_handles_are_invalid() {
    vectors::assert_forgeries_are_invalid();
}

const NOW: Timestamp = Timestamp::from_millis(1_795_246_103_123);

#[wasm_bindgen_test]
fn times_are_whole_microseconds() {
    assert_eq!(NOW.next().rfc3339(), "2026-11-21T07:28:23.123001Z");
    assert_eq!(Timestamp::parse_rfc3339("2026-11-21T09:28:23.123001+02:00"), Some(NOW.next()));
}

/// A connection token that is valid for a minute.
fn token() -> Token {
    let facts = TokenFacts {
        created_by: Actor::root(),
        app_id: None,
        scope: None,
        redirect_uri: None,
        label: None,
        metadata: None,
        connection_id: None,
        purpose: TokenPurpose::Authorization,
    };
    Token {
        token_id: vectors::TOKEN_ID.parse().unwrap(),
        digest: Digest::of(vectors::HANDLES[0].2.as_bytes()),
        kind: TokenKind::ConnectionToken,
        created_at: NOW,
        expires_at: Some(NOW.plus_seconds(60)),
        end: None,
        expiry_recorded: false,
        facts,
        grant: Grant::default(),
    }
}

fn snapshot(token: &Token) -> Snapshot {
    let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
    let user = User { user_id: vectors::owner(), profile, created_at: NOW, updated_at: NOW };
    let mut live = Counts::default();
    live.add(TokenKind::ConnectionToken, 1);
    Snapshot { user: Some(user), tokens: vec![Some(token.clone())], live, ..Snapshot::default() }
}

fn consume(token: &Token) -> Request<ConsumeToken> {
    let token = TokenRef::Secret { kind: token.kind, digest: token.digest.clone() };
    Request::plain(Principal::Root, ConsumeToken { token })
}

#[wasm_bindgen_test]
fn token_is_consumed_once() {
    let mut token = token();
    let first = decide(&snapshot(&token), &consume(&token), NOW.next());
    assert!(first.reply.outcome.is_ok());
    let [Mutation::EndToken(key, end)] = first.changes.mutations.as_slice() else { panic!("{:?}", first.changes) };
    assert_eq!(*key, token.digest.key());
    token.end = Some(end.clone());

    let second = decide(&snapshot(&token), &consume(&token), NOW.plus_seconds(1));
    assert!(second.changes.is_empty());
    let Err(DecisionError::TokenNotActive(verdict)) = second.reply.outcome else { panic!("{:?}", second.reply) };
    let death = verdict.state.death().cloned();
    assert_eq!((verdict.status(), death.as_ref().map(|death| death.at)), (Status::Consumed, Some(NOW.next())));
    let later = status(&token, None, &[], NOW.plus_seconds(100_000_000));
    assert_eq!(later.death().cloned(), death, "terminal states are final");
}

#[wasm_bindgen_test]
fn token_expires_by_itself() {
    let token = token();
    assert_eq!(status(&token, None, &[], NOW.plus_seconds(59)), TokenState::Valid);
    let expired = status(&token, None, &[], NOW.plus_seconds(60));
    assert!(matches!(expired, TokenState::Dead(Death { by: None, .. })), "{expired:?}");
}

#[wasm_bindgen_test]
fn revocation_of_a_user_spares_later_tokens() {
    let before = token();
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    let command = RevokeUser { user_id: vectors::owner(), filter, dry_run: false };
    let decision = decide(&snapshot(&before), &Request::plain(Principal::Root, command), NOW.next());
    let [Mutation::AddCutoff(cutoff)] = decision.changes.mutations.as_slice() else { panic!("{decision:?}") };
    let after = Token { created_at: NOW.next().next(), ..token() };
    let cutoffs = std::slice::from_ref(cutoff);
    assert_eq!(status(&before, None, cutoffs, NOW.plus_seconds(1)).status(), Status::Revoked);
    assert_eq!(status(&after, None, cutoffs, NOW.plus_seconds(1)).status(), Status::Valid);
}

#[wasm_bindgen_test]
fn caller_without_access_changes_nothing() {
    let token = token();
    let key = TokenRef::Public { token_id: token.token_id.clone(), key: token.digest.key() };
    let user_id = "somebody".parse().unwrap();
    let principal = Principal::User { user_id, role: Role::Member, groups: Vec::new(), key, limited: false };
    let request = Request { principal, ..consume(&token) };
    let decision = decide(&snapshot(&token), &request, NOW.next());
    assert_eq!(decision.reply.outcome, Err(DecisionError::Forbidden));
    assert!(decision.changes.is_empty());
}
