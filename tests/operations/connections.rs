//! Connections, their credentials, and revocations at providers.

use hookswitch::core::app::ClientType;
use hookswitch::core::credential::CredentialState;
use hookswitch::core::decide::connections::AtProvider;
use hookswitch::core::decide::revocations::RevocationAction;
use hookswitch::core::params::Lifetimes;
use hookswitch::core::{ConnectionStatus, DecisionError, Status, TokenKind};
use hookswitch::operations::connection_search::{self, Search};
use hookswitch::operations::in_memory::Behaviour;
use hookswitch::operations::{ApiError, LedgerClass, connections, revocations, tokens};

use crate::kit::{Deployment, forged, refusal, upstream};

const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };

#[test]
fn revoking_a_connection_revokes_everything_under_it() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Confidential));
    let (revoked, other) =
        (deployment.connect(&user_id, &app.app_id, None), deployment.connect(&user_id, &app.app_id, None));
    let cx = deployment.root();
    let issue = |connection| deployment.run(connections::issue_tokens(&cx, connection, None, LIFETIMES)).unwrap();
    let (ended, kept) = (issue(&revoked), issue(&other));
    let changed = deployment.run(connections::revoke(&cx, &revoked, Some("stolen".to_owned()))).unwrap();
    assert_eq!((changed.previous, changed.verdict.status()), (ConnectionStatus::Active, ConnectionStatus::Revoked));

    let secrets = [ended.access_token, ended.refresh.unwrap().secret, kept.access_token];
    let named: Vec<_> = secrets.iter().map(|secret| deployment.open(secret)).collect();
    let checked = deployment.run(tokens::check_batch(&cx, &named)).unwrap();
    let statuses: Vec<_> = checked.iter().map(|verdict| verdict.known().unwrap().status()).collect();
    assert_eq!(statuses, [Status::Revoked, Status::Revoked, Status::Valid]);
    // A revoked connection issues nothing.
    let refused = refusal(deployment.run(connections::issue_tokens(&cx, &revoked, None, LIFETIMES)));
    assert!(matches!(refused, DecisionError::InvalidConnectionState(_)));
}

#[test]
fn provider_is_asked_at_once_to_revoke_the_credentials() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.http.respond(200, "{}");
    deployment.calls();
    let changed = deployment.run(connections::revoke(&deployment.root(), &connection, None)).unwrap();
    assert_eq!(changed.verdict.status(), ConnectionStatus::Revoked);
    assert_eq!(changed.verdict.credentials[0].state, CredentialState::Revoked);
    let requests = deployment.platform.http.take_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].body.as_deref(), Some("token=ya29.upstream&token_type_hint=access_token"));
    // The revocation, the provider, the attempt.
    assert_eq!(deployment.calls(), 3);
}

#[test]
fn credential_stays_revoking_until_the_provider_confirms() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.http.respond(500, "");
    let changed = deployment.run(connections::revoke(&deployment.root(), &connection, None)).unwrap();
    assert_eq!(changed.verdict.status(), ConnectionStatus::Revoking);
    let credential = &changed.verdict.credentials[0];
    assert_eq!((credential.state, credential.attempts), (CredentialState::Revoking, 1));
    assert_eq!(credential.error.as_deref(), Some("HTTP 500"));
}

#[test]
fn abandoned_revocation_is_retried_at_once() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.http.respond(403, "");
    let changed = deployment.run(connections::revoke(&deployment.root(), &connection, None)).unwrap();
    assert_eq!(changed.verdict.credentials[0].state, CredentialState::Abandoned);
    let id = changed.verdict.credentials[0].revocation_id(&user_id);
    deployment.platform.http.respond(200, "");
    let result = deployment.run(revocations::manage(&deployment.root(), id, RevocationAction::Retry)).unwrap();
    assert_eq!(result.revocation.credential.state, CredentialState::Revoked);
    assert_eq!(result.connection.status(), ConnectionStatus::Revoked);
}

#[test]
fn revocation_of_an_active_connection_costs_at_most_4_ledger_calls() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.http.respond(200, "{}");
    deployment.calls();
    let changed = deployment.run(connections::revoke_active(&deployment.root(), &connection, None)).unwrap();
    assert_eq!(changed.verdict.status(), ConnectionStatus::Revoked);
    let classes: Vec<_> = deployment.platform.ledgers.take_calls().into_iter().map(|(class, _)| class).collect();
    assert_eq!(classes, [LedgerClass::User, LedgerClass::Operator, LedgerClass::User, LedgerClass::User]);
}

#[test]
fn active_connection_is_not_revoked_if_its_provider_cannot_revoke() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let mut credentials = upstream();
    credentials.provider = Some("spotify".parse().unwrap());
    let connection = deployment.connect(&user_id, &app.app_id, Some(credentials));
    let refused = refusal(deployment.run(connections::revoke_active(&deployment.root(), &connection, None)));
    assert_eq!(refused, DecisionError::RevocationUnsupported);
    let verdict = deployment.run(connections::get(&deployment.root(), &connection)).unwrap();
    assert_eq!(verdict.status(), ConnectionStatus::Active);
}

#[test]
fn repeated_revocation_shows_the_connection_as_it_is_now() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.http.respond(200, "{}");
    let revoke = || {
        let cx = deployment.repeatable("key-1");
        let changed = deployment.run(connections::revoke(&cx, &connection, None)).unwrap();
        (changed.verdict.status(), cx.is_replayed())
    };
    assert_eq!(revoke(), (ConnectionStatus::Revoked, false));
    assert_eq!(revoke(), (ConnectionStatus::Revoked, true));
    assert_eq!(deployment.platform.http.take_requests().len(), 1);
}

#[test]
fn stored_credentials_get_the_provider_of_the_app() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, None);
    let stored = deployment.run(connections::store_credentials(&deployment.root(), &connection, &upstream())).unwrap();
    assert_eq!(stored.connection.provider.map(|slug| slug.to_string()).as_deref(), Some("google"));
    assert_eq!(stored.credentials[0].state, CredentialState::Held);
}

#[test]
fn deletion_without_revocation_asks_no_provider() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    let cx = deployment.root();
    let changed = deployment.run(connections::delete(&cx, &connection, AtProvider::Forget)).unwrap();
    assert_eq!(changed.verdict.credentials[0].state, CredentialState::Dismissed);
    assert!(deployment.platform.http.take_requests().is_empty());
    let refused = refusal(deployment.run(connections::get(&cx, &connection)));
    assert_eq!(refused, DecisionError::NotFound(hookswitch::core::Resource::Connection));
}

#[test]
fn provider_whose_ledger_is_down_is_left_to_the_alarm() {
    let deployment = Deployment::new();
    let (user_id, app) = (deployment.user("user-1"), deployment.app("app-1", ClientType::Public));
    let connection = deployment.connect(&user_id, &app.app_id, Some(upstream()));
    deployment.platform.ledgers.set_class(LedgerClass::Operator, Behaviour::down_after(0));
    let changed = deployment.run(connections::revoke(&deployment.root(), &connection, None)).unwrap();
    assert_eq!(changed.verdict.status(), ConnectionStatus::Revoking);
    assert_eq!(changed.verdict.credentials[0].attempts, 0);
    assert!(deployment.platform.http.take_requests().is_empty());
}

#[test]
fn forged_connection_costs_no_ledger_call() {
    let deployment = Deployment::new();
    let connection = deployment.connection(&forged(TokenKind::AccessToken));
    assert!(matches!(
        refusal(deployment.run(connections::get(&deployment.root(), &connection))),
        DecisionError::NotFound(_)
    ));
    assert_eq!(deployment.calls(), 0);
}

#[test]
fn search_pages_through_the_connections_of_users() {
    let deployment = Deployment::new();
    let app = deployment.app("app-1", ClientType::Public);
    let users = [deployment.user("user-1"), deployment.user("user-2")];
    for user_id in &users {
        for _ in 0..3 {
            deployment.connect(user_id, &app.app_id, None);
        }
    }
    let mut search = Search { user_ids: users.to_vec(), limit: 2, ..Search::default() };
    let mut found = Vec::new();
    loop {
        let page = deployment.run(connection_search::search(&deployment.root(), &search)).unwrap();
        assert!(page.connections.len() <= 2 && page.apps.len() == 1);
        found.extend(page.connections.into_iter().map(|verdict| verdict.connection.id));
        search.cursor = page.next;
        if search.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 6);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 6);
    search.cursor = Some("nonsense".to_owned());
    let result = deployment.run(connection_search::search(&deployment.root(), &search));
    assert!(matches!(result, Err(ApiError::Invalid(_))));
}
