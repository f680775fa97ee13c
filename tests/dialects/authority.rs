//! Calls that create authority: a principal whose key is dead, or whose role was lowered, creates none, also while the
//! isolate remembers the key.

use hookswitch::core::decide::apps::RotateClientSecret;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::user::{Profile, Role};
use hookswitch::dialects::request::Method;
use hookswitch::dialects::router::Router;
use hookswitch::operations::{apps, users};
use serde_json::json;

use crate::kit::{App, PROJECT, ROOT, Request, Service, profile};

/// The effect of a call on authority.
enum Call {
    /// It creates authority, in this request of a principal.
    Creates(fn(&Things) -> Request),
    /// It gives an OAuth client tokens, in this request with the client's secret.
    Grants(fn(&Things) -> Request),
    /// It reads or ends something, or its caller needs nothing but the token that the call is about.
    CreatesNothing,
}

/// The objects that the calls name.
struct Things {
    user_id: String,
    app: App,
    connection_id: String,
    code: String,
}

/// Every call that is not a GET.
#[allow(clippy::too_many_lines, reason = "a table of all calls")]
fn call(method: Method, path: &str) -> Call {
    use Call::{Creates, CreatesNothing, Grants};
    match (method.as_str(), path) {
        ("put", "/v1/users/{user_id}") => Creates(|things| {
            let target = format!("/v1/users/{}", things.user_id);
            Request::put(&target).json(json!({ "role": "member", "groups": ["paris"], "connectable": true }))
        }),
        ("post", "/v1/tokens") => {
            Creates(|things| Request::post("/v1/tokens").json(json!({ "user_id": things.user_id })))
        }
        ("post", "/v1/api-keys") => {
            Creates(|things| Request::post("/v1/api-keys").json(json!({ "user_id": things.user_id })))
        }
        ("put", "/v1/apps/{app_id}") => {
            Creates(|things| Request::put(&format!("/v1/apps/{}", things.app.id)).json(json!({ "name": "New" })))
        }
        ("post", "/v1/apps/{app_id}/client-secret") => Creates(|things| {
            let target = format!("/v1/apps/{}/client-secret", things.app.id);
            Request::post(&target).json(json!({ "previous_ttl": 600 }))
        }),
        ("post", "/v1/connections") => Creates(|things| {
            Request::post("/v1/connections").json(json!({ "user_id": things.user_id, "app_id": things.app.id }))
        }),
        ("post", "/v1/connections/{connection_id}/disable") => Creates(|things| of_connection(things, "disable")),
        ("post", "/v1/connections/{connection_id}/enable") => Creates(|things| of_connection(things, "enable")),
        ("post", "/v1/connections/{connection_id}/tokens") => Creates(|things| of_connection(things, "tokens")),
        ("put", "/v1/connections/{connection_id}/upstream") => Creates(|things| {
            let target = format!("/v1/connections/{}/upstream", things.connection_id);
            Request::put(&target).json(json!({ "provider": "google", "access_token": "ya29.token" }))
        }),
        ("put", "/v1/providers/{slug}") => {
            Creates(|_| Request::put("/v1/providers/acme").json(json!({ "name": "Acme" })))
        }
        ("delete", "/v1/providers/{slug}") => Creates(|_| Request::delete("/v1/providers/other")),
        ("put", "/v1/webhooks/{name}") => {
            Creates(|_| Request::put("/v1/webhooks/hook").json(json!({ "url": "https://hook.example/" })))
        }
        ("post", "/v1/webhooks/{name}/secret") => {
            Creates(|_| Request::post("/v1/webhooks/other/secret").json(json!({})))
        }
        ("post", "/v1/status-tickets") => {
            Creates(|things| Request::post("/v1/status-tickets").json(json!({ "connection_id": things.connection_id })))
        }
        ("post", "/v2/connection/generate_token" | "/connection/generate_token") => {
            Creates(|things| Request::post("/v2/connection/generate_token").json(json!({ "user_id": things.user_id })))
        }
        ("post", "/api/v3.1/connected_accounts/link" | "/api/v3/connected_accounts/link") => Creates(|things| {
            let body = json!({ "user_id": things.user_id, "auth_config_id": things.app.id });
            Request::post("/api/v3.1/connected_accounts/link").json(body)
        }),
        ("patch", "/api/v3.1/connected_accounts/{nanoid}/status" | "/api/v3/connected_accounts/{nanoid}/status") => {
            Creates(|things| {
                let target = format!("/api/v3.1/connected_accounts/{}/status", things.connection_id);
                Request::patch(&target).json(json!({ "enabled": true }))
            })
        }
        ("post", "/oauth/token") => Grants(|things| {
            let form = [("grant_type", "authorization_code"), ("code", things.code.as_str())];
            Request::post("/oauth/token").basic(&things.app.id, &things.app.secret).form(&form)
        }),
        ("post", "/api/v1/token" | "/v1/oauth2/token" | "/v1/public/{project_id}/oauth2/token") => {
            // All three run the same operation as /oauth/token.
            Grants(|things| {
                let body = json!({
                    "grant_type": "authorization_code", "code": things.code,
                    "client_id": things.app.id, "client_secret": things.app.secret,
                });
                Request::post(&format!("/v1/public/{PROJECT}/oauth2/token")).json(body)
            })
        }
        (
            _,
            "/v1/users/{user_id}/revoke"
            | "/v1/users/{user_id}/connected_apps/{connected_app_id}/revoke"
            | "/v1/tokens/check"
            | "/v1/tokens/consume"
            | "/v1/tokens/revoke"
            | "/v1/connections/{connection_id}/revoke"
            // Only the root key itself makes a code, and the code makes a session.
            | "/v1/sign-in-codes"
            | "/v1/sessions"
            // Only root may approve a provider, and root is not remembered.
            | "/v1/providers/{slug}/approve"
            | "/v1/revocations/retry"
            | "/v1/revocations/dismiss"
            | "/v1/revocations/{revocation_id}/retry"
            | "/v1/revocations/{revocation_id}/dismiss"
            | "/v1/webhooks/{name}"
            | "/v1/webhooks/{name}/test"
            | "/oauth/introspect"
            | "/oauth/revoke"
            | "/v1/oauth2/introspect"
            | "/v1/oauth2/revoke"
            | "/v1/public/{project_id}/oauth2/introspect"
            | "/v1/public/{project_id}/oauth2/revoke"
            | "/v2/connection/revoke_token"
            | "/connection/revoke_token"
            | "/api/v1/revoke"
            | "/api/v3.1/connected_accounts/{nanoid}"
            | "/api/v3.1/connected_accounts/{nanoid}/revoke"
            | "/api/v3/connected_accounts/{nanoid}"
            | "/connect",
        ) => CreatesNothing,
        (method, path) => panic!("{method} {path} is new: say whether it creates authority"),
    }
}

fn of_connection(things: &Things, verb: &str) -> Request {
    Request::post(&format!("/v1/connections/{}/{verb}", things.connection_id)).json(json!({}))
}

/// Every call that is not a GET, as the router has it.
fn calls() -> impl Iterator<Item = (String, Call)> {
    let routes = Router::get().routes().filter(|(_, route)| route.method != Method::Get);
    routes.map(|(_, route)| (format!("{} {}", route.method.as_str(), route.path), call(route.method, route.path)))
}

fn in_group(role: Role) -> Profile {
    Profile { groups: vec!["paris".parse().unwrap()], ..profile(role) }
}

/// How the authority of a caller ends.
type End = fn(&Service, &Caller);

/// A user with an API key that the isolate remembers.
struct Caller {
    user_id: String,
    key: String,
}

impl Caller {
    fn new(service: &Service, user_id: &str, role: Role) -> Self {
        let user_id = service.user_with(user_id, in_group(role));
        let key = service.mint(&user_id, MintParams::plain(MintKind::ApiKey, None)).secret;
        let caller = Self { user_id: user_id.to_string(), key };
        let seen = service.send(&Request::get(&format!("/v1/users/{user_id}")).bearer(&caller.key));
        assert!(matches!(seen.status, 200 | 403), "{seen:?}");
        caller
    }

    /// The request with the key where each dialect has it.
    fn send(&self, service: &Service, request: Request) -> u16 {
        let request = request.header("x-apikey", &self.key).header("x-api-key", &self.key);
        service.send(&request.bearer(&self.key)).status
    }
}

fn revoke_key(service: &Service, caller: &Caller) {
    service.revoke(&caller.key);
}

fn revoke_everything(service: &Service, caller: &Caller) {
    let answer =
        service.send(&Request::post(&format!("/v1/users/{}/revoke", caller.user_id)).json(json!({})).bearer(ROOT));
    assert_eq!(answer.status, 200);
}

fn take_role(service: &Service, caller: &Caller) {
    let command = PutUser { user_id: caller.user_id.parse().unwrap(), profile: in_group(Role::None) };
    service.as_root(async move |cx| users::put(cx, command).await);
}

/// The user that the calls are about, with an app, an active connection and a code.
fn things(service: &Service, user_id: &str) -> Things {
    let user = service.user_with(user_id, in_group(Role::Member));
    let app = service.app("crm");
    let code = service.code(&user, &app).secret;
    let connection_id = service.connect(&user, &app, &[]);
    service.provider("other", &[]);
    let body = json!({ "url": "https://other.example/" });
    let hook = service.send(&Request::put("/v1/webhooks/other").json(body).bearer(ROOT));
    assert!(hook.status < 300, "{hook:?}");
    Things { user_id: user.to_string(), app, connection_id, code }
}

#[test]
fn dead_principal_creates_no_authority_while_the_isolate_remembers_it() {
    let ends: [(&str, End); 3] =
        [("key revoked", revoke_key), ("everything revoked", revoke_everything), ("role taken", take_role)];
    let mut created = Vec::new();
    let mut allowed = Vec::new();
    for (name, call) in calls() {
        let Call::Creates(request) = call else { continue };
        // The callers: an admin and a manager on another user, and a member on itself.
        for (role, caller_id) in [(Role::Admin, "admin"), (Role::Manager, "manager"), (Role::Member, "member")] {
            let subject = if role == Role::Member { caller_id } else { "subject" };
            let service = Service::new();
            let about = things(&service, subject);
            let caller = Caller::new(&service, caller_id, role);
            if caller.send(&service, request(&about)) < 300 {
                allowed.push((name.clone(), role));
            }
            for (end, kill) in ends {
                let service = Service::new();
                let about = things(&service, subject);
                let caller = Caller::new(&service, caller_id, role);
                kill(&service, &caller);
                let status = caller.send(&service, request(&about));
                if !matches!(status, 401 | 403) {
                    created.push(format!("{name} by {role:?}, {end}: {status}"));
                }
            }
        }
    }
    assert_eq!(created, Vec::<String>::new());
    let by_admins = allowed.iter().filter(|(_, role)| *role == Role::Admin).count();
    assert_eq!(by_admins, calls().filter(|(_, call)| matches!(call, Call::Creates(_))).count(), "{allowed:?}");
    assert!(allowed.iter().any(|(_, role)| *role == Role::Manager));
    assert!(allowed.iter().any(|(_, role)| *role == Role::Member));
}

#[test]
fn replaced_client_secret_gets_no_tokens_where_it_was_replaced() {
    for (name, call) in calls() {
        let Call::Grants(request) = call else { continue };
        for replaced in [false, true] {
            let service = Service::new();
            let about = things(&service, "subject");
            let seen = Request::post("/oauth/introspect").basic(&about.app.id, &about.app.secret);
            assert_eq!(service.send(&seen.form(&[("token", "hat_")])).status, 200);
            if replaced {
                let command = RotateClientSecret { app_id: about.app.id.parse().unwrap(), previous_ttl: 0 };
                service.as_root(async move |cx| apps::rotate_client_secret(cx, command).await);
            }
            let status = service.send(&request(&about)).status;
            assert_eq!(status, if replaced { 401 } else { 200 }, "{name}");
        }
    }
}

#[test]
fn fresh_look_at_a_key_costs_one_call_of_another_ledger_and_none_of_its_own() {
    let service = Service::new();
    let about = things(&service, "subject");
    let calls = |request: Request, key: &str| {
        service.platform.ledgers.take_calls();
        assert_eq!(service.send(&request.bearer(key)).status, 201);
        service.platform.ledgers.take_calls().len()
    };
    let mint = |user_id: &str| Request::post("/v1/api-keys").json(json!({ "user_id": user_id }));
    let admin = Caller::new(&service, "admin", Role::Admin);
    let member = Caller::new(&service, "member", Role::Member);
    assert_eq!(calls(mint(&about.user_id), ROOT), 1, "root");
    assert_eq!(calls(mint(&about.user_id), &admin.key), 2, "an admin, of another user");
    assert_eq!(calls(mint("member"), &member.key), 1, "a member, of itself");
    service.platform.memory.clear();
    assert_eq!(calls(mint(&about.user_id), &admin.key), 2, "a key that is not remembered is looked at once");
}
