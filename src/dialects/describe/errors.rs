//! Error responses: of operations, and of paths and methods that do not exist.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Object;
use super::samples::samples;
use super::schemas::Schemas;
use super::spec::Spec;
use crate::dialects::error_format::{ErrorContext, ErrorFormat};
use crate::dialects::operation::{Operation, SecurityPlace};
use crate::dialects::problem_types::{self as types, ProblemType};
use crate::dialects::request::{AuthScheme, Method};
use crate::dialects::route::{Dialect, QueryInput, Route};

/// The media type of problems (RFC 9457), whose codes the description lists.
const PROBLEM: &str = "application/problem+json";

/// The problems of a route with the errors of one status.
#[derive(Default)]
struct Rendered {
    codes: Vec<&'static str>,
    details: Vec<&'static str>,
    /// How many of the responses have each header.
    headers: BTreeMap<&'static str, usize>,
    count: usize,
    has_body: bool,
}

/// Adds the error responses of an operation, and what comes with `Idempotency-Key`.
pub(super) fn describe(spec: &mut Spec<'_>, dialect: &Dialect, route: &Route, operation: &Operation) {
    let format = route.errors.unwrap_or(dialect.errors);
    for (status, rendered) in render(&format, &problems(spec, route, operation)) {
        let schema = body(&format, &rendered, spec.schemas());
        let description = rendered.details.join(" ");
        if rendered.has_body {
            spec.response_with(status, &description, format.content_type, &schema);
        } else {
            spec.empty_response(status, &description);
        }
        for (name, header) in headers(&rendered) {
            spec.add_response_header(status, &name, header);
        }
        spec.share_response(status, dialect.name);
    }
    if route.method == Method::Post && operation.problems.contains(&&types::IDEMPOTENCY_CONFLICT) {
        spec.add_parameter(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "1 to 255 visible ASCII characters of your choice. The same key gets the same answer for 24 hours.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
        }));
        for status in spec.successes() {
            let header = json!({ "$ref": "#/components/headers/IdempotencyReplayed" });
            spec.add_response_header(status, "Idempotency-Replayed", header);
        }
    }
}

/// The problems of an operation: those of its input, of every operation, and its own.
fn problems(spec: &Spec<'_>, route: &Route, operation: &Operation) -> Vec<&'static ProblemType> {
    let has_body = route.input.has_body();
    let has_input = has_body || route.input.query != QueryInput::Ignored || spec.has_parameters();
    let is_keyed = !operation.security.is_empty()
        && operation.security.iter().all(|security| security.place != SecurityPlace::Parameters);
    let mut problems: Vec<&'static ProblemType> = Vec::new();
    let mut add = |applies: bool, more: &[&'static ProblemType]| {
        if applies {
            problems.extend(more);
        }
    };
    add(has_input, &[&types::INVALID_REQUEST]);
    add(has_body, &[&types::INVALID_JSON, &types::PAYLOAD_TOO_LARGE, &types::UNSUPPORTED_MEDIA_TYPE]);
    add(is_keyed, &[&types::UNAUTHENTICATED]);
    add(true, operation.problems);
    add(has_input || !operation.security.is_empty(), &[&types::RATE_LIMITED]);
    add(true, &[&types::INTERNAL, &types::UNAVAILABLE, &types::MISCONFIGURED]);
    problems
}

/// Renders every error of the problems, and sorts the responses by status.
fn render(format: &ErrorFormat, problems: &[&'static ProblemType]) -> BTreeMap<u16, Rendered> {
    let mut by_status: BTreeMap<u16, Rendered> = BTreeMap::new();
    for problem in problems {
        for error in samples(problem) {
            for auth_scheme in AuthScheme::ALL {
                let response = (format.render)(&error, &ErrorContext { auth_scheme, ..ErrorContext::default() });
                let rendered = by_status.entry(response.status).or_default();
                if !rendered.codes.contains(&problem.code) {
                    rendered.codes.push(problem.code);
                    rendered.details.push(problem.detail);
                }
                rendered.count = rendered.count.saturating_add(1);
                rendered.has_body |= response.content_type.is_some();
                for (name, _) in response.headers {
                    let count = rendered.headers.entry(name).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
    }
    by_status
}

/// The schema of the body. That of a problem lists its codes.
fn body(format: &ErrorFormat, rendered: &Rendered, schemas: &mut Schemas) -> Value {
    let schema = schemas.response_of(format.schema);
    if format.content_type == PROBLEM {
        json!({ "allOf": [schema, { "properties": { "code": { "enum": rendered.codes } } }] })
    } else {
        schema
    }
}

/// The headers of the responses. A header that every response has is required, except for a hop-by-hop header, which
/// proxies and runtimes remove (RFC 9110 §7.6.1).
fn headers(rendered: &Rendered) -> Vec<(String, Value)> {
    let header = |(name, count): (&&'static str, &usize)| {
        let required = *count == rendered.count && *name != "upgrade";
        let schema = match *name {
            "retry-after" => json!({ "type": "integer", "minimum": 1 }),
            "allow" => json!({ "type": "string", "pattern": "^[A-Z]+(, ?[A-Z]+)*$" }),
            _ => json!({ "type": "string" }),
        };
        let description = match *name {
            "retry-after" => "The seconds to wait before the next request.",
            "allow" => "The methods of the path.",
            "www-authenticate" => "How to authenticate.",
            _ => "See the description of the status.",
        };
        ((*name).to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    };
    rendered.headers.iter().map(header).collect()
}

/// The responses of paths without an operation, by the beginning of the path: 404 for an unknown path, 405 for a method that
/// the path does not have.
pub(super) fn elsewhere(routes: &[(&Dialect, Route)], schemas: &mut Schemas) -> Value {
    let mut places = Object::new();
    for dialect in crate::dialects::ALL {
        let prefixes = if dialect.prefixes.is_empty() { &["/"] } else { dialect.prefixes };
        for prefix in prefixes {
            let problems = [&types::NOT_FOUND, &types::METHOD_NOT_ALLOWED];
            places.insert((*prefix).to_owned(), responses(&dialect.errors, &problems, schemas));
        }
    }
    for (dialect, route) in routes {
        let format = route.errors.unwrap_or(dialect.errors);
        // The first route of a path answers for it, and the paths of the native API are described by `/`.
        if !dialect.prefixes.is_empty() && !places.contains_key(route.path) {
            places.insert(route.path.to_owned(), responses(&format, &[&types::METHOD_NOT_ALLOWED], schemas));
        }
    }
    Value::Object(places)
}

fn responses(format: &ErrorFormat, problems: &[&'static ProblemType], schemas: &mut Schemas) -> Value {
    let mut spec = Spec::new(schemas, Method::Get, "");
    for (status, rendered) in render(format, problems) {
        let schema = body(format, &rendered, spec.schemas());
        spec.response_with(status, &rendered.details.join(" "), format.content_type, &schema);
        for (name, header) in headers(&rendered) {
            spec.add_response_header(status, &name, header);
        }
    }
    spec.into_members().remove("responses").unwrap_or_default()
}

/// The headers that several responses share.
pub(super) fn header_components() -> Value {
    json!({
        "RequestId": {
            "description": "The id of the request, a version 4 UUID. It finds the request in the log.",
            "required": true,
            "schema": {
                "type": "string",
                "format": "uuid",
                "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
            },
        },
        "IdempotencyReplayed": {
            "description": "`true` if this is the answer to an earlier request with the same `Idempotency-Key`.",
            "schema": { "type": "string", "const": "true" },
        },
    })
}
