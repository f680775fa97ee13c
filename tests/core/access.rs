//! Who may do what: the WRITE rule as a table, and what those are told who may not.

use hookswitch::core::cutoff::Kinds;
use hookswitch::core::order::{Cut, Order};
use hookswitch::core::target::TokenName;
use hookswitch::core::user::Profile;
use hookswitch::core::{Command, Outcome, Principal, Refusal, Role, TokenKind, UserId};

use crate::kit::{self, FIRST_PAGE, digest, principal, profile, token, token_id, user_id};
use crate::model::Ledger;

/// How the user written stands to the one who writes.
const SELF: &str = "self";
const SHARES: &str = "shares a group";
const OTHER: &str = "other group";

/// Who writes, whom, and which roles the one written may have.
const WRITE: &[(Role, &str, &[Role])] = &[
    (Role::Admin, SELF, Role::ALL),
    (Role::Admin, SHARES, Role::ALL),
    (Role::Admin, OTHER, Role::ALL),
    (Role::Manager, SELF, Role::ALL),
    (Role::Manager, SHARES, &[Role::Manager, Role::Member, Role::None]),
    (Role::Manager, OTHER, &[]),
    (Role::Member, SELF, Role::ALL),
    (Role::Member, SHARES, &[]),
    (Role::Member, OTHER, &[]),
    (Role::None, SELF, &[]),
    (Role::None, SHARES, &[]),
    (Role::None, OTHER, &[]),
];

fn target(relation: &str, role: Role) -> (UserId, Profile) {
    match relation {
        SELF => (user_id("writer"), profile(role, &["a", "b"])),
        SHARES => (user_id("target"), profile(role, &["b", "c"])),
        _ => (user_id("target"), profile(role, &["c"])),
    }
}

/// Every command that names a user, but for the one that makes users.
fn commands_on(user: &UserId) -> Vec<Command> {
    let cut = Cut { before: None, app_id: None, kinds: Kinds::ALL, reason: None };
    vec![
        Command::GetUser(user.clone()),
        Command::RevokeUser { user_id: user.clone(), cut: cut.clone(), dry_run: true },
        Command::RevokeUser { user_id: user.clone(), cut, dry_run: false },
        Command::ListTokens { user_id: user.clone(), page: FIRST_PAGE, status: None, kind: None },
        Command::ListEvents { user_id: user.clone(), page: FIRST_PAGE, event_type: None },
        Command::Mint(user.clone(), Order::plain(TokenKind::ConnectionToken, Some(60))),
    ]
}

/// Every command that names a token.
fn commands_on_token(number: u64) -> Vec<Command> {
    let secret = || TokenName::Secret(TokenKind::ConnectionToken, digest(number));
    vec![
        Command::Check(vec![secret()]),
        Command::Check(vec![TokenName::Public(token_id(number))]),
        Command::Consume(secret()),
        Command::Revoke { token: secret(), reason: None },
    ]
}

#[test]
fn the_write_rule() {
    for (writer, relation, written) in WRITE {
        for role in Role::ALL {
            let (user, profile) = target(relation, *role);
            let allowed = principal("writer", *writer, &["a", "b"]).may_write(&user, &profile);
            assert_eq!(allowed, written.contains(role), "{writer:?} writes {role:?}, {relation}");
            assert!(Principal::Root.may_write(&user, &profile));
        }
    }
}

#[test]
fn every_command_asks_the_write_rule() {
    for (writer, relation, written) in WRITE {
        for role in Role::ALL {
            let (user, profile) = target(relation, *role);
            let principal = principal("writer", *writer, &["a", "b"]);
            for command in commands_on(&user).into_iter().chain(commands_on_token(7)) {
                let mut ledger = Ledger::of(kit::user(user.as_str(), profile.clone()));
                ledger.tokens.push(token(TokenKind::ConnectionToken, 7));
                let (answer, _) = ledger.run(&kit::once(&principal, command.clone(), 1));
                let forbidden = answer.outcome == Err(Refusal::Forbidden);
                assert_eq!(forbidden, !written.contains(role), "{writer:?} asks {command:?} of {role:?}, {relation}");
            }
        }
    }
}

#[test]
fn who_may_not_write_a_user_is_not_told_whether_there_is_one() {
    for role in [Role::Manager, Role::Member, Role::None] {
        let principal = principal("writer", role, &["a"]);
        let stranger = user_id("stranger");
        for command in commands_on(&stranger).into_iter().chain(commands_on_token(7)) {
            let request = kit::once(&principal, command, 1);
            let mut empty = Ledger::new(kit::second(1));
            let mut held = Ledger::of(kit::user("stranger", profile(Role::Member, &["z"])));
            let mut holding = held.clone();
            holding.tokens.push(token(TokenKind::ConnectionToken, 7));
            let answers = [empty.run(&request).0, held.run(&request).0, holding.run(&request).0];
            for answer in answers {
                assert_eq!(answer.outcome, Err(Refusal::Forbidden), "{request:?}");
            }
        }
    }
}

#[test]
fn who_may_write_everyone_is_told_that_there_is_no_such_user_or_token() {
    for principal in [Principal::Root, principal("writer", Role::Admin, &[])] {
        let mut empty = Ledger::new(kit::second(1));
        for command in commands_on(&user_id("stranger")).into_iter().chain(commands_on_token(7)) {
            let (answer, _) = empty.run(&kit::once(&principal, command, 1));
            assert_eq!(answer.outcome, Err(Refusal::UserUnknown));
        }
        let mut held = Ledger::of(kit::user("stranger", profile(Role::Member, &[])));
        for command in &commands_on_token(7)[2..] {
            let (answer, _) = held.run(&kit::once(&principal, command.clone(), 1));
            assert_eq!(answer.outcome, Err(Refusal::TokenUnknown));
        }
    }
}

#[test]
fn who_is_told_of_a_forgery_depends_on_no_look_up() {
    let (own, other) = (user_id("writer"), user_id("other"));
    let told = |role| {
        let principal = principal("writer", role, &["a"]);
        [None, Some(&own), Some(&other)].map(|named| principal.is_told_of_forgery(named))
    };
    assert_eq!(told(Role::Admin), [true, true, true]);
    assert_eq!(told(Role::Manager), [false, true, true]);
    assert_eq!(told(Role::Member), [false, true, false]);
    assert_eq!(told(Role::None), [false, false, false]);
    assert!(Principal::Root.is_told_of_forgery(None));
}

#[test]
fn only_admins_make_users() {
    let made = |principal: &Principal, role, groups: &[&str]| {
        let command = Command::PutUser(user_id("new"), profile(role, groups));
        let (answer, _) = Ledger::new(kit::second(1)).run(&kit::once(principal, command, 1));
        match answer.outcome {
            Ok(Outcome::User(_, made)) => made,
            Err(Refusal::Forbidden) => false,
            other => panic!("{other:?}"),
        }
    };
    assert!(made(&Principal::Root, Role::Admin, &[]));
    assert!(made(&principal("writer", Role::Admin, &[]), Role::Admin, &["z"]));
    for role in [Role::Manager, Role::Member, Role::None] {
        assert!(!made(&principal("writer", role, &["a"]), Role::Member, &["a"]));
        assert!(!made(&principal("new", role, &["a"]), Role::None, &["a"]), "not even itself");
    }
}

#[test]
fn a_manager_puts_whom_it_writes_before_and_after() {
    let manager = principal("writer", Role::Manager, &["a", "b"]);
    let put = |before: Profile, after: Profile| {
        let mut ledger = Ledger::of(kit::user("held", before));
        let (answer, _) = ledger.run(&kit::once(&manager, Command::PutUser(user_id("held"), after), 1));
        answer.outcome.is_ok()
    };
    let member = || profile(Role::Member, &["a"]);
    assert!(put(member(), profile(Role::Manager, &["a"])));
    assert!(put(member(), profile(Role::Member, &["a", "b"])));
    assert!(!put(member(), profile(Role::Admin, &["a"])), "no admin is made by a manager");
    assert!(!put(member(), profile(Role::Member, &[])), "a manager keeps whom it puts in sight");
    assert!(!put(member(), profile(Role::Member, &["a", "z"])), "nobody is put into another's group");
    assert!(!put(profile(Role::Member, &["z"]), member()), "nor taken out of one");
}

#[test]
fn who_is_not_connectable_gets_no_connection_token_from_anyone() {
    let shut = Profile { connectable: false, ..profile(Role::Member, &["a"]) };
    let mint = |kind| Command::Mint(user_id("owner"), Order::plain(kind, Some(60)));
    for principal in [Principal::Root, principal("owner", Role::Member, &["a"])] {
        let mut ledger = Ledger::of(kit::user("owner", shut.clone()));
        let (refused, _) = ledger.run(&kit::once(&principal, mint(TokenKind::ConnectionToken), 1));
        assert_eq!(refused.outcome, Err(Refusal::NotConnectable));
        let (key, _) = ledger.run(&kit::once(&principal, mint(TokenKind::ApiKey), 2));
        assert!(matches!(key.outcome, Ok(Outcome::Minted(_))), "an API key is none");
    }
}

#[test]
fn a_ledger_of_another_user_is_not_taken_for_this_ones() {
    for command in commands_on(&user_id("somebody")) {
        let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
        let (answer, _) = ledger.run(&kit::once(&Principal::Root, command, 1));
        assert_eq!(answer.outcome, Err(Refusal::Corrupt));
    }
    let put = Command::PutUser(user_id("somebody"), profile(Role::Member, &[]));
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    assert_eq!(ledger.run(&kit::once(&Principal::Root, put, 1)).0.outcome, Err(Refusal::Corrupt));
}

#[test]
fn a_public_id_looks_up_and_revokes_and_never_consumes() {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    ledger.tokens.push(token(TokenKind::ConnectionToken, 7));
    let name = TokenName::Public(token_id(7));
    let mut ask = |command| ledger.run(&kit::once(&Principal::Root, command, 1)).0.outcome;
    assert!(matches!(ask(Command::Check(vec![name.clone()])), Ok(Outcome::Checked { .. })));
    assert_eq!(ask(Command::Consume(name.clone())), Err(Refusal::NotAConnectionToken));
    assert!(matches!(ask(Command::Revoke { token: name, reason: None }), Ok(Outcome::Revoked { .. })));
}
