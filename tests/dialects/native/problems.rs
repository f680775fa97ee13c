//! Problems: RFC 9457 with stable codes.

use serde_json::json;

use super::members;
use crate::kit::{ROOT, Request, Service};

#[test]
fn a_problem_has_a_stable_code_and_names_its_request() {
    let answer = Service::new().get("/v1/nothing");
    assert_eq!((answer.status, answer.content_type), (404, Some("application/problem+json")));
    assert_eq!(members(&answer.body).join(" "), "type title status detail code request_id");
    assert_eq!(
        answer.json(),
        json!({
            "type": "urn:hookswitch:problem:not_found",
            "title": "Not found",
            "status": 404,
            "detail": "No call has this path. GET /openapi.json lists the calls.",
            "code": "not_found",
            "request_id": "request-1",
        })
    );
}

#[test]
fn a_path_without_the_method_lists_its_methods() {
    let answer = Service::new().root(Request::delete("/v1/users/anna"));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("PUT, GET, HEAD")));
}

#[test]
fn a_service_without_ledgers_is_unavailable() {
    let service = Service::new();
    service.user("anna");
    let answer = service.send_without_ledgers(&Request::get("/v1/users/anna").bearer(ROOT));
    assert_eq!((answer.status, answer.text("code").as_str()), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    let health = service.send_without_ledgers(&Request::get("/healthz?x=1"));
    assert_eq!(health.both(), (200, json!({ "status": "ok" })));
}
