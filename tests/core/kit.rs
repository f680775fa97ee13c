//! Small things that many tests are built from.

use hookswitch::core::command::{Fresh, Minting, Page};
use hookswitch::core::token::Facts;
use hookswitch::core::user::Profile;
use hookswitch::core::{
    Actor, Command, Digest, Group, Principal, Request, Role, Timestamp, Token, TokenId, TokenKind, User, UserId,
};

use crate::vectors::nonce;

/// 2026-01-01T00:00:00Z, in seconds.
const NEW_YEAR: i64 = 1_767_225_600;

/// So many seconds into 2026.
pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_micros((NEW_YEAR + seconds) * 1_000_000)
}

pub(crate) fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

pub(crate) fn groups(names: &[&str]) -> Vec<Group> {
    names.iter().map(|name| Group::parse(name).unwrap()).collect()
}

pub(crate) fn profile(role: Role, names: &[&str]) -> Profile {
    Profile { role, groups: groups(names), external_id: None, connectable: true }
}

pub(crate) fn user(id: &str, profile: Profile) -> User {
    User { user_id: user_id(id), profile, created_at: second(0), updated_at: second(0) }
}

/// A user as a principal, with a key of its own.
pub(crate) fn principal(id: &str, role: Role, names: &[&str]) -> Principal {
    Principal::User { user_id: user_id(id), role, groups: groups(names), key: token_id(u64::MAX) }
}

pub(crate) fn token_id(number: u64) -> TokenId {
    TokenId::parse(&format!("tok_{number:048x}")).unwrap()
}

/// Stands for the secret of the token with this number.
pub(crate) fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// What the edge would send along with a command: fresh tokens where it mints, no two ever alike.
pub(crate) fn minting(command: &Command, number: u64) -> Minting {
    let kinds = command.mints();
    let fresh = kinds.iter().map(|kind| Fresh { kind: *kind, token_id: token_id(number), digest: digest(number) });
    Minting { nonce: nonce(0, number), fresh: fresh.collect() }
}

/// A request that will not come again.
pub(crate) fn once(principal: &Principal, command: Command, number: u64) -> Request {
    Request { principal: principal.clone(), minting: minting(&command, number), command, retry: None }
}

/// A token minted in the first second that nothing has befallen yet.
pub(crate) fn token(kind: TokenKind, number: u64) -> Token {
    Token {
        token_id: token_id(number),
        digest: digest(number),
        kind,
        created_at: second(0),
        expires_at: None,
        end: None,
        settled: false,
        facts: no_facts(),
    }
}

pub(crate) fn no_facts() -> Facts {
    let created_by = Actor::root();
    Facts { created_by, app_id: None, scope: None, redirect_uri: None, label: None, metadata: None }
}

pub(crate) const FIRST_PAGE: Page = Page { before: None, limit: 100 };
