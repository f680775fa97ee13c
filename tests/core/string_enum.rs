//! The texts of enums in bodies, messages and storage. A text that changes breaks clients and stored rows.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use hookswitch::core::app::ClientType;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{AtProvider, Switch};
use hookswitch::core::event::EventType;
use hookswitch::core::provider::{CallAuth, CallBody, CallMethod};
use hookswitch::core::status::DeadStatus;
use hookswitch::core::token::EndKind;
use hookswitch::core::{
    Actor, ConnectionStatus, CredentialState, HandleKind, Resource, Role, Rule, Source, Status, TokenKind,
    UpstreamTokenType, UserId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::kit;

/// Checks that an enum has these texts, in this order, everywhere.
fn assert_texts<T>(all: &[T], texts: &[&str])
where
    T: Copy + Debug + Display + PartialEq + FromStr<Err = Rule> + Serialize + DeserializeOwned,
{
    assert_eq!(all.iter().map(T::to_string).collect::<Vec<_>>(), texts);
    for (value, text) in all.iter().zip(texts) {
        assert_eq!(text.parse(), Ok(*value));
        let json = format!("\"{text}\"");
        assert_eq!(serde_json::to_string(value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    }
    for wrong in [String::new(), texts[0].to_uppercase(), format!("{} ", texts[0])] {
        let rule = wrong.parse::<T>().unwrap_err().to_string();
        assert_eq!(rule, format!("must be one of {}", texts.join(", ")));
        assert!(serde_json::from_str::<T>(&format!("\"{wrong}\"")).is_err());
    }
}

#[test]
fn texts_of_enums_unchanged() {
    assert_texts(Status::ALL, &["valid", "consumed", "revoked", "expired", "inactive"]);
    assert_texts(DeadStatus::ALL, &["consumed", "revoked", "expired"]);
    assert_texts(EndKind::ALL, &["consumed", "revoked"]);
    assert_texts(Role::ALL, &["admin", "manager", "member", "none"]);
    assert_texts(Source::ALL, &["ledger", "lease", "replica"]);
    assert_texts(TokenKind::ALL, &["connection_token", "access_token", "refresh_token", "api_key"]);
    assert_texts(ConnectionStatus::ALL, &["initiated", "active", "inactive", "expired", "revoking", "revoked"]);
    assert_texts(ClientType::ALL, &["public", "confidential"]);
    assert_texts(UpstreamTokenType::ALL, &["refresh_token", "access_token"]);
    let states = ["held", "revoking", "revoked", "gone", "unsupported", "abandoned", "dismissed"];
    assert_texts(CredentialState::ALL, &states);
    assert_texts(CallMethod::ALL, &["rfc7009", "post", "delete", "get"]);
    assert_texts(CallAuth::ALL, &["basic", "post", "bearer", "none"]);
    assert_texts(CallBody::ALL, &["form", "json", "query", "none"]);
    assert_texts(Switch::ALL, &["enable", "disable"]);
    assert_texts(AtProvider::ALL, &["revoke", "forget"]);
    assert_texts(Resource::ALL, &["user", "token", "connection", "app", "provider", "webhook", "revocation"]);
}

#[test]
fn texts_of_event_types_unchanged() {
    let types = [
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
    assert_texts(EventType::ALL, &types);
}

#[test]
fn token_kind_set_storage_format_unchanged() {
    assert_eq!(TokenKindSet::ALL.bits(), u32::MAX);
    for (kind, bit) in TokenKind::ALL.iter().zip([1, 2, 4, 8]) {
        let only = TokenKindSet::from_iter([*kind]);
        assert_eq!(only.bits(), bit);
        assert!(TokenKindSet::ALL.contains(*kind));
        let contained: Vec<_> = TokenKind::ALL.iter().filter(|other| only.contains(**other)).collect();
        assert_eq!(contained, [kind]);
        assert_eq!(TokenKindSet::from_bits(bit), only);
        assert!(!only.contains_connections() && !TokenKindSet::CONNECTIONS.contains(*kind));
        let both = only.with(TokenKindSet::CONNECTIONS);
        assert!(both.contains_connections() && both.contains(*kind));
    }
    assert_eq!(TokenKindSet::CONNECTIONS.bits(), 16);
    assert!(TokenKindSet::ALL.contains_connections());
}

#[test]
fn prefixes_of_handles_unchanged() {
    let prefixes: Vec<_> = HandleKind::ALL.iter().map(|kind| kind.prefix()).collect();
    assert_eq!(prefixes, ["hct_", "hat_", "hrt_", "hak_", "ca_", "tok_", "hcs_"]);
    let tokens: Vec<_> = HandleKind::ALL.iter().filter_map(|kind| TokenKind::of(*kind)).collect();
    assert_eq!(tokens, TokenKind::ALL);
    for kind in TokenKind::ALL {
        assert_eq!(TokenKind::of(kind.handle()), Some(*kind));
    }
}

#[test]
fn texts_of_actors_unchanged() {
    assert_eq!(Actor::root().as_str(), "root");
    assert_eq!(Actor::system().as_str(), "system");
    assert_eq!(Actor::app(&kit::app_id("crm")).as_str(), "app:crm");
    for reserved in ["root", "system", "app:crm", "app:"] {
        assert!(reserved.parse::<UserId>().is_err(), "{reserved} is not the id of a user");
    }
}
