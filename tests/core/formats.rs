//! What is packed without names: messages between the edge and a ledger, copies of verdicts, remembered answers.
//!
//! The bytes of each are pinned in `formats.txt`. Where one changes, two builds that meet while a deployment rolls out
//! do not understand each other: requests fail, closed, until the roll-out is over. For [`Verdict`] the number in the
//! copies' key in KV has to go up as well, and for [`Earlier`] the answers that are remembered become unreadable.
//! New variants and fields at the end of an enum leave every line but the new one as it was.

mod upstream;

use hookswitch::core::answer::Authenticated;
use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::command::{Action, Consent, GrantAction};
use hookswitch::core::connection::{Connection, ConnectionStatus};
use hookswitch::core::cutoff::{Counts, Kinds};
use hookswitch::core::event::{EventType, Recorded};
use hookswitch::core::json::Object;
use hookswitch::core::order::{Cut, Lifetimes, Order, Page};
use hookswitch::core::pack::{Pack, pack, unpack};
use hookswitch::core::request::{Fresh, Minting, Retry};
use hookswitch::core::target::TokenName;
use hookswitch::core::token::Facts;
use hookswitch::core::user::Profile;
use hookswitch::core::verdict::ConnectionVerdict;
use hookswitch::core::view::Earlier;
use hookswitch::core::{
    Actor, Answer, App, Command, Digest, Event, ExternalId, Json, Outcome, Principal, Refusal, Request, Role, Standing,
    Status, Token, TokenKind, User, Verdict,
};

use crate::kit::{self, app_id, connection, connection_id, groups, principal, scope, second, token, token_id, user_id};
use crate::vectors::nonce;

/// The digests and ids of the tokens in these, cut short: how they are packed shows on a few letters as well.
fn short() -> Digest {
    Digest::stored("d1".to_owned())
}

fn owner() -> User {
    let profile = Profile {
        role: Role::Manager,
        groups: groups(&["a", "b"]),
        external_id: ExternalId::parse("x|1").ok(),
        connectable: false,
    };
    User { updated_at: second(2), ..kit::user("u", profile) }
}

fn facts() -> Facts {
    Facts {
        created_by: Actor::root(),
        app_id: Some(app_id("crm")),
        scope: Some(scope("read write")),
        redirect_uri: Some("https://a.example/".to_owned()),
        label: Some("label".to_owned()),
        metadata: Some(Json::from(Object::new().with("k", "v"))),
        connection_id: Some(connection_id(1)),
    }
}

fn verdict(standing: Standing) -> Verdict {
    let token = Token { expires_at: Some(second(60)), facts: facts(), ..token(TokenKind::ConnectionToken, 1) };
    Verdict::of(&user_id("u"), &token, standing, second(3))
}

fn dead() -> Verdict {
    let reason = Some("why".to_owned());
    verdict(Standing::Dead { status: Status::Consumed, at: second(2), by: Some(Actor::root()), reason })
}

fn minting() -> Minting {
    let fresh = Fresh { kind: TokenKind::ApiKey, token_id: token_id(1), digest: short() };
    let (connection_id, client_secret) = (Some(connection_id(1)), Some(short()));
    Minting { nonce: nonce(7, 300), tokens: vec![fresh], connection_id, client_secret }
}

fn retry() -> Retry {
    Retry { key: short(), request: Digest::stored("d2".to_owned()), grace: Some(30) }
}

fn registered() -> App {
    let app = kit::app("crm", ClientType::Confidential);
    let registration = Registration {
        description: Some("d".to_owned()),
        logo_url: Some("https://a.example/l".to_owned()),
        provider: hookswitch::core::ids::Slug::parse("acme").ok(),
        ..app.registration
    };
    App { registration, secret: Some(short()), previous_secret: Some((short(), second(60))), ..app }
}

fn linked() -> ConnectionVerdict {
    let above = Connection {
        metadata: Some(Json::from(Object::new())),
        expires_at: Some(second(60)),
        activated_at: Some(second(1)),
        ..connection(1, ConnectionStatus::Inactive)
    };
    ConnectionVerdict::of(&user_id("u"), &above, &[], &[], second(3))
}

const LIFETIMES: Lifetimes = Lifetimes { access: 300, refresh: Some(600) };

fn commands() -> Vec<Command> {
    let secret = || TokenName::Secret(TokenKind::ConnectionToken, short());
    let page = Page { before: Some(300), limit: 50 };
    let cut = Cut {
        before: Some(second(1)),
        app_id: Some(app_id("crm")),
        kinds: Kinds::from_iter([TokenKind::ApiKey]),
        reason: Some("why".to_owned()),
    };
    let order = Order {
        kind: TokenKind::ConnectionToken,
        ttl: Some(60),
        app_id: Some(app_id("crm")),
        scope: Some(scope("read")),
        redirect_uri: Some("https://a.example/".to_owned()),
        code_challenge: Some(short()),
        label: Some("label".to_owned()),
        metadata: Some(Json::from(Object::new())),
    };
    vec![
        Command::PutUser(user_id("u"), owner().profile),
        Command::GetUser(user_id("u")),
        Command::RevokeUser { user_id: user_id("u"), cut, dry_run: true },
        Command::ListTokens {
            user_id: user_id("u"),
            page,
            status: Some(Status::Expired),
            kind: Some(TokenKind::ApiKey),
        },
        Command::ListEvents { user_id: user_id("u"), page, event_type: Some(EventType::TokenExpired) },
        Command::Mint(user_id("u"), order),
        Command::Check(vec![secret(), TokenName::Public(token_id(1))]),
        Command::Consume(secret()),
        Command::Revoke { token: secret(), reason: Some("why".to_owned()) },
        Command::Connect {
            user_id: user_id("u"),
            app_id: app_id("crm"),
            scope: Some(scope("read")),
            metadata: Some(Json::from(Object::new())),
            upstream: None,
        },
        Command::ListConnections {
            user_id: user_id("u"),
            page,
            status: Some(ConnectionStatus::Revoked),
            app_id: Some(app_id("crm")),
        },
        Command::ConnectedApps(user_id("u")),
        Command::Disconnect(user_id("u"), app_id("crm")),
        Command::OfConnection(connection_id(1), Action::Get),
        Command::OfConnection(connection_id(1), Action::Revoke(Some("why".to_owned()))),
        Command::OfConnection(connection_id(1), Action::Enable(None)),
        Command::OfConnection(connection_id(1), Action::Issue(Some(scope("read")), LIFETIMES)),
        Command::OfGrant(
            secret(),
            GrantAction::Exchange {
                redirect_uri: Some("https://a.example/".to_owned()),
                code_challenge: Some(short()),
                lifetimes: LIFETIMES,
            },
        ),
        Command::OfGrant(secret(), GrantAction::Refresh { scope: Some(scope("read")), lifetimes: LIFETIMES }),
        Command::OfGrant(secret(), GrantAction::Introspect),
        Command::OfGrant(secret(), GrantAction::Revoke),
        Command::OfGrant(secret(), GrantAction::Disconnect),
        Command::PutApp(app_id("crm"), registered().registration),
        Command::GetApp(app_id("crm")),
        Command::RotateSecret(app_id("crm"), 300),
        Command::OfConsent(secret(), Consent::Decline, Some(app_id("crm"))),
    ]
}

fn outcomes() -> Vec<Outcome> {
    let mut revoked = Counts::default();
    revoked.add(TokenKind::ConnectionToken, 300);
    revoked.add(TokenKind::ApiKey, 1);
    revoked.connections = 2;
    let event = Event {
        event_type: EventType::TokenExpired,
        at: second(1),
        actor: Actor::system(),
        user_id: user_id("u"),
        token_id: Some(token_id(1)),
        kind: Some(TokenKind::ConnectionToken),
        connection_id: Some(connection_id(1)),
        data: Json::from(Object::new().with("label", "label")),
    };
    vec![
        Outcome::User(owner(), true),
        Outcome::UserRevoked { user: owner(), before: second(1), revoked, dry_run: true },
        Outcome::Minted(verdict(Standing::Valid)),
        Outcome::Verdict(dead()),
        Outcome::Checked { verdicts: vec![None, Some(dead())], as_of: second(3) },
        Outcome::Consumed(dead(), owner(), Some(linked())),
        Outcome::Revoked { previous: Status::Valid, verdict: dead() },
        Outcome::Tokens(vec![dead()], Some(300)),
        Outcome::Events(vec![Recorded { seq: 300, event }], None),
        Outcome::Connection(linked()),
        Outcome::ConnectionChanged { previous: ConnectionStatus::Active, verdict: linked() },
        Outcome::Connections(vec![linked()], Some(300)),
        Outcome::ConnectedApps(vec![(app_id("crm"), Some(scope("read"))), (app_id("mail"), None)]),
        Outcome::Disconnected,
        Outcome::Issued { access: verdict(Standing::Inactive), refresh: Some(verdict(Standing::Valid)) },
        Outcome::Introspected(verdict(Standing::Valid)),
        Outcome::Replayed(dead()),
        Outcome::App(registered(), true),
        Outcome::AppWithSecret(registered(), false),
        Outcome::Nothing,
    ]
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::Forbidden,
        Refusal::NotConnectable,
        Refusal::UserUnknown,
        Refusal::TokenUnknown,
        Refusal::AppUnknown,
        Refusal::Dead(Box::new(dead())),
        Refusal::NotAConnectionToken,
        Refusal::IdempotencyConflict,
        Refusal::BeforeInFuture,
        Refusal::Corrupt,
        Refusal::TtlOutOfRange,
        Refusal::ConnectionUnknown,
        Refusal::ConnectionIs(Box::new(linked())),
        Refusal::ScopeTooWide,
        Refusal::RedirectUriUnregistered,
        Refusal::RedirectUriMismatch,
        Refusal::VerifierMismatch,
        Refusal::TokenOfAnother,
        Refusal::ClientInvalid,
        Refusal::AppIsPublic,
        Refusal::ExternalIdTaken,
    ]
}

/// The bytes of a value as a line, once it was seen that they read as the value again, and fewer or more bytes as none.
fn line<T: Pack + PartialEq + std::fmt::Debug>(name: &str, value: &T) -> String {
    let bytes = pack(value);
    assert_eq!(unpack::<T>(&bytes).as_ref(), Some(value));
    for cut in 0..bytes.len() {
        assert_eq!(unpack::<T>(&bytes[..cut]), None, "{name} cut to {cut} bytes");
    }
    assert_eq!(unpack::<T>(&[&bytes[..], &[0]].concat()), None, "{name} and a byte more");
    format!("{name} {}", bytes.escape_ascii())
}

fn lines() -> Vec<String> {
    let mut lines = vec![
        line("Principal::Root", &Principal::Root),
        line("Principal::User", &principal("u", Role::Manager, &["a", "b"])),
        line("Principal::App", &Principal::App(app_id("crm"))),
        line("Principal::Holder", &Principal::Holder),
        line("Verdict valid", &verdict(Standing::Valid)),
        line("Verdict dead", &dead()),
        line("Verdict replica", &dead().replica().unwrap()),
        line("Earlier", &Earlier { retry: retry(), minting: minting(), outcome: Outcome::User(owner(), false) }),
        line("Authenticated", &Some(Authenticated { principal: Principal::Root, expires_at: Some(second(60)) })),
    ];
    for command in commands().into_iter().chain(upstream::commands()) {
        let (principal, app) = (Principal::Root, Some(registered()));
        let request = Request { principal, command, app, minting: minting(), retry: Some(retry()) };
        lines.push(line("Request", &request));
    }
    for outcome in outcomes().into_iter().chain(upstream::outcomes()) {
        lines.push(line("Answer", &Answer { outcome: Ok(outcome), replayed: Some(minting()) }));
    }
    for refusal in refusals().into_iter().chain(upstream::refusals()) {
        lines.push(line("Answer", &Answer { outcome: Err(refusal), replayed: None }));
    }
    for report in upstream::reports() {
        lines.push(line("Report", &report));
    }
    lines
}

#[test]
fn packed_format_unchanged() {
    let pinned: Vec<_> = include_str!("formats.txt").lines().collect();
    let packed = lines();
    for (place, line) in packed.iter().enumerate() {
        assert_eq!(Some(line.as_str()), pinned.get(place).copied(), "line {} of formats.txt", place + 1);
    }
    assert_eq!(packed.len(), pinned.len());
}

#[test]
fn a_copy_is_of_a_terminal_verdict_and_says_so() {
    assert_eq!(verdict(Standing::Valid).replica(), None);
    let copy = dead().replica().unwrap();
    assert_eq!(copy.source().as_str(), "replica");
    assert_eq!(dead().source().as_str(), "ledger");
    assert_eq!((copy.standing, copy.facts), (dead().standing, dead().facts));
}
