//! Status tickets.

use hookswitch::core::UpstreamTokenType::{AccessToken, RefreshToken};
use serde_json::json;

use super::members;
use crate::kit::{Request, Service, forge};

#[test]
fn a_ticket_shows_the_status_of_its_subject() {
    let service = Service::new();
    let anna = service.user("anna");
    let token = service.token(&anna, 60);
    let created = service.post("/v1/status-tickets", json!({ "token_id": token.verdict.token_id, "ttl": 60 }));
    assert_eq!((created.status, members(&created.body).join(" ")), (201, "ticket expires_at subject id".to_owned()));
    let ticket = created.text("ticket");

    let shown = service.send(&Request::get(&format!("/v1/status?ticket={ticket}")));
    let names = "subject id kind app_id scope status created_at expires_at activated_at consumed_at revoked_at \
        provider_revocation as_of source ticket_expires_at";
    assert_eq!((shown.status, members(&shown.body).join(" ")), (200, names.to_owned()));
    let status = shown.json();
    assert_eq!(
        (&status["subject"], &status["kind"], &status["status"]),
        (&json!("token"), &json!("connection_token"), &json!("valid"))
    );
    assert_eq!(status["ticket_expires_at"], created.json()["expires_at"]);

    let tag = shown.header("etag").unwrap();
    let request = || Request::get("/v1/status").bearer(&ticket);
    let known = service.send(&request().header("if-none-match", tag));
    assert_eq!((known.status, known.body.as_str(), known.header("etag")), (304, "", Some(tag)));
    service.consume(&token.secret);
    let changed = service.send(&request().header("if-none-match", tag));
    assert_eq!((changed.status, changed.text("status").as_str()), (200, "consumed"));
}

#[test]
fn a_ticket_is_required_and_checked() {
    let service = Service::new();
    let anna = service.user("anna");
    let app = service.app("calendar");
    let id = service.connect(&anna, &app, &[]);
    let ticket = service.post("/v1/status-tickets", json!({ "connection_id": id })).text("ticket");
    for (request, status, code) in [
        (Request::get("/v1/status"), 401, "ticket_missing"),
        (Request::get(&format!("/v1/status?ticket={}", forge(&ticket))), 401, "ticket_invalid"),
        (Request::get(&format!("/v1/status?ticket={ticket}&verbose=1")), 400, "invalid_request"),
        (Request::get(&format!("/v1/status/live?ticket={ticket}")), 426, "upgrade_required"),
    ] {
        let answer = service.send(&request);
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{request:?}");
    }
    let upgrade = Request::get(&format!("/v1/status/live?ticket={ticket}")).header("upgrade", "websocket");
    assert_eq!(service.send(&upgrade).status, 101);
    for (body, errors) in [
        (json!({}), json!({ "connection_id": "is required unless token_id is given" })),
        (
            json!({ "connection_id": id, "token_id": "t" }),
            json!({ "token_id": "must be left out if connection_id is given" }),
        ),
        (json!({ "connection_id": id, "ttl": 59 }), json!({ "ttl": "must be a whole number from 60 to 86400" })),
    ] {
        assert_eq!(service.post("/v1/status-tickets", body).json()["errors"], errors);
    }
    assert_eq!(
        service.post("/v1/status-tickets", json!({ "connection_id": forge(&id) })).text("code"),
        "connection_not_found"
    );
}

#[test]
fn a_ticket_shows_whether_the_provider_is_still_asked() {
    for (answers, status, expected) in [
        (&[200, 200][..], "revoked", json!(null)),
        (&[503, 503], "revoking", json!("in_progress")),
        (&[400, 503], "revoking", json!("in_progress")),
        (&[400, 200], "revoking", json!("unconfirmed")),
        (&[400, 400], "revoking", json!("unconfirmed")),
    ] {
        let service = Service::new();
        service.provider("acme", &[AccessToken, RefreshToken]);
        let app = service.app_with("crm", |registration| registration.provider = "acme".parse().ok());
        let id = service.connect(&service.user("anna"), &app, &[(AccessToken, "at"), (RefreshToken, "rt")]);
        let ticket = service.post("/v1/status-tickets", json!({ "connection_id": id })).text("ticket");
        let show = || service.send(&Request::get("/v1/status").bearer(&ticket)).json();
        assert_eq!((&show()["status"], &show()["provider_revocation"]), (&json!("active"), &json!(null)));
        for answer in answers {
            service.platform.http.respond(*answer, "");
        }
        service.revoke_connection(&id);
        let shown = show();
        assert_eq!((&shown["status"], &shown["provider_revocation"]), (&json!(status), &expected), "{answers:?}");
    }
}
