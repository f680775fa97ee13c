//! Webhook endpoints and providers.

use hookswitch::core::decide::PutEffect;
use hookswitch::core::decide::operator::ListDeliveries;
use hookswitch::core::params::PageRequest;
use hookswitch::core::webhook::sign;
use hookswitch::core::{DecisionError, Resource};
use hookswitch::operations::providers::ProviderView;
use hookswitch::operations::webhooks::WebhookParams;
use hookswitch::operations::{Secret, providers, webhooks};
use hookswitch::upstream::catalogue;

use crate::kit::{Deployment, member, refusal};

fn params(name: &str) -> WebhookParams {
    WebhookParams {
        name: name.parse().unwrap(),
        url: "https://hooks.example/in".to_owned(),
        events: Vec::new(),
        disabled: false,
        secret: None,
    }
}

#[test]
fn test_event_is_signed_with_every_valid_secret() {
    let deployment = Deployment::new();
    let cx = deployment.root();
    let first = deployment.run(webhooks::put(&cx, params("main"))).unwrap();
    assert_eq!(first.effect, PutEffect::Created);
    let name = first.endpoint.name.clone();
    let second = deployment.run(webhooks::rotate_secret(&cx, name.clone(), 60)).unwrap();
    deployment.platform.http.respond(204, "");
    let delivery = deployment.run(webhooks::test(&cx, name.clone())).unwrap();
    assert_eq!((delivery.status, delivery.error.as_deref()), (Some(204), None));

    let request = deployment.platform.http.take_requests().remove(0);
    let header = |name| request.headers.iter().find(|(header, _)| *header == name).unwrap().1.clone();
    let body = request.body.as_deref().unwrap();
    let signature = |secret: Option<Secret>| {
        sign(&secret.unwrap().0, &header("webhook-id"), deployment.clock.now().unix(), body).unwrap()
    };
    let expected = format!("{} {}", signature(second.secret), signature(first.secret));
    assert_eq!(header("webhook-signature"), expected);

    let page = PageRequest { after: None, limit: 10 };
    let deliveries = deployment.run(webhooks::list_deliveries(&cx, ListDeliveries { name, page })).unwrap();
    assert_eq!(deliveries.items, [delivery]);
}

#[test]
fn unchanged_endpoint_keeps_its_secret() {
    let deployment = Deployment::new();
    let cx = deployment.root();
    deployment.run(webhooks::put(&cx, params("main"))).unwrap();
    let again = deployment.run(webhooks::put(&cx, params("main"))).unwrap();
    assert_eq!((again.effect, again.secret), (PutEffect::Kept, None));
}

#[test]
fn operator_calls_of_others_cost_no_ledger_call() {
    let deployment = Deployment::new();
    let cx = deployment.by(member(&deployment.user("user-1")));
    deployment.calls();
    assert_eq!(refusal(deployment.run(webhooks::put(&cx, params("main")))), DecisionError::Forbidden);
    let provider = catalogue::find(&"google".parse().unwrap()).unwrap();
    assert_eq!(refusal(deployment.run(providers::put(&cx, provider, None))), DecisionError::Forbidden);
    assert_eq!(refusal(deployment.run(webhooks::list(&cx))), DecisionError::Forbidden);
    assert_eq!(deployment.calls(), 0);
}

#[test]
fn operator_replaces_and_restores_a_provider_of_the_catalogue() {
    let deployment = Deployment::new();
    let cx = deployment.root();
    let mut provider = catalogue::find(&"google".parse().unwrap()).unwrap();
    provider.client_id = Some("client-1".to_owned());
    let slug = provider.slug.clone();
    let secret = Secret("secret-1".to_owned());
    deployment.run(providers::put(&cx, provider, Some(&secret))).unwrap();
    let view = deployment.run(providers::get(&cx, slug.clone())).unwrap();
    assert!(matches!(&view, ProviderView::Operator(stored) if stored.client_secret.is_some()));
    assert_eq!(deployment.run(providers::list(&cx)).unwrap().len(), catalogue::CATALOGUE.len());
    deployment.run(providers::delete(&cx, slug.clone())).unwrap();
    assert!(matches!(deployment.run(providers::get(&cx, slug.clone())), Ok(ProviderView::Catalogue(_))));
    let again = deployment.run(providers::delete(&cx, slug));
    assert_eq!(refusal(again), DecisionError::NotFound(Resource::Provider));
}
