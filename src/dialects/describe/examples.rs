//! Examples of requests and responses, built from the examples of their fields.

use serde_json::{Map, Value, json};

use super::Object;

/// The example of a schema. `schemas` has the schemas that references name.
pub(super) fn example(schema: &Value, schemas: &Object) -> Value {
    of("", "", schema, schemas)
}

/// The example of the member `name` of the schema `owner`.
fn of(owner: &str, name: &str, schema: &Value, schemas: &Object) -> Value {
    if let Some(example) = exact(owner, name) {
        return example;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().unwrap_or_default();
        return named(target).unwrap_or_else(|| of(target, name, schemas.get(target).unwrap_or(&Value::Null), schemas));
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str()).unwrap_or_default();
    let by_name = if kind == "string" { member(owner, name) } else { None };
    if let Some(example) = by_name.or_else(|| schema["examples"].get(0).cloned()) {
        return example;
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if is_nullable(schema) && !SHOWN.contains(&name) {
        return Value::Null;
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[keyword].get(0) {
            return of(owner, name, first, schemas);
        }
    }
    match kind {
        "object" => {
            let members = schema["properties"].as_object().into_iter().flatten();
            let members = members.map(|(name, member)| (name.clone(), of(owner, name, member, schemas)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" => json!([of(owner, name, &schema["items"], schemas)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "string" => json!("text"),
        _ => Value::Null,
    }
}

/// The members that may be null and are not null in examples.
const SHOWN: &[&str] = &[
    "app_id",
    "connection_id",
    "scope",
    "expires_at",
    "provider",
    "activated_at",
    "next_cursor",
    "client_id",
    "revocation",
];

fn is_nullable(schema: &Value) -> bool {
    let is_null = |schema: &Value| schema["type"] == "null";
    schema["anyOf"].as_array().is_some_and(|choices| choices.iter().any(is_null))
        || schema["type"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "null"))
}

const TIME: &str = "2026-11-21T07:28:23.123000Z";

/// The members that other examples would contradict.
fn exact(owner: &str, name: &str) -> Option<Value> {
    Some(match (owner, name) {
        ("ConsumedToken", "status") => json!("consumed"),
        ("RevokedToken" | "ChangedConnection", "status") => json!("revoked"),
        ("ConsumedToken", "consumed_at") | ("RevokedToken" | "ChangedConnection", "revoked_at") => json!(TIME),
        ("Connection" | "StatusMessage", "status") | ("ChangedConnection", "previous") => json!("active"),
        ("RevokedToken", "previous") => json!("valid"),
        ("Connection", "expires_at") | ("StatusMessage", "expires_at" | "kind") => Value::Null,
        ("User", "role") => json!("member"),
        _ => return None,
    })
}

const HEX: &str = "6b0e47d1f9c8325a40e7bb163dd28f95c16a704e9b2f85d3";

/// The example of a named schema.
fn named(schema: &str) -> Option<Value> {
    Some(match schema {
        "UserId" | "Actor" => json!("user-42"),
        "AppId" => json!("calendar"),
        "TokenId" => json!(format!("tok_{HEX}")),
        "ConnectionId" => json!(format!("ca_{HEX}")),
        "ExternalId" => json!("crm|42"),
        "Group" => json!("paris"),
        "Slug" => json!("google"),
        "Scope" => json!("events.read events.write"),
        "SingleScope" => json!("events.read"),
        "RedirectUri" => json!("https://app.example/callback"),
        "LogoUrl" => json!("https://app.example/logo.png"),
        "CodeChallenge" => json!("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        "ProvidedSecret" => json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "Cursor" => json!("1842"),
        "RevocationId" => json!("rev_0f1e2d3c4b5a69780000002a"),
        "ParameterName" => json!("token"),
        "AnswerError" => json!("invalid_token"),
        "Status" => json!("valid"),
        "JsonObject" => json!({ "order": "1234" }),
        "CheckTokensRequest" | "RevokeTokenRequest" | "ConsumeTokenRequest" => json!({ "token": format!("hct_{HEX}") }),
        "CreateStatusTicketRequest" => json!({ "connection_id": format!("ca_{HEX}"), "ttl": 3600 }),
        "UpstreamRequest" => json!({
            "provider": "google",
            "access_token": "ya29.a0AfH6SMBx",
            "refresh_token": "1//0gLJ2lqYuK",
            "expires_in": 3600,
        }),
        "ProviderCallRequest" => {
            json!({ "method": "rfc7009", "url": "https://auth.acme.example/revoke", "auth": "basic" })
        }
        _ => return None,
    })
}

/// The example of a member, by its name and the schema that has it.
fn member(owner: &str, name: &str) -> Option<Value> {
    Some(match (owner, name) {
        ("Event", "id") | (_, "event_id") => json!("evt_0f1e2d3c4b5a69780000002a"),
        ("Revocation", "id") | (_, "revocation_id") => json!("rev_0f1e2d3c4b5a69780000002a"),
        ("StatusTicket" | "StatusMessage", "id") => json!(format!("ca_{HEX}")),
        (_, "token") => json!(format!("hct_{HEX}")),
        (_, "access_token") => json!(format!("hat_{HEX}")),
        (_, "refresh_token") => json!(format!("hrt_{HEX}")),
        (_, "api_key") => json!(format!("hak_{HEX}")),
        (_, "client_secret") => json!(format!("hcs_{HEX}")),
        ("WebhookWithSecret", "secret") => json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        (_, "url") => json!("https://hooks.example/in"),
        ("StatusTicket" | "StatusMessage", "subject") => json!("connection"),
        (_, "token_type") if owner == "IssuedTokens" => json!("Bearer"),
        ("Health", "status") => json!("ok"),
        (_, "code_verifier") => json!("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        (_, "name") => json!("Calendar"),
        (_, "label") => json!("laptop"),
        (_, "reason" | "status_reason") => json!("lost device"),
        _ => return None,
    })
}
