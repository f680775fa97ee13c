//! The description of the API: an OpenAPI 3.1 document, generated from routes and types.
//!
//! Nothing here is in the Worker. Each route contributes the types of its extractors and of its result, its
//! [`Operation`], and the responses of its problems, which are rendered to learn their statuses and headers.
//!
//! ```sh
//! cargo run --no-default-features --features openapi --example openapi -- --write
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value without a member yields null")]

mod errors;
mod examples;
mod samples;
mod schemas;
mod spec;
mod typescript;

use serde_json::{Map, Value, json};

pub use self::spec::Spec;
pub use self::typescript::typescript;
use super::operation::{Operation, Security, SecurityPlace};
use super::route::{Dialect, Route};
use super::router::Router;

/// An object of the document.
pub(crate) type Object = Map<String, Value>;

const DESCRIPTION: &str = "\
Hookswitch issues, checks, consumes and revokes connection tokens and connections.

**Authentication.** `Authorization: Bearer` with an API key or the root key. An API key authenticates its owner. An isolate \
remembers a key for up to 10 seconds, also after the key was revoked. Calls that create authority (keys, users, apps, \
secrets, providers, webhook endpoints, tickets, connections, links, tokens) never rely on this memory.

**Roles.** `admin` writes every user; `manager` writes users that share a group with it, except admins; `member` writes \
itself; `none` writes nothing. Callers without access get 403 whether or not the user exists; callers with access to \
everybody get 404. Only root and admins have access to apps, providers, webhook endpoints and revocations.

**Errors.** Problems of RFC 9457 with a stable `code`. Unknown fields and parameters are rejected. `null` means absent. \
`errors` lists all wrong values with their paths. No error contains a value of the request.

**Repeated requests.** Send `Idempotency-Key` with a POST that changes something. For 24 hours the same key with the same \
path, query and body gets the same answer, marked with `Idempotency-Replayed: true`. With another path, query or body it \
is 409 `idempotency_conflict`. PUT and DELETE are idempotent. A 503 has `Retry-After`.

**Limits.** A body has at most 65,536 bytes. Requests are counted per caller; above the limit the answer is 429 with \
`Retry-After`.";

/// The OpenAPI document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = schemas::Schemas::new();
    let (mut paths, mut tags, mut security_schemes) = (Object::new(), Vec::new(), Object::new());
    let routes: Vec<(&Dialect, Route)> = Router::get().routes().collect();
    for (dialect, route) in &routes {
        let operation = (route.operation)();
        add_tag(&mut tags, &operation);
        for security in operation.security {
            add_security(&mut security_schemes, security);
        }
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.as_str().to_owned(), describe(dialect, route, &operation, &mut schemas));
        }
    }
    let elsewhere = errors::elsewhere(&routes, &mut schemas);
    paths.insert("/openapi.json".to_owned(), json!({ "get": own_operation() }));
    let (schemas, responses) = schemas.into_components();
    add_examples(&mut paths, &schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hookswitch",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": env!("CARGO_PKG_DESCRIPTION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The deployment that serves this document." }],
        "tags": tags,
        "x-elsewhere": elsewhere,
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes,
            "headers": errors::header_components(),
            "responses": responses,
            "schemas": schemas,
        },
    })
}

/// The patterns of paths that the Worker answers before static files are looked up: `run_worker_first` in `wrangler.toml`.
///
/// A pattern covers the first segment of every route and of every dialect's prefix.
#[must_use]
pub fn worker_paths() -> Vec<String> {
    let router = Router::get();
    let paths = router.routes().map(|(_, route)| route.path.to_owned());
    let prefixes = super::ALL.iter().flat_map(|dialect| dialect.prefixes).map(|prefix| (*prefix).to_owned());
    let mut patterns: Vec<String> = Vec::new();
    for path in paths.chain(prefixes) {
        let mut segments = path.split('/').skip(1);
        let first = segments.next().unwrap_or_default();
        let pattern = if segments.next().is_some() { format!("/{first}/*") } else { format!("/{first}") };
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns.sort();
    patterns
}

/// The files that are generated from routes and types, each with its path and its content. `wrangler` is the content of
/// `wrangler.toml`, of which one line is replaced.
#[must_use]
pub fn generated_files(wrangler: &str) -> Vec<(&'static str, String)> {
    let document = document();
    let patterns: Vec<String> = worker_paths().iter().map(|pattern| format!("\"{pattern}\"")).collect();
    let setting = format!("run_worker_first = [{}]", patterns.join(", "));
    let lines = wrangler.lines().map(|line| if line.starts_with("run_worker_first") { &setting } else { line });
    vec![
        // A map with text keys serializes.
        ("www/openapi.json", format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())),
        ("www/api/types.ts", typescript(&document)),
        ("wrangler.toml", format!("{}\n", lines.collect::<Vec<_>>().join("\n"))),
    ]
}

/// Adds an example to every JSON body of a request and of a response that is no error.
fn add_examples(paths: &mut Object, schemas: &Object) {
    for operation in paths.values_mut().flat_map(|item| item.as_object_mut().into_iter().flat_map(Map::values_mut)) {
        let Some(operation) = operation.as_object_mut() else {
            continue;
        };
        for (name, part) in operation.iter_mut() {
            let bodies: Vec<&mut Value> = match name.as_str() {
                "requestBody" => vec![part],
                "responses" => part.as_object_mut().into_iter().flat_map(Map::values_mut).collect(),
                _ => continue,
            };
            for body in bodies {
                if let Some(media) = body.pointer_mut("/content/application~1json").and_then(Value::as_object_mut) {
                    let example = examples::example(media.get("schema").unwrap_or(&Value::Null), schemas);
                    media.insert("example".to_owned(), example);
                }
            }
        }
    }
}

fn add_tag(tags: &mut Vec<Value>, operation: &Operation) {
    let tag = json!({ "name": operation.tag.name, "description": operation.tag.description });
    if !tags.contains(&tag) {
        tags.push(tag);
    }
}

fn add_security(schemes: &mut Object, security: &Security) {
    let description = security.description;
    let scheme = match security.place {
        SecurityPlace::Bearer => json!({ "type": "http", "scheme": "bearer", "description": description }),
        SecurityPlace::Basic => json!({ "type": "http", "scheme": "basic", "description": description }),
        SecurityPlace::Header(name) => {
            json!({ "type": "apiKey", "in": "header", "name": name, "description": description })
        }
        SecurityPlace::Parameters => return,
    };
    schemes.insert(security.name.to_owned(), scheme);
}

fn describe(dialect: &Dialect, route: &Route, operation: &Operation, schemas: &mut schemas::Schemas) -> Value {
    let mut spec = Spec::new(schemas, route.method, route.path);
    (route.describe)(&mut spec);
    spec.other_path_params();
    errors::describe(&mut spec, dialect, route, operation);
    let security: Vec<Value> = operation.security.iter().map(requirement).collect();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag.name],
        "security": security,
    });
    if let Some(members) = described.as_object_mut() {
        members.extend(spec.into_members());
    }
    described
}

/// The security requirement of one way to authenticate. Credentials in parameters are described there.
fn requirement(security: &Security) -> Value {
    if security.place == SecurityPlace::Parameters { json!({}) } else { json!({ security.name: [] }) }
}

/// The operation that returns this document. Its file is static, so it is no route.
fn own_operation() -> Value {
    json!({
        "operationId": "getOpenApi",
        "summary": "Read this document",
        "description": "Returns the description of the API.",
        "tags": ["Service"],
        "security": [],
        "responses": {
            "200": {
                "description": "The document.",
                "content": { "application/json": { "schema": { "type": "object" } } },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
            })
            .collect()
    }

    #[test]
    fn every_operation_is_documented_and_has_an_id_of_its_own() {
        let document = document();
        let mut ids = HashSet::new();
        for (place, operation) in operations(&document) {
            for member in ["operationId", "summary", "description"] {
                assert!(operation[member].as_str().is_some_and(|text| !text.is_empty()), "{place} has no {member}");
            }
            assert!(operation["tags"][0].as_str().is_some_and(|tag| !tag.is_empty()), "{place} has no tag");
            assert!(ids.insert(operation["operationId"].clone()), "{place} has the operationId of another operation");
        }
    }

    /// Generators of clients name a type after its title, or else after its component. Some drop the second of two types
    /// with one name, whatever its case.
    #[test]
    fn every_schema_has_a_name_of_its_own() {
        fn titles(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    let is_schema = ["type", "properties", "anyOf", "oneOf", "allOf", "enum"];
                    let is_schema = is_schema.iter().any(|keyword| members.contains_key(*keyword));
                    let title = members.get("title").and_then(Value::as_str).filter(|_| is_schema);
                    found.extend(title.map(str::to_owned));
                    members.values().for_each(|value| titles(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| titles(value, found)),
                _ => {}
            }
        }
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut names: Vec<String> = Vec::new();
        for (name, schema) in schemas {
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name} is no name of a type");
            assert!(schema["title"].is_null() || schema["title"] == **name, "{name} has another title");
            names.push(name.clone());
        }
        titles(&document["paths"], &mut names);
        let mut seen = HashSet::new();
        for name in names {
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} names two schemas");
        }
    }

    #[test]
    fn every_reference_has_a_target() {
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                        let pointer = reference.strip_prefix('#').unwrap();
                        assert!(document.pointer(pointer).is_some(), "{reference} has no target");
                    }
                    members.values().for_each(|value| walk(value, document));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document = document();
        walk(&document, &document);
    }

    #[test]
    fn generated_files_are_up_to_date() {
        let root = env!("CARGO_MANIFEST_DIR");
        let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap_or_default();
        for (path, content) in generated_files(&read("wrangler.toml")) {
            let is_current = read(path) == content;
            assert!(is_current, "{path} is out of date: run `npm run fmt`, see the documentation of this module");
        }
    }
}
