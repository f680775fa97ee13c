//! Spellings of the same input: numbers with an exponent, null, and empty texts, in every field of every API.
//!
//! The fields come from the description of the API, so a new field is tested without a change here.

use serde_json::{Map, Value, json};

use crate::kit::{Answer, PROJECT, ROOT, Request, Service};

/// The description of the API.
fn description() -> Value {
    serde_json::from_str(include_str!("../../www/openapi.json")).unwrap()
}

/// A call with a JSON body.
struct Call {
    method: String,
    path: String,
    /// The schema of the body.
    schema: Value,
    /// The required fields with valid values.
    base: Map<String, Value>,
    /// Whether the body is required.
    is_required: bool,
}

/// A field of a body: its names from the outside to the inside, and its schema.
struct Member {
    names: Vec<String>,
    schema: Value,
    /// The required fields of the object that has the field.
    required: Map<String, Value>,
    /// Whether the field is a list of values with this schema.
    in_list: bool,
}

impl Member {
    fn is_required(&self) -> bool {
        self.names.last().is_some_and(|name| self.required.contains_key(name))
    }

    /// The object that has the field, with this JSON text in it; without the field if there is no text.
    fn object(&self, text: Option<&str>) -> String {
        let name = self.names.last().unwrap();
        let others = self.required.iter().filter(|(other, _)| *other != name);
        let mut fields: Vec<_> = others.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        fields.extend(
            text.map(|text| format!("\"{name}\":{}", if self.in_list { format!("[{text}]") } else { text.to_owned() })),
        );
        format!("{{{}}}", fields.join(","))
    }
}

fn resolved(description: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(description, description.pointer(&reference[1..]).unwrap()),
        None => schema.clone(),
    }
}

/// Every call with a JSON body.
fn calls(description: &Value) -> Vec<Call> {
    let mut calls = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"];
            if content.is_null() {
                continue;
            }
            let schema = resolved(description, &content["schema"]);
            let base = required(&schema);
            let is_required = operation["requestBody"]["required"] == true;
            let path = path
                .replace("{user_id}", "anna")
                .replace("{app_id}", "calendar")
                .replace("{project_id}", PROJECT)
                .replace(['{', '}'], "");
            calls.push(Call { method: method.to_uppercase(), path, schema, base, is_required });
        }
    }
    assert!(calls.len() > 20, "the description has too few calls: {}", calls.len());
    calls
}

/// The required fields of an object with valid values.
fn required(schema: &Value) -> Map<String, Value> {
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| (name.to_owned(), valid(name))).collect()
}

/// A valid value of a required field.
fn valid(name: &str) -> Value {
    match name {
        "user_id" => json!("anna"),
        "app_id" | "auth_config_id" => json!("calendar"),
        "url" => json!("https://hooks.example/in"),
        "enabled" => json!(true),
        "method" => json!("rfc7009"),
        "grant_type" => json!("refresh_token"),
        other => json!(other),
    }
}

/// The fields of an object, and those of the objects in them.
fn members(description: &Value, schema: &Value, within: &[String]) -> Vec<Member> {
    let required = required(schema);
    let mut all = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let schema = resolved(description, field);
        let names: Vec<_> = within.iter().chain([name]).cloned().collect();
        all.extend(members(description, &schema, &names));
        let items = resolved(description, &schema["items"]);
        if !items.is_null() {
            all.push(Member { names: names.clone(), schema: items, required: required.clone(), in_list: true });
        }
        all.push(Member { names, schema, required: required.clone(), in_list: false });
    }
    all
}

impl Call {
    /// The body with this JSON text in the field; without the field if there is no text.
    fn body(&self, member: &Member, text: Option<&str>) -> String {
        let inner = member.object(text);
        match member.names.as_slice() {
            [_] => inner,
            [outer, _] => {
                let others = self.base.iter().map(|(name, value)| format!("\"{name}\":{value},"));
                format!("{{{}\"{outer}\":{inner}}}", others.collect::<String>())
            }
            names => panic!("{names:?} is too deep"),
        }
    }

    /// Sends a body to a new deployment with the user `anna` and the app `calendar`.
    fn send(&self, body: &str) -> Answer {
        let service = Service::new();
        service.user("anna");
        service.app("calendar");
        service.public_app("device");
        let method = hookswitch::dialects::request::Method::parse(&self.method).unwrap();
        let request = Request::new(method, &self.path).header("content-type", "application/json").body(body);
        let request = request.header("x-api-key", ROOT).header("x-apikey", ROOT);
        service.send(&if self.path.contains("/connected_apps") {
            request.basic(PROJECT, ROOT)
        } else {
            request.bearer(ROOT)
        })
    }

    /// The answer to a body: its status and, unless it contains new secrets, its text.
    fn answer(&self, body: &str) -> (u16, String) {
        let answer = self.send(body);
        (answer.status, if answer.status < 300 { String::new() } else { answer.body })
    }
}

#[test]
fn a_number_is_the_same_number_in_every_spelling() {
    let description = description();
    let mut found = Vec::new();
    for call in calls(&description) {
        for member in members(&description, &call.schema, &[]) {
            if member.schema["type"] != "integer" {
                continue;
            }
            let name = member.names.join(".");
            found.push(name.clone());
            let (min, max) = (member.schema["minimum"].as_u64().unwrap(), member.schema["maximum"].as_u64().unwrap());
            let value = if (min..=max).contains(&60) { 60 } else { 440 };
            let tens = value / 10;
            let plain = call.answer(&call.body(&member, Some(&value.to_string())));
            for text in [
                format!("{value}.0"),
                format!("{value}.000"),
                format!("{tens}e1"),
                format!("{tens}E1"),
                format!("{tens}e+1"),
                format!("{tens}.0e+01"),
                format!("{value}e0"),
                format!("{value}e-0"),
                format!("{value}0e-1"),
                format!("{value}00E-2"),
                format!("0.{value}e{}", value.to_string().len()),
                format!("{value}00000000000000000000e-20"),
                format!("{value}.00000000000000000000"),
            ] {
                assert_eq!(call.answer(&call.body(&member, Some(&text))), plain, "{} {name} {text}", call.path);
            }
            let wrong = [
                format!("{value}.5"),
                format!("\"{value}\""),
                format!("-{value}"),
                format!("{value}e-9"),
                format!("{value}e300"),
                "1e400".to_owned(),
                format!("{}", max + 1),
                "18446744073709551616".to_owned(),
                "true".to_owned(),
                "[]".to_owned(),
            ];
            for text in wrong {
                let (status, body) = call.answer(&call.body(&member, Some(&text)));
                let last = member.names.last().unwrap();
                assert!(status == 400 && body.contains(last.as_str()), "{} {name} {text} {body}", call.path);
            }
        }
    }
    for name in ["ttl", "previous_ttl", "refresh_token_ttl", "upstream.expires_in", "revocation.gone_statuses"] {
        assert!(found.iter().any(|found| found == name), "{name} is not in the description");
    }
}

#[test]
fn null_in_an_optional_field_counts_as_absent() {
    let description = description();
    let mut count = 0;
    for call in calls(&description) {
        for member in members(&description, &call.schema, &[]) {
            if member.is_required() || member.in_list {
                continue;
            }
            let name = member.names.join(".");
            // Without a token Partoo's call revokes every token. A client that lost its token does not expect that.
            if call.path.ends_with("/connection/revoke_token") && name == "token" {
                assert_eq!(call.answer(&call.body(&member, Some("null"))).0, 400);
                continue;
            }
            count += 1;
            let absent = call.answer(&call.body(&member, None));
            assert_eq!(call.answer(&call.body(&member, Some("null"))), absent, "{} {name}", call.path);
        }
    }
    assert!(count > 60, "the description has too few optional fields: {count}");
}

#[test]
fn an_empty_body_is_rejected_where_a_body_is_required_and_else_the_same_as_an_empty_object() {
    let description = description();
    let mut puts = 0;
    for call in calls(&description) {
        let (empty, object) = (call.answer(""), call.answer("{}"));
        if call.is_required {
            assert!(matches!(empty.0, 400 | 401), "{} {} {empty:?}", call.method, call.path);
        } else {
            assert_eq!(empty, object, "{} {}", call.method, call.path);
        }
        if call.method == "PUT" {
            assert!(empty.0 == 400 && empty.1.contains("body"), "{} {empty:?}", call.path);
            puts += 1;
        }
    }
    assert_eq!(puts, 5);
}

#[test]
fn a_put_without_a_body_changes_nothing() {
    let service = Service::new();
    let put = |body: &str| {
        let request = Request::put("/v1/providers/acme").header("content-type", "application/json").body(body);
        service.send(&request.bearer(ROOT))
    };
    let created = put("{\"name\":\"Acme\",\"client_id\":\"me\",\"client_secret\":\"secret\"}");
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(put("").status, 400);
    let stored = service.send(&Request::get("/v1/providers/acme").bearer(ROOT)).json();
    assert_eq!((&stored["name"], &stored["has_client_secret"]), (&json!("Acme"), &json!(true)));
}

#[test]
fn an_empty_scope_names_no_scope() {
    let description = description();
    let mut paths = Vec::new();
    for call in calls(&description) {
        for member in members(&description, &call.schema, &[]) {
            if member.names.last().is_some_and(|name| name == "scope") {
                let absent = call.answer(&call.body(&member, None));
                assert_eq!(call.answer(&call.body(&member, Some("\"\""))), absent, "{}", call.path);
                paths.push(call.path.clone());
            }
        }
    }
    for path in ["/v1/tokens", "/v1/connections", "/v1/connections/connection_id/tokens", "/api/v1/token"] {
        assert!(paths.iter().any(|found| found == path), "{path} has no scope");
    }
}

#[test]
fn an_empty_parameter_of_an_oauth_call_counts_as_absent_also_in_json() {
    let description = description();
    for call in calls(&description) {
        let is_oauth = call.path.starts_with("/api/v1/") || call.path.contains("/oauth2/");
        for mut member in members(&description, &call.schema, &[]).into_iter().filter(|_| is_oauth) {
            member.required.insert("client_id".to_owned(), json!("device"));
            let (absent, empty) = (call.body(&member, None), call.body(&member, Some("\"\"")));
            assert_eq!(call.send(&empty), call.send(&absent), "{} {}", call.path, member.names[0]);
        }
    }
}
