//! A user with `connectable: false` is not connected to anything new, in any way and whenever its tokens were created.

use hookswitch::core::user::{Profile, Role};
use serde_json::json;

use crate::kit::{App, CALLBACK, PROJECT, ROOT, Request, Service, profile};

/// A user that was connectable when its tokens were created.
struct User {
    service: Service,
    app: App,
    key: String,
    link: String,
    code: String,
    plain: String,
}

impl User {
    fn new() -> Self {
        let service = Service::new();
        let user_id = service.user("anna");
        let app = service.app("crm");
        let key = service.api_key(&user_id);
        let link = service.code_with(&user_id, &app, |params| params.redirect_uri = Some(CALLBACK.to_owned())).secret;
        let code = service.code(&user_id, &app).secret;
        let plain = service.token(&user_id, 600).secret;
        Self { service, app, key, link, code, plain }
    }

    fn close(&self) {
        self.service.user_with("anna", Profile { connectable: false, ..profile(Role::Member) });
    }
}

/// A way to connect a user: its name, the status of its refusal, and its request.
type Way = (&'static str, u16, fn(&User) -> Request);

/// Every way to connect a user, and the status of its refusal.
const WAYS: [Way; 12] = [
    ("create a token", 403, |_| Request::post("/v1/tokens").json(json!({ "user_id": "anna" })).bearer(ROOT)),
    ("create a connection as root", 403, |_| connect().bearer(ROOT)),
    ("create a connection as the user", 403, |user| connect().bearer(&user.key)),
    ("create a link of Composio", 403, |_| {
        let body = json!({ "user_id": "anna", "auth_config_id": "crm" });
        Request::post("/api/v3.1/connected_accounts/link").json(body).header("x-api-key", ROOT)
    }),
    ("create a token of Partoo", 403, |_| {
        Request::post("/v2/connection/generate_token").json(json!({ "user_id": "anna" })).header("x-apikey", ROOT)
    }),
    ("consume a link", 403, |user| consume(&user.link).bearer(ROOT)),
    ("consume a token without an app", 403, |user| consume(&user.plain).bearer(&user.key)),
    ("approve a link", 403, |user| approve(&user.link)),
    ("approve a link without an app", 403, |user| approve(&user.plain)),
    ("exchange a code", 400, |user| {
        let form = [("grant_type", "authorization_code"), ("code", user.code.as_str())];
        Request::post("/oauth/token").basic(&user.app.id, &user.app.secret).form(&form)
    }),
    ("exchange a code as Flinks has it", 400, |user| Request::post("/api/v1/token").json(exchange(user))),
    ("exchange a code as Stytch has it", 400, |user| {
        Request::post(&format!("/v1/public/{PROJECT}/oauth2/token")).json(exchange(user))
    }),
];

fn connect() -> Request {
    Request::post("/v1/connections").json(json!({ "user_id": "anna", "app_id": "crm" }))
}

fn consume(token: &str) -> Request {
    Request::post("/v1/tokens/consume").json(json!({ "token": token }))
}

fn approve(token: &str) -> Request {
    Request::post("/connect").form(&[("token", token), ("consent", "approve")])
}

fn exchange(user: &User) -> serde_json::Value {
    json!({
        "grant_type": "authorization_code", "code": user.code,
        "client_id": user.app.id, "client_secret": user.app.secret,
    })
}

#[test]
fn user_that_is_not_connectable_is_connected_in_no_way() {
    for (name, status, request) in WAYS {
        let user = User::new();
        let allowed = user.service.send(&request(&user));
        assert!(allowed.status < 400, "{name}: {allowed:?}");
        let user = User::new();
        user.close();
        let refused = user.service.send(&request(&user));
        assert_eq!(refused.status, status, "{name}: {refused:?}");
        let user_id = "anna";
        let connections = Request::get(&format!("/v1/users/{user_id}/connections?status=active")).bearer(ROOT);
        assert_eq!(user.service.send(&connections).json()["items"], json!([]), "{name}");
        assert_eq!(user.service.status(&user.link), "valid", "{name}: nothing is used up");
    }
}

#[test]
fn approval_that_is_sent_twice_gives_no_code_once_the_user_is_not_connectable() {
    let user = User::new();
    let page = "00000000-0000-4000-8000-000000000000 crm";
    let form = [("token", user.link.as_str()), ("consent", "approve"), ("page", page)];
    let approve = Request::post("/connect").form(&form);
    let first = user.service.send(&approve);
    assert_eq!((first.status, user.service.send(&approve).status), (303, 303));
    user.close();
    assert_eq!(user.service.send(&approve).status, 403);
}

#[test]
fn connections_of_a_user_that_is_not_connectable_stay() {
    let user = User::new();
    let connection_id = user.service.connect(&"anna".parse().unwrap(), &user.app, &[]);
    user.close();
    let issue = Request::post(&format!("/v1/connections/{connection_id}/tokens")).json(json!({})).bearer(ROOT);
    assert_eq!(user.service.send(&issue).status, 201);
}
