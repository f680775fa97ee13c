//! The words of bodies and of storage, and the order of the variants behind them, which is on the wire.
//!
//! A word that changes breaks clients and what is stored; a variant that moves breaks messages between an edge and a
//! ledger of two builds. New ones go to the end.

use std::fmt::Debug;

use hookswitch::core::app::ClientType;
use hookswitch::core::codec::Kind;
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::cutoff::Kinds;
use hookswitch::core::event::EventType;
use hookswitch::core::pack::{Pack, pack};
use hookswitch::core::token::How;
use hookswitch::core::{Actor, Role, Source, Status, TokenKind};

use crate::kit;

fn pinned<T: Copy + Debug + PartialEq + Pack>(
    all: &[T],
    as_str: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
    words: &[&str],
) {
    assert_eq!(all.iter().map(|value| as_str(*value)).collect::<Vec<_>>(), words);
    for (place, value) in (0_u8..).zip(all) {
        assert_eq!(pack(value), [place], "{value:?} on the wire");
        assert_eq!(parse(as_str(*value)), Some(*value));
    }
    assert_eq!(parse(""), None);
    assert_eq!(parse(&words[0].to_uppercase()), None, "words are as they are");
}

#[test]
fn words_format_unchanged() {
    pinned(Status::ALL, Status::as_str, Status::parse, &["valid", "consumed", "revoked", "expired", "inactive"]);
    pinned(How::ALL, How::as_str, How::parse, &["consumed", "revoked"]);
    pinned(Role::ALL, Role::as_str, Role::parse, &["admin", "manager", "member", "none"]);
    pinned(Source::ALL, Source::as_str, Source::parse, &["ledger", "replica"]);
    let kinds = ["connection_token", "access_token", "refresh_token", "api_key"];
    pinned(TokenKind::ALL, TokenKind::as_str, TokenKind::parse, &kinds);
    let statuses = ["initiated", "active", "inactive", "failed", "expired", "revoking", "revoked"];
    pinned(ConnectionStatus::ALL, ConnectionStatus::as_str, ConnectionStatus::parse, &statuses);
    pinned(ClientType::ALL, ClientType::as_str, ClientType::parse, &["public", "confidential"]);
    let events = [
        "user.created",
        "user.updated",
        "user.revoked",
        "token.created",
        "token.consumed",
        "token.revoked",
        "token.expired",
        "token.replayed",
        "connection.created",
        "connection.activated",
        "connection.disabled",
        "connection.enabled",
        "connection.revoked",
        "connection.expired",
        "connection.revoking",
        "revocation.abandoned",
    ];
    pinned(EventType::ALL, EventType::as_str, EventType::parse, &events);
}

#[test]
fn kinds_storage_format_unchanged() {
    assert_eq!(Kinds::ALL.bits(), u32::MAX);
    for (kind, bit) in TokenKind::ALL.iter().zip([1, 2, 4, 8]) {
        let only = Kinds::from_iter([*kind]);
        assert_eq!(only.bits(), bit);
        assert!(Kinds::ALL.contains(*kind));
        let contained: Vec<_> = TokenKind::ALL.iter().filter(|other| only.contains(**other)).collect();
        assert_eq!(contained, [kind]);
        assert_eq!(Kinds::from_bits(bit), only);
        assert!(!only.contains_connections() && !Kinds::CONNECTIONS.contains(*kind));
        assert!(only.with(Kinds::CONNECTIONS).contains_connections() && only.with(Kinds::CONNECTIONS).contains(*kind));
    }
    assert_eq!(Kinds::CONNECTIONS.bits(), 16);
    assert!(Kinds::ALL.contains_connections());
}

#[test]
fn prefixes_format_unchanged() {
    let prefixes: Vec<_> = Kind::ALL.iter().map(|kind| kind.prefix()).collect();
    assert_eq!(prefixes, ["hct_", "hat_", "hrt_", "hak_", "ca_", "tok_", "hcs_"]);
    let tokens: Vec<_> = Kind::ALL.iter().filter_map(|kind| TokenKind::of(*kind)).collect();
    assert_eq!(tokens, TokenKind::ALL);
    for kind in TokenKind::ALL {
        assert_eq!(TokenKind::of(kind.handle()), Some(*kind));
    }
}

#[test]
fn actors_storage_format_unchanged() {
    assert_eq!(Actor::root().as_str(), "root");
    assert_eq!(Actor::system().as_str(), "system");
    assert_eq!(Actor::app(&kit::app_id("crm")).as_str(), "app:crm");
    for reserved in ["root", "system", "app:crm", "app:"] {
        assert!(hookswitch::core::UserId::parse(reserved).is_err(), "{reserved} is nobody's id");
    }
}
