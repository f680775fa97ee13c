//! Requests of any bytes: nothing panics, every answer is in the format of its dialect, and no answer repeats a secret that
//! was sent in the wrong place.

use hookswitch::core::handle::MintNonce;
use hookswitch::core::provider::UpstreamTokenType::AccessToken;
use hookswitch::core::{HandleKind, LedgerId};
use hookswitch::dialects::request::Method;
use hookswitch::dialects::router::Router;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::kit::{Answer, PROJECT, ROOT, Request, Service};

/// Names of fields and parameters.
const NAMES: [&str; 38] = [
    "name",
    "user_id",
    "token",
    "tokens",
    "token_id",
    "ttl",
    "role",
    "groups",
    "external_id",
    "connectable",
    "before",
    "kinds",
    "app_id",
    "reason",
    "metadata",
    "cursor",
    "limit",
    "access_token",
    "client_id",
    "client_secret",
    "expires_at",
    "connection_id",
    "provider",
    "refresh_token",
    "revocation",
    "secret",
    "ticket",
    "upstream",
    "url",
    "grant_type",
    "code",
    "scope",
    "auth_config_id",
    "enabled",
    "state",
    "consent",
    "page",
    "statuses",
];

/// Bodies that calls accept, which chance would seldom make.
const ACCEPTED: [&str; 11] = [
    r#"{"name":"u"}"#,
    r#"{"token":"u"}"#,
    r#"{"user_id":"u"}"#,
    r#"{"user_id":"u","app_id":"crm"}"#,
    r#"{"enabled":true}"#,
    r#"{"code":"c"}"#,
    r#"{"url":"https://a.example/"}"#,
    r#"{"access_token":"t"}"#,
    r#"{"connection_id":"ca_000000000000000000000000000000000000000000000000"}"#,
    r#"{"user_id":"u","auth_config_id":"crm"}"#,
    r#"{"grant_type":"refresh_token","refresh_token":"u"}"#,
];

/// The service with a user `u`, an app `crm` and everything that a path can name.
struct Stage {
    service: Service,
    secret: String,
    connection_id: String,
    token: String,
    ticket: String,
}

impl Stage {
    fn new() -> Self {
        let service = Service::new();
        service.provider("acme", &[AccessToken]);
        let app = service.app_with("crm", |registration| registration.provider = "acme".parse().ok());
        let user = service.user("u");
        let connection_id = service.connect(&user, &app, &[(AccessToken, "at")]);
        let token = service.code(&user, &app).secret;
        let body = serde_json::json!({ "connection_id": connection_id });
        let ticket = service.send(&Request::post("/v1/status-tickets").bearer(ROOT).json(body)).text("ticket");
        Self { service, secret: app.secret, connection_id, token, ticket }
    }

    /// The path of a route. A parameter has its value here, or this text.
    fn path(&self, template: &str, text: Option<&str>) -> String {
        let segments = template.split('/').map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
                return segment.to_owned();
            };
            let known = match name {
                "user_id" => "u",
                "app_id" | "connected_app_id" => "crm",
                "connection_id" | "nanoid" => &self.connection_id,
                "slug" | "name" => "acme",
                "project_id" => PROJECT,
                "revocation_id" => "rev_72a50e29deb12af80000012c",
                _ => &self.token,
            };
            let text = text.filter(|text| !text.is_empty()).unwrap_or(known);
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The request with the client in its form, or in its JSON object.
    fn with_client(&self, mut request: Request) -> Request {
        if request.body.first() == Some(&b'{') {
            let client = format!("{{\"client_id\":\"crm\",\"client_secret\":\"{}\",", self.secret);
            request.body.splice(..1, client.into_bytes());
        } else {
            request.body.extend_from_slice(format!("&client_id=crm&client_secret={}", self.secret).as_bytes());
        }
        request
    }

    /// The request with the credentials of the dialect, if `trusted`.
    fn send(&self, dialect: &str, request: Request, trusted: bool) -> Answer {
        let request = match dialect {
            _ if !trusted => request,
            "partoo" => request.header("x-apikey", ROOT),
            "composio" => request.header("x-api-key", ROOT),
            "stytch" if request.path.starts_with("/v1/users/") => request.basic(PROJECT, ROOT),
            "stytch" | "oauth" => request.basic("crm", &self.secret),
            "flinks" if request.method == Method::Post => self.with_client(request),
            _ if matches!(request.path.as_str(), "/v1/status" | "/v1/status/live") => {
                request.bearer(&self.ticket).header("upgrade", "websocket")
            }
            _ => request.bearer(ROOT),
        };
        self.service.send(&request)
    }
}

/// The part of a request that is not its path.
#[derive(Clone, Debug)]
struct Sent {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// The text in the place of every parameter of the path; what exists if `None`.
    parameter: Option<String>,
}

impl Sent {
    fn on(&self, stage: &Stage, method: Method, template: &str) -> Request {
        let mut request = Request::new(method, &stage.path(template, self.parameter.as_deref()));
        request.query.clone_from(&self.query);
        request.body.clone_from(&self.body);
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }
}

/// Mostly of the right shape, so that the inner checks are reached.
fn any_sent() -> impl Strategy<Value = Sent> {
    let body = prop_oneof![
        1 => vec(any::<u8>(), 0..200),
        6 => any_fields(any_json(), "\"u\"").prop_map(|fields| object(&fields).into_bytes()),
        3 => select(ACCEPTED.to_vec()).prop_map(|body| body.as_bytes().to_vec()),
        1 => "[\\[\\{\"\\\\a0:,\\]\\} ]{0,60}".prop_map(String::into_bytes),
    ];
    let query = || {
        prop_oneof![
            8 => Just(String::new()),
            1 => "\\PC{0,60}",
            3 => any_fields("\\PC{0,20}", "u").prop_map(|pairs| form(&pairs)),
        ]
    };
    let parameter = || option::weighted(0.2, "(?s).{0,140}");
    let known = select(vec!["application/json", "Bearer  ", "Bearer u", "websocket"]).prop_map(str::to_owned);
    let header = prop_oneof!["\\PC{0,40}", known];
    let names = vec!["content-type", "authorization", "x-apikey", "x-api-key", "upgrade", "accept-language"];
    let headers = prop_oneof![2 => Just(Vec::new()), 1 => vec((select(names), header), 0..3)];
    let any = (query(), headers, body, parameter()).prop_map(|(query, headers, body, parameter)| Sent {
        query,
        headers,
        body,
        parameter,
    });
    let grant = select(vec![
        "",
        "grant_type=authorization_code&code=u&",
        "grant_type=refresh_token&refresh_token=u&",
        "token=u&",
        "token=u&consent=approve&",
    ]);
    let of_form =
        (grant, any_fields("\\PC{0,20}", "u"), query(), parameter()).prop_map(|(grant, pairs, query, parameter)| {
            let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
            Sent { query, headers, body: format!("{grant}{}", form(&pairs)).into_bytes(), parameter }
        });
    prop_oneof![3 => any, 1 => of_form]
}

/// Some of the known fields, mostly with the user, and now and then an unknown one.
fn any_fields(value: impl Strategy<Value = String>, user: &str) -> impl Strategy<Value = Vec<(String, String)>> {
    let user = user.to_owned();
    let names = prop_oneof![subsequence(&NAMES[1..], 0..4), subsequence(&NAMES[1..4], 1)];
    let unknown = option::weighted(0.1, "\\PC{0,40}");
    (names, vec(value, 6), 0_u8..10, unknown).prop_map(move |(names, mut values, of_user, unknown)| {
        let mut fields: Vec<_> =
            names.iter().map(|name| (*name).to_owned()).chain(unknown).zip(values.split_off(1)).collect();
        match of_user {
            0..5 => fields.push(("user_id".to_owned(), user.clone())),
            5 => fields.push(("user_id".to_owned(), values.remove(0))),
            _ => {}
        }
        fields
    })
}

/// The text of a JSON value.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "\\PC{0,20}".prop_map(|text| quoted(&text)),
        2 => "-?[0-9]{1,20}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
        1 => select(vec!["null", "true", "false"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(("\\PC{0,8}", inner), 0..4).prop_map(|fields| object(&fields)),
        ]
    })
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", fields.join(","))
}

fn form(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Whether an answer has the format of its dialect.
fn is_formed(dialect: &str, answer: &Answer) -> bool {
    let json = answer.json();
    let is_error = answer.status >= 400;
    match (dialect, answer.content_type) {
        (_, None) => answer.body.is_empty(),
        ("link_page", Some("text/html; charset=utf-8")) => answer.body.starts_with("<!doctype html>"),
        ("native", Some("application/problem+json")) => is_error && json["code"].is_string(),
        ("partoo", Some("application/json")) => !is_error || json["errors"].is_object(),
        ("composio", Some("application/json")) => !is_error || json["error"]["slug"].is_string(),
        ("stytch", Some("application/json")) => json["status_code"] == answer.status,
        ("oauth" | "flinks", Some("application/json")) => !is_error || json["error"].is_string(),
        (_, Some("application/json")) => !is_error && json.is_object(),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_route_answers_every_request_in_the_format_of_its_dialect(sent in any_sent(), trusted in any::<bool>()) {
        let stage = Stage::new();
        for (dialect, route) in Router::get().routes() {
            let request = sent.on(&stage, route.method, route.path);
            let answer = stage.send(dialect.name, request, trusted);
            // The provider of these tests answers nothing, which is Composio's 500.
            let is_served = answer.status < 500 || (answer.status == 500 && dialect.name == "composio");
            prop_assert!(is_served, "{}: {:?}", route.path, answer);
            prop_assert!(is_formed(dialect.name, &answer), "{}: {:?}", route.path, answer);
        }
    }

    #[test]
    fn every_path_is_answered(segment in "(?s).{0,40}", escaped in "(%[0-9a-fA-F]{2}|%|a){0,12}") {
        let service = Service::new();
        for method in [Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch] {
            for path in [
                segment.clone(),
                format!("/{segment}"),
                format!("/v1/users/{escaped}/connected_apps"),
                format!("/v1/public/{escaped}/oauth2/token"),
                format!("/api/v3.1/connected_accounts/{escaped}"),
                format!("/connection/{segment}"),
            ] {
                let mut request = Request::new(method, "");
                request.path = path;
                let answer = service.send(&request);
                prop_assert!((400..500).contains(&answer.status), "{request:?}: {answer:?}");
            }
        }
    }
}

/// A token in one of its spellings, created here or elsewhere, whole or cut.
fn any_token() -> impl Strategy<Value = String> {
    let created = |(last, kind, bytea): (u64, HandleKind, bool)| {
        let service = Service::new();
        let ledger_id = LedgerId::of_user(&"u".parse().unwrap());
        let handle = service.config.keyring.mint(MintNonce(0, last), 0, kind, ledger_id);
        if bytea { format!("\\x{}", handle.hex()) } else { handle.text() }
    };
    let token = prop_oneof![
        (any::<u64>(), select(&HandleKind::ALL[..]), any::<bool>()).prop_map(created),
        "(hct_|hak_|\\\\x)[0-9a-f]{48}",
        "hct_[0-9A-F]{40,60}",
        "hct_[a-f]{48}",
    ];
    (token, 0_usize..8).prop_map(|(token, cut)| token[..token.len() - cut].to_owned())
}

/// Requests with the token in every place where it can be by mistake.
fn misplaced(token: &str) -> Vec<Sent> {
    let plain = || Sent { query: String::new(), headers: Vec::new(), body: Vec::new(), parameter: None };
    let json = |body: &str| {
        let headers = vec![("content-type", "application/json".to_owned())];
        Sent { body: body.as_bytes().to_vec(), headers, ..plain() }
    };
    let query = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sent { query: form(&pairs), ..plain() }
    };
    let quoted = quoted(token);
    let mut requests = vec![
        Sent { body: token.as_bytes().to_vec(), ..plain() },
        json(&quoted),
        json(&format!("{{{quoted}:1}}")),
        json(&format!("{{{quoted}:1,{quoted}:2}}")),
        json(&format!("{{\"user_id\":\"u\",{quoted}:1}}")),
        Sent { query: token.to_owned(), ..plain() },
        query(&[(token, token), (token, "")]),
        Sent { headers: vec![("content-type", token.to_owned())], body: b"{}".to_vec(), ..plain() },
        Sent { headers: vec![("authorization", token.to_owned())], ..plain() },
        Sent { parameter: Some(format!("{token}\n")), ..plain() },
    ];
    for name in NAMES {
        requests.push(json(&format!("{{\"user_id\":\"u\",\"{name}\":[{quoted},7]}}")));
        requests.push(json(&format!("{{\"{name}\":{{{quoted}:1}}}}")));
        requests.push(query(&[(name, token), (name, token)]));
    }
    requests
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_error_repeats_a_token_that_was_sent(token in any_token()) {
        let digits = token.trim_start_matches("\\x");
        let stage = Stage::new();
        for sent in misplaced(&token) {
            for (dialect, route) in Router::get().routes() {
                let answer = stage.send(dialect.name, sent.on(&stage, route.method, route.path), true);
                if answer.status >= 400 {
                    let shown = format!("{} {:?}", answer.body, answer.headers);
                    prop_assert!(!shown.contains(digits), "{} {}: {shown}", dialect.name, route.path);
                }
            }
        }
    }
}

/// The requests above reach past the first checks of every route: it accepts some of them, and rejects some unless it
/// reads neither body nor query.
#[test]
fn some_requests_are_accepted_by_every_route() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sent: Vec<_> = (0..600).map(|_| any_sent().new_tree(&mut runner).unwrap().current()).collect();
    let stage = Stage::new();
    let mut unreached = Vec::new();
    for (dialect, route) in Router::get().routes() {
        let is_accepted = sent.iter().any(|sent| {
            let answer = stage.send(dialect.name, sent.on(&stage, route.method, route.path), true);
            // A refusal by the state of what exists comes after all checks.
            let is_refused_late =
                answer.text("error") == "invalid_grant" || answer.text("code") == "sign_in_code_invalid";
            answer.status < 400 || matches!(answer.status, 404 | 409 | 410) || is_refused_late
        });
        if !is_accepted {
            unreached.push((route.method.as_str(), route.path));
        }
    }
    assert_eq!(unreached, [], "extend NAMES or ACCEPTED");
}
