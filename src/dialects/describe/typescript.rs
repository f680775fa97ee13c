//! TypeScript types of all schemas, for the console, the client and the npm package.

use std::fmt::Write;

use serde_json::Value;

use super::Object;

const HEADER: &str = "\
// The types of requests and responses. Generated from the Rust types: do not edit, see `src/dialects/describe`.
";

/// The module with a type for each schema of the document.
#[must_use]
pub fn typescript(document: &Value) -> String {
    let mut module = HEADER.to_owned();
    let schemas = document["components"]["schemas"].as_object();
    for (name, schema) in schemas.into_iter().flatten() {
        module.push('\n');
        comment(&mut module, schema, "");
        // Writing to a string does not fail.
        let _ = match members(schema) {
            Some(members) => writeln!(module, "export interface {name} {}", object(schema, members, "")),
            None => writeln!(module, "export type {name} = {};", type_of(schema, "")),
        };
    }
    module
}

/// The members of an object that has a fixed set of them.
fn members(schema: &Value) -> Option<&Object> {
    schema["properties"].as_object().filter(|_| schema["type"] == "object")
}

fn comment(module: &mut String, schema: &Value, indent: &str) {
    if let Some(description) = schema["description"].as_str() {
        let _ = writeln!(
            module,
            "{indent}/** {} */",
            description.replace("*/", "*\\/").replace("\n\n", " ").replace('\n', " ")
        );
    }
}

/// The type of a schema. Lines after the first begin with `indent`.
fn type_of(schema: &Value, indent: &str) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for (keyword, operator) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[keyword].as_array() {
            return joined(parts.iter().map(|part| type_of(part, indent)), operator);
        }
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return joined(values.iter().map(Value::to_string), " | ");
    }
    match &schema["type"] {
        Value::String(name) => simple(name, schema, indent),
        Value::Array(names) => {
            joined(names.iter().filter_map(Value::as_str).map(|name| simple(name, schema, indent)), " | ")
        }
        _ => "unknown".to_owned(),
    }
}

fn simple(name: &str, schema: &Value, indent: &str) -> String {
    match name {
        "string" | "boolean" | "null" => name.to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => format!("Array<{}>", type_of(&schema["items"], indent)),
        "object" => match (members(schema), &schema["additionalProperties"]) {
            (Some(members), _) => object(schema, members, indent),
            (None, values @ Value::Object(_)) => format!("Record<string, {}>", type_of(values, indent)),
            _ => "Record<string, unknown>".to_owned(),
        },
        _ => "unknown".to_owned(),
    }
}

/// A literal type with the members, each with its comment.
fn object(schema: &Value, members: &Object, indent: &str) -> String {
    let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    let inner = format!("{indent}  ");
    let mut text = "{\n".to_owned();
    for (name, member) in members {
        comment(&mut text, member, &inner);
        let optional = if required.iter().any(|required| *required == name) { "" } else { "?" };
        let _ = writeln!(text, "{inner}{name}{optional}: {};", type_of(member, &inner));
    }
    text.push_str(indent);
    text.push('}');
    text
}

fn joined(parts: impl Iterator<Item = String>, operator: &str) -> String {
    let mut unique: Vec<String> = Vec::new();
    for part in parts {
        if !unique.contains(&part) {
            unique.push(part);
        }
    }
    unique.join(operator)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_become_types() {
        let document = json!({ "components": { "schemas": {
            "Role": { "oneOf": [{ "const": "admin" }, { "const": "none" }], "description": "The role of a user." },
            "User": {
                "type": "object",
                "required": ["role", "groups"],
                "properties": {
                    "role": { "$ref": "#/components/schemas/Role" },
                    "groups": { "type": "array", "items": { "type": "string" } },
                    "label": { "type": ["string", "null"], "description": "A label." },
                    "metadata": { "type": "object" },
                },
            },
        } } });
        let expected = "
/** The role of a user. */
export type Role = \"admin\" | \"none\";

export interface User {
  role: Role;
  groups: Array<string>;
  /** A label. */
  label?: string | null;
  metadata?: Record<string, unknown>;
}
";
        assert_eq!(typescript(&document), format!("{HEADER}{expected}"));
    }
}
