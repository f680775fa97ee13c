//! Small things that many tests are built from.

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::connection::{Connection, ConnectionStanding, ConnectionStatus};
use hookswitch::core::order::Page;
use hookswitch::core::request::{Fresh, Minting};
use hookswitch::core::token::{Facts, Grant};
use hookswitch::core::user::Profile;
use hookswitch::core::{
    Actor, App, AppId, Command, ConnectionId, Credential, CredentialState, Digest, Group, Kind, Principal, Request,
    Role, Scope, Timestamp, Token, TokenId, TokenKind, TokenType, User, UserId,
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
    Principal::User { user_id: user_id(id), role, groups: groups(names), key: token_id(u64::MAX), limited: false }
}

pub(crate) fn token_id(number: u64) -> TokenId {
    TokenId::parse(&format!("tok_{number:048x}")).unwrap()
}

pub(crate) fn connection_id(number: u64) -> ConnectionId {
    ConnectionId::parse(&format!("ca_{number:048x}")).unwrap()
}

pub(crate) fn app_id(text: &str) -> AppId {
    AppId::parse(text).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

/// Stands for the secret of the token with this number.
pub(crate) fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// The number of what a request mints: its own, and for a second token, which is the refresh token, one far off.
pub(crate) const SECOND: u64 = 1 << 32;

/// What the edge would send along with a command: something fresh for each thing that it mints, no two ever alike.
pub(crate) fn minting(command: &Command, number: u64) -> Minting {
    let mut minting = Minting { nonce: nonce(0, number), ..Minting::default() };
    for kind in command.mints() {
        match (kind, TokenKind::of(*kind)) {
            (_, Some(token)) => {
                let number = if token == TokenKind::RefreshToken { number + SECOND } else { number };
                minting.tokens.push(Fresh { kind: token, token_id: token_id(number), digest: digest(number) });
            }
            (Kind::ConnectionId, None) => minting.connection_id = Some(connection_id(number)),
            (_, None) => minting.client_secret = Some(digest(number)),
        }
    }
    minting
}

/// A request that will not come again, about no app.
pub(crate) fn once(principal: &Principal, command: Command, number: u64) -> Request {
    Request { principal: principal.clone(), minting: minting(&command, number), app: None, command, retry: None }
}

/// A request that will not come again, about an app that there is.
pub(crate) fn about(app: &App, principal: &Principal, command: Command, number: u64) -> Request {
    Request { app: Some(app.clone()), ..once(principal, command, number) }
}

/// An app that may have its users sent to one place, and may ask for the scopes `a`, `b` and `c`.
pub(crate) fn app(id: &str, client_type: ClientType) -> App {
    let registration = Registration {
        name: "An app".to_owned(),
        description: None,
        redirect_uris: vec![CALLBACK.to_owned()],
        scopes: Some(scope("a b c")),
        client_type,
        logo_url: None,
        provider: None,
    };
    let secret = (client_type == ClientType::Confidential).then(|| digest(0));
    App {
        app_id: app_id(id),
        registration,
        secret,
        previous_secret: None,
        created_at: second(0),
        updated_at: second(0),
    }
}

/// Where an app may have its users sent.
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// A connection made in the first second, as the one who authorized it left it.
pub(crate) fn connection(number: u64, status: ConnectionStatus) -> Connection {
    Connection {
        id: connection_id(number),
        app_id: app_id("crm"),
        scope: Some(scope("a b")),
        metadata: None,
        created_at: second(0),
        created_by: Actor::root(),
        expires_at: None,
        activated_at: None,
        recorded: ConnectionStanding { status, at: second(0), by: Some(Actor::root()), reason: None },
        settled: false,
        provider: None,
        deleted: false,
    }
}

/// A credential that a connection holds since the first second.
pub(crate) fn credential(seq: u64, connection_id: ConnectionId, token_type: TokenType) -> Credential {
    Credential {
        seq,
        connection_id,
        token_type,
        state: CredentialState::Held,
        expires_at: None,
        attempts: 0,
        due_at: None,
        changed_at: second(0),
        error: None,
    }
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
        grant: Grant::default(),
    }
}

pub(crate) fn no_facts() -> Facts {
    Facts {
        created_by: Actor::root(),
        app_id: None,
        scope: None,
        redirect_uri: None,
        label: None,
        metadata: None,
        connection_id: None,
    }
}

pub(crate) const FIRST_PAGE: Page = Page { before: None, limit: 100 };
