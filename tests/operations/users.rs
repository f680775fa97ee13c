//! Users and their external ids, API keys, apps, and status tickets.

use hookswitch::core::app::ClientType;
use hookswitch::core::decide::apps::RotateClientSecret;
use hookswitch::core::decide::reservations::{ReservationStep, ReserveUserId};
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{DecisionError, Principal, Resource};
use hookswitch::operations::status::NamedSubject;
use hookswitch::operations::tokens::Revoke;
use hookswitch::operations::{
    ApiError, Caller, CredentialProblem, Credentials, Secret, apps, authenticate, status, tokens, users,
};

use crate::kit::{Deployment, profile, refusal};

impl Deployment {
    fn put(&self, user_id: &str, external_id: Option<&str>) -> Result<(), ApiError> {
        let external_id = external_id.map(|id| id.parse().unwrap());
        let profile = Profile { external_id, ..profile(Role::Member) };
        let command = PutUser { user_id: user_id.parse().unwrap(), profile };
        self.run(users::put(&self.root(), command)).map(drop)
    }
}

#[test]
fn external_id_belongs_to_one_user_until_that_user_gives_it_up() {
    let deployment = Deployment::new();
    deployment.put("user-1", Some("ext-1")).unwrap();
    assert_eq!(refusal(deployment.put("user-2", Some("ext-1"))), DecisionError::ExternalIdTaken);
    deployment.put("user-1", None).unwrap();
    deployment.put("user-2", Some("ext-1")).unwrap();
    assert_eq!(refusal(deployment.put("user-1", Some("ext-1"))), DecisionError::ExternalIdTaken);
}

#[test]
fn user_is_found_by_its_external_id() {
    let deployment = Deployment::new();
    let app = deployment.app("app-1", ClientType::Public);
    deployment.put("user-1", Some("ext-1")).unwrap();
    deployment.connect(&"user-1".parse().unwrap(), &app.app_id, None);
    let cx = deployment.root();
    for name in ["user-1", "ext-1"] {
        let connected = deployment.run(users::list_connected_apps(&cx, name.parse().unwrap())).unwrap();
        assert_eq!(connected.len(), 1, "{name}");
        assert!(connected[0].app.is_some());
    }
    let unknown = deployment.run(users::list_connected_apps(&cx, "ext-2".parse().unwrap()));
    assert_eq!(refusal(unknown), DecisionError::NotFound(Resource::User));
    deployment.run(users::revoke_connected_app(&cx, "ext-1".parse().unwrap(), &app.app_id)).unwrap();
    let connected = deployment.run(users::list_connected_apps(&cx, "user-1".parse().unwrap())).unwrap();
    assert_eq!(connected, []);
}

#[test]
fn api_key_authenticates_its_owner_for_10_seconds_without_a_call() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    let params = MintParams::plain(MintKind::ApiKey, None);
    let command = MintToken { user_id: user_id.clone(), params };
    let key = deployment.run(tokens::create(&deployment.root(), command)).unwrap();
    let authenticate = || {
        let credentials = Credentials::Key(Secret(key.secret.clone()));
        deployment.run(authenticate::authenticate(&deployment.by(Caller::Anonymous), credentials))
    };
    let is_owner = |caller: &Result<Caller, ApiError>| matches!(caller, Ok(Caller::Principal(Principal::User { user_id: owner, .. })) if *owner == user_id);
    deployment.calls();
    assert!(is_owner(&authenticate()) && is_owner(&authenticate()));
    assert_eq!(deployment.calls(), 1);
    let revoke = Revoke { token: deployment.open(&key.secret), user_id: None, reason: None };
    deployment.run(tokens::revoke(&deployment.root(), revoke)).unwrap();
    deployment.clock.advance_seconds(9);
    assert!(is_owner(&authenticate()));
    deployment.clock.advance_seconds(1);
    assert_eq!(authenticate(), Err(ApiError::CredentialsInvalid(CredentialProblem::DeadKey)));
}

#[test]
fn root_key_and_forged_keys_cost_no_ledger_call() {
    let deployment = Deployment::new();
    let authenticate =
        |credentials| deployment.run(authenticate::authenticate(&deployment.by(Caller::Anonymous), credentials));
    let key = |text: &str| Credentials::Key(Secret(text.to_owned()));
    assert_eq!(authenticate(key("root")), Ok(Caller::Principal(Principal::Root)));
    assert_eq!(authenticate(key("hak_forged")), Err(ApiError::CredentialsInvalid(CredentialProblem::UnknownKey)));
    assert_eq!(authenticate(Credentials::Missing), Err(ApiError::CredentialsMissing));
    assert_eq!(deployment.calls(), 0);
}

#[test]
fn rotated_client_secret_is_shown_once_and_used_at_once() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let command = RotateClientSecret { app_id: client.app_id.clone(), previous_ttl: 0 };
    let rotated = deployment.run(apps::rotate_client_secret(&deployment.root(), command)).unwrap();
    assert!(rotated.client_secret.is_some());
    let app = deployment.run(apps::get(&deployment.root(), client.app_id)).unwrap();
    assert!(!app.verify_secret(client.secret.as_ref(), deployment.clock.now()));
}

#[test]
fn ticket_shows_the_status_of_its_subject() {
    let deployment = Deployment::new();
    let token = deployment.token(&deployment.user("user-1"));
    let subject = NamedSubject::Token(deployment.open(token.verdict.token_id.as_str()));
    let signed = deployment.run(status::create_ticket(&deployment.root(), subject, 60)).unwrap();
    let ticket = deployment.config.keyring.open_ticket(&signed.text).unwrap();
    let cx = deployment.by(Caller::Ticket(ticket));
    let shown = deployment.run(status::show(&cx, None)).unwrap();
    assert_eq!((shown.view.status.as_str(), shown.is_known), ("valid", false));
    let tag = format!("W/\"{}\"", shown.tag);
    assert!(deployment.run(status::show(&cx, Some(&tag))).unwrap().is_known);
    deployment.run(tokens::consume(&deployment.root(), &deployment.open(&token.secret))).unwrap();
    let shown = deployment.run(status::show(&cx, Some(&tag))).unwrap();
    assert_eq!((shown.view.status.as_str(), shown.is_known), ("consumed", false));
    assert_eq!(status::follow(&cx).unwrap().expires_at, signed.ticket.expires_at);
    assert_eq!(status::follow(&deployment.root()), Err(ApiError::TicketMissing));
}

/// One text never names two users: Stytch's calls take both kinds of id.
#[test]
fn user_id_and_external_id_of_two_users_never_agree() {
    let deployment = Deployment::new();
    let reserved = |result| matches!(refusal(result), DecisionError::UserIdReserved { .. });
    deployment.put("victim", Some("name-1")).unwrap();
    assert!(reserved(deployment.put("name-1", None)), "the id is an external id");
    assert!(reserved(deployment.put("name-1", Some("name-2"))));
    deployment.put("name-3", None).unwrap();
    assert_eq!(refusal(deployment.put("victim", Some("name-3"))), DecisionError::ExternalIdTaken);
    deployment.put("victim", Some("victim")).unwrap();
    deployment.put("victim", Some("name-1")).unwrap();

    // Both texts are free again at once when the user gives the external id up.
    assert!(reserved(deployment.put("name-1", None)));
    deployment.put("victim", None).unwrap();
    deployment.put("name-1", None).unwrap();
    assert_eq!(refusal(deployment.put("victim", Some("name-1"))), DecisionError::ExternalIdTaken);
    deployment.put("name-1", Some("name-4")).unwrap();
}

#[test]
fn reservation_of_a_user_that_was_never_stored_ends_after_half_a_minute() {
    let deployment = Deployment::new();
    let claim = ReserveUserId {
        user_id: "name-1".parse().unwrap(),
        holder: "victim".parse().unwrap(),
        step: ReservationStep::Claim,
    };
    let cx = deployment.root();
    deployment.run(cx.ledger_of(&claim.user_id).run_plain(claim.clone())).unwrap();
    assert!(matches!(refusal(deployment.put("name-1", None)), DecisionError::UserIdReserved { .. }));
    deployment.clock.advance_seconds(30);
    deployment.put("name-1", None).unwrap();
}

#[test]
fn creating_a_user_without_an_external_id_costs_one_call() {
    let deployment = Deployment::new();
    deployment.put("user-1", None).unwrap();
    assert_eq!(deployment.calls(), 1);
}
