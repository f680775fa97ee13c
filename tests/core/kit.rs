//! Builders of users, tokens, connections, apps and requests, with short names for tests.
//!
//! Tokens and connections have numbers: `token_id(7)` is the public id of the token whose secret has `digest(7)`.

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::command::{MintedHandles, MintedToken};
use hookswitch::core::connection::ConnectionState;
use hookswitch::core::handle::MintNonce;
use hookswitch::core::params::{MintKind, MintParams, PageRequest, RevokeFilter};
use hookswitch::core::token::{Grant, TokenFacts, TokenPurpose};
use hookswitch::core::user::Profile;
use hookswitch::core::{
    Actor, App, AppId, Command, Connection, ConnectionId, ConnectionStatus, Credential, CredentialState, Digest, Group,
    HandleKind, Principal, Request, Role, Scope, Sealed, Slug, Timestamp, Token, TokenId, TokenKind, TokenRef,
    UpstreamTokenType, User, UserId,
};

/// The start of 2026 in UTC, in seconds since 1970.
const NEW_YEAR: i64 = 1_767_225_600;

/// The time `seconds` after the start of 2026.
pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_micros((NEW_YEAR + seconds) * 1_000_000)
}

pub(crate) fn user_id(text: &str) -> UserId {
    text.parse().unwrap()
}

pub(crate) fn groups(names: &[&str]) -> Vec<Group> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) fn profile(role: Role, names: &[&str]) -> Profile {
    Profile { role, groups: groups(names), external_id: None, connectable: true }
}

pub(crate) fn user(id: &str, profile: Profile) -> User {
    User { user_id: user_id(id), profile, created_at: second(0), updated_at: second(0) }
}

/// The number of the API key of [`principal`].
pub(crate) const KEY: u64 = u64::MAX;

/// A user that authenticated with an unlimited API key.
pub(crate) fn principal(id: &str, role: Role, names: &[&str]) -> Principal {
    Principal::User { user_id: user_id(id), role, groups: groups(names), key: public(KEY), limited: false }
}

pub(crate) fn token_id(number: u64) -> TokenId {
    format!("tok_{number:048x}").parse().unwrap()
}

pub(crate) fn connection_id(number: u64) -> ConnectionId {
    format!("ca_{number:048x}").parse().unwrap()
}

pub(crate) fn app_id(text: &str) -> AppId {
    text.parse().unwrap()
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

/// The digest of the secret of the token with this number.
pub(crate) fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// The token with this number, named by its secret.
pub(crate) fn secret(kind: TokenKind, number: u64) -> TokenRef {
    TokenRef::Secret { kind, digest: digest(number) }
}

/// The token with this number, named by its public id.
pub(crate) fn public(number: u64) -> TokenRef {
    TokenRef::Public { token_id: token_id(number), key: digest(number).key() }
}

/// The distance between the numbers of the access token and the refresh token of one request.
pub(crate) const REFRESH: u64 = 1 << 32;

/// The handles that the Worker would create for a command. Different numbers give different handles.
pub(crate) fn minted<C: Command>(command: &C, number: u64) -> MintedHandles {
    let mut minted = MintedHandles { nonce: MintNonce(0, number), ..MintedHandles::default() };
    for kind in command.mints() {
        match (kind, TokenKind::of(*kind)) {
            (_, Some(kind)) => {
                let number = if kind == TokenKind::RefreshToken { number + REFRESH } else { number };
                minted.tokens.push(MintedToken { kind, token_id: token_id(number), digest: digest(number) });
            }
            (HandleKind::ConnectionId, None) => minted.connection_id = Some(connection_id(number)),
            (_, None) => minted.client_secret = Some(digest(number)),
        }
    }
    minted
}

/// A request without an `Idempotency-Key`. `number` names the handles that are created for it.
pub(crate) fn request<C: Command>(principal: &Principal, command: C, number: u64) -> Request<C> {
    Request { minted: minted(&command, number), ..Request::plain(principal.clone(), command) }
}

/// The same for a command that names an app, with the registration of the app.
pub(crate) fn request_with<C: Command>(app: &App, principal: &Principal, command: C, number: u64) -> Request<C> {
    Request { app: Some(app.clone()), ..request(principal, command, number) }
}

/// An app with one redirect URI and the scopes `a`, `b` and `c`.
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

/// The redirect URI of [`app`].
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// A connection to the app `crm` that root created, and that entered its status in the first second.
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
        recorded: ConnectionState { status, at: second(0), by: Some(Actor::root()), reason: None },
        end_recorded: false,
        provider: None,
        deleted: false,
    }
}

/// A credential that a connection has stored since the first second.
pub(crate) fn credential(seq: u64, connection_id: ConnectionId, token_type: UpstreamTokenType) -> Credential {
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
        provider_version: None,
        sealed: Some(Sealed::stored(format!("sealed {seq}"))),
    }
}

/// A live token without expiry that root created in the first second.
pub(crate) fn token(kind: TokenKind, number: u64) -> Token {
    Token {
        token_id: token_id(number),
        digest: digest(number),
        kind,
        created_at: second(0),
        expires_at: None,
        end: None,
        expiry_recorded: false,
        facts: no_facts(),
        grant: Grant::default(),
    }
}

pub(crate) fn no_facts() -> TokenFacts {
    TokenFacts {
        created_by: Actor::root(),
        app_id: None,
        scope: None,
        redirect_uri: None,
        label: None,
        metadata: None,
        connection_id: None,
        purpose: TokenPurpose::Authorization,
    }
}

/// The parameters of a connection token that is valid for this many seconds.
pub(crate) const fn connection_token(ttl: u32) -> MintParams {
    MintParams::plain(MintKind::ConnectionToken, Some(ttl))
}

/// The filter that revokes everything of a user.
pub(crate) fn everything() -> RevokeFilter {
    use hookswitch::core::cutoff::TokenKindSet;
    RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None }
}

pub(crate) const FIRST_PAGE: PageRequest = PageRequest { after: None, limit: 100 };
