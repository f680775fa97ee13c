//! The ledgers of apps, of external ids, and of the operator.

use std::collections::BTreeMap;

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::decide::apps::{
    AppCommand, AppDecision, AppPut, FetchApp, GetApp, PutApp, RotateClientSecret, SecretEffect, decide_app,
};
use hookswitch::core::decide::external_ids::{
    ClaimExternalId, ConfirmClaim, Confirmation, ExternalIdCommand, ExternalIdHolder, GetHolder,
};
use hookswitch::core::decide::operator::{
    DeleteProvider, DeleteWebhook, GetProvider, GetWebhook, ListDeliveries, OperatorCommand, OperatorDecision,
    OperatorMutation, OperatorSnapshot, PutProvider, PutWebhook, RecordDeliveries, RotateWebhookSecret, SigningSecret,
    Unsubscription, decide_operator,
};
use hookswitch::core::decide::{Put, PutEffect};
use hookswitch::core::params::{Cursor, PageRequest, Positioned};
use hookswitch::core::provider::{CallAuth, CallBody, CallMethod, ProviderCall, StoredProvider};
use hookswitch::core::snapshot::StoredResponse;
use hookswitch::core::webhook::{Delivery, ENDPOINTS_MAX, Endpoint};
use hookswitch::core::{
    App, DecisionError, Digest, Principal, Provider, Request, Resource, Role, Sealed, Timestamp, UpstreamTokenType,
    UserId,
};

use crate::kit::{self, app_id, digest, principal, second, slug, user_id};

/// The registry of an app: its row, and the stored answer of one request.
#[derive(Default)]
struct Registry {
    app: Option<App>,
    stored: Option<StoredResponse>,
}

impl Registry {
    fn run<C: AppCommand + Clone>(&mut self, request: &Request<C>, at: i64) -> Result<C::Outcome, DecisionError> {
        let decision = decide_app(self.app.as_ref(), self.stored.as_ref(), request, second(at));
        let AppDecision { write, store_response, reply } = decision;
        if let (true, Ok(outcome), Some(key)) = (store_response, &reply.outcome, &request.idempotency) {
            let (idempotency, minted) = (key.clone(), request.minted.clone());
            let outcome = serde_json::to_string(outcome).unwrap();
            self.stored = Some(StoredResponse { idempotency, minted, outcome });
        }
        self.app = write.or(self.app.take());
        reply.outcome
    }

    fn as_root<C: AppCommand + Clone>(&mut self, command: C, number: u64) -> Result<C::Outcome, DecisionError> {
        self.run(&kit::request(&Principal::Root, command, number), i64::try_from(number).unwrap())
    }
}

fn put(client_type: ClientType, name: &str) -> PutApp {
    let registration = Registration { name: name.to_owned(), ..kit::app("crm", client_type).registration };
    PutApp { app_id: app_id("crm"), registration }
}

fn secret_of(put: &AppPut) -> (SecretEffect, Option<Digest>) {
    (put.secret, put.app.secret.clone())
}

#[test]
fn confidential_app_gets_a_secret_once() {
    use ClientType::{Confidential, Public};
    let mut registry = Registry::default();
    let created = registry.as_root(put(Confidential, "one"), 1).unwrap();
    assert_eq!((created.effect, secret_of(&created)), (PutEffect::Created, (SecretEffect::Created, Some(digest(1)))));
    let renamed = registry.as_root(put(Confidential, "two"), 2).unwrap();
    assert_eq!((renamed.effect, secret_of(&renamed)), (PutEffect::Kept, (SecretEffect::Kept, Some(digest(1)))));
    assert_eq!((renamed.app.created_at, renamed.app.updated_at), (second(1), second(2)));
    let same = registry.as_root(put(Confidential, "two"), 3).unwrap();
    assert_eq!((same.app.updated_at, same.secret), (second(2), SecretEffect::Kept), "nothing is written");
    let public = registry.as_root(put(Public, "two"), 4).unwrap();
    assert_eq!(secret_of(&public), (SecretEffect::Kept, None));
    let again = registry.as_root(put(Confidential, "two"), 5).unwrap();
    assert_eq!(secret_of(&again), (SecretEffect::Created, Some(digest(5))), "the old secret stays replaced");
}

#[test]
fn rotated_client_secret_stays_valid_for_the_asked_time() {
    let mut registry = Registry::default();
    registry.as_root(put(ClientType::Confidential, "one"), 1).unwrap();
    let rotate = |previous_ttl| RotateClientSecret { app_id: app_id("crm"), previous_ttl };
    let rotated = registry.as_root(rotate(60), 2).unwrap();
    assert_eq!(secret_of(&rotated), (SecretEffect::Created, Some(digest(2))));
    let verifies = |app: &App, number, at| app.verify_secret(Some(&digest(number)), second(at));
    assert!(verifies(&rotated.app, 2, 61) && verifies(&rotated.app, 1, 61) && !verifies(&rotated.app, 1, 62));
    let at_once = registry.as_root(rotate(0), 3).unwrap();
    assert!(verifies(&at_once.app, 3, 3) && !verifies(&at_once.app, 2, 3) && !verifies(&at_once.app, 1, 3));
    let renamed = registry.as_root(put(ClientType::Confidential, "two"), 4).unwrap();
    assert!(verifies(&renamed.app, 3, 4));
}

#[test]
fn registry_refuses_what_does_not_fit_its_app() {
    let mut registry = Registry::default();
    let unknown = DecisionError::NotFound(Resource::App);
    let rotate = RotateClientSecret { app_id: app_id("crm"), previous_ttl: 60 };
    assert_eq!(registry.as_root(GetApp { app_id: app_id("crm") }, 1), Err(unknown.clone()));
    assert_eq!(registry.as_root(rotate.clone(), 1), Err(unknown));
    assert_eq!(registry.as_root(FetchApp { app_id: app_id("crm") }, 1), Ok(None));
    registry.as_root(put(ClientType::Public, "one"), 1).unwrap();
    assert_eq!(registry.as_root(rotate, 2), Err(DecisionError::AppIsPublic));
    let other = GetApp { app_id: app_id("mail") };
    assert_eq!(registry.as_root(other, 2), Err(DecisionError::Inconsistent), "two app ids have one ledger id");
    assert_eq!(registry.as_root(FetchApp { app_id: app_id("mail") }, 2), Ok(None));
}

#[test]
fn repeated_rotation_creates_no_second_secret() {
    let mut registry = Registry::default();
    registry.as_root(put(ClientType::Confidential, "one"), 1).unwrap();
    let keyed = |previous_ttl, number| {
        let command = RotateClientSecret { app_id: app_id("crm"), previous_ttl };
        let request = Digest::of(format!("{command:?}").as_bytes());
        let idempotency = Some(IdempotencyKey { key: Digest::of(b"key"), request, grace: None });
        Request { idempotency, ..kit::request(&Principal::Root, command, number) }
    };
    let first = registry.run(&keyed(60, 2), 2);
    assert_eq!(registry.run(&keyed(60, 3), 3), first);
    assert_eq!(registry.app.as_ref().and_then(|app| app.secret.clone()), Some(digest(2)));
    assert_eq!(registry.run(&keyed(61, 4), 4), Err(DecisionError::IdempotencyConflict));
    let by_member = Request { principal: principal("u", Role::Member, &[]), ..keyed(60, 5) };
    assert_eq!(registry.run(&by_member, 5), Err(DecisionError::Forbidden), "a stored answer needs access, too");
}

/// The ledger of an external id.
#[derive(Default)]
struct ExternalIds {
    holder: Option<ExternalIdHolder>,
}

impl ExternalIds {
    fn run<C: ExternalIdCommand>(&mut self, command: &C, at: i64) -> C::Outcome {
        let decision = command.decide(self.holder.as_ref(), second(at));
        self.holder = decision.write.or(self.holder.take());
        decision.outcome
    }

    fn claim(&mut self, user: &str, instead_of: Option<&str>, at: i64) -> UserId {
        self.run(&ClaimExternalId { user_id: user_id(user), instead_of: instead_of.map(user_id) }, at)
    }
}

#[test]
fn external_id_belongs_to_the_first_user_that_claims_it() {
    let mut ids = ExternalIds::default();
    assert_eq!(ids.run(&GetHolder {}, 0), None);
    assert_eq!(ids.claim("first", None, 0), user_id("first"));
    assert_eq!(ids.claim("second", None, 1), user_id("first"));
    assert_eq!(ids.run(&ConfirmClaim { user_id: user_id("second") }, 2), Confirmation::NotHolder);
    assert_eq!(ids.run(&ConfirmClaim { user_id: user_id("first") }, 3), Confirmation::Confirmed);
    let confirmed = ids.holder.clone();
    assert_eq!(ids.run(&ConfirmClaim { user_id: user_id("first") }, 4), Confirmation::Confirmed);
    assert_eq!((ids.holder.clone(), ids.run(&GetHolder {}, 5)), (confirmed, Some(user_id("first"))));
    assert_eq!(ids.claim("second", None, 99), user_id("first"), "a confirmed claim has no end");
}

#[test]
fn external_id_is_taken_over_from_a_holder_that_gave_it_up_and_claims_nothing() {
    let mut ids = ExternalIds::default();
    ids.claim("first", None, 0);
    assert_eq!(ids.claim("second", Some("first"), 29), user_id("first"), "the claim waits for its confirmation");
    assert_eq!(ids.claim("second", Some("other"), 30), user_id("first"), "another holder was meant");
    assert_eq!(ids.claim("second", Some("first"), 30), user_id("second"));
    assert_eq!(ids.run(&ConfirmClaim { user_id: user_id("first") }, 31), Confirmation::NotHolder);
}

/// The operator's ledger.
#[derive(Default)]
struct Operator {
    snapshot: OperatorSnapshot,
}

impl Operator {
    fn run<C: OperatorCommand>(&mut self, command: C, at: i64) -> Result<C::Outcome, DecisionError> {
        let read = OperatorSnapshot { providers: self.providers(&command), ..self.snapshot.clone() };
        let decision = decide_operator(&read, &Request::plain(Principal::Root, command), second(at));
        let OperatorDecision { mutations, reply, .. } = decision;
        assert!(reply.outcome.is_ok() || mutations.is_empty());
        for mutation in mutations {
            self.apply(mutation);
        }
        reply.outcome
    }

    fn providers<C: OperatorCommand>(&self, command: &C) -> Vec<StoredProvider> {
        let wanted = command.reads().provider;
        let is_read = |stored: &&StoredProvider| wanted.as_ref().is_none_or(|slug| stored.provider.slug == *slug);
        self.snapshot.providers.iter().filter(is_read).cloned().collect()
    }

    fn apply(&mut self, mutation: OperatorMutation) {
        let OperatorSnapshot { providers, endpoints, deliveries, .. } = &mut self.snapshot;
        match mutation {
            OperatorMutation::PutProvider(stored) => {
                providers.retain(|other| other.provider.slug != stored.provider.slug);
                providers.push(stored);
            }
            OperatorMutation::DeleteProvider(slug) => providers.retain(|other| other.provider.slug != slug),
            OperatorMutation::PutEndpoint(endpoint) => {
                endpoints.retain(|other| other.name != endpoint.name);
                endpoints.push(endpoint);
            }
            OperatorMutation::DeleteEndpoint(name) => endpoints.retain(|other| other.name != name),
            OperatorMutation::AddDelivery(value) => {
                let position = Cursor(deliveries.len() as u64 + 1);
                deliveries.insert(0, Positioned { position, value });
            }
            OperatorMutation::KeepVersion(_)
            | OperatorMutation::PutHost(..)
            | OperatorMutation::AddProviderEvent(_)
            | OperatorMutation::PutAbandoned(_)
            | OperatorMutation::DeleteAbandoned(_)
            | OperatorMutation::AddUsedSignInCode { .. } => {}
        }
    }
}

fn sealed(text: &str) -> Sealed {
    Sealed::stored(text.to_owned())
}

fn provider(name: &str, url: &str, client_id: &str) -> Provider {
    let call = ProviderCall {
        method: CallMethod::Rfc7009,
        url: url.to_owned(),
        auth: CallAuth::Basic,
        body: CallBody::Form,
        parameter: "token".to_owned(),
        tokens: vec![UpstreamTokenType::RefreshToken],
        gone_errors: Vec::new(),
        gone_statuses: Vec::new(),
        headers: BTreeMap::new(),
        answers: Vec::new(),
    };
    let (name, client_id) = (name.to_owned(), Some(client_id.to_owned()));
    Provider { slug: slug("acme"), name, revocation: Some(call), client_id }
}

#[test]
fn provider_keeps_its_secret_as_long_as_client_and_host_stay() {
    let first = || provider("Acme", "https://acme.example/revoke", "id");
    let table = [
        (provider("Renamed", "https://acme.example/other?x=1", "id"), true),
        (provider("Acme", "https://acme.example", "id"), true),
        (provider("Acme", "https://evil.example/revoke", "id"), false),
        (provider("Acme", "https://acme.example.evil.example/revoke", "id"), false),
        (provider("Acme", "http://acme.example/revoke", "id"), false),
        (provider("Acme", "https://acme.example:8443/revoke", "id"), false),
        (provider("Acme", "https://acme.example/revoke", "other"), false),
        (Provider { revocation: None, ..first() }, false),
    ];
    for (changed, keeps) in table {
        let mut operator = Operator::default();
        let put = |provider, client_secret| PutProvider { provider, client_secret, shipped: None };
        let created = operator.run(put(first(), Some(sealed("secret"))), 1).unwrap();
        assert_eq!(created.effect, PutEffect::Created);
        let Put { value, effect } = operator.run(put(changed.clone(), None), 2).unwrap();
        assert_eq!((effect, value.client_secret.is_some()), (PutEffect::Kept, keeps), "{changed:?}");
        assert_eq!((value.created_at, value.updated_at), (second(1), second(2)));
        let replaced = operator.run(put(changed, Some(sealed("new"))), 3).unwrap();
        assert_eq!(replaced.value.client_secret, Some(sealed("new")));
    }
}

#[test]
fn deleted_provider_does_not_exist() {
    let mut operator = Operator::default();
    let delete = || DeleteProvider { slug: slug("acme"), shipped: None };
    assert_eq!(operator.run(delete(), 1), Err(DecisionError::NotFound(Resource::Provider)));
    let provider = provider("Acme", "https://acme.example/revoke", "id");
    operator.run(PutProvider { provider, client_secret: None, shipped: None }, 1).unwrap();
    assert!(operator.run(GetProvider { slug: slug("acme") }, 2).unwrap().is_some());
    assert_eq!(operator.run(delete(), 3), Ok(()));
    assert_eq!(operator.run(GetProvider { slug: slug("acme") }, 4), Ok(None));
}

fn webhook(name: &str, secret: SigningSecret, disabled: bool) -> PutWebhook {
    PutWebhook { name: slug(name), url: "https://hook.example/".to_owned(), events: Vec::new(), disabled, secret }
}

fn fresh(text: &str) -> SigningSecret {
    SigningSecret::Fresh(sealed(text))
}

#[test]
fn endpoint_shows_its_secret_when_it_is_created_and_keeps_it() {
    let mut operator = Operator::default();
    let created = operator.run(webhook("hook", fresh("one"), false), 1).unwrap();
    assert_eq!((created.effect, created.show_secret), (PutEffect::Created, Some(sealed("one"))));
    let kept = operator.run(webhook("hook", fresh("two"), false), 2).unwrap();
    assert_eq!((kept.effect, kept.show_secret, kept.endpoint.secret), (PutEffect::Kept, None, sealed("one")));
    let provided = SigningSecret::Provided(sealed("three"));
    let replaced = operator.run(webhook("hook", provided, false), 3).unwrap();
    assert_eq!((replaced.endpoint.secret, replaced.endpoint.created_at), (sealed("three"), second(1)));
}

fn signing_secrets(endpoint: &Endpoint, at: Timestamp) -> Vec<&str> {
    endpoint.secrets(at).map(Sealed::as_str).collect()
}

#[test]
fn rotated_signing_secret_signs_beside_the_new_one_for_the_asked_time() {
    let mut operator = Operator::default();
    operator.run(webhook("hook", fresh("one"), false), 1).unwrap();
    let rotate =
        |secret, previous_ttl| RotateWebhookSecret { name: slug("hook"), secret: sealed(secret), previous_ttl };
    let rotated = operator.run(rotate("two", 60), 2).unwrap();
    assert_eq!(rotated.show_secret, Some(sealed("two")));
    assert_eq!(signing_secrets(&rotated.endpoint, second(61)), ["two", "one"]);
    assert_eq!(signing_secrets(&rotated.endpoint, second(62)), ["two"]);
    let kept = operator.run(webhook("hook", fresh("x"), false), 3).unwrap();
    assert_eq!(signing_secrets(&kept.endpoint, second(61)), ["two", "one"]);
    let at_once = operator.run(rotate("three", 0), 4).unwrap();
    assert_eq!(signing_secrets(&at_once.endpoint, second(4)), ["three"]);
}

#[test]
fn deployment_has_a_limited_number_of_endpoints() {
    let mut operator = Operator::default();
    for number in 0..ENDPOINTS_MAX {
        operator.run(webhook(&format!("hook-{number}"), fresh("s"), false), 1).unwrap();
    }
    let refused = operator.run(webhook("one-more", fresh("s"), false), 2);
    assert_eq!(refused, Err(DecisionError::TooManyEndpoints { max: ENDPOINTS_MAX }));
    assert!(operator.run(webhook("hook-1", fresh("s"), true), 2).is_ok(), "an existing endpoint can change");
    assert_eq!(operator.run(DeleteWebhook { name: slug("hook-1") }, 3), Ok(()));
    assert!(operator.run(webhook("one-more", fresh("s"), false), 4).is_ok());
    let unknown = Err(DecisionError::NotFound(Resource::Webhook));
    assert_eq!(operator.run(DeleteWebhook { name: slug("hook-1") }, 5), unknown);
}

fn delivery(endpoint: &str, event_id: &str) -> Delivery {
    Delivery {
        endpoint: slug(endpoint),
        event_id: event_id.to_owned(),
        event_type: "user.created".to_owned(),
        at: second(1),
        attempt: 1,
        status: Some(410),
        error: Some("410".to_owned()),
        next_at: None,
    }
}

#[test]
fn endpoint_that_asks_for_no_more_events_is_disabled_until_it_is_enabled() {
    let mut operator = Operator::default();
    operator.run(webhook("hook", fresh("s"), false), 1).unwrap();
    let unsubscribe = |reason: &str| RecordDeliveries {
        deliveries: vec![delivery("hook", "evt_1"), delivery("deleted", "evt_2")],
        unsubscriptions: vec![Unsubscription { endpoint: slug("hook"), reason: reason.to_owned() }],
    };
    operator.run(unsubscribe("410 Gone"), 2).unwrap();
    operator.run(unsubscribe("again"), 3).unwrap();
    let disabled = operator.run(GetWebhook { name: slug("hook") }, 4).unwrap().disabled.unwrap();
    assert_eq!((disabled.at, disabled.reason.as_str()), (second(2), "410 Gone"));
    let page = PageRequest { after: None, limit: 10 };
    let listed = operator.run(ListDeliveries { name: slug("hook"), page }, 5).unwrap();
    assert_eq!(listed.items.len(), 2, "deliveries to deleted endpoints are dropped");
    let kept = operator.run(webhook("hook", fresh("s"), true), 6).unwrap().endpoint.disabled.unwrap();
    assert_eq!(kept.reason, "410 Gone");
    assert_eq!(operator.run(webhook("hook", fresh("s"), false), 7).unwrap().endpoint.disabled, None);
}

#[test]
fn endpoint_receives_its_types_of_event_from_its_creation_on() {
    use hookswitch::core::event::EventType::{TokenCreated, UserCreated};
    let mut operator = Operator::default();
    let mut endpoint = operator.run(webhook("hook", fresh("s"), false), 5).unwrap().endpoint;
    assert!(endpoint.subscribes_to(TokenCreated, second(5)) && endpoint.subscribes_to(UserCreated, second(6)));
    assert!(!endpoint.subscribes_to(TokenCreated, second(4)));
    endpoint.events = vec![UserCreated];
    assert!(!endpoint.subscribes_to(TokenCreated, second(5)) && endpoint.subscribes_to(UserCreated, second(6)));
}
