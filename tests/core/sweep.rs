//! What the alarm tells of deaths that nobody asked for.

use hookswitch::core::cutoff::{Cutoff, Kinds, Reach};
use hookswitch::core::event::EventType;
use hookswitch::core::sweep::settle;
use hookswitch::core::token::{End, How};
use hookswitch::core::view::{Change, View};
use hookswitch::core::{Actor, Role, Token, TokenKind};

use crate::kit::{self, profile, second, token};

#[test]
fn each_death_is_told_once_and_the_living_are_passed_over() {
    let user = kit::user("owner", profile(Role::Member, &[]));
    let kinds = Kinds::from_iter([TokenKind::ApiKey]);
    let cutoff =
        Cutoff { before: second(1), reach: Reach::Everything, kinds, at: second(3), by: Actor::root(), reason: None };
    let connection = |number| token(TokenKind::ConnectionToken, number);
    let end = End { how: How::Consumed, at: second(1), by: Actor::root(), reason: None };
    let tokens = [
        connection(1),
        Token { expires_at: Some(second(9)), ..connection(2) },
        Token { expires_at: Some(second(2)), ..connection(3) },
        token(TokenKind::ApiKey, 4),
        Token { settled: true, end: Some(end), ..connection(5) },
        Token { settled: true, expires_at: Some(second(2)), ..connection(6) },
        Token { expires_at: Some(second(2)), ..token(TokenKind::ApiKey, 7) },
        Token { created_at: second(2), ..token(TokenKind::ApiKey, 8) },
    ];
    let writes = settle(&user, &View { cutoffs: vec![cutoff], ..View::default() }, &tokens, second(4));

    let told: Vec<_> = writes.events.iter().map(|event| (event.event_type, event.at, event.actor.as_str())).collect();
    let (expired, revoked) = (EventType::TokenExpired, EventType::TokenRevoked);
    assert_eq!(told, [(expired, second(2), "system"), (revoked, second(3), "root"), (expired, second(2), "system")]);
    let settled: Vec<_> = writes
        .changes
        .iter()
        .map(|change| match change {
            Change::Settle { digest, .. } => digest.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(settled, [3, 4, 7].map(kit::digest));
}
