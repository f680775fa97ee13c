//! The part of an operation that follows from the types of its route.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::Object;
use super::schemas::{Schemas, tidy};
use crate::dialects::request::Method;

/// Collects the parameters, the body and the responses of an operation.
pub struct Spec<'a> {
    schemas: &'a mut Schemas,
    method: Method,
    path: &'static str,
    parameters: Vec<Value>,
    body: Option<Value>,
    responses: BTreeMap<u16, Object>,
}

impl<'a> Spec<'a> {
    pub(super) fn new(schemas: &'a mut Schemas, method: Method, path: &'static str) -> Self {
        Self { schemas, method, path, parameters: Vec::new(), body: None, responses: BTreeMap::new() }
    }

    pub(super) fn schemas(&mut self) -> &mut Schemas {
        self.schemas
    }

    /// Whether the operation has a parameter, so that a request can be wrong.
    pub(super) fn has_parameters(&self) -> bool {
        !self.parameters.is_empty()
    }

    /// Adds the parameter of the path with this index.
    pub fn path_param<T: JsonSchema>(&mut self, index: usize) {
        if let Some(name) = path_params(self.path).nth(index) {
            let schema = self.schemas.request::<T>();
            self.parameters.push(path_parameter(name, &schema));
        }
    }

    /// Adds the parameters of the path that no extractor reads.
    pub(super) fn other_path_params(&mut self) {
        for name in path_params(self.path) {
            if !self.parameters.iter().any(|parameter| parameter["in"] == "path" && parameter["name"] == name) {
                self.parameters.push(path_parameter(name, &json!({ "type": "string" })));
            }
        }
    }

    /// Adds the parameters of the query.
    pub fn query<T: JsonSchema>(&mut self) {
        for (name, mut schema, required) in self.schemas.members::<T>() {
            tidy(&mut schema);
            let description = schema.as_object_mut().and_then(|members| members.remove("description"));
            self.parameters.push(json!({
                "name": name,
                "in": "query",
                "required": required,
                "description": description,
                "schema": schema,
            }));
        }
    }

    /// Adds an optional header of the request.
    pub fn header(&mut self, name: &str, description: &str) {
        self.parameters.push(json!({
            "name": name,
            "in": "header",
            "description": description,
            "schema": { "type": "string" },
        }));
    }

    /// Adds the body of the request. It is required if a field is, and in a PUT.
    pub fn body<T: JsonSchema>(&mut self, media_types: &[&str]) {
        let has_required = self.schemas.members::<T>().iter().any(|(_, _, is_required)| *is_required);
        let is_required = has_required || self.method == Method::Put;
        let schema = self.schemas.request::<T>();
        let content: Object =
            media_types.iter().map(|media| ((*media).to_owned(), json!({ "schema": schema }))).collect();
        self.body = Some(json!({ "required": is_required, "content": content }));
    }

    /// Adds a response with a JSON body.
    pub fn response<T: JsonSchema>(&mut self, status: u16, description: &str) {
        let schema = self.schemas.response::<T>();
        self.response_with(status, description, "application/json", &schema);
    }

    /// Adds a response with a page.
    pub fn page_response(&mut self, status: u16, description: &str) {
        self.response_with(status, description, "text/html", &json!({ "type": "string" }));
    }

    /// Adds a response without a body.
    pub fn empty_response(&mut self, status: u16, description: &str) {
        self.responses.entry(status).or_insert_with(|| response(description));
    }

    /// Adds a header that a response always has.
    pub fn response_header(&mut self, status: u16, name: &str, description: &str) {
        let header = json!({ "description": description, "required": true, "schema": { "type": "string" } });
        self.add_response_header(status, name, header);
    }

    pub(super) fn add_response_header(&mut self, status: u16, name: &str, header: Value) {
        let headers = self.responses.get_mut(&status).and_then(|response| response.get_mut("headers"));
        if let Some(headers) = headers.and_then(Value::as_object_mut) {
            headers.insert(name.to_owned(), header);
        }
    }

    pub(super) fn response_with(&mut self, status: u16, description: &str, media_type: &str, schema: &Value) {
        let response = self.responses.entry(status).or_insert_with(|| response(description));
        let content = response.entry("content").or_insert_with(|| json!({}));
        if let Some(content) = content.as_object_mut() {
            content.insert(media_type.to_owned(), json!({ "schema": schema }));
        }
    }

    /// Replaces a response by a reference to a component with the same content.
    pub(super) fn share_response(&mut self, status: u16, dialect: &str) {
        if let Some(response) = self.responses.get_mut(&status) {
            let shared = self.schemas.share_response(dialect, status, std::mem::take(response));
            response.insert("$ref".to_owned(), json!(shared));
        }
    }

    /// The statuses of the responses that are not errors.
    pub(super) fn successes(&self) -> Vec<u16> {
        self.responses.keys().copied().filter(|status| (200..300).contains(status)).collect()
    }

    pub(super) fn add_parameter(&mut self, parameter: Value) {
        self.parameters.push(parameter);
    }

    /// The members of the operation.
    pub(super) fn into_members(self) -> Object {
        let mut members = Object::new();
        if !self.parameters.is_empty() {
            members.insert("parameters".to_owned(), Value::Array(self.parameters));
        }
        if let Some(body) = self.body {
            members.insert("requestBody".to_owned(), body);
        }
        let responses: Object = self
            .responses
            .into_iter()
            .map(|(status, response)| (status.to_string(), Value::Object(response)))
            .collect();
        members.insert("responses".to_owned(), Value::Object(responses));
        members
    }
}

/// The names of the parameters of a path.
fn path_params(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": format!("The {}, percent-encoded.", name.replace('_', " ")),
        "schema": schema,
    })
}

/// A response with the header that every response has.
fn response(description: &str) -> Object {
    let mut response = Object::new();
    response.insert("description".to_owned(), json!(description));
    response.insert("headers".to_owned(), json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } }));
    response
}
