//! The values from which the pinned messages and records are made. Every optional member is set in one of them.

use hookswitch::core::app::{ClientType, PreviousSecret, Registration};
use hookswitch::core::command::{IdempotencyKey, MintedHandles, MintedToken};
use hookswitch::core::connection::ConnectionState;
use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::event::{EventType, RecordedEvent};
use hookswitch::core::params::{Cursor, Lifetimes, MintKind, MintParams, PageRequest, RevokeFilter};
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::provider::{
    AnswerMeaning, AnswerRule, AnswerValue, CallAuth, CallBody, CallMethod, ProviderCall, StoredProvider,
};
use hookswitch::core::revocation::{PendingRevocation, Revocation};
use hookswitch::core::status::{DeadStatus, Death};
use hookswitch::core::token::{TokenFacts, TokenPurpose};
use hookswitch::core::user::Profile;
use hookswitch::core::webhook::{Delivery, Disabled, Endpoint, PreviousSigningSecret};
use hookswitch::core::{
    Actor, App, Connection, ConnectionStatus, ConnectionVerdict, Credential, CredentialState, Digest, Event, Json,
    Principal, Provider, Request, Role, Sealed, Token, TokenKind, TokenRef, TokenState, UpstreamTokenType, User,
    Verdict,
};

use crate::kit::{
    self, app_id, connection, connection_id, groups, principal, scope, second, slug, token, token_id, user_id,
};
use crate::vectors::nonce;

/// A digest, cut short: the format of its JSON shows on a few letters as well.
pub(super) fn digest() -> Digest {
    Digest::stored("d1".to_owned())
}

pub(super) fn sealed() -> Sealed {
    Sealed::stored("s1".to_owned())
}

pub(super) fn url() -> String {
    "https://a.example/".to_owned()
}

pub(super) fn reason() -> String {
    "why".to_owned()
}

pub(super) fn metadata() -> Json {
    r#"{"k":1.5}"#.parse().unwrap()
}

pub(super) fn secret() -> TokenRef {
    TokenRef::Secret { kind: TokenKind::ConnectionToken, digest: digest() }
}

pub(super) fn public() -> TokenRef {
    TokenRef::Public { token_id: token_id(1), key: kit::digest(1).key() }
}

pub(super) fn profile() -> Profile {
    let (groups, external_id) = (groups(&["a", "b"]), "x|1".parse().ok());
    Profile { role: Role::Manager, groups, external_id, connectable: false }
}

pub(super) fn owner() -> User {
    User { updated_at: second(2), ..kit::user("u", profile()) }
}

pub(super) fn facts() -> TokenFacts {
    TokenFacts {
        created_by: Actor::root(),
        app_id: Some(app_id("crm")),
        scope: Some(scope("read write")),
        redirect_uri: Some(url()),
        label: Some("label".to_owned()),
        metadata: Some(metadata()),
        connection_id: Some(connection_id(1)),
        purpose: TokenPurpose::Authorization,
    }
}

pub(super) fn verdict(state: TokenState) -> Verdict {
    let token = Token { expires_at: Some(second(60)), facts: facts(), ..token(TokenKind::ConnectionToken, 1) };
    Verdict::of(&user_id("u"), &token, state, second(3))
}

pub(super) fn valid() -> Verdict {
    verdict(TokenState::Valid)
}

pub(super) fn dead() -> Verdict {
    let (status, by, reason) = (DeadStatus::Consumed, Some(Actor::root()), Some(reason()));
    verdict(TokenState::Dead(Death { status, at: second(2), by, reason }))
}

pub(super) fn minted() -> MintedHandles {
    let tokens = vec![MintedToken { kind: TokenKind::ApiKey, token_id: token_id(1), digest: digest() }];
    let (connection_id, client_secret) = (Some(connection_id(1)), Some(digest()));
    MintedHandles { nonce: nonce(7, 300), tokens, connection_id, client_secret }
}

pub(super) fn idempotency() -> IdempotencyKey {
    IdempotencyKey { key: digest(), request: Digest::stored("d2".to_owned()), grace: Some(30) }
}

/// A request with everything that a request can have.
pub(super) fn full<C>(command: C) -> Request<C> {
    let principal = principal("u", Role::Manager, &["a", "b"]);
    Request { principal, command, app: Some(app()), minted: minted(), idempotency: Some(idempotency()) }
}

pub(super) fn registration() -> Registration {
    Registration {
        description: Some("d".to_owned()),
        logo_url: Some(url()),
        provider: Some(slug("acme")),
        ..kit::app("crm", ClientType::Confidential).registration
    }
}

pub(super) fn app() -> App {
    let previous_secret = Some(PreviousSecret { digest: digest(), valid_until: second(60) });
    let app = kit::app("crm", ClientType::Confidential);
    App { registration: registration(), secret: Some(digest()), previous_secret, ..app }
}

pub(super) fn new_credentials() -> NewCredentials {
    let new = |token_type, expires_at| NewCredential { token_type, sealed: sealed(), expires_at };
    let tokens =
        vec![new(UpstreamTokenType::RefreshToken, None), new(UpstreamTokenType::AccessToken, Some(second(60)))];
    NewCredentials { provider: Some(slug("acme")), tokens, version: ProviderVersion::Shipped }
}

/// A credential as messages have it: without its secret.
pub(super) fn credential() -> Credential {
    Credential {
        state: CredentialState::Revoking,
        expires_at: Some(second(60)),
        attempts: 2,
        due_at: Some(second(30)),
        changed_at: second(1),
        error: Some("e".to_owned()),
        sealed: None,
        ..kit::credential(300, connection_id(1), UpstreamTokenType::AccessToken)
    }
}

/// A connection with every optional member.
pub(super) fn full_connection() -> Connection {
    let recorded = ConnectionState {
        status: ConnectionStatus::Revoking,
        at: second(2),
        by: Some(Actor::root()),
        reason: Some(reason()),
    };
    Connection {
        metadata: Some(metadata()),
        expires_at: Some(second(60)),
        activated_at: Some(second(1)),
        recorded,
        provider: Some(slug("acme")),
        deleted: true,
        ..connection(1, ConnectionStatus::Revoking)
    }
}

pub(super) fn connection_verdict() -> ConnectionVerdict {
    ConnectionVerdict::of(&user_id("u"), &full_connection(), &[credential()], &[], second(3))
}

pub(super) fn pending() -> PendingRevocation {
    PendingRevocation {
        seq: 300,
        attempts: 2,
        connection_id: connection_id(1),
        provider: slug("acme"),
        provider_version: Some(second(0)),
        token_type: UpstreamTokenType::AccessToken,
        sealed: sealed(),
    }
}

pub(super) fn revocation() -> Revocation {
    Revocation::of(&user_id("u"), &full_connection(), &credential())
}

pub(super) const LIFETIMES: Lifetimes = Lifetimes { access: 300, refresh: Some(600) };
pub(super) const PAGE: PageRequest = PageRequest { after: Some(Cursor(300)), limit: 50 };

pub(super) fn filter() -> RevokeFilter {
    let kinds = [TokenKind::ApiKey].into_iter().collect();
    RevokeFilter { before: Some(second(1)), app_id: Some(app_id("crm")), kinds, reason: Some(reason()) }
}

pub(super) fn mint_params() -> MintParams {
    MintParams {
        kind: MintKind::ConnectionToken,
        ttl: Some(60),
        app_id: Some(app_id("crm")),
        scope: Some(scope("read")),
        redirect_uri: Some(url()),
        code_challenge: Some(digest()),
        label: Some("label".to_owned()),
        metadata: Some(metadata()),
        purpose: TokenPurpose::Authorization,
    }
}

pub(super) fn recorded_event() -> RecordedEvent {
    let event = Event {
        event_type: EventType::TokenExpired,
        at: second(1),
        actor: Actor::system(),
        user_id: user_id("u"),
        token_id: Some(token_id(1)),
        kind: Some(TokenKind::ConnectionToken),
        connection_id: Some(connection_id(1)),
        data: r#"{"label":"label"}"#.parse().unwrap(),
    };
    RecordedEvent { seq: 300, event }
}

pub(super) fn provider() -> Provider {
    let call = ProviderCall {
        method: CallMethod::Delete,
        url: url(),
        auth: CallAuth::Bearer,
        body: CallBody::Json,
        parameter: "token".to_owned(),
        tokens: vec![UpstreamTokenType::AccessToken, UpstreamTokenType::RefreshToken],
        gone_errors: vec!["invalid_token".to_owned()],
        gone_statuses: vec![404],
        headers: [("x-version".to_owned(), "1".to_owned())].into(),
        answers: vec![AnswerRule {
            status: 400,
            body: [("/error/code".to_owned(), AnswerValue::Number(190))].into(),
            means: AnswerMeaning::Gone,
        }],
    };
    let (slug, name) = (slug("acme"), "Acme".to_owned());
    Provider { slug, name, revocation: Some(call), client_id: Some("id".to_owned()) }
}

pub(super) fn stored_provider() -> StoredProvider {
    let (created_at, updated_at) = (second(0), second(1));
    StoredProvider {
        provider: provider(),
        client_secret: Some(sealed()),
        created_at,
        updated_at,
        version: None,
        applies_to_earlier: false,
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint {
        name: slug("hook"),
        url: url(),
        events: vec![EventType::UserCreated],
        secret: sealed(),
        previous_secret: Some(PreviousSigningSecret { sealed: sealed(), valid_until: second(60) }),
        disabled: Some(Disabled { at: second(1), reason: reason() }),
        created_at: second(0),
        updated_at: second(1),
    }
}

pub(super) fn delivery() -> Delivery {
    Delivery {
        endpoint: slug("hook"),
        event_id: "evt_1".to_owned(),
        event_type: "user.created".to_owned(),
        at: second(1),
        attempt: 1,
        status: Some(500),
        error: Some("e".to_owned()),
        next_at: Some(second(6)),
    }
}

pub(super) fn principals() -> [(&'static str, Principal); 4] {
    [
        ("root", Principal::Root),
        ("user", principal("u", Role::Manager, &["a", "b"])),
        ("app", Principal::App(app_id("crm"))),
        ("holder", Principal::Holder),
    ]
}
