//! The schemas of types: `components.schemas`.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};

use super::Object;

/// Generates the schemas of request and response types.
///
/// They differ: a field that is left out of a response if it is empty is not required there, and a field with a default is
/// not required in a request.
pub(super) struct Schemas {
    requests: SchemaGenerator,
    responses: SchemaGenerator,
    shared_responses: Object,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            requests: settings().for_deserialize().into_generator(),
            responses: settings().for_serialize().into_generator(),
            shared_responses: Object::new(),
        }
    }

    /// The schema of a request type, usually a reference.
    pub(super) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// The schema of a response type, usually a reference.
    pub(super) fn response<T: JsonSchema>(&mut self) -> Value {
        self.response_of(SchemaGenerator::subschema_for::<T>)
    }

    /// The schema that a function adds to the response types.
    pub(super) fn response_of(&mut self, schema: fn(&mut SchemaGenerator) -> schemars::Schema) -> Value {
        schema(&mut self.responses).to_value()
    }

    /// The members of a request type by name: each with its schema, and whether it is required.
    pub(super) fn members<T: JsonSchema>(&mut self) -> Vec<(String, Value, bool)> {
        let schema = T::json_schema(&mut self.requests).to_value();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        properties
            .into_iter()
            .map(|(name, schema)| {
                let is_required = required.contains(&name.as_str());
                (name, schema, is_required)
            })
            .collect()
    }

    /// Makes a response a component, unless there is one with the same content, and returns the reference to it.
    pub(super) fn share_response(&mut self, dialect: &str, status: u16, response: Object) -> String {
        let response = Value::Object(response);
        let has_content = |(name, other): &(&String, &Value)| name.starts_with(dialect) && **other == response;
        let same = self.shared_responses.iter().find(has_content).map(|(name, _)| name.clone());
        let name = same.unwrap_or_else(|| {
            let prefix = format!("{dialect}-{status}");
            let number = self.shared_responses.keys().filter(|name| name.starts_with(&prefix)).count();
            if number == 0 { prefix } else { format!("{prefix}-{}", number.saturating_add(1)) }
        });
        self.shared_responses.entry(name.clone()).or_insert(response);
        format!("#/components/responses/{name}")
    }

    /// All named schemas and responses.
    pub(super) fn into_components(mut self) -> (Object, Object) {
        let mut components = self.requests.take_definitions(true);
        let mut responses = self.responses.take_definitions(true);
        for schema in responses.values_mut() {
            close(schema);
            remove_null(schema);
        }
        for (name, schema) in responses {
            components.insert(name, schema);
        }
        for schema in components.values_mut() {
            tidy(schema);
        }
        (components, self.shared_responses)
    }
}

/// Closes every object with known members: responses have no other members.
fn close(schema: &mut Value) {
    walk(schema, &mut |members| {
        let has_type = members.get("type").is_some_and(|kind| kind == "object");
        if has_type && members.contains_key("properties") {
            members.insert("additionalProperties".to_owned(), json!(false));
        }
    });
}

/// Removes `null` from members that may be absent: a response leaves them out instead.
fn remove_null(schema: &mut Value) {
    walk(schema, &mut |members| {
        let required = members.get("required").cloned().unwrap_or_default();
        let is_required =
            |name: &String| required.as_array().is_some_and(|names| names.iter().any(|other| other == name));
        let Some(properties) = members.get_mut("properties").and_then(Value::as_object_mut) else {
            return;
        };
        for (_, member) in properties.iter_mut().filter(|(name, _)| !is_required(name)) {
            if let Some(types) = member["type"].as_array() {
                let types: Vec<&Value> = types.iter().filter(|kind| *kind != "null").collect();
                if let [only] = types.as_slice() {
                    member["type"] = (*only).clone();
                }
            }
            if let Some(choices) = member.get_mut("anyOf").and_then(Value::as_array_mut) {
                choices.retain(|choice| choice["type"] != "null");
            }
        }
    });
}

/// Removes what only Rust knows: formats such as `uint32`, and links to other items in descriptions.
pub(super) fn tidy(schema: &mut Value) {
    walk(schema, &mut |members| {
        let format = members.get("format").and_then(Value::as_str).unwrap_or_default();
        if ["int", "uint"].iter().any(|prefix| format.starts_with(prefix)) {
            members.remove("format");
        }
        if let Some(Value::String(description)) = members.get_mut("description") {
            *description = description.replace("[`", "`").replace("`]", "`");
        }
    });
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut Object)) {
    match value {
        Value::Object(members) => {
            change(members);
            members.values_mut().for_each(|value| walk(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
}
