//! Tokens: single use, idempotency, batches and forged handles.

use futures_util::future::join_all;
use hookswitch::core::app::ClientType;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::apps::RotateClientSecret;
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{MintKind, MintParams, RevokeFilter};
use hookswitch::core::{DecisionError, Digest, Resource, Status, TokenKind};
use hookswitch::operations::in_memory::Behaviour;
use hookswitch::operations::tokens::BatchVerdict;
use hookswitch::operations::tokens::{Check, Revoke};
use hookswitch::operations::{ApiError, apps, oauth, tokens, users};

use crate::kit::{Deployment, forged, member, refusal};

#[test]
fn consume_succeeds_once_under_64_concurrent_requests() {
    let deployment = Deployment::new();
    let token = deployment.open(&deployment.token(&deployment.user("user-1")).secret);
    deployment.platform.ledgers.set(Behaviour::slow(5));
    let cx = deployment.root();
    let results = deployment.run(join_all((0..64).map(|_| tokens::consume(&cx, &token))));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert!(
            matches!(&error, ApiError::Refused(DecisionError::TokenNotActive(verdict))
            if verdict.status() == Status::Consumed),
            "{error:?}"
        );
    }
}

#[test]
fn repeated_request_gets_the_same_secret() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    let command = || MintToken { user_id: user_id.clone(), params: MintParams::plain(MintKind::ApiKey, None) };
    let (first, second) = (deployment.repeatable("key-1"), deployment.repeatable("key-1"));
    let created = deployment.run(tokens::create(&first, command())).unwrap();
    let repeated = deployment.run(tokens::create(&second, command())).unwrap();
    assert_eq!(created, repeated);
    assert_eq!((first.is_replayed(), second.is_replayed()), (false, true));
    assert_eq!(created.verdict.user_id, user_id);
}

#[test]
fn forged_token_costs_no_ledger_call() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    let token = deployment.open(&forged(TokenKind::ConnectionToken));
    deployment.calls();
    let cx = deployment.root();
    let not_found = DecisionError::NotFound(Resource::Token);
    let check = || Check { token: token.clone(), user_id: None };
    assert_eq!(refusal(deployment.run(tokens::check(&cx, check()))), not_found);
    assert_eq!(refusal(deployment.run(tokens::consume(&cx, &token))), not_found);
    let revoke = Revoke { token: token.clone(), user_id: None, reason: None };
    assert_eq!(refusal(deployment.run(tokens::revoke(&cx, revoke))), not_found);
    assert_eq!(deployment.run(oauth::introspect(&cx, &token)), Ok(None));
    assert_eq!(deployment.run(oauth::revoke(&cx, &token, None)), Ok(None));
    // A member learns nothing.
    let cx = deployment.by(member(&user_id));
    assert_eq!(refusal(deployment.run(tokens::check(&cx, check()))), DecisionError::Forbidden);
    assert_eq!(deployment.calls(), 0);
    assert_eq!(deployment.platform.records.take_reads(), 0);
}

#[test]
fn batch_calls_each_ledger_once_and_keeps_the_order() {
    let deployment = Deployment::new();
    let (first, second) = (deployment.user("user-1"), deployment.user("user-2"));
    let secrets = [
        deployment.token(&first).secret,
        forged(TokenKind::ConnectionToken),
        deployment.token(&second).secret,
        deployment.token(&first).secret,
    ];
    let named: Vec<_> = secrets.iter().map(|secret| deployment.open(secret)).collect();
    deployment.calls();
    let checked = deployment.run(tokens::check_batch(&deployment.root(), &named)).unwrap();
    let users: Vec<_> = checked.iter().map(|verdict| verdict.known().map(|v| v.user_id.as_str())).collect();
    assert_eq!(users, [Some("user-1"), None, Some("user-2"), Some("user-1")]);
    assert_eq!(deployment.calls(), 2);
    // A member sees its own tokens only.
    let checked = deployment.run(tokens::check_batch(&deployment.by(member(&first)), &named)).unwrap();
    assert_eq!(checked.iter().filter(|verdict| verdict.known().is_some()).count(), 2);
}

#[test]
fn revoking_a_user_revokes_every_token_at_once() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    let named: Vec<_> = (0..3).map(|_| deployment.open(&deployment.token(&user_id).secret)).collect();
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    let command = RevokeUser { user_id, filter, dry_run: false };
    let revoked = deployment.run(users::revoke(&deployment.root(), command)).unwrap();
    assert_eq!(revoked.revoked.connection_token, 3);
    let checked = deployment.run(tokens::check_batch(&deployment.root(), &named)).unwrap();
    for verdict in checked.iter().map(BatchVerdict::known) {
        assert_eq!(verdict.map(hookswitch::core::Verdict::status), Some(Status::Revoked));
    }
}

#[test]
fn token_of_another_user_than_the_named_one_is_not_found() {
    let deployment = Deployment::new();
    let (first, second) = (deployment.user("user-1"), deployment.user("user-2"));
    let token = deployment.open(&deployment.token(&first).secret).of_user(&second);
    let check = Check { token, user_id: Some(second) };
    let refused = refusal(deployment.run(tokens::check(&deployment.root(), check)));
    assert_eq!(refused, DecisionError::NotFound(Resource::Token));
}

#[test]
fn idempotency_key_of_another_request_does_not_disturb_lookups() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    let client = deployment.app("app-1", ClientType::Confidential);
    // The registry of the app has a stored answer under the same key.
    let rotate = RotateClientSecret { app_id: client.app_id.clone(), previous_ttl: 0 };
    deployment.run(apps::rotate_client_secret(&deployment.repeatable("key-1"), rotate)).unwrap();
    deployment.platform.memory.clear();
    let params = MintParams { app_id: Some(client.app_id), ..MintParams::plain(MintKind::ConnectionToken, Some(60)) };
    let mut cx = deployment.repeatable("key-1");
    cx.idempotency.as_mut().unwrap().request = Digest::of(b"another request");
    deployment.run(tokens::create(&cx, MintToken { user_id, params })).unwrap();
    assert!(!cx.is_replayed());
}
