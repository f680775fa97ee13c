//! Access control of users: the write rule as a table, and what callers without access learn.

use hookswitch::core::access::{Actor, ActorType};
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::decide::connections::{ListConnectedApps, RevokeConnectedApp};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use hookswitch::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser};
use hookswitch::core::decide::{Put, PutEffect};
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::user::Profile;
use hookswitch::core::{Command, DecisionError, ExternalId, Principal, Resource, Role, TokenKind, User, UserId};

use crate::kit::{self, FIRST_PAGE, app_id, everything, principal, profile, public, secret, token, user_id};
use crate::ledger::{Ledger, Runnable};

/// The relations of the written user to the writer.
const SELF: &str = "itself";
const SHARES: &str = "a user that shares a group";
const OTHER: &str = "a user of another group";

/// For each role of the writer and relation of the written user: the roles of written users that the rule permits.
const WRITE_RULE: &[(Role, &str, &[Role])] = &[
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

fn written_user(relation: &str, role: Role) -> (UserId, Profile) {
    match relation {
        SELF => (user_id("writer"), profile(role, &["a", "b"])),
        SHARES => (user_id("target"), profile(role, &["b", "c"])),
        _ => (user_id("target"), profile(role, &["c"])),
    }
}

/// Runs a command and returns its error.
type Attempt = Box<dyn Fn(&mut Ledger, &Principal) -> Option<DecisionError>>;

fn attempt<C: Runnable + 'static>(command: C) -> (&'static str, Attempt) {
    let run = move |ledger: &mut Ledger, principal: &Principal| {
        ledger.ask(&kit::request(principal, command.clone(), 1)).err()
    };
    (C::NAME, Box::new(run))
}

/// Every command that names a user, except the command that creates users.
fn commands_of_user(user: &UserId) -> Vec<(&'static str, Attempt)> {
    let user_id = || user.clone();
    let page = FIRST_PAGE;
    let (status, app_id) = (None, app_id("crm"));
    vec![
        attempt(GetUser { user_id: user_id() }),
        attempt(RevokeUser { user_id: user_id(), filter: everything(), dry_run: true }),
        attempt(RevokeUser { user_id: user_id(), filter: everything(), dry_run: false }),
        attempt(ListTokens { user_id: user_id(), page, status: None, kind: None }),
        attempt(ListEvents { user_id: user_id(), page, event_type: None }),
        attempt(ListConnections { user_id: user_id(), page, status, app_id: None }),
        attempt(MintToken { user_id: user_id(), params: kit::connection_token(60) }),
        attempt(ListConnectedApps { user_id: user_id() }),
        attempt(RevokeConnectedApp { user_id: user_id(), app_id }),
    ]
}

/// Every command that names a token.
fn commands_of_token(number: u64) -> Vec<(&'static str, Attempt)> {
    let by_secret = || secret(TokenKind::ConnectionToken, number);
    vec![
        attempt(CheckTokens { tokens: vec![by_secret()] }),
        attempt(CheckTokens { tokens: vec![public(number)] }),
        attempt(ConsumeToken { token: by_secret() }),
        attempt(RevokeToken { token: by_secret(), reason: None }),
    ]
}

/// A ledger with a user and one connection token.
fn ledger_with_token(user: User) -> Ledger {
    let mut ledger = Ledger::of(user);
    ledger.tokens.push(token(TokenKind::ConnectionToken, 7));
    ledger
}

#[test]
fn write_rule_permits_exactly_the_roles_of_the_table() {
    for (writer, relation, written) in WRITE_RULE {
        for role in Role::ALL {
            let (user, profile) = written_user(relation, *role);
            let allowed = principal("writer", *writer, &["a", "b"]).may_write(&user, &profile);
            assert_eq!(allowed, written.contains(role), "{writer:?} writes {role:?}, {relation}");
            assert!(Principal::Root.may_write(&user, &profile));
            assert!(!Principal::App(app_id("crm")).may_write(&user, &profile));
            assert!(!Principal::Holder.may_write(&user, &profile));
        }
    }
}

#[test]
fn every_command_of_a_user_follows_the_write_rule() {
    for (writer, relation, written) in WRITE_RULE {
        for role in Role::ALL {
            let (user, profile) = written_user(relation, *role);
            let principal = principal("writer", *writer, &["a", "b"]);
            let allowed = written.contains(role);
            for (name, attempt) in commands_of_user(&user).into_iter().chain(commands_of_token(7)) {
                let mut ledger = ledger_with_token(kit::user(user.as_str(), profile.clone()));
                let before = ledger.clone();
                let is_forbidden = attempt(&mut ledger, &principal) == Some(DecisionError::Forbidden);
                // A command that creates authority goes by the role that the caller has now.
                let current = if *relation == SELF && name == MintToken::NAME { *role != Role::None } else { allowed };
                assert_eq!(is_forbidden, !current, "{writer:?} runs {name} on {role:?}, {relation}");
                if is_forbidden {
                    assert_eq!(ledger, before);
                }
            }
        }
    }
}

#[test]
fn caller_without_access_is_forbidden_whether_or_not_the_user_exists() {
    let mut callers = [Role::Manager, Role::Member, Role::None].map(|role| principal("writer", role, &["a"])).to_vec();
    callers.extend([Principal::App(app_id("crm")), Principal::Holder]);
    for principal in callers {
        let stranger = user_id("stranger");
        for (name, attempt) in commands_of_user(&stranger).into_iter().chain(commands_of_token(7)) {
            let user = kit::user("stranger", profile(Role::Member, &["z"]));
            let empty = Ledger::new(kit::second(1));
            for mut ledger in [empty, Ledger::of(user.clone()), ledger_with_token(user)] {
                let error = attempt(&mut ledger, &principal);
                assert_eq!(error, Some(DecisionError::Forbidden), "{principal:?} runs {name}");
            }
        }
    }
}

#[test]
fn caller_with_access_to_everybody_learns_what_does_not_exist() {
    for principal in [Principal::Root, principal("writer", Role::Admin, &[])] {
        let mut empty = Ledger::new(kit::second(1));
        for (name, attempt) in commands_of_user(&user_id("stranger")).into_iter().chain(commands_of_token(7)) {
            let error = attempt(&mut empty, &principal);
            assert_eq!(error, Some(DecisionError::NotFound(Resource::User)), "{name}");
        }
        let mut without_token = Ledger::of(kit::user("stranger", profile(Role::Member, &[])));
        for (name, attempt) in &commands_of_token(7)[2..] {
            let error = attempt(&mut without_token, &principal);
            assert_eq!(error, Some(DecisionError::NotFound(Resource::Token)), "{name}");
        }
        let check = CheckTokens { tokens: vec![public(7)] };
        let checked = without_token.ask(&kit::request(&principal, check, 1)).unwrap();
        assert_eq!(checked.verdicts, [None]);
    }
}

#[test]
fn member_learns_that_it_does_not_exist_and_nothing_of_others() {
    let member = principal("writer", Role::Member, &[]);
    let get = |id: &str| {
        let mut ledger = Ledger::new(kit::second(1));
        ledger.ask(&kit::request(&member, GetUser { user_id: user_id(id) }, 1))
    };
    assert_eq!(get("writer"), Err(DecisionError::NotFound(Resource::User)));
    assert_eq!(get("other"), Err(DecisionError::Forbidden));
}

#[test]
fn answer_to_a_forged_handle_depends_on_no_lookup() {
    let (own, other) = (user_id("writer"), user_id("other"));
    let learns = |role| {
        let principal = principal("writer", role, &["a"]);
        [None, Some(&own), Some(&other)].map(|named| principal.learns_of_forgery(named))
    };
    assert_eq!(learns(Role::Admin), [true, true, true]);
    assert_eq!(learns(Role::Manager), [false, false, false]);
    assert_eq!(learns(Role::Member), [false, true, false]);
    assert_eq!(learns(Role::None), [false, false, false]);
    assert!(Principal::Root.learns_of_forgery(None));
}

#[test]
fn only_admins_create_users() {
    let create = |principal: &Principal, role, groups: &[&str]| {
        let command = PutUser { user_id: user_id("new"), profile: profile(role, groups) };
        match Ledger::new(kit::second(1)).ask(&kit::request(principal, command, 1)) {
            Ok(Put { effect, .. }) => effect == PutEffect::Created,
            Err(DecisionError::Forbidden) => false,
            Err(error) => panic!("{error:?}"),
        }
    };
    assert!(create(&Principal::Root, Role::Admin, &[]));
    assert!(create(&principal("writer", Role::Admin, &[]), Role::Admin, &["z"]));
    for role in [Role::Manager, Role::Member, Role::None] {
        assert!(!create(&principal("writer", role, &["a"]), Role::Member, &["a"]));
        assert!(!create(&principal("new", role, &["a"]), Role::None, &["a"]), "nobody creates itself");
    }
    for principal in [Principal::App(app_id("crm")), Principal::Holder] {
        assert!(!create(&principal, Role::Member, &[]));
    }
}

#[test]
fn manager_replaces_profiles_of_users_that_it_manages_before_and_after() {
    let manager = principal("writer", Role::Manager, &["a", "b"]);
    let replaces = |before: Profile, after: Profile| {
        let mut ledger = Ledger::of(kit::user("managed", before));
        let command = PutUser { user_id: user_id("managed"), profile: after };
        ledger.ask(&kit::request(&manager, command, 1)).is_ok()
    };
    let member = || profile(Role::Member, &["a"]);
    let external_id: ExternalId = "x".parse().unwrap();
    assert!(replaces(member(), profile(Role::Manager, &["a"])));
    assert!(replaces(member(), profile(Role::Member, &["a", "b"])));
    assert!(replaces(profile(Role::Member, &["a", "z"]), profile(Role::None, &["a", "z"])), "other groups may stay");
    assert!(!replaces(member(), profile(Role::Admin, &["a"])), "a manager makes no admin");
    assert!(!replaces(member(), profile(Role::Member, &[])), "the user stays in one of the manager's groups");
    assert!(!replaces(member(), profile(Role::Member, &["a", "z"])), "the user enters no other group");
    assert!(!replaces(profile(Role::Member, &["z"]), member()), "users of other groups stay out of reach");
    assert!(!replaces(profile(Role::Admin, &["a"]), member()), "admins stay out of reach");
    assert!(!replaces(member(), Profile { external_id: Some(external_id), ..member() }), "external ids stay");
    assert!(!replaces(profile(Role::Member, &["a", "z"]), member()), "the user leaves no other group");
    assert!(replaces(profile(Role::Member, &["a", "b", "z"]), profile(Role::Member, &["a", "z"])), "own groups go");
    for role in [Role::None, Role::Member, Role::Manager] {
        for groups in [&["a", "z"] as &[&str], &["a"]] {
            let wider = profile(Role::Manager, &["a", "z"]);
            assert!(!replaces(wider, profile(role, groups)), "{role:?} {groups:?}: a manager of more groups stays one");
        }
    }
    assert!(replaces(profile(Role::Manager, &["a", "b"]), profile(Role::None, &["a"])), "an equal is demoted");
    assert!(
        !replaces(profile(Role::Member, &["a", "z"]), profile(Role::Manager, &["a", "z"])),
        "a new manager writes nobody whom its maker cannot write"
    );
}

#[test]
fn members_replace_no_profile_not_even_their_own() {
    for role in [Role::Member, Role::None] {
        let mut ledger = Ledger::of(kit::user("owner", profile(role, &["a"])));
        let command = PutUser { user_id: user_id("owner"), profile: profile(role, &["a", "b"]) };
        let refused = ledger.ask(&kit::request(&principal("owner", role, &["a"]), command, 1));
        assert_eq!(refused, Err(DecisionError::Forbidden));
    }
}

#[test]
fn user_that_is_not_connectable_gets_no_connection_token_from_anybody() {
    let closed = Profile { connectable: false, ..profile(Role::Member, &["a"]) };
    let mint = |kind| MintToken { user_id: user_id("owner"), params: MintParams::plain(kind, Some(60)) };
    for principal in [Principal::Root, principal("owner", Role::Member, &["a"])] {
        let mut ledger = Ledger::of(kit::user("owner", closed.clone()));
        let refused = ledger.ask(&kit::request(&principal, mint(MintKind::ConnectionToken), 1));
        assert_eq!(refused, Err(DecisionError::NotConnectable));
        let key = ledger.ask(&kit::request(&principal, mint(MintKind::ApiKey), 2));
        assert!(key.is_ok(), "an API key is not a connection token");
    }
}

#[test]
fn ledger_of_another_user_is_refused() {
    let ledger = || Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    for (name, attempt) in commands_of_user(&user_id("somebody")) {
        assert_eq!(attempt(&mut ledger(), &Principal::Root), Some(DecisionError::Inconsistent), "{name}");
    }
    let put = PutUser { user_id: user_id("somebody"), profile: profile(Role::Member, &[]) };
    assert_eq!(ledger().as_root(put, 1), Err(DecisionError::Inconsistent));
}

#[test]
fn public_id_checks_and_revokes_a_token_and_never_consumes_it() {
    let mut ledger = ledger_with_token(kit::user("owner", profile(Role::Member, &[])));
    let checked = ledger.as_root(CheckTokens { tokens: vec![public(7)] }, 1).unwrap();
    assert!(checked.verdicts[0].is_some());
    let consumed = ledger.as_root(ConsumeToken { token: public(7) }, 1);
    assert_eq!(consumed, Err(DecisionError::NotAConnectionToken));
    assert!(ledger.as_root(RevokeToken { token: public(7), reason: None }, 1).is_ok());
}

#[test]
fn only_connection_tokens_are_consumed() {
    for kind in [TokenKind::AccessToken, TokenKind::RefreshToken, TokenKind::ApiKey] {
        let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
        ledger.tokens.push(token(kind, 7));
        let consumed = ledger.as_root(ConsumeToken { token: secret(kind, 7) }, 1);
        assert_eq!(consumed, Err(DecisionError::NotAConnectionToken));
    }
}

#[test]
fn lists_show_the_wanted_items_of_a_page() {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    ledger.tokens.extend((1..=5).map(|number| token(TokenKind::ConnectionToken, number)));
    ledger.tokens[2].kind = TokenKind::ApiKey;
    let page = |after, limit| hookswitch::core::params::PageRequest { after, limit };
    let list = |ledger: &mut Ledger, page, kind| {
        let command = ListTokens { user_id: user_id("owner"), page, status: None, kind };
        let page = ledger.as_root(command, 0).unwrap();
        let ids: Vec<_> = page.items.into_iter().map(|verdict| verdict.token_id).collect();
        (ids, page.next)
    };
    let (newest, next) = list(&mut ledger, page(None, 2), None);
    assert_eq!(newest, [5, 4].map(kit::token_id));
    let (middle, next) = list(&mut ledger, page(next, 2), Some(TokenKind::ConnectionToken));
    assert_eq!(middle, [kit::token_id(2)], "the page ends where it would without the filter");
    let oldest = list(&mut ledger, page(next, 2), None);
    assert_eq!(oldest, (vec![kit::token_id(1)], None));
    ledger.connections.push(kit::connection(1, ConnectionStatus::Revoked));
    ledger.connections[0].deleted = true;
    let list = ListConnections { user_id: user_id("owner"), page: FIRST_PAGE, status: None, app_id: None };
    assert_eq!(ledger.as_root(list, 0).unwrap().items, [], "a deleted connection is not listed");
}

/// Texts that read like another actor because a part of them is not seen.
#[test]
fn ids_have_no_invisible_characters() {
    let invisible = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{202a}',
        '\u{202e}',
        '\u{2028}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fffb}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e007f}',
        '\u{e0100}',
        '\u{0}',
        '\u{7f}',
        '\u{85}',
    ];
    for c in invisible {
        for text in [format!("root{c}"), format!("{c}root"), format!("ro{c}ot"), format!("ap{c}p:x"), c.to_string()] {
            assert!(text.parse::<UserId>().is_err(), "{}", text.escape_unicode());
            assert!(text.parse::<hookswitch::core::AppId>().is_err(), "{}", text.escape_unicode());
            assert!(text.parse::<hookswitch::core::Group>().is_err(), "{}", text.escape_unicode());
        }
    }
    for text in ["root ", " root", "root\u{a0}", "\u{3000}root", " "] {
        assert!(text.parse::<UserId>().is_err(), "{text:?}");
    }
    for text in ["a b", "é", "ü☎😀", "日本語", "עברית", "क्ष", "Root", "App:x", "app\u{ff1a}x", "r\u{43e}ot"]
    {
        assert_eq!(text.parse::<UserId>().map(|id| id.as_str().to_owned()), Ok(text.to_owned()));
    }
}

#[test]
fn look_alike_of_another_actor_is_a_user() {
    for text in ["Root", "ROOT", "System", "App:x", "app\u{ff1a}x", "r\u{43e}ot", "\u{ff52}oot", "apps:x"] {
        assert_eq!(Actor::user(&user_id(text)).actor_type(), ActorType::User, "{text}");
    }
    for text in ["root", "system", "app:", "app:x"] {
        assert!(text.parse::<UserId>().is_err(), "{text}");
    }
    let types = [Actor::root(), Actor::system(), Actor::app(&app_id("x"))].map(|actor| actor.actor_type());
    assert_eq!(types, [ActorType::Root, ActorType::System, ActorType::App]);
}
