//! The native API: webhook endpoints.

use hookswitch::core::credential::Sealed;
use hookswitch::core::event::EventType;
use hookswitch::core::operator::{OperatorCommand, OperatorOutcome};
use hookswitch::core::order::Page;
use hookswitch::core::refusal::Thing;
use hookswitch::core::webhook::{Delivery, Endpoint, secret};
use hookswitch::core::{Outcome, Refusal};
use hookswitch::dialects::native::DIALECT;
use hookswitch::dialects::{Ask, Beside, Call, Failure, Method, NewEndpoint, Reply, Route, Secret};

use super::{BAD_URL, Sent, of_operator, problem, reply, reply_beside, route, slug, told};
use crate::kit::second;

fn webhook(method: Method, rest: &str) -> &'static Route {
    route(&DIALECT, method, &format!("/v1/webhooks/{{name}}{rest}"))
}

fn put_endpoint(body: &str) -> Result<Ask, Failure> {
    Sent::body(body).of("u").parse(webhook(Method::Put, ""))
}

#[test]
fn an_endpoint_is_put_with_defaults_or_all_it_has() {
    let least = NewEndpoint {
        name: slug("hook"),
        url: "https://a.example/in".to_owned(),
        events: Vec::new(),
        disabled: false,
        secret: None,
    };
    assert_eq!(put_endpoint(r#"{"url":"https://a.example/in"}"#), Ok(Ask::PutEndpoint(least.clone())));
    let own = secret(&[7; 32]);
    let body = format!(
        r#"{{"url":"https://a.example/in","events":["token.consumed","revocation.abandoned","token.consumed"],"disabled":true,"secret":"{own}"}}"#
    );
    let events = vec![EventType::TokenConsumed, EventType::RevocationAbandoned];
    let all = NewEndpoint { events, disabled: true, secret: Some(Secret(own)), ..least };
    assert_eq!(put_endpoint(&body), Ok(Ask::PutEndpoint(all)));
}

#[test]
fn bad_endpoints_are_told_what_they_have_to_be() {
    let url = r#""url":"https://a.example/in""#;
    let own = "secret must be whsec_ followed by 24 to 64 bytes in base64.";
    let events = format!("events {}.", EventType::CHOICES);
    let many = format!(r#"{{{url},"events":[{}""]}}"#, r#""token.consumed","#.repeat(16));
    let table = [
        ("{}", "url is required."),
        (r#"{"url":7}"#, "url must be a string."),
        (r#"{"url":""}"#, &format!("url {BAD_URL}")),
        (r#"{"url":"http://a.example/in"}"#, &format!("url {BAD_URL}")),
        (r#"{"url":"https://192.168.1.1/in"}"#, &format!("url {BAD_URL}")),
        (&format!(r#"{{{url},"events":["token.seen"]}}"#), &events),
        (&format!(r#"{{{url},"events":"*"}}"#), "events must be a list of 0 to 16 strings."),
        (&many, "events must be a list of 0 to 16 strings."),
        (&format!(r#"{{{url},"disabled":"no"}}"#), "disabled must be true or false."),
        (&format!(r#"{{{url},"secret":"whsec_"}}"#), own),
        (&format!(r#"{{{url},"secret":"{}"}}"#, secret(&[7; 65])), own),
        (&format!(r#"{{{url},"secret":null}}"#), "secret must be a string."),
        (&format!(r#"{{{url},"name":"hook"}}"#), "name is not a field of this call."),
    ];
    for (body, detail) in table {
        assert_eq!(told(put_endpoint(body)), (400, detail.to_owned()), "{body}");
    }
    let mut sent = Sent::body(&format!("{{{url}}}"));
    sent.parameters.push(("name", "my hook".to_owned()));
    let detail = "name must be 1 to 64 small letters, digits, '_' or '-'.";
    assert_eq!(told(sent.parse(webhook(Method::Put, ""))), (400, detail.to_owned()));
}

#[test]
fn this_machine_is_called_where_the_request_came_to_it() {
    let mut sent = Sent::body(r#"{"url":"http://localhost:9000/in"}"#);
    sent.parameters.push(("name", "hook".to_owned()));
    let put = webhook(Method::Put, "");
    assert_eq!(told(sent.parse(put)), (400, format!("url {BAD_URL}")));
    for (origin, taken) in [("http://127.0.0.1:8787", true), ("https://127.0.0.1:8787", false)] {
        let asked = sent.with(|call| {
            let parameters = call.parameters.clone();
            put.ask(&Call { origin, parameters, ..*call })
        });
        assert_eq!(asked.is_ok(), taken, "{origin}");
    }
}

#[test]
fn an_endpoint_is_asked_for_by_its_name() {
    let asked = |method, rest, sent: Sent| sent.of("u").parse(webhook(method, rest));
    let name = || slug("hook");
    assert_eq!(asked(Method::Get, "", Sent::default()), Ok(of_operator(OperatorCommand::GetEndpoint(name()))));
    assert_eq!(asked(Method::Delete, "", Sent::default()), Ok(of_operator(OperatorCommand::DeleteEndpoint(name()))));
    let list = route(&DIALECT, Method::Get, "/v1/webhooks");
    assert_eq!(Sent::default().parse(list), Ok(of_operator(OperatorCommand::ListEndpoints)));
    for (body, ttl) in
        [("", 86_400), ("{}", 86_400), (r#"{"previous_ttl":0}"#, 0), (r#"{"previous_ttl":604800}"#, 604_800)]
    {
        let rotate = asked(Method::Post, "/secret", Sent::body(body));
        assert_eq!(rotate, Ok(Ask::RotateEndpointSecret(name(), ttl)), "{body}");
    }
    let long = told(asked(Method::Post, "/secret", Sent::body(r#"{"previous_ttl":604801}"#)));
    assert_eq!(long.1, "previous_ttl must be a whole number from 0 to 604800.");
    assert_eq!(asked(Method::Post, "/test", Sent::body("{}")), Ok(Ask::TestEndpoint(name())));
    let more = told(asked(Method::Post, "/test", Sent::body(r#"{"url":"https://a.example/"}"#)));
    assert_eq!(more.1, "url is not a field of this call.");
    let page = Page { before: Some(9), limit: 7 };
    let deliveries = asked(Method::Get, "/deliveries", Sent::query("limit=7&cursor=9"));
    assert_eq!(deliveries, Ok(of_operator(OperatorCommand::ListDeliveries(name(), page))));
    assert_eq!(problem(&Refusal::NotThere(Thing::Webhook).into(), "code"), (404, "webhook_not_found".to_owned()));
    assert_eq!(problem(&Refusal::TooManyEndpoints.into(), "code"), (409, "too_many_webhooks".to_owned()));
}

#[test]
fn an_endpoint_is_shown_with_its_secret_once() {
    let endpoint = Endpoint {
        name: slug("hook"),
        url: "https://a.example/in".to_owned(),
        events: vec![EventType::TokenConsumed],
        secret: Sealed::stored("sealed".to_owned()),
        previous_secret: None,
        disabled: None,
        created_at: second(0),
        updated_at: second(1),
    };
    let body = concat!(
        r#"{"name":"hook","url":"https://a.example/in","events":["token.consumed"],"disabled":false,"#,
        r#""disabled_reason":null,"disabled_at":null,"previous_secret_expires_at":null,"#,
        r#""created_at":"2026-01-01T00:00:00.000000Z","updated_at":"2026-01-01T00:00:01.000000Z"}"#
    );
    let with_secret = body.replace("1.000000Z\"}", "1.000000Z\",\"secret\":\"whsec_x\"}");
    let fresh = || Beside::Secret("whsec_x".to_owned());
    let made = Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint.clone(), true));
    let made = reply_beside(&DIALECT, webhook(Method::Put, ""), made, fresh());
    assert_eq!((made.status, &made.body), (201, &with_secret));
    assert_eq!(made.headers, [("location", "/v1/webhooks/hook".to_owned())]);
    let rotated = Outcome::Operator(OperatorOutcome::EndpointWithSecret(endpoint.clone(), false));
    let rotated = reply_beside(&DIALECT, webhook(Method::Post, "/secret"), rotated, fresh());
    assert_eq!((rotated.status, &rotated.body, rotated.headers.len()), (201, &with_secret, 0));

    let show = |endpoint: &Endpoint| {
        let outcome = Outcome::Operator(OperatorOutcome::Endpoint(endpoint.clone(), false));
        let shown = [Method::Put, Method::Get].map(|method| reply(&DIALECT, webhook(method, ""), outcome.clone()));
        assert_eq!((shown[0].status, &shown[0]), (200, &shown[1]));
        shown[0].body.clone()
    };
    assert_eq!(show(&endpoint), body);
    // The request came at the third second.
    for (until, shown) in [(second(4), r#""2026-01-01T00:00:04.000000Z""#), (second(3), "null")] {
        let previous_secret = Some((Sealed::stored("before".to_owned()), until));
        let rotated = Endpoint { previous_secret, ..endpoint.clone() };
        assert_eq!(show(&rotated), body.replace("expires_at\":null", &format!("expires_at\":{shown}")));
    }
    let disabled = Endpoint { disabled: Some((second(2), "why".to_owned())), ..endpoint.clone() };
    let since = r#""disabled":true,"disabled_reason":"why","disabled_at":"2026-01-01T00:00:02.000000Z""#;
    assert!(show(&disabled).contains(since));

    let list = route(&DIALECT, Method::Get, "/v1/webhooks");
    let listed = reply(&DIALECT, list, Outcome::Operator(OperatorOutcome::Endpoints(vec![endpoint])));
    assert_eq!((listed.status, listed.body), (200, format!(r#"{{"items":[{body}],"next_cursor":null}}"#)));
    assert_eq!(
        reply(&DIALECT, webhook(Method::Delete, ""), Outcome::Operator(OperatorOutcome::Deleted)),
        Reply::empty(204)
    );
}

#[test]
fn deliveries_say_what_came_of_them() {
    let failed = Delivery {
        endpoint: slug("hook"),
        event_id: "evt_1".to_owned(),
        event_type: "user.created".to_owned(),
        at: second(1),
        attempt: 2,
        status: Some(503),
        error: Some("answered 503".to_owned()),
        next_at: Some(second(6)),
    };
    let test = webhook(Method::Post, "/test");
    let tried = |delivery: &Delivery| {
        reply_beside(&DIALECT, test, Outcome::Nothing, Beside::Delivery(Box::new(delivery.clone())))
    };
    let body = r#"{"delivered":false,"status":503,"error":"answered 503","event_id":"evt_1"}"#;
    assert_eq!((tried(&failed).status, tried(&failed).body.as_str()), (200, body));
    let delivered = Delivery { status: Some(204), error: None, next_at: None, ..failed.clone() };
    assert_eq!(tried(&delivered).body, r#"{"delivered":true,"status":204,"error":null,"event_id":"evt_1"}"#);
    let unreached = Delivery { status: None, ..failed.clone() };
    assert!(tried(&unreached).body.starts_with(r#"{"delivered":false,"status":null,"#));

    let page = Outcome::Operator(OperatorOutcome::Deliveries(vec![failed], Some(9)));
    let listed = reply(&DIALECT, webhook(Method::Get, "/deliveries"), page);
    let body = concat!(
        r#"{"items":[{"event_id":"evt_1","type":"user.created","at":"2026-01-01T00:00:01.000000Z","attempt":2,"#,
        r#""delivered":false,"status":503,"error":"answered 503","next_attempt_at":"2026-01-01T00:00:06.000000Z"}],"#,
        r#""next_cursor":"9"}"#
    );
    assert_eq!((listed.status, listed.body.as_str()), (200, body));
}
