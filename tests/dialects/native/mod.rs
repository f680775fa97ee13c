//! The native API.

mod apps;
mod connections;
mod input;
mod problems;
mod providers;
mod sign_in;
mod status;
mod times;
mod tokens;
mod users;
mod webhooks;

use serde_json::Value;

use crate::kit::{Answer, ROOT, Request, Service};

impl Service {
    /// Sends a native request with the root key.
    fn root(&self, request: Request) -> Answer {
        self.send(&request.bearer(ROOT))
    }

    fn post(&self, path: &str, body: Value) -> Answer {
        self.root(Request::post(path).json(body))
    }

    fn put(&self, path: &str, body: Value) -> Answer {
        self.root(Request::put(path).json(body))
    }

    fn get(&self, target: &str) -> Answer {
        self.root(Request::get(target))
    }
}

/// The names of an object's members, in their order.
fn members(json: &str) -> Vec<String> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(json).unwrap();
    let mut names: Vec<_> =
        object.keys().map(|name| (json.find(&format!("\"{name}\":")).unwrap(), name.clone())).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}
