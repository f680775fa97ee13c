//! The end of a client's last refresh token under a connection.

use hookswitch::core::UpstreamTokenType;
use hookswitch::core::app::LastTokenPolicy;
use serde_json::{Value, json};

use crate::kit::{App, Request, Service};

const POLICIES: [LastTokenPolicy; 2] = [LastTokenPolicy::EndConnection, LastTokenPolicy::KeepConnection];

impl Service {
    fn revoke_as_client(&self, app: &App, token: &str) {
        let answer = self.oauth("revoke", app, &[("token", token)]);
        assert_eq!(answer.both(), (200, json!({})));
    }

    fn connection_of_token(&self, token: &str) -> Value {
        let connection_id = self.verdict(token).facts.connection_id.unwrap();
        self.get(&format!("/v1/connections/{connection_id}")).json()
    }

    /// The status of a connection, as a ticket shows it.
    fn shown(&self, connection: &Value) -> Value {
        let created = self.post("/v1/status-tickets", json!({ "connection_id": connection["id"] }));
        self.get(&format!("/v1/status?ticket={}", created.text("ticket"))).json()
    }
}

#[test]
fn the_policy_of_the_app_decides_over_the_connection_of_its_last_refresh_token() {
    for policy in POLICIES {
        for is_public in [false, true] {
            let service = Service::new();
            let app = service.app_with("crm", |registration| {
                registration.on_last_token_revoked = policy;
                if is_public {
                    registration.client_type = hookswitch::core::app::ClientType::Public;
                }
            });
            // A public client's codes need a challenge: its tokens come from the native API.
            let (access, refresh) =
                if is_public { service.issued_natively("anna", &app) } else { service.authorized("anna", &app) };
            assert_eq!(service.connection_of_token(&access)["access_ended_at"], json!(null));
            service.revoke_as_client(&app, &refresh);
            let connection = service.connection_of_token(&access);
            assert_eq!(service.status(&access), "revoked");
            let shown = service.shown(&connection);
            match policy {
                LastTokenPolicy::EndConnection => {
                    let facts = (&connection["status"], &connection["status_reason"], &connection["changed_by"]);
                    let reason = "The app revoked its last refresh token.";
                    assert_eq!(facts, (&json!("revoked"), &json!(reason), &json!("app:crm")));
                    assert_eq!((&shown["status"], &shown["access_ended_at"]), (&json!("revoked"), &json!(null)));
                }
                LastTokenPolicy::KeepConnection => {
                    assert_eq!(connection["status"], "active");
                    assert!(connection["access_ended_at"].is_string(), "{connection}");
                    assert_eq!(shown["access_ended_at"], connection["access_ended_at"]);
                }
            }
        }
    }
}

#[test]
fn another_refresh_token_keeps_the_connection_until_it_is_revoked_too() {
    for policy in POLICIES {
        let service = Service::new();
        let app = service.app_with("crm", |registration| registration.on_last_token_revoked = policy);
        let (first_access, first) = service.authorized("anna", &app);
        let (second_access, second) = service.authorized("anna", &app);
        let id = |access: &str| service.connection_of_token(access)["id"].clone();
        assert_eq!(id(&first_access), id(&second_access));
        // An access token is no refresh token.
        service.revoke_as_client(&app, &first_access);
        service.revoke_as_client(&app, &first);
        let connection = service.connection_of_token(&second_access);
        assert_eq!((&connection["status"], &connection["access_ended_at"]), (&json!("active"), &json!(null)));
        assert_eq!(service.refresh(&app, &second).status, 200);
        service.revoke_as_client(&app, &second);
        let connection = service.connection_of_token(&second_access);
        assert_eq!(connection["status"] == "revoked", policy == LastTokenPolicy::EndConnection);
    }
}

#[test]
fn access_comes_back_with_new_tokens() {
    let service = Service::new();
    let app = service.app_with("crm", |registration| {
        registration.on_last_token_revoked = LastTokenPolicy::KeepConnection;
    });
    let (access, refresh) = service.authorized("anna", &app);
    service.revoke_as_client(&app, &refresh);
    // The same request again changes nothing.
    let before = service.connection_of_token(&access);
    service.clock.advance_seconds(1);
    service.revoke_as_client(&app, &refresh);
    assert_eq!(service.connection_of_token(&access)["access_ended_at"], before["access_ended_at"]);
    let (again, _) = service.authorized("anna", &app);
    let connection = service.connection_of_token(&again);
    assert_eq!((&connection["id"], &connection["access_ended_at"]), (&before["id"], &json!(null)));
}

#[test]
fn credentials_of_the_connection_are_revoked_at_the_provider() {
    let service = Service::new();
    service.provider("acme", &[UpstreamTokenType::RefreshToken]);
    let app = service.app_with("crm", |registration| registration.provider = "acme".parse().ok());
    let id = service.connect(&service.user("anna"), &app, &[(UpstreamTokenType::RefreshToken, "secret")]);
    let issued = service.post(&format!("/v1/connections/{id}/tokens"), json!({}));
    service.revoke_as_client(&app, &issued.text("refresh_token"));
    let connection = service.get(&format!("/v1/connections/{id}")).json();
    assert!(["revoking", "revoked"].contains(&connection["status"].as_str().unwrap()), "{connection}");
    assert_ne!(connection["upstream"]["credentials"][0]["attempts"], 0, "{connection}");
}

#[test]
fn stytch_keeps_the_consent_whatever_the_policy_is() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, refresh) = service.authorized("anna", &app);
    let form = [("token", refresh.as_str()), ("client_id", &app.id), ("client_secret", &app.secret)];
    let answer = service.send(&Request::post("/v1/oauth2/revoke").form(&form));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let connection = service.connection_of_token(&access);
    assert_eq!(connection["status"], "active");
    assert!(connection["access_ended_at"].is_string(), "{connection}");
}

#[test]
fn nobody_but_the_client_ends_a_connection_by_a_token() {
    let service = Service::new();
    let app = service.app("crm");
    let (access, refresh) = service.authorized("anna", &app);
    service.revoke(&refresh);
    let connection = service.connection_of_token(&access);
    assert_eq!((&connection["status"], &connection["access_ended_at"]), (&json!("active"), &json!(null)));
}

impl Service {
    /// An access and a refresh token that root issued under a new connection.
    fn issued_natively(&self, user_id: &str, app: &App) -> (String, String) {
        let id = self.connect(&self.user(user_id), app, &[]);
        let issued = self.post(&format!("/v1/connections/{id}/tokens"), json!({}));
        (issued.text("access_token"), issued.text("refresh_token"))
    }
}
