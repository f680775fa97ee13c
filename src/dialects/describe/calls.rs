//! The calls of the native API for the npm package: their TypeScript types, and the table from which the client sends them.
//!
//! A call has one object of parameters: those of the path, of the query and of the body. No call has two of one name.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::typescript::{comment, type_of};

const HEADER: &str = "\
// The calls of the native API. Generated from the Rust types: do not edit, see `src/dialects/describe`.
";

/// The schema of a body without members.
const EMPTY: &str = "#/components/schemas/EmptyRequest";

/// A call of the native API.
struct Call<'a> {
    name: &'a str,
    method: &'a str,
    path: &'a str,
    operation: &'a Value,
}

impl Call<'_> {
    /// The parameters of the path and of the query.
    fn parameters(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        parameters.filter(|parameter| parameter["in"] == "path" || parameter["in"] == "query")
    }

    /// Whether a repeated request is recognised by its `Idempotency-Key`.
    fn takes_idempotency_key(&self) -> bool {
        let mut parameters = self.operation["parameters"].as_array().into_iter().flatten();
        parameters.any(|parameter| {
            let name = parameter["name"].as_str().or(parameter["$ref"].as_str()).unwrap_or_default();
            name.ends_with("Idempotency-Key") || name.ends_with("IdempotencyKey")
        })
    }

    /// The schema of the body, unless the body has no members.
    fn body(&self) -> Option<&Value> {
        json_of(&self.operation["requestBody"]).filter(|schema| schema["$ref"] != EMPTY)
    }

    /// The JSON of the first response that is no error.
    fn result(&self) -> Option<&Value> {
        let responses = self.operation["responses"].as_object()?;
        responses.iter().filter(|(status, _)| status.starts_with('2')).find_map(|(_, response)| json_of(response))
    }

    /// The type of the object of parameters.
    fn parameters_type(&self) -> String {
        let mut members = String::new();
        for parameter in self.parameters() {
            let optional = if parameter["required"] == true { "" } else { "?" };
            let name = parameter["name"].as_str().unwrap_or_default();
            // Writing to a string does not fail.
            let _ = write!(members, " {name}{optional}: {};", type_of(&parameter["schema"], ""));
        }
        let body = self.body().map(|schema| type_of(schema, ""));
        match (members.is_empty(), body) {
            (true, None) => "NoParameters".to_owned(),
            (true, Some(body)) => body,
            (false, None) => format!("{{{members} }}"),
            (false, Some(body)) => format!("{{{members} }} & {body}"),
        }
    }

    fn result_type(&self) -> String {
        self.result().map_or_else(|| "undefined".to_owned(), |schema| type_of(schema, ""))
    }
}

/// The schema of a JSON body.
fn json_of(body: &Value) -> Option<&Value> {
    body.pointer("/content/application~1json/schema")
}

/// The calls that an API key authenticates.
fn calls(document: &Value) -> Vec<Call<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter(|(path, _, operation)| {
            let mut security = operation["security"].as_array().into_iter().flatten();
            path.starts_with("/v1/") && security.any(|requirement| !requirement["bearer"].is_null())
        })
        .filter_map(|(path, method, operation)| {
            Some(Call { name: operation["operationId"].as_str()?, method, path, operation })
        })
        .collect()
}

/// The module with the types of all calls, and with the method and path of each.
#[must_use]
pub fn typescript_calls(document: &Value) -> String {
    let calls = calls(document);
    let mut references = BTreeSet::new();
    for call in &calls {
        call.parameters().for_each(|parameter| add_references(&parameter["schema"], &mut references));
        call.body().into_iter().chain(call.result()).for_each(|schema| add_references(schema, &mut references));
    }
    let mut module = format!("{HEADER}\nimport type {{\n");
    for name in references {
        let _ = writeln!(module, "  {name},");
    }
    module.push_str("} from \"./types.ts\";\n\n/** No call without parameters has any member. */\n");
    module.push_str("export type NoParameters = Record<string, never>;\n\n");
    module.push_str(
        "/** The parameters and the result of each call, by its `operationId`. */\nexport interface Calls {\n",
    );
    for call in &calls {
        comment(&mut module, &call.operation["description"], "  ");
        let (name, parameters, result) = (call.name, call.parameters_type(), call.result_type());
        let _ = writeln!(module, "  {name}: {{ parameters: {parameters}; result: {result} }};");
    }
    module.push_str("}\n\n/** The method and the path of each call, and `once` if it takes an `Idempotency-Key`. */\n");
    module.push_str("export const CALLS: Record<keyof Calls, string> = {\n");
    for call in &calls {
        let once = if call.takes_idempotency_key() { " once" } else { "" };
        let _ = writeln!(module, "  {}: \"{} {}{once}\",", call.name, call.method.to_uppercase(), call.path);
    }
    module.push_str("};\n");
    module
}

/// The names of the schemas to which a schema refers.
fn add_references(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|reference| reference.rsplit('/').next()).map(str::to_owned));
            members.values().for_each(|value| add_references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| add_references(value, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::dialects::describe::document;

    #[test]
    fn a_call_has_one_place_for_each_parameter() {
        let document = document();
        for call in calls(&document) {
            let mut names = HashSet::new();
            let path_and_query = call.parameters().filter_map(|parameter| parameter["name"].as_str());
            let body = call.body().and_then(|schema| schema["$ref"].as_str());
            let body = body.and_then(|reference| document.pointer(&format!("{}/properties", reference.get(1..)?)));
            let body = body.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
            for name in path_and_query.chain(body) {
                assert!(names.insert(name), "{} has two parameters named {name}", call.name);
            }
            // The client sends the members that are not in the path in the body of a POST or PUT, and else in the query.
            let has_query = call.parameters().any(|parameter| parameter["in"] == "query");
            let has_body = matches!(call.method, "post" | "put" | "patch");
            assert!(!(has_query && has_body), "{} has a query beside its body", call.name);
            assert!(call.body().is_none() || has_body, "{} has a body", call.name);
        }
    }

    #[test]
    fn calls_have_types_and_a_place_in_the_table() {
        let document = document();
        let module = typescript_calls(&document);
        for expected in [
            "  mintToken: { parameters: CreateTokenRequest; result: CreatedToken };",
            "  getUser: { parameters: { user_id: UserId; }; result: User };",
            "  revokeUser: { parameters: { user_id: UserId; } & RevokeUserRequest; result: UserRevoked };",
            "  deleteProvider: { parameters: { slug: Slug; }; result: undefined };",
            "  mintToken: \"POST /v1/tokens once\",",
            "  checkTokens: \"POST /v1/tokens/check\",",
        ] {
            assert!(module.contains(expected), "{expected} is missing");
        }
        assert!(!module.contains("stytch"));
    }
}
